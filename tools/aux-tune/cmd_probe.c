// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>

#include "advice.h"
#include "cli.h"
#include "loop.h"
#include "text.h"
#include "xalloc.h"

#define BAR_CELLS	30
#define TIME_CELLS	16

/* What ends the wait for a probe. */
struct waiter {
	struct loop *loop;
	struct probe *probe;
	int signal;
};

static void on_news(void *arg, uint32_t events)
{
	struct waiter *waiter = arg;
	int fd = probe_fd(waiter->probe);

	if (probe_read(waiter->probe))
		return;
	loop_remove(waiter->loop, fd);
	loop_quit(waiter->loop);
}

static void on_signal(void *arg, int signal)
{
	struct waiter *waiter = arg;

	waiter->signal = signal;
	loop_quit(waiter->loop);
}

/* Waits for its end. A signal ends it first, then us, as if it had not been caught. */
static void wait_for(struct cli *cli, struct probe *probe)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct waiter waiter = { .probe = probe };
	struct sigaction action;
	sigset_t signals;
	int err = -ENOMEM;

	sigemptyset(&signals);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		/* nohup(1), or a shell that put it into the background, has its reasons. */
		sigaction(ends[i], NULL, &action);
		if (action.sa_handler != SIG_IGN)
			sigaddset(&signals, ends[i]);
	}
	waiter.loop = loop_new();
	if (waiter.loop)
		err = loop_signals(waiter.loop, &signals, on_signal, &waiter);
	if (!err)
		err = loop_add(waiter.loop, probe_fd(probe), EPOLLIN, on_news, &waiter);
	if (!err)
		err = loop_run(waiter.loop);
	if (err)
		output_error(cli->output, STATUS_FAILURE, NULL, "cannot wait for the probe: %s",
			     strerror(-err));
	probe_stop(probe);
	if (waiter.signal) {
		if (probe_reason(probe) && strcmp(probe_reason(probe), "stopped"))
			output_error(cli->output, STATUS_FAILURE, NULL, "%s",
				     probe_reason(probe));
		fflush(stdout);
		signal(waiter.signal, SIG_DFL);
		raise(waiter.signal);
	}
	/* Unblocks the signal, which is then what ends us. */
	loop_free(waiter.loop);
}

/* @cells of @cell, then @rest of them of @other. */
static char *bar(const char *cell, int cells, const char *other, int rest)
{
	char *text = xcalloc(cells + rest + 1, 3), *p = text;

	for (int i = 0; i < cells; i++)
		p = stpcpy(p, cell);
	for (int i = 0; i < rest; i++)
		p = stpcpy(p, other);
	return text;
}

static void show_bars(struct cli *cli, const struct probe_step *steps, int nr)
{
	bool utf8 = text_locale_utf8();
	const char *full = utf8 ? "\xe2\x96\x88" : "#", *light = utf8 ? "\xe2\x96\x91" : "-";
	uint64_t slowest = 1;

	for (int i = 0; i < nr; i++)
		if (steps[i].stage == PROBE_MAPPED && steps[i].map_ns > slowest)
			slowest = steps[i].map_ns;
	output_line(cli->output, "ORDER %-*s  MMAP-TIME", BAR_CELLS,
		    utf8 ? "AS ASKED \xe2\x96\x88, SMALLER \xe2\x96\x91" : "AS ASKED #, SMALLER -");
	for (int i = 0; i < nr; i++) {
		int percent = probe_as_asked(&steps[i]);
		int cells = percent * BAR_CELLS / 100;
		int time_cells = (double)steps[i].map_ns / slowest * TIME_CELLS + 0.5;
		char *share, *duration;

		if (steps[i].stage != PROBE_MAPPED || percent < 0)
			continue;
		share = bar(full, cells, light, BAR_CELLS - cells);
		duration = bar(full, time_cells ?: 1, "", 0);
		output_line(cli->output, "%5d %s  %s", steps[i].order, share, duration);
		free(share);
		free(duration);
	}
}

static void output_blocks(struct cli *cli, const char *key, const struct probe_blocks *blocks)
{
	struct chunks chunks = { .orders = blocks->orders };

	if (!blocks->orders) {
		output_null(cli->output, key);
		return;
	}
	memcpy(chunks.nr, blocks->free, sizeof(chunks.nr));
	output_chunks(cli->output, key, &chunks);
}

