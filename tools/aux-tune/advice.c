// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "advice.h"
#include "auxmap.h"
#include "column.h"
#include "text.h"
#include "xalloc.h"

/* Entries of a table page that point to chunks; the others are the driver's and the link. */
static uint64_t table_entries(const struct machine *machine)
{
	return machine->page_size / 8 - 6;
}

static uint64_t tables(const struct machine *machine, const struct probe_step *step)
{
	uint64_t entries = table_entries(machine);

	return (chunks_total(&step->chunks) + entries - 1) / entries;
}

static bool seen(const struct probe_step *step)
{
	return step->stage == PROBE_MAPPED && step->source != PROBE_UNSEEN;
}

/* The first and the last of the steps that were mapped, NULL for none. */
static const struct probe_step *lowest(const struct probe_step *steps, int nr)
{
	for (int i = 0; i < nr; i++)
		if (steps[i].stage == PROBE_MAPPED)
			return &steps[i];
	return NULL;
}

static const struct probe_step *highest(const struct probe_step *steps, int nr)
{
	for (int i = nr - 1; i >= 0; i--)
		if (steps[i].stage == PROBE_MAPPED)
			return &steps[i];
	return NULL;
}

/* The largest order with all chunks as asked, and with all below it, too. */
static const struct probe_step *best_without_fallback(const struct probe_step *steps, int nr)
{
	const struct probe_step *best = NULL;

	for (int i = 0; i < nr && seen(&steps[i]) && !steps[i].fallbacks; i++)
		best = &steps[i];
	return best;
}

/* The smallest order whose chunks fit into one table; what is above it buys nothing. */
static const struct probe_step *first_in_one_table(const struct machine *machine,
						   const struct probe_step *steps, int nr)
{
	for (int i = 0; i < nr; i++)
		if (seen(&steps[i]) && tables(machine, &steps[i]) == 1)
			return &steps[i];
	return NULL;
}

/* "1.2 ms", "830 us" */
static const char *time_text(char *buf, size_t size, uint64_t ns)
{
	if (ns >= 10000000)
		snprintf(buf, size, "%" PRIu64 " ms", ns / 1000000);
	else if (ns >= 1000000)
		snprintf(buf, size, "%.1f ms", ns / 1e6);
	else
		snprintf(buf, size, "%" PRIu64 " us", ns / 1000);
	return buf;
}

/* "3 of 10 chunks at order 9 came smaller, ..." as the reason not to go that far. */
static char *fragmentation(const struct machine *machine, const struct probe_step *step)
{
	uint64_t free = 0, usable = 0;

	for (int i = 0; i < step->before.orders; i++) {
		free += step->before.free[i] << i;
		if (i >= step->asked)
			usable += step->before.free[i] << i;
	}
	return xasprintf("at order %d, %" PRIu64 " of %" PRIu64 " chunks came smaller than asked, which leaves %d%% of the area as asked, and only %" PRIu64 "%% of free memory was in blocks that large",
			 step->order, step->fallbacks, chunks_total(&step->chunks),
			 probe_as_asked(step), free ? usable * 100 / free : 0);
}

static const struct probe_step *first_fallback(const struct probe_step *steps, int nr)
{
	for (int i = 0; i < nr; i++)
		if (seen(&steps[i]) && steps[i].fallbacks)
			return &steps[i];
	return NULL;
}

/* "16384 chunks (33 pages of tables)" */
static char *chunks_phrase(const struct machine *machine, const struct pmu *pmu,
			   const struct probe_step *step)
{
	uint64_t nr = tables(machine, step);

	if (strcmp(pmu->name, "intel_pt"))
		return xasprintf("%" PRIu64 " table entries", chunks_total(&step->chunks));
	return xasprintf("%" PRIu64 " chunks (%" PRIu64 " page%s of tables)",
			 chunks_total(&step->chunks), nr, nr == 1 ? "" : "s");
}

/* The first words of what to do. */
static const char *keep_or_set(const struct pmu *pmu, int order)
{
	return order == pmu->order ? "Leave it at" : "Set";
}

