// SPDX-License-Identifier: GPL-2.0-only
/*
 * The statistics of AUX areas: they agree with the tracepoints, and with what the
 * page allocator handed out; what is live returns to zero however an area comes to
 * its end; and who reads them while areas come and go sees what is true for one
 * instant.
 */

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>

#include "area.h"
#include "chunks.h"
#include "events.h"
#include "faults.h"
#include "file.h"
#include "memory.h"
#include "pmu.h"
#include "stats.h"
#include "test.h"

#define MIB		(1024UL * 1024)
#define PMU_NAME	"aux_test_stats"
#define NOBODY		65534

static const char *const default_pmus[] = { TEST_PMU_MUST, TEST_PMU_NICE, TEST_PMU_DONTCARE };

#define NR_PMUS		ARRAY_SIZE(default_pmus)
#define MUST		0

static const char *lacks_stats(void)
{
	if (lacks_test_pmu())
		return lacks_test_pmu();
	if (access("/sys/kernel/debug", X_OK) || !stats_available())
		return "no statistics (CONFIG_PERF_AUX_STATS, debugfs)";

	return NULL;
}

static const char *lacks_stats_events(void)
{
	return lacks_stats() ?: events_lack();
}

static const char *lacks_stats_faults(void)
{
	if (lacks_stats_events())
		return lacks_stats_events();
	if (!faults_available())
		return "no fault injection (CONFIG_FAIL_PAGE_ALLOC, CONFIG_FAILSLAB)";

	return NULL;
}

static __u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* xorshift64*: the same numbers everywhere. */
static unsigned int next_random(__u64 *state, unsigned int nr)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (*state * 0x2545f4914f6cdd1dULL >> 33) % nr;
}

/* What must be true of a PMU now, in stats and areas. */
static void expect_live(struct __test_metadata *_metadata, const char *pmu,
			__u64 nr_areas, __u64 nr_pages)
{
	struct stats stats;
	const char *rule;

	ASSERT_EQ(0, stats_read(pmu, &stats)) TH_LOG("%s: %s", pmu, stats_bad());
	rule = stats_broken_rule(&stats, nr_areas);
	EXPECT_EQ(NULL, rule) TH_LOG("%s: %s", pmu, rule);
	EXPECT_EQ(nr_areas, stats.area_live);
	EXPECT_EQ(nr_pages, stats.page_live);
	EXPECT_EQ(nr_areas, stats_find_row(pmu, -1, NULL)) TH_LOG("%s", stats_bad());
}

/* Waits for a child that is to exit with 0. */
static void expect_exit(struct __test_metadata *_metadata, pid_t pid)
{
	int status;

	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(0, WEXITSTATUS(status));
}

/*
 * Three counts of the same
 */

#define NR_CYCLES	10000
#define DEFAULT_SEED	20261122

/* Pages of an area: few mostly, up to the largest block sometimes. */
static unsigned int random_pages(__u64 *random)
{
	return 1U << (next_random(random, 64) ? next_random(random, 7) :
						7 + next_random(random, max_page_order() - 6));
}

struct run {
	struct stats		before[NR_PMUS];
	struct events		events;
	struct event_spec	specs[NR_PMUS];
	struct area		areas[NR_PMUS];
	unsigned int		nr_pages[NR_PMUS];	/* mapped */
	unsigned long		nr_mapped[NR_PMUS];
	unsigned long		nr_failed[NR_PMUS];
	__u64			random;
};

FIXTURE(counts)
{
	struct run run;
};

FIXTURE_SETUP(counts)
{
	struct run *run = &self->run;
	struct pmu pmu;
	unsigned int i;

	if (lacks_stats_events())
		SKIP(return, "%s", lacks_stats_events());

	for (i = 0; i < NR_PMUS; i++) {
		ASSERT_EQ(0, pmu_find(default_pmus[i], &pmu));
		run->specs[i] = (struct event_spec){ .type = pmu.type, .cpu = -1 };
		run->areas[i].fd = -1;

		/* Other users of the PMU would be counted as well. */
		ASSERT_EQ(0, stats_find_row(default_pmus[i], -1, NULL)) TH_LOG("%s", stats_bad());
		ASSERT_EQ(0, stats_read(default_pmus[i], &run->before[i]));
	}
	ASSERT_EQ(0, events_begin(&run->events, getpid()));
}

FIXTURE_TEARDOWN_PARENT(counts)
{
	max_orders_restore();
	allocs_cleanup();
}

/* Another event: of this task or a CPU, any watermark, sometimes to be refused. */
static void reopen(struct __test_metadata *_metadata, struct run *run, unsigned int i)
{
	static const __u32 watermarks[] = { 0, 0, 1, 4096, 16384, 100000, 1 << 20, UINT32_MAX };
	struct event_spec *spec = &run->specs[i];

	if (run->areas[i].fd >= 0)
		area_close(&run->areas[i]);

	spec->watermark = watermarks[next_random(&run->random, ARRAY_SIZE(watermarks))];
	spec->config = next_random(&run->random, 16) ? 0 : TEST_PMU_REFUSE;
	spec->cpu = next_random(&run->random, 2) - 1;
	spec->pid = spec->cpu < 0 ? 0 : -1;
	ASSERT_EQ(0, area_open(&run->areas[i], spec));
}

/* Maps or unmaps one area. Returns how many cycles of that are complete, 0 or 1. */
static unsigned int map_or_unmap(struct __test_metadata *_metadata, struct run *run,
				 unsigned int i)
{
	unsigned int nr_pages = random_pages(&run->random);
	bool overwrite = next_random(&run->random, 2);
	int ret;

	if (run->nr_pages[i]) {
		ASSERT_EQ(0, area_unmap(&run->areas[i]));
		run->nr_pages[i] = 0;
		return 1;
	}

	/* More than can be had in one piece. */
	if (i == MUST && overwrite && !next_random(&run->random, 16))
		nr_pages = 2U << max_page_order();

	if (!next_random(&run->random, 50))
		reopen(_metadata, run, i);
	if (i != MUST && !next_random(&run->random, 20))
		ASSERT_EQ(0, max_order_set(default_pmus[i],
					   next_random(&run->random, max_page_order() + 1)));

	ret = area_map(&run->areas[i], (size_t)nr_pages * getpagesize(), overwrite);
	if (!ret) {
		run->nr_pages[i] = nr_pages;
		run->nr_mapped[i]++;
	} else {
		ASSERT_EQ(-ENOMEM, ret);
		run->nr_failed[i]++;
	}

	return 0;
}

/* All that was counted, in @sum. */
static void add_delta(struct stats *sum, const struct stats *before, const struct stats *after)
{
	const __u64 *from = (const __u64 *)before, *to = (const __u64 *)after;
	__u64 *member;

	for (member = (__u64 *)sum; member < (__u64 *)(sum + 1); member++)
		*member += *to++ - *from++;
}

/* The stats, the events of perf, and those of the page allocator. */
static void expect_same(struct __test_metadata *_metadata, const struct stats *delta,
			const struct events_counts *counts)
{
	unsigned int i;

	for (i = 0; i < STATS_NR_OUTCOMES; i++)
		EXPECT_EQ(counts->outcome[i], delta->outcome[i]) TH_LOG("outcome %u", i);
	for (i = 0; i < STATS_MAX_ORDERS; i++) {
		EXPECT_EQ(counts->chunks[i], delta->chunk_alloc[i]) TH_LOG("order %u", i);
		EXPECT_LE(counts->pages[i], delta->chunk_alloc[i]) TH_LOG("order %u", i);
		if (i)
			EXPECT_LE(delta->chunk_alloc[i], counts->pages[i]) TH_LOG("order %u", i);
	}
	EXPECT_EQ(counts->fallback, delta->chunk_fallback);
	EXPECT_EQ(counts->nr_free, delta->outcome[STATS_ALLOCATED] - delta->area_live);
}

