// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for the statistics of AUX areas.
 *
 * Areas are accounted for the way rb_alloc_aux() does it, without there being
 * any memory. The PMU is not registered with perf, only with the statistics.
 */

#include <kunit/test.h>
#include <linux/perf_event.h>
#include <linux/prandom.h>

#include "aux_stats.h"

static void *test_setup_aux(struct perf_event *event, void **pages, int nr_pages,
			    bool overwrite)
{
	return NULL;
}

static int stats_test_init(struct kunit *test)
{
	struct pmu *pmu = kunit_kzalloc(test, sizeof(*pmu), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, pmu);
	pmu->name = "perf_aux_stats_test";
	pmu->setup_aux = test_setup_aux;
	KUNIT_ASSERT_EQ(test, perf_aux_stats_register(pmu), 0);
	KUNIT_ASSERT_NOT_NULL(test, pmu->aux_stats);

	test->priv = pmu;
	return 0;
}

static void stats_test_exit(struct kunit *test)
{
	if (test->priv)
		perf_aux_stats_unregister(test->priv);
}

/* An area of @nr chunks of @order, that were meant to be of @max_order. */
static void account_area(struct perf_aux_area *area, const struct pmu *pmu,
			 unsigned int max_order, unsigned int order,
			 unsigned int nr, enum perf_aux_outcome outcome)
{
	struct perf_aux_chunking chunking = { .max_order = max_order };
	unsigned int nr_pages = nr << order, nr_left;

	perf_aux_area_begin(area, pmu, -1, nr_pages, false);
	perf_aux_area_orders(area, &chunking);
	for (nr_left = nr_pages; nr_left; nr_left -= 1U << order)
		perf_aux_area_chunks(area, order, 1, nr_left);
	perf_aux_area_end(area, outcome);
}

static void test_area_comes_and_goes(struct kunit *test)
{
	struct pmu *pmu = test->priv;
	struct perf_aux_stats *stats = pmu->aux_stats;
	struct perf_aux_area area;

	account_area(&area, pmu, 3, 3, 4, PERF_AUX_ALLOCATED);

	KUNIT_EXPECT_EQ(test, stats->area_live, 1);
	KUNIT_EXPECT_EQ(test, stats->page_live, 32);
	KUNIT_EXPECT_EQ(test, stats->chunk_live[3], 4);
	KUNIT_EXPECT_EQ(test, stats->chunk_alloc[3], 4);
	KUNIT_EXPECT_EQ(test, stats->chunk_fallback, 0);
	KUNIT_EXPECT_EQ(test, stats->outcome[PERF_AUX_ALLOCATED], 1);
	KUNIT_EXPECT_EQ(test, stats->alloc_ns_total, stats->alloc_ns_max);
	KUNIT_EXPECT_STREQ(test, area.comm, current->comm);
	KUNIT_EXPECT_PTR_EQ(test, area.pid, task_tgid(current));

	perf_aux_area_free(&area);

	KUNIT_EXPECT_EQ(test, stats->area_live, 0);
	KUNIT_EXPECT_EQ(test, stats->page_live, 0);
	KUNIT_EXPECT_EQ(test, stats->chunk_live[3], 0);
	/* What was, stays. */
	KUNIT_EXPECT_EQ(test, stats->chunk_alloc[3], 4);
	KUNIT_EXPECT_EQ(test, stats->outcome[PERF_AUX_ALLOCATED], 1);
}

