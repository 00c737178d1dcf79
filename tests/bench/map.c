// SPDX-License-Identifier: GPL-2.0-only
/*
 * What it costs to map and unmap an AUX area, by size and page order; all of it, and
 * the part that is done in rb_alloc_aux() and rb_free_aux().
 */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "area.h"
#include "bench.h"
#include "kselftest.h"
#include "memory.h"
#include "orders.h"
#include "pmu.h"
#include "probes.h"

static const char *const pmus[] = { "intel_pt", "aux_test_dontcare" };
static const size_t sizes[] = { MIB, 4 * MIB, 16 * MIB, 64 * MIB, 256 * MIB, GIB };

static struct probe probes[] = {
	{ .function = "rb_alloc_aux" },
	{ .function = "rb_free_aux" },
};

static void map_and_unmap(const struct subject *subject, struct area *area, bool probed)
{
	double pages = subject->size / getpagesize();
	unsigned long long begin, mapped, unmapped;
	int ret;

	if (probed)
		probes_clear();
	begin = clock_now();
	ret = area_map(area, subject->size, false);
	mapped = clock_now();
	if (ret) {
		/* One of these numbers tells the reader which sizes a kernel can do. */
		warnx("%s: %zu MiB at order %d: %s", subject->pmu, subject->size / MIB,
		      subject->order, strerrorname_np(-ret));
		row(subject, "failed", 1);
		return;
	}
	area_unmap(area);
	unmapped = clock_now();

	if (probed) {
		probes_read(probes, ARRAY_SIZE(probes));
		row(subject, "alloc_per_page", probes[0].total / pages);
		row(subject, "free_per_page", probes[1].total / pages);
	} else {
		row(subject, "map_per_page", (mapped - begin) / pages);
		row(subject, "unmap_per_page", (unmapped - mapped) / pages);
	}
}

static void measure(struct subject *subject, bool probed)
{
	struct event_spec spec = { .cpu = -1 };
	unsigned int turn, turns;
	struct area area;
	struct pmu pmu;

	if (pmu_find(subject->pmu, &pmu))
		errx(1, "%s: no such PMU", subject->pmu);
	spec.type = pmu.type;
	spec.watermark = orders_use(subject->pmu, subject->order);
	errno = -area_open(&area, &spec);
	if (errno)
		err(1, "%s: cannot open an event", subject->pmu);

	/* The first time takes what is then on the lists of the CPU. */
	area_map(&area, subject->size, false);
	area_unmap(&area);

	turns = quick || subject->size >= 64 * MIB ? 1 : 3;
	for (turn = 0; turn < turns; turn++)
		map_and_unmap(subject, &area, probed);

	area_close(&area);
}

void bench_map(void)
{
	struct subject subject = { .name = "map" };
	unsigned int p, s, o, probed;

	for (probed = 0; probed < 2; probed++) {
		memory_compact();
		if (probed)
			probes_begin(probes, ARRAY_SIZE(probes));
		for (p = 0; p < ARRAY_SIZE(pmus); p++) {
			for (s = 0; s < ARRAY_SIZE(sizes); s++) {
				for (o = 0; o < NR_ORDERS; o++) {
					subject.pmu = pmus[p];
					subject.size = sizes[s];
					subject.order = orders[o];
					if (!orders_available(subject.pmu, subject.order) ||
					    subject.size < (size_t)getpagesize() << subject.order ||
					    (probed && subject.size > 64 * MIB) ||
					    (quick && (subject.size > 16 * MIB || o % 3)))
						continue;
					measure(&subject, probed);
				}
			}
		}
		if (probed)
			probes_end();
	}
}