TEST_F_TIMEOUT(counts, three_counts_agree, 240)
{
	struct run *run = &self->run;
	unsigned int nr_cycles = 0, nr_events = 0, order, i;
	unsigned long nr_mapped = 0, nr_failed = 0, chunks = 0;
	const char *seed = getenv("AUX_STATS_SEED");
	struct stats after, delta = {};
	__u64 failed = 0;

	run->random = seed ? strtoull(seed, NULL, 0) : DEFAULT_SEED;
	TH_LOG("AUX_STATS_SEED=%llu", run->random);
	run->random = run->random ?: 1;

	for (i = 0; i < NR_PMUS; i++)
		reopen(_metadata, run, i);

	while (nr_cycles < NR_CYCLES) {
		i = next_random(&run->random, NR_PMUS);
		nr_cycles += map_or_unmap(_metadata, run, i);

		/* As if it were single pages; there may be something else, too. */
		nr_events += 100 + run->nr_pages[i];
		if (nr_events > EVENTS_BUFFER_SIZE / EVENTS_MAX_SIZE / 4) {
			ASSERT_EQ(0, events_drain(&run->events));
			nr_events = 0;
		}
	}
	for (i = 0; i < NR_PMUS; i++)
		area_close(&run->areas[i]);
	ASSERT_EQ(0, events_end(&run->events));

	for (i = 0; i < NR_PMUS; i++) {
		expect_live(_metadata, default_pmus[i], 0, 0);
		ASSERT_EQ(0, stats_read(default_pmus[i], &after));
		EXPECT_TRUE(stats_grow(&run->before[i], &after));
		EXPECT_EQ(run->nr_mapped[i], after.outcome[STATS_ALLOCATED] -
					      run->before[i].outcome[STATS_ALLOCATED]);
		EXPECT_LT(NR_CYCLES / NR_PMUS / 2, run->nr_mapped[i]);
		add_delta(&delta, &run->before[i], &after);
		nr_mapped += run->nr_mapped[i];
		nr_failed += run->nr_failed[i];
	}
	expect_same(_metadata, &delta, &run->events.counts);

	/* All of it is given back, and all failures have a cause. */
	EXPECT_EQ(nr_mapped, run->events.counts.nr_free);
	for (i = STATS_ALLOCATED + 1; i < STATS_NR_OUTCOMES; i++)
		failed += delta.outcome[i];
	EXPECT_EQ(nr_failed, failed);

	/* Else this has tested less than it should. */
	EXPECT_LE(NR_CYCLES, nr_mapped);
	EXPECT_LT(0, delta.outcome[STATS_MAX_ORDER]);
	EXPECT_LT(0, delta.outcome[STATS_SETUP]);
	for (order = 0; order <= max_page_order(); order++) {
		EXPECT_LT(0, delta.chunk_alloc[order]) TH_LOG("order %u", order);
		chunks += delta.chunk_alloc[order];
	}
	TH_LOG("%lu areas, %lu chunks, %lu failures", nr_mapped, chunks, nr_failed);
}

/*
 * The ends of areas
 */

#define LIVE_PAGES	64

FIXTURE(live)
{
	struct event_spec	spec;
	size_t			size;
};

FIXTURE_VARIANT(live)
{
	const char	*kind;
	bool		overwrite;
};

FIXTURE_VARIANT_ADD(live, must)
{
	.kind = "must", .overwrite = true,
};

FIXTURE_VARIANT_ADD(live, nice)
{
	.kind = "nice",
};

FIXTURE_VARIANT_ADD(live, dontcare)
{
	.kind = "dontcare",
};

FIXTURE_SETUP(live)
{
	struct pmu pmu;

	if (lacks_stats())
		SKIP(return, "%s", lacks_stats());

	/* Of a test that was killed. */
	test_pmu_unregister(PMU_NAME);
	ASSERT_EQ(0, test_pmu_register(PMU_NAME, variant->kind));
	ASSERT_EQ(0, pmu_find(PMU_NAME, &pmu));
	self->spec = (struct event_spec){ .type = pmu.type, .cpu = -1 };
	self->size = LIVE_PAGES * getpagesize();
}

FIXTURE_TEARDOWN_PARENT(live)
{
	if (!test_pmu_load()) {
		test_pmu_unregister(PMU_NAME);
		max_orders_restore();
	}
}

static void map_live(struct __test_metadata *_metadata, const struct event_spec *spec,
		     bool overwrite, struct area *area)
{
	ASSERT_EQ(0, area_open(area, spec));
	ASSERT_EQ(0, area_map(area, LIVE_PAGES * getpagesize(), overwrite));
	expect_live(_metadata, PMU_NAME, 1, LIVE_PAGES);
}

TEST_F(live, after_unmap)
{
	struct stats stats;
	struct area area;
	unsigned int i;

	for (i = 1; i <= 10; i++) {
		map_live(_metadata, &self->spec, variant->overwrite, &area);
		ASSERT_EQ(0, area_unmap(&area));
		expect_live(_metadata, PMU_NAME, 0, 0);
		area_close(&area);

		ASSERT_EQ(0, stats_read(PMU_NAME, &stats));
		EXPECT_EQ(i, stats.outcome[STATS_ALLOCATED]);
	}
}

TEST_F(live, after_close)
{
	struct area area;

	map_live(_metadata, &self->spec, variant->overwrite, &area);

	/* It is the mapping that counts. */
	close(area.fd);
	area.fd = -1;
	expect_live(_metadata, PMU_NAME, 1, LIVE_PAGES);
	area_close(&area);
	expect_live(_metadata, PMU_NAME, 0, 0);
}

/*
 * A child that maps an area, and writes a byte to @fds[1]. With @exec_argv it stops,
 * and executes that when it goes on.
 */
static pid_t fork_mapper(const struct event_spec *spec, bool overwrite, int fds[2],
			 char *const exec_argv[])
{
	struct area area;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return -1;

	pid = fork();
	if (pid)
		return pid;

	close(fds[0]);
	if (area_open(&area, spec) ||
	    area_map(&area, LIVE_PAGES * getpagesize(), overwrite) ||
	    write(fds[1], "x", 1) != 1)
		_exit(1);
	if (exec_argv) {
		raise(SIGSTOP);
		execvp(exec_argv[0], exec_argv);
		_exit(2);
	}
	for (;;)
		pause();
}

TEST_F(live, after_kill)
{
	int status, fds[2], i;
	char byte;
	pid_t pid;

	for (i = 0; i < 5; i++) {
		pid = fork_mapper(&self->spec, variant->overwrite, fds, NULL);
		ASSERT_LT(0, pid);
		close(fds[1]);
		ASSERT_EQ(1, read(fds[0], &byte, 1));
		close(fds[0]);
		expect_live(_metadata, PMU_NAME, 1, LIVE_PAGES);
		EXPECT_EQ(1, stats_find_row(PMU_NAME, pid, NULL));

		ASSERT_EQ(0, kill(pid, SIGKILL));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		expect_live(_metadata, PMU_NAME, 0, 0);
	}
}

