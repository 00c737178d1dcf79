// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <string.h>
#include <unistd.h>

#include "max_order.h"
#include "orders.h"

const unsigned int orders[NR_ORDERS] = { 0, 3, 6, 9, 10 };

bool orders_available(const char *pmu, unsigned int order)
{
	return !order || max_order_mode(pmu) || !strcmp(pmu, "intel_pt");
}

unsigned int orders_use(const char *pmu, unsigned int order)
{
	if (max_order_mode(pmu) && max_order_set(pmu, order))
		errx(1, "%s: cannot set aux_max_order to %u", pmu, order);

	return getpagesize() << order;
}
