// SPDX-License-Identifier: GPL-2.0-only
/* PMUs, their kinds, and what the whole machine says, from captured trees. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tree.h"
#include "xalloc.h"

static int setup(void **state)
{
	char *dir = tree_new();

	tree_file(dir, "/proc/buddyinfo", BUDDY_LINE);
	tree_file(dir, "/proc/sys/kernel/osrelease", "7.3.4\n");
	tree_file(dir, PMU_DEVICES "/software/type", "1\n");
	*state = dir;
	return 0;
}

static int teardown(void **state)
{
	tree_remove(*state);
	return 0;
}

static const struct pmu *find(const struct machine *machine, const char *name)
{
	const struct pmu *pmu = pmu_list_find(&machine->pmus, name);

	assert_non_null(pmu);
	return pmu;
}

static void attribute_mode_tells_the_kind(void **state)
{
	struct machine machine;

	tree_pmu(*state, "intel_bts", "8\n", "10\n", 0444);
	tree_pmu(*state, "intel_pt", "9\n", "3\n", 0644);
	tree_pmu(*state, "new_tracer", "10\n", "0\n", 0644);
	tree_pmu(*state, "other_must", "11\n", "10\n", 0444);
	tree_open(&machine, *state);

	assert_int_equal(machine.support, SUPPORT_YES);
	assert_int_equal(find(&machine, "intel_bts")->kind.kind, KIND_MUST);
	assert_int_equal(find(&machine, "intel_bts")->access, AUX_ACCESS_RO);
	assert_int_equal(find(&machine, "intel_bts")->default_order, 10);
	assert_int_equal(find(&machine, "intel_pt")->kind.kind, KIND_NICE);
	assert_int_equal(find(&machine, "intel_pt")->order, 3);
	assert_int_equal(find(&machine, "intel_pt")->default_order, 0);
	assert_int_equal(find(&machine, "intel_pt")->type, 9);
	assert_int_equal(find(&machine, "new_tracer")->kind.kind, KIND_UNKNOWN);
	assert_int_equal(find(&machine, "other_must")->kind.kind, KIND_MUST);
	assert_int_equal(find(&machine, "software")->kind.kind, KIND_NONE);
	machine_close(&machine);
}

static void single_entry_pt_is_must(void **state)
{
	struct machine machine;

	tree_pmu(*state, "intel_pt", "9\n", "10\n", 0444);
	tree_open(&machine, *state);
	assert_int_equal(find(&machine, "intel_pt")->kind.kind, KIND_MUST);
	assert_non_null(strstr(find(&machine, "intel_pt")->kind.reason, "single-entry"));
	machine_close(&machine);
}

static void drivers_that_do_not_care_are_known(void **state)
{
	static const char *const names[] = {
		"arm_spe_0", "arm_trbe0", "cs_etm", "hisi_ptt3_7", "vpa_dtl", "cpum_sf",
		"ultrasoc_smb0", "aux_test_dontcare",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(kind_of(names[i], AUX_ACCESS_RW).kind, KIND_DONT_CARE);
	assert_int_equal(kind_of("aux_test_nice", AUX_ACCESS_RW).kind, KIND_NICE);
	assert_int_equal(kind_of("aux_test_must", AUX_ACCESS_RO).kind, KIND_MUST);
	/* What the kernel says counts for more than a name. */
	assert_int_equal(kind_of("intel_bts", AUX_ACCESS_RW).kind, KIND_UNKNOWN);
	assert_int_equal(kind_of("arm_spe_0", AUX_ACCESS_RO).kind, KIND_MUST);
}

static void a_kernel_without_the_attribute_is_told(void **state)
{
	struct machine machine;

	tree_pmu(*state, "intel_pt", "9\n", NULL, 0);
	tree_pmu(*state, "weird", "10\n", NULL, 0);
	tree_open(&machine, *state);
	assert_int_equal(machine.support, SUPPORT_NO_KERNEL);
	assert_int_equal(find(&machine, "intel_pt")->kind.kind, KIND_NICE);
	assert_int_equal(find(&machine, "weird")->kind.kind, KIND_UNKNOWN);
	assert_true(machine_lists(&machine, find(&machine, "software")));
	machine_close(&machine);
}

static void a_machine_without_aux_is_told_apart(void **state)
{
	struct machine machine;

	tree_open(&machine, *state);
	assert_int_equal(machine.support, SUPPORT_UNKNOWN);
	machine_close(&machine);

	tree_file(*state, "/sys/kernel/debug/perf_aux/areas", "pmu cpu\n");
	tree_open(&machine, *state);
	assert_int_equal(machine.support, SUPPORT_NO_PMU);
	machine_close(&machine);
}

static void largest_order_is_found_without_buddyinfo(void **state)
{
	struct machine machine;
	char *path = xasprintf("%s/proc/buddyinfo", (char *)*state);

	assert_int_equal(unlink(path), 0);
	free(path);
	tree_open(&machine, *state);
	assert_int_equal(machine.max_order, ORDER_UNKNOWN);
	machine_close(&machine);
	tree_pmu(*state, "intel_bts", "8\n", "13\n", 0444);
	tree_open(&machine, *state);
	assert_int_equal(machine.max_order, 13);
	machine_close(&machine);
}

