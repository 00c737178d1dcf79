// SPDX-License-Identifier: GPL-2.0-only
/*
 * AUX areas come to an end in many ways: they are unmapped, their process is
 * killed, their PMU is unregistered under them. Each time all of the memory is
 * returned, and the driver stays in memory until then.
 */

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>

#include "area.h"
#include "chunks.h"
#include "file.h"
#include "memory.h"
#include "pattern.h"
#include "pmu.h"
#include "test.h"

#define MIB		(1024UL * 1024)
#define PMU_NAME	"aux_test_gone"
#define SEED		0x1234
#define AREA_PAGES	1024

/* Takes longer to allocate than it takes to unmap as many data areas as this. */
#define SLOW_SIZE	(256 * MIB)
#define DATA_MAPPINGS	50

/* Bit 9 of /proc/sys/kernel/tainted */
#define TAINT_WARN	512UL

/*
 * Pages that the rest of the system may take while a test runs, and those that
 * debug options are slow to give back.
 */
#define NOISE_PAGES	1000

FIXTURE(lifetime)
{
	struct event_spec	spec;
};

FIXTURE_VARIANT(lifetime)
{
	const char	*kind;
	unsigned int	order;
};

FIXTURE_VARIANT_ADD(lifetime, must)
{
	.kind = "must",
};

FIXTURE_VARIANT_ADD(lifetime, nice)
{
	.kind = "nice",
};

FIXTURE_VARIANT_ADD(lifetime, dontcare)
{
	.kind = "dontcare", .order = 4,
};

FIXTURE_SETUP(lifetime)
{
	struct pmu pmu;

	if (lacks_test_pmu())
		SKIP(return, "%s", lacks_test_pmu());
	ASSERT_EQ(0, test_pmu_register(PMU_NAME, variant->kind));
	ASSERT_EQ(0, pmu_find(PMU_NAME, &pmu));
	if (variant->order)
		ASSERT_EQ(0, max_order_set(PMU_NAME, variant->order));

	self->spec.type = pmu.type;
	self->spec.pid = 0;
	self->spec.cpu = -1;
	self->spec.config = test_pmu_config(4096, SEED);
}

FIXTURE_TEARDOWN_PARENT(lifetime)
{
	if (!test_pmu_load()) {
		test_pmu_unregister(PMU_NAME);
		max_orders_restore();
	}
}

static int nr_areas(pid_t pid)
{
	return chunks_of_process(PMU_NAME, pid, NULL, 0);
}

static void map_and_trace(struct __test_metadata *_metadata, const struct event_spec *spec,
			  struct area *area)
{
	ASSERT_EQ(0, area_open(area, spec));
	ASSERT_EQ(0, area_map(area, AREA_PAGES * getpagesize(), false));
	ASSERT_EQ(0, area_enable(area));
	while (area_head(area) < 4096)
		;
}

TEST_F(lifetime, unmap_returns_memory)
{
	struct memory_growth growth = { };
	struct area area;
	int i;

	while (memory_grows(&growth, NOISE_PAGES)) {
		for (i = 0; i < 8; i++) {
			ASSERT_EQ(0, area_open(&area, &self->spec));
			ASSERT_EQ(0, area_map(&area, AREA_PAGES * getpagesize(), i % 2));
			ASSERT_EQ(1, nr_areas(getpid()));
			ASSERT_EQ(0, area_unmap(&area));
			ASSERT_EQ(0, nr_areas(getpid()));
			area_close(&area);
		}
	}
	EXPECT_LT(growth.pages, NOISE_PAGES);
}

TEST_F(lifetime, close_leaves_mapped_area)
{
	struct pattern_error error;
	struct area area;
	__u64 head;

	map_and_trace(_metadata, &self->spec, &area);

	/* Tracing goes on for as long as there is somebody to read it. */
	close(area.fd);
	area.fd = -1;
	head = area_head(&area);
	while (area_head(&area) == head)
		;
	EXPECT_EQ(1, nr_areas(getpid()));
	EXPECT_TRUE(pattern_check(&area, SEED, 0, head, &error));

	ASSERT_EQ(0, area_unmap(&area));
	EXPECT_EQ(0, nr_areas(getpid()));
	area_close(&area);
}

