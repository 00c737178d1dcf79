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

/* AUX areas to map at a PMU, and how that went so far. */
struct trial {
	const char		*pmu;
	struct event_spec	spec;
	struct chunks_spec	rules;
	unsigned long		nr_areas;
	unsigned long		nr_excused;
};

FIXTURE(chunks)
{
	struct trial trial;
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

	if (lacks_test_pmu())
		SKIP(return, "%s", lacks_test_pmu());
	ASSERT_EQ(0, pmu_find(variant->pmu, &pmu));

	self->trial.pmu = variant->pmu;
	self->trial.spec.type = pmu.type;
	self->trial.spec.pid = -1;
	self->trial.spec.cpu = choose_cpu();
	self->trial.rules.must = variant->must;

	memory_compact();
}

FIXTURE_TEARDOWN_PARENT(chunks)
{
	max_orders_restore();
}

/*
 * Maps an AUX area as in trial->rules, and compares its chunks. Returns whether it
 * is mapped.
 */
static bool map_as_expected(struct __test_metadata *_metadata, struct trial *trial,
			    struct area *area)
{
	unsigned long size = (unsigned long)trial->rules.nr_pages * getpagesize();
	struct chunks expected, seen;
	int ret, ret_expected;
	const char *rule;

	trial->spec.watermark = trial->rules.watermark;
	ret_expected = chunks_expect(&expected, &trial->rules);
	trial->nr_areas++;

	ASSERT_EQ(0, area_open(area, &trial->spec));
	ret = area_map(area, size, trial->rules.overwrite);
	EXPECT_EQ(ret_expected, ret)
		TH_LOG("aux_max_order %u, %u pages, watermark %lu, %s", trial->rules.aux_max_order,
		       trial->rules.nr_pages, trial->rules.watermark,
		       trial->rules.overwrite ? "overwrite" : "rw");
	if (ret) {
		area_close(area);
		return false;
	}

	ASSERT_EQ(1, chunks_of_process(trial->pmu, getpid(), &seen, 1));
	if (ret_expected || chunks_equal(&expected, &seen))
		return true;

	/* Smaller chunks are right only if there are no larger blocks. */
	rule = chunks_broken_rule(&seen, chunks_first_order(&expected));
	if (rule || chunks_first_order(&seen) > chunks_first_order(&expected) ||
	    seen.nr_pages != expected.nr_pages || seen.overwrite != expected.overwrite ||
	    free_blocks(chunks_first_order(&expected)) > 4 + expected.runs[0].nr) {
		_metadata->exit_code = KSFT_FAIL;
		TH_LOG("aux_max_order %u, watermark %lu: %s", trial->rules.aux_max_order,
		       trial->rules.watermark, rule ?: "other chunks than expected");
		TH_LOG("  expected %s", chunks_str(&expected));
		TH_LOG("  seen     %s", chunks_str(&seen));
	}
	trial->nr_excused++;

	return true;
}

static void report_areas(struct __test_metadata *_metadata, struct trial *trial)
{
	TH_LOG("%lu AUX areas, %lu of them not as large-grained as allowed", trial->nr_areas,
	       trial->nr_excused);

	/* If memory is that fragmented, nothing was tested. */
	EXPECT_LE(trial->nr_excused, trial->nr_areas / 4);
}

/* PMUs that need contiguous memory have no order to set. */
static unsigned int nr_orders(const struct trial *trial)
{
	return trial->rules.must ? 1 : max_page_order() + 1;
}

static void use_order(struct __test_metadata *_metadata, struct trial *trial, unsigned int order)
{
	trial->rules.aux_max_order = order;
	if (!trial->rules.must)
		ASSERT_EQ(0, max_order_set(trial->pmu, order));
}

/* Areas of 1 page to 8 MiB, with each of the watermarks in turn. */
static void check_layouts(struct __test_metadata *_metadata, struct trial *trial)
{
	unsigned long page = getpagesize(), size, watermarks[10];
	unsigned int order, i, nr;
	struct area area;

	for (order = 0; order < nr_orders(trial); order++) {
		use_order(_metadata, trial, order);

		for (size = page; size <= 8 * MIB; size *= 2) {
			trial->rules.nr_pages = size / page;
			trial->rules.watermark = 0;
			nr = 0;
			watermarks[nr++] = 0;
			if (!trial->rules.overwrite) {
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
				trial->rules.watermark = watermarks[i];
				if (map_as_expected(_metadata, trial, &area))
					area_close(&area);
			}
		}
	}

	report_areas(_metadata, trial);
}

TEST_F_TIMEOUT(chunks, layout_rw, 120)
{
	check_layouts(_metadata, &self->trial);
}

TEST_F_TIMEOUT(chunks, layout_overwrite, 120)
{
	self->trial.rules.overwrite = true;
	check_layouts(_metadata, &self->trial);
}

/* Opened for a thread and not for a CPU, the memory node is another decision. */
TEST_F(chunks, layout_of_thread)
{
	unsigned int order;
	struct area area;

	self->trial.spec.pid = 0;
	self->trial.spec.cpu = -1;
	self->trial.rules.nr_pages = 256;

	for (order = 0; order < nr_orders(&self->trial); order++) {
		use_order(_metadata, &self->trial, order);
		if (map_as_expected(_metadata, &self->trial, &area))
			area_close(&area);
	}

	report_areas(_metadata, &self->trial);
}

