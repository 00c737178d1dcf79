// SPDX-License-Identifier: GPL-2.0-only
/*
 * AUX areas when memory can't be had: what was taken is given back, and chunks
 * fall back to smaller ones without breaking the rules.
 */

#include <fcntl.h>
#include <glob.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>

#include "area.h"
#include "chunks.h"
#include "faults.h"
#include "file.h"
#include "memory.h"
#include "pattern.h"
#include "pmu.h"
#include "stats.h"
#include "stress.h"
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
	long pages_before, limit = memory_growth_limit(NOISE_PAGES);
	size_t size = 128 * getpagesize();
	struct memory_growth growth = { };
	unsigned int i, nr_failed = 0;
	struct area area;

	ASSERT_EQ(0, area_open(&area, &self->spec));

	pages_before = memory_pages_of("rb_alloc_aux");
	while (memory_grows(&growth, limit)) {
		for (i = 0; i < 8; i++) {
			nr_failed = fail_everywhere(_metadata, &area, size, i % 2);

			/* The array of pages at least, and what the driver needs. */
			EXPECT_LE(2, nr_failed);
			EXPECT_EQ(0, chunks_of_process(variant->pmu, getpid(), NULL, 0));
		}
	}
	EXPECT_LT(growth.pages, limit);
	EXPECT_EQ(pages_before, memory_pages_of("rb_alloc_aux"));
	TH_LOG("%u allocations of a mmap() can fail", nr_failed);

	/* As if nothing had happened. */
	ASSERT_EQ(0, area_map(&area, size, false));
	EXPECT_EQ(1, chunks_of_process(variant->pmu, getpid(), NULL, 0));
	area_close(&area);
}

/* The driver says no, when all memory has been allocated already. */
TEST_F(faults, driver_refuses)
{
	long pages_before, limit = memory_growth_limit(NOISE_PAGES);
	struct memory_growth growth = { };
	size_t size = 4 * MIB;
	struct area area;
	int i;

	self->spec.config |= TEST_PMU_REFUSE;
	ASSERT_EQ(0, area_open(&area, &self->spec));

	pages_before = memory_pages_of("rb_alloc_aux");
	while (memory_grows(&growth, limit)) {
		for (i = 0; i < 10; i++) {
			EXPECT_EQ(-ENOMEM, area_map(&area, size, i % 2));
			EXPECT_EQ(0, chunks_of_process(variant->pmu, getpid(), NULL, 0));
		}
	}
	EXPECT_LT(growth.pages, limit);
	EXPECT_EQ(pages_before, memory_pages_of("rb_alloc_aux"));
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

	/* Nothing here needs more than a page, not even the array of pages: 64 KiB. */
	ASSERT_EQ(0, faults_every(1, 1));
	EXPECT_EQ(0, area_map(&area, 32 * MIB, false));
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
	size_t array_size = size / getpagesize() * sizeof(void *);
	/* The larger the page, the more arrays a page is. */
	long limit = 192, nr_sweeps = limit * 4 * getpagesize() / array_size, sweep;
	unsigned int nths[12], nr_nths = 0, nth, i;
	unsigned int nr_tries = 0, nr_failed = 0;
	struct memory_growth growth = { };
	struct area area;
	struct pmu pmu;
	int ret;

	if (memory_available() < 2 * size)
		SKIP(return, "needs %lu MiB of memory", 2 * size / MIB);

	ASSERT_EQ(0, pmu_find(TEST_PMU_NICE, &pmu));
	ASSERT_EQ(0, max_order_set(TEST_PMU_NICE, 0));
	self->spec.type = pmu.type;
	ASSERT_EQ(0, area_open(&area, &self->spec));

	/*
	 * The first allocations that an mmap() can't do without. That of a single
	 * page may be none of them: there is a second attempt. Slabs and page tables
	 * that stay are there after the first time.
	 */
	ASSERT_EQ(0, area_map(&area, size, false));
	ASSERT_EQ(0, area_unmap(&area));
	for (nth = 1; nth <= ARRAY_SIZE(nths); nth++) {
		ASSERT_EQ(0, faults_nth(nth));
		ret = area_map(&area, size, false);
		ASSERT_TRUE(faults_nth_happened());
		if (ret)
			nths[nr_nths++] = nth;
		else
			ASSERT_EQ(0, area_unmap(&area));
	}
	ASSERT_LT(0, nr_nths);

	while (memory_grows(&growth, limit)) {
		for (sweep = 0; sweep < nr_sweeps; sweep++) {
			for (i = 0; i < nr_nths; i++) {
				ASSERT_EQ(0, faults_nth(nths[i]));
				ret = area_map(&area, size, false);
				ASSERT_TRUE(faults_nth_happened());

				nr_tries++;
				if (ret) {
					ASSERT_EQ(-ENOMEM, ret);
					nr_failed++;
				} else {
					ASSERT_EQ(0, area_unmap(&area));
				}
			}
		}
	}
	EXPECT_LT(growth.pages, limit);

	/* Slabs and debug options are allocated for now and then, and take a fault. */
	EXPECT_LE(nr_tries / 2, nr_failed) TH_LOG("of %u", nr_tries);
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

	/* The array of pages is a page, or two. */
	while (memory_grows(&growth, nr_maps / 2)) {
		for (i = 0; i < nr_maps; i++)
			EXPECT_EQ(-ENOMEM, area_map(&area, size, true));
	}
	EXPECT_LT(growth.pages, nr_maps / 2);

	ASSERT_EQ(0, faults_none());
	EXPECT_EQ(0, area_map(&area, size, true));
	area_close(&area);
}

