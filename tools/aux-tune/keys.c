// SPDX-License-Identifier: GPL-2.0-only
/* Keys: one table says which there are, what they do, and what the help page says of them. */
#include <string.h>

#include "policy.h"
#include "screen.h"
#include "tui_state.h"
#include "xalloc.h"

/* Rows a turn of the wheel moves. */
#define WHEEL_ROWS	3

static const struct pmu *selected_pmu(const struct tui *tui)
{
	return tui->selected ? pmu_list_find(&tui->machine->pmus, tui->selected) : NULL;
}

/* Returns true when it was written. */
static bool change(struct tui *tui, const char *name, int order, const char *what)
{
	const struct pmu *pmu = pmu_list_find(&tui->machine->pmus, name);
	struct policy_change change;
	bool done;

	if (!pmu) {
		tui_say(tui, true, "%s has gone away", name);
		return false;
	}
	policy_plan(tui->machine, pmu, order, tui->options.readonly, &change);
	policy_apply(tui->machine, &change);
	done = change.state == POLICY_DONE;
	switch (change.state) {
	case POLICY_DONE:
		tui_say(tui, false, "%s: order %d -> %d%s", name, change.before, change.after,
			what);
		rows_mark(&tui->rows, name, MARK_CHANGED, tui_now());
		tui_update_shown(tui);
		tui->command = xstrdup(change.command);
		if (!*what && change.before >= 0)
			undo_record(&tui->undo, name, change.before, change.after);
		break;
	case POLICY_UNCHANGED:
		tui_say(tui, false, "%s: order is %d already", name, change.want);
		break;
	default:
		tui_say(tui, true, "%s: %s", name,
			change.reason ?: policy_state_name(change.state));
		/* Somebody with more rights could run it. */
		if (change.status == STATUS_NO_PERMISSION)
			tui->command = xstrdup(change.command);
		break;
	}
	policy_change_clear(&change);
	return done;
}

static enum reaction change_by(struct tui *tui, int by)
{
	const struct pmu *pmu = selected_pmu(tui);

	if (!tui->selected)
		return REACT_NONE;
	if (pmu && pmu->access == AUX_ACCESS_RW && pmu->order == ORDER_UNKNOWN)
		tui_say(tui, true, "%s: its order cannot be read; set one with a digit",
			pmu->name);
	else
		change(tui, tui->selected, pmu ? pmu->order + by : 0, "");
	return REACT_DRAW;
}

static enum reaction key_raise(struct tui *tui, int key)
{
	return change_by(tui, 1);
}

static enum reaction key_lower(struct tui *tui, int key)
{
	return change_by(tui, -1);
}

static enum reaction key_digit(struct tui *tui, int key)
{
	if (tui->selected)
		change(tui, tui->selected, key - '0', "");
	return REACT_DRAW;
}

static enum reaction key_max(struct tui *tui, int key)
{
	if (!tui->selected)
		return REACT_NONE;
	if (tui->machine->max_order == ORDER_UNKNOWN)
		tui_say(tui, true, "the largest order is not known here");
	else
		change(tui, tui->selected, tui->machine->max_order, "");
	return REACT_DRAW;
}

static enum reaction key_default(struct tui *tui, int key)
{
	if (tui->selected)
		change(tui, tui->selected, POLICY_DEFAULT, "");
	return REACT_DRAW;
}

/*
 * Takes a step back or forth. What somebody else has set since is not overwritten at the
 * first try.
 */
static enum reaction step(struct tui *tui, bool redo)
{
	struct undo_step *step = undo_peek(&tui->undo, redo);
	const struct pmu *pmu;
	int from, to;

