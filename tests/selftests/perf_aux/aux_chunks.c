// SPDX-License-Identifier: GPL-2.0-only
/*
 * What AUX areas are made of, and whether user space reads from them what was
 * written: the chunks are compared with those that the rules give, the trace
 * byte for byte, for each kind of PMU and each order.
 */

#include <sched.h>
#include <time.h>

#include "area.h"
#include "chunks.h"
#include "file.h"
#include "memory.h"
#include "pattern.h"
#include "pmu.h"
#include "test.h"

#define MIB		(1024UL * 1024)
#define LARGE_SIZE	(64 * MIB)

FIXTURE(chunks)
{
	struct event_spec	spec;
	struct chunks_spec	rules;
	unsigned long		nr_areas;
	unsigned long		nr_excused;
};

FIXTURE_VARIANT(chunks)
{
	const char	*pmu;
	bool		must;
};

FIXTURE_VARIANT_ADD(chunks, must)
{
	.pmu = TEST_PMU_MUST, .must = true,
};

FIXTURE_VARIANT_ADD(chunks, nice)
{
	.pmu = TEST_PMU_NICE,
};

FIXTURE_VARIANT_ADD(chunks, dontcare)
{
	.pmu = TEST_PMU_DONTCARE,
};

/* The timer of the PMU keeps one CPU busy, and reading what it writes another. */
static int choose_cpu(void)
{
	cpu_set_t allowed, reader;
	int cpu, last = 0;

	sched_getaffinity(0, sizeof(allowed), &allowed);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &allowed))
			last = cpu;
	}

	reader = allowed;
	CPU_CLR(last, &reader);
	if (CPU_COUNT(&reader))
		sched_setaffinity(0, sizeof(reader), &reader);

	return last;
}

FIXTURE_SETUP(chunks)
{
	struct pmu pmu;

	SKIP_WITHOUT_TEST_PMU();
	SKIP_WITHOUT_MAX_ORDER(variant->pmu);
	ASSERT_EQ(0, pmu_find(variant->pmu, &pmu));

	self->spec.type = pmu.type;
	self->spec.pid = -1;
	self->spec.cpu = choose_cpu();
	self->rules.must = variant->must;

	/* Blocks that others have freed are there in one piece. */
	memory_settle();
	file_write_str("/proc/sys/vm/compact_memory", "1");
}

FIXTURE_TEARDOWN_PARENT(chunks)
{
	max_orders_restore();
}

/*
 * Maps an AUX area as in self->rules, and compares its chunks. Returns whether it
 * is mapped.
 */
static bool map_as_expected(struct __test_metadata *_metadata, FIXTURE_DATA(chunks) *self,
			    const FIXTURE_VARIANT(chunks) *variant, struct area *area)
{
	unsigned long size = (unsigned long)self->rules.nr_pages * getpagesize();
	struct chunks expected, seen;
	int ret, ret_expected;
	const char *rule;

	self->spec.watermark = self->rules.watermark;
	ret_expected = chunks_expect(&expected, &self->rules);
	self->nr_areas++;

	ASSERT_EQ(0, area_open(area, &self->spec));
	ret = area_map(area, size, self->rules.overwrite);
	EXPECT_EQ(ret_expected, ret)
		TH_LOG("aux_max_order %u, %u pages, watermark %lu, %s", self->rules.aux_max_order,
		       self->rules.nr_pages, self->rules.watermark,
		       self->rules.overwrite ? "overwrite" : "rw");
	if (ret) {
		area_close(area);
		return false;
	}

	ASSERT_EQ(1, chunks_of_process(variant->pmu, getpid(), &seen, 1));
	if (ret_expected || chunks_equal(&expected, &seen))
		return true;

	/* Smaller chunks are right only if there are no larger blocks. */
	rule = chunks_broken_rule(&seen, chunks_first_order(&expected));
	if (rule || chunks_first_order(&seen) > chunks_first_order(&expected) ||
	    seen.nr_pages != expected.nr_pages || seen.overwrite != expected.overwrite ||
	    free_blocks(chunks_first_order(&expected)) > 4 + expected.runs[0].nr) {
		_metadata->exit_code = KSFT_FAIL;
		TH_LOG("aux_max_order %u, watermark %lu: %s", self->rules.aux_max_order,
		       self->rules.watermark, rule ?: "other chunks than expected");
		TH_LOG("  expected %s", chunks_str(&expected));
		TH_LOG("  seen     %s", chunks_str(&seen));
	}
	self->nr_excused++;

	return true;
}

