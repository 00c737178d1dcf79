// SPDX-License-Identifier: GPL-2.0-only
#include <fnmatch.h>
#include <stddef.h>

#include "kind.h"

/* Names as the drivers register them. */
static const struct known {
	const char *glob;
	struct kind kind;
} known[] = {
	{ "intel_bts", { KIND_MUST,
		"BTS writes through one address range: a chunk is the hardware's buffer" } },
	{ "intel_pt", { KIND_NICE,
		"one ToPA entry per chunk: larger chunks make shorter tables" } },
	{ "arm_spe_*", { KIND_DONT_CARE,
		"the driver maps the pages to consecutive addresses" } },
	{ "arm_trbe*", { KIND_DONT_CARE,
		"the driver maps the pages to consecutive addresses" } },
	{ "cs_etm", { KIND_DONT_CARE,
		"the sink maps the pages (TRBE) or copies from its own buffer (TMC, ETB)" } },
	{ "hisi_ptt*", { KIND_DONT_CARE,
		"the driver maps the pages and copies from its own buffer" } },
	{ "vpa_dtl", { KIND_DONT_CARE,
		"the driver maps the pages and copies the dispatch log" } },
	{ "cpum_sf", { KIND_DONT_CARE,
		"one sampling data block per page, whatever the chunk" } },
	{ "ultrasoc_smb*", { KIND_DONT_CARE,
		"the driver copies page by page from its own buffer" } },
	{ "smb*", { KIND_DONT_CARE,
		"the driver copies page by page from its own buffer" } },
	{ "aux_test_must*", { KIND_MUST, "test PMU: one region per chunk" } },
	{ "aux_test_nice*", { KIND_NICE, "test PMU: a table with one entry per chunk" } },
	{ "aux_test_dontcare*", { KIND_DONT_CARE, "test PMU: maps the pages" } },
};

/* Never had an AUX area; asked for only where the kernel itself does not tell. */
static const char *const no_aux[] = {
	"breakpoint", "software", "tracepoint", "kprobe", "uprobe",
	"msr", "power", "cpu", "cpu_*", "cstate_*", "uncore_*", "amd_*", "ibs_*", "i915*",
	"armv[78]*", "arm_cmn*", "arm_dsu*", "arm_ccn*", "smmuv3_pmcg*", "dmc620*",
};

static const struct known *find_known(const char *pmu)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!fnmatch(known[i].glob, pmu, 0))
			return &known[i];
	return NULL;
}

bool kind_known_aux(const char *pmu)
{
	return find_known(pmu);
}

const char *kind_name(enum pmu_kind kind)
{
	switch (kind) {
	case KIND_NONE:
		return "none";
	case KIND_MUST:
		return "must";
	case KIND_NICE:
		return "nice";
	case KIND_DONT_CARE:
		return "don't care";
	case KIND_UNKNOWN:
		break;
	}
	return "unknown";
}

struct kind kind_of(const char *pmu, enum aux_access access)
{
	const struct known *driver = find_known(pmu);

	switch (access) {
	case AUX_ACCESS_RO:
		if (driver && driver->kind.kind == KIND_MUST)
			return driver->kind;
		/* intel_pt is either, depending on the processor. */
		if (!fnmatch("intel_pt", pmu, 0))
			return (struct kind){ KIND_MUST,
				"single-entry ToPA: a table page per chunk, so chunks must be large" };
		return (struct kind){ KIND_MUST,
			"NO_SG: the hardware needs physically contiguous memory" };
	case AUX_ACCESS_RW:
		/* Writable, so the kernel can scatter-gather for it, whatever its name says. */
		if (driver && driver->kind.kind != KIND_MUST)
			return driver->kind;
		return (struct kind){ KIND_UNKNOWN,
			"it can scatter-gather; what larger chunks are worth to this driver is not known" };
	case AUX_ACCESS_NONE:
		break;
	}

	/* A kernel without the attribute, or a PMU without an AUX area. */
	if (driver)
		return driver->kind;
	for (size_t i = 0; i < sizeof(no_aux) / sizeof(no_aux[0]); i++)
		if (!fnmatch(no_aux[i], pmu, 0))
			return (struct kind){ KIND_NONE, "no AUX area" };
	return (struct kind){ KIND_UNKNOWN, "the kernel does not tell whether it has an AUX area" };
}
