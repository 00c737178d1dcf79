/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rows of the screen, by name: what has come, gone or changed a moment ago. A PMU that is
 * gone keeps its row for as long as areas of it are mapped, or it is selected: the next key must
 * not hit the row that would move into its place.
 */
#ifndef AUX_TUNE_ROWS_H
#define AUX_TUNE_ROWS_H

#include "machine.h"
#include "view.h"

struct row {
	char *name;
	enum view_mark mark;
	uint64_t until;		/* ms: when the mark ends */
	uint64_t trouble;	/* failures and fallbacks so far */
};

struct rows {
	struct row *rows;	/* by name */
	int nr;
	bool started;		/* PMUs found from here on are news */
	enum machine_support support;	/* as of the rows: decides what else is listed */
};

/* Rows for the PMUs there are now. True when one has come or gone since. */
bool rows_build(struct rows *rows, const struct machine *machine, bool all, uint64_t now);

/* Ends marks whose time is over, and rows that were only marks; marks trouble. */
void rows_tick(struct rows *rows, const struct machine *machine, const char *selected,
	       uint64_t now);

void rows_mark(struct rows *rows, const char *name, enum view_mark mark, uint64_t now);

struct row *rows_find(const struct rows *rows, const char *name);

/* "a and b have appeared; c has gone away": all that is marked so. The caller frees it. */
char *rows_news(const struct rows *rows, uint64_t now);

void rows_clear(struct rows *rows);

#endif
