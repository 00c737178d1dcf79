/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef STATS_H
#define STATS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * What CONFIG_PERF_AUX_STATS shows in debugfs. Those that return an int return 0
 * or how many, or a negative errno; -EBADMSG: it is not in the documented format,
 * and stats_bad() has the line.
 */

#define STATS_DIR		"/sys/kernel/debug/perf_aux"
#define STATS_AREAS		STATS_DIR "/areas"
#define STATS_PATH_LEN		256
#define STATS_MAX_ORDERS	32

/* What became of an attempt to allocate an AUX area, as in raw tracepoints. */
enum stats_outcome {
	STATS_ALLOCATED,
	STATS_MAX_ORDER,
	STATS_PAGE_ARRAY,
	STATS_NO_BLOCK,
	STATS_SETUP,
	STATS_INTERRUPTED,
	STATS_NR_OUTCOMES
};

struct stats {
	__u64	area_live;
	__u64	page_live;
	__u64	outcome[STATS_NR_OUTCOMES];
	__u64	chunk_fallback;
	__u64	chunk_live[STATS_MAX_ORDERS];
	__u64	chunk_alloc[STATS_MAX_ORDERS];
	__u64	alloc_ns_total;
	__u64	alloc_ns_max;
};

/* A row of the table of areas. */
struct stats_row {
	char		pmu[128];
	int		cpu;
	pid_t		pid;
	char		comm[80];	/* as it is there, escaped */
	unsigned int	pages;
	bool		overwrite;
	unsigned int	max_order;
	int		node;
	__u64		age_ms;
	unsigned int	chunks[STATS_MAX_ORDERS];
};

/* Whether the kernel has it, and we can read it. */
bool stats_available(void);

void stats_path(const char *pmu, char *path);

/* @text is modified. */
int stats_parse(char *text, struct stats *stats);
int stats_read(const char *pmu, struct stats *stats);

/*
 * What holds at each instant, for a PMU with no more than @max_areas areas mapped.
 * Returns NULL, or which rule is broken.
 */
const char *stats_broken_rule(const struct stats *stats, __u64 max_areas);

/* Whether no counter that only grows is smaller than it was @before. */
bool stats_grow(const struct stats *before, const struct stats *after);

/*
 * Returns how many rows there are, and the @max first of them. It is part of the
 * format that the chunks of a row add up to its pages.
 */
int stats_parse_rows(char *text, struct stats_row *rows, unsigned int max);
int stats_rows(struct stats_row *rows, unsigned int max);

/* How many rows there are of a PMU and a process (-1: any); the first one in @row. */
int stats_find_row(const char *pmu, pid_t pid, struct stats_row *row);

const char *stats_bad(void);

#endif /* STATS_H */