static void report_areas(struct __test_metadata *_metadata, FIXTURE_DATA(chunks) *self)
{
	TH_LOG("%lu AUX areas, %lu of them not as large-grained as allowed", self->nr_areas,
	       self->nr_excused);

	/* If memory is that fragmented, nothing was tested. */
	EXPECT_LE(self->nr_excused, self->nr_areas / 4);
}

/* PMUs that need contiguous memory have no order to set. */
static unsigned int nr_orders(const FIXTURE_VARIANT(chunks) *variant)
{
	return variant->must ? 1 : max_page_order() + 1;
}

static void use_order(struct __test_metadata *_metadata, FIXTURE_DATA(chunks) *self,
		      const FIXTURE_VARIANT(chunks) *variant, unsigned int order)
{
	self->rules.aux_max_order = order;
	if (!variant->must)
		ASSERT_EQ(0, max_order_set(variant->pmu, order));
}

/* Areas of 1 page to 8 MiB, with each of the watermarks in turn. */
static void check_layouts(struct __test_metadata *_metadata, FIXTURE_DATA(chunks) *self,
			  const FIXTURE_VARIANT(chunks) *variant)
{
	unsigned long page = getpagesize(), size, watermarks[10];
	unsigned int order, i, nr;
	struct area area;

	for (order = 0; order < nr_orders(variant); order++) {
		use_order(_metadata, self, variant, order);

		for (size = page; size <= 8 * MIB; size *= 2) {
			self->rules.nr_pages = size / page;
			self->rules.watermark = 0;
			nr = 0;
			watermarks[nr++] = 0;
			if (!self->rules.overwrite) {
				watermarks[nr++] = 1;
				watermarks[nr++] = page;
				watermarks[nr++] = page + 1;
				watermarks[nr++] = 12345;
				watermarks[nr++] = size;
				watermarks[nr++] = size / 4 + 13;
				watermarks[nr++] = 2 * size + 1;
				watermarks[nr++] = UINT32_MAX;
			}

			/* It is the small chunks that take the time. */
			if (order < 4 && size > 2 * MIB)
				nr = 1;

			for (i = 0; i < nr; i++) {
				self->rules.watermark = watermarks[i];
				if (map_as_expected(_metadata, self, variant, &area))
					area_close(&area);
			}
		}
	}

	report_areas(_metadata, self);
}

TEST_F_TIMEOUT(chunks, layout_rw, 120)
{
	check_layouts(_metadata, self, variant);
}

TEST_F_TIMEOUT(chunks, layout_overwrite, 120)
{
	self->rules.overwrite = true;
	check_layouts(_metadata, self, variant);
}

/* Opened for a thread and not for a CPU, the memory node is another decision. */
TEST_F(chunks, layout_of_thread)
{
	unsigned int order;
	struct area area;

	self->spec.pid = 0;
	self->spec.cpu = -1;
	self->rules.nr_pages = 256;

	for (order = 0; order < nr_orders(variant); order++) {
		use_order(_metadata, self, variant, order);
		if (map_as_expected(_metadata, self, variant, &area))
			area_close(&area);
	}

	report_areas(_metadata, self);
}

/* mmap() takes powers of two only. */
TEST_F(chunks, odd_sizes_refused)
{
	static const unsigned int nr_pages[] = { 3, 5, 6, 7, 9, 1023, 1025 };
	struct area area;
	unsigned int i;

	ASSERT_EQ(0, area_open(&area, &self->spec));
	for (i = 0; i < ARRAY_SIZE(nr_pages); i++) {
		EXPECT_EQ(-EINVAL, area_map(&area, nr_pages[i] * getpagesize(), false));
		EXPECT_EQ(-EINVAL, area_map(&area, nr_pages[i] * getpagesize(), true));
	}
	EXPECT_EQ(0, chunks_of_process(variant->pmu, getpid(), NULL, 0));
	area_close(&area);
}

