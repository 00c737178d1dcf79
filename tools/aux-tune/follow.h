/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keeps a machine up to date as it changes: PMUs that come and go (udev), orders that
 * anybody writes (poll() on the attribute), counters (a timer).
 */
#ifndef AUX_TUNE_FOLLOW_H
#define AUX_TUNE_FOLLOW_H

#include "loop.h"
#include "machine.h"

struct follow;

struct follow_ops {
	/* PMUs were read anew: some may have come or gone, pointers to them are no longer good. */
	void (*pmus)(void *arg);
	/* An order was written; it may be the same as before. */
	void (*order)(void *arg, struct pmu *pmu, int before);
	/* Counters have been read anew. */
	void (*tick)(void *arg);
};

/* All pointers must live as long. NULL, errno set, when the loop cannot watch. */
struct follow *follow_new(struct machine *machine, struct loop *loop, unsigned int interval_ms,
			  const struct follow_ops *ops, void *arg);
void follow_free(struct follow *follow);

/* Looks at everything again now. */
void follow_rescan(struct follow *follow);

#endif
