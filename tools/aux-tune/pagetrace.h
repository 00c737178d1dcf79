/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counts the blocks a task gets from the page allocator, with the kernel's own event
 * kmem:mm_page_alloc in an instance of tracefs: what works on any kernel. Needs root.
 */
#ifndef AUX_TUNE_PAGETRACE_H
#define AUX_TUNE_PAGETRACE_H

#include <stdbool.h>
#include <sys/types.h>

#include "stats.h"

struct pagetrace {
	char *instance;			/* directory, NULL when not counting */
};

/*
 * Counts blocks above order 0 of the calling thread, which stays on its CPU from then
 * on; @pages: room is made for an area of so many. Single pages are not counted: the kernel may
 * take them in bulk, and then does not report each. Returns 0 or a negative errno.
 */
int pagetrace_begin(struct pagetrace *trace, size_t pages);

/* Returns -ENOSPC when there were more than could be held. */
int pagetrace_end(struct pagetrace *trace, struct chunks *chunks);

/* Blocks above order 0 in a trace's text that have the flags of a chunk. -ENOSPC: incomplete. */
int pagetrace_count(const char *text, struct chunks *chunks);

/* Removes what a process that was killed, for example @pid, has left. */
void pagetrace_cleanup(pid_t pid);

#endif
