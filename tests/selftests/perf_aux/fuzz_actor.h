/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FUZZ_ACTOR_H
#define FUZZ_ACTOR_H

#include <linux/types.h>
#include <setjmp.h>
#include <stdbool.h>

#include "fuzz_model.h"
#include "kselftest.h"

/*
 * Calls perf at random: opens events, maps and unmaps them, and whatever else their
 * file descriptors and mappings can do. What is random comes from a seed.
 */

#define ACTOR_LOG_LINES		40
#define ACTOR_LOG_LEN		200
#define ACTOR_MAX_PMUS		12

/* Shared with the process that started it all. */
struct actor_report {
	unsigned long	nr_calls;	/* all that is counted below, and others */
	unsigned long	nr_aux_calls;	/* at the PMU under test, and at its buffers */
	unsigned long	nr_mmaps;
	unsigned long	nr_areas;	/* AUX areas of that PMU */
	unsigned long	nr_chunks;	/* AUX areas whose chunks were looked at */
	unsigned long	nr_compared;	/* results that had to be what they were */
	bool		failed;
	char		failure[512];
	unsigned int	nr_lines;
	char		log[ACTOR_LOG_LINES][ACTOR_LOG_LEN];
};

struct actor {
	struct actor_report	*report;
	struct model		model;
	struct model_pmu	*pmus;		/* the one under test is the first */
	unsigned int		nr_pmus;
	__u64			random;
	unsigned int		nr_cpus;
	unsigned int		number;		/* no two at a time have the same */
	bool			strict;		/* alone, so the model knows */
	bool			privileged;
	bool			per_cpu;	/* prefers events that follow no task */
	bool			unplugs;	/* the PMU under test may go away */
	pid_t			other;		/* another process to trace */
	const char		*kind;		/* of the PMU, for aux_test_pmu */
	bool			faults;		/* allocations fail */

	bool			catching;
	sigjmp_buf		caught;
};

__u64 actor_random(struct actor *actor);
unsigned int actor_below(struct actor *actor, unsigned int limit);

/* SIGBUS and SIGSEGV mean something while an actor touches memory. Once per process. */
void actor_catch_faults(void);

/* One random call, or a few. */
void actor_act(struct actor *actor);

/* Unmaps and closes all there is. */
void actor_leave(struct actor *actor);

/* Notes what is wrong, unless something has been before. */
__printf(2, 3)
void actor_fail(struct actor *actor, const char *format, ...);

#endif /* FUZZ_ACTOR_H */