TEST_F(lifetime, unmap_while_tracing)
{
	struct area area;
	int i;

	ASSERT_EQ(0, area_open(&area, &self->spec));
	ASSERT_EQ(0, area_enable(&area));
	for (i = 0; i < 50; i++) {
		ASSERT_EQ(0, area_map(&area, 16 * getpagesize(), i % 2));
		area_enable(&area);
		usleep(200);
		ASSERT_EQ(0, area_unmap(&area));
	}
	EXPECT_EQ(0, nr_areas(getpid()));
	area_close(&area);
}

/* Maps an AUX area in another process, and kills it while it traces. */
static void map_and_kill(struct __test_metadata *_metadata, const struct event_spec *spec)
{
	int status, fds[2];
	char byte;
	pid_t pid;

	ASSERT_EQ(0, pipe(fds));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		struct area area;

		if (area_open(&area, spec) ||
		    area_map(&area, AREA_PAGES * getpagesize(), false) ||
		    area_enable(&area) || write(fds[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			;
	}
	close(fds[1]);
	ASSERT_EQ(1, read(fds[0], &byte, 1));
	close(fds[0]);

	EXPECT_EQ(1, nr_areas(pid));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	EXPECT_EQ(0, nr_areas(pid));
}

TEST_F(lifetime, killed_process)
{
	struct memory_growth growth = { };
	int i;

	while (memory_grows(&growth, NOISE_PAGES)) {
		for (i = 0; i < 4; i++)
			map_and_kill(_metadata, &self->spec);
	}
	EXPECT_LT(growth.pages, NOISE_PAGES);
}

/* A child has the event, but not the area. */
TEST_F(lifetime, fork_does_not_copy)
{
	struct area area;
	int status;
	pid_t pid;

	map_and_trace(_metadata, &self->spec, &area);

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(msync(area.aux, getpagesize(), MS_ASYNC) ? errno : 0);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == ENOMEM);

	EXPECT_EQ(1, nr_areas(getpid()));
	area_close(&area);
	EXPECT_EQ(0, nr_areas(getpid()));
}

static unsigned long kernel_taint(void)
{
	unsigned long taint = 0;

	file_read_ul("/proc/sys/kernel/tainted", &taint);
	return taint;
}

/* Maps the data area of @area many times, and unmaps it bit by bit when told to. */
static void unmap_data_slowly(const struct area *area, int ready, int go)
{
	void *data[DATA_MAPPINGS];
	unsigned int i;
	char c = 0;

	for (i = 0; i < DATA_MAPPINGS; i++) {
		data[i] = mmap(NULL, area->base_size, PROT_READ | PROT_WRITE, MAP_SHARED,
			       area->fd, 0);
		if (data[i] == MAP_FAILED)
			_exit(1);
	}
	if (write(ready, &c, 1) != 1 || read(go, &c, 1) != 1)
		_exit(1);
	for (i = 0; i < DATA_MAPPINGS; i++) {
		munmap(data[i], area->base_size);
		usleep(2000);
	}
	_exit(0);
}

/* The AUX area that is being allocated is not the data area that somebody unmaps. */
TEST_F(lifetime, other_process_unmaps_data)
{
	unsigned long taint = kernel_taint();
	int ready[2], go[2], status;
	struct area area;
	pid_t pid;
	char c;

	if (taint & TAINT_WARN)
		SKIP(return, "the kernel has warned before, so another warning can't be told");
	if (memory_available() < 2 * SLOW_SIZE)
		SKIP(return, "needs %lu MiB of memory", 2 * SLOW_SIZE / MIB);
	if (strcmp(variant->kind, "must"))
		ASSERT_EQ(0, max_order_set(PMU_NAME, 0));

	ASSERT_EQ(0, area_open(&area, &self->spec));
	ASSERT_EQ(0, pipe(ready));
	ASSERT_EQ(0, pipe(go));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		unmap_data_slowly(&area, ready[1], go[0]);
	ASSERT_EQ(1, read(ready[0], &c, 1));

	ASSERT_EQ(1, write(go[1], &c, 1));
	ASSERT_EQ(0, area_map(&area, SLOW_SIZE, false));
	EXPECT_EQ(1, nr_areas(getpid()));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(1, nr_areas(getpid()));
	area_close(&area);

	EXPECT_EQ(taint, kernel_taint()) TH_LOG("the kernel complained");
}

/*
 * The PMU goes away
 */

TEST_F(lifetime, unregister_revokes)
{
	struct pattern_error error;
	struct pollfd pollfd;
	struct area area;
	__u64 head;

	if (lacks_revocation())
		SKIP(return, "%s", lacks_revocation());

	map_and_trace(_metadata, &self->spec, &area);
	ASSERT_EQ(0, test_pmu_unregister(PMU_NAME));

	/* The trace has come to an end, and can still be read. */
	head = area_head(&area);
	usleep(20 * 1000);
	EXPECT_EQ(head, area_head(&area));
	EXPECT_TRUE(pattern_check(&area, SEED, 0, head, &error));
	EXPECT_EQ(1, nr_areas(getpid()));

	/* There is nothing left to ask of the event. */
	pollfd = (struct pollfd){ .fd = area.fd, .events = POLLIN };
	EXPECT_EQ(1, poll(&pollfd, 1, 0));
	EXPECT_EQ(POLLERR, pollfd.revents);
	EXPECT_EQ(-ENODEV, area_enable(&area));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, area.aux_size, PROT_READ | PROT_WRITE, MAP_SHARED,
				   area.fd, area.base_size));
	EXPECT_EQ(ENODEV, errno);

	ASSERT_EQ(0, area_unmap(&area));
	EXPECT_EQ(0, nr_areas(getpid()));
	area_close(&area);
}

