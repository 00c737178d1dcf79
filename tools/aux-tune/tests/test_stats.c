// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "tree.h"
#include "stats.h"

static void counters_are_kept_known_or_not(void **state)
{
	struct stats stats;
	uint64_t value;

	stats_parse(&stats, "areas_live 2\nsome_new_counter 7\nfallbacks 18446744073709551615\n");
	assert_int_equal(stats.nr, 3);
	assert_true(stats_get(&stats, STAT_AREAS_LIVE, &value));
	assert_int_equal(value, 2);
	assert_true(stats_get(&stats, STAT_FALLBACKS, &value));
	assert_true(value == UINT64_MAX);
	assert_false(stats_get(&stats, STAT_PAGES_LIVE, &value));
	assert_string_equal(stats.values[1].name, "some_new_counter");
	stats_clear(&stats);
}

static void lines_that_are_no_counter_are_passed_over(void **state)
{
	struct stats stats;

	stats_parse(&stats, "\n \nname\nname \n 5\nname -1\nname 1x\nname 1 2\n"
			    "name 18446744073709551616\nname 0x1\n\033[2J\ngood 1");
	assert_int_equal(stats.nr, 1);
	assert_string_equal(stats.values[0].name, "good");
	stats_clear(&stats);
}

static void areas_are_read_by_their_heading(void **state)
{
	struct area_table areas;

	assert_int_equal(areas_parse(&areas,
		"pmu      cpu  pid comm\n"
		"intel_pt   0 4711 perf record -a\n"
		"intel_pt   1\n"), 0);
	assert_int_equal(areas.nr_columns, 4);
	assert_int_equal(areas.nr_rows, 2);
	assert_string_equal(areas.columns[3], "comm");
	/* The last column has what is left, blanks and all. */
	assert_string_equal(areas_cell(&areas, 0, 3), "perf record -a");
	assert_string_equal(areas_cell(&areas, 1, 1), "1");
	assert_string_equal(areas_cell(&areas, 1, 3), "");
	areas_clear(&areas);
}

static void areas_without_a_heading_are_none(void **state)
{
	struct area_table areas;

	assert_int_equal(areas_parse(&areas, ""), -EINVAL);
	assert_int_equal(areas_parse(&areas, "\n\n"), -EINVAL);
	assert_int_equal(areas_parse(&areas, "pmu cpu\n"), 0);
	assert_int_equal(areas.nr_rows, 0);
	areas_clear(&areas);
}

static void why_they_are_missing_is_said(void **state)
{
	char *dir = tree_new();
	struct stats stats;
	struct kroot root;

	assert_int_equal(kroot_open(&root, dir), 0);
	assert_non_null(strstr(stats_missing(&root), "CONFIG_PERF_AUX_STATS"));
	tree_file(dir, "/sys/kernel/debug/perf_aux/pt/stats", "areas_live 1\n");
	assert_null(stats_missing(&root));
	assert_int_equal(stats_read(&stats, &root, "pt"), 0);
	stats_clear(&stats);
	assert_int_equal(stats_read(&stats, &root, "none"), -ENOENT);
	kroot_close(&root);
	tree_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_are_kept_known_or_not),
		cmocka_unit_test(lines_that_are_no_counter_are_passed_over),
		cmocka_unit_test(areas_are_read_by_their_heading),
		cmocka_unit_test(areas_without_a_heading_are_none),
		cmocka_unit_test(why_they_are_missing_is_said),
	};

	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
