/* SPDX-License-Identifier: GPL-2.0-only */
/* One machine as the tool sees it: kernel, free memory, PMUs and their policies. */
#ifndef AUX_TUNE_MACHINE_H
#define AUX_TUNE_MACHINE_H

#include "buddyinfo.h"
#include "devices.h"
#include "kfile.h"
#include "pmu.h"

enum machine_support {
	SUPPORT_YES,		/* some PMU has aux_max_order */
	SUPPORT_NO_KERNEL,	/* a PMU that has an AUX area lacks it: the kernel has no policy */
	SUPPORT_NO_PMU,		/* the kernel has perf_aux, but no PMU with an AUX area */
	SUPPORT_UNKNOWN,	/* no attribute, and nothing tells which of the two it is */
};

struct machine {
	struct kroot root;
	struct devices *devices;
	char release[64];
	size_t page_size;
	bool page_size_assumed;		/* a captured tree that does not tell */
	struct buddyinfo buddy;
	int buddy_error;		/* why buddy is empty: negative errno */
	struct pmu_list pmus;
	int pmus_error;
	enum machine_support support;
	int max_order;			/* ORDER_UNKNOWN when nothing tells */
	const char *stats_missing;	/* why there are no statistics, NULL when there are */
	struct area_table areas;	/* live ones, of all PMUs */
	int areas_error;		/* why areas is empty: negative errno */
	struct rule_files rules;	/* udev's, what they set is in each PMU */
};

/* Reads everything once. @dir: a captured tree, NULL for the live system. */
int machine_open(struct machine *machine, const char *dir);
void machine_close(struct machine *machine);

/* Enumerates and reads all PMUs anew. Pointers to a PMU do not survive it. */
void machine_read_pmus(struct machine *machine);

/* Free memory and statistics: what changes all the time. */
void machine_read_counters(struct machine *machine);

/* The order of a huge page, the block that most others want; ORDER_UNKNOWN. */
int machine_huge_order(const struct machine *machine);

/* A sentence for support other than SUPPORT_YES. */
const char *machine_support_text(const struct machine *machine);

/* True for a PMU that belongs in a list of AUX PMUs; any PMU when the kernel does not tell. */
bool machine_lists(const struct machine *machine, const struct pmu *pmu);

#endif
