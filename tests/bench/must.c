// SPDX-License-Identifier: GPL-2.0-only
/*
 * How often an AUX area that has to be a single chunk can be had, when there are
 * fewer and fewer such blocks ready, and others could be made of free single pages
 * if what is between them is moved out of the way.
 */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "bench.h"
#include "chunks.h"
#include "fragments.h"
#include "holder.h"
#include "kselftest.h"
#include "vmstat.h"

#define NR_AREAS	16
#define BLOCK_ORDER	10

static const size_t sizes[] = { 4 * MIB, MIB, 256 * KIB };
static const struct {
	unsigned int	ready;		/* blocks of the size of an area */
	unsigned int	pinned;		/* percent of the largest blocks */
} levels[] = {
	{ 16, 50 }, { 8, 50 }, { 0, 0 }, { 0, 50 }, { 0, 75 }, { 0, 100 },
};

static void measure(struct subject *subject, const struct pmu *pmu, unsigned int nr_ready,
		    unsigned int pin_percent)
{
	struct fragments fragments = {
		.leave = 24 * MIB,
		.run = 4, .one_in = 4, .give_back = -1UL,
		.pin_percent = pin_percent, .pin_order = BLOCK_ORDER,
	};
	unsigned int i, successes = 0, order = 0;
	unsigned long long begin, took, worst = 0, total = 0;
	struct vmstat before, after;
	struct holder holder;
	unsigned long there;
	char state[64];

	while ((size_t)getpagesize() << order < subject->size)
		order++;
	snprintf(state, sizeof(state), "%u of %u ready; %u%% pinned", nr_ready, NR_AREAS,
		 pin_percent);
	subject->state = state;

	holder_open(&holder, pmu, NR_AREAS, 0);
	blocks_take(order, NR_AREAS);
	fragments_make(&fragments);
	blocks_take(order, free_blocks(order));
	blocks_give_back(nr_ready);

	there = free_blocks(order);
	if (there != nr_ready)
		warnx("%s: it is %lu", state, there);
	compaction_forget_failures();
	vmstat_read(&before);
	for (i = 0; i < NR_AREAS; i++) {
		begin = clock_now();
		successes += !area_map(&holder.areas[i], subject->size, true);
		took = clock_now() - begin;
		total += took;
		if (took > worst)
			worst = took;
	}
	vmstat_read(&after);
	holder_close(&holder);
	blocks_give_back(-1U);
	fragments_free(&fragments);

	row(subject, "success_percent", 100.0 * successes / NR_AREAS);
	row(subject, "ready", there);
	row(subject, "movable_blocks", fragments.nr_blocks - fragments.nr_pinned);
	row(subject, "worst_map", worst);
	row(subject, "mean_map", (double)total / NR_AREAS);
	row(subject, "compact_stall", after.compact_stall - before.compact_stall);
	row(subject, "allocstall", after.allocstall - before.allocstall);
	row(subject, "migrated", after.pgmigrate_success - before.pgmigrate_success);
	subject->state = NULL;
}

void bench_must(void)
{
	struct subject subject = { .name = "must", .pmu = "intel_bts", .order = -1 };
	struct holder threads;
	unsigned int s, l;
	struct pmu pmu;

	if (pmu_find(subject.pmu, &pmu))
		errx(1, "%s: no such PMU", subject.pmu);
	holder_open(&threads, &pmu, NR_AREAS, 0);
	holder_close(&threads);
	fragments_prepare();

	for (s = 0; s < ARRAY_SIZE(sizes); s++) {
		subject.size = sizes[s];
		for (l = 0; l < ARRAY_SIZE(levels); l++) {
			if (quick && (s != 1 || levels[l].pinned != 50))
				continue;
			measure(&subject, &pmu, levels[l].ready, levels[l].pinned);
		}
	}
}
