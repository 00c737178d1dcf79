/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROBES_H
#define PROBES_H

#include <stddef.h>

/*
 * How long calls of a kernel function take and how many there are, from kprobes in
 * an instance of tracefs whose clock is the time stamp counter.
 */

struct probe {
	const char		*function;	/* or one with a suffix of the compiler */
	unsigned long		calls;
	unsigned long long	total;
	unsigned long long	max;
};

void probes_begin(struct probe *probes, size_t nr);

/* Forget what happened so far. */
void probes_clear(void);

/* Read what happened since, and leave the probes in place. */
void probes_read(struct probe *probes, size_t nr);
void probes_end(void);

#endif /* PROBES_H */