/* mmap() takes powers of two only. */
TEST_F(chunks, odd_sizes_refused)
{
	static const unsigned int nr_pages[] = { 3, 5, 6, 7, 9, 1023, 1025 };
	struct area area;
	unsigned int i;

	ASSERT_EQ(0, area_open(&area, &self->trial.spec));
	for (i = 0; i < ARRAY_SIZE(nr_pages); i++) {
		EXPECT_EQ(-EINVAL, area_map(&area, nr_pages[i] * getpagesize(), false));
		EXPECT_EQ(-EINVAL, area_map(&area, nr_pages[i] * getpagesize(), true));
	}
	EXPECT_EQ(0, chunks_of_process(self->trial.pmu, getpid(), NULL, 0));
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
	unsigned long start = now_ms(), waited;
	struct area_records records;

	while (area_head(area) <= pos) {
		waited = now_ms() - start;
		if (waited > STUCK_MS)
			return false;

		/* An event of this thread traces only while it runs. */
		if (waited < 5)
			continue;

		/*
		 * A full area stops the event, a little later than it says so in
		 * a record: it may not have been stopped yet the first time.
		 */
		area_enable(area);
		area_records(area, &records);
		usleep(1000);
	}

	return true;
}

static bool trace_is_right(struct __test_metadata *_metadata, const struct area *area,
			   __u64 from, __u64 to)
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

static void check_traces(struct __test_metadata *_metadata, struct trial *trial)
{
	static const unsigned int nr_pages[] = { 1, 2, 16, 128, 1024 };
	unsigned int order, i;
	struct area area;

	trial->spec.config1 = PERIOD_US;

	for (order = 0; order < nr_orders(trial); order++) {
		use_order(_metadata, trial, order);

		for (i = 0; i < ARRAY_SIZE(nr_pages); i++) {
			unsigned int bytes = BYTES_PER_TICK;

			/* There is a test of large ones, and it takes its time. */
			if (nr_pages[i] * getpagesize() > 4 * MIB)
				continue;

			/* Quick with the large ones, fine-grained with the small ones. */
			if (nr_pages[i] > 100)
				bytes = 8 * BYTES_PER_TICK + 8;
			trial->spec.config = test_pmu_config(bytes, SEED);
			trial->rules.nr_pages = nr_pages[i];
			trial->rules.watermark = 0;
			if (!trial->rules.overwrite && i % 2)
				trial->rules.watermark = 5 * nr_pages[i] * getpagesize() / 7;

			if (!map_as_expected(_metadata, trial, &area))
				continue;
			check_trace(_metadata, &area, nr_pages[i] > 100 ? 1 : 4);
			area_close(&area);
		}
	}

	report_areas(_metadata, trial);
}

TEST_F_TIMEOUT(chunks, trace_rw, 120)
{
	check_traces(_metadata, &self->trial);
}

TEST_F_TIMEOUT(chunks, trace_overwrite, 120)
{
	self->trial.rules.overwrite = true;
	check_traces(_metadata, &self->trial);
}

/* A single word at a time: each word of the area is one of its own to the driver. */
TEST_F(chunks, trace_word_by_word)
{
	struct area area;

	use_order(_metadata, &self->trial, 1);
	self->trial.spec.config = test_pmu_config(PATTERN_WORD_SIZE, SEED);
	self->trial.spec.config1 = 100;
	self->trial.rules.nr_pages = 1;

	ASSERT_TRUE(map_as_expected(_metadata, &self->trial, &area));
	check_trace(_metadata, &area, 1);
	area_close(&area);
}

/* AUX areas of one event, one after the other, each with chunks of its own. */
TEST_F(chunks, trace_after_remap)
{
	static const unsigned int orders[] = { 3, 0, 4, 1 };
	struct area area;
	unsigned int i;

	self->trial.spec.config = test_pmu_config(BYTES_PER_TICK, SEED);
	self->trial.spec.config1 = PERIOD_US;
	ASSERT_EQ(0, area_open(&area, &self->trial.spec));

	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		use_order(_metadata, &self->trial, orders[i]);
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

	self->trial.spec.pid = 0;
	self->trial.spec.cpu = -1;
	self->trial.spec.config = test_pmu_config(BYTES_PER_TICK, SEED);
	self->trial.spec.config1 = PERIOD_US;
	self->trial.rules.nr_pages = 16;
	use_order(_metadata, &self->trial, 3);

	ASSERT_TRUE(map_as_expected(_metadata, &self->trial, &area));
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

	self->trial.rules.nr_pages = LARGE_SIZE / getpagesize();
	self->trial.spec.config = test_pmu_config(32 * BYTES_PER_TICK + 8, SEED);
	self->trial.spec.config1 = PERIOD_US;

	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		if (self->trial.rules.must && i)
			break;
		use_order(_metadata, &self->trial, orders[i]);
		ASSERT_TRUE(map_as_expected(_metadata, &self->trial, &area));

		/* All of it, with chunks of the first order. */
		check_trace(_metadata, &area, i ? 0 : 1);
		area_close(&area);
	}

	report_areas(_metadata, &self->trial);
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

	self->trial.spec.config = test_pmu_config(4096, SEED);
	self->trial.spec.config1 = PERIOD_US;
	self->trial.rules.nr_pages = 16;
	use_order(_metadata, &self->trial, 2);
	ASSERT_TRUE(map_as_expected(_metadata, &self->trial, &area));
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
	}
	ASSERT_TRUE(wait_for_head(&area, head));

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

	if (lacks_test_pmu())
		SKIP(return, "%s", lacks_test_pmu());
	ASSERT_EQ(0, pmu_find(TEST_PMU_MUST, &pmu));
	self->spec.type = pmu.type;
	self->spec.cpu = -1;
	memory_compact();
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
		if (allocs_begin(&allocs, getpid(), ALLOCS_ENOUGH)) {
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
		if (allocs_begin(&allocs, getpid(), ALLOCS_ENOUGH)) {
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

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
