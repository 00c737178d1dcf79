/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PATTERN_H
#define PATTERN_H

#include <linux/types.h>
#include <stdbool.h>

#include "area.h"

/* What the PMUs of aux_test_pmu trace. */

#define PATTERN_WORD_SIZE	sizeof(__u64)

/* The word at byte @pos of the trace. */
__u64 pattern_word(__u16 seed, __u64 pos);

/* Where a trace is not what it should be. */
struct pattern_error {
	__u64	pos;
	__u64	expected;
	__u64	seen;
};

/*
 * Compares the bytes @from to @to of the trace, both multiples of the word size
 * and at most the size of the AUX area apart.
 */
bool pattern_check(const struct area *area, __u16 seed, __u64 from, __u64 to,
		   struct pattern_error *error);

#endif /* PATTERN_H */
