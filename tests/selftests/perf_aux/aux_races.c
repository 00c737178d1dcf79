// SPDX-License-Identifier: GPL-2.0-only
/*
 * AUX areas while everything around them changes at the same time: the policy,
 * the processes, where the output goes, the PMU, the module, the CPUs, and the
 * memory there is. Nothing may be left behind, and the kernel may not complain.
 *
 * See stress.h for how long it takes, and how to have the same again.
 */

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "area.h"
#include "chunks.h"
#include "file.h"
#include "memory.h"
#include "pmu.h"
#include "stats.h"
#include "stress.h"
#include "test.h"

#define MIB		(1024UL * 1024)
#define RACE_PMU	"aux_test_race"
#define CPU1		"/sys/devices/system/cpu/cpu1/online"
#define CGROUP		"/sys/fs/cgroup/perf_aux_race"
#define MAX_PMUS	16

/*
 * Pages that the rest of the system may take while a test runs, and those that
 * debug options are slow to give back.
 */
#define NOISE_PAGES	2000

static const char *const kinds[] = { "must", "nice", "dontcare" };

/* Those with an AUX area, at the time the test began; others come and go. */
static struct pmu pmus[MAX_PMUS];
static unsigned int nr_pmus;

static void find_pmus(void)
{
	struct pmu all[MAX_PMUS];
	unsigned int i, nr;

	nr = pmu_list(all, MAX_PMUS);
	for (nr_pmus = 0, i = 0; i < nr; i++) {
		if (max_order_mode(all[i].name))
			pmus[nr_pmus++] = all[i];
	}
}

static bool chance(struct stress_random *random, unsigned int percent)
{
	return stress_random(random, 100) < percent;
}

/* A short while, often none at all. */
static void pause_for(struct stress_random *random, unsigned int max_us)
{
	if (chance(random, 50))
		usleep(stress_random(random, max_us));
}

static void random_spec(struct stress_random *random, const struct pmu *pmu,
			struct event_spec *spec)
{
	*spec = (struct event_spec) {
		.type	= pmu->type,
		.pid	= 0,
		.cpu	= -1,
	};

	if (chance(random, 30))
		spec->cpu = stress_random(random, 2);
	if (spec->cpu >= 0 && chance(random, 50))
		spec->pid = -1;
	if (chance(random, 20))
		spec->watermark = 1 << (12 + stress_random(random, 10));
}

static size_t random_size(struct stress_random *random, unsigned int max_order)
{
	return (size_t)getpagesize() << stress_random(random, max_order + 1);
}

/*
 * What may become of an event: its PMU was unregistered, its CPU is offline, the
 * PMU is exclusive and taken, or memory is short. EINVAL is for an area that
 * somebody else has the data area of.
 */
static const int expected[] = { ENOENT, ENODEV, EBUSY, ENOMEM, EINVAL, 0 };

/* Workers. Each of them does one thing, once. */

static int write_order(struct stress_random *random)
{
	const struct pmu *pmu = &pmus[stress_random(random, nr_pmus)];
	/* An attribute that says no, one that is gone, and 11 out of range. */
	static const int errors[] = { EACCES, ENOENT, ENODEV, EINVAL, ERANGE, ENOMEM, 0 };
	char path[MAX_ORDER_PATH_LEN];
	char value[16];

	pause_for(random, 1000);
	snprintf(value, sizeof(value), "%llu", stress_random(random, 13));
	max_order_path(chance(random, 30) ? RACE_PMU : pmu->name, path);

	return stress_check("write aux_max_order", file_write_str(path, value), errors);
}

static int map_at(struct stress_random *random, const struct pmu *pmu)
{
	struct event_spec spec;
	struct area area;
	int ret;

	random_spec(random, pmu, &spec);
	ret = area_open(&area, &spec);
	if (ret)
		return stress_check("perf_event_open", ret, expected);

	ret = area_map(&area, random_size(random, 9), chance(random, 30));
	if (!ret) {
		if (chance(random, 70))
			area_enable(&area);
		pause_for(random, 2000);
		if (chance(random, 30))
			ret = area_unmap(&area);
	}

	/* In one order or the other: the area may outlive the event. */
	if (chance(random, 50)) {
		close(area.fd);
		area.fd = -1;
	}
	area_close(&area);

	return stress_check("mmap", ret, expected);
}

