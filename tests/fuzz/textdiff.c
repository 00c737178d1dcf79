// SPDX-License-Identifier: GPL-2.0-only
/* The difference of two texts, applied to the one, gives the other. */
#include "fuzz.h"
#include "textdiff.h"
#include "xalloc.h"

static void put(FILE *file, const char *line, size_t len)
{
	fwrite(line, len, 1, file);
	fputc('\n', file);
}

/* As 'patch' does: a line that is added comes before the line of its number. */
static char *apply(const char *text, const struct textdiff *diff)
{
	size_t size, at = 1, i = 0, len;
	char *out;
	FILE *file = xalloc_check(open_memstream(&out, &size));

	for (const char *line = text; ; line += len + !!line[len], at++) {
		bool removed = false;

		for (; i < diff->nr && diff->lines[i].at <= at; i++) {
			CHECK(diff->lines[i].at == at);
			if (diff->lines[i].added) {
				CHECK(!removed);
				put(file, diff->lines[i].text, strlen(diff->lines[i].text));
			} else {
				removed = true;
			}
			/* What is added behind a line that is gone is before the next one. */
			if (removed && i + 1 < diff->nr && diff->lines[i + 1].at == at)
				CHECK(false);
		}
		if (!*line)
			break;
		len = strcspn(line, "\n");
		if (!removed)
			put(file, line, len);
	}
	CHECK(i == diff->nr);
	CHECK(!fclose(file));
	return out;
}

static char *with_newline(const char *text)
{
	size_t len = strlen(text);

	return xasprintf("%s%s", text, len && text[len - 1] != '\n' ? "\n" : "");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	char *before = fuzz_string(&input), *after = fuzz_string(&input);
	char *wanted = with_newline(after), *applied, *text, *sed;
	struct textdiff diff;

	textdiff_make(&diff, before, after);
	applied = apply(before, &diff);
	CHECK(!strcmp(applied, wanted));
	text = textdiff_text(&diff);
	sed = textdiff_sed(&diff);
	CHECK(!diff.nr == !*text && !diff.nr == !*sed);
	/* It is shown on one line. */
	CHECK(!strchr(sed, '\n'));
	textdiff_clear(&diff);
	free(before);
	free(after);
	free(wanted);
	free(applied);
	free(text);
	free(sed);
	return 0;
}
