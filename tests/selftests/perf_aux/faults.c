// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "faults.h"
#include "file.h"
#include "kselftest.h"

#define PAGES		"/sys/kernel/debug/fail_page_alloc/"
#define SLAB		"/sys/kernel/debug/failslab/"
#define USERCOPY	"/sys/kernel/debug/fail_usercopy/"
#define TASK		"/proc/thread-self/make-it-fail"
#define NTH		"/proc/thread-self/fail-nth"

/* The kernel counts down from here. */
#define MAX_TIMES	2147483647
#define TIMES		"2147483647"

/* Last one first: probability is what switches it off. */
static struct {
	const char	*path;
	const char	*begin;
	bool		optional;
	char		before[32];
} settings[] = {
	{ PAGES "probability",		"0" },
	{ PAGES "interval",		"1" },
	{ PAGES "times",		TIMES },
	{ PAGES "space",		"0" },
	{ PAGES "verbose",		"0" },
	{ PAGES "task-filter",		"Y" },
	{ PAGES "ignore-gfp-wait",	"N" },
	{ PAGES "min-order",		"0" },
	{ SLAB "probability",		"0" },
	{ SLAB "interval",		"1" },
	{ SLAB "times",			TIMES },
	{ SLAB "space",			"0" },
	{ SLAB "verbose",		"0" },
	{ SLAB "task-filter",		"Y" },
	{ SLAB "ignore-gfp-wait",	"N" },

	/* It takes part in fail-nth, and hits the very read() of that file. */
	{ USERCOPY "verbose",		"0", true },
};

/* Open all the time: to open them again is an allocation. */
static int nth_fd = -1;
static int task_fd = -1;

bool faults_available(void)
{
	return !access(PAGES "probability", W_OK) && !access(SLAB "probability", W_OK) &&
	       !access(TASK, W_OK) && !access(NTH, W_OK);
}

int faults_begin(void)
{
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		ret = file_read(settings[i].path, settings[i].before, sizeof(settings[i].before));
		if (ret == -ENOENT && settings[i].optional)
			continue;
		if (ret > 0)
			ret = file_write_str(settings[i].path, settings[i].begin);
		if (ret < 0) {
			settings[i].before[0] = '\0';
			faults_end();
			return ret;
		}
	}

	nth_fd = open(NTH, O_RDWR | O_CLOEXEC);
	task_fd = open(TASK, O_RDWR | O_CLOEXEC);
	if (nth_fd < 0 || task_fd < 0) {
		ret = -errno;
		faults_end();
		return ret;
	}

	return 0;
}

void faults_end(void)
{
	unsigned int i;

	if (nth_fd >= 0) {
		faults_nth(0);
		close(nth_fd);
		nth_fd = -1;
	}
	faults_none();
	if (task_fd >= 0)
		close(task_fd);
	task_fd = -1;

	for (i = ARRAY_SIZE(settings); i-- > 0;) {
		if (settings[i].before[0])
			file_write_str(settings[i].path, settings[i].before);
		settings[i].before[0] = '\0';
	}
}

static int fail_task(bool fail)
{
	if (task_fd < 0)
		return -EBADF;

	return pwrite(task_fd, fail ? "1" : "0", 1, 0) < 0 ? -errno : 0;
}

int faults_pause(void)
{
	return fail_task(false);
}

int faults_resume(void)
{
	return fail_task(true);
}

int faults_child(void)
{
	if (nth_fd >= 0)
		close(nth_fd);
	if (task_fd >= 0)
		close(task_fd);
	nth_fd = open(NTH, O_RDWR | O_CLOEXEC);
	task_fd = open(TASK, O_RDWR | O_CLOEXEC);

	return nth_fd < 0 || task_fd < 0 ? -errno : 0;
}

int faults_every(unsigned int interval, unsigned int min_order)
{
	int ret;

	ret = file_write_ul(PAGES "interval", interval);
	if (!ret)
		ret = file_write_ul(PAGES "min-order", min_order);
	if (!ret)
		ret = file_write_str(PAGES "probability", "100");
	if (!ret)
		ret = fail_task(true);

	return ret;
}

int faults_at_random(unsigned int percent)
{
	int ret;

	ret = file_write_ul(PAGES "interval", 1);
	if (!ret)
		ret = file_write_ul(PAGES "min-order", 0);
	if (!ret)
		ret = file_write_ul(PAGES "probability", percent);
	if (!ret)
		ret = file_write_ul(SLAB "probability", percent);
	if (!ret)
		ret = fail_task(true);

	return ret;
}

int faults_none(void)
{
	int ret, ret_task;

	/* First: what follows allocates. */
	ret_task = fail_task(false);
	ret = file_write_str(PAGES "probability", "0");
	if (!ret)
		ret = file_write_str(SLAB "probability", "0");

	return ret ?: ret_task;
}

int faults_nth(unsigned int nth)
{
	char buf[16];

	snprintf(buf, sizeof(buf), "%u", nth);
	return pwrite(nth_fd, buf, strlen(buf), 0) < 0 ? -errno : 0;
}

bool faults_nth_happened(void)
{
	char buf[16] = "";

	/* The kernel counts down to 0. If this fails, it is what was to fail. */
	if (pread(nth_fd, buf, sizeof(buf) - 1, 0) < 0)
		return false;

	faults_nth(0);
	return !strtoul(buf, NULL, 10);
}

unsigned long faults_count(void)
{
	unsigned long pages = MAX_TIMES, slab = MAX_TIMES;

	file_read_ul(PAGES "times", &pages);
	file_read_ul(SLAB "times", &slab);

	return MAX_TIMES - pages + (MAX_TIMES - slab);
}
