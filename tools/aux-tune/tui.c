// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fnmatch.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "saved.h"
#include "screen.h"
#include "text.h"
#include "tui_state.h"
#include "xalloc.h"

uint64_t tui_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

void tui_say(struct tui *tui, bool bad, const char *fmt, ...)
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

int tui_find_shown(const struct tui *tui, const char *name)
{
	for (int i = 0; name && i < tui->nr_shown; i++)
		if (!strcmp(tui->shown[i].name, name))
			return i;
	return -1;
}

void tui_select(struct tui *tui, int shown)
{
	free(tui->selected);
	tui->selected = NULL;
	if (!tui->nr_shown)
		return;
	shown = shown < 0 ? 0 : shown >= tui->nr_shown ? tui->nr_shown - 1 : shown;
	tui->selected = xstrdup(tui->shown[shown].name);
}

/* A part of the name, or a pattern; case does not matter. */
static bool filter_matches(const char *filter, const char *name)
{
	return strcasestr(name, filter) ||
	       (pmu_is_glob(filter) && !fnmatch(filter, name, FNM_CASEFOLD));
}

void tui_update_shown(struct tui *tui)
{
	tui->shown = xreallocarray(tui->shown, tui->rows.nr, sizeof(*tui->shown));
	tui->nr_shown = 0;
	for (int i = 0; i < tui->rows.nr; i++) {
		const struct row *row = &tui->rows.rows[i];

		if (!filter_matches(tui->filter, row->name))
			continue;
		tui->shown[tui->nr_shown++] = (struct view_row){
			.name = row->name,
			.pmu = row->mark == MARK_GONE ? NULL :
				       pmu_list_find(&tui->machine->pmus, row->name),
			.mark = row->mark,
		};
	}
	if (tui_find_shown(tui, tui->selected) < 0)
		tui_select(tui, 0);
}

static void build_rows(struct tui *tui)
{
	uint64_t now = tui_now();

	if (rows_build(&tui->rows, tui->machine, tui->options.all, now)) {
		char *news = rows_news(&tui->rows, now);

		tui_say(tui, false, "%s", news);
		free(news);
	}
	tui_update_shown(tui);
}

void tui_list_anew(struct tui *tui)
{
	rows_clear(&tui->rows);
	build_rows(tui);
	tui->rows.started = true;
}

void tui_show_text(struct tui *tui)
{
	tui->page = VIEW_TEXT;
	tui->page_top = 0;
}

void tui_make_view(const struct tui *tui, struct view *view)
{
	*view = (struct view){
		.machine = tui->machine,
		.start = &tui->start,
		.history = tui->history,
		.rows = tui->shown,
		.nr_rows = tui->nr_shown,
		.nr_all = tui->rows.nr,
		.selected = tui_find_shown(tui, tui->selected),
		.top = tui->top,
		.filter = tui->filter,
		.filtering = tui->filtering,
		.prefer_zones = tui->prefer_zones,
		.page = tui->page,
		.page_top = tui->page_top,
		.title = tui->text.title,
		.lines = tui->text.lines,
		.nr_lines = tui->text.nr,
		.readonly = tui->options.readonly,
		.root_user = !geteuid(),
		.result = tui->result ?: "",
		.command = tui->command ?: "",
		.bad = tui->bad,
	};
	view->keys = tui_help_keys(&view->nr_keys);
}

void tui_draw(struct tui *tui)
{
	int height, width;
	struct view view;

	/* It is another job's: once it is back, all of it is drawn. */
	if (!screen_foreground())
		return;
	screen_size(&height, &width);
	tui_make_view(tui, &view);
	canvas_reset(&tui->canvas, height, width, tui->utf8);
	view_draw(&tui->canvas, &view);
	tui->top = view.top;
	tui->page_top = view.page_top;
	screen_draw(&tui->canvas);
}

static void on_pmus(void *arg)
{
	struct tui *tui = arg;

	build_rows(tui);
	tui_draw(tui);
}

static void on_order(void *arg, struct pmu *pmu, int before)
{
	struct tui *tui = arg;

	/* A probe tries orders, and puts back what was. */
	if (tui->probe && !strcmp(pmu->name, tui->probed))
		return;
	/* The tool's own writes have been read back before this. */
	if (pmu->order != before) {
		rows_mark(&tui->rows, pmu->name, MARK_CHANGED, tui_now());
		if (pmu->order >= 0 && before >= 0)
			tui_say(tui, false, "%s: order %d -> %d, changed by somebody else",
				pmu->name, before, pmu->order);
		tui_update_shown(tui);
	}
	tui_draw(tui);
}

static void on_tick(void *arg)
{
	struct tui *tui = arg;
	uint64_t now = tui_now();

	history_add(tui->history, tui->machine, now);
	saved_refresh(tui->machine);
	rows_tick(&tui->rows, tui->machine, tui->selected, now);
	tui_update_shown(tui);
	tui_draw(tui);
}

