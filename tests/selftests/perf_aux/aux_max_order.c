// SPDX-License-Identifier: GPL-2.0-only
/*
 * The attribute aux_max_order: which PMUs have it, who may write what, and who
 * learns about it.
 */

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>

#include "area.h"
#include "chunks.h"
#include "file.h"
#include "pmu.h"
#include "test.h"

#define NOBODY		65534
#define MAX_PMUS	256

/*
 * Presence, mode and default
 */

/* A PMU of our own: nobody has changed its value yet. */
#define NEW_PMU		"aux_test_new"

FIXTURE(kind)
{
};

FIXTURE_VARIANT(kind)
{
	const char	*name;
	mode_t		mode;
	bool		must;
};

FIXTURE_VARIANT_ADD(kind, must)
{
	.name = "must", .mode = 0444, .must = true,
};

FIXTURE_VARIANT_ADD(kind, nice)
{
	.name = "nice", .mode = 0644,
};

FIXTURE_VARIANT_ADD(kind, dontcare)
{
	.name = "dontcare", .mode = 0644,
};

FIXTURE_SETUP(kind)
{
	if (lacks_test_pmu())
		SKIP(return, "%s", lacks_test_pmu());
	ASSERT_EQ(0, test_pmu_register(NEW_PMU, variant->name));
}

FIXTURE_TEARDOWN_PARENT(kind)
{
	test_pmu_unregister(NEW_PMU);
}

TEST_F(kind, mode_and_default)
{
	EXPECT_EQ(variant->mode, max_order_mode(NEW_PMU));
	EXPECT_EQ(variant->must ? (int)max_page_order() : 0, max_order_read(NEW_PMU));
}

TEST_F(kind, register_again_resets)
{
	int order = max_order_read(NEW_PMU);

	if (!variant->must)
		ASSERT_EQ(0, max_order_set(NEW_PMU, 3));
	ASSERT_EQ(0, test_pmu_unregister(NEW_PMU));
	EXPECT_EQ(0, max_order_mode(NEW_PMU));
	ASSERT_EQ(0, test_pmu_register(NEW_PMU, variant->name));
	EXPECT_EQ(order, max_order_read(NEW_PMU));
}

/*
 * The default is the first value there is: from the moment the attribute appears,
 * which is before udev is told, it belongs to user space.
 */
TEST_F(kind, default_comes_first)
{
	char path[MAX_ORDER_PATH_LEN];
	int i, status;
	pid_t pid;

	max_order_path(NEW_PMU, path);

	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, test_pmu_unregister(NEW_PMU));

		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid) {
			int order;

			do {
				order = max_order_read(NEW_PMU);
			} while (order == -ENOENT);
			_exit(variant->must || max_order_write(NEW_PMU, "5", 1) == 1 ? order : 255);
		}

		ASSERT_EQ(0, test_pmu_register(NEW_PMU, variant->name));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		ASSERT_TRUE(WIFEXITED(status));
		EXPECT_EQ(variant->must ? max_page_order() : 0, WEXITSTATUS(status));
		EXPECT_EQ(variant->must ? max_page_order() : 5, max_order_read(NEW_PMU));
	}
}

/* The attribute is there if and only if the PMU has an AUX area. */
TEST(only_pmus_with_aux_area)
{
	static struct pmu pmus[MAX_PMUS];
	unsigned int nr = pmu_list(pmus, MAX_PMUS), i, nr_with = 0, nr_without = 0;

	if (geteuid())
		SKIP(return, "needs root");
	ASSERT_NE(0, nr);

	for (i = 0; i < nr; i++) {
		mode_t mode = max_order_mode(pmus[i].name);

		switch (pmu_has_aux(&pmus[i])) {
		case PMU_AUX_YES:
			EXPECT_TRUE(mode == 0444 || mode == 0644)
				TH_LOG("%s: mode %o", pmus[i].name, mode);
			nr_with++;
			break;
		case PMU_AUX_NO:
			EXPECT_EQ(0, mode)
				TH_LOG("%s has the attribute, but no AUX area", pmus[i].name);
			nr_without++;
			break;
		case PMU_AUX_UNKNOWN:
			TH_LOG("%s: no event to try, mode %o", pmus[i].name, mode);
			break;
		}
	}

	TH_LOG("%u PMUs with an AUX area, %u without", nr_with, nr_without);
	EXPECT_NE(0, nr_without);
	if (!nr_with)
		SKIP(return, "no PMU with an AUX area");
}