static void garbage_is_unreadable_and_not_a_number(void **state)
{
	static const char *const bad[] = {
		"", "\n", "x\n", "-1\n", "99999999999999999999\n", "3 4\n", "0x3\n", "25\n",
		"11111111111111111111111111111111111111111111111111111111111111111111111111111\n",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct machine machine;

		tree_pmu(*state, "bad", bad[i], bad[i], 0644);
		tree_open(&machine, *state);
		assert_int_equal(find(&machine, "bad")->order, ORDER_UNKNOWN);
		assert_true(find(&machine, "bad")->order_error < 0);
		assert_int_equal(find(&machine, "bad")->access, AUX_ACCESS_RW);
		machine_close(&machine);
	}
}

static void lists_are_sorted_as_people_count(void **state)
{
	struct machine machine;

	tree_pmu(*state, "arm_spe_10", "8\n", "0\n", 0644);
	tree_pmu(*state, "arm_spe_9", "8\n", "0\n", 0644);
	tree_open(&machine, *state);
	assert_int_equal(machine.pmus.nr, 3);
	assert_string_equal(machine.pmus.pmus[0].name, "arm_spe_9");
	assert_string_equal(machine.pmus.pmus[1].name, "arm_spe_10");
	assert_null(pmu_list_find(&machine.pmus, "arm_spe_1"));
	machine_close(&machine);
}

static void near_names_are_found(void **state)
{
	struct machine machine;

	tree_pmu(*state, "intel_pt", "8\n", "0\n", 0644);
	tree_pmu(*state, "arm_spe_0", "8\n", "0\n", 0644);
	tree_open(&machine, *state);
	assert_string_equal(pmu_list_near(&machine.pmus, "inte_pt")->name, "intel_pt");
	assert_string_equal(pmu_list_near(&machine.pmus, "intel-pt")->name, "intel_pt");
	assert_string_equal(pmu_list_near(&machine.pmus, "spe")->name, "arm_spe_0");
	assert_string_equal(pmu_list_near(&machine.pmus, "INTEL_PT")->name, "intel_pt");
	assert_null(pmu_list_near(&machine.pmus, "completely_else"));
	assert_null(pmu_list_near(&machine.pmus, ""));
	machine_close(&machine);
}

static void a_tree_without_pmus_opens(void **state)
{
	char *dir = tree_new();
	struct machine machine;

	tree_open(&machine, dir);
	assert_int_equal(machine.pmus.nr, 0);
	assert_int_equal(machine.pmus_error, -ENOENT);
	assert_string_equal(machine.release, "unknown");
	machine_close(&machine);
	tree_remove(dir);
}

/* The page size of the machine that was captured, not of the one that looks. */
static void a_tree_tells_its_page_size(void **state)
{
	static const struct {
		const char *meminfo, *vmstat;
		size_t page_size;
		bool assumed;
	} cases[] = {
		{ "MemTotal: 1 kB\nMemFree:  640064 kB\n", "x 1\nnr_free_pages 10000\n", 65536, false },
		{ "MemFree: 40100 kB\n", "nr_free_pages 10000\n", 4096, false },
		{ "MemFree: 161000 kB\n", "nr_free_pages 10000\n", 16384, false },
		{ "MemFree: 40100 kB\n", "nr_free_pages_blocks 10000\n", 0, true },
		{ "MemFree: 0 kB\n", "nr_free_pages 0\n", 0, true },
		{ "MemFree: 100 kB\n", "nr_free_pages 10000\n", 0, true },
		{ "MemFree: 18446744073709551615 kB\n", "nr_free_pages 18446744073709551615\n", 0, true },
		{ "\377", "", 0, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *dir = tree_new();
		struct machine machine;

		tree_file(dir, "/proc/meminfo", cases[i].meminfo);
		tree_file(dir, "/proc/vmstat", cases[i].vmstat);
		tree_open(&machine, dir);
		assert_int_equal(machine.page_size_assumed, cases[i].assumed);
		assert_int_equal(machine.page_size, cases[i].page_size ?: (size_t)getpagesize());
		machine_close(&machine);
		tree_remove(dir);
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tree_tells_its_page_size),
		T(attribute_mode_tells_the_kind),
		T(single_entry_pt_is_must),
		T(drivers_that_do_not_care_are_known),
		T(a_kernel_without_the_attribute_is_told),
		T(a_machine_without_aux_is_told_apart),
		T(largest_order_is_found_without_buddyinfo),
		T(garbage_is_unreadable_and_not_a_number),
		T(lists_are_sorted_as_people_count),
		T(near_names_are_found),
		T(a_tree_without_pmus_opens),
	};

	return cmocka_run_group_tests_name("machine", tests, NULL, NULL);
}