	if (!step) {
		tui_say(tui, true, "nothing to %s", redo ? "redo" : "undo");
		return REACT_DRAW;
	}
	from = redo ? step->before : step->after;
	to = redo ? step->after : step->before;
	pmu = pmu_list_find(&tui->machine->pmus, step->pmu);
	if (!pmu) {
		tui_say(tui, true, "cannot %s order %d -> %d: %s has gone away",
			redo ? "redo" : "undo", step->before, step->after, step->pmu);
		undo_drop(&tui->undo, redo);
		return REACT_DRAW;
	}
	/* One that the filter hides is not selected, and nothing else is instead. */
	if (tui_find_shown(tui, pmu->name) >= 0)
		tui_select(tui, tui_find_shown(tui, pmu->name));
	if (pmu->order != from && pmu->order != to && pmu->order != step->warned) {
		tui_say(tui, true, "%s: somebody else has set order %d since; %s again sets %d",
			pmu->name, pmu->order, redo ? "U" : "u", to);
		step->warned = pmu->order;
		return REACT_DRAW;
	}
	if (pmu->order == to)
		tui_say(tui, false, "%s: order is %d already", pmu->name, to);
	if (pmu->order == to || change(tui, pmu->name, to, redo ? " (redone)" : " (undone)"))
		undo_moved(&tui->undo, redo);
	return REACT_DRAW;
}

static enum reaction key_undo(struct tui *tui, int key)
{
	return step(tui, false);
}

static enum reaction key_redo(struct tui *tui, int key)
{
	return step(tui, true);
}

static int page_rows(struct tui *tui)
{
	struct layout_page page;
	struct layout layout;
	struct view view;

	tui_make_view(tui, &view);
	if (tui->page != VIEW_LIST) {
		layout_page(&page, tui->canvas.rows, tui->canvas.cols);
		return page.body.h > 1 ? page.body.h - 1 : 1;
	}
	view_layout(&tui->canvas, &view, &layout);
	return layout.table.h > 1 ? layout.table.h - 1 : 1;
}

/* Where a key for moving leads from @at of @nr. */
static int moved(struct tui *tui, int key, int at, int nr)
{
	switch (key) {
	case SCREEN_KEY_UP:
	case 'k':
		return at - 1;
	case SCREEN_KEY_DOWN:
	case 'j':
		return at + 1;
	case SCREEN_KEY_PAGE_UP:
		return at - page_rows(tui);
	case SCREEN_KEY_PAGE_DOWN:
		return at + page_rows(tui);
	case SCREEN_KEY_HOME:
		return 0;
	case SCREEN_KEY_END:
		return nr - 1;
	}
	return at;
}

static enum reaction key_move(struct tui *tui, int key)
{
	if (tui->page != VIEW_LIST) {
		/* view_draw() knows where the end is. */
		tui->page_top = moved(tui, key, tui->page_top, 1 << 20);
		if (tui->page_top < 0)
			tui->page_top = 0;
		return REACT_DRAW;
	}
	tui_select(tui, moved(tui, key, tui_find_shown(tui, tui->selected), tui->nr_shown));
	return REACT_DRAW;
}

static enum reaction key_mouse(struct tui *tui, int key)
{
	int selected = tui_find_shown(tui, tui->selected), by = 0;
	struct screen_mouse mouse;
	struct layout layout;
	struct view view;

	if (!screen_mouse(&mouse))
		return REACT_NONE;
	if (mouse.what != SCREEN_CLICK)
		by = mouse.what == SCREEN_WHEEL_UP ? -WHEEL_ROWS : WHEEL_ROWS;
	if (tui->page != VIEW_LIST) {
		tui->page_top = tui->page_top + by < 0 ? 0 : tui->page_top + by;
		return REACT_DRAW;
	}
	if (by) {
		tui_select(tui, selected + by);
		return REACT_DRAW;
	}
	tui_make_view(tui, &view);
	view_layout(&tui->canvas, &view, &layout);
	if (mouse.y < layout.table.y || mouse.y >= layout.table.y + layout.table.h ||
	    tui->top + mouse.y - layout.table.y >= tui->nr_shown)
		return REACT_NONE;
	tui_select(tui, tui->top + mouse.y - layout.table.y);
	return REACT_DRAW;
}

static enum reaction key_all(struct tui *tui, int key)
{
	tui->options.all = !tui->options.all;
	tui_list_anew(tui);
	tui_say(tui, false, tui->options.all ? "all PMUs" : "PMUs with an AUX area");
	return REACT_DRAW;
}

static enum reaction key_zones(struct tui *tui, int key)
{
	tui->prefer_zones = !tui->prefer_zones;
	tui_say(tui, false, tui->prefer_zones ?
			    "free memory by node and zone, where there is room" :
			    "free memory as bars first");
	return REACT_DRAW;
}

static enum reaction key_refresh(struct tui *tui, int key)
{
	machine_read_counters(tui->machine);
	follow_rescan(tui->follow);
	return REACT_DRAW;
}