TEST_F(live, after_exec)
{
	char *const argv[] = { "sleep", "1000", NULL };
	int status, fds[2];
	char byte;
	pid_t pid;

	pid = fork_mapper(&self->spec, variant->overwrite, fds, argv);
	ASSERT_LT(0, pid);
	close(fds[1]);
	ASSERT_EQ(1, read(fds[0], &byte, 1));
	ASSERT_EQ(pid, waitpid(pid, &status, WUNTRACED));
	ASSERT_TRUE(WIFSTOPPED(status));
	expect_live(_metadata, PMU_NAME, 1, LIVE_PAGES);
	ASSERT_EQ(0, kill(pid, SIGCONT));

	/* The pipe is closed when the old memory is gone. */
	ASSERT_EQ(0, read(fds[0], &byte, 1));
	close(fds[0]);
	expect_live(_metadata, PMU_NAME, 0, 0);

	/* It is still there, but for its area. */
	EXPECT_EQ(0, waitpid(pid, &status, WNOHANG)) TH_LOG("status %x", status);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

/* A child inherits the event but not the mapping, and may map the area again. */
TEST_F(live, after_fork)
{
	int prot = PROT_READ | (variant->overwrite ? 0 : PROT_WRITE);
	int to_child[2], to_parent[2];
	struct stats_row row;
	struct area area;
	char byte;
	pid_t pid;
	void *aux;

	ASSERT_EQ(0, pipe(to_child));
	ASSERT_EQ(0, pipe(to_parent));
	map_live(_metadata, &self->spec, variant->overwrite, &area);

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(to_child[1]);
		close(to_parent[0]);

		/* Without the area, until told so. */
		if (read(to_child[0], &byte, 1) != 1)
			_exit(1);
		aux = mmap(NULL, area.aux_size, prot, MAP_SHARED, area.fd, area.base_size);
		if (aux == MAP_FAILED)
			_exit(2);
		if (write(to_parent[1], "x", 1) != 1 || read(to_child[0], &byte, 1) != 1)
			_exit(3);
		_exit(munmap(aux, area.aux_size) || write(to_parent[1], "x", 1) != 1 ||
		      read(to_child[0], &byte, 1) != 0);
	}
	close(to_child[0]);
	close(to_parent[1]);

	/* The child alone doesn't keep it. */
	ASSERT_EQ(0, area_unmap(&area));
	expect_live(_metadata, PMU_NAME, 0, 0);

	/* It's one area, whoever has it mapped, and is that of who was first. */
	ASSERT_EQ(0, area_map(&area, self->size, variant->overwrite));
	expect_live(_metadata, PMU_NAME, 1, LIVE_PAGES);
	ASSERT_EQ(1, write(to_child[1], "x", 1));
	ASSERT_EQ(1, read(to_parent[0], &byte, 1));
	expect_live(_metadata, PMU_NAME, 1, LIVE_PAGES);
	ASSERT_EQ(0, area_unmap(&area));
	expect_live(_metadata, PMU_NAME, 1, LIVE_PAGES);
	ASSERT_EQ(1, stats_find_row(PMU_NAME, getpid(), &row));
	EXPECT_EQ(LIVE_PAGES, row.pages);

	ASSERT_EQ(1, write(to_child[1], "x", 1));
	ASSERT_EQ(1, read(to_parent[0], &byte, 1));
	expect_live(_metadata, PMU_NAME, 0, 0);

	close(to_child[1]);
	expect_exit(_metadata, pid);
	area_close(&area);
}

TEST_F(live, after_unregister)
{
	char path[STATS_PATH_LEN];
	struct stats_row row;
	struct area area;

	if (lacks_revocation())
		SKIP(return, "%s", lacks_revocation());

	map_live(_metadata, &self->spec, variant->overwrite, &area);
	ASSERT_EQ(0, test_pmu_unregister(PMU_NAME));

	/* There is nothing left of it but the area. */
	stats_path(PMU_NAME, path);
	EXPECT_EQ(-1, access(path, F_OK));
	*strrchr(path, '/') = '\0';
	EXPECT_EQ(-1, access(path, F_OK));
	ASSERT_EQ(1, stats_find_row(PMU_NAME, getpid(), &row)) TH_LOG("%s", stats_bad());
	EXPECT_EQ(LIVE_PAGES, row.pages);

	ASSERT_EQ(0, area_unmap(&area));
	EXPECT_EQ(0, stats_find_row(PMU_NAME, -1, NULL)) TH_LOG("%s", stats_bad());
	area_close(&area);
}

/* The area of a PMU that is gone is none of the next one of its name. */
TEST_F(live, after_unregister_then_same_name)
{
	struct area area, second;
	struct stats stats;
	struct pmu pmu;

	if (lacks_revocation())
		SKIP(return, "%s", lacks_revocation());

	map_live(_metadata, &self->spec, variant->overwrite, &area);
	ASSERT_EQ(0, test_pmu_unregister(PMU_NAME));
	ASSERT_EQ(0, test_pmu_register(PMU_NAME, variant->kind));
	ASSERT_EQ(0, pmu_find(PMU_NAME, &pmu));
	self->spec.type = pmu.type;

	ASSERT_EQ(0, stats_read(PMU_NAME, &stats)) TH_LOG("%s", stats_bad());
	EXPECT_EQ(0, stats.area_live);
	EXPECT_EQ(0, stats.outcome[STATS_ALLOCATED]);
	EXPECT_EQ(1, stats_find_row(PMU_NAME, -1, NULL));

	ASSERT_EQ(0, area_open(&second, &self->spec));
	ASSERT_EQ(0, area_map(&second, self->size, variant->overwrite));
	EXPECT_EQ(2, stats_find_row(PMU_NAME, getpid(), NULL));

	ASSERT_EQ(0, area_unmap(&area));
	expect_live(_metadata, PMU_NAME, 1, LIVE_PAGES);
	ASSERT_EQ(0, area_unmap(&second));
	expect_live(_metadata, PMU_NAME, 0, 0);
	area_close(&area);
	area_close(&second);
}

TEST_F(live, after_refusal)
{
	struct stats stats;
	struct area area;
	unsigned int i;

	self->spec.config = TEST_PMU_REFUSE;
	ASSERT_EQ(0, area_open(&area, &self->spec));
	for (i = 1; i <= 10; i++) {
		EXPECT_EQ(-ENOMEM, area_map(&area, self->size, i % 2));
		expect_live(_metadata, PMU_NAME, 0, 0);
		ASSERT_EQ(0, stats_read(PMU_NAME, &stats));
		EXPECT_EQ(i, stats.outcome[STATS_SETUP]);
		EXPECT_EQ(0, stats.outcome[STATS_ALLOCATED]);
		EXPECT_EQ(0, stats.alloc_ns_total);
	}
	area_close(&area);
}

/* As often as an mmap() can fail, at each place that it can. */
TEST_F_TIMEOUT(live, after_each_failure, 120)
{
	size_t size = 128 * getpagesize();
	struct stats before, after, delta;
	unsigned int nth;
	bool happened = true;
	struct events events;
	struct area area;
	int ret;

	if (lacks_stats_faults())
		SKIP(return, "%s", lacks_stats_faults());
	if (strcmp(variant->kind, "must"))
		ASSERT_EQ(0, max_order_set(PMU_NAME, 0));
	ASSERT_EQ(0, faults_begin());
	ASSERT_EQ(0, area_open(&area, &self->spec));
	ASSERT_EQ(0, stats_read(PMU_NAME, &after));
	ASSERT_EQ(0, events_begin(&events, getpid()));

	for (nth = 1; happened && nth < 1000; nth++) {
		before = after;
		memset(&events.counts, 0, sizeof(events.counts));
		ASSERT_EQ(0, faults_nth(nth));
		ret = area_map(&area, size, variant->overwrite);
		happened = faults_nth_happened();
		if (!ret)
			ASSERT_EQ(0, area_unmap(&area));
		ASSERT_EQ(0, events_drain(&events));

		expect_live(_metadata, PMU_NAME, 0, 0);
		ASSERT_EQ(0, stats_read(PMU_NAME, &after));
		memset(&delta, 0, sizeof(delta));
		add_delta(&delta, &before, &after);
		expect_same(_metadata, &delta, &events.counts);

		/* There may be no memory to map it, once it is allocated. */
		EXPECT_LE(!ret, delta.outcome[STATS_ALLOCATED]) TH_LOG("allocation %u", nth);
		EXPECT_GE(1, delta.outcome[STATS_PAGE_ARRAY] + delta.outcome[STATS_NO_BLOCK] +
			     delta.outcome[STATS_SETUP] + delta.outcome[STATS_ALLOCATED]);
	}
	ASSERT_EQ(0, events_end(&events));
	area_close(&area);
	faults_end();

	/* The first one succeeds that nothing fails in. */
	EXPECT_FALSE(happened);
	EXPECT_EQ(1, delta.outcome[STATS_ALLOCATED]);
	EXPECT_LE(1, after.outcome[STATS_PAGE_ARRAY]);
	/* There is a second attempt at a single page, and at the one chunk of an area. */
	EXPECT_EQ(0, after.outcome[STATS_NO_BLOCK]);
	EXPECT_LE(1, after.outcome[STATS_SETUP]);
	EXPECT_EQ(0, after.outcome[STATS_MAX_ORDER]);
	EXPECT_EQ(0, after.outcome[STATS_INTERRUPTED]);
}