/*
 * Each call that leads to an AUX area, with each of its allocations failing, over
 * and over
 */

#define FAULT_PMU	"aux_test_fault"

/* How many faults all of it injects; PERF_AUX_FAULTS says otherwise. */
#define DEFAULT_FAULTS	2000

static unsigned long nr_faults(void)
{
	const char *value = getenv("PERF_AUX_FAULTS");

	return value ? strtoul(value, NULL, 10) : DEFAULT_FAULTS;
}

/* For calls: what they work with, prepared while nothing fails. */
static struct event_spec call_spec;
static struct area call_area = { .fd = -1 };
static struct stress_random call_random;
static int call_module = -1;

/* With its data area. */
static int call_open(void)
{
	return area_open(&call_area, &call_spec);
}

static int call_mmap(void)
{
	size_t size = getpagesize() << stress_random(&call_random, 8);

	return area_map(&call_area, size, stress_random(&call_random, 2));
}

static int call_register(void)
{
	return test_pmu_register(FAULT_PMU, "dontcare");
}

static int call_load(void)
{
	return syscall(SYS_finit_module, call_module, "", 0) ? -errno : 0;
}

static int call_sysfs(void)
{
	char path[MAX_ORDER_PATH_LEN];

	max_order_path(TEST_PMU_NICE, path);
	return file_write_ul(path, stress_random(&call_random, 5));
}

static int call_debugfs(void)
{
	static const char *const paths[] = { STATS_AREAS, STATS_DIR "/" TEST_PMU_NICE "/stats" };
	const char *path = paths[stress_random(&call_random, ARRAY_SIZE(paths))];
	char buf[1024];
	ssize_t ret;

	ret = file_read(path, buf, sizeof(buf));
	return ret < 0 ? ret : 0;
}

/* Undo what succeeded in spite of a fault, or without one, while nothing fails. */
static void undo_open(void)
{
	area_close(&call_area);
}

static void undo_mmap(void)
{
	area_unmap(&call_area);
}

static void undo_nothing(void)
{
}

static void undo_register(void)
{
	test_pmu_unregister(FAULT_PMU);
}

static void undo_load(void)
{
	test_pmu_unload();
}

FIXTURE(calls)
{
	bool	begun;
};

FIXTURE_VARIANT(calls)
{
	int		(*call)(void);
	void		(*undo)(void);
	unsigned int	percent;	/* of all faults */
	bool		random;		/* any number of faults at once, too */
};

FIXTURE_VARIANT_ADD(calls, mmap)
{
	.call = call_mmap, .undo = undo_mmap, .percent = 40, .random = true,
};

FIXTURE_VARIANT_ADD(calls, perf_event_open)
{
	.call = call_open, .undo = undo_open, .percent = 25, .random = true,
};

