// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "allocs.h"
#include "events.h"
#include "file.h"
#include "kselftest.h"

/* allocs_cleanup() knows the first part, and removes what was left. */
#define PREFIX		"perf_aux-"
#define SUFFIX		"-events"

static const char *const tracefs_dirs[] = {
	"/sys/kernel/tracing",
	"/sys/kernel/debug/tracing",
};

static const char *const outcome_names[STATS_NR_OUTCOMES] = {
	[STATS_ALLOCATED]	= "allocated",
	[STATS_MAX_ORDER]	= "max_order",
	[STATS_PAGE_ARRAY]	= "page_array",
	[STATS_NO_BLOCK]	= "no_block",
	[STATS_SETUP]		= "setup",
	[STATS_INTERRUPTED]	= "interrupted",
};

/* With all that is on the way there. */
static const char *tracefs_dir(void)
{
	char path[256];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tracefs_dirs); i++) {
		snprintf(path, sizeof(path), "%s/instances", tracefs_dirs[i]);
		if (!access(path, W_OK))
			return tracefs_dirs[i];
	}

	return NULL;
}

const char *events_lack(void)
{
	const char *dir = tracefs_dir();
	char path[256];

	if (!dir)
		return "no tracefs";

	snprintf(path, sizeof(path), "%s/events/kmem/mm_page_alloc/enable", dir);
	if (access(path, W_OK))
		return "no event kmem:mm_page_alloc";

	snprintf(path, sizeof(path), "%s/events/perf_aux/enable", dir);
	if (access(path, W_OK))
		return "no events perf_aux:* (CONFIG_PERF_AUX_STATS)";

	return NULL;
}

static int write_to(const struct events *events, const char *name, const char *value)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", events->instance, name);
	return file_write_str(path, value);
}

static int start(struct events *events, pid_t tid)
{
	char value[64], path[512];
	int ret;

	snprintf(value, sizeof(value), "%lu", EVENTS_BUFFER_SIZE / 1024);
	ret = write_to(events, "buffer_size_kb", value);

	/* Rather lose new events, which are counted, than old ones. */
	if (!ret)
		ret = write_to(events, "options/overwrite", "0");
	snprintf(value, sizeof(value), "common_pid == %d", tid);
	if (!ret)
		ret = write_to(events, "events/kmem/mm_page_alloc/filter", value);
	if (ret)
		return ret;

	snprintf(path, sizeof(path), "%s/trace_pipe", events->instance);
	events->pipe = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (events->pipe < 0)
		return -errno;

	ret = write_to(events, "events/kmem/mm_page_alloc/enable", "1");
	if (!ret)
		ret = write_to(events, "events/perf_aux/enable", "1");

	return ret;
}

int events_begin(struct events *events, pid_t tid)
{
	const char *dir = tracefs_dir();
	int ret;

	memset(events, 0, sizeof(*events));
	events->pipe = -1;
	if (!dir)
		return -ENOENT;

	snprintf(events->instance, sizeof(events->instance), "%s/instances/" PREFIX "%d" SUFFIX,
		 dir, getpid());
	if (mkdir(events->instance, 0700) && errno != EEXIST)
		return -errno;

	ret = start(events, tid);
	if (ret) {
		if (events->pipe >= 0)
			close(events->pipe);
		rmdir(events->instance);
	}

	return ret;
}

/* The value of a field, up to the next space. */
static bool field(const char *event, const char *name, char *value, size_t size)
{
	char key[32];
	const char *pos;
	size_t len;

	snprintf(key, sizeof(key), " %s=", name);
	pos = strstr(event, key);
	if (!pos)
		return false;

	pos += strlen(key);
	len = strcspn(pos, " ");
	if (len >= size)
		return false;

	memcpy(value, pos, len);
	value[len] = '\0';
	return true;
}

/* "{0x1,0x0,...}": how many of each order. */
static bool add_chunks(const char *event, unsigned long chunks[STATS_MAX_ORDERS])
{
	char value[512], *pos = value;
	unsigned int order;

	if (!field(event, "chunks", value, sizeof(value)) || *pos != '{')
		return false;

	for (order = 0; order < STATS_MAX_ORDERS; order++) {
		chunks[order] += strtoul(pos + 1, &pos, 16);
		if (*pos == '}')
			return !pos[1];
		if (*pos != ',')
			return false;
	}

	return false;
}

