// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may map how large an AUX area: perf_event_paranoid, capabilities, and the
 * limits of what may be locked.
 */

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "area.h"
#include "file.h"
#include "pmu.h"
#include "stats.h"
#include "test.h"

#define PARANOID	"/proc/sys/kernel/perf_event_paranoid"
#define MLOCK_KB	"/proc/sys/kernel/perf_event_mlock_kb"
#define NOBODY		65533	/* who has no other buffers */
#define NONE		(-1)

/* What a child has done, as its exit status. */
#define NOT_NOBODY	250
#define AGAIN_DATA	251	/* could not be mapped again */
#define AGAIN_AUX	252
#define LATER_LESS	253	/* can be mapped than before */
#define LATER_MORE	254

FIXTURE(privileges)
{
	char		paranoid[32];
	struct pmu	pmu;
	unsigned long	limit;	/* pages, of all buffers of a user */
};

FIXTURE_SETUP(privileges)
{
	const char *lack = lacks_test_pmu();
	unsigned long mlock_kb;

	if (lack)
		SKIP(return, "%s", lack);

	ASSERT_EQ(0, pmu_find(TEST_PMU_NICE, &self->pmu));
	ASSERT_LT(0, file_read(PARANOID, self->paranoid, sizeof(self->paranoid)));
	ASSERT_EQ(0, file_read_ul(MLOCK_KB, &mlock_kb));
	self->limit = mlock_kb * 1024 / getpagesize() * sysconf(_SC_NPROCESSORS_ONLN);
}

FIXTURE_TEARDOWN(privileges)
{
	if (self->paranoid[0])
		file_write_str(PARANOID, self->paranoid);
}

/* A user with one capability at most, who may lock @memlock pages. */
static bool become_nobody(int capability, unsigned long memlock)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct rlimit limit = { memlock * getpagesize(), memlock * getpagesize() };
	struct __user_cap_data_struct data[2] = { };

	if (setrlimit(RLIMIT_MEMLOCK, &limit) || prctl(PR_SET_KEEPCAPS, 1) ||
	    setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY))
		return false;

	if (capability != NONE) {
		data[capability / 32].effective = 1U << capability % 32;
		data[capability / 32].permitted = 1U << capability % 32;
	}
	return !syscall(SYS_capset, &header, data);
}

struct attempt {
	int		level;		/* perf_event_paranoid */
	int		capability;
	bool		kernel;		/* trace the kernel, too */
	bool		per_cpu;	/* and other tasks */
	bool		beyond;		/* more than the user may lock */
};

/* The errno with which it ends, in a child. */
static int try(const struct attempt *attempt, __u32 type, unsigned long limit)
{
	struct perf_event_attr attr = {
		.type		= type,
		.size		= sizeof(attr),
		.disabled	= 1,
		.exclude_kernel	= !attempt->kernel,
		.exclude_hv	= !attempt->kernel,
	};
	unsigned long aux_pages = 1, page = getpagesize();
	struct perf_event_mmap_page *data;
	int fd;

	if (!become_nobody(attempt->capability, 0))
		return NOT_NOBODY;

	while (attempt->beyond && aux_pages <= limit)
		aux_pages *= 2;

	fd = syscall(SYS_perf_event_open, &attr, attempt->per_cpu ? -1 : 0,
		     attempt->per_cpu ? 0 : -1, -1, 0);
	if (fd < 0)
		return errno;

	data = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (data == MAP_FAILED)
		return errno;
	data->aux_offset = 2 * page;
	data->aux_size = aux_pages * page;

	return mmap(NULL, aux_pages * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    2 * page) == MAP_FAILED ? errno : 0;
}

/*
 * As documented. The highest level, which not all kernels have, leaves nothing to
 * those who are not allowed everything; nor does CAP_PERFMON help there.
 */
static int expected(const struct attempt *attempt)
{
	bool perfmon = attempt->capability == CAP_PERFMON || attempt->capability == CAP_SYS_ADMIN;

	if (attempt->level >= 3 && attempt->capability != CAP_SYS_ADMIN)
		return -EACCES;
	if (attempt->kernel && attempt->level >= 2 && !perfmon)
		return -EACCES;
	if (attempt->per_cpu && attempt->level >= 1 && !perfmon)
		return -EACCES;
	if (attempt->beyond && attempt->level >= 0 && attempt->capability != CAP_IPC_LOCK)
		return -EPERM;

	return 0;
}

static bool has_level_3(__u32 type, unsigned long limit)
{
	const struct attempt attempt = { .level = 3, .capability = NONE };
	int status;
	pid_t pid;

	if (file_write_str(PARANOID, "3"))
		return false;
	pid = fork();
	if (!pid)
		_exit(try(&attempt, type, limit));

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) == EACCES;
}

