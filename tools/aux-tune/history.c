// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "history.h"
#include "xalloc.h"

#define PERIOD_MIN_MS	1000

/* A tick may come a little early; that is no reason to wait for the next one. */
#define SLACK_MS	100

struct series {
	char *pmu;
	uint64_t live[HISTORY_MAX];
};

struct history {
	unsigned int period_ms;
	uint64_t next_ms;
	uint64_t count;		/* samples ever taken; the last is at (count - 1) % HISTORY_MAX */
	uint64_t free[HISTORY_MAX][BUDDY_ORDERS];	/* in blocks of at least this order */
	struct series **series;	/* by name */
	size_t nr_series;
};

struct history *history_new(unsigned int period_ms)
{
	struct history *history = xcalloc(1, sizeof(*history));

	history->period_ms = period_ms < PERIOD_MIN_MS ? PERIOD_MIN_MS : period_ms;
	return history;
}

void history_free(struct history *history)
{
	if (!history)
		return;
	for (size_t i = 0; i < history->nr_series; i++) {
		free(history->series[i]->pmu);
		free(history->series[i]);
	}
	free(history->series);
	free(history);
}

static int compare_series(const void *a, const void *b)
{
	return strcmp((*(struct series *const *)a)->pmu, (*(struct series *const *)b)->pmu);
}

static struct series *find_series(const struct history *history, const char *pmu)
{
	struct series key = { .pmu = (char *)pmu }, *p = &key, **found = NULL;

	if (history->nr_series)
		found = bsearch(&p, history->series, history->nr_series, sizeof(p),
				compare_series);
	return found ? *found : NULL;
}

/* PMUs are remembered when they go: they may come back, and few ever do either. */
static struct series *add_series(struct history *history, const char *pmu)
{
	struct series *series = xcalloc(1, sizeof(*series));

	series->pmu = xstrdup(pmu);
	for (int i = 0; i < HISTORY_MAX; i++)
		series->live[i] = HISTORY_NONE;
	history->series = xreallocarray(history->series, history->nr_series + 1, sizeof(series));
	history->series[history->nr_series++] = series;
	qsort(history->series, history->nr_series, sizeof(series), compare_series);
	return series;
}

void history_add(struct history *history, const struct machine *machine, uint64_t now_ms)
{
	int at = history->count % HISTORY_MAX;

	if (history->count && now_ms + SLACK_MS < history->next_ms)
		return;
	history->next_ms = now_ms + history->period_ms;
	history->count++;

	for (int order = 0; order < BUDDY_ORDERS; order++)
		history->free[at][order] = machine->buddy.orders > order ?
			buddyinfo_pages_from(&machine->buddy, order) * machine->page_size :
			HISTORY_NONE;
	for (size_t i = 0; i < history->nr_series; i++)
		history->series[i]->live[at] = HISTORY_NONE;
	for (size_t i = 0; i < machine->pmus.nr; i++) {
		const struct pmu *pmu = &machine->pmus.pmus[i];
		struct series *series;
		uint64_t pages;

		if (!stats_get(&pmu->stats, STAT_PAGE_LIVE, &pages))
			continue;
		series = find_series(history, pmu->name) ?: add_series(history, pmu->name);
		series->live[at] = pages > (HISTORY_NONE - 1) / machine->page_size ?
					   HISTORY_NONE - 1 : pages * machine->page_size;
	}
}

unsigned int history_period_ms(const struct history *history)
{
	return history->period_ms;
}

int history_samples(const struct history *history)
{
	return history->count < HISTORY_MAX ? history->count : HISTORY_MAX;
}

static int slot(const struct history *history, int age)
{
	if (age < 0 || age >= history_samples(history))
		return -1;
	return (history->count - 1 - age) % HISTORY_MAX;
}

uint64_t history_live(const struct history *history, const char *pmu, int age)
{
	const struct series *series = find_series(history, pmu);
	int at = slot(history, age);

	return series && at >= 0 ? series->live[at] : HISTORY_NONE;
}

uint64_t history_free_from(const struct history *history, int order, int age)
{
	int at = slot(history, age);

	return at >= 0 && order >= 0 && order < BUDDY_ORDERS ? history->free[at][order] :
							       HISTORY_NONE;
}
