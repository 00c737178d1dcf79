/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FRAGMENTS_H
#define FRAGMENTS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Memory in a state that is known: anonymous memory of this process takes nearly all
 * there is, and gives back single frames by their number, so that free memory comes
 * in runs of as many pages as we like.
 */
struct fragments {
	/* How. */
	size_t		leave;		/* bytes not to touch at all */
	unsigned int	run;		/* pages, a power of two; 0: give back nothing */
	unsigned int	one_in;		/* of how many runs is one given back */
	size_t		give_back;	/* at most, in bytes */
	bool		pinned;		/* nothing of it can be moved */

	/* One page in this percentage of 2^order blocks can't be moved. */
	unsigned int	pin_percent;
	unsigned int	pin_order;

	/* What it made of it. */
	char		*start;
	size_t		size;
	size_t		given_back;
	unsigned long	nr_blocks;	/* of 2^pin_order pages, as far as they are ours */
	unsigned long	nr_pinned;
};

void fragments_make(struct fragments *fragments);
void fragments_free(struct fragments *fragments);

/*
 * The same for memory that is the kernel's: @pages in blocks that hold nothing that
 * could be moved, half of it free, in runs of @run pages. 0, 0: no longer.
 */
void fragments_unmovable(unsigned long pages, unsigned int run);

/* Takes blocks that are ready to be taken, and gives back those taken first. */
void blocks_take(unsigned int order, unsigned long nr);
void blocks_give_back(unsigned int nr);

/*
 * Compaction is not tried for a while after it failed, nor where. Have the kernel
 * forget that, so that one measurement doesn't depend on the one before.
 */
void compaction_forget_failures(void);

/*
 * To be called first: what is not part of the experiment stays where it is, and
 * what is locked, too.
 */
void fragments_prepare(void);

#endif /* FRAGMENTS_H */
