// SPDX-License-Identifier: GPL-2.0-only
/*
 * The drivers intel_bts and intel_pt: they get the chunks they need, and intel_pt
 * those it may have, if its hardware leaves a choice.
 */

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "area.h"
#include "chunks.h"
#include "file.h"
#include "memory.h"
#include "pmu.h"
#include "test.h"

#define MIB	(1024UL * 1024)

/*
 * Maps an AUX area and counts what that took. Returns what the mmap() did, or 1
 * if there is no way to count.
 */
static int map_and_count(struct __test_metadata *_metadata, const struct pmu *pmu, size_t size,
			 bool overwrite, struct allocs *allocs)
{
	struct event_spec spec = { .type = pmu->type, .pid = 0, .cpu = -1 };
	struct area area;
	int ret;

	ASSERT_EQ(0, area_open(&area, &spec));
	if (allocs_begin(allocs, getpid(), ALLOCS_ENOUGH)) {
		area_close(&area);
		return 1;
	}
	ret = area_map(&area, size, overwrite);
	ASSERT_EQ(0, allocs_end(allocs));

	if (!ret) {
		/* It runs, with no trace to see if the hardware is emulated. */
		EXPECT_EQ(0, area_enable(&area));
		EXPECT_EQ(0, area_disable(&area));
	}
	area_close(&area);

	return ret;
}

/* Expects chunks of this order only. */
static void expect_only(struct __test_metadata *_metadata, const struct allocs *allocs,
			unsigned int order, unsigned long nr)
{
	unsigned int i;

	EXPECT_EQ(nr, allocs->aux[order]) TH_LOG("order %u", order);
	for (i = 1; i < ALLOCS_MAX_ORDERS; i++) {
		if (i != order)
			EXPECT_EQ(0, allocs->aux[i]) TH_LOG("order %u", i);
	}
}

FIXTURE(bts)
{
	struct pmu	pmu;
	struct allocs	allocs;
};

FIXTURE_SETUP(bts)
{
	if (geteuid())
		SKIP(return, "needs root");
	if (pmu_find("intel_bts", &self->pmu))
		SKIP(return, "no intel_bts");
	memory_compact();
}

FIXTURE_TEARDOWN(bts)
{
}

TEST_F(bts, read_only_max)
{
	EXPECT_EQ(0444, max_order_mode("intel_bts"));
	EXPECT_EQ(max_page_order(), max_order_read("intel_bts"));
	EXPECT_EQ(-EACCES, max_order_write("intel_bts", "0", 1));
}

TEST_F(bts, overwrite_is_one_chunk)
{
	unsigned int order;
	int ret;

	for (order = 1; order <= max_page_order(); order++) {
		ret = map_and_count(_metadata, &self->pmu, (size_t)getpagesize() << order, true,
				    &self->allocs);
		if (ret > 0)
			SKIP(return, "no kmem:mm_page_alloc");
		EXPECT_EQ(0, ret) TH_LOG("order %u", order);
		expect_only(_metadata, &self->allocs, order, 1);
	}
}

TEST_F(bts, overwrite_too_large_takes_nothing)
{
	unsigned int order;
	int ret;

	for (order = max_page_order() + 1; order < max_page_order() + 4; order++) {
		ret = map_and_count(_metadata, &self->pmu, (size_t)getpagesize() << order, true,
				    &self->allocs);
		if (ret > 0)
			SKIP(return, "no kmem:mm_page_alloc");
		EXPECT_EQ(-ENOMEM, ret) TH_LOG("order %u", order);
		EXPECT_EQ(0, allocs_high_order(&self->allocs));
		EXPECT_GT(8, self->allocs.all[0]);
	}
}

/* Two halves: the default watermark is half of the area. */
TEST_F(bts, rw_is_two_chunks)
{
	unsigned int order;
	int ret;

	for (order = 1; order <= max_page_order(); order++) {
		ret = map_and_count(_metadata, &self->pmu, (size_t)getpagesize() << (order + 1),
				    false, &self->allocs);
		if (ret > 0)
			SKIP(return, "no kmem:mm_page_alloc");
		EXPECT_EQ(0, ret) TH_LOG("order %u", order);
		expect_only(_metadata, &self->allocs, order, 2);
	}
}

FIXTURE(pt)
{
	struct pmu	pmu;
	struct allocs	allocs;
	unsigned long	multiple_entries;
};

FIXTURE_SETUP(pt)
{
	if (geteuid())
		SKIP(return, "needs root");
	if (pmu_find("intel_pt", &self->pmu))
		SKIP(return, "no intel_pt");
	memory_compact();
	ASSERT_EQ(0, file_read_ul(PMU_DIR "/intel_pt/caps/topa_multiple_entries",
				  &self->multiple_entries));
}

FIXTURE_TEARDOWN(pt)
{
	max_orders_restore();
}

TEST_F(pt, mode_and_value)
{
	if (self->multiple_entries) {
		EXPECT_EQ(0644, max_order_mode("intel_pt"));
		ASSERT_EQ(0, max_order_set("intel_pt", 9));
		ASSERT_EQ(0, max_order_set("intel_pt", 0));
	} else {
		EXPECT_EQ(0444, max_order_mode("intel_pt"));
		EXPECT_EQ(max_page_order(), max_order_read("intel_pt"));
		EXPECT_EQ(-EACCES, max_order_write("intel_pt", "0", 1));
	}
}

