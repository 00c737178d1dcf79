// SPDX-License-Identifier: GPL-2.0-only
/*
 * AUX areas when memory can't be had: what was taken is given back, and chunks
 * fall back to smaller ones without breaking the rules.
 */

#include <time.h>

#include "area.h"
#include "chunks.h"
#include "faults.h"
#include "memory.h"
#include "pattern.h"
#include "pmu.h"
#include "test.h"

#define MIB		(1024UL * 1024)
#define SEED		0x5eed

/*
 * Pages that the rest of the system may take while a test runs, and those that
 * debug options are slow to give back.
 */
#define NOISE_PAGES	1000

FIXTURE(faults)
{
	struct event_spec	spec;
};

FIXTURE_VARIANT(faults)
{
	const char	*pmu;
	bool		must;
	unsigned int	order;
};

FIXTURE_VARIANT_ADD(faults, must)
{
	.pmu = TEST_PMU_MUST, .must = true, .order = 4,
};

FIXTURE_VARIANT_ADD(faults, nice)
{
	.pmu = TEST_PMU_NICE, .order = 4,
};

FIXTURE_VARIANT_ADD(faults, nice_single_pages)
{
	.pmu = TEST_PMU_NICE,
};

FIXTURE_VARIANT_ADD(faults, dontcare)
{
	.pmu = TEST_PMU_DONTCARE, .order = 4,
};

static const char *lacks_faults(void)
{
	if (lacks_test_pmu())
		return lacks_test_pmu();
	if (!faults_available())
		return "no fault injection (CONFIG_FAIL_PAGE_ALLOC, CONFIG_FAILSLAB)";

	return NULL;
}

FIXTURE_SETUP(faults)
{
	struct pmu pmu;

	if (lacks_faults())
		SKIP(return, "%s", lacks_faults());

	ASSERT_EQ(0, pmu_find(variant->pmu, &pmu));
	if (!variant->must)
		ASSERT_EQ(0, max_order_set(variant->pmu, variant->order));

	self->spec.type = pmu.type;
	self->spec.pid = -1;
	self->spec.config = test_pmu_config(8 * 12360, SEED);
	self->spec.config1 = 200;

	ASSERT_EQ(0, faults_begin());
}

FIXTURE_TEARDOWN(faults)
{
	faults_end();
	max_orders_restore();
}

/* As often as an mmap() of AUX areas can fail, let it fail there. */
static unsigned int fail_everywhere(struct __test_metadata *_metadata, struct area *area,
				    size_t size, bool overwrite)
{
	unsigned int nth, nr_failed = 0;
	bool happened = true;
	int ret;

	for (nth = 1; happened; nth++) {
		ASSERT_EQ(0, faults_nth(nth));
		ret = area_map(area, size, overwrite);
		happened = faults_nth_happened();

		/* Something else may be there to take, or none was asked to fail. */
		if (!ret) {
			ASSERT_EQ(0, area_unmap(area));
			continue;
		}
		nr_failed++;
		ASSERT_TRUE(happened);
		ASSERT_EQ(-ENOMEM, ret) TH_LOG("allocation %u failed", nth);
	}

	return nr_failed;
}

TEST_F(faults, each_allocation)
{
	size_t size = 128 * getpagesize();
	struct memory_growth growth = { };
	unsigned int i, nr_failed = 0;
	struct area area;

	ASSERT_EQ(0, area_open(&area, &self->spec));

	while (memory_grows(&growth, NOISE_PAGES)) {
		for (i = 0; i < 8; i++) {
			nr_failed = fail_everywhere(_metadata, &area, size, i % 2);

			/* The array of pages at least, and what the driver needs. */
			EXPECT_LE(2, nr_failed);
			EXPECT_EQ(0, chunks_of_process(variant->pmu, getpid(), NULL, 0));
		}
	}
	EXPECT_LT(growth.pages, NOISE_PAGES);
	TH_LOG("%u allocations of a mmap() can fail", nr_failed);

	/* As if nothing had happened. */
	ASSERT_EQ(0, area_map(&area, size, false));
	EXPECT_EQ(1, chunks_of_process(variant->pmu, getpid(), NULL, 0));
	area_close(&area);
}