/*
 * Causes of failures
 */

/* What a cause changed: its own counter, once, and no other of that kind. */
static void expect_cause(struct __test_metadata *_metadata, const char *pmu,
			 const struct stats *before, enum stats_outcome outcome)
{
	struct stats after;
	unsigned int i;

	ASSERT_EQ(0, stats_read(pmu, &after)) TH_LOG("%s", stats_bad());
	for (i = 0; i < STATS_NR_OUTCOMES; i++)
		EXPECT_EQ(before->outcome[i] + (i == outcome), after.outcome[i])
			TH_LOG("%s: outcome %u instead of %u", pmu, i, outcome);

	EXPECT_EQ(before->area_live, after.area_live);
	EXPECT_EQ(before->page_live, after.page_live);
	EXPECT_EQ(before->alloc_ns_total, after.alloc_ns_total);
	EXPECT_EQ(before->alloc_ns_max, after.alloc_ns_max);
}

static __u64 nr_chunks_allocated(const struct stats *stats)
{
	__u64 sum = 0;
	unsigned int i;

	for (i = 0; i < STATS_MAX_ORDERS; i++)
		sum += stats->chunk_alloc[i];

	return sum;
}

FIXTURE(cause)
{
	struct area	area;
	struct stats	before, after;
};

FIXTURE_VARIANT(cause)
{
	const char	*pmu;
};

FIXTURE_VARIANT_ADD(cause, must)
{
	.pmu = TEST_PMU_MUST,
};

FIXTURE_VARIANT_ADD(cause, nice)
{
	.pmu = TEST_PMU_NICE,
};

FIXTURE_VARIANT_ADD(cause, dontcare)
{
	.pmu = TEST_PMU_DONTCARE,
};

FIXTURE_SETUP(cause)
{
	struct event_spec spec = { .cpu = -1 };
	struct pmu pmu;

	if (lacks_stats())
		SKIP(return, "%s", lacks_stats());

	ASSERT_EQ(0, pmu_find(variant->pmu, &pmu));
	spec.type = pmu.type;
	ASSERT_EQ(0, area_open(&self->area, &spec));
	ASSERT_EQ(0, stats_read(variant->pmu, &self->before));
}

FIXTURE_TEARDOWN(cause)
{
	area_close(&self->area);
	max_orders_restore();
}

TEST_F(cause, max_order)
{
	size_t size = (size_t)getpagesize() << (max_page_order() + 1);

	if (strcmp(variant->pmu, TEST_PMU_MUST)) {
		/* Only that one must have it in one piece. */
		ASSERT_EQ(0, area_map(&self->area, size, true));
		ASSERT_EQ(0, area_unmap(&self->area));
		ASSERT_EQ(0, stats_read(variant->pmu, &self->after));
		EXPECT_EQ(self->before.outcome[STATS_MAX_ORDER],
			  self->after.outcome[STATS_MAX_ORDER]);
		return;
	}

	ASSERT_EQ(-ENOMEM, area_map(&self->area, size, true));
	expect_cause(_metadata, variant->pmu, &self->before, STATS_MAX_ORDER);
	ASSERT_EQ(0, stats_read(variant->pmu, &self->after));
	EXPECT_EQ(nr_chunks_allocated(&self->before), nr_chunks_allocated(&self->after));
}

TEST_F(cause, no_block)
{
	unsigned int order = 4;

	if (!faults_available())
		SKIP(return, "no fault injection (CONFIG_FAIL_PAGE_ALLOC, CONFIG_FAILSLAB)");
	ASSERT_EQ(0, faults_begin());

	/* Whatever is smaller can be had, but is of no use to one. */
	ASSERT_EQ(0, faults_every(1, order));
	if (strcmp(variant->pmu, TEST_PMU_MUST)) {
		EXPECT_EQ(0, area_map(&self->area, (size_t)getpagesize() << order, true));
		EXPECT_EQ(0, area_unmap(&self->area));
		ASSERT_EQ(0, stats_read(variant->pmu, &self->after));
		EXPECT_EQ(self->before.outcome[STATS_NO_BLOCK],
			  self->after.outcome[STATS_NO_BLOCK]);
	} else {
		EXPECT_EQ(-ENOMEM,
			  area_map(&self->area, (size_t)getpagesize() << order, true));
		expect_cause(_metadata, variant->pmu, &self->before, STATS_NO_BLOCK);
		ASSERT_EQ(0, stats_read(variant->pmu, &self->after));
		EXPECT_EQ(nr_chunks_allocated(&self->before), nr_chunks_allocated(&self->after));
		EXPECT_EQ(self->before.chunk_fallback, self->after.chunk_fallback);
	}
	faults_end();
}

/* Too large an array for anybody: the memory itself isn't even asked for. */
TEST_F(cause, page_array)
{
	size_t max_array = (size_t)getpagesize() << max_page_order();
	size_t nr_pages = 2 * max_array / sizeof(void *);

	if (nr_pages > INT32_MAX || sizeof(void *) < 8)
		SKIP(return, "no size of an area is too large for the array");

	ASSERT_EQ(-ENOMEM, area_map(&self->area, nr_pages * getpagesize(), false));
	expect_cause(_metadata, variant->pmu, &self->before, STATS_PAGE_ARRAY);
	ASSERT_EQ(0, stats_read(variant->pmu, &self->after));
	EXPECT_EQ(nr_chunks_allocated(&self->before), nr_chunks_allocated(&self->after));
}

/* There was memory, and all of it is counted. */
TEST_F(cause, refused)
{
	struct event_spec spec = { .cpu = -1, .config = TEST_PMU_REFUSE };
	unsigned int order;
	__u64 pages = 0;
	struct pmu pmu;

	area_close(&self->area);
	ASSERT_EQ(0, pmu_find(variant->pmu, &pmu));
	spec.type = pmu.type;
	ASSERT_EQ(0, area_open(&self->area, &spec));

	ASSERT_EQ(-ENOMEM, area_map(&self->area, 64 * getpagesize(), false));
	expect_cause(_metadata, variant->pmu, &self->before, STATS_SETUP);
	ASSERT_EQ(0, stats_read(variant->pmu, &self->after));
	for (order = 0; order < STATS_MAX_ORDERS; order++)
		pages += (self->after.chunk_alloc[order] -
			  self->before.chunk_alloc[order]) << order;
	EXPECT_EQ(64, pages);
}

/* What mmap() refuses by itself is no attempt to allocate anything. */
TEST_F(cause, none)
{
	ASSERT_EQ(-EINVAL, area_map(&self->area, 3 * getpagesize(), false));
	expect_cause(_metadata, variant->pmu, &self->before, STATS_NR_OUTCOMES);
}