/* These never have one, whether an event of them can be opened or not. */
TEST(never_without_aux_area)
{
	static const char *const names[] = {
		"software", "tracepoint", "breakpoint", "kprobe", "uprobe", "cpu", "msr",
	};
	unsigned int i, nr = 0;
	struct pmu pmu;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (pmu_find(names[i], &pmu))
			continue;
		nr++;
		EXPECT_EQ(0, max_order_mode(names[i]))
			TH_LOG("%s has the attribute", names[i]);
	}

	EXPECT_NE(0, nr);
}

/*
 * Writes
 */

FIXTURE(writes)
{
	const char	*pmu;
};

FIXTURE_VARIANT(writes)
{
	const char	*pmu;
};

FIXTURE_VARIANT_ADD(writes, nice)
{
	.pmu = TEST_PMU_NICE,
};

FIXTURE_VARIANT_ADD(writes, dontcare)
{
	.pmu = TEST_PMU_DONTCARE,
};

FIXTURE_SETUP(writes)
{
	if (lacks_test_pmu())
		SKIP(return, "%s", lacks_test_pmu());
	self->pmu = variant->pmu;
}

FIXTURE_TEARDOWN_PARENT(writes)
{
	max_orders_restore();
}

TEST_F(writes, each_order)
{
	unsigned int order, max = max_page_order();
	char buf[16];
	ssize_t len;

	for (order = 0; order <= max; order++) {
		len = sprintf(buf, "%u", order);
		EXPECT_EQ(len, max_order_write(self->pmu, buf, len));
		EXPECT_EQ(order, max_order_read(self->pmu));
	}

	/* And down again, with the newline that echo adds. */
	while (order-- > 0) {
		len = sprintf(buf, "%u\n", order);
		EXPECT_EQ(len, max_order_write(self->pmu, buf, len));
		EXPECT_EQ(order, max_order_read(self->pmu));
	}
}

/* Value before each write that is to be refused: none of them contains it. */
#define OLD_ORDER	2

struct write_case {
	const char	*buf;
	size_t		len;
	int		order;		/* read back, if accepted */
	int		error;		/* if refused */
};

#define ACCEPTED(str, value)	{ str, sizeof(str) - 1, value, 0 }
#define REFUSED(str, err)	{ str, sizeof(str) - 1, OLD_ORDER, err }

static const struct write_case write_cases[] = {
	ACCEPTED("3", 3),
	ACCEPTED("3\n", 3),
	ACCEPTED("03", 3),
	ACCEPTED("0000000003\n", 3),
	ACCEPTED("08", 8),			/* decimal, not octal */
	ACCEPTED("+1", 1),
	ACCEPTED("+0", 0),

	REFUSED(" ", EINVAL),
	REFUSED("\n", EINVAL),
	REFUSED("\t", EINVAL),
	REFUSED("-1", EINVAL),
	REFUSED("-0", EINVAL),
	REFUSED("+", EINVAL),
	REFUSED("-", EINVAL),
	REFUSED("++1", EINVAL),
	REFUSED("+-1", EINVAL),
	REFUSED("+ 1", EINVAL),
	REFUSED("0x3", EINVAL),
	REFUSED("0b1", EINVAL),
	REFUSED("a", EINVAL),
	REFUSED("1e3", EINVAL),
	REFUSED("1e0", EINVAL),
	REFUSED("3.0", EINVAL),
	REFUSED("3,", EINVAL),
	REFUSED("3K", EINVAL),
	REFUSED(" 3", EINVAL),
	REFUSED("3 ", EINVAL),
	REFUSED("3 4", EINVAL),
	REFUSED("3\n4", EINVAL),
	REFUSED("3\n\n", EINVAL),
	REFUSED("\n3", EINVAL),
	REFUSED("\t3", EINVAL),
	REFUSED("3\t", EINVAL),
	REFUSED("3\r\n", EINVAL),
	REFUSED("three", EINVAL),
	REFUSED("max", EINVAL),
	REFUSED("\xef\xbc\x93", EINVAL),	/* U+FF13, a wide three */
	REFUSED("3\xc2\xa0", EINVAL),		/* no-break space */
	REFUSED("\xff", EINVAL),
	REFUSED("\0", EINVAL),
	REFUSED("3\0", EINVAL),
	REFUSED("\0003", EINVAL),
	REFUSED("3\0\n", EINVAL),
	REFUSED("3\n\0", EINVAL),
	REFUSED("1\0000", EINVAL),

	REFUSED("100", ERANGE),
	REFUSED("4294967295", ERANGE),		/* 2^32 - 1 */
	REFUSED("4294967296", ERANGE),		/* 2^32, 0 in 32 bits */
	REFUSED("4294967299", ERANGE),		/* 3 in 32 bits */
	REFUSED("18446744073709551615", ERANGE),
	REFUSED("18446744073709551616", ERANGE),
	REFUSED("18446744073709551619", ERANGE),
	REFUSED("99999999999999999999", ERANGE),
};