/* The driver says no, when all memory has been allocated already. */
TEST_F(faults, driver_refuses)
{
	struct memory_growth growth = { };
	size_t size = 4 * MIB;
	struct area area;
	int i;

	self->spec.config |= TEST_PMU_REFUSE;
	ASSERT_EQ(0, area_open(&area, &self->spec));

	while (memory_grows(&growth, NOISE_PAGES)) {
		for (i = 0; i < 10; i++) {
			EXPECT_EQ(-ENOMEM, area_map(&area, size, i % 2));
			EXPECT_EQ(0, chunks_of_process(variant->pmu, getpid(), NULL, 0));
		}
	}
	EXPECT_LT(growth.pages, NOISE_PAGES);
	area_close(&area);
}

/*
 * Large blocks come and go
 */

/* Follows the trace for a bit more than the size of the area. */
static void check_trace(struct __test_metadata *_metadata, struct area *area)
{
	__u64 end = area->start + area->aux_size + area->aux_size / 4, head;
	struct area_records records;
	struct pattern_error error;
	time_t start = time(NULL);

	ASSERT_EQ(0, area_enable(area));
	while (area->tail < end) {
		ASSERT_LT(time(NULL) - start, 20) TH_LOG("stuck at byte %llu", area->tail);

		head = area_head(area);
		ASSERT_TRUE(pattern_check(area, SEED, area->tail, head, &error))
			TH_LOG("at byte %llu: expected %llx, seen %llx", error.pos, error.expected,
			       error.seen);
		area_consume(area, head);

		/* In case it was full and stopped; if not, this does nothing. */
		area_enable(area);
		area_records(area, &records);
		usleep(100);
	}
	ASSERT_EQ(0, area_disable(area));
}

TEST_F(faults, fallback_never_rises)
{
	static const unsigned int intervals[] = { 2, 3, 4, 7, 16 };
	unsigned int i, order, max_order, nr_fallbacks = 0;
	struct chunks chunks;
	struct area area;
	const char *rule;

	for (i = 0; i < ARRAY_SIZE(intervals); i++) {
		/* The smallest order that sometimes fails. */
		for (order = 1; order <= 4; order++) {
			ASSERT_EQ(0, area_open(&area, &self->spec));
			ASSERT_EQ(0, faults_every(intervals[i], order));
			ASSERT_EQ(0, area_map(&area, 2 * MIB, false));
			ASSERT_EQ(0, faults_none());

			ASSERT_EQ(1, chunks_of_process(variant->pmu, getpid(), &chunks, 1));
			max_order = variant->must ? max_page_order() : variant->order;
			rule = chunks_broken_rule(&chunks, max_order);
			EXPECT_EQ(NULL, rule)
				TH_LOG("%s: %s", chunks_str(&chunks), rule);
			if (chunks.nr_runs > 1)
				nr_fallbacks++;

			check_trace(_metadata, &area);
			area_close(&area);
		}
	}

	/* Else this has tested nothing. There is no smaller chunk than a page. */
	EXPECT_EQ(variant->order > 0, nr_fallbacks > 0);
}

/* As on a machine where only single pages are left: they are enough. */
TEST_F(faults, single_pages_suffice)
{
	struct chunks chunks;
	struct area area;

	ASSERT_EQ(0, area_open(&area, &self->spec));

	/* Nothing here needs more than a page, but for the array of pages. */
	ASSERT_EQ(0, faults_every(1, 1));
	EXPECT_EQ(0, area_map(&area, MIB / 2, false));
	ASSERT_EQ(0, faults_none());

	ASSERT_EQ(1, chunks_of_process(variant->pmu, getpid(), &chunks, 1));
	EXPECT_EQ(0, chunks_first_order(&chunks));
	check_trace(_metadata, &area);
	area_close(&area);
}