static int map_any(struct stress_random *random)
{
	return map_at(random, &pmus[stress_random(random, nr_pmus)]);
}

/*
 * The PMU that is registered and unregistered, if it is there. If not, leave the CPU
 * to those who work on that.
 */
static bool find_race_pmu(struct pmu *pmu)
{
	if (!pmu_find(RACE_PMU, pmu))
		return true;

	usleep(300);
	return false;
}

static int map_race_pmu(struct stress_random *random)
{
	struct pmu pmu;

	return find_race_pmu(&pmu) ? map_at(random, &pmu) : -ENOENT;
}

/* Whatever is known of AUX areas; held open for a while. */
static int read_files(struct stress_random *random)
{
	static const char *const paths[] = {
		PMU_DIR "/" RACE_PMU "/aux_max_order",
		PMU_DIR "/" RACE_PMU "/type",
		PMU_DIR "/" RACE_PMU "/format/seed",
		PMU_DIR "/" RACE_PMU "/perf_event_mux_interval_ms",
		PMU_DIR "/" TEST_PMU_NICE "/aux_max_order",
		STATS_DIR "/" RACE_PMU "/stats",
		STATS_DIR "/" TEST_PMU_NICE "/stats",
		STATS_AREAS,
		STATS_AREAS,
		TEST_PMU_DIR "/areas",
		TEST_PMU_DIR "/pmus",
	};
	/*
	 * sysfs says ENODEV and debugfs EIO or ENOENT of a file that is gone, and
	 * ENXIO if its module is about to go.
	 */
	static const int errors[] = { ENOENT, ENODEV, ENXIO, EIO, EACCES, ENOMEM, 0 };
	const char *path = paths[stress_random(random, ARRAY_SIZE(paths))];
	bool order = strstr(path, "aux_max_order");
	int i, fd, ret = 0;
	char buf[4096];

	fd = open(path, order && chance(random, 50) ? O_RDWR : O_RDONLY);
	if (fd < 0)
		return stress_check(path, -errno, errors);

	for (i = 0; i < 3 && ret >= 0; i++) {
		struct pollfd pollfd = { .fd = fd, .events = POLLPRI };

		pause_for(random, 3000);
		ret = pread(fd, buf, sizeof(buf), 0);
		if (ret >= 0 && order && chance(random, 30)) {
			poll(&pollfd, 1, stress_random(random, 3));
			lseek(fd, 0, SEEK_SET);
			/* EBADF: only opened to be read. */
			ret = write(fd, "1", 1);
			if (ret < 0 && errno == EBADF)
				ret = 0;
		}
		if (ret < 0)
			ret = -errno;
	}
	close(fd);

	return stress_check(path, ret < 0 ? ret : 0, errors);
}

/* What the statistics say adds up, at each instant. */
static int read_stats(struct stress_random *random)
{
	const char *pmu = chance(random, 50) ? TEST_PMU_NICE : TEST_PMU_DONTCARE;
	struct stats_row rows[64];
	struct stats stats;
	const char *rule;
	int ret;

	if (!stats_available())
		return -ENOENT;

	ret = stats_read(pmu, &stats);
	if (!ret) {
		rule = stats_broken_rule(&stats, 64);
		if (rule) {
			ksft_print_msg("%s: %s\n", pmu, rule);
			return STRESS_BROKEN;
		}
		ret = stats_rows(rows, ARRAY_SIZE(rows));
	}
	if (ret == -EBADMSG) {
		ksft_print_msg("bad line: %s\n", stats_bad());
		return STRESS_BROKEN;
	}

	return ret < 0 ? ret : 0;
}

/* Children inherit an event, and so write to the same AUX area as it goes away. */
static int fork_at(struct stress_random *random)
{
	unsigned int i, nr = 1 + stress_random(random, 3);
	struct event_spec spec;
	struct area area;
	pid_t pids[3];
	int ret;

	random_spec(random, &pmus[stress_random(random, nr_pmus)], &spec);
	spec.pid = 0;
	spec.cpu = stress_random(random, 2);
	spec.inherit = true;

	ret = area_open(&area, &spec);
	if (ret)
		return stress_check("perf_event_open", ret, expected);
	ret = area_map(&area, random_size(random, 8), chance(random, 30));
	area_enable(&area);

	for (i = 0; i < nr; i++) {
		unsigned int us = stress_random(random, 2000);
		bool spin = chance(random, 50);

		pids[i] = fork();
		if (pids[i])
			continue;
		if (spin) {
			for (us *= 100; us; us--)
				asm volatile("" : : : "memory");
		} else {
			usleep(us);
		}
		_exit(0);
	}

	pause_for(random, 1000);
	if (chance(random, 50))
		area_close(&area);
	for (i = 0; i < nr; i++) {
		if (pids[i] > 0)
			waitpid(pids[i], NULL, 0);
	}
	area_close(&area);

	return stress_check("mmap", ret, expected);
}

