/* SPDX-License-Identifier: GPL-2.0-only */
/* Which lines of a text were taken out and which put in; the others kept their order. */
#ifndef AUX_TUNE_TEXTDIFF_H
#define AUX_TUNE_TEXTDIFF_H

#include <stdbool.h>
#include <stddef.h>

struct textdiff_line {
	bool added;		/* else removed */
	size_t at;		/* the line of the old text, from 1, that is gone or comes after */
	char *text;		/* without its newline */
};

struct textdiff {
	struct textdiff_line *lines;
	size_t nr;
	size_t old_lines;
};

void textdiff_make(struct textdiff *diff, const char *before, const char *after);
void textdiff_clear(struct textdiff *diff);

/* "-gone\n+new\n"; the caller frees it. */
char *textdiff_text(const struct textdiff *diff);

/* The arguments that have GNU sed make the same of a text with lines; the caller frees it. */
char *textdiff_sed(const struct textdiff *diff);

#endif
