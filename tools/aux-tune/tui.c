// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "follow.h"
#include "policy.h"
#include "screen.h"
#include "text.h"
#include "tui.h"
#include "view.h"
#include "xalloc.h"

/* How long a row that changed, came or went is marked. */
#define MARK_MS		4000

struct row {
	char *name;
	enum view_mark mark;
	uint64_t mark_until;
};

struct tui {
	struct machine *machine;
	struct tui_options options;
	struct loop *loop;
	struct follow *follow;
	struct canvas canvas;
	bool utf8;
	int signal;

	/* Rows and selection are names: a PMU is never acted on because of where it stood. */
	struct row *rows;
	int nr_rows;
	char *selected;
	int top;

	bool help;
	int help_top;
	char *result;
	char *command;
	bool bad;
	bool started;		/* PMUs found from here on are new */
	enum machine_support support;	/* as of the rows: decides what else is listed */
};

/* What a key handler did. */
enum reaction {
	REACT_NONE,
	REACT_DRAW,
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

__attribute__((format(printf, 3, 4)))
static void say(struct tui *tui, bool bad, const char *fmt, ...)
{
	va_list ap;

	free(tui->result);
	free(tui->command);
	va_start(ap, fmt);
	tui->result = xvasprintf(fmt, ap);
	va_end(ap);
	tui->command = NULL;
	tui->bad = bad;
}

static int find_row(const struct tui *tui, const char *name)
{
	for (int i = 0; name && i < tui->nr_rows; i++)
		if (!strcmp(tui->rows[i].name, name))
			return i;
	return -1;
}

static void mark_row(struct tui *tui, const char *name, enum view_mark mark)
{
	int i = find_row(tui, name);

	if (i < 0)
		return;
	tui->rows[i].mark = mark;
	tui->rows[i].mark_until = now_ms() + MARK_MS;
}

static void select_row(struct tui *tui, int i)
{
	free(tui->selected);
	tui->selected = NULL;
	if (!tui->nr_rows)
		return;
	i = i < 0 ? 0 : i >= tui->nr_rows ? tui->nr_rows - 1 : i;
	tui->selected = xstrdup(tui->rows[i].name);
}

static int compare_rows(const void *a, const void *b)
{
	return strverscmp(((const struct row *)a)->name, ((const struct row *)b)->name);
}

static void add_row(struct tui *tui, const char *name, enum view_mark mark, uint64_t until)
{
	tui->rows = xreallocarray(tui->rows, tui->nr_rows + 1, sizeof(*tui->rows));
	tui->rows[tui->nr_rows++] = (struct row){ xstrdup(name), mark, until };
}

static void free_rows(struct row *rows, int nr)
{
	for (int i = 0; i < nr; i++)
		free(rows[i].name);
	free(rows);
}

static bool lists(const struct tui *tui, const struct pmu *pmu)
{
	return tui->options.all || machine_lists(tui->machine, pmu);
}

/*
 * Rows for the PMUs there are now. One that has vanished stays for a moment, and while it
 * is selected: the next key must not hit the row that would move into its place.
 */
static void build_rows(struct tui *tui)
{
	const struct pmu_list *list = &tui->machine->pmus;
	bool same_support = tui->support == tui->machine->support;
	struct tui old = *tui;
	uint64_t now = now_ms();

	tui->support = tui->machine->support;
	tui->rows = NULL;
	tui->nr_rows = 0;
	for (size_t i = 0; i < list->nr; i++) {
		const struct pmu *pmu = &list->pmus[i];
		int o = find_row(&old, pmu->name);

		if (!lists(tui, pmu))
			continue;
		if (o >= 0 && old.rows[o].mark != MARK_GONE) {
			add_row(tui, pmu->name, old.rows[o].mark, old.rows[o].mark_until);
		} else if (tui->started && (same_support || pmu->access != AUX_ACCESS_NONE)) {
			add_row(tui, pmu->name, MARK_NEW, now + MARK_MS);
			say(tui, false, "%s has appeared", pmu->name);
		} else {
			add_row(tui, pmu->name, MARK_NONE, 0);
		}
	}
	for (int o = 0; o < old.nr_rows; o++) {
		if (pmu_list_find(list, old.rows[o].name))
			continue;
		if (old.rows[o].mark == MARK_GONE) {
			add_row(tui, old.rows[o].name, MARK_GONE, old.rows[o].mark_until);
		} else {
			add_row(tui, old.rows[o].name, MARK_GONE, now + MARK_MS);
			say(tui, false, "%s has gone away", old.rows[o].name);
		}
	}
	free_rows(old.rows, old.nr_rows);
	if (tui->nr_rows)
		qsort(tui->rows, tui->nr_rows, sizeof(*tui->rows), compare_rows);
	if (find_row(tui, tui->selected) < 0)
		select_row(tui, 0);
}

/* Ends marks whose time is over, and rows that were only marks. */
static void expire_marks(struct tui *tui)
{
	uint64_t now = now_ms();
	int keep = 0;

	for (int i = 0; i < tui->nr_rows; i++) {
		struct row row = tui->rows[i];

		if (row.mark != MARK_NONE && now >= row.mark_until) {
			if (row.mark == MARK_GONE && strcmp(row.name, tui->selected ?: "")) {
				free(row.name);
				continue;
			}
			if (row.mark != MARK_GONE)
				row.mark = MARK_NONE;
		}
		tui->rows[keep++] = row;
	}
	tui->nr_rows = keep;
}

static void draw(struct tui *tui);

static void on_pmus(void *arg)
{
	struct tui *tui = arg;

	build_rows(tui);
	draw(tui);
}

static void on_order(void *arg, struct pmu *pmu, int before)
{
	struct tui *tui = arg;

	/* The tool's own writes have been read back before this. */
	if (pmu->order != before) {
		mark_row(tui, pmu->name, MARK_CHANGED);
		if (pmu->order >= 0 && before >= 0)
			say(tui, false, "%s: order %d -> %d, changed by somebody else", pmu->name,
			    before, pmu->order);
	}
	draw(tui);
}

static void on_tick(void *arg)
{
	struct tui *tui = arg;

	expire_marks(tui);
	draw(tui);
}

static const struct follow_ops follow_ops = {
	.pmus = on_pmus,
	.order = on_order,
	.tick = on_tick,
};

static void change(struct tui *tui, const char *name, int order)
{
	const struct pmu *pmu = pmu_list_find(&tui->machine->pmus, name);
	struct policy_change change;

	if (!pmu) {
		say(tui, true, "%s has gone away", name);
		return;
	}
	policy_plan(tui->machine, pmu, order, tui->options.readonly, &change);
	policy_apply(tui->machine, &change);
	switch (change.state) {
	case POLICY_DONE:
		say(tui, false, "%s: order %d -> %d", name, change.before, change.after);
		mark_row(tui, name, MARK_CHANGED);
		tui->command = xstrdup(change.command);
		break;
	case POLICY_UNCHANGED:
		say(tui, false, "%s: order is %d already", name, change.want);
		break;
	default:
		say(tui, true, "%s: %s", name, change.reason ?: policy_state_name(change.state));
		/* Somebody with more rights could run it. */
		if (change.status == STATUS_NO_PERMISSION)
			tui->command = xstrdup(change.command);
		break;
	}
	policy_change_clear(&change);
}

static enum reaction key_step(struct tui *tui, int by)
{
	const struct pmu *pmu;