/*
 * Events that redirect their output to each other, and map their buffers and AUX
 * areas in between.
 */
#define NR_EVENTS	3
#define DATA_PAGES	3

struct redirected {
	int				fd;
	struct perf_event_mmap_page	*page;
	void				*aux;
	size_t				aux_size;
};

static void map_data(struct redirected *event)
{
	void *page;

	if (event->page)
		return;
	page = mmap(NULL, DATA_PAGES * getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED,
		    event->fd, 0);
	if (page != MAP_FAILED)
		event->page = page;
}

/* @page is that of any buffer: the one the event writes to, maybe. */
static void map_aux(struct redirected *event, struct perf_event_mmap_page *page, size_t size)
{
	void *aux;

	if (event->aux || !page)
		return;
	page->aux_offset = DATA_PAGES * getpagesize();
	page->aux_size = size;
	aux = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, event->fd,
		   DATA_PAGES * getpagesize());
	if (aux != MAP_FAILED) {
		event->aux = aux;
		event->aux_size = size;
	}
}

static void unmap_data(struct redirected *event)
{
	if (event->page)
		munmap(event->page, DATA_PAGES * getpagesize());
	event->page = NULL;
}

static void unmap_aux(struct redirected *event)
{
	if (event->aux)
		munmap(event->aux, event->aux_size);
	event->aux = NULL;
}

static int open_redirected(struct stress_random *random, const struct pmu *pmu, int cpu)
{
	struct perf_event_attr attr = { .type = pmu->type, .size = sizeof(attr) };
	bool per_cpu = cpu >= 0 && chance(random, 50);

	/* There is room for one event of an exclusive PMU in a context. */
	if (chance(random, 40)) {
		attr.type = PERF_TYPE_SOFTWARE;
		attr.config = PERF_COUNT_SW_DUMMY;
	}
	if (chance(random, 30))
		attr.aux_watermark = 8192;

	return syscall(SYS_perf_event_open, &attr, per_cpu ? -1 : 0, cpu, -1,
		       PERF_FLAG_FD_CLOEXEC);
}

static int redirect_at(struct stress_random *random, const struct pmu *pmu)
{
	struct redirected events[NR_EVENTS] = { };
	int cpu = chance(random, 50) ? 0 : -1;
	unsigned int i, turn;
	int nr_open = 0;

	for (i = 0; i < NR_EVENTS; i++) {
		events[i].fd = open_redirected(random, pmu, cpu);
		if (events[i].fd >= 0)
			nr_open++;
		else if (stress_check("perf_event_open", -errno, expected) == STRESS_BROKEN)
			return STRESS_BROKEN;
	}

	for (turn = 0; turn < 16; turn++) {
		struct redirected *event = &events[stress_random(random, NR_EVENTS)];
		struct redirected *other = &events[stress_random(random, NR_EVENTS)];

		switch (stress_random(random, 8)) {
		case 0:
			ioctl(event->fd, PERF_EVENT_IOC_SET_OUTPUT, other->fd);
			break;
		case 1:
			ioctl(event->fd, PERF_EVENT_IOC_SET_OUTPUT, -1L);
			break;
		case 2:
		case 3:
			map_data(event);
			break;
		case 4:
			map_aux(event, other->page, random_size(random, 6));
			break;
		case 5:
			unmap_data(event);
			break;
		case 6:
			unmap_aux(event);
			break;
		case 7:
			ioctl(event->fd, PERF_EVENT_IOC_ENABLE, 0);
			break;
		}
	}

	for (i = 0; i < NR_EVENTS; i++) {
		bool closed = chance(random, 50);

		if (closed && events[i].fd >= 0)
			close(events[i].fd);
		unmap_data(&events[i]);
		unmap_aux(&events[i]);
		if (!closed && events[i].fd >= 0)
			close(events[i].fd);
	}

	return nr_open > 1 ? 0 : -EBUSY;
}