/*
 * The trace
 */

#define SEED	0xa55a

/* Not a multiple of any chunk, so the boundaries are met at all offsets. */
#define BYTES_PER_TICK	12360
#define PERIOD_US	200

/* Long enough also for an emulator that shares its CPU. */
#define STUCK_MS	10000

static unsigned long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000UL + ts.tv_nsec / 1000000;
}

/* Waits until the trace gets beyond @pos. Returns false if it is stuck. */
static bool wait_for_head(struct area *area, __u64 pos)
{
	unsigned long start = now_ms();

	while (area_head(area) <= pos) {
		struct area_records records;

		if (now_ms() - start > STUCK_MS)
			return false;

		/* The area may have been full for a moment, which stops the event. */
		area_records(area, &records);
		if (records.nr_truncated)
			area_enable(area);
		usleep(100);
	}

	return true;
}

static bool trace_is_right(struct __test_metadata *_metadata, struct area *area, __u64 from, __u64 to)
{
	struct pattern_error error;

	if (pattern_check(area, SEED, from, to, &error))
		return true;

	EXPECT_EQ(error.expected, error.seen)
		TH_LOG("at byte %llu of the trace, offset %llu of %zu", error.pos,
		       error.pos % area->aux_size, area->aux_size);
	return false;
}

/* Follow the trace for @bytes, giving back what was read. */
static void check_trace_rw(struct __test_metadata *_metadata, struct area *area, __u64 bytes)
{
	__u64 head, end = area->start + bytes;

	ASSERT_EQ(0, area_enable(area));

	while (area->tail < end) {
		ASSERT_TRUE(wait_for_head(area, area->tail))
			TH_LOG("stuck at byte %llu, size %zu", area->tail, area->aux_size);

		head = area_head(area);
		ASSERT_LE(head - area->tail, area->aux_size);
		if (!trace_is_right(_metadata, area, area->tail, head))
			break;
		area_consume(area, head);
	}

	ASSERT_EQ(0, area_disable(area));
}

/* Let the trace overwrite itself for @bytes, stop it, and look at what is left. */
static void check_trace_overwrite(struct __test_metadata *_metadata, struct area *area, __u64 bytes)
{
	__u64 head, from;

	ASSERT_EQ(0, area_enable(area));
	ASSERT_TRUE(wait_for_head(area, area->start + bytes));
	ASSERT_EQ(0, area_disable(area));

	head = area_head(area);
	from = head - area->start > area->aux_size ? head - area->aux_size : area->start;
	trace_is_right(_metadata, area, from, head);
}

static void check_trace(struct __test_metadata *_metadata, struct area *area, unsigned int nr_wraps)
{
	/* Not at the end of the area, and not at the same place each time. */
	__u64 bytes = nr_wraps * area->aux_size + area->aux_size / 3;

	if (area->overwrite)
		check_trace_overwrite(_metadata, area, bytes);
	else
		check_trace_rw(_metadata, area, bytes);
}

static void check_traces(struct __test_metadata *_metadata, FIXTURE_DATA(chunks) *self,
			 const FIXTURE_VARIANT(chunks) *variant)
{
	static const unsigned int nr_pages[] = { 1, 2, 16, 128, 1024 };
	unsigned int order, i;
	struct area area;

	self->spec.config1 = PERIOD_US;

	for (order = 0; order < nr_orders(variant); order++) {
		use_order(_metadata, self, variant, order);

		for (i = 0; i < ARRAY_SIZE(nr_pages); i++) {
			unsigned int bytes = BYTES_PER_TICK;

			/* Quick with the large ones, fine-grained with the small ones. */
			if (nr_pages[i] > 100)
				bytes = 8 * BYTES_PER_TICK + 8;
			self->spec.config = test_pmu_config(bytes, SEED);
			self->rules.nr_pages = nr_pages[i];
			self->rules.watermark = 0;
			if (!self->rules.overwrite && i % 2)
				self->rules.watermark = 5 * nr_pages[i] * getpagesize() / 7;

			if (!map_as_expected(_metadata, self, variant, &area))
				continue;
			check_trace(_metadata, &area, nr_pages[i] > 100 ? 1 : 4);
			area_close(&area);
		}
	}

	report_areas(_metadata, self);
}