TEST_F(writes, each_case)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(write_cases); i++) {
		const struct write_case *c = &write_cases[i];

		ASSERT_EQ(0, max_order_set(self->pmu, OLD_ORDER));
		EXPECT_EQ(c->error ? -c->error : (ssize_t)c->len,
			  max_order_write(self->pmu, c->buf, c->len))
			TH_LOG("case %u: \"%s\"", i, c->buf);
		EXPECT_EQ(c->order, max_order_read(self->pmu))
			TH_LOG("case %u: \"%s\"", i, c->buf);
	}
}

TEST_F(writes, beyond_max)
{
	unsigned int max = max_page_order(), order;
	char buf[16];
	int len;

	for (order = max + 1; order < max + 70; order++) {
		ASSERT_EQ(0, max_order_set(self->pmu, max));
		len = sprintf(buf, "%u", order);
		EXPECT_EQ(-ERANGE, max_order_write(self->pmu, buf, len));
		EXPECT_EQ(max, max_order_read(self->pmu));
	}
}

TEST_F(writes, nothing)
{
	ASSERT_EQ(0, max_order_set(self->pmu, OLD_ORDER));
	EXPECT_EQ(0, max_order_write(self->pmu, "", 0));
	EXPECT_EQ(OLD_ORDER, max_order_read(self->pmu));
}

/* A page is as much as sysfs passes on at once. */
TEST_F(writes, page_of_digits)
{
	size_t size = getpagesize();
	char *buf = malloc(size);

	ASSERT_NE(NULL, buf);
	ASSERT_EQ(0, max_order_set(self->pmu, OLD_ORDER));

	memset(buf, '9', size);
	EXPECT_EQ(-ERANGE, max_order_write(self->pmu, buf, size));
	EXPECT_EQ(OLD_ORDER, max_order_read(self->pmu));

	memset(buf, ' ', size);
	EXPECT_EQ(-EINVAL, max_order_write(self->pmu, buf, size));
	EXPECT_EQ(OLD_ORDER, max_order_read(self->pmu));

	memset(buf, 0, size);
	EXPECT_EQ(-EINVAL, max_order_write(self->pmu, buf, size));
	EXPECT_EQ(OLD_ORDER, max_order_read(self->pmu));

	/* Long, but a number. */
	memset(buf, '0', size);
	buf[size - 1] = '3';
	EXPECT_EQ(size, max_order_write(self->pmu, buf, size));
	EXPECT_EQ(3, max_order_read(self->pmu));

	free(buf);
}

/* Runs @fn as nobody, with no privileges left. Returns what it returned. */
static int as_nobody(int (*fn)(const char *path), const char *path)
{
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		if (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY))
			_exit(255);
		_exit(fn(path));
	}

	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 255;

	return WEXITSTATUS(status);
}

static int open_for_writing(const char *path)
{
	return open(path, O_WRONLY) < 0 ? errno : 0;
}

static int open_for_both(const char *path)
{
	return open(path, O_RDWR) < 0 ? errno : 0;
}

static int read_order(const char *path)
{
	char buf[16];

	return file_read(path, buf, sizeof(buf)) > 0 ? 100 + atoi(buf) : errno;
}

TEST_F(writes, unprivileged)
{
	char path[MAX_ORDER_PATH_LEN];

	ASSERT_EQ(0, max_order_set(self->pmu, 7));
	max_order_path(self->pmu, path);

	EXPECT_EQ(EACCES, as_nobody(open_for_writing, path));
	EXPECT_EQ(EACCES, as_nobody(open_for_both, path));
	EXPECT_EQ(107, as_nobody(read_order, path));
	EXPECT_EQ(7, max_order_read(self->pmu));
}