	if (!tui->selected)
		return REACT_NONE;
	pmu = pmu_list_find(&tui->machine->pmus, tui->selected);
	if (pmu && pmu->access == AUX_ACCESS_RW && pmu->order == ORDER_UNKNOWN)
		say(tui, true, "%s: its order cannot be read; set one with a digit", pmu->name);
	else
		change(tui, tui->selected, pmu ? pmu->order + by : 0);
	return REACT_DRAW;
}

static enum reaction key_raise(struct tui *tui, int key)
{
	return key_step(tui, 1);
}

static enum reaction key_lower(struct tui *tui, int key)
{
	return key_step(tui, -1);
}

static enum reaction key_digit(struct tui *tui, int key)
{
	if (tui->selected)
		change(tui, tui->selected, key - '0');
	return REACT_DRAW;
}

static enum reaction key_max(struct tui *tui, int key)
{
	if (!tui->selected)
		return REACT_NONE;
	if (tui->machine->max_order == ORDER_UNKNOWN)
		say(tui, true, "the largest order is not known here");
	else
		change(tui, tui->selected, tui->machine->max_order);
	return REACT_DRAW;
}

static enum reaction key_default(struct tui *tui, int key)
{
	if (tui->selected)
		change(tui, tui->selected, POLICY_DEFAULT);
	return REACT_DRAW;
}

static void make_view(const struct tui *tui, struct view *view, struct view_row *rows);

static int page_rows(const struct tui *tui)
{
	struct view_row *rows = xcalloc(tui->nr_rows, sizeof(*rows));
	struct layout layout;
	struct view view;

	make_view(tui, &view, rows);
	view_layout(&view, tui->canvas.rows, tui->canvas.cols, &layout);
	free(rows);
	return layout.table.h > 1 ? layout.table.h - 1 : 1;
}

static enum reaction key_move(struct tui *tui, int key)
{
	int i = find_row(tui, tui->selected);