TEST_F_TIMEOUT(privileges, paranoid_and_capabilities, 120)
{
	static const int capabilities[] = { NONE, CAP_PERFMON, CAP_SYS_ADMIN, CAP_IPC_LOCK };
	bool level_3 = has_level_3(self->pmu.type, self->limit);
	unsigned int i, flags;
	struct attempt attempt;
	char level[16];
	int status;
	pid_t pid;

	for (attempt.level = -1; attempt.level <= (level_3 ? 3 : 2); attempt.level++) {
		snprintf(level, sizeof(level), "%d", attempt.level);
		ASSERT_EQ(0, file_write_str(PARANOID, level));

		for (i = 0; i < ARRAY_SIZE(capabilities); i++) {
			for (flags = 0; flags < 8; flags++) {
				attempt.capability = capabilities[i];
				attempt.kernel = flags & 1;
				attempt.per_cpu = flags & 2;
				attempt.beyond = flags & 4;

				pid = fork();
				ASSERT_LE(0, pid);
				if (!pid)
					_exit(try(&attempt, self->pmu.type, self->limit));
				ASSERT_EQ(pid, waitpid(pid, &status, 0));
				ASSERT_TRUE(WIFEXITED(status));
				EXPECT_EQ(expected(&attempt), -WEXITSTATUS(status)) {
					TH_LOG("level %d, capability %d%s%s%s", attempt.level,
					       attempt.capability, attempt.kernel ? ", kernel" : "",
					       attempt.per_cpu ? ", per CPU" : "",
					       attempt.beyond ? ", beyond the limit" : "");
				}
			}
		}
	}
}

/* What is refused is refused before anything is allocated or tried. */
TEST_F(privileges, limit_comes_first)
{
	const struct attempt attempt = { .level = 0, .capability = NONE, .beyond = true };
	struct stats before, after;
	int status;
	pid_t pid;

	if (!stats_available())
		SKIP(return, "no statistics (CONFIG_PERF_AUX_STATS)");

	ASSERT_EQ(0, file_write_str(PARANOID, "0"));
	ASSERT_EQ(0, stats_read(self->pmu.name, &before));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(try(&attempt, self->pmu.type, self->limit));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(EPERM, WEXITSTATUS(status));
	ASSERT_EQ(0, stats_read(self->pmu.name, &after));
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(after)));
}

/*
 * Maps data and AUX area, and then each of them again and again. 0 if afterwards
 * as much can be mapped as before, and no less.
 */
static int map_again_and_again(__u32 type, unsigned long limit)
{
	struct event_spec spec = { .type = type, .cpu = -1 };
	unsigned long page = getpagesize(), pages;
	struct area area;
	unsigned int i;
	void *again;
	int fd, ret;

	if (!become_nobody(NONE, 0))
		return NOT_NOBODY;

	ret = area_open(&area, &spec);
	if (!ret)
		ret = area_map(&area, page, false);
	if (ret)
		return -ret;

	for (i = 0; i < limit; i++) {
		again = mmap(NULL, area.base_size, PROT_READ, MAP_SHARED, area.fd, 0);
		if (again == MAP_FAILED)
			return AGAIN_DATA;
		munmap(again, area.base_size);
		again = mmap(NULL, area.aux_size, PROT_READ, MAP_SHARED, area.fd, area.base_size);
		if (again == MAP_FAILED)
			return AGAIN_AUX;
		munmap(again, area.aux_size);
	}
	fd = dup(area.fd);
	area_close(&area);

	/* The largest there is, that is still within the limit. */
	for (pages = 1; 2 * pages + 1 <= limit; pages *= 2)
		;
	again = mmap(NULL, (1 + pages) * page, PROT_READ, MAP_SHARED, fd, 0);
	if (again == MAP_FAILED)
		return LATER_LESS;
	munmap(again, (1 + pages) * page);
	pages *= 2;
	again = mmap(NULL, (1 + pages) * page, PROT_READ, MAP_SHARED, fd, 0);
	return again == MAP_FAILED ? 0 : LATER_MORE;
}

TEST_F(privileges, mapped_again_counts_once)
{
	int status;
	pid_t pid;

	/* Pages may be large, and what a user may lock is an amount. */
	if (self->limit < AREA_MIN_PAGES)
		SKIP(return, "a user may lock no more than %lu pages", self->limit);

	ASSERT_EQ(0, file_write_str(PARANOID, "0"));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(map_again_and_again(self->pmu.type, self->limit));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_EQ(0, WEXITSTATUS(status));
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