/* Each PMU has its own. */
TEST_F(writes, other_pmus_unchanged)
{
	const char *other = strcmp(self->pmu, TEST_PMU_NICE) ? TEST_PMU_NICE : TEST_PMU_DONTCARE;
	int order = max_order_read(other), must = max_order_read(TEST_PMU_MUST);

	ASSERT_EQ(0, max_order_set(self->pmu, order ? 0 : 9));
	EXPECT_EQ(order, max_order_read(other));
	EXPECT_EQ(must, max_order_read(TEST_PMU_MUST));
}

/*
 * Those that need contiguous memory
 */

FIXTURE(read_only)
{
	struct pmu	pmus[MAX_PMUS];
	unsigned int	nr;
};

FIXTURE_SETUP(read_only)
{
	unsigned int i, nr;

	if (geteuid())
		SKIP(return, "needs root");
	test_pmu_load();

	nr = pmu_list(self->pmus, MAX_PMUS);
	for (i = 0; i < nr; i++) {
		if (max_order_mode(self->pmus[i].name) == 0444)
			self->pmus[self->nr++] = self->pmus[i];
	}
	if (!self->nr)
		SKIP(return, "no PMU needs contiguous memory");
}

FIXTURE_TEARDOWN_PARENT(read_only)
{
	max_orders_restore();
}

TEST_F(read_only, refuses_root)
{
	unsigned int i;

	for (i = 0; i < self->nr; i++) {
		const char *pmu = self->pmus[i].name;

		EXPECT_EQ(max_page_order(), max_order_read(pmu));
		EXPECT_EQ(-EACCES, max_order_write(pmu, "0", 1)) TH_LOG("%s", pmu);
		EXPECT_EQ(-EACCES, max_order_write(pmu, "nonsense", 8)) TH_LOG("%s", pmu);
		EXPECT_EQ(max_page_order(), max_order_read(pmu));
	}
}

TEST_F(read_only, refuses_after_chmod)
{
	unsigned int i;

	for (i = 0; i < self->nr; i++) {
		const char *pmu = self->pmus[i].name;
		char path[MAX_ORDER_PATH_LEN];
		int fd;

		max_order_path(pmu, path);
		ASSERT_EQ(0, chmod(path, 0644));

		/* It can be opened now; only the write is refused. */
		fd = open(path, O_WRONLY);
		EXPECT_LE(0, fd);
		EXPECT_EQ(-1, write(fd, "0", 1));
		EXPECT_EQ(EACCES, errno);
		close(fd);

		EXPECT_EQ(max_page_order(), max_order_read(pmu));
		ASSERT_EQ(0, chmod(path, 0444));
	}
}

/*
 * poll()
 */

FIXTURE(notification)
{
	struct pollfd	pollfd;
};

FIXTURE_SETUP(notification)
{
	char path[MAX_ORDER_PATH_LEN];

	if (lacks_test_pmu())
		SKIP(return, "%s", lacks_test_pmu());

	ASSERT_EQ(0, max_order_set(TEST_PMU_NICE, OLD_ORDER));
	max_order_path(TEST_PMU_NICE, path);
	self->pollfd.fd = open(path, O_RDONLY);
	ASSERT_LE(0, self->pollfd.fd);
	self->pollfd.events = POLLPRI | POLLERR;
}

FIXTURE_TEARDOWN_PARENT(notification)
{
	max_orders_restore();
}

/* poll() reports what happened after the last read. */
static int read_from_start(int fd)
{
	char buf[16] = "";

	return pread(fd, buf, sizeof(buf) - 1, 0) > 0 ? atoi(buf) : -errno;
}

/* Wakeups are delivered by a worker thread of the kernel. */
#define SOON_MS		2000
#define NEVER_MS	200

TEST_F(notification, on_change)
{
	struct pollfd *pollfd = &self->pollfd;
	int order;

	/* Also the one of the set-up. */
	usleep(NEVER_MS * 1000);

	for (order = 5; order >= 0; order--) {
		read_from_start(pollfd->fd);
		EXPECT_EQ(0, poll(pollfd, 1, 0));

		ASSERT_EQ(0, max_order_set(TEST_PMU_NICE, order == OLD_ORDER ? 7 : order));
		EXPECT_EQ(1, poll(pollfd, 1, SOON_MS));
		EXPECT_EQ(POLLPRI | POLLERR, pollfd->revents);
		EXPECT_EQ(order == OLD_ORDER ? 7 : order, read_from_start(pollfd->fd));
	}
}

