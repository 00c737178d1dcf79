/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Of the machine. */

/* Pages allocated since boot. */
long memory_allocated_pages(void);

/*
 * For a loop around something that should leave no pages behind:
 *
 *	struct memory_growth growth = { };
 *
 *	while (memory_grows(&growth, limit))
 *		...
 *
 * It is done once, and again while it leaves @limit pages or more, up to three
 * times: others take pages once, a leak does each time. Afterwards, @pages is how
 * many there were the last time.
 */
struct memory_growth {
	long		pages;
	long		held;
	unsigned int	nr_turns;
};

bool memory_grows(struct memory_growth *growth, long limit);

/* Bytes that could be allocated now. */
size_t memory_available(void);

/* Have the kernel make large blocks of what is free. */
void memory_compact(void);

#endif /* MEMORY_H */