static int redirect_any(struct stress_random *random)
{
	return redirect_at(random, &pmus[stress_random(random, nr_pmus)]);
}

static int redirect_race_pmu(struct stress_random *random)
{
	struct pmu pmu;

	return find_race_pmu(&pmu) ? redirect_at(random, &pmu) : -ENOENT;
}

/* Of another kind each time, maybe. */
static int unregister(struct stress_random *random)
{
	const char *kind = kinds[stress_random(random, ARRAY_SIZE(kinds))];
	static const int none[] = { 0 };
	int ret;

	ret = test_pmu_register(RACE_PMU, kind);
	if (ret && ret != -EEXIST)
		return stress_check("register", ret, none);

	pause_for(random, 4000);
	return stress_check("unregister", test_pmu_unregister(RACE_PMU), none);
}

static int unload(struct stress_random *random)
{
	static const int in_use[] = { EWOULDBLOCK, ENOENT, 0 };
	int ret;

	ret = test_pmu_load();
	if (ret)
		return stress_check("load", ret, in_use);

	/* Somebody has to find it first. */
	usleep(stress_random(random, 50000));
	return stress_check("unload", test_pmu_unload(), in_use);
}

static int map_test_pmu(struct stress_random *random)
{
	static const char *const names[] = { TEST_PMU_MUST, TEST_PMU_NICE, TEST_PMU_DONTCARE };
	struct pmu pmu;

	/* Leave the module alone at times, or it is always in use. */
	usleep(stress_random(random, 20000));
	if (pmu_find(names[stress_random(random, ARRAY_SIZE(names))], &pmu))
		return -ENOENT;

	return map_at(random, &pmu);
}

static int plug_cpu(struct stress_random *random)
{
	static const int none[] = { EBUSY, 0 };
	int ret;

	ret = file_write_str(CPU1, "0");
	if (!ret) {
		pause_for(random, 5000);
		ret = file_write_str(CPU1, "1");
	}
	pause_for(random, 5000);

	return stress_check("CPU 1", ret, none);
}

/* A size that takes long, but no more of the memory than that. */
static size_t large_size(size_t max, unsigned int share)
{
	size_t size = max;

	while (size > MIB && size > memory_available() / share)
		size /= 2;

	return size;
}

static void random_test_pmu_spec(struct stress_random *random, struct event_spec *spec)
{
	struct pmu pmu;

	if (pmu_find(chance(random, 50) ? TEST_PMU_NICE : TEST_PMU_DONTCARE, &pmu))
		_exit(1);
	*spec = (struct event_spec) { .type = pmu.type, .pid = 0, .cpu = -1 };
}

static int kill_mmap(struct stress_random *random)
{
	size_t size = large_size(1024 * MIB, 2);
	unsigned int us = stress_random(random, 200 * 1000);
	bool overwrite = chance(random, 30);
	struct event_spec spec;
	int status;
	pid_t pid;

	random_test_pmu_spec(random, &spec);
	pid = fork();
	if (!pid) {
		struct area area;

		if (!area_open(&area, &spec))
			area_map(&area, size, overwrite);
		_exit(0);
	}

	usleep(us);
	kill(pid, SIGKILL);
	if (waitpid(pid, &status, 0) != pid)
		return STRESS_BROKEN;

	return WIFSIGNALED(status) ? 0 : -EAGAIN;
}

/* Takes more memory than there is, until it is killed. */
static int hog_memory(struct stress_random *random)
{
	size_t pos, size = 2 * sysconf(_SC_PHYS_PAGES) * getpagesize();
	bool huge = chance(random, 80);		/* is faster */
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		char *memory;

		file_write_str("/proc/self/oom_score_adj", "1000");
		memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (memory == MAP_FAILED)
			_exit(0);
		if (huge)
			madvise(memory, size, MADV_HUGEPAGE);
		for (pos = 0; pos < size; pos += getpagesize())
			memory[pos] = 1;
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid)
		return STRESS_BROKEN;

	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? 0 : -EAGAIN;
}

