// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "column.h"
#include "policy.h"
#include "probe.h"
#include "saved.h"
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

static void pmu_get_saved(const struct machine *machine, const void *row, struct value *value)
{
	set_order(value, saved_order(row));
}

static void pmu_get_drift(const struct machine *machine, const void *row, struct value *value)
{
	const struct pmu *pmu = row;

	if (pmu->access != AUX_ACCESS_NONE)
		set_string(value, saved_drift_name(saved_drift(machine, pmu)));
}

static void pmu_get_saved_by(const struct machine *machine, const void *row, struct value *value)
{
	const struct pmu *pmu = row;
	const struct setter *setter = setters_certain(&pmu->saved);
	char *place;

	if (!setter)
		return;
	place = setter_place(setter);
	set_string(value, place);
	free(place);
}

static void set_int(struct value *value, int64_t number)
{
	value->type = VALUE_INT;
	value->number = number;
}

static void pmu_get_areas(const struct machine *machine, const void *row, struct value *value)
{
	set_stat(value, row, STAT_AREA_LIVE);
}

static void pmu_get_live(const struct machine *machine, const void *row, struct value *value)
{
	size_t kib = machine->page_size / 1024;

	set_stat(value, row, STAT_PAGE_LIVE);
	if (value->type == VALUE_UINT)
		value->number = value->number > UINT64_MAX / kib ? UINT64_MAX :
								   value->number * kib;
}

static void pmu_get_fallbacks(const struct machine *machine, const void *row,
			      struct value *value)
{
	set_stat(value, row, STAT_CHUNK_FALLBACK);
}

static void pmu_get_failed(const struct machine *machine, const void *row, struct value *value)
{
	const struct pmu *pmu = row;
	uint64_t number;

	if (stats_failures(&pmu->stats, &number))
		set_number(value, number);
}

static void pmu_get_histogram(const struct machine *machine, const void *row,
			      struct value *value)
{
	const struct pmu *pmu = row;

	if (stats_chunks(&pmu->stats, STAT_CHUNK_LIVE, &value->chunks))
		value->type = VALUE_CHUNKS;
}

static void pmu_get_allocated(const struct machine *machine, const void *row,
			      struct value *value)
{
	set_stat(value, row, STAT_AREA_ALLOC);
}

static void pmu_get_slowest(const struct machine *machine, const void *row, struct value *value)
{
	set_stat(value, row, STAT_ALLOC_NS_MAX);
	if (value->type == VALUE_UINT)
		value->number /= 1000;
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
	  false, false, pmu_get_default },
	{ "SAVED", "saved_order", VALUE_UINT, "order that udev's rules give it at boot",
	  false, false, pmu_get_saved },
	{ "DRIFT", "drift", VALUE_STRING,
	  "how that differs from its order: none, changed, unsaved, refused, unsure",
	  false, false, pmu_get_drift },
	{ "SAVED-BY", "saved_by", VALUE_STRING, "file and line of the rule", false, false,
	  pmu_get_saved_by },
	{ "ACCESS", "access", VALUE_STRING, "rw; ro where the kernel lets nobody change it",
	  false, false, pmu_get_access },
	{ "AREAS", "area_live", VALUE_UINT, "AUX areas mapped now", true, true, pmu_get_areas },
	{ "LIVE-KIB", "live_kib", VALUE_UINT, "memory in them, in KiB", true, true,
	  pmu_get_live },
	{ "FALLBACK", "chunk_fallback", VALUE_UINT, "chunks smaller than asked for", true, true,
	  pmu_get_fallbacks },
	{ "FAIL", "area_fail", VALUE_UINT, "AUX areas that could not be allocated",
	  true, true, pmu_get_failed },
	{ "HISTOGRAM", "chunk_live", VALUE_CHUNKS,
	  "memory in live areas by chunk order, from order 0 on", true, true,
	  pmu_get_histogram },
	{ "ALLOCATED", "area_alloc", VALUE_UINT, "AUX areas allocated so far", false, true,
	  pmu_get_allocated },
	{ "SLOWEST-US", "alloc_us_max", VALUE_UINT, "longest time that took, in us", false,
	  true, pmu_get_slowest },
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

static void area_number(const struct machine *machine, const void *row, const char *column,
			struct value *value)
{
	int64_t number;

	if (areas_number(&machine->areas, *(const size_t *)row, column, &number))
		set_int(value, number);
}

static void area_string(const struct machine *machine, const void *row, const char *column,
			struct value *value)
{
	const char *cell = areas_cell(&machine->areas, *(const size_t *)row, column);

