// SPDX-License-Identifier: GPL-2.0-only
/*
 * Statistics of AUX areas: who got which chunks, what fell back to smaller
 * ones, and what failed.
 *
 * AUX areas come and go with the mmap() and munmap() of whole buffers, so
 * everything is under one mutex, and what a reader sees is true for one
 * instant. Nothing is counted while a trace is running.
 */

#include <linux/cleanup.h>
#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/kref.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/perf_event.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string_helpers.h>
#include <linux/topology.h>

#include "aux_stats.h"

#define CREATE_TRACE_POINTS
#include "aux_trace.h"

/*
 * Nests inside of perf_buffer::aux_mutex, and so inside of mmap_lock: don't
 * hold it across anything that may fault in user memory, nor create or remove
 * files in debugfs under it.
 */
static DEFINE_MUTEX(perf_aux_lock);
static LIST_HEAD(perf_aux_areas);

/* Protects the creation and removal of files, and the PMUs that have them. */
static DEFINE_MUTEX(perf_aux_files_lock);
static LIST_HEAD(perf_aux_pmus);
static struct dentry *perf_aux_dir;

/* Accounting */

static void perf_aux_stats_release(struct kref *ref)
{
	kfree(container_of(ref, struct perf_aux_stats, ref));
}

/**
 * perf_aux_area_begin() - an AUX area is about to be allocated
 * @area:	Area, not live.
 * @pmu:	PMU it is for, with an AUX area.
 * @cpu:	CPU of the event, or -1.
 * @nr_pages:	Size in pages.
 * @overwrite:	In overwrite mode.
 */
void perf_aux_area_begin(struct perf_aux_area *area, const struct pmu *pmu,
			 int cpu, unsigned int nr_pages, bool overwrite)
{
	*area = (struct perf_aux_area) {
		.stats		= pmu->aux_stats,
		.cpu		= cpu,
		.node		= cpu == -1 ? NUMA_NO_NODE : cpu_to_node(cpu),
		.nr_pages	= nr_pages,
		.overwrite	= overwrite,
		.start		= ktime_get_ns(),
	};
}

/**
 * perf_aux_area_end() - the allocation of an AUX area has come to an end
 * @area:	Area that perf_aux_area_begin() was called for.
 * @outcome:	What became of it. With PERF_AUX_ALLOCATED, the area is live now.
 */
void perf_aux_area_end(struct perf_aux_area *area, enum perf_aux_outcome outcome)
{
	struct perf_aux_stats *stats = area->stats;
	u64 alloc_ns = ktime_get_ns() - area->start;
	unsigned int order;

	trace_perf_aux_alloc(area, outcome, alloc_ns);

	guard(mutex)(&perf_aux_lock);

	stats->outcome[outcome]++;
	stats->chunk_fallback += area->fallback;
	for (order = 0; order < NR_PAGE_ORDERS; order++)
		stats->chunk_alloc[order] += area->chunks[order];

	if (outcome != PERF_AUX_ALLOCATED)
		return;

	stats->alloc_ns_total += alloc_ns;
	stats->alloc_ns_max = max(stats->alloc_ns_max, alloc_ns);

	stats->area_live++;
	stats->page_live += area->nr_pages;
	for (order = 0; order < NR_PAGE_ORDERS; order++)
		stats->chunk_live[order] += area->chunks[order];

	kref_get(&stats->ref);
	area->pid = get_pid(task_tgid(current));
	get_task_comm(area->comm, current->group_leader);
	list_add_tail(&area->entry, &perf_aux_areas);
}

/**
 * perf_aux_area_free() - the chunks of a live AUX area are about to be freed
 * @area:	Area.
 *
 * The PMU may have been unregistered.
 */
void perf_aux_area_free(struct perf_aux_area *area)
{
	struct perf_aux_stats *stats = area->stats;
	unsigned int order;

	trace_perf_aux_free(area, ktime_get_ns() - area->start);

	scoped_guard(mutex, &perf_aux_lock) {
		stats->area_live--;
		stats->page_live -= area->nr_pages;
		for (order = 0; order < NR_PAGE_ORDERS; order++)
			stats->chunk_live[order] -= area->chunks[order];

		list_del(&area->entry);
	}

	put_pid(area->pid);
	kref_put(&stats->ref, perf_aux_stats_release);
}

/* Files */

static const char * const perf_aux_outcome_names[PERF_AUX_NR_OUTCOMES] = {
	[PERF_AUX_ALLOCATED]		= "area_alloc",
	[PERF_AUX_FAIL_MAX_ORDER]	= "area_fail_max_order",
	[PERF_AUX_FAIL_PAGE_ARRAY]	= "area_fail_page_array",
	[PERF_AUX_FAIL_NO_BLOCK]	= "area_fail_no_block",
	[PERF_AUX_FAIL_SETUP]		= "area_fail_setup",
	[PERF_AUX_FAIL_INTERRUPTED]	= "area_fail_interrupted",
};