FIXTURE_VARIANT_ADD(calls, register_pmu)
{
	.call = call_register, .undo = undo_register, .percent = 10,
};

FIXTURE_VARIANT_ADD(calls, load_module)
{
	.call = call_load, .undo = undo_load, .percent = 1,
};

FIXTURE_VARIANT_ADD(calls, sysfs_write)
{
	.call = call_sysfs, .undo = undo_nothing, .percent = 12, .random = true,
};

FIXTURE_VARIANT_ADD(calls, debugfs_open)
{
	.call = call_debugfs, .undo = undo_nothing, .percent = 12, .random = true,
};

static int open_module(void)
{
	struct utsname uts;
	char pattern[512];
	glob_t paths;
	int fd = -1;

	uname(&uts);
	snprintf(pattern, sizeof(pattern), "/lib/modules/%s/kernel/kernel/events/aux_test_pmu.ko",
		 uts.release);
	if (!glob(pattern, 0, NULL, &paths)) {
		fd = open(paths.gl_pathv[0], O_RDONLY | O_CLOEXEC);
		globfree(&paths);
	}

	return fd;
}

FIXTURE_SETUP(calls)
{
	struct pmu pmu;

	if (lacks_faults())
		SKIP(return, "%s", lacks_faults());
	if (variant->call == call_debugfs && !stats_available())
		SKIP(return, "no statistics (CONFIG_PERF_AUX_STATS)");
	if (variant->call == call_load) {
		if (test_pmu_references())
			SKIP(return, "somebody else uses the module");
		call_module = open_module();
		if (call_module < 0)
			SKIP(return, "no module file that isn't compressed");
		ASSERT_EQ(0, test_pmu_unload());
	} else {
		ASSERT_EQ(0, pmu_find(TEST_PMU_DONTCARE, &pmu));
		call_spec = (struct event_spec) { .type = pmu.type, .cpu = -1 };
		if (variant->call == call_mmap)
			ASSERT_EQ(0, area_open(&call_area, &call_spec));
	}
	call_random.state = stress_seed();
	TH_LOG("PERF_AUX_SEED=%llu", call_random.state);

	ASSERT_EQ(0, faults_begin());
	self->begun = true;
}

FIXTURE_TEARDOWN(calls)
{
	if (self->begun)
		faults_end();
	area_close(&call_area);
	if (call_module >= 0)
		close(call_module);
	test_pmu_load();
	max_orders_restore();
}

/* One after the other of its allocations, until there is none left to fail. */
static void fail_each(struct __test_metadata *_metadata, int (*call)(void), void (*undo)(void))
{
	__u64 state = call_random.state;
	bool happened = true;
	unsigned int nth;
	int ret;

	for (nth = 1; happened; nth++) {
		call_random.state = state;	/* the same each time */
		ASSERT_EQ(0, faults_nth(nth));
		ret = call();
		happened = faults_nth_happened();
		ASSERT_TRUE(!ret || (happened && ret == -ENOMEM))
			TH_LOG("%s when allocation %u %s", strerror(-ret), nth,
			       happened ? "failed" : "didn't fail");
		if (!ret)
			undo();
	}
}

static void fail_some(struct __test_metadata *_metadata, int (*call)(void), void (*undo)(void))
{
	unsigned int i;
	int ret;

	ASSERT_EQ(0, faults_at_random(1 + stress_random(&call_random, 50)));
	for (i = 0; i < 100; i++) {
		faults_resume();
		ret = call();
		faults_pause();
		ASSERT_TRUE(!ret || ret == -ENOMEM) TH_LOG("%s", strerror(-ret));
		if (!ret)
			undo();
	}
	ASSERT_EQ(0, faults_none());
}

