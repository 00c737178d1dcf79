// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "column.h"
#include "policy.h"
#include "text.h"
#include "xalloc.h"

static void set_number(struct value *value, uint64_t number)
{
	value->type = VALUE_UINT;
	value->number = number;
}

static void set_string(struct value *value, const char *string)
{
	value->type = VALUE_STRING;
	value->string = xstrdup(string);
}

/* An order that is not known stays "-". */
static void set_order(struct value *value, int order)
{
	if (order >= 0)
		set_number(value, order);
}

static void set_stat(struct value *value, const struct pmu *pmu, enum stat_id id)
{
	uint64_t number;

	if (stats_get(&pmu->stats, id, &number))
		set_number(value, number);
}

static void pmu_get_name(const struct machine *machine, const void *row, struct value *value)
{
	const struct pmu *pmu = row;

	set_string(value, pmu->name);
}

static void pmu_get_type(const struct machine *machine, const void *row, struct value *value)
{
	const struct pmu *pmu = row;

	if (pmu->type >= 0)
		set_number(value, pmu->type);
}

static void pmu_get_kind(const struct machine *machine, const void *row, struct value *value)
{
	const struct pmu *pmu = row;

	set_string(value, kind_name(pmu->kind.kind));
}

static void pmu_get_reason(const struct machine *machine, const void *row, struct value *value)
{
	const struct pmu *pmu = row;

	set_string(value, pmu->kind.reason);
}

static void pmu_get_access(const struct machine *machine, const void *row, struct value *value)
{
	static const char *const names[] = {
		[AUX_ACCESS_RO] = "ro",
		[AUX_ACCESS_RW] = "rw",
	};
	const struct pmu *pmu = row;

	if (names[pmu->access])
		set_string(value, names[pmu->access]);
}

static void pmu_get_order(const struct machine *machine, const void *row, struct value *value)
{
	const struct pmu *pmu = row;

	set_order(value, pmu->order);
}

static void pmu_get_kib(const struct machine *machine, const void *row, struct value *value)
{
	const struct pmu *pmu = row;

	if (pmu->order >= 0)
		set_number(value, order_bytes(pmu->order, machine->page_size) / 1024);
}

static void pmu_get_default(const struct machine *machine, const void *row, struct value *value)
{
	const struct pmu *pmu = row;

	set_order(value, pmu->default_order);
}

static void pmu_get_areas(const struct machine *machine, const void *row, struct value *value)
{
	set_stat(value, row, STAT_AREAS_LIVE);
}

static void pmu_get_live(const struct machine *machine, const void *row, struct value *value)
{
	set_stat(value, row, STAT_PAGES_LIVE);
	if (value->type == VALUE_UINT)
		value->number *= machine->page_size / 1024;
}

static void pmu_get_fallbacks(const struct machine *machine, const void *row,
			      struct value *value)
{
	set_stat(value, row, STAT_FALLBACKS);
}

static void pmu_get_failed(const struct machine *machine, const void *row, struct value *value)
{
	set_stat(value, row, STAT_AREAS_FAILED);
}

static void pmu_get_path(const struct machine *machine, const void *row, struct value *value)
{
	const struct pmu *pmu = row;
	char *path;

	if (pmu->access == AUX_ACCESS_NONE)
		return;
	path = pmu_order_path(pmu, &machine->root);
	set_string(value, path);
	free(path);
}

static const struct column pmu_table[] = {
	{ "PMU", "pmu", VALUE_STRING, "name of the PMU", true, false, pmu_get_name },
	{ "TYPE", "type", VALUE_UINT, "perf_event_attr type", false, false, pmu_get_type },
	{ "KIND", "kind", VALUE_STRING,
	  "whether it must, may (nice) or need not (don't care) get large chunks",
	  true, false, pmu_get_kind },
	{ "ORDER", "order", VALUE_UINT, "largest page order of a chunk of new AUX areas",
	  true, false, pmu_get_order },
	{ "KIB", "chunk_kib", VALUE_UINT, "the same in KiB", true, false, pmu_get_kib },
	{ "DEFAULT", "default_order", VALUE_UINT, "order it was registered with",
	  true, false, pmu_get_default },
	{ "ACCESS", "access", VALUE_STRING, "rw; ro where the kernel lets nobody change it",
	  true, false, pmu_get_access },
	{ "AREAS", "areas_live", VALUE_UINT, "AUX areas mapped now", true, true, pmu_get_areas },
	{ "LIVE-KIB", "live_kib", VALUE_UINT, "memory in them, in KiB", true, true,
	  pmu_get_live },
	{ "FALLBACKS", "fallbacks", VALUE_UINT, "chunks smaller than asked for", true, true,
	  pmu_get_fallbacks },
	{ "FAILED", "areas_failed", VALUE_UINT, "AUX areas that could not be allocated",
	  true, true, pmu_get_failed },
	{ "REASON", "reason", VALUE_STRING, "why it is of its kind", false, false,
	  pmu_get_reason },
	{ "PATH", "path", VALUE_STRING, "the attribute's file", false, false, pmu_get_path },
};

const struct column_set pmu_columns = {
	pmu_table, sizeof(pmu_table) / sizeof(pmu_table[0]),
};

static void change_get_pmu(const struct machine *machine, const void *row, struct value *value)
{
	const struct policy_change *change = row;

	set_string(value, change->pmu);
}

static void change_get_state(const struct machine *machine, const void *row, struct value *value)
{
	const struct policy_change *change = row;

	set_string(value, policy_state_name(change->state));
}

static void change_get_before(const struct machine *machine, const void *row,
			      struct value *value)
{
	const struct policy_change *change = row;