	/* A process may have no name at all. */
	if (cell && *cell)
		set_string(value, cell);
}

static void area_get_pid(const struct machine *machine, const void *row, struct value *value)
{
	area_number(machine, row, "pid", value);
}

static void area_get_comm(const struct machine *machine, const void *row, struct value *value)
{
	area_string(machine, row, "comm", value);
}

static void area_get_cpu(const struct machine *machine, const void *row, struct value *value)
{
	area_number(machine, row, "cpu", value);
}

static void area_get_kib(const struct machine *machine, const void *row, struct value *value)
{
	size_t kib = machine->page_size / 1024;
	int64_t pages;

	if (areas_number(&machine->areas, *(const size_t *)row, "pages", &pages) &&
	    pages >= 0 && pages <= (int64_t)(INT64_MAX / kib))
		set_int(value, pages * kib);
}

static void area_get_mode(const struct machine *machine, const void *row, struct value *value)
{
	area_string(machine, row, "mode", value);
}

static void area_get_order(const struct machine *machine, const void *row, struct value *value)
{
	area_number(machine, row, "max_order", value);
}

static void area_get_node(const struct machine *machine, const void *row, struct value *value)
{
	area_number(machine, row, "node", value);
}

/* "0.5s", "12s", "3m20s", "2h05m", "4d11h". */
static void area_get_age(const struct machine *machine, const void *row, struct value *value)
{
	int64_t ms, s;
	char *text;

	if (!areas_number(&machine->areas, *(const size_t *)row, "age_ms", &ms) || ms < 0)
		return;
	s = ms / 1000;
	if (s < 10)
		text = xasprintf("%" PRId64 ".%" PRId64 "s", s, ms / 100 % 10);
	else if (s < 60)
		text = xasprintf("%" PRId64 "s", s);
	else if (s < 3600)
		text = xasprintf("%" PRId64 "m%02" PRId64 "s", s / 60, s % 60);
	else if (s < 86400)
		text = xasprintf("%" PRId64 "h%02" PRId64 "m", s / 3600, s / 60 % 60);
	else
		text = xasprintf("%" PRId64 "d%02" PRId64 "h", s / 86400, s / 3600 % 24);
	value->type = VALUE_STRING;
	value->string = text;
}

static void area_get_chunks(const struct machine *machine, const void *row, struct value *value)
{
	struct chunks chunks;

	if (!areas_chunks(&machine->areas, *(const size_t *)row, &chunks))
		return;
	value->type = VALUE_STRING;
	value->string = chunks_words(&chunks, machine->page_size);
}

static const struct column area_table[] = {
	{ "PID", "pid", VALUE_INT, "process that mapped it", true, true, area_get_pid },
	{ "COMM", "comm", VALUE_STRING, "its name", true, true, area_get_comm },
	{ "CPU", "cpu", VALUE_INT, "CPU of the event, -1: follows a task", true, true,
	  area_get_cpu },
	{ "KIB", "size_kib", VALUE_INT, "size in KiB", true, true, area_get_kib },
	{ "MODE", "mode", VALUE_STRING, "rw or overwrite", true, true, area_get_mode },
	{ "MAX-ORDER", "max_order", VALUE_INT, "largest order allowed", true, true,
	  area_get_order },
	{ "NODE", "node", VALUE_INT, "NUMA node of the CPU", true, true, area_get_node },
	{ "AGE", "age", VALUE_STRING, "time since it was mapped", true, true, area_get_age },
	{ "CHUNKS", "chunks", VALUE_STRING, "what it is made of", true, true, area_get_chunks },
};

const struct column_set area_columns = {
	area_table, sizeof(area_table) / sizeof(area_table[0]),
};

static void probe_get_order(const struct machine *machine, const void *row, struct value *value)
{
	const struct probe_step *step = row;

	set_order(value, step->order);
}

static void probe_get_asked(const struct machine *machine, const void *row, struct value *value)
{
	const struct probe_step *step = row;

	set_order(value, step->asked);
}

static void probe_get_kib(const struct machine *machine, const void *row, struct value *value)
{
	const struct probe_step *step = row;

	if (step->asked >= 0)
		set_number(value, order_bytes(step->asked, machine->page_size) / 1024);
}

static void probe_get_count(const struct machine *machine, const void *row, struct value *value)
{
	const struct probe_step *step = row;

	if (step->source != PROBE_UNSEEN)
		set_number(value, chunks_total(&step->chunks));
}

static void probe_get_fallbacks(const struct machine *machine, const void *row,
				struct value *value)
{
	const struct probe_step *step = row;

