/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PMU_H
#define PMU_H

#include <linux/types.h>
#include <stdbool.h>

#define PMU_DIR		"/sys/bus/event_source/devices"
#define PMU_NAME_MAX	128

/* A PMU that perf has registered. */
struct pmu {
	char	name[PMU_NAME_MAX];
	__u32	type;
};

/* Returns 0, or -ENOENT if there is no such PMU. */
int pmu_find(const char *name, struct pmu *pmu);

/* All PMUs, in no particular order. Returns how many, at most @max. */
unsigned int pmu_list(struct pmu *pmus, unsigned int max);

/* Whether an event of the PMU can have an AUX area; tries, so it allocates. */
enum pmu_aux {
	PMU_AUX_NO,
	PMU_AUX_YES,
	PMU_AUX_UNKNOWN,	/* no event that can be mapped */
} pmu_has_aux(const struct pmu *pmu);

#endif /* PMU_H */
