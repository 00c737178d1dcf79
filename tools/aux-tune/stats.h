/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What debugfs tells about AUX areas: /sys/kernel/debug/perf_aux, as described in
 * Documentation/ABI/testing/debugfs-perf-aux. Names are only ever added there, so all of them
 * are kept, known or not.
 */
#ifndef AUX_TUNE_STATS_H
#define AUX_TUNE_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "kfile.h"
#include "order.h"

#define STATS_ORDERS	(ORDER_LIMIT + 1)

struct stat_value {
	const char *name;	/* in struct stats' text */
	size_t len;
	uint64_t value;
};

/* <pmu>/stats: one PMU's counters, in the kernel's order, each name once. */
struct stats {
	struct stat_value *values;
	size_t nr;
	char *text;
};

/* Chunks by page order. */
struct chunks {
	int orders;			/* 0: not known */
	uint64_t nr[STATS_ORDERS];
};

/* areas: a heading line, then a row for each live AUX area. */
struct area_table {
	char **columns;
	size_t nr_columns;
	char **cells;			/* nr_rows * nr_columns, escapes decoded */
	size_t nr_rows;
	size_t nr_garbage;		/* lines that are no row */
};

/* Counters the tool knows. */
enum stat_id {
	STAT_AREA_LIVE,
	STAT_PAGE_LIVE,
	STAT_AREA_ALLOC,
	STAT_CHUNK_FALLBACK,
	STAT_ALLOC_NS_TOTAL,
	STAT_ALLOC_NS_MAX,
};

enum stat_chunks {
	STAT_CHUNK_LIVE,
	STAT_CHUNK_ALLOC,
};

/* Why an area could not be allocated, and what to do about it. */
struct stat_cause {
	const char *name;		/* of the counter */
	const char *what;
	const char *advice;
};

void stats_parse(struct stats *stats, const char *text);
int stats_read(struct stats *stats, const struct kroot *root, const char *pmu);
void stats_clear(struct stats *stats);

/* False when the kernel does not have this counter. */
bool stats_get(const struct stats *stats, enum stat_id id, uint64_t *value);

/* The sum of all causes, those the tool does not know included. False without any. */
bool stats_failures(const struct stats *stats, uint64_t *value);

/* Never NULL for a name that is_cause. */
bool stats_is_cause(const char *name);
const struct stat_cause *stats_cause(const char *name);

/* True for a counter that has a place of its own in stats_get(), stats_chunks(), a cause. */
bool stats_known(const char *name);

/* Chunks by order; false when the kernel does not have these counters. */
bool stats_chunks(const struct stats *stats, enum stat_chunks which, struct chunks *chunks);

/* Sums that stay at the largest number rather than start over. */
uint64_t chunks_total(const struct chunks *chunks);
uint64_t chunks_pages(const struct chunks *chunks, int order);

/* Columns of areas that hold integers. */
bool areas_is_number(const char *column);

int areas_parse(struct area_table *areas, const char *text);
int areas_read(struct area_table *areas, const struct kroot *root);
void areas_clear(struct area_table *areas);

/* NULL and false where there is no such column. */
const char *areas_cell(const struct area_table *areas, size_t row, const char *column);
bool areas_number(const struct area_table *areas, size_t row, const char *column, int64_t *value);
bool areas_chunks(const struct area_table *areas, size_t row, struct chunks *chunks);

/* Areas of a PMU together. Sums stay at the largest number rather than start over. */
struct area_sum {
	uint64_t nr;
	uint64_t pages;
	struct chunks chunks;
};

/* @pmu: NULL for those of all PMUs. */
void areas_sum(const struct area_table *areas, const char *pmu, struct area_sum *sum);

/* True for an area of @pmu. */
bool areas_is_of(const struct area_table *areas, size_t row, const char *pmu);

/* NULL when statistics can be read, else a sentence that says why not. */
const char *stats_missing(const struct kroot *root);

#endif