static char *nice_text(const struct machine *machine, const struct pmu *pmu,
		       const struct probe_step *low, const struct probe_step *steps, int nr)
{
	const struct probe_step *target = first_in_one_table(machine, steps, nr);
	const struct probe_step *best = best_without_fallback(steps, nr);
	const struct probe_step *bad = first_fallback(steps, nr);
	char *have, *would, *why, *text;
	char fast[32], slow[32], size[24];

	if (target == low)
		return xasprintf("%s order %d: the area takes %" PRIu64 " chunks, which fit into one table, so larger ones buy nothing.",
				 keep_or_set(pmu, low->order), low->order,
				 chunks_total(&low->chunks));
	have = chunks_phrase(machine, pmu, low);
	if (!best || best == low) {
		why = bad ? fragmentation(machine, bad) : xstrdup("no larger order was had");
		text = xasprintf("%s order %d (%s): memory is too fragmented for more: %s.",
				 keep_or_set(pmu, low->order), low->order, have, why);
		free(have);
		free(why);
		return text;
	}
	if (target && target->order < best->order)
		best = target;
	would = chunks_phrase(machine, pmu, best);
	text = xasprintf("Order %d (%s) is as far as it is worth going, if events are started and stopped often: %s instead of %s, and none smaller than asked; otherwise %s %d. mmap() took %s, and %s at order %d.",
			 best->order,
			 order_size_text(size, order_bytes(best->order, machine->page_size)),
			 would, have,
			 low->order == pmu->order ? "leave it at" : "set", low->order,
			 time_text(fast, sizeof(fast), best->map_ns),
			 time_text(slow, sizeof(slow), low->map_ns), low->order);
	if (bad && (!target || bad->order <= target->order)) {
		char *longer;

		why = fragmentation(machine, bad);
		longer = xasprintf("%s Memory is too fragmented for more: %s.", text, why);
		free(why);
		free(text);
		text = longer;
	}
	free(have);
	free(would);
	return text;
}

static char *dont_care_text(const struct machine *machine, const struct pmu *pmu,
			    const struct probe_step *steps, int nr)
{
	const struct probe_step *low = lowest(steps, nr), *high = highest(steps, nr);
	char size[24], slow[32], fast[32];

	return xasprintf("%s order %d: %s. Order %d makes it %" PRIu64 " chunks of up to %s instead of %" PRIu64 ", mapped in %s instead of %s, and the driver makes no use of that.",
			 keep_or_set(pmu, pmu->default_order), pmu->default_order,
			 pmu->kind.reason, high->order,
			 chunks_total(&high->chunks),
			 order_size_text(size, order_bytes(high->asked, machine->page_size)),
			 chunks_total(&low->chunks),
			 time_text(fast, sizeof(fast), high->map_ns),
			 time_text(slow, sizeof(slow), low->map_ns));
}

static char *unknown_text(const struct machine *machine, const struct pmu *pmu,
			  const struct probe_step *steps, int nr)
{
	const struct probe_step *best = best_without_fallback(steps, nr);
	const struct probe_step *bad = first_fallback(steps, nr);
	char *why, *text;

	if (!bad)
		return xasprintf("%s order %d unless the documentation of the driver says otherwise: what larger chunks are worth to it is not known; all orders up to %d were had without fallback.",
				 keep_or_set(pmu, pmu->default_order), pmu->default_order,
				 best ? best->order : pmu->default_order);
	why = fragmentation(machine, bad);
	text = xasprintf("%s order %d: what larger chunks are worth to this driver is not known, and memory is fragmented: %s.",
			 keep_or_set(pmu, pmu->default_order), pmu->default_order, why);
	free(why);
	return text;
}

/* One area says what is, not what would be better. */
static char *single_text(const struct machine *machine, const struct pmu *pmu,
			 const struct probe_step *step)
{
	char *words = chunks_words(&step->chunks, machine->page_size);
	char *text = NULL, *why;
	char took[32];

	time_text(took, sizeof(took), step->map_ns);
	if (pmu->access == AUX_ACCESS_NONE)
		text = xasprintf("This kernel made the area of %s in %s; without aux_max_order that cannot be changed.",
				 words, took);
	else if (pmu->access == AUX_ACCESS_RO && step->fallbacks)
		text = xasprintf("It must have large chunks, and was given %s in %s, %" PRIu64 " of them smaller than asked: lower aux_max_order of the other PMUs, or compact memory (echo 1 > /proc/sys/vm/compact_memory).",
				 words, took, step->fallbacks);
	else if (pmu->access == AUX_ACCESS_RO)
		text = xasprintf("There is nothing to tune: it must have large chunks, and was given %s in %s, none smaller than asked.",
				 words, took);
	else if (!step->fallbacks)
		text = xasprintf("Order %d was had: %s in %s, none smaller than asked; what other orders cost was not tried.",
				 step->order, words, took);
	free(words);
	if (text)
		return text;
	why = fragmentation(machine, step);
	text = xasprintf("Order %d is more than memory has to offer: %s.", step->order, why);
	free(why);
	return text;
}