static const char *source_key(enum probe_source source)
{
	switch (source) {
	case PROBE_STATISTICS:
		return "statistics";
	case PROBE_TRACEFS:
		return "tracefs";
	case PROBE_UNSEEN:
		break;
	}
	return NULL;
}

static void output_maybe(struct cli *cli, const char *key, const char *value)
{
	if (value)
		output_string(cli->output, key, value);
	else
		output_null(cli->output, key);
}

static void output_step(struct cli *cli, const struct selection *selection,
			const struct probe_step *step)
{
	output_begin_object(cli->output, NULL);
	output_record(cli->output, &cli->machine, selection, step);
	output_bool(cli->output, "mapped", step->stage == PROBE_MAPPED);
	output_maybe(cli, "error", step->error ? strerrorname_np(-step->error) : NULL);
	output_maybe(cli, "cause", *step->cause ? step->cause : NULL);
	output_maybe(cli, "source", source_key(step->source));
	if (step->source != PROBE_UNSEEN)
		output_chunks(cli->output, "chunks", &step->chunks);
	else
		output_null(cli->output, "chunks");
	if (step->stage == PROBE_MAPPED) {
		output_number(cli->output, "map_ns", step->map_ns);
		output_number(cli->output, "unmap_ns", step->unmap_ns);
	} else {
		output_null(cli->output, "map_ns");
		output_null(cli->output, "unmap_ns");
	}
	output_blocks(cli, "free_before", &step->before);
	output_blocks(cli, "free_during", &step->during);
	output_blocks(cli, "free_after", &step->after);
	output_end(cli->output);
}

static void show_steps(struct cli *cli, const struct probe_step *steps, int nr)
{
	const void **rows = xcalloc(nr, sizeof(*rows));
	struct selection selection;
	int shown = 0;

	selection_common(&selection, &probe_columns, true, true);
	output_begin_array(cli->output, "steps");
	for (int i = 0; i < nr; i++) {
		if (cli->options.json)
			output_step(cli, &selection, &steps[i]);
		else if (steps[i].stage == PROBE_MAPPED)
			rows[shown++] = &steps[i];
	}
	output_end(cli->output);
	if (shown) {
		output_line(cli->output, "%s", "");
		output_table(cli->output, "steps", &cli->machine, &selection, rows, shown);
	}
	if (shown > 1) {
		output_line(cli->output, "%s", "");
		show_bars(cli, steps, nr);
	}
	selection_clear(&selection);
	free(rows);
}

/* Each failure once: a limit is the same at every order. */
static void show_failures(struct cli *cli, const struct pmu *pmu,
			  const struct probe_step *steps, int nr)
{
	struct limits limits;
	char *last = NULL;

	limits_read(&limits, &cli->machine.root);
	for (int i = 0; i < nr; i++) {
		char *why;

		if (!steps[i].error)
			continue;
		why = advice_failure(&cli->machine, pmu, &cli->options.probe, &limits, &steps[i]);
		if (!last || strcmp(last, why))
			output_error(cli->output, advice_status(&steps[i]), pmu->name, "%s", why);
		free(last);
		last = why;
	}
	free(last);
}

static void show_result(struct cli *cli, const struct pmu *pmu, const struct probe *probe)
{
	int nr, planned;
	const struct probe_step *steps = probe_steps(probe, &nr, &planned);
	char *advice;

	show_steps(cli, steps, nr);
	advice = advice_text(&cli->machine, pmu, &cli->options.probe, steps, nr);
	output_maybe(cli, "advice", advice);
	if (advice) {
		output_line(cli->output, "%s", "");
		output_answer(cli->output, "%s", advice);
	}
	free(advice);
	output_maybe(cli, "stopped", probe_state(probe) == PROBE_STOPPED ? probe_reason(probe) :
						       NULL);
	show_failures(cli, pmu, steps, nr);
	if (probe_reason(probe))
		output_error(cli->output, STATUS_FAILURE, pmu->name, "%s", probe_reason(probe));
}

