/* SPDX-License-Identifier: GPL-2.0-only */
/* The device model: one PMU, what the kernel says of it, and the sorted list of all. */
#ifndef AUX_TUNE_PMU_H
#define AUX_TUNE_PMU_H

#include <stdbool.h>
#include <stdint.h>

#include "kfile.h"
#include "kind.h"
#include "order.h"
#include "setters.h"
#include "stats.h"

#define PMU_DEVICES	"/sys/bus/event_source/devices"

struct pmu {
	char *name;			/* as in PMU_DEVICES and on perf's command line */
	char *dir;			/* where its attributes are, for kfile */
	int64_t type;			/* perf_event_attr::type, -1 when unreadable */
	enum aux_access access;
	int order;			/* aux_max_order, ORDER_UNKNOWN when unreadable */
	int order_error;		/* why unreadable: negative errno */
	int default_order;		/* what registration set, ORDER_UNKNOWN without AUX */
	struct kind kind;
	struct stats stats;
	int stats_error;		/* why they are empty: negative errno */
	struct setters saved;		/* udev rules that set its order */
};

struct pmu_list {
	struct pmu *pmus;		/* by name; "cpu2" before "cpu10" */
	size_t nr;
};

/* Appends the PMU whose attributes are in @dir. Sort before searching. */
void pmu_list_add(struct pmu_list *list, const char *name, const char *dir);
void pmu_list_sort(struct pmu_list *list);
void pmu_list_clear(struct pmu_list *list);
struct pmu *pmu_list_find(const struct pmu_list *list, const char *name);

/* Reads type, access and order anew. */
void pmu_read(struct pmu *pmu, const struct kroot *root);

/* Classifies; @kernel_tells is false on a kernel where no PMU has the attribute. */
void pmu_classify(struct pmu *pmu, bool kernel_tells);

/* The attribute's path: for kfile, and as people write it (the caller frees both). */
char *pmu_order_file(const struct pmu *pmu);
char *pmu_order_path(const struct pmu *pmu, const struct kroot *root);

/* True when @pattern has a glob character, so it may match any number of PMUs. */
bool pmu_is_glob(const char *pattern);
bool pmu_matches(const struct pmu *pmu, const char *pattern);

/* The PMU whose name looks most like @name, NULL when none comes close. */
const struct pmu *pmu_list_near(const struct pmu_list *list, const char *name);

#endif