TEST_F(lifetime, unregister_returns_memory)
{
	struct memory_growth growth = { };
	struct area area;
	struct pmu pmu;
	int i;

	if (lacks_revocation())
		SKIP(return, "%s", lacks_revocation());

	while (memory_grows(&growth, NOISE_PAGES)) {
		for (i = 0; i < 4; i++) {
			map_and_trace(_metadata, &self->spec, &area);
			ASSERT_EQ(0, test_pmu_unregister(PMU_NAME));
			area_close(&area);
			EXPECT_EQ(0, nr_areas(getpid()));

			ASSERT_EQ(0, test_pmu_register(PMU_NAME, variant->kind));
			ASSERT_EQ(0, pmu_find(PMU_NAME, &pmu));
			self->spec.type = pmu.type;
		}
	}
	EXPECT_LT(growth.pages, NOISE_PAGES);
}

/* A PMU of the same name is another PMU, of another kind at that. */
TEST_F(lifetime, unregister_then_same_name)
{
	struct area area, second;
	struct pmu pmu;

	if (lacks_revocation())
		SKIP(return, "%s", lacks_revocation());

	map_and_trace(_metadata, &self->spec, &area);
	ASSERT_EQ(0, test_pmu_unregister(PMU_NAME));
	ASSERT_EQ(0, test_pmu_register(PMU_NAME, strcmp(variant->kind, "dontcare") ?
						 "dontcare" : "nice"));
	ASSERT_EQ(0, pmu_find(PMU_NAME, &pmu));
	self->spec.type = pmu.type;

	map_and_trace(_metadata, &self->spec, &second);
	EXPECT_EQ(2, nr_areas(getpid()));
	area_close(&area);
	EXPECT_EQ(1, nr_areas(getpid()));
	area_close(&second);
	EXPECT_EQ(0, nr_areas(getpid()));
}

/* Mapping and unregistering at the same time, over and over. */
#define NR_TURNS	16

static void trace_on_and_on(struct event_spec spec)
{
	for (;;) {
		struct area area;
		struct pmu pmu;

		if (pmu_find(PMU_NAME, &pmu))
			continue;
		spec.type = pmu.type;
		if (area_open(&area, &spec))
			continue;
		if (!area_map(&area, 64 * getpagesize(), false)) {
			area_enable(&area);
			usleep(500);
		}
		area_close(&area);
	}
}

TEST_F_TIMEOUT(lifetime, unregister_races_with_mmap, 60)
{
	pid_t pids[2];
	unsigned int i;
	int status;

	if (lacks_revocation())
		SKIP(return, "%s", lacks_revocation());

	for (i = 0; i < ARRAY_SIZE(pids); i++) {
		pids[i] = fork();
		ASSERT_LE(0, pids[i]);
		if (!pids[i])
			trace_on_and_on(self->spec);
	}

	for (i = 0; i < NR_TURNS; i++) {
		EXPECT_EQ(0, test_pmu_unregister(PMU_NAME));
		EXPECT_EQ(0, test_pmu_register(PMU_NAME, variant->kind));
		usleep(i % 8 * 500);
	}

	for (i = 0; i < ARRAY_SIZE(pids); i++) {
		EXPECT_EQ(0, waitpid(pids[i], &status, WNOHANG));
		kill(pids[i], SIGKILL);
		waitpid(pids[i], &status, 0);
		EXPECT_EQ(0, nr_areas(pids[i]));
	}
}