TEST_F_TIMEOUT(calls, fail_cleanly, 100000)
{
	unsigned long wanted = nr_faults() * variant->percent / 100, injected = 0, before = 0;
	struct memory_growth growth = { };
	long pages, pages_before, limit = memory_growth_limit(NOISE_PAGES);

	/* What modules were loaded to is given back late. */
	if (variant->call == call_load && limit == NOISE_PAGES)
		limit *= 4;

	pages_before = memory_pages_of("rb_alloc_aux");
	while (memory_grows(&growth, limit)) {
		before = faults_count();
		do {
			fail_each(_metadata, variant->call, variant->undo);
			if (variant->random)
				fail_some(_metadata, variant->call, variant->undo);
			injected = faults_count();
		} while (injected - before < wanted);
	}
	EXPECT_LT(growth.pages, limit);
	EXPECT_LE(wanted, injected);

	pages = memory_pages_of("rb_alloc_aux");
	EXPECT_EQ(pages_before, pages) TH_LOG("pages of AUX areas, by their owner");
	TH_LOG("%lu faults injected, %ld pages taken by the last %lu", injected, growth.pages,
	       injected - before);

	/* As if nothing had happened. */
	EXPECT_EQ(0, variant->call());
	variant->undo();
}

/*
 * While an AUX area is mapped into the page table, and there is no memory for all
 * of it, another process unmaps the data area: the area that goes away is not what
 * remains.
 */
#define NR_TRIES	40

/* The last allocation that an mmap() can't do without is that for the page table. */
static unsigned int last_needed(struct __test_metadata *_metadata, struct area *area, size_t size)
{
	unsigned int nth, last = 0;
	bool happened = true;

	for (nth = 1; happened; nth++) {
		int ret;

		ASSERT_EQ(0, faults_nth(nth));
		ret = area_map(area, size, false);
		/* Before munmap(), which would leave the area where it is if it failed. */
		happened = faults_nth_happened();
		if (ret)
			last = nth;
		else
			ASSERT_EQ(0, area_unmap(area));
	}

	return last;
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

TEST_F_TIMEOUT(no_chunk, page_table_while_data_is_unmapped, 240)
{
	/* Debug options allocate so often that each of those takes its time to try. */
	size_t size = memory_pages_of("rb_alloc_aux") < 0 ? 16 * MIB : MIB;
	unsigned int i, nth;
	struct area area;
	struct pmu pmu;
	double took;

	ASSERT_EQ(0, pmu_find(TEST_PMU_NICE, &pmu));
	ASSERT_EQ(0, max_order_set(TEST_PMU_NICE, 0));
	self->spec.type = pmu.type;

	ASSERT_EQ(0, area_open(&area, &self->spec));
	nth = last_needed(_metadata, &area, size);
	ASSERT_LT(0, nth);
	took = seconds();
	ASSERT_EQ(0, area_map(&area, size, false));
	took = seconds() - took;
	area_close(&area);

	for (i = 0; i < NR_TRIES; i++) {
		int ready[2], go[2], status;
		void *aux;
		pid_t pid;
		char c = 0;

		ASSERT_EQ(0, area_open(&area, &self->spec));
		ASSERT_EQ(0, pipe(ready));
		ASSERT_EQ(0, pipe(go));
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid) {
			void *data = mmap(NULL, area.base_size, PROT_READ | PROT_WRITE, MAP_SHARED,
					  area.fd, 0);

			if (data == MAP_FAILED || write(ready[1], &c, 1) != 1 ||
			    read(go[0], &c, 1) != 1)
				_exit(1);
			usleep(took * 1e6 * i / NR_TRIES);
			_exit(munmap(data, area.base_size) ? 1 : 0);
		}
		ASSERT_EQ(1, read(ready[0], &c, 1));

		/* From now on, that process alone has the data area mapped. */
		area.page->aux_offset = area.base_size;
		area.page->aux_size = size;
		ASSERT_EQ(0, munmap(area.page, area.base_size));
		area.page = NULL;

		ASSERT_EQ(1, write(go[1], &c, 1));
		ASSERT_EQ(0, faults_nth(nth));
		aux = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, area.fd, area.base_size);
		faults_nth(0);
		if (aux != MAP_FAILED)
			munmap(aux, size);

		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_EQ(0, status);
		area_close(&area);
		close(ready[0]);
		close(ready[1]);
		close(go[0]);
		close(go[1]);
		ASSERT_EQ(0, chunks_of_process(TEST_PMU_NICE, getpid(), NULL, 0))
			TH_LOG("lost in turn %u", i);
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