/* Returns false if the child was done before it could be killed. */
static bool kill_mapper(struct __test_metadata *_metadata, const struct event_spec *spec,
			size_t size, long kill_pages)
{
	long before = memory_allocated_pages();
	bool in_time = true;
	int status;
	pid_t pid;

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		struct area area;

		if (area_open(&area, spec))
			_exit(1);
		area_map(&area, size, false);
		_exit(0);
	}

	while (in_time && memory_allocated_pages() - before < kill_pages)
		in_time = !waitpid(pid, &status, WNOHANG);
	if (!in_time)
		return false;

	kill(pid, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	return WIFSIGNALED(status);
}

TEST_F_TIMEOUT(cause, interrupted, 60)
{
	struct event_spec spec = { .cpu = -1 };
	size_t size = 1024 * MIB;
	unsigned int turn;
	struct pmu pmu;
	int max_order;

	while (size > memory_available() / 2)
		size /= 2;
	if (size < 64 * MIB)
		SKIP(return, "not enough memory");
	ASSERT_EQ(0, pmu_find(variant->pmu, &pmu));
	spec.type = pmu.type;

	/* The more chunks, the longer it takes; must gets them from the watermark. */
	max_order = max_order_mode(variant->pmu) & 0200 ? max_order_set(variant->pmu, 0) : 0;
	ASSERT_EQ(0, max_order);
	spec.watermark = 1;

	for (turn = 0; turn < 5; turn++) {
		ASSERT_EQ(0, stats_read(variant->pmu, &self->before));
		if (!kill_mapper(_metadata, &spec, size, 4096))
			continue;
		ASSERT_EQ(0, stats_read(variant->pmu, &self->after));
		if (self->after.outcome[STATS_ALLOCATED] == self->before.outcome[STATS_ALLOCATED])
			break;
	}
	if (turn == 5)
		SKIP(return, "the area is always there before the task can be killed");

	expect_cause(_metadata, variant->pmu, &self->before, STATS_INTERRUPTED);
	EXPECT_LT(nr_chunks_allocated(&self->before), nr_chunks_allocated(&self->after));
	EXPECT_GT(nr_chunks_allocated(&self->before) + size / getpagesize(),
		  nr_chunks_allocated(&self->after));
}

/*
 * Smaller chunks than asked for
 */

FIXTURE(fallback)
{
	struct event_spec	spec;
};

FIXTURE_VARIANT(fallback)
{
	const char	*pmu;
	unsigned int	max_order;	/* does not apply to must */
	bool		overwrite;
};

FIXTURE_VARIANT_ADD(fallback, must)
{
	.pmu = TEST_PMU_MUST,
};

FIXTURE_VARIANT_ADD(fallback, nice)
{
	.pmu = TEST_PMU_NICE, .max_order = 4,
};

FIXTURE_VARIANT_ADD(fallback, dontcare)
{
	.pmu = TEST_PMU_DONTCARE, .max_order = 3, .overwrite = true,
};

FIXTURE_SETUP(fallback)
{
	struct pmu pmu;

	if (lacks_stats_faults())
		SKIP(return, "%s", lacks_stats_faults());

	ASSERT_EQ(0, pmu_find(variant->pmu, &pmu));
	self->spec = (struct event_spec){ .type = pmu.type, .cpu = -1 };
	if (variant->max_order)
		ASSERT_EQ(0, max_order_set(variant->pmu, variant->max_order));
	ASSERT_EQ(0, faults_begin());
}

FIXTURE_TEARDOWN(fallback)
{
	faults_end();
	max_orders_restore();
}

TEST_F(fallback, counts_smaller_chunks)
{
	unsigned int nr_pages = 64, order, got, asked, left;
	struct stats before, after, delta;
	__u64 expected, chunks;
	struct events events;
	struct chunks whole;
	struct area area;
	struct chunks_spec spec = {
		.nr_pages = nr_pages, .overwrite = variant->overwrite,
		.must = !strcmp(variant->pmu, TEST_PMU_MUST),
		.aux_max_order = variant->max_order,
	};

	ASSERT_EQ(0, chunks_expect(&whole, &spec));
	asked = chunks_first_order(&whole);
	ASSERT_LT(1, asked);
	ASSERT_EQ(0, area_open(&area, &self->spec));

	/* From the smallest that is a fallback to the smallest that none is. */
	for (order = 1; order <= asked + 1; order++) {
		ASSERT_EQ(0, stats_read(variant->pmu, &before));
		ASSERT_EQ(0, events_begin(&events, getpid()));
		ASSERT_EQ(0, faults_every(1, order));
		ASSERT_EQ(0, area_map(&area, nr_pages * getpagesize(), variant->overwrite));
		ASSERT_EQ(0, faults_none());
		ASSERT_EQ(0, events_end(&events));
		ASSERT_EQ(0, stats_read(variant->pmu, &after));
		ASSERT_EQ(0, area_unmap(&area));

		/*
		 * All chunks are of the same order. Each is smaller than asked for, as
		 * long as a larger one would have fit into what was left.
		 */
		got = order - 1 < asked ? order - 1 : asked;
		expected = 0;
		chunks = 0;
		for (left = nr_pages; left; left -= 1U << got) {
			chunks++;
			expected += got < asked && left >= 2U << got;
		}

		memset(&delta, 0, sizeof(delta));
		add_delta(&delta, &before, &after);
		EXPECT_EQ(chunks, delta.chunk_alloc[got]);
		EXPECT_EQ(chunks, delta.chunk_live[got]);
		EXPECT_EQ(chunks, nr_chunks_allocated(&delta));
		EXPECT_EQ(expected, delta.chunk_fallback)
			TH_LOG("%llu chunks of order %u instead of %u", chunks, got, asked);
		EXPECT_EQ(expected > 0, order <= asked);
		expect_same(_metadata, &delta, &events.counts);
	}
	area_close(&area);
}

/*
 * The table of areas
 */

FIXTURE(rows)
{
	struct event_spec	spec;
	struct stats_row	row;
	struct area		area;
	char			comm[16];
};

FIXTURE_SETUP(rows)
{
	struct pmu pmu;

	if (lacks_stats())
		SKIP(return, "%s", lacks_stats());

	ASSERT_EQ(0, pmu_find(TEST_PMU_NICE, &pmu));
	self->spec = (struct event_spec){ .type = pmu.type, .cpu = -1 };
	ASSERT_EQ(0, max_order_set(TEST_PMU_NICE, 3));
	ASSERT_EQ(0, stats_find_row(TEST_PMU_NICE, -1, NULL)) TH_LOG("%s", stats_bad());
	ASSERT_EQ(0, prctl(PR_GET_NAME, self->comm));
	self->area.fd = -1;
}

FIXTURE_TEARDOWN(rows)
{
	prctl(PR_SET_NAME, self->comm);
	if (self->area.fd >= 0)
		area_close(&self->area);
	max_orders_restore();
}

static void map_row(struct __test_metadata *_metadata, const struct event_spec *spec,
		    unsigned int nr_pages, bool overwrite, struct area *area,
		    struct stats_row *row)
{
	if (area->fd >= 0)
		area_close(area);
	ASSERT_EQ(0, area_open(area, spec));
	ASSERT_EQ(0, area_map(area, (size_t)nr_pages * getpagesize(), overwrite));
	ASSERT_EQ(1, stats_find_row(TEST_PMU_NICE, getpid(), row))
		TH_LOG("%s", stats_bad());
}

TEST_F(rows, of_a_task)
{
	map_row(_metadata, &self->spec, 16, false, &self->area, &self->row);
	EXPECT_STREQ(TEST_PMU_NICE, self->row.pmu);
	EXPECT_EQ(-1, self->row.cpu);
	EXPECT_EQ(-1, self->row.node);
	EXPECT_STREQ(self->comm, self->row.comm);
	EXPECT_EQ(16, self->row.pages);
	EXPECT_FALSE(self->row.overwrite);
	EXPECT_EQ(3, self->row.max_order);
	EXPECT_EQ(2, self->row.chunks[3]);
}

