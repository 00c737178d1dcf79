/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ALLOCS_H
#define ALLOCS_H

#include <sys/types.h>

/*
 * Counts the page allocations of a thread, with the event kmem:mm_page_alloc in
 * an instance of tracefs. It is an observer that knows nothing of perf.
 */

#define ALLOCS_MAX_ORDERS	32

/* Enough for an AUX area of 32 MiB in single pages. */
#define ALLOCS_ENOUGH		10000

struct allocs {
	char		instance[256];

	/*
	 * Those with flags that the chunks of an AUX area have, and little else
	 * has: zeroed, no warning on failure, not compound.
	 */
	unsigned long	aux[ALLOCS_MAX_ORDERS];
	unsigned long	all[ALLOCS_MAX_ORDERS];
	unsigned long	failed;		/* to allocate, any order */
};

/*
 * Count up to @max_allocs allocations. They return 0 or a negative errno; -ENOSPC:
 * there were more.
 */
int allocs_begin(struct allocs *allocs, pid_t tid, unsigned long max_allocs);
int allocs_end(struct allocs *allocs);

/* Of an order above 0, with the flags of a chunk. */
unsigned long allocs_high_order(const struct allocs *allocs);

/* Remove what a program that was killed left in tracefs. */
void allocs_cleanup(void);

#endif /* ALLOCS_H */
