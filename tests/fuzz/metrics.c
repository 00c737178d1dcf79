// SPDX-License-Identifier: GPL-2.0-only
/* OpenMetrics text, read by the grammar: each name comes back, and none is there twice. */
#include <inttypes.h>

#include "fuzz.h"
#include "metrics.h"
#include "text.h"
#include "xalloc.h"

#define NAMES	4

struct sample {
	char *labels;			/* as in the text */
	char *value[2];			/* of the labels, unescaped */
	char *number;
};

static const char *expect(const char *p, const char *what)
{
	size_t len = strlen(what);

	CHECK(!strncmp(p, what, len));
	return p + len;
}

/* escaped-string: no quote, newline or lone backslash. */
static const char *read_value(const char *p, char **value)
{
	char *out = xcalloc(strlen(p) + 1, 1);

	*value = out;
	for (; *p != '"'; p++) {
		CHECK(*p && *p != '\n');
		if (*p == '\\') {
			p++;
			CHECK(*p == '\\' || *p == '"' || *p == 'n');
			*out++ = *p == 'n' ? '\n' : *p;
		} else {
			*out++ = *p;
		}
	}
	return p;
}

static const char *read_sample(const char *p, const char *name, struct sample *sample)
{
	const char *start;
	size_t len;

	p = expect(p, name);
	start = p;
	p = read_value(expect(p, "{pmu=\""), &sample->value[0]);
	p = read_value(expect(p, "\",cause=\""), &sample->value[1]);
	p = expect(p, "\"} ");
	sample->labels = xalloc_check(strndup(start, p - start));
	len = strspn(p, "0123456789.");
	CHECK(len && p[len] == '\n');
	sample->number = xalloc_check(strndup(p, len));
	return p + len + 1;
}

static void sample_clear(struct sample *sample)
{
	free(sample->labels);
	free(sample->value[0]);
	free(sample->value[1]);
	free(sample->number);
}

/* What a person may have in a name comes back as it is. */
static void check_value(const char *value, const char *name)
{
	CHECK(fuzz_utf8(value));
	if (fuzz_printable(name) && !strchr(name, '\\'))
		CHECK(!strcmp(value, name));
	CHECK(*value || !*name);
}

static void check_text(const char *text, char **names, uint64_t number)
{
	struct sample samples[NAMES];
	const char *p = text;
	char wanted[32];

	CHECK(fuzz_utf8(text));
	/* Nobody who looks at the file gets an escape sequence. */
	CHECK(fuzz_printable(text));
	p = expect(p, "# TYPE m_seconds counter\n# UNIT m_seconds seconds\n# HELP m_seconds Help.\n");
	snprintf(wanted, sizeof(wanted), "%" PRIu64, number);
	for (int i = 0; i < NAMES; i++) {
		p = read_sample(p, "m_seconds_total", &samples[i]);
		check_value(samples[i].value[0], names[i]);
		check_value(samples[i].value[1], names[(i + 1) % NAMES]);
		if (i % 2) {
			CHECK(!strcmp(samples[i].number, wanted));
		} else {
			CHECK(strchr(samples[i].number, '.') &&
			      strlen(strchr(samples[i].number, '.')) == 10);
		}
	}
	CHECK(!strcmp(p, "# EOF\n"));
	for (int i = 0; i < NAMES; i++)
		for (int j = 0; j < i; j++)
			CHECK(!strcmp(samples[i].value[0], samples[j].value[0]) ==
			      !strcmp(names[i], names[j]));
	for (int i = 0; i < NAMES; i++)
		sample_clear(&samples[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	struct metrics *metrics = metrics_new();
	char *names[NAMES], *text;
	uint64_t number = 0;
	size_t nr;

	for (int i = 0; i < 8; i++)
		number = number << 8 | fuzz_byte(&input);
	for (int i = 0; i < NAMES; i++)
		names[i] = fuzz_string(&input);
	metrics_family(metrics, "none", METRIC_GAUGE, NULL, "Has no samples.");
	metrics_family(metrics, "m_seconds", METRIC_COUNTER, "seconds", "Help.");
	for (int i = 0; i < NAMES; i++) {
		const struct metric_label labels[] = {
			{ "pmu", names[i] }, { "cause", names[(i + 1) % NAMES] }, { 0 },
		};

		if (i % 2)
			metrics_sample(metrics, labels, number);
		else
			metrics_sample_ns(metrics, labels, number);
	}
	text = metrics_finish(metrics, &nr);
	CHECK(nr == NAMES);
	check_text(text, names, number);
	free(text);
	for (int i = 0; i < NAMES; i++)
		free(names[i]);
	return 0;
}