static enum reaction key_filter(struct tui *tui, int key)
{
	tui->page = VIEW_LIST;
	tui->filtering = true;
	free(tui->before_filter);
	tui->before_filter = tui->selected ? xstrdup(tui->selected) : NULL;
	return REACT_DRAW;
}

static void set_page(struct tui *tui, enum view_page page)
{
	tui->page = page;
	tui->page_top = 0;
}

static enum reaction key_detail(struct tui *tui, int key)
{
	if (tui->page == VIEW_LIST && tui->selected)
		set_page(tui, VIEW_DETAIL);
	else
		set_page(tui, VIEW_LIST);
	return REACT_DRAW;
}

static enum reaction key_help(struct tui *tui, int key)
{
	if (tui->page == VIEW_HELP) {
		set_page(tui, tui->page_before_help);
	} else if (!tui->probe) {
		tui->page_before_help = tui->page;
		set_page(tui, VIEW_HELP);
	}
	return REACT_DRAW;
}

static enum reaction key_save(struct tui *tui, int key)
{
	return tui_save(tui);
}

static enum reaction key_unsave(struct tui *tui, int key)
{
	return tui_unsave(tui);
}

static enum reaction key_verify(struct tui *tui, int key)
{
	return tui_verify(tui);
}

static enum reaction key_probe(struct tui *tui, int key)
{
	return tui_probe(tui);
}

static enum reaction key_back(struct tui *tui, int key)
{
	/* The page stays, to see how far it got. */
	if (tui_probe_stop(tui))
		return REACT_DRAW;
	if (tui->page != VIEW_LIST) {
		set_page(tui, tui->page == VIEW_HELP ? tui->page_before_help : VIEW_LIST);
	} else if (*tui->filter) {
		tui->filter[0] = '\0';
		tui_update_shown(tui);
	}
	return REACT_DRAW;
}

static enum reaction key_quit(struct tui *tui, int key)
{
	if (tui->page != VIEW_LIST)
		return key_back(tui, key);
	loop_quit(tui->loop);
	return REACT_NONE;
}

static enum reaction key_exit(struct tui *tui, int key)
{
	loop_quit(tui->loop);
	return REACT_NONE;
}

#define KEYS_MAX	12

/* In the order of the key line, the most important first. */
static const struct key_row {
	int keys[KEYS_MAX];
	enum reaction (*handle)(struct tui *tui, int key);
	struct view_key help;
} key_rows[] = {
	{ { '?', 'h', SCREEN_KEY_F(1) }, key_help,
	  { "? h F1", "? help", "this page" } },
	{ { 'q' }, key_quit,
	  { "q", "q quit", "quit, or back to the list; nothing is undone" } },
	{ { SCREEN_KEY_RIGHT, '+', '=', SCREEN_KEY_F(8) }, key_raise,
	  { "right + = F8", "+/- order", "raise the order of the selected PMU" } },
	{ { SCREEN_KEY_LEFT, '-', SCREEN_KEY_F(7) }, key_lower,
	  { "left - F7", NULL, "lower it" } },
	{ { '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' }, key_digit,
	  { "0 ... 9", "0-9 set", "set this order" } },
	{ { 'u' }, key_undo,
	  { "u", "u undo", "undo the last change" } },
	{ { SCREEN_KEY_ENTER, 'i' }, key_detail,
	  { "Enter i", "Enter more", "all about the selected PMU" } },
	{ { '/', SCREEN_KEY_F(4) }, key_filter,
	  { "/ F4", "/ filter", "show PMUs with this in their names" } },
	{ { 's', SCREEN_KEY_F(2) }, key_save,
	  { "s F2", "s save", "save its order for the next boot" } },
	{ { 'p', SCREEN_KEY_F(6) }, key_probe,
	  { "p F6", "p probe", "map AUX areas at all orders and see what they get; Esc stops it" } },
	{ { 'v', SCREEN_KEY_F(3) }, key_verify,
	  { "v F3", "v verify", "compare with what the next boot would set" } },
	{ { 'S' }, key_unsave,
	  { "S", NULL, "forget what is saved for it" } },
	{ { 'd', SCREEN_KEY_F(9) }, key_default,
	  { "d F9", "d default", "back to the order it was registered with" } },
	{ { 'm' }, key_max,
	  { "m", "m max", "the largest order" } },
	{ { 'U', SCREEN_KEY_CTRL('r') }, key_redo,
	  { "U Ctrl-R", "U redo", "redo what was undone" } },
	{ { 'z' }, key_zones,
	  { "z", "z zones", "free memory by node and zone, or as bars" } },
	{ { 'a' }, key_all,
	  { "a", "a all", "show PMUs without an AUX area too, or not" } },
	{ { 'r', SCREEN_KEY_F(5) }, key_refresh,
	  { "r F5", "r refresh", "look at everything again now" } },
	{ { SCREEN_KEY_UP, SCREEN_KEY_DOWN, 'k', 'j' }, key_move,
	  { "up down k j", NULL, "select a PMU, scroll a page" } },
	{ { SCREEN_KEY_PAGE_UP, SCREEN_KEY_PAGE_DOWN, SCREEN_KEY_HOME, SCREEN_KEY_END }, key_move,
	  { "PgUp PgDn", NULL, "the same by screens; Home and End" } },
	{ { SCREEN_KEY_ESCAPE }, key_back,
	  { "Esc", NULL, "back to the list; in the list, show all PMUs" } },
	{ { SCREEN_KEY_F(10) }, key_exit,
	  { "F10", NULL, "quit" } },
	{ { SCREEN_KEY_MOUSE }, key_mouse,
	  { "mouse", NULL, "a click selects, the wheel scrolls" } },
};