/* One who waits already is woken up. */
TEST_F(notification, wakes_sleeper)
{
	int status;
	pid_t pid;

	usleep(NEVER_MS * 1000);
	read_from_start(self->pollfd.fd);

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		usleep(NEVER_MS * 1000);
		_exit(max_order_set(TEST_PMU_NICE, 4) != 0);
	}

	EXPECT_EQ(1, poll(&self->pollfd, 1, 10 * SOON_MS));
	EXPECT_EQ(4, read_from_start(self->pollfd.fd));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_F(notification, not_without_change)
{
	struct pollfd *pollfd = &self->pollfd;

	usleep(NEVER_MS * 1000);
	read_from_start(pollfd->fd);

	/* The same value, refused ones, none at all, another PMU. */
	ASSERT_EQ(0, max_order_set(TEST_PMU_NICE, OLD_ORDER));
	EXPECT_EQ(-EINVAL, max_order_write(TEST_PMU_NICE, "x", 1));
	EXPECT_EQ(-ERANGE, max_order_write(TEST_PMU_NICE, "999", 3));
	EXPECT_EQ(-EINVAL, max_order_write(TEST_PMU_NICE, "3\0", 2));
	EXPECT_EQ(0, max_order_write(TEST_PMU_NICE, "", 0));
	ASSERT_EQ(0, max_order_set(TEST_PMU_DONTCARE, 6));
	ASSERT_EQ(0, max_order_set(TEST_PMU_DONTCARE, 5));

	EXPECT_EQ(0, poll(pollfd, 1, NEVER_MS));
	EXPECT_EQ(OLD_ORDER, read_from_start(pollfd->fd));
}

/*
 * When it applies
 */

FIXTURE(live_area)
{
	struct area	area;
	struct chunks	before;
};

FIXTURE_SETUP(live_area)
{
	struct event_spec spec = { .pid = 0, .cpu = -1 };
	struct pmu pmu;

	if (lacks_test_pmu())
		SKIP(return, "%s", lacks_test_pmu());
	ASSERT_EQ(0, pmu_find(TEST_PMU_NICE, &pmu));
	spec.type = pmu.type;

	ASSERT_EQ(0, max_order_set(TEST_PMU_NICE, 2));
	ASSERT_EQ(0, area_open(&self->area, &spec));
	ASSERT_EQ(0, area_map(&self->area, 64 * getpagesize(), false));
	ASSERT_EQ(1, chunks_of_process(TEST_PMU_NICE, getpid(), &self->before, 1));
	ASSERT_EQ(2, chunks_first_order(&self->before));
}

FIXTURE_TEARDOWN_PARENT(live_area)
{
	max_orders_restore();
}

TEST_F(live_area, keeps_its_chunks)
{
	struct chunks after;
	void *again;

	ASSERT_EQ(0, max_order_set(TEST_PMU_NICE, 4));
	ASSERT_EQ(1, chunks_of_process(TEST_PMU_NICE, getpid(), &after, 1));
	EXPECT_TRUE(chunks_equal(&self->before, &after));

	/* A second mapping is of the same area. */
	again = mmap(NULL, self->area.aux_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		     self->area.fd, self->area.base_size);
	ASSERT_NE(MAP_FAILED, again);
	ASSERT_EQ(1, chunks_of_process(TEST_PMU_NICE, getpid(), &after, 1));
	EXPECT_TRUE(chunks_equal(&self->before, &after));
	ASSERT_EQ(0, munmap(again, self->area.aux_size));

	/* Traces go on in it. */
	ASSERT_EQ(0, area_enable(&self->area));
	while (area_head(&self->area) < 3 * 4096)
		;
	ASSERT_EQ(0, area_disable(&self->area));

	area_close(&self->area);
}

