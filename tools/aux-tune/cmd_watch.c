// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "follow.h"
#include "saved.h"

struct watcher {
	struct cli *cli;
	struct loop *loop;
	struct selection selection;
	int argc;
	char **argv;
	unsigned long printed;
	bool primed;			/* changes before the first report are no news */
};

static void format_time(char *buf, size_t size)
{
	struct timespec now;
	char seconds[32];
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf, size, "%s.%03ldZ", seconds, now.tv_nsec / 1000000);
}

static void report(struct watcher *watcher)
{
	struct cli *cli = watcher->cli;
	struct targets targets;
	char now[48];

	format_time(now, sizeof(now));
	output_string(cli->output, "time", now);
	if (watcher->printed)
		output_answer(cli->output, "%s", "");
	output_answer(cli->output, "%s", now);
	if (!cli_targets(cli, watcher->argc, watcher->argv, &targets)) {
		/* The last of the PMUs that were asked for has gone. */
		loop_quit(watcher->loop);
		return;
	}
	cli_stats_reason(cli);
	cli_pmus(cli, &watcher->selection, &targets);
	targets_clear(&targets);
	if (cli->options.json)
		cli_fragmentation(cli);
	output_flush_document(cli->output);
	watcher->printed++;
	if (output_failed(cli->output) || watcher->printed == cli->options.count)
		loop_quit(watcher->loop);
}

static void on_pmus(void *arg)
{
	struct watcher *watcher = arg;

	if (watcher->primed)
		report(watcher);
}

static void on_order(void *arg, struct pmu *pmu, int before)
{
	struct watcher *watcher = arg;

	if (watcher->primed && pmu->order != before)
		report(watcher);
}

static void on_tick(void *arg)
{
	struct watcher *watcher = arg;

	saved_refresh(&watcher->cli->machine);
	report(watcher);
}

static const struct follow_ops ops = {
	.pmus = on_pmus,
	.order = on_order,
	.tick = on_tick,
};

void cmd_watch(struct cli *cli, int argc, char **argv)
{
	struct watcher watcher = { .cli = cli, .argc = argc, .argv = argv };
	struct follow *follow = NULL;
	struct targets targets;
	int err = 0;

	if (!cli_targets(cli, argc, argv, &targets))
		return;
	targets_clear(&targets);
	if (!cli_supported(cli) || !cli_columns(cli, &watcher.selection))
		return;
	cli_note_stats(cli);

	watcher.loop = loop_new();
	if (watcher.loop)
		follow = follow_new(&cli->machine, watcher.loop, cli->options.interval_ms, &ops,
				    &watcher);
	if (follow) {
		watcher.primed = true;
		report(&watcher);
		err = loop_run(watcher.loop);
	} else {
		err = -errno;
	}
	if (err)
		output_error(cli->output, STATUS_FAILURE, NULL, "cannot watch: %s",
			     strerror(-err));
	follow_free(follow);
	loop_free(watcher.loop);
	selection_clear(&watcher.selection);
}
