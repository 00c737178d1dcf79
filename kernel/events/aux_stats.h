/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KERNEL_EVENTS_AUX_STATS_H
#define _KERNEL_EVENTS_AUX_STATS_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mmzone.h>
#include <linux/sched.h>
#include <linux/types.h>

#include "aux_policy.h"

struct dentry;
struct pmu;

/* What became of an attempt to allocate an AUX area. */
enum perf_aux_outcome {
	PERF_AUX_ALLOCATED,
	PERF_AUX_FAIL_MAX_ORDER,	/* has to be one chunk, too large for any */
	PERF_AUX_FAIL_PAGE_ARRAY,	/* no memory for the array of pages */
	PERF_AUX_FAIL_NO_BLOCK,		/* no chunk that is large enough */
	PERF_AUX_FAIL_SETUP,		/* the driver refused it */
	PERF_AUX_FAIL_INTERRUPTED,	/* the task was killed */
	PERF_AUX_NR_OUTCOMES
};

#ifdef CONFIG_PERF_AUX_STATS

/**
 * struct perf_aux_stats - statistics of a PMU
 * @ref:	The PMU while it is registered, and each live area.
 * @entry:	On the list of registered PMUs.
 * @dir:	Directory in debugfs.
 * @area_live:	Areas that are mapped.
 * @page_live:	Pages in them.
 * @chunk_live:	Chunks they are made of, per page order.
 * @outcome:	Attempts to allocate an area, by what became of them.
 * @chunk_alloc: Chunks ever handed out, per page order; also those that were
 *		given back because the allocation of the area failed later.
 * @chunk_fallback: Chunks smaller than asked for.
 * @alloc_ns_total: Time it took to allocate areas and to set them up; failures
 *		don't count.
 * @alloc_ns_max: The longest of these times.
 * @name:	Name of the PMU.
 *
 * All counters change together, so that a reader sees them agree.
 */
struct perf_aux_stats {
	struct kref		ref;
	struct list_head	entry;
	struct dentry		*dir;

	u64			area_live;
	u64			page_live;
	u64			chunk_live[NR_PAGE_ORDERS];

	u64			outcome[PERF_AUX_NR_OUTCOMES];
	u64			chunk_alloc[NR_PAGE_ORDERS];
	u64			chunk_fallback;
	u64			alloc_ns_total;
	u64			alloc_ns_max;

	char			name[];
};

/**
 * struct perf_aux_area - what is known of an AUX area
 * @entry:	On the list of live areas.
 * @stats:	Statistics of the PMU; holds a reference while the area is live.
 * @pid:	Thread group that mapped the area first; holds a reference while
 *		the area is live.
 * @comm:	Its name at that time.
 * @cpu:	CPU of the event, or -1 if it follows a task.
 * @node:	NUMA node that was asked for, or NUMA_NO_NODE.
 * @nr_pages:	Size in pages.
 * @overwrite:	Mapped in overwrite mode.
 * @max_order:	Largest page order that policy, watermark and mode allowed.
 * @fallback:	Chunks smaller than that, though a larger one would have fit.
 * @chunks:	Chunks handed out, per page order.
 * @start:	When the allocation began, in ns of the monotonic clock.
 */
struct perf_aux_area {
	struct list_head	entry;
	struct perf_aux_stats	*stats;
	struct pid		*pid;
	char			comm[TASK_COMM_LEN];
	int			cpu;
	int			node;
	unsigned int		nr_pages;
	bool			overwrite;
	unsigned int		max_order;
	unsigned int		fallback;
	unsigned int		chunks[NR_PAGE_ORDERS];
	u64			start;
};

int perf_aux_stats_register(struct pmu *pmu);
void perf_aux_stats_unregister(struct pmu *pmu);

void perf_aux_area_begin(struct perf_aux_area *area, const struct pmu *pmu,
			 int cpu, unsigned int nr_pages, bool overwrite);
void perf_aux_area_end(struct perf_aux_area *area, enum perf_aux_outcome outcome);
void perf_aux_area_free(struct perf_aux_area *area);

static inline void perf_aux_area_orders(struct perf_aux_area *area,
					const struct perf_aux_chunking *chunking)
{
	area->max_order = chunking->max_order;
}

/* @nr chunks of @order were handed out when the area had @nr_left pages to go. */
static inline void perf_aux_area_chunks(struct perf_aux_area *area, unsigned int order,
					unsigned int nr, unsigned int nr_left)
{
	area->chunks[order] += nr;
	/* The last chunk of an area couldn't have been larger. */
	if (order < area->max_order)
		area->fallback += min(nr, (nr_left >> order) - 1);
}

#else /* !CONFIG_PERF_AUX_STATS */

struct perf_aux_area { };

static inline int perf_aux_stats_register(struct pmu *pmu)
{
	return 0;
}

static inline void perf_aux_stats_unregister(struct pmu *pmu) { }

static inline void perf_aux_area_begin(struct perf_aux_area *area, const struct pmu *pmu,
				       int cpu, unsigned int nr_pages, bool overwrite) { }
static inline void perf_aux_area_end(struct perf_aux_area *area,
				     enum perf_aux_outcome outcome) { }
static inline void perf_aux_area_free(struct perf_aux_area *area) { }
static inline void perf_aux_area_orders(struct perf_aux_area *area,
					const struct perf_aux_chunking *chunking) { }
static inline void perf_aux_area_chunks(struct perf_aux_area *area, unsigned int order,
					unsigned int nr, unsigned int nr_left) { }

#endif /* CONFIG_PERF_AUX_STATS */

#endif /* _KERNEL_EVENTS_AUX_STATS_H */
