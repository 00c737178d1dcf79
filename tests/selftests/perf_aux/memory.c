// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "kselftest.h"
#include "memory.h"

#define PAGE_OWNER	"/sys/kernel/debug/page_owner_stacks/show_stacks"

static void read_vmstat(long *allocated, long *freed)
{
	char name[64];
	FILE *file;
	long value;

	*allocated = 0;
	*freed = 0;

	file = fopen("/proc/vmstat", "r");
	if (!file)
		return;

	while (fscanf(file, "%63s %ld", name, &value) == 2) {
		if (!strncmp(name, "pgalloc_", strlen("pgalloc_")))
			*allocated += value;
		else if (!strcmp(name, "pgfree"))
			*freed = value;
	}
	fclose(file);
}

long memory_allocated_pages(void)
{
	long allocated, freed;

	read_vmstat(&allocated, &freed);
	return allocated;
}

/* Have the kernel free what it delays. */
static void settle(void)
{
	glob_t caches;
	size_t i;

	/* RCU's callbacks. */
	usleep(100 * 1000);

	/*
	 * Slabs with nothing in them, and what KASAN keeps for a while to see if
	 * somebody still uses it. Other caches are left alone: they grow by far
	 * less than what they would shrink by, and that would hide a leak.
	 */
	if (glob("/sys/kernel/slab/kmalloc-*/shrink", 0, NULL, &caches))
		return;
	for (i = 0; i < caches.gl_pathc; i++)
		file_write_str(caches.gl_pathv[i], "1");
	globfree(&caches);
}

/*
 * Pages allocated and not freed, from a base that is unknown. Pages kept on the
 * lists of a CPU count as free.
 */
static long held_pages(void)
{
	long allocated, freed;

	settle();
	read_vmstat(&allocated, &freed);
	return allocated - freed;
}

bool memory_grows(struct memory_growth *growth, long limit)
{
	long held = held_pages();
	bool again = true;

	if (growth->nr_turns++) {
		growth->pages = held - growth->held;
		again = growth->pages >= limit && growth->nr_turns <= 3;
	}
	growth->held = held;

	return again;
}

/*
 * Calls that take pages for themselves while they serve somebody else, and keep
 * them: slabs, what debug options note down, and the kernel's page tables.
 */
static bool keeps_pages(const char *function)
{
	static const char * const names[] = {
		"slab", "depot", "kasan", "kmemleak", "pte_alloc", "pmd_alloc", "pud_alloc",
		"p4d_alloc",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (strstr(function, names[i]))
			return true;
	}

	return false;
}

/* Stacks of calls, " function+offset/size" each, followed by what they allocated. */
long memory_pages_of(const char *function)
{
	bool called = false, kept = false;
	size_t len = strlen(function);
	long pages, total = 0;
	char line[256];
	FILE *file;

	file = fopen(PAGE_OWNER, "r");
	if (!file)
		return -ENOENT;

	/* The innermost call comes first. */
	while (fgets(line, sizeof(line), file)) {
		if (line[0] == ' ' && !called) {
			called = !strncmp(line + 1, function, len) && line[1 + len] == '+';
			kept |= !called && keeps_pages(line);
		}
		if (sscanf(line, "nr_base_pages: %ld", &pages) == 1 && called && !kept)
			total += pages;
		if (line[0] == '\n') {
			called = false;
			kept = false;
		}
	}
	fclose(file);

	return total;
}

long memory_growth_limit(long limit)
{
	return access(PAGE_OWNER, R_OK) ? limit : LONG_MAX;
}

size_t memory_available(void)
{
	char line[128];
	size_t kib = 0;
	FILE *file;

	file = fopen("/proc/meminfo", "r");
	if (!file)
		return 0;

	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "MemAvailable: %zu", &kib) == 1)
			break;
	}
	fclose(file);

	return kib * 1024;
}

void memory_compact(void)
{
	settle();
	file_write_str("/proc/sys/vm/compact_memory", "1");
}