TEST_F(rows, of_a_cpu)
{
	char path[64];
	int cpu, node;

	/* The last one, and the node that has it. */
	cpu = sysconf(_SC_NPROCESSORS_ONLN) - 1;
	for (node = 0; node < 64; node++) {
		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/node%d", cpu, node);
		if (!access(path, F_OK))
			break;
	}
	if (node == 64)
		node = 0;

	self->spec.cpu = cpu;
	self->spec.pid = -1;
	map_row(_metadata, &self->spec, 4, true, &self->area, &self->row);
	EXPECT_EQ(cpu, self->row.cpu);
	EXPECT_EQ(node, self->row.node);
	EXPECT_EQ(4, self->row.pages);
	EXPECT_TRUE(self->row.overwrite);

	/* Not more than the size of the area. */
	EXPECT_EQ(2, self->row.max_order);
	EXPECT_EQ(1, self->row.chunks[2]);
}

/* What was allowed when it was allocated. */
TEST_F(rows, of_max_order)
{
	unsigned int order;

	for (order = 0; order <= 5; order++) {
		ASSERT_EQ(0, max_order_set(TEST_PMU_NICE, order));
		map_row(_metadata, &self->spec, 64, false, &self->area, &self->row);
		ASSERT_EQ(0, max_order_set(TEST_PMU_NICE, 6));
		ASSERT_EQ(1, stats_find_row(TEST_PMU_NICE, getpid(), &self->row));
		EXPECT_EQ(order, self->row.max_order);
		EXPECT_EQ(64 >> order, self->row.chunks[order]);
	}

	/* A watermark of 4 pages. */
	self->spec.watermark = 4 * getpagesize();
	map_row(_metadata, &self->spec, 64, false, &self->area, &self->row);
	EXPECT_EQ(2, self->row.max_order);
	EXPECT_EQ(16, self->row.chunks[2]);
}

TEST_F(rows, of_fallback)
{
	if (!faults_available())
		SKIP(return, "no fault injection (CONFIG_FAIL_PAGE_ALLOC, CONFIG_FAILSLAB)");

	/* What was asked for stays, and what it got is there. */
	ASSERT_EQ(0, area_open(&self->area, &self->spec));
	ASSERT_EQ(0, faults_begin());
	ASSERT_EQ(0, faults_every(1, 2));
	EXPECT_EQ(0, area_map(&self->area, 16 * getpagesize(), false));
	faults_end();
	ASSERT_EQ(1, stats_find_row(TEST_PMU_NICE, getpid(), &self->row)) TH_LOG("%s", stats_bad());
	EXPECT_EQ(3, self->row.max_order);
	EXPECT_EQ(8, self->row.chunks[1]);
}

TEST_F(rows, of_comm)
{
	static const struct {
		const char	*comm;
		const char	*shown;
	} cases[] = {
		{ "", "-" },
		{ " ", "\\040" },
		{ "a b", "a\\040b" },
		{ "new\nline", "new\\012line" },
		{ "back\\slash", "back\\134slash" },
		{ "\\040", "\\134040" },
		{ "tab\t\r", "tab\\011\\015" },
		{ "\x1b[31m", "\\033[31m" },
		{ "\x7f", "\\177" },
		{ "\xc3\xa9", "\\303\\251" },
		{ "it's \"quoted\"", "it's\\040\"quoted\"" },
		{ "123456789012345", "123456789012345" },
		{ "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n", "\\012\\012\\012\\012\\012\\012\\012"
		  "\\012\\012\\012\\012\\012\\012\\012\\012" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		ASSERT_EQ(0, prctl(PR_SET_NAME, cases[i].comm));
		map_row(_metadata, &self->spec, 1, false, &self->area, &self->row);

		/* As it was then. */
		ASSERT_EQ(0, prctl(PR_SET_NAME, "other"));
		ASSERT_EQ(1, stats_find_row(TEST_PMU_NICE, getpid(), &self->row));
		EXPECT_STREQ(cases[i].shown, self->row.comm);
	}
}

TEST_F(rows, of_age)
{
	__u64 begin, mapped, reading, done;
	unsigned int i;

	ASSERT_EQ(0, area_open(&self->area, &self->spec));
	begin = now_ns();
	ASSERT_EQ(0, area_map(&self->area, 16 * getpagesize(), false));
	mapped = now_ns();

	for (i = 0; i < 5; i++) {
		usleep(30 * 1000);
		reading = now_ns();
		ASSERT_EQ(1, stats_find_row(TEST_PMU_NICE, getpid(), &self->row));
		done = now_ns();
		EXPECT_LE((reading - mapped) / 1000000, self->row.age_ms);
		EXPECT_GE((done - begin) / 1000000, self->row.age_ms);
	}
}

static void *map_in_thread(void *arg)
{
	struct area *area = arg;

	return (void *)(long)area_map(area, getpagesize(), false);
}

/* The pid is that of the process. */
TEST_F(rows, of_a_thread)
{
	pthread_t thread;
	void *ret;

	ASSERT_EQ(0, area_open(&self->area, &self->spec));
	ASSERT_EQ(0, pthread_create(&thread, NULL, map_in_thread, &self->area));
	ASSERT_EQ(0, pthread_join(thread, &ret));
	ASSERT_EQ(NULL, ret);
	EXPECT_EQ(1, stats_find_row(TEST_PMU_NICE, getpid(), NULL)) TH_LOG("%s", stats_bad());
}

/* In a PID namespace of its own: 0, or which expectation was not met. */
static int map_in_namespace(struct event_spec spec, int fds[2][2])
{
	struct stats_row row;
	struct area area;
	char byte;

	if (getpid() != 1)
		return 1;

	/* The area of our parent is there, but its process isn't. */
	if (stats_find_row(TEST_PMU_NICE, -1, &row) != 1)
		return 2;
	if (row.pid != 0 || row.pages != 16)
		return 3;

	if (area_open(&area, &spec) || area_map(&area, getpagesize(), false))
		return 4;
	if (stats_find_row(TEST_PMU_NICE, -1, NULL) != 2 ||
	    stats_find_row(TEST_PMU_NICE, 0, NULL) != 1)
		return 5;
	if (stats_find_row(TEST_PMU_NICE, 1, &row) != 1 || row.pages != 1)
		return 6;

	if (write(fds[0][1], "x", 1) != 1 || read(fds[1][0], &byte, 1) != 1)
		return 7;

	return 0;
}

TEST_F(rows, of_a_pid_namespace)
{
	int fds[2][2];
	char byte;
	pid_t pid;

	map_row(_metadata, &self->spec, 16, false, &self->area, &self->row);
	ASSERT_EQ(0, pipe(fds[0]));
	ASSERT_EQ(0, pipe(fds[1]));
	if (unshare(CLONE_NEWPID))
		SKIP(return, "no PID namespaces (CONFIG_PID_NS)");

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(fds[0][0]);
		close(fds[1][1]);
		_exit(map_in_namespace(self->spec, fds));
	}
	close(fds[0][1]);
	close(fds[1][0]);

	/* Both are visible here. */
	if (read(fds[0][0], &byte, 1) == 1) {
		EXPECT_EQ(1, stats_find_row(TEST_PMU_NICE, getpid(), &self->row));
		EXPECT_EQ(16, self->row.pages);
		EXPECT_EQ(1, stats_find_row(TEST_PMU_NICE, pid, &self->row));
		EXPECT_EQ(1, self->row.pages);
		EXPECT_EQ(1, write(fds[1][1], "x", 1));
	}
	expect_exit(_metadata, pid);
	EXPECT_EQ(1, stats_find_row(TEST_PMU_NICE, -1, NULL));
}

/*
 * Reading while areas come and go
 */

#define NR_TASKS	8
#define TASK_MAX_PAGES	64
#define TASK_COMM	"a task\n"
#define TASK_COMM_SHOWN	"a\\040task\\012"
#define STRESS_NS	3000000000ULL