TEST_F(pt, single_pages)
{
	unsigned long nr = 4 * MIB / getpagesize();
	bool overwrite;
	int ret;

	if (!self->multiple_entries)
		SKIP(return, "the hardware needs contiguous memory");
	ASSERT_EQ(0, max_order_set("intel_pt", 0));

	for (overwrite = false;; overwrite = true) {
		long pages = memory_allocated_pages();

		ret = map_and_count(_metadata, &self->pmu, 4 * MIB, overwrite, &self->allocs);
		if (ret > 0)
			SKIP(return, "no kmem:mm_page_alloc");
		EXPECT_EQ(0, ret);
		EXPECT_EQ(0, allocs_high_order(&self->allocs));

		/* The tracepoint may miss those that are taken in bulk. */
		EXPECT_LE(self->allocs.aux[0], nr);
		EXPECT_LE(nr, memory_allocated_pages() - pages);
		TH_LOG("%lu pages, %lu seen by mm_page_alloc", nr, self->allocs.aux[0]);
		if (overwrite)
			break;
	}
}

TEST_F(pt, each_order)
{
	unsigned int order, expected, max = max_page_order();
	int ret;

	if (!self->multiple_entries)
		SKIP(return, "the hardware needs contiguous memory");

	/* 4 MiB: its half is order 9 with pages of 4 KiB. */
	for (order = 1; order <= max; order++) {
		ASSERT_EQ(0, max_order_set("intel_pt", order));

		expected = order;
		while ((size_t)getpagesize() << expected > 2 * MIB)
			expected--;
		ret = map_and_count(_metadata, &self->pmu, 4 * MIB, false, &self->allocs);
		if (ret > 0)
			SKIP(return, "no kmem:mm_page_alloc");
		EXPECT_EQ(0, ret);
		expect_only(_metadata, &self->allocs, expected,
			    4 * MIB / ((size_t)getpagesize() << expected));

		/* In overwrite mode there is no half. */
		expected = order;
		while ((size_t)getpagesize() << expected > 4 * MIB)
			expected--;
		ret = map_and_count(_metadata, &self->pmu, 4 * MIB, true, &self->allocs);
		EXPECT_EQ(0, ret);
		expect_only(_metadata, &self->allocs, expected,
			    4 * MIB / ((size_t)getpagesize() << expected));
	}
}

TEST_F(pt, single_entry_is_one_chunk)
{
	size_t largest = (size_t)getpagesize() << max_page_order();
	int ret;

	if (self->multiple_entries)
		SKIP(return, "the hardware can use scattered memory");

	ret = map_and_count(_metadata, &self->pmu, largest, true, &self->allocs);
	if (ret > 0)
		SKIP(return, "no kmem:mm_page_alloc");
	EXPECT_EQ(0, ret);
	expect_only(_metadata, &self->allocs, max_page_order(), 1);

	ret = map_and_count(_metadata, &self->pmu, 2 * largest, true, &self->allocs);
	EXPECT_EQ(-ENOMEM, ret);
	EXPECT_EQ(0, allocs_high_order(&self->allocs));
	EXPECT_GT(8, self->allocs.all[0]);

	ret = map_and_count(_metadata, &self->pmu, largest, false, &self->allocs);
	EXPECT_EQ(0, ret);
	expect_only(_metadata, &self->allocs, max_page_order() - 1, 2);
}

/* What does not fit into 32 bits. */
TEST_F_TIMEOUT(pt, four_gib, 240)
{
	size_t size = 4096 * MIB;
	int ret;

	if (!self->multiple_entries)
		SKIP(return, "the hardware needs contiguous memory");
	if (sizeof(size_t) == 4 || memory_available() < size + size / 4)
		SKIP(return, "needs 5 GiB of memory");
	ASSERT_EQ(0, max_order_set("intel_pt", 0));

	ret = map_and_count(_metadata, &self->pmu, size, false, &self->allocs);
	if (ret > 0)
		SKIP(return, "no kmem:mm_page_alloc");
	EXPECT_EQ(0, ret);
	EXPECT_EQ(0, allocs_high_order(&self->allocs));
}

/* Refused before anything is taken for it. */
TEST_F(pt, more_than_there_is)
{
	unsigned int order;
	int ret;

	for (order = 36; order < 42; order++) {
		if ((1ULL << order) / getpagesize() < (unsigned long)sysconf(_SC_PHYS_PAGES))
			continue;
		ret = map_and_count(_metadata, &self->pmu, 1ULL << order, false, &self->allocs);
		if (ret > 0)
			SKIP(return, "no kmem:mm_page_alloc");
		EXPECT_EQ(-ENOMEM, ret) TH_LOG("order %u", order);
		EXPECT_EQ(0, allocs_high_order(&self->allocs));
		EXPECT_GT(8, self->allocs.all[0]);
	}
}

/*
 * Two events of this PMU don't get along, and the second one is refused when it has
 * taken the first one for the source of its samples. That must not keep the first
 * one alive: with an event of intel_pt, there is none of intel_bts.
 */
TEST_F(pt, refused_sampler_leaves_leader)
{
	struct perf_event_attr attr = {
		.type		= self->pmu.type,
		.size		= sizeof(attr),
		.disabled	= 1,
		.exclude_kernel	= 1,
	};
	struct event_spec spec = { .cpu = -1 };
	struct area area;
	struct pmu bts;
	int fd, i, ret;

	if (pmu_find("intel_bts", &bts))
		SKIP(return, "no intel_bts");

	fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
	ASSERT_LE(0, fd);
	attr.sample_type = PERF_SAMPLE_AUX;
	attr.aux_sample_size = 64;
	EXPECT_EQ(-1, syscall(SYS_perf_event_open, &attr, 0, -1, fd, 0));
	EXPECT_EQ(EBUSY, errno);
	close(fd);

	spec.type = bts.type;
	for (i = 0; i < 100; i++) {
		ret = area_open(&area, &spec);
		if (!ret)
			area_close(&area);
		if (ret != -EBUSY)
			break;
		usleep(10000);
	}
	EXPECT_EQ(0, ret);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
