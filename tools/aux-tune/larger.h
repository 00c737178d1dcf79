/* SPDX-License-Identifier: GPL-2.0-only */
/* What larger chunks would do for a PMU, from what its driver makes of AUX pages. */
#ifndef AUX_TUNE_LARGER_H
#define AUX_TUNE_LARGER_H

#include <stddef.h>
#include <stdint.h>

struct larger {
	const char *gain;	/* what they would buy */
	const char *no_gain;	/* what they would not */
	const char *loss;	/* what they would cost besides blocks, "" */
};

/* NULL for a driver that is not known. */
const struct larger *larger_of(const char *pmu);

/*
 * Pages of the tables that the driver keeps for an AUX area of @pages in chunks of @order;
 * 0 where the tables don't depend on the order, or it is not known how.
 */
uint64_t larger_tables(const char *pmu, uint64_t pages, int order, size_t page_size);

#endif
