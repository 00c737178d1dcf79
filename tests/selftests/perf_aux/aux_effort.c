// SPDX-License-Identifier: GPL-2.0-only
/*
 * How hard the kernel tries for the chunks of an AUX area: as hard as the PMU needs
 * it, and no harder.
 */

#include <string.h>

#include "area.h"
#include "faults.h"
#include "pmu.h"
#include "test.h"

#define NR_PAGES	256UL

FIXTURE(effort)
{
	struct event_spec	spec;
};

FIXTURE_VARIANT(effort)
{
	const char		*pmu;
	bool			overwrite;
	enum allocs_effort	effort;
	bool			tries_harder;	/* if that was not enough */
};

/* Smaller chunks only cost interrupts. */
FIXTURE_VARIANT_ADD(effort, must_rw)
{
	.pmu = TEST_PMU_MUST, .effort = ALLOCS_ONE_ROUND,
};

/* One chunk, or no area. */
FIXTURE_VARIANT_ADD(effort, must_overwrite)
{
	.pmu = TEST_PMU_MUST, .overwrite = true, .effort = ALLOCS_ONE_ROUND, .tries_harder = true,
};

FIXTURE_VARIANT_ADD(effort, nice_rw)
{
	.pmu = TEST_PMU_NICE, .effort = ALLOCS_NO_RECLAIM,
};

FIXTURE_VARIANT_ADD(effort, nice_overwrite)
{
	.pmu = TEST_PMU_NICE, .overwrite = true, .effort = ALLOCS_NO_RECLAIM,
};

FIXTURE_VARIANT_ADD(effort, dontcare_rw)
{
	.pmu = TEST_PMU_DONTCARE, .effort = ALLOCS_NO_RECLAIM,
};

FIXTURE_VARIANT_ADD(effort, dontcare_overwrite)
{
	.pmu = TEST_PMU_DONTCARE, .overwrite = true, .effort = ALLOCS_NO_RECLAIM,
};

FIXTURE_SETUP(effort)
{
	struct pmu pmu;

	if (lacks_test_pmu())
		SKIP(return, "%s", lacks_test_pmu());

	ASSERT_EQ(0, pmu_find(variant->pmu, &pmu));
	self->spec.type = pmu.type;
	self->spec.cpu = -1;
	if (strcmp(variant->pmu, TEST_PMU_MUST))
		ASSERT_EQ(0, max_order_set(variant->pmu, 4));
}

FIXTURE_TEARDOWN(effort)
{
	max_orders_restore();
}

/* Maps an area, and expects no other effort for its large chunks than this one. */
static void map_with_effort(struct __test_metadata *_metadata, const struct event_spec *spec,
			    bool overwrite, enum allocs_effort effort, unsigned int fail_every)
{
	struct allocs allocs;
	struct area area;
	unsigned int i;
	int ret;

	ASSERT_EQ(0, area_open(&area, spec));
	if (allocs_begin(&allocs, getpid(), ALLOCS_ENOUGH)) {
		area_close(&area);
		SKIP(return, "no kmem:mm_page_alloc (CONFIG_EVENT_TRACING)");
	}
	if (fail_every)
		ASSERT_EQ(0, faults_every(fail_every, 1));
	ret = area_map(&area, NR_PAGES * getpagesize(), overwrite);
	if (fail_every)
		ASSERT_EQ(0, faults_none());
	ASSERT_EQ(0, allocs_end(&allocs));
	EXPECT_EQ(0, ret);

	for (i = 0; i < ALLOCS_NR_EFFORTS; i++) {
		EXPECT_EQ(i == effort, allocs.effort[i] > 0)
			TH_LOG("effort %u: %lu times", i, allocs.effort[i]);
	}
	area_close(&area);
}

TEST_F(effort, chunks)
{
	map_with_effort(_metadata, &self->spec, variant->overwrite, variant->effort, 0);
}

/* It doesn't grow with failure, unless there is no area without that chunk. */
TEST_F(effort, chunks_after_fallback)
{
	if (variant->tries_harder)
		SKIP(return, "one chunk does not fall back");
	if (!faults_available())
		SKIP(return, "no fault injection (CONFIG_FAIL_PAGE_ALLOC, CONFIG_FAILSLAB)");

	ASSERT_EQ(0, faults_begin());
	map_with_effort(_metadata, &self->spec, variant->overwrite, variant->effort, 8);
	faults_end();
}

/*
 * Whichever allocation of an mmap() fails: only for a chunk without which there is no
 * area, the kernel tries once more, with all there is. Attempts that fail on purpose
 * aren't seen.
 */
TEST_F(effort, second_attempt)
{
	unsigned int nth, nr_tried_harder = 0;
	bool happened = true;
	struct allocs allocs;
	struct area area;
	int ret;

	if (!faults_available())
		SKIP(return, "no fault injection (CONFIG_FAIL_PAGE_ALLOC, CONFIG_FAILSLAB)");

	ASSERT_EQ(0, faults_begin());
	ASSERT_EQ(0, area_open(&area, &self->spec));

	for (nth = 1; happened && nth < 100; nth++) {
		if (allocs_begin(&allocs, getpid(), ALLOCS_ENOUGH)) {
			faults_end();
			area_close(&area);
			SKIP(return, "no kmem:mm_page_alloc (CONFIG_EVENT_TRACING)");
		}
		ASSERT_EQ(0, faults_nth(nth));
		ret = area_map(&area, NR_PAGES * getpagesize(), variant->overwrite);
		happened = faults_nth_happened();
		ASSERT_EQ(0, allocs_end(&allocs));

		if (allocs.effort[ALLOCS_MANY_ROUNDS]) {
			nr_tried_harder++;
			EXPECT_EQ(0, ret);
			EXPECT_EQ(1, allocs.effort[ALLOCS_MANY_ROUNDS]);
			EXPECT_EQ(0, allocs.effort[ALLOCS_ONE_ROUND]);
		}
		if (!ret)
			ASSERT_EQ(0, area_unmap(&area));
	}
	EXPECT_FALSE(happened);
	/* More than once if something else, a slab for example, was allocated before it. */
	EXPECT_EQ(variant->tries_harder, nr_tried_harder > 0);
	area_close(&area);
	faults_end();
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