	switch (key) {
	case SCREEN_KEY_UP:
	case 'k':
		i--;
		break;
	case SCREEN_KEY_DOWN:
	case 'j':
		i++;
		break;
	case SCREEN_KEY_PAGE_UP:
		i -= page_rows(tui);
		break;
	case SCREEN_KEY_PAGE_DOWN:
		i += page_rows(tui);
		break;
	case SCREEN_KEY_HOME:
		i = 0;
		break;
	case SCREEN_KEY_END:
		i = tui->nr_rows - 1;
		break;
	}
	select_row(tui, i);
	return REACT_DRAW;
}

static enum reaction key_all(struct tui *tui, int key)
{
	tui->options.all = !tui->options.all;
	/* What comes and goes by this key is no news. */
	tui->started = false;
	free_rows(tui->rows, tui->nr_rows);
	tui->rows = NULL;
	tui->nr_rows = 0;
	build_rows(tui);
	tui->started = true;
	say(tui, false, tui->options.all ? "all PMUs" : "PMUs with an AUX area");
	return REACT_DRAW;
}

static enum reaction key_refresh(struct tui *tui, int key)
{
	machine_read_counters(tui->machine);
	follow_rescan(tui->follow);
	return REACT_DRAW;
}

static enum reaction key_help(struct tui *tui, int key)
{
	tui->help = true;
	tui->help_top = 0;
	return REACT_DRAW;
}

static enum reaction key_quit(struct tui *tui, int key)
{
	loop_quit(tui->loop);
	return REACT_NONE;
}

/* Rows in the order of the key line, the most important first; one row may serve more keys. */
static const struct view_key key_help_rows[] = {
	{ "? h", "? help", "this page; up and down scroll it" },
	{ "q", "q quit", "quit; nothing is undone" },
	{ "right + =", "+/- order", "raise the order of the selected PMU" },
	{ "left -", NULL, "lower it" },
	{ "0 ... 9", "0-9 set", "set this order" },
	{ "d", "d default", "back to the order it was registered with" },
	{ "m", "m max", "the largest order" },
	{ "a", "a all", "show PMUs without an AUX area too, or not" },
	{ "r", "r refresh", "look at everything again now" },
	{ "up down j k", NULL, "select a PMU; also PgUp PgDn Home End" },
};

static const struct {
	int key;
	enum reaction (*handle)(struct tui *tui, int key);
} key_handlers[] = {
	{ SCREEN_KEY_UP, key_move },
	{ SCREEN_KEY_DOWN, key_move },
	{ 'k', key_move },
	{ 'j', key_move },
	{ SCREEN_KEY_PAGE_UP, key_move },
	{ SCREEN_KEY_PAGE_DOWN, key_move },
	{ SCREEN_KEY_HOME, key_move },
	{ SCREEN_KEY_END, key_move },
	{ SCREEN_KEY_RIGHT, key_raise },
	{ '+', key_raise },
	{ '=', key_raise },
	{ SCREEN_KEY_LEFT, key_lower },
	{ '-', key_lower },
	{ 'd', key_default },
	{ 'm', key_max },
	{ 'a', key_all },
	{ 'r', key_refresh },
	{ '?', key_help },
	{ 'h', key_help },
	{ 'q', key_quit },
};

static void make_view(const struct tui *tui, struct view *view, struct view_row *rows)
{
	for (int i = 0; i < tui->nr_rows; i++) {
		bool gone = tui->rows[i].mark == MARK_GONE;

		rows[i] = (struct view_row){
			.name = tui->rows[i].name,
			.pmu = gone ? NULL : pmu_list_find(&tui->machine->pmus, tui->rows[i].name),
			.mark = tui->rows[i].mark,
		};
	}
	*view = (struct view){
		.machine = tui->machine,
		.rows = rows,
		.nr_rows = tui->nr_rows,
		.selected = find_row(tui, tui->selected),
		.top = tui->top,
		.help = tui->help,
		.help_top = tui->help_top,
		.readonly = tui->options.readonly,
		.root_user = !geteuid(),
		.result = tui->result ?: "",
		.command = tui->command ?: "",
		.bad = tui->bad,
		.keys = key_help_rows,
		.nr_keys = sizeof(key_help_rows) / sizeof(key_help_rows[0]),
	};
}

static void draw(struct tui *tui)
{
	struct view_row *rows = xcalloc(tui->nr_rows, sizeof(*rows));
	struct layout layout;
	struct view view;
	int height, width;

	screen_size(&height, &width);
	make_view(tui, &view, rows);
	view_layout(&view, height, width, &layout);
	tui->top = layout_scroll(tui->top, view.selected, layout.table.h, tui->nr_rows);
	view.top = tui->top;
	canvas_reset(&tui->canvas, height, width, tui->utf8);
	view_draw(&tui->canvas, &view);
	screen_draw(&tui->canvas);
	free(rows);
}

static enum reaction help_key(struct tui *tui, int key)
{
	const int last = sizeof(key_help_rows) / sizeof(key_help_rows[0]);

