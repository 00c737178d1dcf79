// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "allocs.h"
#include "file.h"
#include "kselftest.h"

#define PREFIX			"perf_aux-"
#define EVENT_SIZE		64	/* rounded up */

static const char *const instances_dirs[] = {
	"/sys/kernel/tracing/instances",
	"/sys/kernel/debug/tracing/instances",
};

static int write_to(const struct allocs *allocs, const char *name, const char *value)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", allocs->instance, name);
	return file_write_str(path, value);
}

static FILE *open_file(const struct allocs *allocs, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", allocs->instance, name);
	return fopen(path, "r");
}

static int start(const struct allocs *allocs, pid_t tid, unsigned long max_allocs)
{
	char filter[64], size[24];
	int ret;

	snprintf(filter, sizeof(filter), "common_pid == %d", tid);
	snprintf(size, sizeof(size), "%lu", 64 + max_allocs * EVENT_SIZE / 1024);

	ret = write_to(allocs, "buffer_size_kb", size);
	if (!ret)
		ret = write_to(allocs, "events/kmem/mm_page_alloc/filter", filter);
	if (!ret)
		ret = write_to(allocs, "events/kmem/mm_page_alloc/enable", "1");

	return ret;
}

int allocs_begin(struct allocs *allocs, pid_t tid, unsigned long max_allocs)
{
	int ret = -ENOENT;
	unsigned int i;

	memset(allocs, 0, sizeof(*allocs));

	for (i = 0; i < ARRAY_SIZE(instances_dirs); i++) {
		snprintf(allocs->instance, sizeof(allocs->instance), "%s/" PREFIX "%d",
			 instances_dirs[i], getpid());
		if (!mkdir(allocs->instance, 0700) || errno == EEXIST) {
			ret = start(allocs, tid, max_allocs);
			if (ret)
				rmdir(allocs->instance);
			return ret;
		}
		ret = -errno;
	}

	return ret;
}

int allocs_chunk_effort(const char *flags)
{
	enum {
		ZERO	= 1 << 0,
		NOWARN	= 1 << 1,
		RECLAIM	= 1 << 2,	/* direct */
		LIGHT	= 1 << 3,	/* what else GFP_KERNEL has */
		NOMEM	= 1 << 4,
		NORETRY	= 1 << 5,
		MAYFAIL	= 1 << 6,
	};
	static const struct {
		const char	*name;
		unsigned int	bits;
	} known[] = {
		{ "GFP_KERNEL",			RECLAIM | LIGHT },
		{ "__GFP_RECLAIM",		RECLAIM },
		{ "__GFP_DIRECT_RECLAIM",	RECLAIM },
		{ "__GFP_KSWAPD_RECLAIM",	LIGHT },
		{ "__GFP_IO",			LIGHT },
		{ "__GFP_FS",			LIGHT },
		{ "GFP_NOWAIT",			LIGHT | NOWARN },
		{ "__GFP_ZERO",			ZERO },
		{ "__GFP_NOWARN",		NOWARN },
		{ "__GFP_NOMEMALLOC",		NOMEM },
		{ "__GFP_NORETRY",		NORETRY },
		{ "__GFP_RETRY_MAYFAIL",	MAYFAIL },
	};
	char copy[256], *pos = copy, *flag;
	unsigned int seen = 0, i;

	snprintf(copy, sizeof(copy), "%s", flags);
	while ((flag = strsep(&pos, "|"))) {
		for (i = 0; i < ARRAY_SIZE(known); i++) {
			if (!strcmp(flag, known[i].name))
				break;
		}
		if (i == ARRAY_SIZE(known))
			return -1;
		seen |= known[i].bits;
	}

	switch (seen) {
	case ZERO | NOWARN | LIGHT | NOMEM:
	case ZERO | NOWARN | LIGHT | NOMEM | NORETRY:
		return ALLOCS_NO_RECLAIM;
	case ZERO | NOWARN | LIGHT | RECLAIM | NORETRY:
		return ALLOCS_ONE_ROUND;
	case ZERO | NOWARN | LIGHT | RECLAIM | MAYFAIL:
		return ALLOCS_MANY_ROUNDS;
	default:
		return -1;
	}
}

static void count(struct allocs *allocs, const char *event)
{
	const char *pfn = strstr(event, " pfn="), *order = strstr(event, " order=");
	const char *flags = strstr(event, " gfp_flags=");
	unsigned int nr;
	char gfp[256];
	int effort;

	if (!pfn || !order || !flags || sscanf(flags, " gfp_flags=%255s", gfp) != 1)
		return;

	nr = strtoul(order + strlen(" order="), NULL, 10);
	if (nr >= ALLOCS_MAX_ORDERS)
		return;

	effort = allocs_chunk_effort(gfp);
	if (effort >= 0 && nr)
		allocs->effort[effort]++;

	if (!strtoull(pfn + strlen(" pfn="), NULL, 0)) {
		allocs->failed++;
		return;
	}

	allocs->all[nr]++;
	if (effort >= 0)
		allocs->aux[nr]++;
}

static int read_trace(struct allocs *allocs)
{
	unsigned long in_buffer, written;
	char *line = NULL, *event;
	size_t size = 0;
	int ret = 0;
	FILE *file;

	file = open_file(allocs, "trace");
	if (!file)
		return -errno;

	while (getline(&line, &size, file) > 0) {
		/* The buffer is a ring, and the header says if it wrapped. */
		if (sscanf(line, "# entries-in-buffer/entries-written: %lu/%lu",
			   &in_buffer, &written) == 2 && in_buffer != written)
			ret = -ENOSPC;

		event = strstr(line, " mm_page_alloc: ");
		if (event)
			count(allocs, event);
	}

	free(line);
	fclose(file);
	return ret;
}

int allocs_end(struct allocs *allocs)
{
	int ret, ret_rmdir;

	ret = write_to(allocs, "events/kmem/mm_page_alloc/enable", "0");
	if (!ret)
		ret = read_trace(allocs);

	ret_rmdir = rmdir(allocs->instance) ? -errno : 0;
	return ret ?: ret_rmdir;
}

unsigned long allocs_high_order(const struct allocs *allocs)
{
	unsigned long sum = 0;
	unsigned int order;

	for (order = 1; order < ALLOCS_MAX_ORDERS; order++)
		sum += allocs->aux[order];

	return sum;
}

unsigned long allocs_high_order_pages(const struct allocs *allocs)
{
	unsigned long sum = 0;
	unsigned int order;

	for (order = 1; order < ALLOCS_MAX_ORDERS; order++)
		sum += allocs->aux[order] << order;

	return sum;
}

void allocs_cleanup(void)
{
	char path[512];
	struct dirent *ent;
	unsigned int i;
	DIR *dir;

	for (i = 0; i < ARRAY_SIZE(instances_dirs); i++) {
		dir = opendir(instances_dirs[i]);
		if (!dir)
			continue;

		while ((ent = readdir(dir))) {
			if (strncmp(ent->d_name, PREFIX, strlen(PREFIX)) ||
			    !kill(atoi(ent->d_name + strlen(PREFIX)), 0))
				continue;

			snprintf(path, sizeof(path), "%s/%s", instances_dirs[i], ent->d_name);
			rmdir(path);
		}
		closedir(dir);
	}
}
