/* SPDX-License-Identifier: GPL-2.0-only */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM perf_aux

#if !defined(_KERNEL_EVENTS_AUX_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _KERNEL_EVENTS_AUX_TRACE_H

#include <linux/tracepoint.h>

#include "aux_stats.h"

#define perf_aux_outcomes				\
	EM(PERF_AUX_ALLOCATED,		"allocated")	\
	EM(PERF_AUX_FAIL_MAX_ORDER,	"max_order")	\
	EM(PERF_AUX_FAIL_PAGE_ARRAY,	"page_array")	\
	EM(PERF_AUX_FAIL_NO_BLOCK,	"no_block")	\
	EM(PERF_AUX_FAIL_SETUP,		"setup")	\
	EMe(PERF_AUX_FAIL_INTERRUPTED,	"interrupted")

#undef EM
#undef EMe
#define EM(a, b)	TRACE_DEFINE_ENUM(a);
#define EMe(a, b)	TRACE_DEFINE_ENUM(a);

perf_aux_outcomes

#undef EM
#undef EMe
#define EM(a, b)	{ a, b },
#define EMe(a, b)	{ a, b }

/*
 * An attempt to allocate an AUX area came to its end. If it failed, the chunks
 * are those that were handed out before, and are given back next.
 */
TRACE_EVENT(perf_aux_alloc,

	TP_PROTO(const struct perf_aux_area *area, enum perf_aux_outcome outcome,
		 u64 alloc_ns),

	TP_ARGS(area, outcome, alloc_ns),

	TP_STRUCT__entry(
		__string(pmu, area->stats->name)
		__field(int, cpu)
		__field(int, node)
		__field(unsigned int, nr_pages)
		__field(bool, overwrite)
		__field(unsigned int, max_order)
		__field(unsigned int, outcome)
		__field(unsigned int, fallback)
		__field(u64, alloc_ns)
		__array(unsigned int, chunks, NR_PAGE_ORDERS)
	),

	TP_fast_assign(
		__assign_str(pmu);
		__entry->cpu		= area->cpu;
		__entry->node		= area->node;
		__entry->nr_pages	= area->nr_pages;
		__entry->overwrite	= area->overwrite;
		__entry->max_order	= area->max_order;
		__entry->outcome	= outcome;
		__entry->fallback	= area->fallback;
		__entry->alloc_ns	= alloc_ns;
		memcpy(__entry->chunks, area->chunks, sizeof(area->chunks));
	),

	TP_printk("pmu=%s cpu=%d node=%d pages=%u mode=%s max_order=%u outcome=%s fallback=%u alloc_ns=%llu chunks=%s",
		  __get_str(pmu), __entry->cpu, __entry->node, __entry->nr_pages,
		  __entry->overwrite ? "overwrite" : "rw", __entry->max_order,
		  __print_symbolic(__entry->outcome, perf_aux_outcomes),
		  __entry->fallback, __entry->alloc_ns,
		  __print_array(__entry->chunks, NR_PAGE_ORDERS, 4))
);

/* An AUX area was unmapped for the last time, and its chunks are given back. */
TRACE_EVENT(perf_aux_free,

	TP_PROTO(const struct perf_aux_area *area, u64 age_ns),

	TP_ARGS(area, age_ns),

	TP_STRUCT__entry(
		__string(pmu, area->stats->name)
		__field(int, cpu)
		__field(unsigned int, nr_pages)
		__field(bool, overwrite)
		__field(u64, age_ns)
		__array(unsigned int, chunks, NR_PAGE_ORDERS)
	),

	TP_fast_assign(
		__assign_str(pmu);
		__entry->cpu		= area->cpu;
		__entry->nr_pages	= area->nr_pages;
		__entry->overwrite	= area->overwrite;
		__entry->age_ns		= age_ns;
		memcpy(__entry->chunks, area->chunks, sizeof(area->chunks));
	),

	TP_printk("pmu=%s cpu=%d pages=%u mode=%s age_ns=%llu chunks=%s",
		  __get_str(pmu), __entry->cpu, __entry->nr_pages,
		  __entry->overwrite ? "overwrite" : "rw", __entry->age_ns,
		  __print_array(__entry->chunks, NR_PAGE_ORDERS, 4))
);

#undef EM
#undef EMe

#endif /* _KERNEL_EVENTS_AUX_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH ../../kernel/events
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE aux_trace
#include <trace/define_trace.h>
