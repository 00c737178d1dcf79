/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CHUNKS_H
#define CHUNKS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The chunks of an AUX area, in the order of the area. */
struct chunks {
	unsigned int	nr_pages;
	bool		overwrite;
	unsigned int	nr_runs;
	struct {
		unsigned int	order;
		unsigned int	nr;
	} runs[512];
};

/* An AUX area for the part that decides about its chunks. */
struct chunks_spec {
	unsigned int	nr_pages;	/* a power of two */
	unsigned long	watermark;	/* in bytes; 0: default */
	bool		overwrite;
	bool		must;		/* the PMU needs contiguous memory */
	unsigned int	aux_max_order;	/* does not apply to must */
};

/*
 * What the AUX area is made of if the page allocator has it all. Returns 0, or
 * -ENOMEM if the mmap() has to fail.
 */
int chunks_expect(struct chunks *chunks, const struct chunks_spec *spec);

bool chunks_equal(const struct chunks *a, const struct chunks *b);

/*
 * What holds for each AUX area, fragmented memory or not: the chunks add up to
 * the area, none is larger than @max_order or than the one before it, and each
 * is aligned to its size in the area. Returns NULL, or which rule is broken.
 */
const char *chunks_broken_rule(const struct chunks *chunks, unsigned int max_order);

/* Of the first chunk; with chunks_broken_rule() there is no larger one. */
unsigned int chunks_first_order(const struct chunks *chunks);

/* For messages; valid until the next but one call. */
const char *chunks_str(const struct chunks *chunks);

/*
 * The AUX areas of a process (a tgid) at a PMU of aux_test_pmu, as its driver
 * sees them. Returns how many there are, and the @max first of them, or a
 * negative errno.
 */
int chunks_of_process(const char *pmu, pid_t pid, struct chunks *chunks, unsigned int max);

/* The largest order of the page allocator, from /proc/buddyinfo. */
unsigned int max_page_order(void);

/* How many blocks of this order the page allocator could hand out now. */
unsigned long free_blocks(unsigned int order);

#endif /* CHUNKS_H */