static void test_failures_by_cause(struct kunit *test)
{
	struct pmu *pmu = test->priv;
	struct perf_aux_stats *stats = pmu->aux_stats;
	enum perf_aux_outcome outcome, other;
	struct perf_aux_area area;

	for (outcome = PERF_AUX_ALLOCATED + 1; outcome < PERF_AUX_NR_OUTCOMES; outcome++) {
		account_area(&area, pmu, 2, 2, outcome, outcome);

		for (other = 0; other < PERF_AUX_NR_OUTCOMES; other++)
			KUNIT_EXPECT_EQ(test, stats->outcome[other],
					other != PERF_AUX_ALLOCATED && other <= outcome);
	}

	/* Nothing is live, but the page allocator did hand out chunks. */
	KUNIT_EXPECT_EQ(test, stats->area_live, 0);
	KUNIT_EXPECT_EQ(test, stats->page_live, 0);
	KUNIT_EXPECT_EQ(test, stats->chunk_live[2], 0);
	KUNIT_EXPECT_EQ(test, stats->chunk_alloc[2],
			PERF_AUX_NR_OUTCOMES * (PERF_AUX_NR_OUTCOMES - 1) / 2);
	KUNIT_EXPECT_EQ(test, stats->alloc_ns_total, 0);
}

static void test_fallback(struct kunit *test)
{
	struct pmu *pmu = test->priv;
	struct perf_aux_chunking chunking = { .max_order = 5 };
	struct perf_aux_area area;

	/* Order 5, or what still fits, was asked for each time. */
	perf_aux_area_begin(&area, pmu, -1, 48, true);
	perf_aux_area_orders(&area, &chunking);
	perf_aux_area_chunks(&area, 4, 1, 48);
	perf_aux_area_chunks(&area, 4, 1, 32);
	perf_aux_area_chunks(&area, 3, 1, 16);
	/* Nothing larger would have fit: not a fallback. */
	perf_aux_area_chunks(&area, 3, 1, 8);
	perf_aux_area_end(&area, PERF_AUX_ALLOCATED);

	KUNIT_EXPECT_EQ(test, area.fallback, 3);
	KUNIT_EXPECT_EQ(test, pmu->aux_stats->chunk_fallback, 3);

	perf_aux_area_free(&area);
	KUNIT_EXPECT_EQ(test, pmu->aux_stats->chunk_fallback, 3);
}

static void test_fallback_in_bulk(struct kunit *test)
{
	struct pmu *pmu = test->priv;
	struct perf_aux_chunking chunking = { .max_order = 5 };
	struct perf_aux_area area;

	perf_aux_area_begin(&area, pmu, -1, 48, true);
	perf_aux_area_orders(&area, &chunking);
	perf_aux_area_chunks(&area, 0, 40, 48);
	/* Each of them is one that could have been larger, but for the last. */
	KUNIT_EXPECT_EQ(test, area.fallback, 40);
	perf_aux_area_chunks(&area, 0, 8, 8);
	KUNIT_EXPECT_EQ(test, area.fallback, 47);
	perf_aux_area_end(&area, PERF_AUX_ALLOCATED);

	KUNIT_EXPECT_EQ(test, pmu->aux_stats->chunk_live[0], 48);
	perf_aux_area_free(&area);

	/* Single pages are all that was asked for. */
	account_area(&area, pmu, 0, 0, 48, PERF_AUX_ALLOCATED);
	KUNIT_EXPECT_EQ(test, area.fallback, 0);
	perf_aux_area_free(&area);
	KUNIT_EXPECT_EQ(test, pmu->aux_stats->chunk_fallback, 47);
}

#define NR_AREAS 64

