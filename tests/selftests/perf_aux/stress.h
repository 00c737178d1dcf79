/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef STRESS_H
#define STRESS_H

#include <linux/types.h>
#include <stdbool.h>

/*
 * Processes that do something at random, over and over, at the same time.
 *
 * In the environment, PERF_AUX_SECONDS is how long each scenario takes, and
 * PERF_AUX_SEED what their random numbers start from, as printed by a run before.
 * The same seed has each worker decide the same; when it does so is another thing.
 */

struct stress_random {
	__u64	state;
};

/* A number in [0, @limit). */
__u64 stress_random(struct stress_random *random, __u64 limit);

unsigned int stress_seconds(void);
__u64 stress_seed(void);

struct stress_worker {
	const char	*name;
	unsigned int	nr;	/* processes that do this */

	/*
	 * Does it once. Returns 0, a negative errno if it could not be done, as is
	 * to be expected at times, or STRESS_BROKEN after a message.
	 */
	int		(*once)(struct stress_random *random);

	/* Memory may be so short that it never comes to an end, and that is no bug. */
	bool		may_starve;
};

#define STRESS_BROKEN	1

/* For once(): STRESS_BROKEN after a message if @errno isn't on the list, which ends with 0. */
int stress_check(const char *what, int error, const int *expected);

/*
 * Runs the workers, an array that ends with an empty one, for as long. Returns
 * how often the first of them succeeded, or -1 if anything was broken.
 */
long stress_run(const struct stress_worker *workers, unsigned int seconds);

#endif /* STRESS_H */