	if (key == SCREEN_KEY_DOWN || key == 'j')
		tui->help_top += tui->help_top < last;
	else if (key == SCREEN_KEY_UP || key == 'k')
		tui->help_top -= tui->help_top > 0;
	else
		tui->help = false;
	return REACT_DRAW;
}

static enum reaction handle_key(struct tui *tui, int key)
{
	if (tui->help)
		return help_key(tui, key);
	if (key >= '0' && key <= '9')
		return key_digit(tui, key);
	for (size_t i = 0; i < sizeof(key_handlers) / sizeof(key_handlers[0]); i++)
		if (key_handlers[i].key == key)
			return key_handlers[i].handle(tui, key);
	return REACT_NONE;
}

static void terminal_event(void *arg, uint32_t events)
{
	enum reaction reaction = REACT_NONE;
	struct tui *tui = arg;
	int key;

	/* A terminal that has gone stays readable for ever: end, and do not spin. */
	if (events & (EPOLLHUP | EPOLLERR) || !screen_alive()) {
		loop_quit(tui->loop);
		return;
	}
	while ((key = screen_key()) != SCREEN_KEY_NONE)
		if (handle_key(tui, key) == REACT_DRAW)
			reaction = REACT_DRAW;
	if (reaction == REACT_DRAW)
		draw(tui);
}

static void signal_event(void *arg, int signal)
{
	struct tui *tui = arg;

	switch (signal) {
	case SIGWINCH:
		screen_resized();
		draw(tui);
		break;
	case SIGTSTP:
		screen_suspend();
		kill(getpid(), SIGSTOP);
		screen_resume();
		draw(tui);
		break;
	case SIGCONT:
		break;
	default:
		tui->signal = signal;
		loop_quit(tui->loop);
		break;
	}
}

static int watch_terminal(struct tui *tui)
{
	sigset_t signals;
	int err;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGQUIT);
	sigaddset(&signals, SIGTSTP);
	sigaddset(&signals, SIGWINCH);
	err = loop_signals(tui->loop, &signals, signal_event, tui);
	return err ? err : loop_add(tui->loop, STDIN_FILENO, EPOLLIN, terminal_event, tui);
}

static int run(struct tui *tui)
{
	int err = watch_terminal(tui);

	if (err)
		return err;
	tui->follow = follow_new(tui->machine, tui->loop, tui->options.interval_ms, &follow_ops,
				 tui);
	if (!tui->follow)
		return -errno;
	tui->started = true;
	if (tui->machine->support != SUPPORT_YES)
		say(tui, true, "%s", machine_support_text(tui->machine));
	draw(tui);
	err = loop_run(tui->loop);
	follow_free(tui->follow);
	return err;
}

int tui_run(struct machine *machine, const struct tui_options *options)
{
	struct tui tui = {
		.machine = machine,
		.options = *options,
		.utf8 = text_locale_utf8(),
	};
	int err = -errno;

	tui.loop = loop_new();
	if (!tui.loop)
		return -errno;
	if (screen_open()) {
		err = run(&tui);
		screen_close();
	} else {
		err = -ENOTTY;
	}
	loop_free(tui.loop);
	canvas_free(&tui.canvas);
	free_rows(tui.rows, tui.nr_rows);
	free(tui.selected);
	free(tui.result);
	free(tui.command);
	return err ? err : tui.signal;
}
