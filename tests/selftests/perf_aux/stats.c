// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chunks.h"
#include "file.h"
#include "kselftest.h"
#include "stats.h"

#define TEXT_SIZE	(256 * 1024)
#define MAX_ROWS	1024
#define HEADER		"pmu cpu pid comm pages mode max_order node age_ms chunks"
#define NR_COLUMNS	10

static const struct {
	const char	*name;
	size_t		offset;
} counters[] = {
#define COUNTER(name, member)	{ name, offsetof(struct stats, member) }
	COUNTER("area_live", area_live),
	COUNTER("page_live", page_live),
	COUNTER("area_alloc", outcome[STATS_ALLOCATED]),
	COUNTER("area_fail_max_order", outcome[STATS_MAX_ORDER]),
	COUNTER("area_fail_page_array", outcome[STATS_PAGE_ARRAY]),
	COUNTER("area_fail_no_block", outcome[STATS_NO_BLOCK]),
	COUNTER("area_fail_setup", outcome[STATS_SETUP]),
	COUNTER("area_fail_interrupted", outcome[STATS_INTERRUPTED]),
	COUNTER("chunk_fallback", chunk_fallback),
	COUNTER("alloc_ns_total", alloc_ns_total),
	COUNTER("alloc_ns_max", alloc_ns_max),
#undef COUNTER
};

static char bad_line[512];

static int bad(const char *line)
{
	snprintf(bad_line, sizeof(bad_line), "%s", line);
	return -EBADMSG;
}

const char *stats_bad(void)
{
	return bad_line;
}

bool stats_available(void)
{
	return !access(STATS_AREAS, R_OK);
}

/* Digits only, and nothing behind them: a sign is an error, and so is 007. */
static bool parse_u64(const char *str, __u64 max, __u64 *value)
{
	char *end;

	if (!isdigit((unsigned char)*str) || (*str == '0' && str[1]))
		return false;

	errno = 0;
	*value = strtoull(str, &end, 10);
	return !errno && !*end && *value <= max;
}

static bool parse_uint(const char *str, unsigned int *value)
{
	__u64 u64;

	if (!parse_u64(str, INT_MAX, &u64))
		return false;

	*value = u64;
	return true;
}

/* Or -1, for none. */
static bool parse_int(const char *str, int *value)
{
	unsigned int uint;

	if (!strcmp(str, "-1")) {
		*value = -1;
		return true;
	}
	if (!parse_uint(str, &uint))
		return false;

	*value = uint;
	return true;
}

/*
 * The counters of a PMU
 */

void stats_path(const char *pmu, char *path)
{
	snprintf(path, STATS_PATH_LEN, STATS_DIR "/%.*s/stats", STATS_PATH_LEN / 2, pmu);
}

/* Where the counter @name belongs, or NULL if we don't know it. */
static __u64 *find_counter(struct stats *stats, const char *name)
{
	static const char live[] = "chunk_live_order_", alloc[] = "chunk_alloc_order_";
	unsigned int order, i;

	for (i = 0; i < ARRAY_SIZE(counters); i++) {
		if (!strcmp(counters[i].name, name))
			return (void *)stats + counters[i].offset;
	}

	if (!strncmp(name, live, strlen(live)) &&
	    parse_uint(name + strlen(live), &order) && order < STATS_MAX_ORDERS)
		return &stats->chunk_live[order];
	if (!strncmp(name, alloc, strlen(alloc)) &&
	    parse_uint(name + strlen(alloc), &order) && order < STATS_MAX_ORDERS)
		return &stats->chunk_alloc[order];

	return NULL;
}

int stats_parse(char *text, struct stats *stats)
{
	const __u64 unset = UINT64_MAX;
	unsigned int order, nr_orders = max_page_order() + 1;
	char *name, *value, *end;
	__u64 *counter, number;

	memset(stats, 0xff, sizeof(*stats));

	for (name = text; *name; name = end + 1) {
		end = strchr(name, '\n');
		if (!end)
			return bad(name);
		*end = '\0';
		value = strchr(name, ' ');
		if (!value)
			return bad(name);

		/* A counter that can be this large in a test has wrapped around. */
		*value = '\0';
		if (!parse_u64(value + 1, INT64_MAX, &number)) {
			*value = ' ';
			return bad(name);
		}

		counter = find_counter(stats, name);
		if (!counter)
			continue;
		if (*counter != unset)
			return bad(name);
		*counter = number;
	}

	for (counter = (__u64 *)stats; counter < (__u64 *)(stats + 1); counter++) {
		if (*counter == unset &&
		    (counter < stats->chunk_live || counter >= &stats->alloc_ns_total))
			return bad("a counter is missing");
	}
	for (order = 0; order < STATS_MAX_ORDERS; order++) {
		bool live = stats->chunk_live[order] != unset;
		bool alloc = stats->chunk_alloc[order] != unset;
		bool there = order < nr_orders;

		if (live != there || alloc != there)
			return bad("not the orders of the page allocator");
		if (there)
			continue;
		stats->chunk_live[order] = 0;
		stats->chunk_alloc[order] = 0;
	}

	return 0;
}

int stats_read(const char *pmu, struct stats *stats)
{
	char path[STATS_PATH_LEN], text[8192];
	ssize_t len;

	stats_path(pmu, path);
	len = file_read(path, text, sizeof(text));
	return len < 0 ? len : stats_parse(text, stats);
}

