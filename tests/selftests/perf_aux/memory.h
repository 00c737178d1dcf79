/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MEMORY_H
#define MEMORY_H

#include <stddef.h>

/* Of the machine. All are sums of per-CPU counters and exact once it is quiet. */

/* Pages allocated since boot. */
long memory_allocated_pages(void);

/*
 * Pages allocated and not freed, from a base that is unknown: a difference tells
 * what was leaked. Pages kept on the lists of a CPU count as free. Takes a while,
 * since it first has the kernel free what it delays.
 */
long memory_held_pages(void);

/* Bytes that could be allocated now. */
size_t memory_available(void);

/* Have the kernel make large blocks of what is free. */
void memory_compact(void);

#endif /* MEMORY_H */
