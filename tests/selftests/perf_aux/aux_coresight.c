// SPDX-License-Identifier: GPL-2.0-only
/*
 * The driver cs_etm, which takes whatever pages it is given. It registers without
 * hardware, and then has no sink to trace into: it refuses each AUX area after all
 * of it was allocated. With a sink, it maps them.
 */

#include <dirent.h>

#include "area.h"
#include "chunks.h"
#include "memory.h"
#include "pmu.h"
#include "stats.h"
#include "test.h"

static bool has_sink(void)
{
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	dir = opendir(PMU_DIR "/cs_etm/sinks");
	if (!dir)
		return false;
	while ((entry = readdir(dir)))
		found |= entry->d_name[0] != '.';
	closedir(dir);

	return found;
}

FIXTURE(etm)
{
	struct area	area;
	bool		sink;
	int		result;		/* of mapping an AUX area */
};

FIXTURE_SETUP(etm)
{
	struct event_spec spec = { .cpu = -1 };
	struct pmu pmu;

	if (geteuid())
		SKIP(return, "needs root");
	if (pmu_find("cs_etm", &pmu))
		SKIP(return, "no cs_etm");

	self->sink = has_sink();
	self->result = self->sink ? 0 : -ENOMEM;
	TH_LOG("%s sink: %s", self->sink ? "a" : "no", strerror(-self->result));

	spec.type = pmu.type;
	ASSERT_EQ(0, area_open(&self->area, &spec));
	memory_compact();
}

FIXTURE_TEARDOWN(etm)
{
	area_close(&self->area);
	max_orders_restore();
}

TEST_F(etm, mode_and_value)
{
	unsigned int order;

	EXPECT_EQ(0644, max_order_mode("cs_etm"));
	EXPECT_EQ(0, max_order_read("cs_etm"));
	for (order = 0; order <= max_page_order(); order++)
		EXPECT_EQ(0, max_order_set("cs_etm", order));
	EXPECT_EQ(-ERANGE, max_order_set("cs_etm", max_page_order() + 1));
	EXPECT_EQ(max_page_order(), max_order_read("cs_etm"));
}

TEST_F(etm, single_pages_by_default)
{
	unsigned long nr = 1024;
	struct allocs allocs;
	long pages;

	ASSERT_EQ(0, max_order_set("cs_etm", 0));
	pages = memory_allocated_pages();
	if (allocs_begin(&allocs, getpid(), ALLOCS_ENOUGH))
		SKIP(return, "no kmem:mm_page_alloc");
	EXPECT_EQ(self->result, area_map(&self->area, nr * getpagesize(), false));
	ASSERT_EQ(0, allocs_end(&allocs));
	EXPECT_EQ(0, allocs_high_order(&allocs));
	EXPECT_LE(nr, memory_allocated_pages() - pages);
}

/* Refused or not, each chunk is of the order that was set. */
TEST_F(etm, chunks_of_each_order)
{
	unsigned int order, nr = 4, i;
	struct allocs allocs;
	size_t size;

	for (order = 1; order <= max_page_order(); order++) {
		size = nr * ((size_t)getpagesize() << order);
		/* The sink has a buffer of its own. */
		if (size > memory_available() / 4)
			break;
		ASSERT_EQ(0, max_order_set("cs_etm", order));

		if (allocs_begin(&allocs, getpid(), ALLOCS_ENOUGH))
			SKIP(return, "no kmem:mm_page_alloc");
		EXPECT_EQ(self->result, area_map(&self->area, size, false));
		ASSERT_EQ(0, allocs_end(&allocs));
		area_unmap(&self->area);

		EXPECT_EQ(nr, allocs.aux[order]) TH_LOG("order %u", order);
		for (i = 1; i < ALLOCS_MAX_ORDERS; i++) {
			if (i != order)
				EXPECT_EQ(0, allocs.aux[i]) TH_LOG("order %u", i);
		}
	}
	EXPECT_LT(8, order);
}

/* The pages go back, and the event is none the worse for it. */
TEST_F(etm, nothing_is_left)
{
	struct memory_growth growth = { };
	size_t size = 64 * getpagesize();
	unsigned int i;

	while (memory_grows(&growth, 64)) {
		for (i = 0; i < 20; i++) {
			ASSERT_EQ(0, max_order_set("cs_etm", i % 5));
			EXPECT_EQ(self->result, area_map(&self->area, size, i & 1));
			area_unmap(&self->area);
		}
	}
	EXPECT_GT(64, growth.pages);

	/* Without an AUX area, the driver does not start to trace. */
	EXPECT_EQ(0, area_enable(&self->area));
	EXPECT_EQ(0, area_disable(&self->area));
	EXPECT_EQ(0, area_head(&self->area));
}

TEST_F(etm, statistics)
{
	enum stats_outcome outcome = self->sink ? STATS_ALLOCATED : STATS_SETUP;
	unsigned int order = 2, nr = 8, i;
	struct stats before, after;

	if (!stats_available())
		SKIP(return, "no statistics (CONFIG_PERF_AUX_STATS, debugfs)");

	ASSERT_EQ(0, max_order_set("cs_etm", order));
	ASSERT_EQ(0, stats_read("cs_etm", &before)) TH_LOG("%s", stats_bad());
	ASSERT_EQ(self->result, area_map(&self->area, nr * (getpagesize() << order), false));
	ASSERT_EQ(0, stats_read("cs_etm", &after)) TH_LOG("%s", stats_bad());

	for (i = 0; i < STATS_NR_OUTCOMES; i++)
		EXPECT_EQ(before.outcome[i] + (i == outcome), after.outcome[i])
			TH_LOG("outcome %u", i);
	EXPECT_EQ(before.chunk_alloc[order] + nr, after.chunk_alloc[order]);
	EXPECT_EQ(before.chunk_fallback, after.chunk_fallback);
	EXPECT_EQ(self->sink, after.area_live);
	EXPECT_EQ(self->sink ? nr << order : 0, after.page_live);
	EXPECT_EQ(self->sink ? nr : 0, after.chunk_live[order]);

	area_unmap(&self->area);
	ASSERT_EQ(0, stats_read("cs_etm", &after)) TH_LOG("%s", stats_bad());
	EXPECT_EQ(0, after.area_live);
	EXPECT_EQ(0, after.page_live);
	EXPECT_EQ(0, after.chunk_live[order]);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
