/* SPDX-License-Identifier: GPL-2.0-only */
/* The picture: what the machine and the user's doings look like on a canvas. */
#ifndef AUX_TUNE_VIEW_H
#define AUX_TUNE_VIEW_H

#include <stdbool.h>

#include "canvas.h"
#include "machine.h"

enum view_mark {
	MARK_NONE,
	MARK_CHANGED,		/* its order was written a moment ago */
	MARK_NEW,		/* it has just appeared */
	MARK_GONE,		/* it has vanished; only its name is left */
};

struct view_row {
	const char *name;
	const struct pmu *pmu;	/* NULL when it is gone */
	enum view_mark mark;
};

struct view_key {
	const char *keys;	/* as the help page writes them */
	const char *short_help;	/* for the key line, NULL: not there */
	const char *help;
};

struct view {
	const struct machine *machine;
	const struct view_row *rows;
	int nr_rows;
	int selected;		/* -1: no PMU at all */
	int top;		/* first row shown */
	bool help;
	int help_top;
	bool readonly;
	bool root_user;
	const char *result;	/* of the last action, "" */
	const char *command;	/* that does the same, "" */
	bool bad;		/* the result is a refusal */
	const struct view_key *keys;
	int nr_keys;
};

/* Draws on a canvas that has been reset. */
void view_draw(struct canvas *canvas, const struct view *view);

/* Geometry view_draw() uses, for scrolling. */
void view_layout(const struct view *view, int rows, int cols, struct layout *layout);

/* Lines of the help page. */
int view_help_lines(const struct view *view);

#endif
