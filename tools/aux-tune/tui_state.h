/* SPDX-License-Identifier: GPL-2.0-only */
/* The state of the screen, for tui.c, which keeps it current, and keys.c, which changes it. */
#ifndef AUX_TUNE_TUI_STATE_H
#define AUX_TUNE_TUI_STATE_H

#include "follow.h"
#include "page.h"
#include "rows.h"
#include "tui.h"
#include "undo.h"

#define TUI_FILTER_MAX	64

struct tui {
	struct machine *machine;
	struct tui_options options;
	struct loop *loop;
	struct follow *follow;
	struct history *history;
	struct buddyinfo start;		/* free memory when the screen was opened */
	struct canvas canvas;
	bool utf8;
	int signal;

	/* Rows and selection are names: a PMU is never acted on because of where it stood. */
	struct rows rows;
	struct view_row *shown;		/* those the filter leaves */
	int nr_shown;
	char *selected;
	int top;

	char filter[TUI_FILTER_MAX];
	bool filtering;
	char *before_filter;		/* was selected when it began */
	bool prefer_zones;

	enum view_page page, page_before_help;
	int page_top;

	struct page text;		/* of VIEW_TEXT */
	struct probe *probe;		/* while one runs */
	char *probed;			/* its PMU: the setting changes by itself */
	char *probe_note;

	struct undo undo;
	char *result;
	char *command;
	bool bad;
};

/* What a key handler did. */
enum reaction {
	REACT_NONE,
	REACT_DRAW,
};

uint64_t tui_now(void);

/* The line that says what the last key or event did. */
void tui_say(struct tui *tui, bool bad, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Rows have changed, or what is to be seen of them. */
void tui_update_shown(struct tui *tui);

/* -1 for none. */
int tui_find_shown(const struct tui *tui, const char *name);
void tui_select(struct tui *tui, int shown);

/* All PMUs or not: rows that come and go by that are no news. */
void tui_list_anew(struct tui *tui);

void tui_make_view(const struct tui *tui, struct view *view);

/* Makes tui->text the page that is seen. */
void tui_show_text(struct tui *tui);
void tui_draw(struct tui *tui);

/* tui_save.c */
enum reaction tui_save(struct tui *tui);
enum reaction tui_unsave(struct tui *tui);
enum reaction tui_verify(struct tui *tui);

/* tui_probe.c: tui_probe_stop() is true when there was one to stop. */
enum reaction tui_probe(struct tui *tui);
bool tui_probe_stop(struct tui *tui);
void tui_probe_clear(struct tui *tui);

/* keys.c */
enum reaction tui_key(struct tui *tui, int key);
const struct view_key *tui_help_keys(int *nr);

#endif