static char *unseen_text(const struct machine *machine, const struct pmu *pmu,
			 const struct probe_step *steps, int nr)
{
	const struct probe_step *low = lowest(steps, nr), *high = highest(steps, nr);
	char slow[32], fast[32];

	time_text(slow, sizeof(slow), low->map_ns);
	if (low == high)
		return xasprintf("The area could be mapped, in %s; what it was made of only root can see.",
				 slow);
	return xasprintf("mmap() took %s at order %d and %s at order %d; what was handed out cannot be seen without debugfs or tracefs, so that is all there is to decide from.",
			 slow, low->order, time_text(fast, sizeof(fast), high->map_ns),
			 high->order);
}

char *advice_text(const struct machine *machine, const struct pmu *pmu,
		  const struct probe_options *options, const struct probe_step *steps, int nr)
{
	const struct probe_step *low = lowest(steps, nr), *high = highest(steps, nr);

	if (!low)
		return NULL;
	if (!seen(low) || !seen(high))
		return unseen_text(machine, pmu, steps, nr);
	if (low == high)
		return single_text(machine, pmu, low);
	switch (pmu->kind.kind) {
	case KIND_NICE:
		return nice_text(machine, pmu, low, steps, nr);
	case KIND_DONT_CARE:
		return dont_care_text(machine, pmu, steps, nr);
	default:
		return unknown_text(machine, pmu, steps, nr);
	}
}

/* ----- what went wrong ----- */

static char *event_denied(const struct limits *limits)
{
	if (limits->paranoid_known && limits->paranoid > 2)
		return xasprintf("perf_event_paranoid is %d, so only privileged users may trace: sysctl kernel.perf_event_paranoid=2 lets everybody trace tasks of their own, or use root (CAP_PERFMON)",
				 limits->paranoid);
	if (limits->paranoid_known && limits->paranoid > 0)
		return xasprintf("perf_event_paranoid is %d, and this PMU cannot trace a task in user space alone: it takes root (CAP_PERFMON), or sysctl kernel.perf_event_paranoid=0",
				 limits->paranoid);
	return xstrdup("no permission to open an event: it takes root (CAP_PERFMON), or a security policy forbids it");
}

static char *locked_memory(const struct machine *machine, const struct limits *limits,
			   uint64_t size)
{
	uint64_t page_size = machine->page_size;
	uint64_t pages = size / page_size + AUXMAP_DATA_PAGES;
	uint64_t mlock_kib, memlock_kib;
	char *hard = NULL, *text;
	char area[24];

	if (!limits->mlock_kib || limits_allow(limits, page_size, pages))
		return xstrdup("more memory would be locked than perf_event_mlock_kb and RLIMIT_MEMLOCK allow; other buffers of this user count, too");
	mlock_kib = limits_mlock_kib(limits, page_size, pages);
	memlock_kib = limits_memlock_kib(limits, page_size, pages);
	if (limits->memlock_max / 1024 < memlock_kib)
		hard = xasprintf("; above the hard limit of %" PRIu64 " only root can, for example in /etc/security/limits.conf",
				 limits->memlock_max / 1024);
	text = xasprintf("an area of %s is above what this user may lock: raise perf_event_mlock_kb from %" PRIu64 " to %" PRIu64 " (sysctl kernel.perf_event_mlock_kb=%" PRIu64 ", times %u CPUs), or RLIMIT_MEMLOCK from %" PRIu64 " to %" PRIu64 " KiB (ulimit -l %" PRIu64 "%s), or use root (CAP_IPC_LOCK); other buffers of perf come on top",
			 order_size_text(area, size), limits->mlock_kib, mlock_kib, mlock_kib,
			 limits->cpus, limits->memlock / 1024, memlock_kib, memlock_kib,
			 hard ?: "");
	free(hard);
	return text;
}

