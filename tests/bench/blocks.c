// SPDX-License-Identifier: GPL-2.0-only
/*
 * Large blocks that AUX areas take from memory that has enough small ones, and how
 * many huge pages a program can still get meanwhile.
 */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"
#include "chunks.h"
#include "file.h"
#include "fragments.h"
#include "holder.h"
#include "max_order.h"
#include "vmstat.h"

#define NR_AREAS	16
#define AREA_SIZE	(4 * MIB)
#define SMALL		(128 * MIB)	/* twice of what the areas need */
#define RUN		8		/* pages in a run of it */
#define LARGE		(256 * MIB)	/* left as it is, in blocks of 2 MiB and more */
#define LARGE_ORDER	9
#define HUGE_SIZE	(2 * MIB)

/* How many faults of huge pages succeed, when all blocks there are were asked for. */
static unsigned long fault_huge_pages(unsigned long nr)
{
	struct vmstat before, after;
	char *start, *aligned;
	size_t size = (nr + 1) * HUGE_SIZE;
	unsigned long i;

	if (file_write_str("/sys/kernel/mm/transparent_hugepage/enabled", "madvise") ||
	    file_write_str("/sys/kernel/mm/transparent_hugepage/defrag", "never"))
		errx(1, "cannot set up transparent huge pages");

	start = mmap(NULL, size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (start == MAP_FAILED || madvise(start, size, MADV_HUGEPAGE))
		err(1, "huge pages");
	aligned = (char *)(((unsigned long)start + HUGE_SIZE - 1) / HUGE_SIZE * HUGE_SIZE);

	vmstat_read(&before);
	for (i = 0; i < nr; i++)
		aligned[i * HUGE_SIZE] = 1;
	vmstat_read(&after);
	munmap(start, size);

	return after.thp_fault_alloc - before.thp_fault_alloc;
}

static void measure(struct subject *subject, const struct pmu *pmu)
{
	unsigned long before, during, after, huge_before, huge_during;
	struct holder holder;
	unsigned int i;

	holder_open(&holder, pmu, NR_AREAS, 0);
	before = free_blocks(LARGE_ORDER);
	huge_before = fault_huge_pages(before);

	for (i = 0; i < NR_AREAS; i++) {
		errno = -area_map(&holder.areas[i], AREA_SIZE, false);
		if (errno)
			err(1, "%s: cannot map area %u", pmu->name, i);
	}
	during = free_blocks(LARGE_ORDER);
	huge_during = fault_huge_pages(before);

	holder_unmap(&holder);
	after = free_blocks(LARGE_ORDER);
	holder_close(&holder);

	row(subject, "large_before", before);
	row(subject, "large_during", during);
	row(subject, "large_after", after);
	row(subject, "large_lost", (double)before - during);
	row(subject, "huge_pages_before", huge_before);
	row(subject, "huge_pages_during", huge_during);
}

static void check_state(const struct subject *subject, unsigned long large)
{
	unsigned long small = free_blocks(0) - (free_blocks(LARGE_ORDER) << LARGE_ORDER);

	row(subject, "small_free_mib", (double)small * getpagesize() / MIB);
	if (small * getpagesize() < NR_AREAS * AREA_SIZE)
		errx(1, "%s: only %zu MiB in small blocks", subject->state,
		     small * getpagesize() / MIB);
	if (!large || large > LARGE / HUGE_SIZE + 8)
		errx(1, "%s: %lu large blocks", subject->state, large);
}

static void unmovable(struct subject *subject, const struct pmu *pmu)
{
	struct fragments fragments = { .leave = LARGE + SMALL };

	subject->state = "unmovable";
	fragments_unmovable(2 * SMALL / getpagesize(), RUN);
	fragments_make(&fragments);
	check_state(subject, free_blocks(LARGE_ORDER));
	measure(subject, pmu);
	fragments_free(&fragments);
	fragments_unmovable(0, 0);
}

static void movable(struct subject *subject, const struct pmu *pmu)
{
	struct fragments fragments = {
		.leave = LARGE, .run = RUN, .one_in = 2, .give_back = SMALL, .pinned = true,
	};

	subject->state = "movable";
	fragments_make(&fragments);
	check_state(subject, free_blocks(LARGE_ORDER));
	measure(subject, pmu);
	fragments_free(&fragments);
}

void bench_blocks(void)
{
	struct subject subject = {
		.name = "blocks", .pmu = "intel_pt", .size = AREA_SIZE, .order = -1,
	};
	struct holder threads;
	struct pmu pmu;

	if (pmu_find(subject.pmu, &pmu))
		errx(1, "%s: no such PMU", subject.pmu);
	/* All threads are there before memory gets short. */
	holder_open(&threads, &pmu, NR_AREAS, 0);
	holder_close(&threads);
	fragments_prepare();

	/* As each kernel does it by default, then with what the administrator may allow. */
	unmovable(&subject, &pmu);
	movable(&subject, &pmu);

	if (max_order_mode(subject.pmu)) {
		subject.order = LARGE_ORDER;
		if (max_order_set(subject.pmu, LARGE_ORDER))
			errx(1, "%s: cannot set aux_max_order", subject.pmu);
		unmovable(&subject, &pmu);
		movable(&subject, &pmu);
		max_order_set(subject.pmu, 0);
	}
}
