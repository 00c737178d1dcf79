// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for the page orders of AUX area chunks.
 *
 * An AUX area is laid out here the way rb_alloc_aux() does it, by an allocator
 * that hands out no memory and has only the blocks the test wants it to have.
 */

#include <kunit/test.h>
#include <linux/bitops.h>
#include <linux/jhash.h>
#include <linux/mmzone.h>
#include <linux/perf_event.h>
#include <linux/sizes.h>

#include "aux_policy.h"

#define MAX_PAGES	SZ_16K

/* What a test lets the page allocator have. */
struct blocks {
	unsigned int	largest;	/* order */
	u32		seed;		/* 0: all of them, else some fail */
	u32		asked;
};

struct area {
	unsigned int	nr_pages;
	unsigned long	watermark;
	bool		overwrite;

	/* filled in by lay_out() */
	unsigned int	nr_chunks;
	unsigned int	nr_attempts;
	unsigned int	largest_asked;
	u8		chunk[MAX_PAGES];
};

static bool block_available(struct blocks *blocks, unsigned int order)
{
	blocks->asked++;
	if (order > blocks->largest)
		return false;
	return !order || !blocks->seed ||
	       jhash_2words(blocks->asked, order, blocks->seed) & 1;
}

/* As rb_alloc_aux(): 0, or the error mmap() would return. */
static int lay_out(struct area *area, const struct pmu *pmu,
		   struct blocks *blocks)
{
	struct perf_aux_chunking chunking;
	unsigned int page, order;
	int ret;

	area->nr_chunks = 0;
	area->nr_attempts = 0;
	area->largest_asked = 0;

	ret = perf_aux_chunking_init(&chunking, pmu, area->nr_pages,
				     area->watermark, area->overwrite);
	if (ret)
		return ret;

	for (page = 0; page < area->nr_pages; page += 1U << order) {
		order = perf_aux_chunk_order(&chunking, area->nr_pages - page);
		do {
			area->nr_attempts++;
			area->largest_asked = max(area->largest_asked, order);
			if (block_available(blocks, order))
				goto found;
		} while (perf_aux_chunk_fallback(&chunking, &order));
		return -ENOMEM;
found:
		area->chunk[area->nr_chunks++] = order;
	}

	return 0;
}

/* Largest chunk a mode allows, worked out by trying all of them. */
static unsigned int largest_allowed(const struct area *area)
{
	unsigned int order = 0;

	if (area->overwrite) {
		while ((2UL << order) <= area->nr_pages)
			order++;
	} else {
		while (((u64)PAGE_SIZE << order) < area->watermark)
			order++;
	}

	return order;
}

static void expect_sound(struct kunit *test, const struct area *area,
			 unsigned int bound)
{
	unsigned int i, page = 0, previous = MAX_PAGE_ORDER;

	for (i = 0; i < area->nr_chunks; i++) {
		unsigned int order = area->chunk[i];

		/* Thousands of layouts: say something only when it's wrong. */
		if (order > bound || order > previous ||
		    !IS_ALIGNED(page, 1U << order))
			break;

		page += 1U << order;
		previous = order;
	}

	if (i == area->nr_chunks && page == area->nr_pages)
		return;

	KUNIT_FAIL(test,
		   "%u pages, watermark %lu, %s: chunk %u is order %u (bound %u, previous %u) at page %u",
		   area->nr_pages, area->watermark,
		   area->overwrite ? "overwrite" : "rw", i,
		   i < area->nr_chunks ? area->chunk[i] : 0, bound, previous, page);
}

static const unsigned long watermarks[] = {
	1, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 3 * PAGE_SIZE, 8 * PAGE_SIZE,
	SZ_1M, SZ_1M + 1, SZ_4M, SZ_64M, U32_MAX,
};

