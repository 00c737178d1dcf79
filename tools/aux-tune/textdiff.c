// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "text.h"
#include "textdiff.h"
#include "xalloc.h"

struct lines {
	char *text;
	char **lines;
	size_t nr;
};

static void split(struct lines *lines, const char *text)
{
	char *rest, *line;

	memset(lines, 0, sizeof(*lines));
	rest = xstrdup(text);
	lines->text = rest;
	while (rest && *rest) {
		line = strsep(&rest, "\n");
		lines->lines = xreallocarray(lines->lines, lines->nr + 1, sizeof(line));
		lines->lines[lines->nr++] = line;
	}
}

static void lines_clear(struct lines *lines)
{
	free(lines->text);
	free(lines->lines);
}

static bool is_in(const char *line, const struct lines *lines, size_t from)
{
	for (size_t i = from; i < lines->nr; i++)
		if (!strcmp(lines->lines[i], line))
			return true;
	return false;
}

static void add(struct textdiff *diff, bool added, size_t at, const char *text)
{
	struct textdiff_line line = { added, at, xstrdup(text) };

	diff->lines = xreallocarray(diff->lines, diff->nr + 1, sizeof(line));
	diff->lines[diff->nr++] = line;
}

void textdiff_make(struct textdiff *diff, const char *before, const char *after)
{
	struct lines old, new;
	size_t i = 0, j = 0;

	split(&old, before);
	split(&new, after);
	memset(diff, 0, sizeof(*diff));
	diff->old_lines = old.nr;
	while (i < old.nr || j < new.nr) {
		if (i < old.nr && j < new.nr && !strcmp(old.lines[i], new.lines[j])) {
			i++;
			j++;
		} else if (i < old.nr && (j == new.nr || !is_in(old.lines[i], &new, j))) {
			i++;
			add(diff, false, i, old.lines[i - 1]);
		} else {
			add(diff, true, i + 1, new.lines[j]);
			j++;
		}
	}
	lines_clear(&old);
	lines_clear(&new);
}

void textdiff_clear(struct textdiff *diff)
{
	for (size_t i = 0; i < diff->nr; i++)
		free(diff->lines[i].text);
	free(diff->lines);
	memset(diff, 0, sizeof(*diff));
}

static char *append(char *text, const char *more)
{
	char *longer = xasprintf("%s%s", text, more);

	free(text);
	return longer;
}

char *textdiff_text(const struct textdiff *diff)
{
	char *text = xstrdup("");

	for (size_t i = 0; i < diff->nr; i++) {
		text = append(text, diff->lines[i].added ? "+" : "-");
		text = append(text, diff->lines[i].text);
		text = append(text, "\n");
	}
	return text;
}

/* sed takes a backslash in a text for the start of an escape. */
static char *escape(const char *text)
{
	char *out = xcalloc(strlen(text) + 1, 2), *p = out;

	for (; *text; text++) {
		if (*text == '\\')
			*p++ = '\\';
		*p++ = *text;
	}
	return out;
}

static char *add_expression(char *arguments, char *expression)
{
	char *word = text_shell(expression);

	arguments = append(arguments, *arguments ? " -e " : "-e ");
	arguments = append(arguments, word);
	free(word);
	free(expression);
	return arguments;
}

char *textdiff_sed(const struct textdiff *diff)
{
	char *arguments = xstrdup("");

	/* A line that is deleted is done with: what comes before it comes first. */
	for (size_t i = 0; i < diff->nr; i++) {
		const struct textdiff_line *line = &diff->lines[i];
		char *text;

		if (!line->added)
			continue;
		text = escape(line->text);
		if (line->at > diff->old_lines)
			arguments = add_expression(arguments, xasprintf("$a\\%s", text));
		else
			arguments = add_expression(arguments,
						   xasprintf("%zui\\%s", line->at, text));
		free(text);
	}
	for (size_t i = 0; i < diff->nr; i++)
		if (!diff->lines[i].added)
			arguments = add_expression(arguments,
						   xasprintf("%zud", diff->lines[i].at));
	return arguments;
}
