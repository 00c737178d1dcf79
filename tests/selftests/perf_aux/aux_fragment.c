// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fragments the memory of the machine: takes nearly all of it in single pages, and
 * gives back one run of pages in eight. What is free then is blocks of that size
 * and few that are larger, until this program ends.
 */

#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "file.h"
#include "size.h"

#define ONE_IN		8
#define MAX_RUN		256
#define BATCH		512
#define SPARE_KIB	(10 << 10)	/* for everybody else, until pages are given back */
#define PFN_MASK	((1ULL << 55) - 1)

static const char usage[] =
	"usage: aux_fragment PAGES\n"
	"\n"
	"Leaves an eighth of the memory, in blocks of PAGES pages (1 to 256, a power of\n"
	"two), and little else. Prints \"ready\" then, and keeps it so until it is killed.\n"
	"Needs root, and a machine of its own: changes vm.compact_unevictable_allowed,\n"
	"vm.min_free_kbytes and vm.percpu_pagelist_high_fraction for good.\n";

static void set_vm(const char *name, const char *value)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/sys/vm/%s", name);
	if (file_write_str(path, value))
		errx(2, "cannot write %s to %s", value, path);
}

static size_t free_kib(void)
{
	size_t kib = 0;
	char line[128];
	FILE *file;

	file = fopen("/proc/meminfo", "r");
	if (!file)
		err(2, "meminfo");
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "MemFree: %zu", &kib) == 1)
			break;
	}
	fclose(file);

	return kib;
}

/* Gives back the pages of @memory that belong to runs that are to be free. */
static void give_back(unsigned char *memory, size_t size, unsigned long run)
{
	size_t page = getpagesize(), i, nr = size / page;
	uint64_t entries[BATCH];
	int fd;

	fd = open("/proc/self/pagemap", O_RDONLY);
	if (fd < 0)
		err(2, "pagemap");

	for (i = 0; i < nr; i++) {
		off_t pos = ((uintptr_t)memory / page + i) * sizeof(*entries);
		uint64_t frame;

		if (i % BATCH == 0 &&
		    pread(fd, entries, sizeof(entries), pos) < (ssize_t)sizeof(*entries))
			err(2, "pagemap");
		frame = entries[i % BATCH] & PFN_MASK;
		if (!frame)
			errx(2, "frame numbers can't be seen");
		if (frame % (ONE_IN * run) >= run)
			continue;
		if (munlock(memory + i * page, page) ||
		    madvise(memory + i * page, page, MADV_DONTNEED))
			err(2, "madvise");
	}
	close(fd);
}

int main(int argc, char **argv)
{
	unsigned char *memory;
	size_t run, size;

	if (argc != 2 || !size_parse(argv[1], &run) || !run || run > MAX_RUN ||
	    run & (run - 1)) {
		fputs(usage, stderr);
		return 2;
	}

	set_vm("compact_unevictable_allowed", "0");
	set_vm("min_free_kbytes", "1024");
	/* Or much of what is given back stays on lists of the CPU, in no block. */
	set_vm("percpu_pagelist_high_fraction", "10000");
	set_vm("drop_caches", "3");

	if (mlockall(MCL_CURRENT))
		err(2, "mlockall");
	size = free_kib();
	if (size <= 4 * SPARE_KIB)
		errx(2, "not enough memory");
	size = (size - SPARE_KIB) * 1024 / getpagesize() * getpagesize();

	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		err(2, "mmap");
	madvise(memory, size, MADV_NOHUGEPAGE);
	if (mlock(memory, size))
		err(2, "mlock");

	give_back(memory, size, run);

	puts("ready");
	if (fflush(stdout))
		err(2, "stdout");

	while (1)
		pause();
}
