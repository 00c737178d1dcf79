// SPDX-License-Identifier: GPL-2.0-only
/*
 * How large the physically contiguous chunks of an AUX area may be.
 *
 * A PMU either must have contiguous memory, because that is the ABI of its
 * hardware (PERF_PMU_CAP_AUX_NO_SG), or it can do with single pages. The first
 * kind gets what it requires. The others get what the administrator allows, and
 * single pages by default: high-order blocks are what a long-running machine
 * runs out of.
 */

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/kstrtox.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mmzone.h>
#include <linux/perf_event.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "aux_policy.h"

static bool perf_aux_must_be_contiguous(const struct pmu *pmu)
{
	return pmu->capabilities & PERF_PMU_CAP_AUX_NO_SG;
}

/**
 * perf_aux_policy_init() - set the default policy of a PMU
 * @pmu:	PMU being registered, before its device is added.
 *
 * Once the device is there, the attribute belongs to user space.
 */
void perf_aux_policy_init(struct pmu *pmu)
{
	pmu->aux_max_order = perf_aux_must_be_contiguous(pmu) ? MAX_PAGE_ORDER : 0;
}

/**
 * perf_aux_chunking_init() - decide which orders an AUX area is made of
 * @chunking:	Filled in.
 * @pmu:	PMU the area is for.
 * @nr_pages:	Size of the area in pages, at least 1.
 * @watermark:	Distance between two wakeups in bytes, at least 1. Chunks are
 *		not larger than it, rounded up to a power-of-two number of
 *		pages, so that drivers can honor it. Ignored in overwrite mode.
 * @overwrite:	The area is mapped in overwrite mode.
 *
 * pmu::aux_max_order is read exactly once: a concurrent write applies to this
 * area as a whole or not at all.
 *
 * Return: 0, or -ENOMEM if no allocation can satisfy the PMU.
 */
int perf_aux_chunking_init(struct perf_aux_chunking *chunking,
			   const struct pmu *pmu, unsigned int nr_pages,
			   unsigned long watermark, bool overwrite)
{
	/*
	 * In overwrite mode start with the largest order that fits in
	 * nr_pages, not the other way around, hence ilog2() and not
	 * get_order().
	 */
	unsigned int order = overwrite ? ilog2(nr_pages) : get_order(watermark);

	chunking->min_order = 0;

	if (!perf_aux_must_be_contiguous(pmu)) {
		chunking->max_order = min(order, READ_ONCE(pmu->aux_max_order));
		return 0;
	}

	/*
	 * In overwrite mode, PMUs that don't support SG may not handle more
	 * than one contiguous allocation, since they rely on PMI to do double
	 * buffering. The entire buffer has to be one chunk then, and must not
	 * be mistaken for one after its order was clamped.
	 */
	if (overwrite) {
		if (order > MAX_PAGE_ORDER || !is_power_of_2(nr_pages))
			return -ENOMEM;
		chunking->min_order = order;
	}

	chunking->max_order = min_t(unsigned int, order, MAX_PAGE_ORDER);
	return 0;
}

static ssize_t aux_max_order_show(struct device *dev,
				  struct device_attribute *attr, char *buf)
{
	struct pmu *pmu = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%u\n", READ_ONCE(pmu->aux_max_order));
}

static ssize_t aux_max_order_store(struct device *dev,
				   struct device_attribute *attr,
				   const char *buf, size_t count)
{
	struct pmu *pmu = dev_get_drvdata(dev);
	unsigned int order;
	int ret;

	/* Not reached through a 0444 file, but chmod can change that. */
	if (perf_aux_must_be_contiguous(pmu))
		return -EACCES;

	/* A number with a NUL inside is not one. */
	if (strlen(buf) != count)
		return -EINVAL;

	ret = kstrtouint(buf, 10, &order);
	if (ret)
		return ret;

	if (order > MAX_PAGE_ORDER)
		return -ERANGE;

	if (xchg(&pmu->aux_max_order, order) != order)
		sysfs_notify(&dev->kobj, NULL, attr->attr.name);

	return count;
}

DEVICE_ATTR_RW(aux_max_order);

/**
 * perf_aux_max_order_mode() - mode of a PMU's aux_max_order attribute
 * @pmu:	PMU the attribute is for.
 *
 * Return: 0 for a PMU without AUX area, read-only for one whose hardware decides.
 */
umode_t perf_aux_max_order_mode(const struct pmu *pmu)
{
	if (!pmu->setup_aux)
		return 0;

	return perf_aux_must_be_contiguous(pmu) ? 0444 : 0644;
}