/*
 * The module goes away
 */

TEST_F(lifetime, module_held_by_event)
{
	struct area area;
	int refs;

	refs = test_pmu_references();
	ASSERT_LE(0, refs);
	ASSERT_EQ(0, area_open(&area, &self->spec));
	EXPECT_LT(refs, test_pmu_references());
	EXPECT_EQ(-EWOULDBLOCK, test_pmu_unload());
	area_close(&area);
	EXPECT_EQ(refs, test_pmu_references());
}

/* What frees the area is in the module. */
TEST_F(lifetime, module_held_by_area)
{
	struct area area;
	int refs;

	if (lacks_revocation())
		SKIP(return, "%s", lacks_revocation());

	refs = test_pmu_references();
	ASSERT_LE(0, refs);
	if (refs)
		SKIP(return, "somebody else uses the module");

	map_and_trace(_metadata, &self->spec, &area);
	ASSERT_EQ(0, test_pmu_unregister(PMU_NAME));

	/* A kernel that gets this wrong crashes at munmap(), so don't go there. */
	EXPECT_EQ(1, test_pmu_references());
	if (test_pmu_references() > 0)
		EXPECT_EQ(-EWOULDBLOCK, test_pmu_unload());

	/* Not by the event. */
	close(area.fd);
	area.fd = -1;
	EXPECT_EQ(1, test_pmu_references());

	area_close(&area);
	EXPECT_EQ(0, test_pmu_references());
	EXPECT_EQ(0, test_pmu_unload());
	EXPECT_EQ(0, test_pmu_load());
}

/*
 * Two events share a buffer, and both map its AUX area. It is still there when the
 * event it was allocated for, whose PMU has to free it, has been closed.
 */
TEST_F(lifetime, module_held_by_area_of_closed_event)
{
	struct event_spec spec = { .type = PERF_TYPE_SOFTWARE, .cpu = -1,
				   .config = PERF_COUNT_SW_DUMMY };
	struct area area, other;
	int refs;

	refs = test_pmu_references();
	ASSERT_LE(0, refs);
	if (refs)
		SKIP(return, "somebody else uses the module");

	ASSERT_EQ(0, area_open(&other, &spec));
	ASSERT_EQ(0, area_open(&area, &self->spec));

	/* Not while it has a buffer of its own. */
	ASSERT_EQ(0, munmap(area.page, area.base_size));
	ASSERT_EQ(0, ioctl(area.fd, PERF_EVENT_IOC_SET_OUTPUT, other.fd));
	area.page = mmap(NULL, area.base_size, PROT_READ | PROT_WRITE, MAP_SHARED, area.fd, 0);
	if (area.page == MAP_FAILED && errno == EBUSY) {
		area.page = NULL;
		area_close(&area);
		area_close(&other);
		SKIP(return, "this kernel doesn't map a buffer through a second event");
	}
	ASSERT_NE(MAP_FAILED, area.page);

	ASSERT_EQ(0, area_map(&area, AREA_PAGES * getpagesize(), false));
	ASSERT_EQ(0, area_map(&other, area.aux_size, false));
	area_close(&area);
	ASSERT_EQ(1, nr_areas(getpid()));

	/* A kernel that gets this wrong crashes at munmap(), so don't go there. */
	EXPECT_EQ(1, test_pmu_references());
	if (test_pmu_references() > 0)
		EXPECT_EQ(-EWOULDBLOCK, test_pmu_unload());

	area_close(&other);
	EXPECT_EQ(0, nr_areas(getpid()));
	EXPECT_EQ(0, test_pmu_references());
}

/*
 * The buffer of another event is not one to map an AUX area into. Old kernels do
 * that, and count it.
 */