/*
 * Not even the first chunk
 */

FIXTURE(no_chunk)
{
	struct event_spec	spec;
};

FIXTURE_SETUP(no_chunk)
{
	if (lacks_faults())
		SKIP(return, "%s", lacks_faults());

	self->spec.cpu = -1;
	ASSERT_EQ(0, faults_begin());
}

FIXTURE_TEARDOWN(no_chunk)
{
	faults_end();
	max_orders_restore();
}

/*
 * The array of pages is the first thing allocated, and large if the area is. It
 * must not depend on there being chunks that it is freed.
 */
TEST_F_TIMEOUT(no_chunk, of_many, 120)
{
	size_t size = 64 * MIB;
	long array_pages = size / getpagesize() * sizeof(void *) / getpagesize();
	long nr_sweeps = 24, limit = nr_sweeps * array_pages / 4;
	unsigned int nths[12], nr_nths = 0, nth, sweep, i;
	struct memory_growth growth = { };
	struct area area;
	struct pmu pmu;

	if (memory_available() < 2 * size)
		SKIP(return, "needs %lu MiB of memory", 2 * size / MIB);

	ASSERT_EQ(0, pmu_find(TEST_PMU_NICE, &pmu));
	ASSERT_EQ(0, max_order_set(TEST_PMU_NICE, 0));
	self->spec.type = pmu.type;
	ASSERT_EQ(0, area_open(&area, &self->spec));

	/*
	 * The first allocations that an mmap() can't do without, among them that of
	 * the first chunk.
	 */
	for (nth = 1; nth <= ARRAY_SIZE(nths); nth++) {
		ASSERT_EQ(0, faults_nth(nth));
		if (area_map(&area, size, false))
			nths[nr_nths++] = nth;
		else
			ASSERT_EQ(0, area_unmap(&area));
		ASSERT_TRUE(faults_nth_happened());
	}
	ASSERT_LT(2, nr_nths);

	while (memory_grows(&growth, limit)) {
		for (sweep = 0; sweep < nr_sweeps; sweep++) {
			for (i = 0; i < nr_nths; i++) {
				ASSERT_EQ(0, faults_nth(nths[i]));
				EXPECT_EQ(-ENOMEM, area_map(&area, size, false));
				ASSERT_TRUE(faults_nth_happened());
			}
		}
	}
	EXPECT_LT(growth.pages, limit);
	area_close(&area);
}

/* No chunk of that size: an overwrite area is not made of others. */
TEST_F_TIMEOUT(no_chunk, of_one, 120)
{
	unsigned int order = max_page_order(), i, nr_maps = 1000;
	size_t size = (size_t)getpagesize() << order;
	struct memory_growth growth = { };
	struct allocs allocs;
	struct area area;
	struct pmu pmu;
	int ret;

	ASSERT_EQ(0, pmu_find(TEST_PMU_MUST, &pmu));
	self->spec.type = pmu.type;
	ASSERT_EQ(0, area_open(&area, &self->spec));
	ASSERT_EQ(0, faults_every(1, order));

	if (!allocs_begin(&allocs, getpid(), ALLOCS_ENOUGH)) {
		ret = area_map(&area, size, true);
		ASSERT_EQ(0, allocs_end(&allocs));
		EXPECT_EQ(-ENOMEM, ret);
		EXPECT_EQ(0, allocs_high_order(&allocs));
		EXPECT_GT(16, allocs.aux[0]);
	}

	/* The array of pages is two pages. */
	while (memory_grows(&growth, nr_maps)) {
		for (i = 0; i < nr_maps; i++)
			EXPECT_EQ(-ENOMEM, area_map(&area, size, true));
	}
	EXPECT_LT(growth.pages, nr_maps);

	ASSERT_EQ(0, faults_none());
	EXPECT_EQ(0, area_map(&area, size, true));
	area_close(&area);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