static const struct follow_ops follow_ops = {
	.pmus = on_pmus,
	.order = on_order,
	.tick = on_tick,
};

/* Whoever pastes a book must be able to end this, too. */
static bool told_to_end(void)
{
	sigset_t pending;

	return !sigpending(&pending) &&
	       (sigismember(&pending, SIGTERM) > 0 || sigismember(&pending, SIGINT) > 0 ||
		sigismember(&pending, SIGHUP) > 0 || sigismember(&pending, SIGQUIT) > 0);
}

/*
 * Stops by the default action of a signal, which the kernel leaves out where there is no shell that
 * could let it go on. Returns whether it was stopped.
 */
static bool stop(int signal)
{
	sigset_t set, old, pending;

	sigemptyset(&set);
	sigaddset(&set, signal);
	kill(getpid(), signal);
	sigprocmask(SIG_UNBLOCK, &set, &old);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return !sigpending(&pending) && sigismember(&pending, SIGCONT) > 0;
}

/* It was stopped, and may still be in the background: then it stays stopped, or ends. */
static void take_terminal_back(struct tui *tui)
{
	while (!screen_foreground()) {
		if (tui->signal || told_to_end())
			return;
		if (!stop(SIGTTOU)) {
			/* No shell, so it will never be in the foreground. */
			loop_quit(tui->loop);
			return;
		}
	}
	screen_resume();
	tui_draw(tui);
}

static void terminal_event(void *arg, uint32_t events)
{
	enum reaction reaction = REACT_NONE;
	struct tui *tui = arg;
	int key;

	/* A terminal that has gone stays readable for ever: end, and do not spin. */
	if (events & (EPOLLHUP | EPOLLERR)) {
		loop_quit(tui->loop);
		return;
	}
	if (!screen_foreground()) {
		take_terminal_back(tui);
		return;
	}
	if (!screen_input()) {
		loop_quit(tui->loop);
		return;
	}
	while (!told_to_end() && (key = screen_key()) != SCREEN_KEY_NONE)
		if (tui_key(tui, key) == REACT_DRAW)
			reaction = REACT_DRAW;
	if (reaction == REACT_DRAW)
		tui_draw(tui);
}

static void signal_event(void *arg, int signal)
{
	struct tui *tui = arg;

	/* Told to end, it does not stop first. */
	if (tui->signal)
		return;
	switch (signal) {
	case SIGWINCH:
		screen_resized();
		tui_draw(tui);
		break;
	case SIGTSTP:
		screen_suspend();
		if (!stop(SIGTSTP))
			take_terminal_back(tui);
		/* Otherwise SIGCONT is next. */
		break;
	case SIGCONT:
		take_terminal_back(tui);
		break;
	default:
		tui->signal = signal;
		loop_quit(tui->loop);
		break;
	}
}

static int watch_signals(struct tui *tui)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction action;
	sigset_t signals;

	sigemptyset(&signals);
	/* What is ignored, as by nohup, would not be if it was waited for. */
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (!sigaction(ends[i], NULL, &action) && action.sa_handler != SIG_IGN)
			sigaddset(&signals, ends[i]);
	sigaddset(&signals, SIGTSTP);
	sigaddset(&signals, SIGCONT);
	sigaddset(&signals, SIGWINCH);
	return loop_signals(tui->loop, &signals, signal_event, tui);
}

static int run(struct tui *tui)
{
	int err = loop_add(tui->loop, STDIN_FILENO, EPOLLIN, terminal_event, tui);

	if (err)
		return err;
	history_add(tui->history, tui->machine, tui_now());
	tui->follow = follow_new(tui->machine, tui->loop, tui->options.interval_ms, &follow_ops,
				 tui);
	if (!tui->follow)
		return -errno;
	tui->rows.started = true;
	if (tui->machine->support != SUPPORT_YES)
		tui_say(tui, true, "%s", machine_support_text(tui->machine));
	tui_draw(tui);
	err = loop_run(tui->loop);
	tui_probe_clear(tui);
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
	int err;

	if (!screen_wait())
		return -errno;
	tui.loop = loop_new();
	if (!tui.loop)
		return -errno;
	tui.history = history_new(options->interval_ms);
	buddyinfo_copy(&tui.start, &machine->buddy);
	/* First, so that none ends the program before the terminal has been given back. */
	err = watch_signals(&tui);
	if (!err && !screen_open())
		err = -ENOTTY;
	if (!err) {
		err = run(&tui);
		screen_close();
	}
	loop_free(tui.loop);
	history_free(tui.history);
	buddyinfo_clear(&tui.start);
	canvas_free(&tui.canvas);
	page_clear(&tui.text);
	undo_clear(&tui.undo);
	rows_clear(&tui.rows);
	free(tui.shown);
	free(tui.before_filter);
	free(tui.selected);
	free(tui.result);
	free(tui.command);
	return err ? err : tui.signal;
}
