// SPDX-License-Identifier: GPL-2.0-only
/* A probe of the selected PMU, as a page that fills while the screen stays alive. */
#include <inttypes.h>
#include <string.h>
#include <sys/epoll.h>

#include "advice.h"
#include "column.h"
#include "probe.h"
#include "text.h"
#include "tui_state.h"
#include "xalloc.h"

static const struct probe_options *options_of(const struct tui *tui)
{
	static struct probe_options options = {
		.size = PROBE_SIZE_DEFAULT,
		.first = PROBE_ALL_ORDERS,
		.last = PROBE_ALL_ORDERS,
	};

	options.readonly = tui->options.readonly;
	return &options;
}

/* "-" or the text of a column of the table that the command prints, too. */
static char *step_text(const struct tui *tui, const char *key, const struct probe_step *step)
{
	for (size_t i = 0; i < probe_columns.nr; i++) {
		const struct column *column = &probe_columns.columns[i];
		struct value value = { 0 };
		char *text;

		if (strcmp(column->key, key))
			continue;
		column->get(tui->machine, step, &value);
		text = value_text(&value, tui->utf8);
		value_clear(&value);
		return text;
	}
	return xstrdup("-");
}

static void add_step(struct tui *tui, const struct pmu *pmu, const struct probe_step *step)
{
	static const struct {
		const char *key;
		int width;
	} cells[] = {
		{ "order", 5 }, { "chunk_kib", 5 }, { "chunk_count", 6 }, { "chunk_fallback", 8 },
		{ "as_asked_percent", 8 }, { "map_us", 8 }, { "huge_blocks_gone", 4 },
	};
	char *line = xstrdup(""), *got;

	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		char *text = step_text(tui, cells[i].key, step), *longer;

		longer = xasprintf("%s%s%*s", line, i ? " " : "", cells[i].width, text);
		free(text);
		free(line);
		line = longer;
	}
	if (step->error) {
		struct limits limits;
		char *why;

		limits_read(&limits, &tui->machine->root);
		why = advice_failure(tui->machine, pmu, options_of(tui), &limits, step);
		page_add(&tui->text, ROLE_BAD, "%5d  not mapped: %s", step->order, why);
		free(why);
	} else {
		got = step_text(tui, "got", step);
		page_add(&tui->text, ROLE_NORMAL, "%s  %s", line, got);
		free(got);
	}
	free(line);
}

static void write_page(struct tui *tui)
{
	const struct pmu *pmu = pmu_list_find(&tui->machine->pmus, tui->probed);
	const struct probe_step *steps;
	int nr, planned;
	char size[24], *advice;

	steps = probe_steps(tui->probe, &nr, &planned);
	order_size_text(size, options_of(tui)->size);
	page_begin(&tui->text, "Probe of %s", tui->probed);
	page_add(&tui->text, ROLE_NORMAL, "An AUX area of %s (rw) is mapped at each order.", size);
	if (tui->probe_note)
		page_add(&tui->text, ROLE_NORMAL, "%s", tui->probe_note);
	page_add(&tui->text, ROLE_NORMAL, "%s", "");
	page_add(&tui->text, ROLE_HEADING, "%5s %5s %6s %8s %8s %8s %4s  %s", "ORDER", "KIB",
		 "CHUNKS", "FALLBACK", "AS-ASKED", "MMAP-US", "HUGE", "GOT");
	for (int i = 0; i < nr && pmu; i++)
		add_step(tui, pmu, &steps[i]);
	page_add(&tui->text, ROLE_NORMAL, "%s", "");
	switch (probe_state(tui->probe)) {
	case PROBE_RUNNING:
		page_add(&tui->text, ROLE_MARKED, "%d of %d; Esc stops it", nr, planned);
		return;
	case PROBE_STOPPED:
		page_add(&tui->text, ROLE_BAD, "stopped after %d of %d", nr, planned);
		break;
	case PROBE_DONE:
		break;
	}
	if (probe_reason(tui->probe))
		page_add(&tui->text, ROLE_BAD, "%s", probe_reason(tui->probe));
	if (!pmu)
		return;
	if (probe_restored(tui->probe))
		page_add(&tui->text, ROLE_NORMAL, "The order is %d, as before.", pmu->order);
	advice = advice_text(tui->machine, pmu, options_of(tui), steps, nr);
	if (advice) {
		page_add(&tui->text, ROLE_NORMAL, "%s", "");
		page_add(&tui->text, ROLE_NORMAL, "%s", advice);
	}
	free(advice);
}

/* Its last word is on the page; the setting is what it was. */
static void finish(struct tui *tui)
{
	struct pmu *pmu = pmu_list_find(&tui->machine->pmus, tui->probed);

	loop_remove(tui->loop, probe_fd(tui->probe));
	if (pmu)
		pmu_read(pmu, &tui->machine->root);
	write_page(tui);
	probe_free(tui->probe);
	tui->probe = NULL;
}

static void on_news(void *arg, uint32_t events)
{
	struct tui *tui = arg;

	if (probe_read(tui->probe))
		write_page(tui);
	else
		finish(tui);
	tui_draw(tui);
}

bool tui_probe_stop(struct tui *tui)
{
	if (!tui->probe)
		return false;
	probe_stop(tui->probe);
	finish(tui);
	return true;
}

void tui_probe_clear(struct tui *tui)
{
	if (tui->probe) {
		loop_remove(tui->loop, probe_fd(tui->probe));
		probe_free(tui->probe);
	}
	free(tui->probed);
	free(tui->probe_note);
	tui->probe = NULL;
	tui->probed = NULL;
	tui->probe_note = NULL;
}

static char *start(struct tui *tui, const struct pmu *pmu)
{
	enum exit_status status;
	struct probe_plan plan;
	char *reason = NULL;
	int err;

	probe_make_plan(tui->machine, pmu, options_of(tui), &plan);
	if (!plan.nr) {
		reason = xstrdup(plan.reason);
	} else {
		tui->probe = probe_start(tui->machine, pmu, options_of(tui), &plan, &status,
					 &reason);
		tui->probe_note = plan.note ? xstrdup(plan.note) : NULL;
	}
	probe_plan_clear(&plan);
	if (!tui->probe)
		return reason;
	err = loop_add(tui->loop, probe_fd(tui->probe), EPOLLIN, on_news, tui);
	if (!err)
		return NULL;
	probe_free(tui->probe);
	tui->probe = NULL;
	return xasprintf("cannot wait for the probe: %s", strerror(-err));
}

enum reaction tui_probe(struct tui *tui)
{
	const struct pmu *pmu = tui->selected ?
				pmu_list_find(&tui->machine->pmus, tui->selected) : NULL;
	char *reason;

	if (!pmu) {
		tui_say(tui, true, "%s", tui->selected ? "it has gone away" : "no PMU");
		return REACT_DRAW;
	}
	tui_probe_clear(tui);
	tui->probed = xstrdup(pmu->name);
	reason = start(tui, pmu);
	if (reason) {
		tui_say(tui, true, "%s: %s", pmu->name, reason);
		free(reason);
		return REACT_DRAW;
	}
	tui_say(tui, false, "%s", "");
	write_page(tui);
	tui_show_text(tui);
	return REACT_DRAW;
}