/* In a process that may be killed for lack of memory. */
static int map_and_die(struct stress_random *random, size_t max, const char *cgroup)
{
	size_t size = max >> stress_random(random, 4);
	struct event_spec spec;
	int status;
	pid_t pid;

	random_test_pmu_spec(random, &spec);
	pid = fork();
	if (!pid) {
		struct area area;
		/* EBUSY: others trace a whole CPU with it. */
		static const int errors[] = { ENOMEM, EBUSY, 0 };
		int ret;

		file_write_str("/proc/self/oom_score_adj", "900");
		if (cgroup && file_write_str(cgroup, "0"))
			_exit(EXIT_FAILURE);
		ret = area_open(&area, &spec);
		if (!ret)
			ret = area_map(&area, size, false);
		if (!ret)
			area_enable(&area);
		pause_for(random, 10000);
		ret = stress_check("mmap", ret, errors);
		fflush(stdout);
		_exit(ret == STRESS_BROKEN ? EXIT_FAILURE : ret ? 2 : 0);
	}
	if (waitpid(pid, &status, 0) != pid)
		return STRESS_BROKEN;
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGKILL ? 0 : STRESS_BROKEN;
	if (WEXITSTATUS(status) == EXIT_FAILURE)
		return STRESS_BROKEN;

	return WEXITSTATUS(status) ? -ENOMEM : 0;
}

static int map_most_memory(struct stress_random *random)
{
	return map_and_die(random, large_size(1024 * MIB, 1), NULL);
}

/* Page tables count; AUX areas have a limit of their own (RLIMIT_MEMLOCK). */
static int map_in_cgroup(struct stress_random *random)
{
	file_write_ul(CGROUP "/memory.max", (64 + stress_random(random, 1024)) * 4096);
	return map_and_die(random, 128 * MIB, CGROUP "/cgroup.procs");
}

/* Tests */

FIXTURE(races)
{
	unsigned long	taint;
	char		oom_score_adj[16];
};

static unsigned long kernel_taint(void)
{
	unsigned long taint = 0;

	file_read_ul("/proc/sys/kernel/tainted", &taint);
	return taint;
}

FIXTURE_SETUP(races)
{
	if (lacks_test_pmu())
		SKIP(return, "%s", lacks_test_pmu());

	self->taint = kernel_taint();
	find_pmus();
	ASSERT_LE(3, nr_pmus);
}

FIXTURE_TEARDOWN_PARENT(races)
{
	if (!test_pmu_load())
		test_pmu_unregister(RACE_PMU);
	file_write_str(CPU1, "1");
	rmdir(CGROUP);
	max_orders_restore();
}

/* No AUX area is left, and the next one can be mapped. */
static void check_nothing_left(struct __test_metadata *_metadata)
{
	struct event_spec spec = { .pid = 0, .cpu = -1 };
	char buf[4096] = "";
	struct area area;
	struct pmu pmu;

	ASSERT_EQ(0, test_pmu_load());
	ASSERT_LE(0, file_read(TEST_PMU_DIR "/areas", buf, sizeof(buf)));
	EXPECT_STREQ("", buf);
	if (stats_available())
		EXPECT_EQ(0, stats_rows(NULL, 0));

	ASSERT_EQ(0, pmu_find(TEST_PMU_NICE, &pmu));
	spec.type = pmu.type;
	ASSERT_EQ(0, area_open(&area, &spec));
	EXPECT_EQ(0, area_map(&area, MIB, false));
	area_close(&area);
}

/* Again if it seems to leave memory behind. */
static void race(struct __test_metadata *_metadata, const struct stress_worker *workers,
		 unsigned long taint)
{
	long pages, limit = memory_growth_limit(NOISE_PAGES), total = 0, nr;
	struct memory_growth growth = { };

	pages = memory_pages_of("rb_alloc_aux");
	while (memory_grows(&growth, limit)) {
		nr = stress_run(workers, stress_seconds());
		ASSERT_LE(0, nr);
		total += nr;
		check_nothing_left(_metadata);
	}
	TH_LOG("%s: %ld in total", workers->name, total);
	if (!total && workers->may_starve)
		TH_LOG("%s: this time nobody did", workers->name);
	else
		EXPECT_LT(0, total);
	EXPECT_LT(growth.pages, limit);
	EXPECT_EQ(pages, memory_pages_of("rb_alloc_aux"))
		TH_LOG("pages of AUX areas, by their owner");
	EXPECT_EQ(taint, kernel_taint()) TH_LOG("the kernel complained");
}

