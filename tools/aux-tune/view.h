/* SPDX-License-Identifier: GPL-2.0-only */
/* The picture: what the machine and the user's doings look like on a canvas. */
#ifndef AUX_TUNE_VIEW_H
#define AUX_TUNE_VIEW_H

#include <stdbool.h>

#include "canvas.h"
#include "history.h"
#include "machine.h"

enum view_mark {
	MARK_NONE,
	MARK_CHANGED,		/* its order was written a moment ago */
	MARK_TROUBLE,		/* an area failed or fell back a moment ago */
	MARK_NEW,		/* it has just appeared */
	MARK_GONE,		/* it has vanished; its name is left, and maybe its areas */
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

enum view_page {
	VIEW_LIST,
	VIEW_DETAIL,		/* all about the selected PMU */
	VIEW_HELP,
	VIEW_TEXT,		/* lines that somebody else made */
};

struct view_line {
	char *text;
	enum role role;
};

struct view {
	const struct machine *machine;
	const struct buddyinfo *start;	/* free memory when it all began, NULL */
	const struct history *history;	/* NULL */
	const struct view_row *rows;
	int nr_rows;
	int nr_all;		/* rows without the filter: the layout must not move with it */
	int selected;		/* -1: no PMU at all */
	int top;		/* first row shown; view_draw() moves it to show the selected one */
	const char *filter;	/* rows are those that match it, "" */
	bool filtering;		/* it is being typed */
	bool prefer_zones;
	enum view_page page;
	int page_top;		/* first line of the page shown; view_draw() keeps it in range */
	const char *title;	/* of a VIEW_TEXT page */
	const struct view_line *lines;
	int nr_lines;
	bool readonly;
	bool root_user;
	const char *result;	/* of the last action, "" */
	const char *command;	/* that does the same, "" */
	bool bad;		/* the result is a refusal */
	const struct view_key *keys;
	int nr_keys;
};

/* Draws on a canvas that has been reset. */
void view_draw(struct canvas *canvas, struct view *view);

/* Geometry view_draw() uses for the list. */
void view_layout(struct canvas *canvas, const struct view *view, struct layout *layout);

#endif