TEST_F(lifetime, redirected_event_has_no_area)
{
	struct event_spec spec = { .type = PERF_TYPE_SOFTWARE, .cpu = -1,
				   .config = PERF_COUNT_SW_DUMMY };
	unsigned long taint = kernel_taint();
	size_t size = 16 * getpagesize();
	struct area area, other;
	void *aux;

	ASSERT_EQ(0, area_open(&other, &spec));
	ASSERT_EQ(0, area_open(&area, &self->spec));
	ASSERT_EQ(0, munmap(area.page, area.base_size));
	area.page = NULL;
	ASSERT_EQ(0, ioctl(area.fd, PERF_EVENT_IOC_SET_OUTPUT, other.fd));

	other.page->aux_offset = other.base_size;
	other.page->aux_size = size;
	aux = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, area.fd, other.base_size);
	EXPECT_TRUE(aux != MAP_FAILED || errno == EBUSY);
	if (aux != MAP_FAILED)
		EXPECT_EQ(0, munmap(aux, size));

	/* It can be redirected again, which it could not if it were mapped. */
	EXPECT_EQ(0, ioctl(area.fd, PERF_EVENT_IOC_SET_OUTPUT, -1L));
	EXPECT_EQ(0, nr_areas(getpid()));
	EXPECT_EQ(taint, kernel_taint()) TH_LOG("the kernel complained");
	area_close(&area);
	area_close(&other);
}

/* What fails to be mapped doesn't keep the module. */
TEST_F(lifetime, module_not_held_by_failure)
{
	struct area area;
	int refs;

	refs = test_pmu_references();
	ASSERT_LE(0, refs);

	self->spec.config |= TEST_PMU_REFUSE;
	ASSERT_EQ(0, area_open(&area, &self->spec));
	EXPECT_EQ(-ENOMEM, area_map(&area, AREA_PAGES * getpagesize(), false));
	EXPECT_EQ(-ENOMEM, area_map(&area, AREA_PAGES * getpagesize(), true));
	area_close(&area);

	EXPECT_EQ(refs, test_pmu_references());
}

TEST(unload_and_load_again)
{
	static const char *const names[] = { TEST_PMU_MUST, TEST_PMU_NICE, TEST_PMU_DONTCARE };
	struct pmu pmu;
	unsigned int i;

	if (lacks_test_pmu())
		SKIP(return, "%s", lacks_test_pmu());
	if (test_pmu_references())
		SKIP(return, "somebody else uses the module");

	ASSERT_EQ(0, test_pmu_unload());
	for (i = 0; i < ARRAY_SIZE(names); i++)
		EXPECT_EQ(-ENOENT, pmu_find(names[i], &pmu));

	ASSERT_EQ(0, test_pmu_load());
	for (i = 0; i < ARRAY_SIZE(names); i++)
		EXPECT_EQ(0, pmu_find(names[i], &pmu));
}

/*
 * Being killed
 */

/* How much is allocated in the end by a process that is killed after @kill_pages. */
static long killed_mmap(struct __test_metadata *_metadata, const struct event_spec *spec,
			size_t size, long kill_pages)
{
	long before = memory_allocated_pages();
	int status;
	pid_t pid;

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		struct area area;

		if (area_open(&area, spec))
			_exit(1);
		_exit(area_map(&area, size, false) ? 2 : 3);
	}

	while (memory_allocated_pages() - before < kill_pages) {
		/* Still there, or else it failed for another reason. */
		ASSERT_EQ(0, waitpid(pid, &status, WNOHANG)) TH_LOG("status %x", status);
	}
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));

	return memory_allocated_pages() - before;
}

TEST(fatal_signal_ends_mmap)
{
	struct event_spec spec = { .pid = 0, .cpu = -1 };
	long nr_pages, kill_pages, allocated;
	struct memory_growth growth = { };
	size_t size = 1024 * MIB;
	struct pmu pmu;

	if (lacks_test_pmu())
		SKIP(return, "%s", lacks_test_pmu());
	ASSERT_EQ(0, pmu_find(TEST_PMU_NICE, &pmu));
	ASSERT_EQ(0, max_order_set(TEST_PMU_NICE, 0));
	spec.type = pmu.type;

	/* Large, but not so large that it fails. */
	while (size > memory_available() / 2)
		size /= 2;
	nr_pages = size / getpagesize();
	kill_pages = nr_pages / 8 < 4096 ? nr_pages / 8 : 4096;
	if (kill_pages < 2 * NOISE_PAGES)
		SKIP(return, "not enough memory");

	while (memory_grows(&growth, NOISE_PAGES)) {
		allocated = killed_mmap(_metadata, &spec, size, kill_pages);
		TH_LOG("%ld of %ld pages allocated, killed after %ld", allocated, nr_pages,
		       kill_pages);
		EXPECT_LT(allocated, nr_pages / 2);
	}
	EXPECT_LT(growth.pages, NOISE_PAGES);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