TEST_F(live_area, next_one_follows)
{
	struct event_spec spec = { .cpu = -1 };
	struct chunks after[2];
	struct area area;
	struct pmu pmu;
	pid_t child;
	int status;

	ASSERT_EQ(0, max_order_set(TEST_PMU_NICE, 4));

	/* An event of another task, since the PMU has room for one per task. */
	child = fork();
	ASSERT_LE(0, child);
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	ASSERT_EQ(0, pmu_find(TEST_PMU_NICE, &pmu));
	spec.type = pmu.type;
	spec.pid = child;
	ASSERT_EQ(0, area_open(&area, &spec));
	ASSERT_EQ(0, area_map(&area, 64 * getpagesize(), false));
	ASSERT_EQ(2, chunks_of_process(TEST_PMU_NICE, getpid(), after, 2));
	EXPECT_TRUE(chunks_equal(&self->before, &after[0]));
	EXPECT_EQ(4, chunks_first_order(&after[1]));
	area_close(&area);
	kill(child, SIGKILL);
	ASSERT_EQ(child, waitpid(child, &status, 0));

	/* The same event, mapped anew. */
	ASSERT_EQ(0, max_order_set(TEST_PMU_NICE, 1));
	ASSERT_EQ(0, area_unmap(&self->area));
	ASSERT_EQ(0, area_map(&self->area, 64 * getpagesize(), false));
	ASSERT_EQ(1, chunks_of_process(TEST_PMU_NICE, getpid(), after, 1));
	EXPECT_EQ(1, chunks_first_order(&after[0]));
	area_close(&self->area);
}

/*
 * All at once
 */

#define NR_WRITERS	2
#define NR_MAPPERS	2
#define NR_AREAS	40
#define AREA_PAGES	512

/* No larger: also a busy machine has those. */
static const unsigned int racing_orders[] = { 0, 1, 3, 5 };

static bool is_racing_order(unsigned int order)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(racing_orders); i++) {
		if (racing_orders[i] == order)
			return true;
	}
	return false;
}

static void write_orders(unsigned int seed)
{
	for (;;) {
		char digit = '0' + racing_orders[rand_r(&seed) % ARRAY_SIZE(racing_orders)];

		if (max_order_write(TEST_PMU_NICE, &digit, 1) != 1)
			_exit(1);
	}
}

/* Returns how many areas were made of anything but chunks of one order. */
static int map_areas(void)
{
	struct event_spec spec = { .pid = 0, .cpu = -1 };
	struct chunks chunks;
	struct area area;
	struct pmu pmu;
	int i, bad = 0;

	if (pmu_find(TEST_PMU_NICE, &pmu))
		return 100;
	spec.type = pmu.type;

	for (i = 0; i < NR_AREAS; i++) {
		if (area_open(&area, &spec))
			return 101;
		if (area_map(&area, AREA_PAGES * getpagesize(), false))
			return 102;
		if (chunks_of_process(TEST_PMU_NICE, getpid(), &chunks, 1) != 1)
			return 103;
		area_close(&area);

		/* The policy is read once per area, so the order is one of those written. */
		if (chunks.nr_runs != 1 || chunks_broken_rule(&chunks, 5) ||
		    !is_racing_order(chunks_first_order(&chunks))) {
			printf("# %s\n", chunks_str(&chunks));
			bad++;
		}
	}
	fflush(stdout);

	return bad;
}

TEST(concurrent_writers_and_mappers)
{
	unsigned int i, seed = time(NULL);
	pid_t writers[NR_WRITERS], mappers[NR_MAPPERS];
	int status;

	if (lacks_test_pmu())
		SKIP(return, "%s", lacks_test_pmu());
	if (getenv("AUX_SEED"))
		seed = strtoul(getenv("AUX_SEED"), NULL, 0);
	TH_LOG("AUX_SEED=%u repeats this sequence of writes", seed);
	ASSERT_EQ(0, max_order_set(TEST_PMU_NICE, 0));

	for (i = 0; i < NR_WRITERS; i++) {
		writers[i] = fork();
		ASSERT_LE(0, writers[i]);
		if (!writers[i])
			write_orders(seed + i);
	}
	for (i = 0; i < NR_MAPPERS; i++) {
		mappers[i] = fork();
		ASSERT_LE(0, mappers[i]);
		if (!mappers[i])
			_exit(map_areas());
	}

	for (i = 0; i < NR_MAPPERS; i++) {
		ASSERT_EQ(mappers[i], waitpid(mappers[i], &status, 0));
		EXPECT_EQ(0, status);
	}
	for (i = 0; i < NR_WRITERS; i++) {
		/* Still at it: no write of a valid order failed. */
		EXPECT_EQ(0, waitpid(writers[i], &status, WNOHANG));
		kill(writers[i], SIGKILL);
		waitpid(writers[i], &status, 0);
	}
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
