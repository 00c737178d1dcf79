// SPDX-License-Identifier: GPL-2.0-only
#include "tree.h"
#include "larger.h"

#define PAGES(mib)	((uint64_t)(mib) << (20 - 12))

/* The numbers of Documentation/admin-guide/perf/aux-max-order.rst. */
static void tables_are_those_of_the_guide(void **state)
{
	assert_int_equal(larger_tables("intel_pt", PAGES(64), 0, 4096), 33);
	assert_int_equal(larger_tables("intel_pt", PAGES(2048), 0, 4096), 1037);
	assert_int_equal(larger_tables("intel_pt", PAGES(64), 9, 4096), 1);
	assert_int_equal(larger_tables("intel_pt", PAGES(2048), 9, 4096), 3);
	assert_int_equal(larger_tables("intel_pt", 1, 10, 4096), 1);
}

static void tables_of_others_do_not_depend_on_the_order(void **state)
{
	assert_int_equal(larger_tables("arm_spe_0", PAGES(64), 0, 4096), 0);
	assert_int_equal(larger_tables("intel_pt2", PAGES(64), 0, 4096), 0);
}

static void every_driver_that_is_known_has_all_it_takes(void **state)
{
	static const char *const names[] = {
		"intel_pt", "arm_spe_0", "arm_trbe0", "cs_etm", "hisi_ptt2_0", "vpa_dtl",
		"cpum_sf", "ultrasoc_smb0", "aux_test_nice", "aux_test_dontcare",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct larger *larger = larger_of(names[i]);

		assert_non_null(larger);
		assert_true(*larger->gain && *larger->no_gain && larger->loss);
	}
	assert_null(larger_of("no_such_pmu"));
	/* What must have large chunks has nothing to choose. */
	assert_null(larger_of("intel_bts"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_are_those_of_the_guide),
		cmocka_unit_test(tables_of_others_do_not_depend_on_the_order),
		cmocka_unit_test(every_driver_that_is_known_has_all_it_takes),
	};

	return cmocka_run_group_tests_name("larger", tests, NULL, NULL);
}
