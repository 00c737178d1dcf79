// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long an mmap() takes at worst when large chunks are asked for that are not
 * there, and how often that made the task reclaim and compact memory itself.
 */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "bench.h"
#include "chunks.h"
#include "fragments.h"
#include "holder.h"
#include "orders.h"
#include "vmstat.h"

#define NR_AREAS	8
#define AREA_SIZE	(16 * MIB)
#define LARGE		(40 * MIB)
#define RUN		8
#define LARGE_ORDER	9

static void measure(struct subject *subject, const struct pmu *pmu, bool pinned)
{
	struct fragments fragments = {
		.leave = LARGE, .run = RUN, .one_in = 2, .give_back = -1UL, .pinned = pinned,
	};
	unsigned long long begin, took, worst = 0, total = 0;
	unsigned int i, failed = 0, watermark;
	struct vmstat before, after;
	struct holder holder;

	subject->state = pinned ? "pinned" : "movable";
	watermark = orders_use(subject->pmu, subject->order);
	holder_open(&holder, pmu, NR_AREAS, watermark);
	fragments_make(&fragments);

	row(subject, "large_before", free_blocks(LARGE_ORDER));
	compaction_forget_failures();
	vmstat_read(&before);
	for (i = 0; i < NR_AREAS; i++) {
		begin = clock_now();
		failed += !!area_map(&holder.areas[i], AREA_SIZE, false);
		took = clock_now() - begin;
		total += took;
		if (took > worst)
			worst = took;
	}
	vmstat_read(&after);
	holder_close(&holder);
	fragments_free(&fragments);

	row(subject, "worst_map", worst);
	row(subject, "mean_map", (double)total / NR_AREAS);
	row(subject, "failed", failed);
	row(subject, "compact_stall", after.compact_stall - before.compact_stall);
	row(subject, "compact_fail", after.compact_fail - before.compact_fail);
	row(subject, "compact_scanned",
	    after.compact_migrate_scanned - before.compact_migrate_scanned);
	row(subject, "allocstall", after.allocstall - before.allocstall);
	row(subject, "migrated", after.pgmigrate_success - before.pgmigrate_success);
}

void bench_stall(void)
{
	struct subject subject = { .name = "stall", .pmu = "intel_pt", .size = AREA_SIZE };
	static const unsigned int both[] = { LARGE_ORDER, 0 };
	struct holder threads;
	unsigned int o, pinned;
	struct pmu pmu;

	if (pmu_find(subject.pmu, &pmu))
		errx(1, "%s: no such PMU", subject.pmu);
	holder_open(&threads, &pmu, NR_AREAS, 0);
	holder_close(&threads);
	fragments_prepare();

	for (o = 0; o < 2; o++) {
		for (pinned = 0; pinned < 2; pinned++) {
			subject.order = both[o];
			measure(&subject, &pmu, pinned);
		}
	}
}