/* Shared with the tasks. */
struct stress {
	int	stop;
	struct {
		unsigned long	nr_mapped[NR_PMUS];
		unsigned long	nr_refused[NR_PMUS];
		unsigned long	nr_pages[NR_PMUS];
	} tasks[NR_TASKS];
};

FIXTURE(stress)
{
	struct stats	before[NR_PMUS];
	struct stress	*shared;
	pid_t		pids[NR_TASKS];
};

FIXTURE_VARIANT(stress)
{
	size_t		read_size;
};

FIXTURE_VARIANT_ADD(stress, whole)
{
	.read_size = 64 * 1024,
};

FIXTURE_VARIANT_ADD(stress, lines)
{
	.read_size = 256,
};

FIXTURE_VARIANT_ADD(stress, bytes)
{
	.read_size = 7,
};

FIXTURE_SETUP(stress)
{
	unsigned int i;

	if (lacks_stats())
		SKIP(return, "%s", lacks_stats());

	for (i = 0; i < NR_PMUS; i++) {
		ASSERT_EQ(0, stats_find_row(default_pmus[i], -1, NULL)) TH_LOG("%s", stats_bad());
		ASSERT_EQ(0, stats_read(default_pmus[i], &self->before[i]));
		if (i != MUST)
			ASSERT_EQ(0, max_order_set(default_pmus[i], 2 * i));
	}
	self->shared = mmap(NULL, sizeof(*self->shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->shared);
}

FIXTURE_TEARDOWN_PARENT(stress)
{
	max_orders_restore();
}

/* Maps and unmaps areas until told to stop. */
static int stress_task(struct stress *shared, unsigned int nr)
{
	__u64 random = nr + 1;
	struct pmu pmu;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, TASK_COMM);

	while (!__atomic_load_n(&shared->stop, __ATOMIC_RELAXED)) {
		unsigned int i = next_random(&random, NR_PMUS), turn;
		bool refuse = !next_random(&random, 8);
		struct event_spec spec = { .cpu = -1, .config = refuse ? TEST_PMU_REFUSE : 0 };
		struct area area;
		int ret;

		if (pmu_find(default_pmus[i], &pmu))
			return 1;
		spec.type = pmu.type;
		ret = area_open(&area, &spec);
		if (ret)
			return 2;

		for (turn = 0; turn < 8; turn++) {
			unsigned int nr_pages = 1U << next_random(&random, 7);

			ret = area_map(&area, nr_pages * getpagesize(), next_random(&random, 2));
			if (ret != (refuse ? -ENOMEM : 0))
				return 3;
			shared->tasks[nr].nr_pages[i] += nr_pages;
			if (refuse) {
				shared->tasks[nr].nr_refused[i]++;
				continue;
			}
			shared->tasks[nr].nr_mapped[i]++;
			if (area_unmap(&area))
				return 4;
		}
		area_close(&area);
	}

	return 0;
}

static ssize_t read_in_pieces(const char *path, char *buf, size_t size, size_t piece)
{
	size_t len = 0;
	ssize_t ret;
	int fd;

	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -errno;

	do {
		ret = read(fd, buf + len, piece < size - 1 - len ? piece : size - 1 - len);
		len += ret > 0 ? ret : 0;
	} while (ret > 0);
	buf[len] = '\0';

	close(fd);
	return ret < 0 ? -errno : (ssize_t)len;
}

/* Each task has no more than one area, and we know what it is like. */
static void check_rows(struct __test_metadata *_metadata, const pid_t *pids,
		       const struct stats_row *rows, int nr)
{
	unsigned int task, pmu;
	int i, k;

	ASSERT_GE(NR_TASKS, nr);
	for (i = 0; i < nr; i++) {
		const struct stats_row *row = &rows[i];

		for (pmu = 0; pmu < NR_PMUS && strcmp(row->pmu, default_pmus[pmu]); pmu++)
			;
		ASSERT_GT(NR_PMUS, pmu) TH_LOG("pmu %s", row->pmu);
		for (task = 0; task < NR_TASKS && row->pid != pids[task]; task++)
			;
		ASSERT_GT(NR_TASKS, task) TH_LOG("pid %d", row->pid);
		for (k = 0; k < i; k++)
			ASSERT_NE(rows[k].pid, row->pid);

		ASSERT_STREQ(TASK_COMM_SHOWN, row->comm);
		ASSERT_EQ(-1, row->cpu);
		ASSERT_EQ(-1, row->node);
		ASSERT_GE(TASK_MAX_PAGES, row->pages);
		ASSERT_EQ(0, row->pages & (row->pages - 1));
		if (pmu != MUST)
			ASSERT_GE(2 * pmu, row->max_order);
		ASSERT_GE(60 * 1000, row->age_ms);
	}
}

TEST_F_TIMEOUT(stress, readers_see_one_instant, 60)
{
	unsigned int task, i, nr_reads = 0, nr_rows = 0, nr_several = 0;
	struct stats last[NR_PMUS], stats;
	struct stats_row rows[NR_TASKS];
	char text[16384], path[STATS_PATH_LEN];
	const char *rule;
	int nr, status;
	__u64 end;

	memcpy(last, self->before, sizeof(last));

	for (task = 0; task < NR_TASKS; task++) {
		/* The children share *self. */
		pid_t pid = fork();

		ASSERT_LE(0, pid);
		if (!pid)
			_exit(stress_task(self->shared, task));
		self->pids[task] = pid;
	}

	/* A slow machine takes longer to get there. */
	end = now_ns() + STRESS_NS;
	while (now_ns() < end || (!nr_several && now_ns() < end + 10 * STRESS_NS)) {
		ASSERT_LT(0, read_in_pieces(STATS_AREAS, text, sizeof(text), variant->read_size));
		nr = stats_parse_rows(text, rows, NR_TASKS);
		ASSERT_LE(0, nr) TH_LOG("\"%s\"", stats_bad());
		check_rows(_metadata, self->pids, rows, nr);
		nr_rows += nr;
		nr_several += nr > 1;

		for (i = 0; i < NR_PMUS; i++) {
			stats_path(default_pmus[i], path);
			ASSERT_LT(0, read_in_pieces(path, text, sizeof(text), variant->read_size));
			ASSERT_EQ(0, stats_parse(text, &stats)) TH_LOG("\"%s\"", stats_bad());
			rule = stats_broken_rule(&stats, NR_TASKS);
			ASSERT_EQ(NULL, rule) TH_LOG("%s: %s", default_pmus[i], rule);
			ASSERT_GE(NR_TASKS * TASK_MAX_PAGES, stats.page_live);
			ASSERT_TRUE(stats_grow(&last[i], &stats));
			last[i] = stats;
		}
		nr_reads++;
	}

	__atomic_store_n(&self->shared->stop, 1, __ATOMIC_RELAXED);
	for (task = 0; task < NR_TASKS; task++) {
		ASSERT_EQ(self->pids[task], waitpid(self->pids[task], &status, 0));
		EXPECT_EQ(0, status);
	}
	TH_LOG("%u reads, %u rows, %u times several", nr_reads, nr_rows, nr_several);
	EXPECT_LT(0, nr_several);

	/* Nothing was counted twice or not at all. */
	for (i = 0; i < NR_PMUS; i++) {
		unsigned long nr_mapped = 0, nr_refused = 0, nr_pages = 0, nr_chunk_pages = 0;
		struct stats delta = {};
		unsigned int order;

		expect_live(_metadata, default_pmus[i], 0, 0);
		ASSERT_EQ(0, stats_read(default_pmus[i], &stats));
		add_delta(&delta, &self->before[i], &stats);
		for (task = 0; task < NR_TASKS; task++) {
			nr_mapped += self->shared->tasks[task].nr_mapped[i];
			nr_refused += self->shared->tasks[task].nr_refused[i];
			nr_pages += self->shared->tasks[task].nr_pages[i];
		}
		for (order = 0; order < STATS_MAX_ORDERS; order++)
			nr_chunk_pages += delta.chunk_alloc[order] << order;
		EXPECT_EQ(nr_mapped, delta.outcome[STATS_ALLOCATED]);
		EXPECT_EQ(nr_refused, delta.outcome[STATS_SETUP]);
		EXPECT_EQ(nr_pages, nr_chunk_pages);
		EXPECT_LT(0, nr_mapped);
	}
}