TEST_F_TIMEOUT(chunks, trace_rw, 120)
{
	check_traces(_metadata, self, variant);
}

TEST_F_TIMEOUT(chunks, trace_overwrite, 120)
{
	self->rules.overwrite = true;
	check_traces(_metadata, self, variant);
}

/* A single word at a time: each word of the area is one of its own to the driver. */
TEST_F(chunks, trace_word_by_word)
{
	struct area area;

	use_order(_metadata, self, variant, 1);
	self->spec.config = test_pmu_config(PATTERN_WORD_SIZE, SEED);
	self->spec.config1 = 100;
	self->rules.nr_pages = 1;

	ASSERT_TRUE(map_as_expected(_metadata, self, variant, &area));
	check_trace(_metadata, &area, 1);
	area_close(&area);
}

/* AUX areas of one event, one after the other, each with chunks of its own. */
TEST_F(chunks, trace_after_remap)
{
	static const unsigned int orders[] = { 3, 0, 4, 1 };
	struct area area;
	unsigned int i;

	self->spec.config = test_pmu_config(BYTES_PER_TICK, SEED);
	self->spec.config1 = PERIOD_US;
	ASSERT_EQ(0, area_open(&area, &self->spec));

	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		use_order(_metadata, self, variant, orders[i]);
		ASSERT_EQ(0, area_map(&area, 64 * getpagesize(), i % 2));
		check_trace(_metadata, &area, 2);
		ASSERT_EQ(0, area_unmap(&area));
	}

	area_close(&area);
}

/* The event starts and stops when its thread is scheduled in and out. */
TEST_F(chunks, trace_of_thread)
{
	struct area area;

	self->spec.pid = 0;
	self->spec.cpu = -1;
	self->spec.config = test_pmu_config(BYTES_PER_TICK, SEED);
	self->spec.config1 = PERIOD_US;
	self->rules.nr_pages = 16;
	use_order(_metadata, self, variant, 3);

	ASSERT_TRUE(map_as_expected(_metadata, self, variant, &area));
	check_trace(_metadata, &area, 20);
	area_close(&area);
}

TEST_F_TIMEOUT(chunks, large, 120)
{
	static const unsigned int orders[] = { 0, 3, 9, 10 };
	unsigned int i;
	struct area area;

	if (memory_available() < 4 * LARGE_SIZE)
		SKIP(return, "needs %lu MiB of memory", 4 * LARGE_SIZE / MIB);

	self->rules.nr_pages = LARGE_SIZE / getpagesize();
	self->spec.config = test_pmu_config(32 * BYTES_PER_TICK + 8, SEED);
	self->spec.config1 = PERIOD_US;

	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		if (variant->must && i)
			break;
		use_order(_metadata, self, variant, orders[i]);
		ASSERT_TRUE(map_as_expected(_metadata, self, variant, &area));

		/* All of it, with chunks of the first order. */
		check_trace(_metadata, &area, i ? 0 : 1);
		area_close(&area);
	}

	report_areas(_metadata, self);
}

/*
 * A full AUX area
 */

