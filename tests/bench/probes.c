// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "probes.h"

#define TRACEFS		"/sys/kernel/tracing"
#define INSTANCE	TRACEFS "/instances/aux_bench"
#define GROUP		"aux_bench"

static void write_or_die(const char *path, const char *value)
{
	int ret = file_write_str(path, value);

	if (ret) {
		errno = -ret;
		err(1, "cannot write '%s' to %s", value, path);
	}
}

/* The compiler may have made "function.constprop.0" of it. */
static void find_symbol(const char *function, char *symbol, size_t size)
{
	size_t len = strlen(function);
	char line[512], name[256];
	FILE *file;

	file = fopen("/proc/kallsyms", "r");
	if (!file)
		err(1, "/proc/kallsyms");

	symbol[0] = '\0';
	while (!symbol[0] && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*s %*s %255s", name) == 1 && !strncmp(name, function, len) &&
		    (!name[len] || name[len] == '.'))
			snprintf(symbol, size, "%s", name);
	}
	fclose(file);

	if (!symbol[0])
		errx(1, "no function %s in this kernel", function);
}

static void append(const char *line)
{
	int fd = open(TRACEFS "/kprobe_events", O_WRONLY | O_APPEND | O_CLOEXEC);

	if (fd < 0 || write(fd, line, strlen(line)) != (ssize_t)strlen(line))
		err(1, "kprobe_events: %s", line);
	close(fd);
}

void probes_begin(struct probe *probes, size_t nr)
{
	char symbol[256], line[640];
	size_t i;

	if (mkdir(INSTANCE, 0700) && errno != EEXIST)
		err(1, INSTANCE);
	write_or_die(INSTANCE "/trace_clock", "x86-tsc");
	write_or_die(INSTANCE "/buffer_size_kb", "1024");

	for (i = 0; i < nr; i++) {
		find_symbol(probes[i].function, symbol, sizeof(symbol));
		snprintf(line, sizeof(line), "p:" GROUP "/in_%s %s\n", probes[i].function, symbol);
		append(line);
		snprintf(line, sizeof(line), "r:" GROUP "/out_%s %s\n", probes[i].function, symbol);
		append(line);
	}
	write_or_die(INSTANCE "/events/" GROUP "/enable", "1");
	probes_clear();
}

/* Opening a file of tracefs this way is what clears it. */
static void truncate_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	if (fd < 0)
		err(1, "cannot clear %s", path);
	close(fd);
}

void probes_clear(void)
{
	truncate_file(INSTANCE "/trace");
}

/* "  task-1 [000] ..... 123456789: in_function: (...)" */
static void parse(const char *line, struct probe *probes, size_t nr, unsigned long long *began)
{
	const char *event = strstr(line, ": in_"), *stamp;
	unsigned long long when, took;
	bool out = false;
	size_t i, len;

	if (!event) {
		event = strstr(line, ": out_");
		out = true;
	}
	if (!event)
		return;

	stamp = event;
	while (stamp > line && stamp[-1] != ' ')
		stamp--;
	when = strtoull(stamp, NULL, 10);
	event += strlen(out ? ": out_" : ": in_");

	for (i = 0; i < nr; i++) {
		len = strlen(probes[i].function);
		if (!strncmp(event, probes[i].function, len) && event[len] == ':')
			break;
	}
	if (i == nr)
		return;

	if (!out) {
		began[i] = when;
		return;
	}
	if (!began[i])
		return;
	took = when - began[i];
	began[i] = 0;
	probes[i].calls++;
	probes[i].total += took;
	if (took > probes[i].max)
		probes[i].max = took;
}

void probes_read(struct probe *probes, size_t nr)
{
	unsigned long long began[nr];
	unsigned long in_buffer, written;
	char *line = NULL;
	size_t size = 0, i;
	FILE *file;

	for (i = 0; i < nr; i++) {
		began[i] = 0;
		probes[i].calls = 0;
		probes[i].total = 0;
		probes[i].max = 0;
	}

	file = fopen(INSTANCE "/trace", "r");
	if (!file)
		err(1, INSTANCE "/trace");
	while (getline(&line, &size, file) > 0) {
		if (sscanf(line, "# entries-in-buffer/entries-written: %lu/%lu",
			   &in_buffer, &written) == 2 && in_buffer != written)
			errx(1, "events were lost");
		parse(line, probes, nr, began);
	}
	free(line);
	fclose(file);
}

void probes_end(void)
{
	write_or_die(INSTANCE "/events/" GROUP "/enable", "0");
	if (rmdir(INSTANCE))
		err(1, INSTANCE);
	truncate_file(TRACEFS "/kprobe_events");
}
