/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ALLOCS_H
#define ALLOCS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Counts the page allocations of a thread, with the event kmem:mm_page_alloc in
 * an instance of tracefs. It is an observer that knows nothing of perf. It sees
 * all blocks of more than a page, but single pages only as far as they aren't
 * taken in bulk.
 */

#define ALLOCS_MAX_ORDERS	32

/* Enough for an AUX area of 32 MiB in single pages. */
#define ALLOCS_ENOUGH		10000

/* How hard the page allocator is to try. */
enum allocs_effort {
	ALLOCS_NO_RECLAIM,	/* no reclaim or compaction, no reserves */
	ALLOCS_ONE_ROUND,	/* __GFP_NORETRY */
	ALLOCS_MANY_ROUNDS,	/* __GFP_RETRY_MAYFAIL */
	ALLOCS_NR_EFFORTS
};

struct allocs {
	char		instance[256];

	/* Those with the flags of a chunk, see allocs_chunk_effort(). */
	unsigned long	aux[ALLOCS_MAX_ORDERS];
	unsigned long	all[ALLOCS_MAX_ORDERS];
	unsigned long	failed;		/* to allocate, any order */

	/* Attempts at a chunk of more than a page, successful or not. */
	unsigned long	effort[ALLOCS_NR_EFFORTS];
};

/*
 * Count up to @max_allocs allocations. They return 0 or a negative errno; -ENOSPC:
 * there were more.
 */
int allocs_begin(struct allocs *allocs, pid_t tid, unsigned long max_allocs);
int allocs_end(struct allocs *allocs);

/*
 * Whether @flags, as the event prints them, are those of a chunk: zeroed, no
 * warning on failure, one of the three efforts, and nothing else. What else a
 * thread causes to be allocated when it maps and unmaps has others: slabs have
 * __GFP_COMP, page tables and the pages of the data area may warn, arrays may
 * retry, and user memory is movable. Returns its effort, or -1.
 */
int allocs_chunk_effort(const char *flags);

/* Of an order above 0, with the flags of a chunk. */
unsigned long allocs_high_order(const struct allocs *allocs);

/* The pages these are made of. */
unsigned long allocs_high_order_pages(const struct allocs *allocs);

/* Remove what a program that was killed left in tracefs. */
void allocs_cleanup(void);

#endif /* ALLOCS_H */
