// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pagetrace.h"
#include "xalloc.h"

#define EVENT_SIZE	64	/* bytes in the buffer, rounded up */

static const char *const instances[] = {
	"/sys/kernel/tracing/instances",
	"/sys/kernel/debug/tracing/instances",
};

static const struct kroot live = { .fd = -1 };

static int write_to(const struct pagetrace *trace, const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", trace->instance, name);
	int err = kfile_write(&live, path, text);

	free(path);
	return err;
}

static int make_instance(struct pagetrace *trace)
{
	int err = -ENOENT;

	for (size_t i = 0; i < sizeof(instances) / sizeof(instances[0]); i++) {
		trace->instance = xasprintf("%s/aux-tune-%d", instances[i], getpid());
		if (!mkdir(trace->instance, 0700) || errno == EEXIST)
			return 0;
		/* The first one that is there says what is wrong. */
		if (err == -ENOENT)
			err = -errno;
		free(trace->instance);
		trace->instance = NULL;
	}
	return err;
}

static void remove_instance(struct pagetrace *trace)
{
	if (!trace->instance)
		return;
	rmdir(trace->instance);
	free(trace->instance);
	trace->instance = NULL;
}

/* Events go to the buffer of the CPU, so that one has to be large only. */
static int stay_on_cpu(void)
{
	int cpu = sched_getcpu(), err;
	cpu_set_t *cpus;
	size_t size;

	if (cpu < 0)
		return -errno;
	size = CPU_ALLOC_SIZE(cpu + 1);
	cpus = xalloc_check(CPU_ALLOC(cpu + 1));
	CPU_ZERO_S(size, cpus);
	CPU_SET_S(cpu, size, cpus);
	err = sched_setaffinity(0, size, cpus) ? -errno : cpu;
	CPU_FREE(cpus);
	return err;
}

static int start(const struct pagetrace *trace, int cpu, size_t pages)
{
	char *name = xasprintf("per_cpu/cpu%d/buffer_size_kb", cpu);
	char *filter = xasprintf("common_pid == %d && order > 0", (int)gettid());
	char size[32];
	int err;

	/* At most half as many blocks as pages. */
	snprintf(size, sizeof(size), "%zu", 64 + pages / 2 * EVENT_SIZE / 1024);
	err = write_to(trace, name, size);
	if (!err)
		err = write_to(trace, "events/kmem/mm_page_alloc/filter", filter);
	if (!err)
		err = write_to(trace, "events/kmem/mm_page_alloc/enable", "1");
	free(name);
	free(filter);
	return err;
}

int pagetrace_begin(struct pagetrace *trace, size_t pages)
{
	int err, cpu;

	trace->instance = NULL;
	cpu = stay_on_cpu();
	if (cpu < 0)
		return cpu;
	err = make_instance(trace);
	if (err)
		return err;
	err = start(trace, cpu, pages);
	if (err)
		remove_instance(trace);
	return err;
}

/* "order=9" and the like; false without such a field. */
static bool field(const char *line, const char *key, uint64_t *value)
{
	const char *pos = strstr(line, key);

	if (pos)
		*value = strtoull(pos + strlen(key), NULL, 0);
	return pos;
}

/* Chunks are zeroed, may fail without a warning, and are not compound; little else is. */
static void count_line(const char *line, struct chunks *chunks)
{
	uint64_t pfn, order;

	if (!strstr(line, " mm_page_alloc: ") || !field(line, " pfn=", &pfn) ||
	    !field(line, " order=", &order))
		return;
	if (!pfn || !order || order > ORDER_LIMIT)
		return;
	if (!strstr(line, "__GFP_ZERO") || strstr(line, "__GFP_COMP"))
		return;
	/* GFP_NOWAIT, for attempts that are to cost nothing, has __GFP_NOWARN in it. */
	if (!strstr(line, "__GFP_NOWARN") && !strstr(line, "GFP_NOWAIT"))
		return;
	chunks->nr[order]++;
	if ((int)order >= chunks->orders)
		chunks->orders = order + 1;
}

int pagetrace_count(const char *text, struct chunks *chunks)
{
	char *copy = xstrdup(text), *rest = copy, *line;
	uint64_t in_buffer, written;
	int err = 0;

	memset(chunks, 0, sizeof(*chunks));
	/* In lines of their own: numbers are looked for beyond the end of a line otherwise. */
	while ((line = strsep(&rest, "\n"))) {
		/* The buffer is a ring, and the heading says whether it has wrapped. */
		if (sscanf(line, "# entries-in-buffer/entries-written: %" SCNu64 "/%" SCNu64,
			   &in_buffer, &written) == 2 && in_buffer != written)
			err = -ENOSPC;
		count_line(line, chunks);
	}
	free(copy);
	return err;
}

/* trace is no file to pread(): it is a sequence, made as it is read. */
static char *read_trace(const struct pagetrace *trace, int *err)
{
	char *path = xasprintf("%s/trace", trace->instance);
	char *text = NULL;
	size_t size = 0;
	FILE *file = fopen(path, "re");

	*err = 0;
	if (!file || getdelim(&text, &size, '\0', file) < 0)
		*err = errno ? -errno : -EIO;
	if (file)
		fclose(file);
	free(path);
	return text;
}

int pagetrace_end(struct pagetrace *trace, struct chunks *chunks)
{
	char *text = NULL;
	int err;

	memset(chunks, 0, sizeof(*chunks));
	err = write_to(trace, "events/kmem/mm_page_alloc/enable", "0");
	if (!err)
		text = read_trace(trace, &err);
	if (!err)
		err = pagetrace_count(text, chunks);
	free(text);
	remove_instance(trace);
	return err;
}

void pagetrace_cleanup(pid_t pid)
{
	for (size_t i = 0; i < sizeof(instances) / sizeof(instances[0]); i++) {
		char *path = xasprintf("%s/aux-tune-%d", instances[i], (int)pid);

		rmdir(path);
		free(path);
	}
}
