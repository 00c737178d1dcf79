/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KERNEL_EVENTS_AUX_POLICY_H
#define _KERNEL_EVENTS_AUX_POLICY_H

#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/types.h>

struct device_attribute;
struct pmu;

/**
 * struct perf_aux_chunking - page orders allowed for the chunks of an AUX area
 * @max_order:	Largest order the next chunk may have. Only ever lowered.
 * @min_order:	Smallest order that is of use to the PMU. Above zero, the area
 *		is one chunk of exactly that order.
 */
struct perf_aux_chunking {
	unsigned int	max_order;
	unsigned int	min_order;
};

void perf_aux_policy_init(struct pmu *pmu);

int perf_aux_chunking_init(struct perf_aux_chunking *chunking,
			   const struct pmu *pmu, unsigned int nr_pages,
			   unsigned long watermark, bool overwrite);

/**
 * perf_aux_chunk_order() - order to ask for when allocating the next chunk
 * @chunking:	Orders allowed in this area.
 * @nr_left:	Pages of the area that have no chunk yet, at least 1.
 *
 * Return: the largest order that is allowed and fits.
 */
static inline unsigned int
perf_aux_chunk_order(const struct perf_aux_chunking *chunking,
		     unsigned int nr_left)
{
	return min_t(unsigned int, chunking->max_order, ilog2(nr_left));
}

/**
 * perf_aux_chunk_fallback() - settle for smaller chunks
 * @chunking:	Orders allowed in this area.
 * @order:	Order that could not be allocated; updated to the one to try next.
 *
 * The order never rises again within an area. Every chunk is then preceded by
 * chunks of its own size or larger, and so starts at a multiple of its size in
 * the area; drivers compute offsets into a chunk by masking the AUX head.
 *
 * Return: false if no smaller chunk is of use to the PMU.
 */
static inline bool perf_aux_chunk_fallback(struct perf_aux_chunking *chunking,
					   unsigned int *order)
{
	if (*order <= chunking->min_order)
		return false;

	chunking->max_order = --*order;
	return true;
}

extern struct device_attribute dev_attr_aux_max_order;
umode_t perf_aux_max_order_mode(const struct pmu *pmu);

#endif /* _KERNEL_EVENTS_AUX_POLICY_H */