	set_order(value, change->before);
}

static void change_get_want(const struct machine *machine, const void *row, struct value *value)
{
	const struct policy_change *change = row;

	set_order(value, change->want);
}

static void change_get_after(const struct machine *machine, const void *row, struct value *value)
{
	const struct policy_change *change = row;

	set_order(value, change->after);
}

static void change_get_command(const struct machine *machine, const void *row,
			       struct value *value)
{
	const struct policy_change *change = row;

	if (change->want >= 0)
		set_string(value, change->command);
}

static void change_get_reason(const struct machine *machine, const void *row,
			      struct value *value)
{
	const struct policy_change *change = row;

	if (change->reason)
		set_string(value, change->reason);
}

static const struct column change_table[] = {
	{ "PMU", "pmu", VALUE_STRING, "name of the PMU", true, false, change_get_pmu },
	{ "STATE", "state", VALUE_STRING,
	  "done, unchanged, planned (not written), skipped, refused, failed",
	  true, false, change_get_state },
	{ "BEFORE", "before", VALUE_UINT, "order before", true, false, change_get_before },
	{ "WANT", "want", VALUE_UINT, "order asked for", true, false, change_get_want },
	{ "AFTER", "after", VALUE_UINT, "order as read back", true, false, change_get_after },
	{ "COMMAND", "command", VALUE_STRING, "shell command that does the same", true, false,
	  change_get_command },
	{ "REASON", "reason", VALUE_STRING, "why it was not changed", true, false,
	  change_get_reason },
};

const struct column_set change_columns = {
	change_table, sizeof(change_table) / sizeof(change_table[0]),
};

static void order_get_order(const struct machine *machine, const void *row, struct value *value)
{
	set_number(value, *(const int *)row);
}

static void order_get_kib(const struct machine *machine, const void *row, struct value *value)
{
	set_number(value, order_bytes(*(const int *)row, machine->page_size) / 1024);
}

static void order_get_blocks(const struct machine *machine, const void *row, struct value *value)
{
	set_number(value, machine->buddy.free[*(const int *)row]);
}

static void order_get_free(const struct machine *machine, const void *row, struct value *value)
{
	set_number(value, buddyinfo_pages(&machine->buddy, *(const int *)row) *
		   (machine->page_size / 1024));
}

static void order_get_usable(const struct machine *machine, const void *row, struct value *value)
{
	set_number(value, buddyinfo_usable(&machine->buddy, *(const int *)row));
}

static const struct column order_table[] = {
	{ "ORDER", "order", VALUE_UINT, "page order", true, false, order_get_order },
	{ "KIB", "chunk_kib", VALUE_UINT, "size of one block", true, false, order_get_kib },
	{ "BLOCKS", "free_blocks", VALUE_UINT, "free blocks of exactly this order", true, false,
	  order_get_blocks },
	{ "FREE-KIB", "free_kib", VALUE_UINT, "memory in them, in KiB", true, false,
	  order_get_free },
	{ "USABLE%", "usable_percent", VALUE_UINT,
	  "share of all free memory in blocks of this order or larger", true, false,
	  order_get_usable },
};

const struct column_set order_columns = {
	order_table, sizeof(order_table) / sizeof(order_table[0]),
};

static void selection_add(struct selection *selection, const struct column *column)
{
	selection->columns = xreallocarray(selection->columns, selection->nr + 1,
					   sizeof(*selection->columns));
	selection->columns[selection->nr++] = column;
}

void selection_common(struct selection *selection, const struct column_set *set, bool all,
		      bool stats)
{
	memset(selection, 0, sizeof(*selection));
	for (size_t i = 0; i < set->nr; i++)
		if ((all || set->columns[i].common) && (stats || !set->columns[i].stats))
			selection_add(selection, &set->columns[i]);
}

static const struct column *find_column(const struct column_set *set, const char *name)
{
	for (size_t i = 0; i < set->nr; i++)
		if (!strcasecmp(set->columns[i].name, name) ||
		    !strcasecmp(set->columns[i].key, name))
			return &set->columns[i];
	return NULL;
}

static char *unknown_column(const struct column_set *set, const char *name)
{
	char *safe = text_safe(name, text_locale_utf8());
	char *why = xasprintf("no column '%.64s'; there are", safe);

	free(safe);
	for (size_t i = 0; i < set->nr; i++) {
		char *longer = xasprintf("%s%s %s", why, i ? "," : "", set->columns[i].name);

		free(why);
		why = longer;
	}
	return why;
}

bool selection_parse(struct selection *selection, const struct column_set *set, const char *list,
		     bool stats, char **why)
{
	char *copy, *name, *rest;

	memset(selection, 0, sizeof(*selection));
	*why = NULL;
	if (*list == '+') {
		selection_common(selection, set, false, stats);
		list++;
	}
	copy = rest = xstrdup(list);
	while (!*why && (name = strsep(&rest, ","))) {
		const struct column *column = find_column(set, name);

		if (column)
			selection_add(selection, column);
		else
			*why = unknown_column(set, name);
	}
	free(copy);
	if (*why)
		selection_clear(selection);
	return !*why;
}

void selection_clear(struct selection *selection)
{
	free(selection->columns);
	memset(selection, 0, sizeof(*selection));
}

char *value_text(const struct value *value, bool utf8)
{
	switch (value->type) {
	case VALUE_UINT:
		return xasprintf("%" PRIu64, value->number);
	case VALUE_STRING:
		return text_safe(value->string, utf8);
	case VALUE_NONE:
		break;
	}
	return xstrdup("-");
}

void value_clear(struct value *value)
{
	free(value->string);
	memset(value, 0, sizeof(*value));
}