/* A PMU that must have one chunk: too large for any block, or no block that large is free. */
static char *one_chunk(const struct machine *machine, const struct probe_options *options,
		       const struct probe_step *step)
{
	char size[24], largest[24];
	int order = 0;

	order_size_text(size, options->size);
	while (order_bytes(order, machine->page_size) < options->size)
		order++;
	if (machine->max_order != ORDER_UNKNOWN && order > machine->max_order)
		return xasprintf("in overwrite mode it must be one chunk, and %s is more than the largest block, %s: give --size %s or less",
				 size, order_size_text(largest, order_bytes(machine->max_order,
									    machine->page_size)),
				 largest);
	return xasprintf("in overwrite mode it must be one chunk of order %d, and %" PRIu64 " such blocks were free: memory is fragmented; lower aux_max_order of other PMUs, compact memory (echo 1 > /proc/sys/vm/compact_memory), or give a smaller --size",
			 order, probe_blocks_from(&step->before, order));
}

static char *no_memory(const struct machine *machine, const struct pmu *pmu,
		       const struct probe_options *options, const struct probe_step *step)
{
	uint64_t pages = options->size / machine->page_size;
	bool must = pmu->kind.kind == KIND_MUST;
	const struct stat_cause *cause;
	char largest[24], size[24];
	uint64_t free = 0;

	if (!strcmp(step->cause, "area_fail_max_order") ||
	    !strcmp(step->cause, "area_fail_no_block") || !*step->cause)
		if (must && options->overwrite)
			return one_chunk(machine, options, step);
	if (*step->cause) {
		cause = stats_cause(step->cause);
		return xasprintf("%s (%s): %s", cause->what, step->cause, cause->advice);
	}
	if (machine->max_order != ORDER_UNKNOWN &&
	    pages * 8 > order_bytes(machine->max_order, machine->page_size)) {
		order_size_text(largest, machine->page_size / 8 *
				order_bytes(machine->max_order, machine->page_size));
		return xasprintf("the array with the addresses of its pages does not fit into the largest block: no area is larger than %s",
				 largest);
	}
	for (int i = 0; i < step->before.orders; i++)
		free += step->before.free[i] << i;
	text_amount(size, sizeof(size), free * machine->page_size);
	return xasprintf("no memory for it, with %s free, or the driver refused this size: see its documentation for the sizes it supports",
			 size);
}

static char *busy(const struct machine *machine, const struct pmu *pmu)
{
	for (size_t row = 0; row < machine->areas.nr_rows; row++) {
		const char *pid = areas_cell(&machine->areas, row, "pid");
		const char *comm = areas_cell(&machine->areas, row, "comm");

		if (areas_is_of(&machine->areas, row, pmu->name) && pid && comm)
			return xasprintf("it is in use by %s (pid %s), and has room for one user: try again when that has ended",
					 comm, pid);
	}
	return xstrdup("it is in use by another event that excludes all others (perf record?), or by the kernel: try again when that has ended");
}

char *advice_failure(const struct machine *machine, const struct pmu *pmu,
		     const struct probe_options *options, const struct limits *limits,
		     const struct probe_step *step)
{
	uint64_t size = step->stage == PROBE_DATA ? 0 : options->size;
	int error = -step->error;

	if (step->stage == PROBE_SETTING)
		return xasprintf("order %d could not be written: %s", step->order,
				 strerror(error));
	if (error == EBUSY)
		return busy(machine, pmu);
	if (step->stage == PROBE_EVENT) {
		if (error == EACCES || error == EPERM)
			return event_denied(limits);
		if (error == ENOSYS)
			return xstrdup("perf_event_open() is not there: a kernel without perf, or a container that forbids it");
		return xasprintf("no event could be opened: %s", strerror(error));
	}
	switch (error) {
	case EPERM:
		return locked_memory(machine, limits, size);
	case ENOMEM:
		return no_memory(machine, pmu, options, step);
	case EOPNOTSUPP:
		return xstrdup("it has no AUX area, so there is nothing to tune");
	case EINVAL:
		return xstrdup("the kernel does not take an area of this size: it has to be 2^n pages");
	case EINTR:
		return xstrdup("it was given up because the task was being killed");
	case ENODEV:
		return xstrdup("the PMU has gone away");
	case EACCES:
		return xstrdup("a security policy forbids mapping it");
	}
	return xasprintf("mmap() failed: %s", strerror(error));
}

enum exit_status advice_status(const struct probe_step *step)
{
	switch (-step->error) {
	case 0:
		return STATUS_OK;
	case EPERM:
	case EACCES:
		return STATUS_NO_PERMISSION;
	case EOPNOTSUPP:
		return STATUS_REFUSED;
	case ENODEV:
		return STATUS_NO_PMU;
	}
	return STATUS_FAILURE;
}
