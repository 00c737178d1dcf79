/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ORDERS_H
#define ORDERS_H

#include <stdbool.h>

/*
 * The same chunks on both kernels: where there is no aux_max_order, the watermark
 * decides about the chunks of a PMU that prefers large ones.
 */

/* Whether AUX areas of this PMU can have chunks of this order on this kernel. */
bool orders_available(const char *pmu, unsigned int order);

/* Have AUX areas mapped from now on use it; returns the watermark to map them with. */
unsigned int orders_use(const char *pmu, unsigned int order);

/* Those of interest, in ascending order, the last one the largest there is. */
#define NR_ORDERS	5
extern const unsigned int orders[NR_ORDERS];

#endif /* ORDERS_H */
