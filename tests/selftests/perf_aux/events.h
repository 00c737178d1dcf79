/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EVENTS_H
#define EVENTS_H

#include <stddef.h>
#include <sys/types.h>

#include "stats.h"

/*
 * Counts the events perf_aux:* of the system, and kmem:mm_page_alloc of a thread,
 * in an instance of tracefs, while they happen: not one is lost, however many there
 * are. See events_drain().
 */

struct events_counts {
	unsigned long	outcome[STATS_NR_OUTCOMES];	/* perf_aux_alloc */
	unsigned long	fallback;
	unsigned long	chunks[STATS_MAX_ORDERS];
	unsigned long	nr_free;			/* perf_aux_free */
	unsigned long	chunks_free[STATS_MAX_ORDERS];

	/*
	 * mm_page_alloc, those with the flags of a chunk, see allocs.h. Single
	 * pages that are taken in bulk don't have one each. Failures don't count.
	 */
	unsigned long	pages[STATS_MAX_ORDERS];
};

struct events {
	char			instance[256];
	int			pipe;
	char			line[1024];	/* not complete yet */
	size_t			len;
	int			error;
	struct events_counts	counts;
};

/* An event is less than that in the buffer of a CPU, page headers included. */
#define EVENTS_MAX_SIZE		192UL
#define EVENTS_BUFFER_SIZE	(8UL * 1024 * 1024)

/* Why it can't, for SKIP(), or NULL. */
const char *events_lack(void);

/*
 * They return 0 or a negative errno; -EOVERFLOW: events were lost, -EBADMSG: there
 * is one that we don't understand.
 */
int events_begin(struct events *events, pid_t tid);

/* Before there are more than EVENTS_BUFFER_SIZE / EVENTS_MAX_SIZE of them. */
int events_drain(struct events *events);
int events_end(struct events *events);

#endif /* EVENTS_H */
