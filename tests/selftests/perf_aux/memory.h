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

/*
 * @limit, or none if the owners of pages are known, so that there is a better way to
 * find a leak: the debug options that come with it keep what is freed for a while, in
 * amounts that depend on how much that was.
 */
long memory_growth_limit(long limit);

/*
 * Pages that are allocated now, by a call from a function (CONFIG_PAGE_OWNER with
 * page_owner=on), or -ENOENT if the kernel doesn't know.
 */
long memory_pages_of(const char *function);

/* Bytes that could be allocated now. */
size_t memory_available(void);

/* Have the kernel make large blocks of what is free. */
void memory_compact(void);

#endif /* MEMORY_H */