#define NR_KEY_ROWS	((int)(sizeof(key_rows) / sizeof(key_rows[0])))

const struct view_key *tui_help_keys(int *nr)
{
	static struct view_key keys[NR_KEY_ROWS];

	for (int i = 0; i < NR_KEY_ROWS; i++)
		keys[i] = key_rows[i].help;
	*nr = NR_KEY_ROWS;
	return keys;
}

static const struct key_row *find_key_row(int key)
{
	for (int i = 0; i < NR_KEY_ROWS; i++)
		for (int k = 0; k < KEYS_MAX && key_rows[i].keys[k]; k++)
			if (key_rows[i].keys[k] == key)
				return &key_rows[i];
	return NULL;
}

/* Another PMU is selected with each character, so no key may change it. */
static bool works_while_filtering(int key)
{
	const struct key_row *row = find_key_row(key);

	return row && (row->handle == key_move || row->handle == key_mouse ||
		       row->handle == key_exit);
}

/* While a filter is typed, characters are its text. */
static bool filter_key(struct tui *tui, int key)
{
	size_t len = strlen(tui->filter);

	switch (key) {
	case SCREEN_KEY_ENTER:
		tui->filtering = false;
		return true;
	case SCREEN_KEY_ESCAPE:
		tui->filtering = false;
		tui->filter[0] = '\0';
		tui_update_shown(tui);
		tui_select(tui, tui_find_shown(tui, tui->before_filter));
		return true;
	case SCREEN_KEY_BACKSPACE:
		if (len)
			tui->filter[len - 1] = '\0';
		else
			tui->filtering = false;
		break;
	case SCREEN_KEY_CTRL('u'):
		tui->filter[0] = '\0';
		break;
	default:
		/* Names of PMUs are ASCII, or nobody can type them. */
		if (key <= ' ' || key >= 127)
			return !works_while_filtering(key);
		if (len + 1 < sizeof(tui->filter)) {
			tui->filter[len] = key;
			tui->filter[len + 1] = '\0';
		}
		break;
	}
	tui_update_shown(tui);
	return true;
}

/* Where the selected PMU is not to be seen, no key may change it. */
static bool works_here(const struct tui *tui, enum reaction (*handle)(struct tui *tui, int key))
{
	if (tui->page == VIEW_LIST || tui->page == VIEW_DETAIL)
		return true;
	return handle == key_move || handle == key_mouse || handle == key_back ||
	       handle == key_quit || handle == key_exit || handle == key_help;
}

enum reaction tui_key(struct tui *tui, int key)
{
	const struct key_row *row;

	if (tui->filtering && filter_key(tui, key))
		return REACT_DRAW;
	row = find_key_row(key);
	return row && works_here(tui, row->handle) ? row->handle(tui, key) : REACT_NONE;
}
