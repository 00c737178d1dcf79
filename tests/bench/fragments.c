// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <fcntl.h>
#include <linux/types.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"
#include "file.h"
#include "fragments.h"
#include "memory.h"

#define PAGEMAP_FRAME	0x7fffffffffffffULL
#define PAGEMAP_PRESENT	0x8000000000000000ULL

static void write_sysctl(const char *name, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), "/proc/sys/vm/%s", name);
	if (file_write_str(path, value))
		errx(1, "cannot write %s to %s", value, path);
}

void fragments_prepare(void)
{
	if (mlockall(MCL_CURRENT))
		err(1, "mlockall");

	/*
	 * Or an eighth of the memory is on lists of the CPU, in no large block
	 * and not in buddyinfo.
	 */
	write_sysctl("percpu_pagelist_high_fraction", "10000");
	write_sysctl("compact_unevictable_allowed", "0");
}

static size_t free_memory(void)
{
	char line[128];
	size_t kib = 0;
	FILE *file;

	file = fopen("/proc/meminfo", "r");
	if (!file)
		err(1, "/proc/meminfo");
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "MemFree: %zu", &kib) == 1)
			break;
	}
	fclose(file);

	return kib * KIB;
}

static void write_take(const char *command)
{
	if (file_write_str("/sys/kernel/debug/aux_bench_pages/take", command))
		errx(1, "aux_bench_pages: cannot %s", command);
}

static void settle(void)
{
	sync();
	write_sysctl("drop_caches", "3");
	memory_compact();
}

static bool all_present(__u64 *frames, unsigned long nr)
{
	unsigned long i;

	for (i = 0; i < nr; i++) {
		if (!(frames[i] & PAGEMAP_PRESENT))
			return false;
		if (!(frames[i] & PAGEMAP_FRAME))
			errx(1, "/proc/self/pagemap: no frame numbers");
	}

	return true;
}

static void read_pagemap(const struct fragments *fragments, __u64 *frames, unsigned long nr)
{
	off_t start = (unsigned long)fragments->start / getpagesize();
	unsigned long i;
	ssize_t len;
	int fd;

	fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(1, "/proc/self/pagemap");
	for (i = 0; i < nr; i += len / sizeof(*frames)) {
		len = pread(fd, frames + i, (nr - i) * sizeof(*frames),
			    (start + i) * sizeof(*frames));
		if (len <= 0)
			err(1, "/proc/self/pagemap");
	}
	close(fd);
}

/* Frame numbers, in the order of the pages. */
static __u64 *read_frames(const struct fragments *fragments)
{
	unsigned long nr = fragments->size / getpagesize(), i;
	unsigned int turn;
	__u64 *frames;

	frames = mmap(NULL, nr * sizeof(*frames), PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (frames == MAP_FAILED)
		err(1, "mmap");

	/* The kernel may be about to move a page: then it isn't there for a moment. */
	for (turn = 0; turn < 100; turn++) {
		read_pagemap(fragments, frames, nr);
		if (all_present(frames, nr)) {
			for (i = 0; i < nr; i++)
				frames[i] &= PAGEMAP_FRAME;
			return frames;
		}
		usleep(10000);
	}
	errx(1, "pages don't stay where they are");
}

static void give_back_page(struct fragments *fragments, unsigned long i)
{
	if (madvise(fragments->start + i * getpagesize(), getpagesize(), MADV_DONTNEED))
		err(1, "MADV_DONTNEED");
	fragments->given_back += getpagesize();
}

static bool in_given_run(const struct fragments *fragments, __u64 frame)
{
	return fragments->run &&
	       frame % ((__u64)fragments->one_in * fragments->run) < fragments->run;
}

/* The same sequence each time, and another one for each block. */
static unsigned int percentile(__u64 block)
{
	block *= 0x9e3779b97f4a7c15ULL;
	block ^= block >> 32;
	block *= 0xd6e8feb86659fd93ULL;

	return (block >> 32) % 100;
}

/*
 * Locks a page in each block that the percentage is for: one of a run that is not
 * given back, in the middle of the block.
 */
static void pin(struct fragments *fragments, const __u64 *frames)
{
	unsigned long nr = fragments->size / getpagesize(), i;
	__u64 block_pages = 1UL << fragments->pin_order;
	__u64 in_block = block_pages / 2;

	while (in_given_run(fragments, in_block))
		in_block++;

	for (i = 0; i < nr; i++) {
		if (frames[i] % block_pages != in_block)
			continue;
		fragments->nr_blocks++;
		if (percentile(frames[i] / block_pages) >= fragments->pin_percent)
			continue;
		if (mlock(fragments->start + i * getpagesize(), getpagesize()))
			err(1, "mlock");
		fragments->nr_pinned++;
	}
}

void fragments_make(struct fragments *fragments)
{
	size_t free, step = getpagesize(), i, nr;
	unsigned long min_free;
	__u64 *frames;
	char number[24];

	/* Go below what the kernel otherwise keeps for itself. */
	if (file_read_ul("/proc/sys/vm/min_free_kbytes", &min_free))
		errx(1, "no /proc/sys/vm/min_free_kbytes");
	write_sysctl("min_free_kbytes", "1024");

	settle();
	free = free_memory();
	if (free <= fragments->leave + 32 * MIB)
		errx(1, "%zu MiB of free memory are too few", free / MIB);

	/* The array of frames is part of what is left until it is of no use. */
	fragments->size = (free - fragments->leave) / (4 * MIB) * (4 * MIB);
	fragments->start = mmap(NULL, fragments->size, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (fragments->start == MAP_FAILED)
		err(1, "mmap");
	madvise(fragments->start, fragments->size, MADV_NOHUGEPAGE);
	for (i = 0; i < fragments->size; i += step)
		fragments->start[i] = 1;

	nr = fragments->size / getpagesize();
	frames = read_frames(fragments);
	if (fragments->pin_percent)
		pin(fragments, frames);
	for (i = 0; i < nr; i++) {
		if (in_given_run(fragments, frames[i]) &&
		    fragments->given_back + getpagesize() <= fragments->give_back)
			give_back_page(fragments, i);
	}
	munmap(frames, nr * sizeof(*frames));

	if (fragments->pinned && mlock2(fragments->start, fragments->size, MLOCK_ONFAULT))
		err(1, "mlock2");

	snprintf(number, sizeof(number), "%lu", min_free);
	write_sysctl("min_free_kbytes", number);
}

void fragments_free(struct fragments *fragments)
{
	munmap(fragments->start, fragments->size);
	fragments->start = NULL;
}

void fragments_unmovable(unsigned long pages, unsigned int run)
{
	char command[48];

	snprintf(command, sizeof(command), "%lu %u", pages, run);
	if (file_write_str("/sys/kernel/debug/aux_bench_pages/fragment", command))
		errx(1, "aux_bench_pages: cannot fragment %lu pages", pages);
}

void blocks_take(unsigned int order, unsigned long nr)
{
	char command[48];

	snprintf(command, sizeof(command), "take %u %lu", order, nr);
	write_take(command);
}

void blocks_give_back(unsigned int nr)
{
	char command[48];

	snprintf(command, sizeof(command), "give %u", nr);
	write_take(command);
}

void compaction_forget_failures(void)
{
	write_take("forget");
}