/* @restored: the order is, or will be, what it was before. */
static void show_plan(struct cli *cli, const struct pmu *pmu, const struct probe_plan *plan,
		      bool restored)
{
	const struct probe_options *options = &cli->options.probe;
	char size[24], *orders;

	order_size_text(size, options->size);
	output_string(cli->output, "mode", options->overwrite ? "overwrite" : "rw");
	output_number(cli->output, "size_kib", options->size / 1024);
	output_bool(cli->output, "dry_run", cli->options.dry_run);
	output_bool(cli->output, "writes", plan->writes);
	output_begin_array(cli->output, "orders");
	for (int i = 0; i < plan->nr && plan->orders[i] != ORDER_UNKNOWN; i++)
		output_number(cli->output, NULL, plan->orders[i]);
	output_end(cli->output);
	output_maybe(cli, "note", plan->note);

	if (plan->orders[0] == ORDER_UNKNOWN)
		orders = xstrdup("as this kernel makes it");
	else if (plan->nr == 1)
		orders = xasprintf("with aux_max_order %d", plan->orders[0]);
	else if (restored)
		orders = xasprintf("with aux_max_order %d to %d, which is %d again afterwards",
				   plan->orders[0], plan->orders[plan->nr - 1], pmu->order);
	else
		orders = xasprintf("with aux_max_order %d to %d", plan->orders[0],
				   plan->orders[plan->nr - 1]);
	output_line(cli->output, "%s: %san AUX area of %s (%s), %s", pmu->name,
		    cli->options.dry_run ? "would map " : "", size,
		    options->overwrite ? "overwrite" : "rw", orders);
	free(orders);
	if (plan->note)
		output_note(cli->output, "%s: %s", pmu->name, plan->note);
}

static void probe_pmu(struct cli *cli, const struct pmu *pmu, const struct probe_plan *plan)
{
	enum exit_status status;
	struct probe *probe;
	char *reason;

	probe = probe_start(&cli->machine, pmu, &cli->options.probe, plan, &status, &reason);
	if (!probe) {
		output_error(cli->output, status, pmu->name, "%s", reason);
		free(reason);
		return;
	}
	wait_for(cli, probe);
	show_plan(cli, pmu, plan, probe_restored(probe));
	show_result(cli, pmu, probe);
	probe_free(probe);
}

/* True for what a pattern matches but nobody meant. */
static bool left_out(const struct cli *cli, const struct targets *targets, size_t i)
{
	const struct pmu *pmu = targets->pmus[i];

	return targets->by_glob[i] && (pmu->kind.kind == KIND_NONE ||
				       !machine_lists(&cli->machine, pmu));
}

void cmd_probe(struct cli *cli, int argc, char **argv)
{
	struct targets targets;
	bool any = false;

	cli->options.probe.readonly = cli->options.readonly;
	cli_machine(cli);
	if (!cli_targets(cli, argc, argv, &targets))
		return;
	if (cli->machine.max_order != ORDER_UNKNOWN)
		output_number(cli->output, "huge_order", machine_huge_order(&cli->machine));
	else
		output_null(cli->output, "huge_order");
	output_begin_array(cli->output, "probes");
	for (size_t i = 0; i < targets.nr; i++) {
		const struct pmu *pmu = targets.pmus[i];
		struct probe_plan plan;

		if (left_out(cli, &targets, i))
			continue;
		probe_make_plan(&cli->machine, pmu, &cli->options.probe, &plan);
		output_begin_object(cli->output, NULL);
		output_string(cli->output, "pmu", pmu->name);
		output_string(cli->output, "kind", kind_name(pmu->kind.kind));
		if (!plan.nr)
			output_error(cli->output, plan.status, pmu->name, "%s", plan.reason);
		else if (cli->options.dry_run)
			show_plan(cli, pmu, &plan, true);
		else
			probe_pmu(cli, pmu, &plan);
		output_end(cli->output);
		probe_plan_clear(&plan);
		any = true;
	}
	output_end(cli->output);
	if (!any)
		output_error(cli->output, STATUS_REFUSED, NULL,
			     "no PMU the pattern matches has an AUX area");
	/* What there is without the policy was shown; the status says that it is not there. */
	else if (cli->machine.support != SUPPORT_YES)
		cli_supported(cli);
	targets_clear(&targets);
}