/* Names are only ever added. */
static int stats_show(struct seq_file *m, void *v)
{
	const struct perf_aux_stats *stats = m->private;
	unsigned int i;

	guard(mutex)(&perf_aux_lock);

	seq_printf(m, "area_live %llu\n", stats->area_live);
	seq_printf(m, "page_live %llu\n", stats->page_live);
	for (i = 0; i < PERF_AUX_NR_OUTCOMES; i++)
		seq_printf(m, "%s %llu\n", perf_aux_outcome_names[i], stats->outcome[i]);
	seq_printf(m, "chunk_fallback %llu\n", stats->chunk_fallback);
	for (i = 0; i < NR_PAGE_ORDERS; i++)
		seq_printf(m, "chunk_live_order_%u %llu\n", i, stats->chunk_live[i]);
	for (i = 0; i < NR_PAGE_ORDERS; i++)
		seq_printf(m, "chunk_alloc_order_%u %llu\n", i, stats->chunk_alloc[i]);
	seq_printf(m, "alloc_ns_total %llu\n", stats->alloc_ns_total);
	seq_printf(m, "alloc_ns_max %llu\n", stats->alloc_ns_max);

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

/* So that a name is exactly one word, and can't act on a terminal. */
static void seq_word(struct seq_file *m, const char *name)
{
	if (!*name)
		name = "-";

	seq_escape_mem(m, name, strlen(name),
		       ESCAPE_OCTAL | ESCAPE_NAP | ESCAPE_APPEND, " \\");
}

/* Columns are only ever added, at the end. */
static int areas_show(struct seq_file *m, void *v)
{
	struct pid_namespace *ns = task_active_pid_ns(current);
	const struct perf_aux_area *area;
	u64 now;

	seq_puts(m, "pmu cpu pid comm pages mode max_order node age_ms chunks\n");

	guard(mutex)(&perf_aux_lock);

	now = ktime_get_ns();
	list_for_each_entry(area, &perf_aux_areas, entry) {
		unsigned int order, nr = 0;

		seq_word(m, area->stats->name);
		seq_printf(m, " %d %d ", area->cpu, pid_nr_ns(area->pid, ns));
		seq_word(m, area->comm);
		seq_printf(m, " %u %s %u %d %llu ", area->nr_pages,
			   area->overwrite ? "overwrite" : "rw", area->max_order,
			   area->node, div_u64(now - area->start, NSEC_PER_MSEC));

		for (order = 0; order < NR_PAGE_ORDERS; order++) {
			if (area->chunks[order])
				seq_printf(m, "%s%u:%u", nr++ ? "," : "", order,
					   area->chunks[order]);
		}
		seq_putc(m, '\n');
	}

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(areas);

static void perf_aux_stats_add_files(struct perf_aux_stats *stats)
{
	lockdep_assert_held(&perf_aux_files_lock);

	stats->dir = debugfs_create_dir(stats->name, perf_aux_dir);
	debugfs_create_file("stats", 0444, stats->dir, stats, &stats_fops);
}

/**
 * perf_aux_stats_register() - start keeping statistics of a PMU
 * @pmu:	PMU being registered.
 *
 * Return: 0 or -ENOMEM.
 */
int perf_aux_stats_register(struct pmu *pmu)
{
	struct perf_aux_stats *stats;
	size_t name_size;

	pmu->aux_stats = NULL;
	if (!pmu->setup_aux)
		return 0;

	name_size = strlen(pmu->name) + 1;
	stats = kzalloc_flex(*stats, name, name_size);
	if (!stats)
		return -ENOMEM;

	kref_init(&stats->ref);
	strscpy(stats->name, pmu->name, name_size);

	scoped_guard(mutex, &perf_aux_files_lock) {
		list_add_tail(&stats->entry, &perf_aux_pmus);
		/* Before debugfs is up, perf_aux_stats_init() does it. */
		if (perf_aux_dir)
			perf_aux_stats_add_files(stats);
	}

	pmu->aux_stats = stats;
	return 0;
}

/**
 * perf_aux_stats_unregister() - stop keeping statistics of a PMU
 * @pmu:	PMU being unregistered; nobody can allocate AUX areas for it.
 *
 * Areas that are still mapped stay live.
 */
void perf_aux_stats_unregister(struct pmu *pmu)
{
	struct perf_aux_stats *stats = pmu->aux_stats;

	if (!stats)
		return;

	scoped_guard(mutex, &perf_aux_files_lock) {
		list_del(&stats->entry);
		debugfs_remove(stats->dir);
	}

	pmu->aux_stats = NULL;
	kref_put(&stats->ref, perf_aux_stats_release);
}

static int __init perf_aux_stats_init(void)
{
	struct perf_aux_stats *stats;

	guard(mutex)(&perf_aux_files_lock);

	perf_aux_dir = debugfs_create_dir("perf_aux", NULL);
	debugfs_create_file("areas", 0400, perf_aux_dir, NULL, &areas_fops);

	list_for_each_entry(stats, &perf_aux_pmus, entry)
		perf_aux_stats_add_files(stats);

	return 0;
}
postcore_initcall(perf_aux_stats_init);