static void test_many_areas(struct kunit *test)
{
	struct pmu *pmu = test->priv;
	struct perf_aux_stats *stats = pmu->aux_stats;
	u64 pages = 0, live = 0, chunks[NR_PAGE_ORDERS] = { };
	struct perf_aux_area *areas;
	unsigned int i, n, order;
	struct rnd_state rnd;
	bool *mapped;

	areas = kunit_kcalloc(test, NR_AREAS, sizeof(*areas), GFP_KERNEL);
	mapped = kunit_kcalloc(test, NR_AREAS, sizeof(*mapped), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, areas);
	KUNIT_ASSERT_NOT_NULL(test, mapped);
	prandom_seed_state(&rnd, 1);

	for (n = 0; n < 2000; n++) {
		i = prandom_u32_state(&rnd) % NR_AREAS;

		if (mapped[i]) {
			order = areas[i].max_order;
			live--;
			pages -= areas[i].nr_pages;
			chunks[order] -= areas[i].nr_pages >> order;
			perf_aux_area_free(&areas[i]);
		} else {
			unsigned int nr = 1 + prandom_u32_state(&rnd) % 16;

			order = prandom_u32_state(&rnd) % NR_PAGE_ORDERS;
			live++;
			pages += nr << order;
			chunks[order] += nr;
			account_area(&areas[i], pmu, order, order, nr, PERF_AUX_ALLOCATED);
		}
		mapped[i] = !mapped[i];

		KUNIT_ASSERT_EQ(test, stats->area_live, live);
		KUNIT_ASSERT_EQ(test, stats->page_live, pages);
		KUNIT_ASSERT_MEMEQ(test, stats->chunk_live, chunks, sizeof(chunks));
	}

	for (i = 0; i < NR_AREAS; i++) {
		if (mapped[i])
			perf_aux_area_free(&areas[i]);
	}

	KUNIT_EXPECT_EQ(test, stats->area_live, 0);
	KUNIT_EXPECT_EQ(test, stats->page_live, 0);
	for (order = 0; order < NR_PAGE_ORDERS; order++)
		KUNIT_EXPECT_EQ(test, stats->chunk_live[order], 0);
}

/* perf_pmu_unregister() leaves the areas to whoever has them mapped. */
static void test_area_outlives_pmu(struct kunit *test)
{
	struct pmu *pmu = test->priv;
	struct perf_aux_stats *stats = pmu->aux_stats;
	struct perf_aux_area area;

	account_area(&area, pmu, 0, 0, 1, PERF_AUX_ALLOCATED);

	perf_aux_stats_unregister(pmu);
	KUNIT_EXPECT_NULL(test, pmu->aux_stats);
	KUNIT_EXPECT_PTR_EQ(test, area.stats, stats);
	KUNIT_EXPECT_STREQ(test, stats->name, "perf_aux_stats_test");
	KUNIT_EXPECT_EQ(test, kref_read(&stats->ref), 1);

	/* The same PMU again, while its former area is still there. */
	KUNIT_ASSERT_EQ(test, perf_aux_stats_register(pmu), 0);
	KUNIT_EXPECT_PTR_NE(test, pmu->aux_stats, stats);
	KUNIT_EXPECT_EQ(test, pmu->aux_stats->area_live, 0);

	perf_aux_area_free(&area);
	KUNIT_EXPECT_EQ(test, pmu->aux_stats->area_live, 0);
}

static void test_no_stats_without_aux(struct kunit *test)
{
	struct pmu pmu = { .name = "perf_aux_stats_test_counting" };

	KUNIT_EXPECT_EQ(test, perf_aux_stats_register(&pmu), 0);
	KUNIT_EXPECT_NULL(test, pmu.aux_stats);

	/* As when perf_pmu_register() fails half way. */
	perf_aux_stats_unregister(&pmu);
}

static struct kunit_case stats_test_cases[] = {
	KUNIT_CASE(test_area_comes_and_goes),
	KUNIT_CASE(test_failures_by_cause),
	KUNIT_CASE(test_fallback),
	KUNIT_CASE(test_fallback_in_bulk),
	KUNIT_CASE(test_many_areas),
	KUNIT_CASE(test_area_outlives_pmu),
	KUNIT_CASE(test_no_stats_without_aux),
	{ },
};

static struct kunit_suite stats_test_suite = {
	.name = "perf_aux_stats",
	.init = stats_test_init,
	.exit = stats_test_exit,
	.test_cases = stats_test_cases,
};

kunit_test_suites(&stats_test_suite);

MODULE_DESCRIPTION("KUnit tests for the statistics of AUX areas");
MODULE_LICENSE("GPL");
