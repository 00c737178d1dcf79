// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chunks.h"
#include "kselftest.h"
#include "test_pmu.h"

#define MAX_ORDERS	32

static unsigned long chunk_bytes(unsigned int order)
{
	return (unsigned long)getpagesize() << order;
}

/*
 * Deliberately not the way in which the kernel does it: grow the chunk for as
 * long as each of the rules allows.
 */
int chunks_expect(struct chunks *chunks, const struct chunks_spec *spec)
{
	unsigned long area = spec->nr_pages * chunk_bytes(0);
	unsigned long watermark = spec->watermark ?: area / 2;
	unsigned int order = 0, max = max_page_order();

	if (watermark > UINT32_MAX)
		watermark = UINT32_MAX;
	if (!spec->must)
		max = spec->aux_max_order;

	while (order < max && chunk_bytes(order + 1) <= area) {
		if (!spec->overwrite && chunk_bytes(order) >= watermark)
			break;
		order++;
	}

	if (spec->must && spec->overwrite && chunk_bytes(order) != area)
		return -ENOMEM;

	chunks->nr_pages = spec->nr_pages;
	chunks->overwrite = spec->overwrite;
	chunks->nr_runs = 1;
	chunks->runs[0].order = order;
	chunks->runs[0].nr = area / chunk_bytes(order);

	return 0;
}

bool chunks_equal(const struct chunks *a, const struct chunks *b)
{
	return a->nr_pages == b->nr_pages && a->overwrite == b->overwrite &&
	       a->nr_runs == b->nr_runs &&
	       !memcmp(a->runs, b->runs, a->nr_runs * sizeof(a->runs[0]));
}

const char *chunks_broken_rule(const struct chunks *chunks, unsigned int max_order)
{
	unsigned int i, page = 0;

	for (i = 0; i < chunks->nr_runs; i++) {
		unsigned int order = chunks->runs[i].order;

		if (order > max_order)
			return "a chunk is larger than allowed";
		if (i && order > chunks->runs[i - 1].order)
			return "the order rises again";
		if (page % (1U << order))
			return "a chunk is not aligned to its size";

		page += chunks->runs[i].nr << order;
	}

	return page == chunks->nr_pages ? NULL : "the chunks don't add up to the area";
}

unsigned int chunks_first_order(const struct chunks *chunks)
{
	return chunks->runs[0].order;
}

const char *chunks_str(const struct chunks *chunks)
{
	static char bufs[2][1024];
	static unsigned int turn;
	char *buf = bufs[turn++ % 2];
	size_t size = sizeof(bufs[0]), len;
	unsigned int i;

	len = snprintf(buf, size, "%u pages, %s:", chunks->nr_pages,
		       chunks->overwrite ? "overwrite" : "rw");
	for (i = 0; i < chunks->nr_runs && len < size; i++)
		len += snprintf(buf + len, size - len, " %ux%u",
				chunks->runs[i].order, chunks->runs[i].nr);

	return buf;
}

/* Parses "<order>x<count>,..."; returns false if it is anything else. */
static bool parse_runs(struct chunks *chunks, const char *str)
{
	unsigned int i;
	int len;

	for (i = 0; i < ARRAY_SIZE(chunks->runs); i++) {
		if (sscanf(str, "%ux%u%n", &chunks->runs[i].order, &chunks->runs[i].nr, &len) != 2)
			return false;

		str += len;
		chunks->nr_runs = i + 1;
		if (!*str || *str == '\n')
			return true;
		if (*str++ != ',')
			return false;
	}

	return false;
}

int chunks_of_process(const char *pmu, pid_t pid, struct chunks *chunks, unsigned int max)
{
	char *line = NULL, row_pmu[64], mode[16];
	int row_pid, cpu, runs, nr = 0;
	struct chunks row;
	size_t size = 0;
	FILE *file;

	file = fopen(TEST_PMU_DIR "/areas", "r");
	if (!file)
		return -errno;

	while (getline(&line, &size, file) > 0) {
		if (sscanf(line, "%63s %d %d %u %15s %n", row_pmu, &row_pid, &cpu,
			   &row.nr_pages, mode, &runs) != 5) {
			nr = -EBADMSG;
			break;
		}
		if (row_pid != pid || strcmp(row_pmu, pmu))
			continue;

		row.overwrite = !strcmp(mode, "overwrite");
		if ((!row.overwrite && strcmp(mode, "rw")) || !parse_runs(&row, line + runs)) {
			nr = -EBADMSG;
			break;
		}
		if ((unsigned int)nr < max)
			chunks[nr] = row;
		nr++;
	}

	free(line);
	fclose(file);
	return nr;
}

/*
 * Sums up the columns of /proc/buddyinfo, one per order, over all zones. Returns
 * the number of orders.
 */
static unsigned int read_buddyinfo(unsigned long nr_free[MAX_ORDERS])
{
	unsigned int nr_orders = 0, order;
	char *line = NULL, *field;
	size_t size = 0;
	FILE *file;

	memset(nr_free, 0, MAX_ORDERS * sizeof(nr_free[0]));

	file = fopen("/proc/buddyinfo", "r");
	if (!file)
		return 0;

	while (getline(&line, &size, file) > 0) {
		/* "Node 0, zone   Normal      4      4 ..." */
		field = strstr(line, "zone");
		if (!field)
			continue;
		strtok(field, "\n ");
		strtok(NULL, "\n ");
		for (order = 0; order < MAX_ORDERS && (field = strtok(NULL, "\n ")); order++)
			nr_free[order] += strtoul(field, NULL, 10);
		nr_orders = order;
	}

	free(line);
	fclose(file);
	return nr_orders;
}

unsigned int max_page_order(void)
{
	static unsigned int nr_orders;
	unsigned long nr_free[MAX_ORDERS];

	if (!nr_orders)
		nr_orders = read_buddyinfo(nr_free);

	return nr_orders ? nr_orders - 1 : 10;
}

unsigned long free_blocks(unsigned int order)
{
	unsigned long nr_free[MAX_ORDERS], sum = 0;
	unsigned int nr_orders = read_buddyinfo(nr_free), i;

	for (i = order; i < nr_orders; i++)
		sum += nr_free[i] << (i - order);

	return sum;
}
