/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What debugfs tells about AUX areas: /sys/kernel/debug/perf_aux. Names are only ever added
 * there, so all of them are kept, known or not.
 */
#ifndef AUX_TUNE_STATS_H
#define AUX_TUNE_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "kfile.h"

struct stat_value {
	char *name;
	uint64_t value;
};

/* <pmu>/stats: one PMU's counters, in the kernel's order. */
struct stats {
	struct stat_value *values;
	size_t nr;
};

/* areas: a heading line, then a row for each live AUX area. */
struct area_table {
	char **columns;
	size_t nr_columns;
	char **cells;			/* nr_rows * nr_columns; "" for what a row lacks */
	size_t nr_rows;
};

/* Counters the tool has a column for. */
enum stat_id {
	STAT_AREAS_LIVE,
	STAT_PAGES_LIVE,
	STAT_AREAS_FAILED,
	STAT_FALLBACKS,
};

void stats_parse(struct stats *stats, const char *text);
int stats_read(struct stats *stats, const struct kroot *root, const char *pmu);
void stats_clear(struct stats *stats);

/* False when the kernel does not have this counter. */
bool stats_get(const struct stats *stats, enum stat_id id, uint64_t *value);

int areas_parse(struct area_table *areas, const char *text);
int areas_read(struct area_table *areas, const struct kroot *root);
void areas_clear(struct area_table *areas);
const char *areas_cell(const struct area_table *areas, size_t row, size_t column);

/* NULL when statistics can be read, else a sentence that says why not. */
const char *stats_missing(const struct kroot *root);

#endif