const char *stats_broken_rule(const struct stats *stats, __u64 max_areas)
{
	__u64 pages = 0, chunks = 0, allocs = 0;
	unsigned int order;

	for (order = 0; order < STATS_MAX_ORDERS; order++) {
		if (stats->chunk_live[order] > stats->chunk_alloc[order])
			return "more chunks are live than were ever handed out";
		pages += stats->chunk_live[order] << order;
		chunks += stats->chunk_live[order];
		allocs += stats->chunk_alloc[order];
	}

	if (pages != stats->page_live)
		return "the live chunks don't add up to the live pages";
	if (stats->area_live > max_areas)
		return "more areas are live than can be";
	if (stats->area_live > chunks || !stats->area_live != !chunks)
		return "not a chunk for each live area";
	if (stats->area_live > stats->outcome[STATS_ALLOCATED])
		return "more areas are live than were ever allocated";
	if (stats->chunk_fallback > allocs)
		return "more chunks fell back than were handed out";
	if (stats->alloc_ns_max > stats->alloc_ns_total)
		return "one allocation took longer than all";
	if (!stats->outcome[STATS_ALLOCATED] != !stats->alloc_ns_total)
		return "no time for the allocations, or time without any";

	return NULL;
}

bool stats_grow(const struct stats *before, const struct stats *after)
{
	unsigned int i;

	for (i = 0; i < STATS_NR_OUTCOMES; i++) {
		if (after->outcome[i] < before->outcome[i])
			return false;
	}
	for (i = 0; i < STATS_MAX_ORDERS; i++) {
		if (after->chunk_alloc[i] < before->chunk_alloc[i])
			return false;
	}

	return after->chunk_fallback >= before->chunk_fallback &&
	       after->alloc_ns_total >= before->alloc_ns_total &&
	       after->alloc_ns_max >= before->alloc_ns_max;
}

/*
 * The table of areas
 */

/* "<order>:<number>,...", orders in ascending order. */
static bool parse_chunks(char *str, struct stats_row *row)
{
	unsigned int order, nr, pages = 0;
	char *item, *colon;
	int last = -1;

	memset(row->chunks, 0, sizeof(row->chunks));
	while ((item = strsep(&str, ","))) {
		colon = strchr(item, ':');
		if (!colon)
			return false;
		*colon = '\0';
		if (!parse_uint(item, &order) || !parse_uint(colon + 1, &nr) || !nr ||
		    order > row->max_order || order >= STATS_MAX_ORDERS || (int)order <= last)
			return false;

		last = order;
		row->chunks[order] = nr;
		pages += nr << order;
	}

	return pages == row->pages;
}

/* One word, that a terminal can show. */
static bool parse_word(const char *str, char *word, size_t size)
{
	size_t i;

	for (i = 0; str[i]; i++) {
		if (!isgraph((unsigned char)str[i]))
			return false;
	}

	return i && (size_t)snprintf(word, size, "%s", str) < size;
}

static bool parse_row(char *line, struct stats_row *row)
{
	char *columns[NR_COLUMNS];
	unsigned int i;

	/* There may be more of them. */
	for (i = 0; i < NR_COLUMNS; i++) {
		columns[i] = strsep(&line, " ");
		if (!columns[i] || !*columns[i])
			return false;
	}

	row->overwrite = !strcmp(columns[5], "overwrite");
	return parse_word(columns[0], row->pmu, sizeof(row->pmu)) &&
	       parse_int(columns[1], &row->cpu) &&
	       parse_uint(columns[2], (unsigned int *)&row->pid) &&
	       parse_word(columns[3], row->comm, sizeof(row->comm)) &&
	       parse_uint(columns[4], &row->pages) &&
	       (row->overwrite || !strcmp(columns[5], "rw")) &&
	       parse_uint(columns[6], &row->max_order) &&
	       parse_int(columns[7], &row->node) &&
	       parse_u64(columns[8], INT64_MAX, &row->age_ms) &&
	       parse_chunks(columns[9], row);
}

int stats_parse_rows(char *text, struct stats_row *rows, unsigned int max)
{
	char *line = text, *end, copy[512];
	struct stats_row row;
	int nr = -1;

	for (; *line; line = end + 1) {
		end = strchr(line, '\n');
		if (!end)
			return bad(line);
		*end = '\0';
		snprintf(copy, sizeof(copy), "%s", line);

		if (nr < 0) {
			if (strncmp(line, HEADER, strlen(HEADER)) ||
			    (line[strlen(HEADER)] && line[strlen(HEADER)] != ' '))
				return bad(copy);
		} else {
			if (!parse_row(line, &row))
				return bad(copy);
			if ((unsigned int)nr < max)
				rows[nr] = row;
		}
		nr++;
	}

	return nr < 0 ? bad("nothing") : nr;
}

int stats_rows(struct stats_row *rows, unsigned int max)
{
	static char text[TEXT_SIZE];
	ssize_t len;

	len = file_read(STATS_AREAS, text, sizeof(text));
	return len < 0 ? len : stats_parse_rows(text, rows, max);
}

int stats_find_row(const char *pmu, pid_t pid, struct stats_row *row)
{
	static struct stats_row rows[MAX_ROWS];
	int i, nr, found = 0;

	nr = stats_rows(rows, MAX_ROWS);
	if (nr > MAX_ROWS)
		return -E2BIG;

	for (i = 0; i < nr; i++) {
		if (strcmp(rows[i].pmu, pmu) || (pid != -1 && rows[i].pid != pid))
			continue;
		if (!found++ && row)
			*row = rows[i];
	}

	return nr < 0 ? nr : found;
}
