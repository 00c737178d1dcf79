// SPDX-License-Identifier: GPL-2.0-only
#include <fnmatch.h>
#include <string.h>

#include "larger.h"

#define MAPPED	"nothing: the pages are mapped one by one, whatever the chunks"
#define COPIED	"nothing: what was traced is copied into the pages"

/*
 * Names as the drivers register them. What they do with AUX pages is from Linux 7.3, see the
 * functions that are named.
 */
static const struct known {
	const char *glob;
	struct larger larger;
} known[] = {
	/*
	 * arch/x86/events/intel/pt.c: topa_insert_pages(), pt_topa_entry_for_page(); for what
	 * it costs pt_buffer_reset_markers(), "can't stop in the middle of an output region".
	 */
	{ "intel_pt", {
		"shorter ToPA tables: less to build when an area is mapped, less to search when the event is started",
		"a better trace: the hardware walks tables of any length by itself",
		"room: it can only stop at the end of a chunk, and has to when less than that is left" } },
	/* drivers/perf/arm_spe_pmu.c: arm_spe_pmu_setup_aux() */
	{ "arm_spe_*", {
		MAPPED, "a better trace: the device sees consecutive addresses in either case", "" } },
	/* drivers/hwtracing/coresight/coresight-trbe.c: arm_trbe_alloc_buffer() */
	{ "arm_trbe*", {
		MAPPED, "a better trace: the device sees consecutive addresses in either case", "" } },
	/*
	 * drivers/hwtracing/coresight: arm_trbe_alloc_buffer(), tmc_etr_sync_perf_buffer(),
	 * tmc_update_etf_buffer(), etb_update_buffer()
	 */
	{ "cs_etm", {
		"nothing: the sink has the pages mapped one by one (TRBE), or copied into (TMC, ETB)",
		"a better trace: no sink sees how large chunks are", "" } },
	/* drivers/hwtracing/ptt/hisi_ptt.c: hisi_ptt_pmu_setup_aux(), hisi_ptt_update_aux() */
	{ "hisi_ptt*", {
		COPIED, "a better trace: the device writes to a buffer of its own", "" } },
	/* arch/powerpc/perf/vpa-dtl.c: vpa_dtl_setup_aux(), vpa_dtl_capture_aux() */
	{ "vpa_dtl", {
		COPIED, "a better trace: the hypervisor writes to a log of its own", "" } },
	/* arch/s390/kernel/perf_cpum_sf.c: aux_buffer_setup() */
	{ "cpum_sf", {
		"nothing: the hardware has a table with an entry for each page, whatever the chunks",
		"a shorter table", "" } },
	/* drivers/hwtracing/coresight/ultrasoc-smb.c: smb_sync_perf_buffer() */
	{ "ultrasoc_smb*", {
		COPIED, "a better trace: the device writes to a buffer of its own", "" } },
	{ "smb*", {
		COPIED, "a better trace: the device writes to a buffer of its own", "" } },
	/* kernel/events/aux_test_pmu.c */
	{ "aux_test_nice*", {
		"a shorter table of chunks", "another pattern: what it writes is the same", "" } },
	{ "aux_test_dontcare*", {
		MAPPED, "another pattern: what it writes is the same", "" } },
};

const struct larger *larger_of(const char *pmu)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!fnmatch(known[i].glob, pmu, 0))
			return &known[i].larger;
	return NULL;
}

uint64_t larger_tables(const char *pmu, uint64_t pages, int order, size_t page_size)
{
	/*
	 * TENTS_PER_PAGE: a table is a page of 8-byte entries and 40 bytes of struct topa, and
	 * its last entry is the link to the next one.
	 */
	uint64_t entries = (page_size - 40) / 8 - 1;
	uint64_t chunks = (pages + (UINT64_C(1) << order) - 1) >> order;

	return strcmp(pmu, "intel_pt") ? 0 : (chunks + entries - 1) / entries;
}