/* Nothing is overwritten: the event is stopped and says so, until there is room. */
TEST_F(chunks, full)
{
	struct area_records records;
	unsigned long start;
	unsigned int round;
	struct area area;
	__u64 head;

	self->spec.config = test_pmu_config(4096, SEED);
	self->spec.config1 = PERIOD_US;
	self->rules.nr_pages = 16;
	use_order(_metadata, self, variant, 2);
	ASSERT_TRUE(map_as_expected(_metadata, self, variant, &area));
	ASSERT_EQ(0, area_enable(&area));

	for (round = 0; round < 3; round++) {
		unsigned long nr_truncated = 0;
		__u64 bytes = 0;

		start = now_ms();
		while (!nr_truncated) {
			ASSERT_LT(now_ms() - start, STUCK_MS) TH_LOG("no truncated record");
			area_records(&area, &records);
			ASSERT_EQ(0, records.nr_lost);
			nr_truncated += records.nr_truncated;
			bytes += records.aux_bytes;
			usleep(1000);
		}

		/* As full as it gets; the records tell how much that is. */
		EXPECT_EQ(1, nr_truncated);
		head = area_head(&area);
		EXPECT_EQ(head - area.tail, bytes);
		EXPECT_EQ(area.aux_size - PATTERN_WORD_SIZE, head - area.tail);
		trace_is_right(_metadata, &area, area.tail, head);

		/* It stays disabled, also when there is room. */
		area_consume(&area, head);
		usleep(20 * 1000);
		EXPECT_EQ(head, area_head(&area));
		area_records(&area, &records);
		EXPECT_EQ(0, records.nr_aux);

		ASSERT_EQ(0, area_enable(&area));
		ASSERT_TRUE(wait_for_head(&area, head));
	}

	area_close(&area);
}

/*
 * Contiguous or nothing
 */

FIXTURE(must_overwrite)
{
	struct event_spec spec;
};

FIXTURE_SETUP(must_overwrite)
{
	struct pmu pmu;

	SKIP_WITHOUT_TEST_PMU();
	SKIP_WITHOUT_MAX_ORDER(TEST_PMU_MUST);
	ASSERT_EQ(0, pmu_find(TEST_PMU_MUST, &pmu));
	self->spec.type = pmu.type;
	self->spec.cpu = -1;
	memory_settle();
	file_write_str("/proc/sys/vm/compact_memory", "1");
}

FIXTURE_TEARDOWN(must_overwrite)
{
}

TEST_F(must_overwrite, one_allocation)
{
	unsigned int order;
	struct area area;

	for (order = 1; order <= max_page_order(); order++) {
		struct allocs allocs;
		int ret;

		ASSERT_EQ(0, area_open(&area, &self->spec));
		if (allocs_begin(&allocs, getpid())) {
			area_close(&area);
			SKIP(return, "no kmem:mm_page_alloc (CONFIG_EVENT_TRACING)");
		}
		ret = area_map(&area, (size_t)getpagesize() << order, true);
		ASSERT_EQ(0, allocs_end(&allocs));

		ASSERT_EQ(0, ret);
		EXPECT_EQ(1, allocs.aux[order]);
		EXPECT_EQ(1, allocs_high_order(&allocs));
		area_close(&area);
	}
}

/* Larger than any block: nobody's memory is taken only to find out. */
TEST_F(must_overwrite, too_large_takes_nothing)
{
	unsigned int max = max_page_order(), order;
	struct area area;

	for (order = max + 1; order <= max + 4; order++) {
		struct allocs allocs;
		unsigned long pages = 0;
		unsigned int i;
		int ret;

		ASSERT_EQ(0, area_open(&area, &self->spec));
		if (allocs_begin(&allocs, getpid())) {
			area_close(&area);
			SKIP(return, "no kmem:mm_page_alloc (CONFIG_EVENT_TRACING)");
		}
		ret = area_map(&area, (size_t)getpagesize() << order, true);
		ASSERT_EQ(0, allocs_end(&allocs));

		EXPECT_EQ(-ENOMEM, ret);
		EXPECT_EQ(0, allocs_high_order(&allocs));
		for (i = 0; i < ALLOCS_MAX_ORDERS; i++)
			pages += allocs.all[i] << i;
		/* Page tables, slabs. The array of pages would be more than that. */
		EXPECT_LE(pages, 8);
		area_close(&area);
	}
}

TEST_MAIN