/* There is a limit: PERF_AUX_SECONDS. */
#define NO_TIMEOUT	1000000

TEST_F_TIMEOUT(races, order_while_mapped, NO_TIMEOUT)
{
	static const struct stress_worker workers[] = {
		{ "map and unmap",	2, map_any },
		{ "write the order",	1, write_order },
		{ "read statistics",	1, read_stats },
		{ }
	};

	race(_metadata, workers, self->taint);
}

TEST_F_TIMEOUT(races, order_while_inherited, NO_TIMEOUT)
{
	static const struct stress_worker workers[] = {
		{ "fork",		2, fork_at },
		{ "write the order",	1, write_order },
		{ }
	};

	race(_metadata, workers, self->taint);
}

TEST_F_TIMEOUT(races, order_while_redirected, NO_TIMEOUT)
{
	static const struct stress_worker workers[] = {
		{ "redirect",		2, redirect_any },
		{ "write the order",	1, write_order },
		{ }
	};

	race(_metadata, workers, self->taint);
}

TEST_F_TIMEOUT(races, unregister_while_mapped, NO_TIMEOUT)
{
	static const struct stress_worker workers[] = {
		{ "unregister",		1, unregister },
		{ "map and unmap",	2, map_race_pmu },
		{ "redirect",		1, redirect_race_pmu },
		{ "read files",		1, read_files },
		{ "write the order",	1, write_order },
		{ }
	};

	if (lacks_revocation())
		SKIP(return, "%s", lacks_revocation());

	race(_metadata, workers, self->taint);
}

TEST_F_TIMEOUT(races, unload_while_mapped, NO_TIMEOUT)
{
	static const struct stress_worker workers[] = {
		{ "unload",		1, unload },
		{ "map and unmap",	1, map_test_pmu },
		{ "read files",		1, read_files },
		{ "write the order",	1, write_order },
		{ }
	};

	if (test_pmu_references())
		SKIP(return, "somebody else uses the module");

	race(_metadata, workers, self->taint);
}

TEST_F_TIMEOUT(races, cpu_goes_away, NO_TIMEOUT)
{
	static const struct stress_worker workers[] = {
		{ "CPU off and on",	1, plug_cpu },
		{ "map and unmap",	1, map_any },
		{ "fork",		1, fork_at },
		{ }
	};

	if (access(CPU1, W_OK))
		SKIP(return, "no CPU that can be taken offline");

	race(_metadata, workers, self->taint);
}

TEST_F_TIMEOUT(races, killed_while_mapping, NO_TIMEOUT)
{
	static const struct stress_worker workers[] = {
		{ "kill a large mmap",	1, kill_mmap },
		{ "map and unmap",	1, map_any },
		{ }
	};

	ASSERT_EQ(0, max_order_set(TEST_PMU_NICE, 0));
	ASSERT_EQ(0, max_order_set(TEST_PMU_DONTCARE, 0));
	race(_metadata, workers, self->taint);
}

TEST_F_TIMEOUT(races, out_of_memory, NO_TIMEOUT)
{
	static const struct stress_worker workers[] = {
		/*
		 * Where everybody reads its program in again as soon as it was reclaimed,
		 * there is always something to reclaim, and nobody is killed.
		 */
		{ "be killed for lack of memory", 1, hog_memory, .may_starve = true },
		{ "map what is left",	1, map_most_memory },
		{ "map and unmap",	1, map_any },
		{ }
	};

	/* The workers are not what has to go. */
	ASSERT_EQ(0, file_write_str("/proc/self/oom_score_adj", "-1000"));
	race(_metadata, workers, self->taint);
}

TEST_F_TIMEOUT(races, memory_cgroup, NO_TIMEOUT)
{
	static const struct stress_worker workers[] = {
		{ "map in a memory cgroup", 2, map_in_cgroup },
		{ "map and unmap",	1, map_any },
		{ }
	};

	file_write_str("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
	mkdir(CGROUP, 0755);
	if (access(CGROUP "/memory.max", W_OK))
		SKIP(return, "no memory cgroup (CONFIG_MEMCG)");

	race(_metadata, workers, self->taint);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
