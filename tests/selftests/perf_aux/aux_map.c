// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps an AUX area once and prints how many blocks of which order that took, as
 * counted by the event kmem:mm_page_alloc. Needs nothing but perf and tracefs of
 * the kernel, so it shows what any kernel does. Single pages don't have an event
 * each if they are taken in bulk: they are what is left of the area.
 */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "allocs.h"
#include "area.h"
#include "pmu.h"
#include "size.h"

static const char usage[] =
	"usage: aux_map PMU SIZE [rw|overwrite]\n"
	"\n"
	"Maps an AUX area of SIZE bytes (K, M and G are understood) at PMU, and prints\n"
	"the blocks that were allocated for it: \"order <page order>: <count>\".\n"
	"Exits with 1 if mmap() fails, and with 2 if it was not even tried.\n";

int main(int argc, char **argv)
{
	struct event_spec spec = { .pid = 0, .cpu = -1 };
	bool overwrite = false;
	struct allocs allocs;
	unsigned int order;
	struct area area;
	struct pmu pmu;
	size_t size;
	int ret;

	if (argc == 2 && (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help"))) {
		fputs(usage, stdout);
		if (fflush(stdout))
			err(2, "stdout");
		return 0;
	}
	if (argc < 3 || argc > 4 || !size_parse(argv[2], &size) || !size) {
		fputs(usage, stderr);
		return 2;
	}
	if (argc == 4) {
		overwrite = !strcmp(argv[3], "overwrite");
		if (!overwrite && strcmp(argv[3], "rw")) {
			fputs(usage, stderr);
			return 2;
		}
	}

	if (pmu_find(argv[1], &pmu))
		errx(2, "%s: no such PMU", argv[1]);
	spec.type = pmu.type;

	ret = area_open(&area, &spec);
	if (ret) {
		errno = -ret;
		err(2, "%s: cannot open an event", argv[1]);
	}

	ret = allocs_begin(&allocs, getpid(), size / getpagesize() + ALLOCS_ENOUGH);
	if (ret) {
		errno = -ret;
		err(2, "cannot count kmem:mm_page_alloc");
	}
	ret = area_map(&area, size, overwrite);
	if (allocs_end(&allocs))
		errx(2, "cannot count kmem:mm_page_alloc");

	if (!ret)
		allocs.aux[0] = size / getpagesize() - allocs_high_order_pages(&allocs);
	for (order = 0; order < ALLOCS_MAX_ORDERS; order++) {
		if (allocs.aux[order])
			printf("order %u: %lu\n", order, allocs.aux[order]);
	}
	if (fflush(stdout))
		err(2, "stdout");

	if (ret) {
		errno = -ret;
		err(1, "mmap");
	}

	area_close(&area);
	return 0;
}
