/* SPDX-License-Identifier: GPL-2.0-only */
/* What a PMU does with its AUX pages: whether it must, may or need not get large chunks. */
#ifndef AUX_TUNE_KIND_H
#define AUX_TUNE_KIND_H

#include <stdbool.h>

enum pmu_kind {
	KIND_NONE,		/* no AUX area */
	KIND_MUST,		/* contiguous memory is the hardware's ABI (NO_SG) */
	KIND_NICE,		/* larger chunks save the device some work */
	KIND_DONT_CARE,		/* the driver maps or copies single pages as well as any */
	KIND_UNKNOWN,
};

/* What the kernel's aux_max_order attribute says. */
enum aux_access {
	AUX_ACCESS_NONE,	/* no attribute */
	AUX_ACCESS_RO,		/* the kernel allows nobody to change it: NO_SG */
	AUX_ACCESS_RW,
};

struct kind {
	enum pmu_kind kind;
	const char *reason;
};

/* "must", "nice", "don't care", "unknown", "none". */
const char *kind_name(enum pmu_kind kind);

/* The kernel knows which PMUs are NO_SG; the rest follows from the driver, by its name. */
struct kind kind_of(const char *pmu, enum aux_access access);

/* True when the driver by this name has an AUX area on any kernel. */
bool kind_known_aux(const char *pmu);

#endif