	if (step->source != PROBE_UNSEEN && step->asked >= 0)
		set_number(value, step->fallbacks);
}

static void probe_get_as_asked(const struct machine *machine, const void *row,
			       struct value *value)
{
	int percent = probe_as_asked(row);

	if (percent >= 0)
		set_number(value, percent);
}

static void probe_get_time(const struct machine *machine, const void *row, struct value *value)
{
	const struct probe_step *step = row;

	if (step->stage == PROBE_MAPPED)
		set_number(value, step->map_ns / 1000);
}

static void probe_get_gone(const struct machine *machine, const void *row, struct value *value)
{
	const struct probe_step *step = row;
	int huge = machine_huge_order(machine);

	if (huge >= 0 && step->before.orders && step->during.orders)
		set_number(value, probe_blocks_gone(step, huge));
}

static void probe_get_chunks(const struct machine *machine, const void *row, struct value *value)
{
	const struct probe_step *step = row;

	if (step->source == PROBE_UNSEEN)
		return;
	value->type = VALUE_STRING;
	value->string = chunks_words(&step->chunks, machine->page_size);
}

static const struct column probe_table[] = {
	{ "ORDER", "order", VALUE_UINT, "aux_max_order it was mapped with", true, false,
	  probe_get_order },
	{ "ASKED", "asked_order", VALUE_UINT,
	  "largest order the kernel asked for: half of the area bounds it, too", true, false,
	  probe_get_asked },
	{ "KIB", "chunk_kib", VALUE_UINT, "size of such a chunk in KiB", true, false,
	  probe_get_kib },
	{ "CHUNKS", "chunk_count", VALUE_UINT, "chunks handed out", true, false,
	  probe_get_count },
	{ "FALLBACK", "chunk_fallback", VALUE_UINT, "of these, smaller than asked for", true,
	  false, probe_get_fallbacks },
	{ "AS-ASKED%", "as_asked_percent", VALUE_UINT, "share of the area in chunks as asked for",
	  true, false, probe_get_as_asked },
	{ "MMAP-US", "map_us", VALUE_UINT, "time mmap() took, in us", true, false,
	  probe_get_time },
	{ "HUGE", "huge_blocks_gone", VALUE_UINT,
	  "free blocks of the size of a huge page that were gone while it was mapped", true,
	  false, probe_get_gone },
	{ "GOT", "got", VALUE_STRING, "what was handed out", true, false, probe_get_chunks },
};

const struct column_set probe_columns = {
	probe_table, sizeof(probe_table) / sizeof(probe_table[0]),
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
	char *safe = text_excerpt(name);
	char *why = xasprintf("no column '%s'; there are", safe);

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
	copy = xstrdup(list);
	rest = copy;
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

bool value_is_number(enum value_type type)
{
	return type == VALUE_UINT || type == VALUE_INT;
}

char *chunks_text(const struct chunks *chunks, bool utf8)
{
	char *text = xcalloc(chunks->orders + 1, 3), *p = text;
	double total = 0;

	for (int i = 0; i < chunks->orders; i++)
		total += chunks_pages(chunks, i);
	for (int i = 0; i < chunks->orders; i++) {
		double share = chunks->nr[i] ? chunks_pages(chunks, i) / total : 0;
		int eighths = share * 8 + 0.5, tenths = share * 10;

		if (!chunks->nr[i])
			*p++ = '.';
		else if (utf8)
			/* U+2581 to U+2588: something is never drawn as nothing. */
			p += sprintf(p, "\xe2\x96%c", 0x80 + (eighths < 1 ? 1 : eighths));
		else
			*p++ = '0' + (tenths < 1 ? 1 : tenths > 9 ? 9 : tenths);
	}
	return text;
}

char *chunks_words(const struct chunks *chunks, size_t page_size)
{
	char *words = xstrdup("");

	for (int i = chunks->orders - 1; i >= 0; i--) {
		char size[24], *longer;

		if (!chunks->nr[i])
			continue;
		longer = xasprintf("%s%s%" PRIu64 " x %s", words, *words ? ", " : "",
				   chunks->nr[i],
				   order_size_text(size, order_bytes(i, page_size)));
		free(words);
		words = longer;
	}
	if (*words)
		return words;
	free(words);
	return xstrdup("-");
}

char *value_text(const struct value *value, bool utf8)
{
	switch (value->type) {
	case VALUE_UINT:
		return xasprintf("%" PRIu64, value->number);
	case VALUE_INT:
		return xasprintf("%" PRId64, (int64_t)value->number);
	case VALUE_CHUNKS:
		return chunks_text(&value->chunks, utf8);
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