static bool count_alloc(struct events_counts *counts, const char *event)
{
	char value[64];
	unsigned int i;

	if (!field(event, "fallback", value, sizeof(value)))
		return false;
	counts->fallback += strtoul(value, NULL, 10);

	if (!field(event, "outcome", value, sizeof(value)))
		return false;
	for (i = 0; i < STATS_NR_OUTCOMES; i++) {
		if (!strcmp(value, outcome_names[i])) {
			counts->outcome[i]++;
			return add_chunks(event, counts->chunks);
		}
	}

	return false;
}

static bool count_page(struct events_counts *counts, const char *event)
{
	char flags[256], value[64];
	unsigned int order;

	if (!field(event, "gfp_flags", flags, sizeof(flags)))
		return false;
	if (allocs_chunk_effort(flags) < 0)
		return true;

	if (!field(event, "pfn", value, sizeof(value)))
		return false;
	if (!strtoull(value, NULL, 0))
		return true;

	if (!field(event, "order", value, sizeof(value)))
		return false;
	order = strtoul(value, NULL, 10);
	if (order >= STATS_MAX_ORDERS)
		return false;

	counts->pages[order]++;
	return true;
}

/* What is behind the name of an event, or NULL if @line is of another one. */
static const char *event_of(const char *line, const char *name)
{
	char key[64];

	snprintf(key, sizeof(key), ": %s: ", name);
	return strstr(line, key);
}

static bool count_line(struct events_counts *counts, const char *line)
{
	const char *event;

	event = event_of(line, "mm_page_alloc");
	if (event)
		return count_page(counts, event);

	event = event_of(line, "perf_aux_alloc");
	if (event)
		return count_alloc(counts, event);

	event = event_of(line, "perf_aux_free");
	if (!event)
		return false;
	counts->nr_free++;
	return add_chunks(event, counts->chunks_free);
}

static void handle_line(struct events *events, const char *line)
{
	if (strstr(line, " [LOST ")) {
		events->error = -EOVERFLOW;
	} else if (!count_line(&events->counts, line) && !events->error) {
		ksft_print_msg("trace_pipe: \"%s\"\n", line);
		events->error = -EBADMSG;
	}
}

int events_drain(struct events *events)
{
	static char buf[64 * 1024];
	char *pos, *end;
	ssize_t len;

	for (;;) {
		len = read(events->pipe, buf, sizeof(buf));
		if (len <= 0)
			break;

		for (pos = buf; pos < buf + len; pos = end + 1) {
			size_t left = buf + len - pos, room = sizeof(events->line) - events->len;

			end = memchr(pos, '\n', left);
			if (end)
				left = end - pos;
			if (left >= room)
				return -E2BIG;
			memcpy(events->line + events->len, pos, left);
			events->len += left;
			if (!end)
				break;

			events->line[events->len] = '\0';
			events->len = 0;
			handle_line(events, events->line);
		}
	}

	if (len < 0 && errno != EAGAIN)
		return -errno;

	return events->error;
}

/* What the buffers of the CPUs say was lost. */
static int lost(const struct events *events)
{
	static const char *const keys[] = { "\noverrun: ", "\ncommit overrun: ",
					    "\ndropped events: " };
	char pattern[512], text[1024];
	unsigned int i, key;
	glob_t paths;
	int ret = 0;

	snprintf(pattern, sizeof(pattern), "%s/per_cpu/cpu*/stats", events->instance);
	if (glob(pattern, 0, NULL, &paths))
		return -ENOENT;

	for (i = 0; i < paths.gl_pathc; i++) {
		if (file_read(paths.gl_pathv[i], text, sizeof(text)) < 0) {
			ret = -EIO;
			break;
		}
		for (key = 0; key < ARRAY_SIZE(keys); key++) {
			const char *value = strstr(text, keys[key]);

			if (!value)
				ret = -EBADMSG;
			else if (strtoul(value + strlen(keys[key]), NULL, 10))
				ret = -EOVERFLOW;
		}
	}

	globfree(&paths);
	return ret;
}

int events_end(struct events *events)
{
	int ret, ret_drain, ret_lost;

	ret = write_to(events, "events/perf_aux/enable", "0");
	if (!ret)
		ret = write_to(events, "events/kmem/mm_page_alloc/enable", "0");
	ret_drain = events_drain(events);
	ret_lost = lost(events);

	close(events->pipe);
	if (rmdir(events->instance) && !ret)
		ret = -errno;

	return ret_lost ?: ret_drain ?: ret;
}