/* Calls fn() for areas of many sizes, with all watermarks and in both modes. */
static void check_areas(struct kunit *test,
			void (*fn)(struct kunit *test, struct area *area))
{
	struct area *area = kunit_kzalloc(test, sizeof(*area), GFP_KERNEL);
	unsigned int i, n;

	KUNIT_ASSERT_NOT_NULL(test, area);

	for (n = 1; n <= MAX_PAGES; n += n < 70 ? 1 : n / 3) {
		area->nr_pages = n;
		area->overwrite = false;
		for (i = 0; i < ARRAY_SIZE(watermarks); i++) {
			area->watermark = watermarks[i];
			fn(test, area);
		}
		area->overwrite = true;
		area->watermark = 0;
		fn(test, area);
	}

	/* What user space can really ask for. */
	for (n = 128; n <= MAX_PAGES; n *= 2) {
		area->nr_pages = n;
		area->overwrite = false;
		area->watermark = (unsigned long)n * PAGE_SIZE / 2;
		fn(test, area);
		area->overwrite = true;
		area->watermark = 0;
		fn(test, area);
	}
}

/* Nothing was in the way, so the area is made of as few chunks as allowed. */
static void expect_fewest_chunks(struct kunit *test, const struct area *area,
				 unsigned int bound)
{
	unsigned int fewest = (area->nr_pages >> bound) +
			      hweight32(area->nr_pages & ((1U << bound) - 1));

	if (area->nr_chunks != fewest)
		KUNIT_FAIL(test, "%u pages, watermark %lu, %s, bound %u: %u chunks instead of %u",
			   area->nr_pages, area->watermark,
			   area->overwrite ? "overwrite" : "rw", bound,
			   area->nr_chunks, fewest);
}

static void sg_area(struct kunit *test, struct area *area)
{
	struct pmu pmu = { };
	unsigned int bound;

	for (pmu.aux_max_order = 0; pmu.aux_max_order <= MAX_PAGE_ORDER;
	     pmu.aux_max_order++) {
		struct blocks plenty = { .largest = MAX_PAGE_ORDER };
		struct blocks some = {
			.largest = MAX_PAGE_ORDER,
			.seed = area->nr_pages ^ pmu.aux_max_order ^ 0x5eed,
		};

		bound = min(largest_allowed(area), pmu.aux_max_order);

		KUNIT_EXPECT_EQ(test, lay_out(area, &pmu, &plenty), 0);
		expect_sound(test, area, bound);
		expect_fewest_chunks(test, area, bound);

		KUNIT_EXPECT_EQ(test, lay_out(area, &pmu, &some), 0);
		expect_sound(test, area, bound);
	}
}

static void test_sg_layout(struct kunit *test)
{
	check_areas(test, sg_area);
}

static void no_sg_area(struct kunit *test, struct area *area)
{
	unsigned int required = largest_allowed(area);
	struct blocks plenty = { .largest = MAX_PAGE_ORDER };
	struct pmu pmu = { .capabilities = PERF_PMU_CAP_AUX_NO_SG };
	int ret;

	/* Whatever the policy says. */
	pmu.aux_max_order = area->nr_pages % (MAX_PAGE_ORDER + 1);

	ret = lay_out(area, &pmu, &plenty);
	if (!area->overwrite) {
		required = min_t(unsigned int, required, MAX_PAGE_ORDER);
		KUNIT_EXPECT_EQ(test, ret, 0);
		expect_sound(test, area, required);
		expect_fewest_chunks(test, area, required);
		return;
	}

	if (required > MAX_PAGE_ORDER || hweight32(area->nr_pages) != 1) {
		/* Refused before the allocator is asked for anything. */
		KUNIT_EXPECT_EQ(test, ret, -ENOMEM);
		KUNIT_EXPECT_EQ(test, plenty.asked, 0);
		return;
	}

	KUNIT_EXPECT_EQ(test, ret, 0);
	KUNIT_EXPECT_EQ(test, area->nr_chunks, 1);
	KUNIT_EXPECT_EQ(test, area->chunk[0], required);

	if (required) {
		struct blocks small = { .largest = required - 1 };

		/* A split area is of no use, so nothing smaller is taken. */
		KUNIT_EXPECT_EQ(test, lay_out(area, &pmu, &small), -ENOMEM);
		KUNIT_EXPECT_EQ(test, small.asked, 1);
	}
}

static void test_no_sg_ignores_policy(struct kunit *test)
{
	check_areas(test, no_sg_area);
}