/*
 * Files of a PMU that is gone
 */

FIXTURE(files)
{
};

FIXTURE_SETUP(files)
{
	if (lacks_stats())
		SKIP(return, "%s", lacks_stats());
}

FIXTURE_TEARDOWN_PARENT(files)
{
	if (!test_pmu_load()) {
		test_pmu_unregister(PMU_NAME);
		max_orders_restore();
	}
}

static int open_stats(const char *pmu)
{
	char path[STATS_PATH_LEN];

	stats_path(pmu, path);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* Of what was read before, or an error: never what isn't there any more. */
static void expect_stale(struct __test_metadata *_metadata, int fd)
{
	char buf[8192];
	ssize_t len;

	len = read(fd, buf, sizeof(buf));
	if (len < 0)
		EXPECT_EQ(EIO, errno);
	lseek(fd, 0, SEEK_SET);
	len = pread(fd, buf, sizeof(buf), 0);
	if (len < 0)
		EXPECT_EQ(EIO, errno);
}

TEST_F(files, held_open_over_unregister)
{
	int untouched, begun;
	struct stats stats;
	unsigned int i;
	char buf[8];

	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, test_pmu_register(PMU_NAME, "nice"));
		untouched = open_stats(PMU_NAME);
		ASSERT_LE(0, untouched);
		begun = open_stats(PMU_NAME);
		ASSERT_LE(0, begun);
		ASSERT_EQ(7, read(begun, buf, 7));

		ASSERT_EQ(0, test_pmu_unregister(PMU_NAME));
		EXPECT_EQ(-1, open_stats(PMU_NAME));
		expect_stale(_metadata, untouched);
		expect_stale(_metadata, begun);

		/* Nor that of another PMU. */
		ASSERT_EQ(0, test_pmu_register(PMU_NAME, "must"));
		EXPECT_EQ(0, stats_read(PMU_NAME, &stats)) TH_LOG("%s", stats_bad());
		expect_stale(_metadata, untouched);
		expect_stale(_metadata, begun);
		ASSERT_EQ(0, test_pmu_unregister(PMU_NAME));
		close(untouched);
		close(begun);
	}
}

TEST_F(files, held_open_over_unload)
{
	int areas, stats[NR_PMUS];
	struct stats values;
	unsigned int i;
	char buf[8192];

	if (test_pmu_references())
		SKIP(return, "somebody else uses the module");

	areas = open(STATS_AREAS, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, areas);
	for (i = 0; i < NR_PMUS; i++) {
		stats[i] = open_stats(default_pmus[i]);
		ASSERT_LE(0, stats[i]);
	}
	ASSERT_EQ(7, read(stats[0], buf, 7));

	/* Files don't keep the module. */
	EXPECT_EQ(0, test_pmu_references());
	ASSERT_EQ(0, test_pmu_unload());
	for (i = 0; i < NR_PMUS; i++) {
		EXPECT_EQ(-1, open_stats(default_pmus[i]));
		expect_stale(_metadata, stats[i]);
	}
	EXPECT_LT(0, read(areas, buf, sizeof(buf)));

	ASSERT_EQ(0, test_pmu_load());
	for (i = 0; i < NR_PMUS; i++) {
		expect_stale(_metadata, stats[i]);
		close(stats[i]);
		ASSERT_EQ(0, stats_read(default_pmus[i], &values)) TH_LOG("%s", stats_bad());
		EXPECT_EQ(0, values.outcome[STATS_ALLOCATED]);
	}
	close(areas);
}

/* Readers on and on, while the PMU comes and goes. */
TEST_F(files, read_while_registering)
{
	struct stats stats;
	char text[8192];
	unsigned int i;
	ssize_t len;
	pid_t pids[2];
	int status, fd;

	for (i = 0; i < ARRAY_SIZE(pids); i++) {
		pids[i] = fork();
		ASSERT_LE(0, pids[i]);
		if (pids[i])
			continue;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			fd = open_stats(PMU_NAME);
			if (fd < 0)
				continue;
			len = pread(fd, text, sizeof(text) - 1, 0);
			close(fd);
			if (len < 0 && errno == EIO)
				continue;
			if (len <= 0)
				_exit(1);
			text[len] = '\0';
			if (stats_parse(text, &stats))
				_exit(2);
		}
	}

	for (i = 0; i < 30; i++) {
		EXPECT_EQ(0, test_pmu_register(PMU_NAME, "nice"));
		usleep(i % 8 * 1000);
		EXPECT_EQ(0, test_pmu_unregister(PMU_NAME));
	}

	for (i = 0; i < ARRAY_SIZE(pids); i++) {
		EXPECT_EQ(0, waitpid(pids[i], &status, WNOHANG)) TH_LOG("status %x", status);
		kill(pids[i], SIGKILL);
		waitpid(pids[i], &status, 0);
	}
}

/*
 * Who may do what
 */

static mode_t mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : st.st_mode & 07777;
}

TEST_F(files, are_read_only)
{
	char path[STATS_PATH_LEN], before[8192], after[8192];
	struct stats stats;
	unsigned int i;

	EXPECT_EQ(0400, mode_of(STATS_AREAS));
	EXPECT_GT(0, file_write_str(STATS_AREAS, "0"));
	EXPECT_GT(0, file_write_str(STATS_AREAS, ""));

	for (i = 0; i < NR_PMUS; i++) {
		stats_path(default_pmus[i], path);
		EXPECT_EQ(0444, mode_of(path));
		ASSERT_LT(0, file_read(path, before, sizeof(before)));
		EXPECT_GT(0, file_write_str(path, "0"));
		EXPECT_GT(0, file_write_str(path, "area_alloc 0\n"));
		ASSERT_LT(0, file_read(path, after, sizeof(after)));
		EXPECT_STREQ(before, after);
		EXPECT_EQ(0, stats_parse(after, &stats)) TH_LOG("%s", stats_bad());
	}
}

/* 0, or which expectation was not met. The directory was opened by root. */
static int open_as_nobody(int dir)
{
	char buf[64];
	int fd;

	if (setgid(NOBODY) || setuid(NOBODY))
		return 1;
	if (openat(dir, "areas", O_RDONLY) >= 0 || errno != EACCES)
		return 2;
	if (openat(dir, TEST_PMU_NICE "/stats", O_WRONLY) >= 0 || errno != EACCES)
		return 3;
	if (openat(dir, TEST_PMU_NICE "/stats", O_RDWR) >= 0 || errno != EACCES)
		return 4;

	/* It's up to debugfs itself to keep it from others. */
	fd = openat(dir, TEST_PMU_NICE "/stats", O_RDONLY);
	if (fd < 0)
		return 5;

	return read(fd, buf, sizeof(buf)) > 0 ? 0 : 6;
}

TEST_F(files, opened_by_others)
{
	pid_t pid;
	int dir;

	dir = open(STATS_DIR, O_PATH | O_DIRECTORY);
	ASSERT_LE(0, dir);

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(open_as_nobody(dir));
	expect_exit(_metadata, pid);
}

/* Only PMUs with an AUX area have statistics. */
TEST_F(files, of_pmus_with_aux)
{
	char path[STATS_PATH_LEN];

	stats_path("software", path);
	EXPECT_EQ(-1, access(path, F_OK));
	stats_path("breakpoint", path);
	EXPECT_EQ(-1, access(path, F_OK));
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
