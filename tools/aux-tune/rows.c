// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "rows.h"
#include "xalloc.h"

/* How long a row that changed, came or went is marked. */
#define MARK_MS		4000

/* Names in a sentence; the rest is counted. */
#define NEWS_NAMES	6

struct row *rows_find(const struct rows *rows, const char *name)
{
	int low = 0, high = rows->nr;

	while (name && low < high) {
		int middle = (low + high) / 2;
		int order = strverscmp(name, rows->rows[middle].name);

		if (!order)
			return &rows->rows[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static void insert(struct rows *rows, struct row row)
{
	int at = rows->nr;

	rows->rows = xreallocarray(rows->rows, rows->nr + 1, sizeof(row));
	while (at > 0 && strverscmp(row.name, rows->rows[at - 1].name) < 0)
		at--;
	memmove(&rows->rows[at + 1], &rows->rows[at], (rows->nr - at) * sizeof(row));
	rows->rows[at] = row;
	rows->nr++;
}

void rows_clear(struct rows *rows)
{
	for (int i = 0; i < rows->nr; i++)
		free(rows->rows[i].name);
	free(rows->rows);
	memset(rows, 0, sizeof(*rows));
}

static uint64_t count_trouble(const struct pmu *pmu)
{
	uint64_t failed = 0, fallbacks = 0;

	stats_failures(&pmu->stats, &failed);
	stats_get(&pmu->stats, STAT_CHUNK_FALLBACK, &fallbacks);
	return failed + fallbacks;
}

static bool has_areas(const struct machine *machine, const char *name)
{
	for (size_t i = 0; i < machine->areas.nr_rows; i++)
		if (areas_is_of(&machine->areas, i, name))
			return true;
	return false;
}

/* Areas of PMUs that are in no list: unregistered while they were mapped. */
static void add_owners(struct rows *rows, const struct machine *machine)
{
	for (size_t i = 0; i < machine->areas.nr_rows; i++) {
		const char *name = areas_cell(&machine->areas, i, "pmu");

		if (!pmu_list_find(&machine->pmus, name) && !rows_find(rows, name))
			insert(rows, (struct row){ xstrdup(name), MARK_GONE, 0, 0 });
	}
}

bool rows_build(struct rows *rows, const struct machine *machine, bool all, uint64_t now)
{
	const struct pmu_list *list = &machine->pmus;
	bool same_support = rows->support == machine->support, news = false;
	struct rows old = *rows;

	rows->support = machine->support;
	rows->rows = NULL;
	rows->nr = 0;
	for (size_t i = 0; i < list->nr; i++) {
		const struct pmu *pmu = &list->pmus[i];
		const struct row *o = rows_find(&old, pmu->name);
		struct row row = { .trouble = count_trouble(pmu) };

		if (!all && !machine_lists(machine, pmu))
			continue;
		row.name = xstrdup(pmu->name);
		if (o && o->mark != MARK_GONE) {
			row.mark = o->mark;
			row.until = o->until;
		} else if (rows->started && (same_support || pmu->access != AUX_ACCESS_NONE)) {
			row.mark = MARK_NEW;
			row.until = now + MARK_MS;
			news = true;
		}
		insert(rows, row);
	}
	for (int i = 0; i < old.nr; i++) {
		const struct row *o = &old.rows[i];
		struct row row = { .mark = MARK_GONE, .until = o->until };

		if (pmu_list_find(list, o->name))
			continue;
		if (o->mark != MARK_GONE) {
			row.until = now + MARK_MS;
			news = true;
		}
		row.name = xstrdup(o->name);
		insert(rows, row);
	}
	add_owners(rows, machine);
	rows_clear(&old);
	return news;
}

void rows_tick(struct rows *rows, const struct machine *machine, const char *selected,
	       uint64_t now)
{
	int keep = 0;

	for (int i = 0; i < rows->nr; i++) {
		struct row row = rows->rows[i];
		const struct pmu *pmu = pmu_list_find(&machine->pmus, row.name);

		if (row.mark != MARK_NONE && now >= row.until) {
			if (row.mark != MARK_GONE) {
				row.mark = MARK_NONE;
			} else if (strcmp(row.name, selected ?: "") &&
				   !has_areas(machine, row.name)) {
				free(row.name);
				continue;
			}
		}
		if (pmu && row.mark != MARK_GONE) {
			uint64_t trouble = count_trouble(pmu);

			if (trouble > row.trouble && row.mark != MARK_NEW) {
				row.mark = MARK_TROUBLE;
				row.until = now + MARK_MS;
			}
			row.trouble = trouble;
		}
		rows->rows[keep++] = row;
	}
	rows->nr = keep;
	add_owners(rows, machine);
}

void rows_mark(struct rows *rows, const char *name, enum view_mark mark, uint64_t now)
{
	struct row *row = rows_find(rows, name);

	if (!row)
		return;
	row->mark = mark;
	row->until = now + MARK_MS;
}

/* "a, b and c have appeared"; NULL when there are none. */
static char *list_marked(const struct rows *rows, enum view_mark mark, uint64_t now,
			 const char *one, const char *more)
{
	char *text = NULL;
	int nr = 0, at = 0;

	for (int i = 0; i < rows->nr; i++)
		nr += rows->rows[i].mark == mark && now < rows->rows[i].until;
	for (int i = 0; i < rows->nr; i++) {
		char *longer;

		if (rows->rows[i].mark != mark || now >= rows->rows[i].until)
			continue;
		if (++at > NEWS_NAMES)
			break;
		longer = xasprintf("%s%s%s", text ?: "", !text ? "" : at == nr ? " and " : ", ",
				   rows->rows[i].name);
		free(text);
		text = longer;
	}
	if (text) {
		char *names = text;

		text = nr > NEWS_NAMES ?
		       xasprintf("%s and %d more %s", names, nr - NEWS_NAMES, more) :
		       xasprintf("%s %s", names, nr > 1 ? more : one);
		free(names);
	}
	return text;
}

char *rows_news(const struct rows *rows, uint64_t now)
{
	char *come = list_marked(rows, MARK_NEW, now, "has appeared", "have appeared");
	char *gone = list_marked(rows, MARK_GONE, now, "has gone away", "have gone away");
	char *text = NULL;

	if (come || gone)
		text = xasprintf("%s%s%s", come ?: "", come && gone ? "; " : "", gone ?: "");
	free(come);
	free(gone);
	return text;
}