/* A requirement above MAX_PAGE_ORDER must not be clamped into a fulfilled one. */
static void test_no_sg_overwrite_above_max_page_order(struct kunit *test)
{
	struct pmu pmu = {
		.capabilities = PERF_PMU_CAP_AUX_NO_SG,
		.aux_max_order = MAX_PAGE_ORDER,
	};
	struct perf_aux_chunking chunking;
	unsigned int order;

	for (order = 0; order < 31; order++)
		KUNIT_EXPECT_EQ_MSG(test,
				    perf_aux_chunking_init(&chunking, &pmu, 1U << order, 0, true),
				    order > MAX_PAGE_ORDER ? -ENOMEM : 0,
				    "order %u", order);
}

static void test_order_never_rises(struct kunit *test)
{
	struct area *area = kunit_kzalloc(test, sizeof(*area), GFP_KERNEL);
	struct pmu pmu = { .aux_max_order = MAX_PAGE_ORDER };
	struct blocks blocks = { .largest = 3 };

	KUNIT_ASSERT_NOT_NULL(test, area);
	area->nr_pages = 1024;
	area->overwrite = true;

	KUNIT_EXPECT_EQ(test, lay_out(area, &pmu, &blocks), 0);
	expect_sound(test, area, 3);
	KUNIT_EXPECT_EQ(test, area->nr_chunks, 128);
	/* One failed attempt per order above 3, not per chunk. */
	KUNIT_EXPECT_EQ(test, area->nr_attempts,
			128 + min_t(unsigned int, MAX_PAGE_ORDER, 10) - 3);
}

static void test_order_zero_is_never_exceeded(struct kunit *test)
{
	struct area *area = kunit_kzalloc(test, sizeof(*area), GFP_KERNEL);
	struct blocks blocks = { .largest = MAX_PAGE_ORDER };
	struct pmu pmu = { };

	KUNIT_ASSERT_NOT_NULL(test, area);
	area->nr_pages = MAX_PAGES;
	area->watermark = SZ_64M;

	KUNIT_EXPECT_EQ(test, lay_out(area, &pmu, &blocks), 0);
	KUNIT_EXPECT_EQ(test, area->largest_asked, 0);
	KUNIT_EXPECT_EQ(test, area->nr_chunks, MAX_PAGES);
}

static void *test_setup_aux(struct perf_event *event, void **pages, int nr_pages,
			    bool overwrite)
{
	return NULL;
}

static void test_defaults_by_kind(struct kunit *test)
{
	struct pmu must = {
		.capabilities	= PERF_PMU_CAP_AUX_NO_SG | PERF_PMU_CAP_EXCLUSIVE,
		.setup_aux	= test_setup_aux,
		.aux_max_order	= 3,
	};
	struct pmu sg = {
		.capabilities	= PERF_PMU_CAP_EXCLUSIVE | PERF_PMU_CAP_ITRACE,
		.setup_aux	= test_setup_aux,
		.aux_max_order	= 3,
	};
	struct pmu counting = { };

	/* A PMU structure may be registered again, and starts afresh. */
	perf_aux_policy_init(&must);
	perf_aux_policy_init(&sg);

	KUNIT_EXPECT_EQ(test, must.aux_max_order, MAX_PAGE_ORDER);
	KUNIT_EXPECT_EQ(test, perf_aux_max_order_mode(&must), 0444);

	KUNIT_EXPECT_EQ(test, sg.aux_max_order, 0);
	KUNIT_EXPECT_EQ(test, perf_aux_max_order_mode(&sg), 0644);

	KUNIT_EXPECT_EQ(test, perf_aux_max_order_mode(&counting), 0);
}

static struct kunit_case aux_policy_test_cases[] = {
	KUNIT_CASE_SLOW(test_sg_layout),
	KUNIT_CASE_SLOW(test_no_sg_ignores_policy),
	KUNIT_CASE(test_no_sg_overwrite_above_max_page_order),
	KUNIT_CASE(test_order_never_rises),
	KUNIT_CASE(test_order_zero_is_never_exceeded),
	KUNIT_CASE(test_defaults_by_kind),
	{ },
};

static struct kunit_suite aux_policy_test_suite = {
	.name = "perf_aux_policy",
	.test_cases = aux_policy_test_cases,
};

kunit_test_suites(&aux_policy_test_suite);

MODULE_DESCRIPTION("KUnit tests for the page orders of AUX area chunks");
MODULE_LICENSE("GPL");
