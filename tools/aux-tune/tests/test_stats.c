// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "tree.h"
#include "stats.h"
#include "xalloc.h"

static void counters_are_kept_known_or_not(void **state)
{
	struct stats stats;
	uint64_t value;

	stats_parse(&stats, "area_live 2\nsome_new_counter 7\n"
			    "chunk_fallback 18446744073709551615\n");
	assert_int_equal(stats.nr, 3);
	assert_true(stats_get(&stats, STAT_AREA_LIVE, &value));
	assert_int_equal(value, 2);
	assert_true(stats_get(&stats, STAT_CHUNK_FALLBACK, &value));
	assert_true(value == UINT64_MAX);
	assert_false(stats_get(&stats, STAT_PAGE_LIVE, &value));
	assert_string_equal(stats.values[1].name, "some_new_counter");
	assert_true(stats_known("area_live") && stats_known("chunk_alloc_order_10"));
	assert_false(stats_known("some_new_counter"));
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

static void a_name_counts_once(void **state)
{
	struct stats stats;
	uint64_t value;

	stats_parse(&stats, "area_live 1\narea_live 2\n");
	assert_int_equal(stats.nr, 1);
	assert_true(stats_get(&stats, STAT_AREA_LIVE, &value));
	assert_int_equal(value, 1);
	stats_clear(&stats);
}

static void failures_are_the_sum_of_all_causes(void **state)
{
	struct stats stats;
	uint64_t value;

	stats_parse(&stats, "area_fail_setup 2\narea_fail_no_block 3\narea_fail_brand_new 4\n"
			    "area_failures 100\n");
	assert_true(stats_failures(&stats, &value));
	assert_int_equal(value, 9);
	assert_non_null(stats_cause("area_fail_setup")->advice);
	assert_non_null(stats_cause("area_fail_brand_new")->advice);
	stats_clear(&stats);

	stats_parse(&stats, "area_fail_setup 18446744073709551615\narea_fail_x 1\n");
	assert_true(stats_failures(&stats, &value));
	assert_true(value == UINT64_MAX);
	stats_clear(&stats);

	/* Not known is not none. */
	stats_parse(&stats, "area_live 1\n");
	assert_false(stats_failures(&stats, &value));
	stats_clear(&stats);
}

static void chunks_are_read_by_order(void **state)
{
	struct chunks chunks;
	struct stats stats;

	stats_parse(&stats, "chunk_live_order_0 3\nchunk_live_order_2 1\n"
			    "chunk_live_order_ 9\nchunk_live_order_-1 9\n"
			    "chunk_live_order_01 9\nchunk_live_order_25 9\n"
			    "chunk_live_order_99999999999 9\nchunk_live_order_1x 9\n");
	assert_true(stats_chunks(&stats, STAT_CHUNK_LIVE, &chunks));
	assert_int_equal(chunks.orders, 3);
	assert_int_equal(chunks.nr[0], 3);
	assert_int_equal(chunks.nr[1], 0);
	assert_int_equal(chunks_pages(&chunks, 2), 4);
	assert_int_equal(chunks_total(&chunks), 4);
	assert_false(stats_chunks(&stats, STAT_CHUNK_ALLOC, &chunks));
	stats_clear(&stats);

	stats_parse(&stats, "chunk_alloc_order_24 18446744073709551615\n"
			    "chunk_alloc_order_0 1\n");
	assert_true(stats_chunks(&stats, STAT_CHUNK_ALLOC, &chunks));
	assert_true(chunks_pages(&chunks, 24) == UINT64_MAX);
	assert_true(chunks_total(&chunks) == UINT64_MAX);
	stats_clear(&stats);
}

#define HEADING "pmu cpu pid comm pages mode max_order node age_ms chunks"

static void areas_are_read_by_their_heading(void **state)
{
	struct area_table areas;
	struct chunks chunks;
	int64_t number;

	assert_int_equal(areas_parse(&areas, HEADING " color\n"
		"intel_pt -1 4711 perf\\040record 1024 rw 9 -1 5120 9:1,8:2 red\n"
		"intel_pt 3 0 - 16 overwrite 0 0 1 0:16 \n"), 0);
	assert_int_equal(areas.nr_columns, 11);
	assert_int_equal(areas.nr_rows, 2);
	assert_int_equal(areas.nr_garbage, 0);
	assert_string_equal(areas_cell(&areas, 0, "comm"), "perf record");
	assert_string_equal(areas_cell(&areas, 1, "comm"), "");
	assert_string_equal(areas_cell(&areas, 0, "color"), "red");
	assert_null(areas_cell(&areas, 0, "size"));
	assert_true(areas_number(&areas, 0, "cpu", &number));
	assert_int_equal(number, -1);
	assert_true(areas_chunks(&areas, 0, &chunks));
	assert_int_equal(chunks.nr[8], 2);
	assert_int_equal(chunks.nr[9], 1);
	assert_true(areas_is_of(&areas, 0, "intel_pt"));
	assert_false(areas_is_of(&areas, 0, "intel_p"));
	areas_clear(&areas);

	/* Any order of columns will do. */
	assert_int_equal(areas_parse(&areas, "pid pmu\n7 pt\n"), 0);
	assert_true(areas_is_of(&areas, 0, "pt"));
	assert_false(areas_number(&areas, 0, "cpu", &number));
	assert_false(areas_chunks(&areas, 0, &chunks));
	areas_clear(&areas);
}

static void names_are_decoded(void **state)
{
	static const struct {
		const char *text, *name;
	} names[] = {
		{ "a\\040b", "a b" }, { "\\134", "\\" }, { "\\134040", "\\040" },
		{ "\\033[31m", "\033[31m" }, { "\\303\\244", "\303\244" }, { "\\377", "\377" },
		/* What the kernel never writes stays as it is. */
		{ "\\000", "\\000" }, { "\\400", "\\400" }, { "\\08", "\\08" }, { "\\", "\\" },
		{ "\\1", "\\1" }, { "\\x41", "\\x41" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *text = xasprintf("comm pmu\n%s x\n", names[i].text);
		struct area_table areas;

		assert_int_equal(areas_parse(&areas, text), 0);
		assert_string_equal(areas_cell(&areas, 0, "comm"), names[i].name);
		areas_clear(&areas);
		free(text);
	}
}

static void rows_that_are_torn_are_left_out(void **state)
{
	static const char *const bad[] = {
		"pt 0 1 x 16 rw 0 0 1\n",			/* too short */
		"pt 0 1 x 16 rw 0 0 1 0:16 more\n",		/* too long */
		"pt 0 1 x  rw 0 0 1 0:16\n",			/* an empty number */
		"pt 0 1x x 16 rw 0 0 1 0:16\n",
		"pt 0 1 two words rw 0 0 1 0:16\n",
		"pt 0 99999999999999999999 x 16 rw 0 0 1 0:16\n",
		"pt 0 1 x 16 rw 0 0 1 0:16,\n",
		"pt 0 1 x 16 rw 0 0 1 0:\n",
		"pt 0 1 x 16 rw 0 0 1 :16\n",
		"pt 0 1 x 16 rw 0 0 1 25:1\n",
		"pt 0 1 x 16 rw 0 0 1 0:-1\n",
		"pt 0 1 x 16 rw 0 0 1 0:1 \n",
		"pt 0 1 x 16 rw 0 0 1 0:16",			/* its end is missing */
		"\033[2J\n",
		" \n",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *text = xasprintf(HEADING "\npt 0 1 x 16 rw 0 0 1 0:16\n%s", bad[i]);
		struct area_table areas;

		assert_int_equal(areas_parse(&areas, text), 0);
		assert_int_equal(areas.nr_rows, 1);
		assert_int_equal(areas.nr_garbage, 1);
		areas_clear(&areas);
		free(text);
	}
}

static void areas_without_a_heading_are_none(void **state)
{
	struct area_table areas;

	assert_int_equal(areas_parse(&areas, ""), -EINVAL);
	assert_int_equal(areas_parse(&areas, "\n\n"), -EINVAL);
	assert_int_equal(areas_parse(&areas, "cpu pid\n0 1\n"), -EINVAL);
	assert_int_equal(areas_parse(&areas, "pmu  cpu\n"), -EINVAL);
	assert_int_equal(areas_parse(&areas, "pmu cpu"), -EINVAL);
	assert_int_equal(areas_parse(&areas, "pmu cpu\n"), 0);
	assert_int_equal(areas.nr_rows, 0);
	areas_clear(&areas);
}

/* "pmu c c c ...\n", with @n columns. */
static char *wide_heading(size_t n)
{
	char *text = xcalloc(n, 2 + strlen("pmu")), *p = stpcpy(text, "pmu");

	while (--n)
		p = stpcpy(p, " c");
	strcpy(p, "\n");
	return text;
}

static void a_heading_has_at_most_64_columns(void **state)
{
	for (size_t n = 63; n < 67; n++) {
		char *text = wide_heading(n);
		struct area_table areas;

		assert_int_equal(areas_parse(&areas, text), n <= 64 ? 0 : -EINVAL);
		assert_int_equal(areas.nr_columns, n <= 64 ? n : 0);
		areas_clear(&areas);
		free(text);
	}
}

static void why_they_are_missing_is_said(void **state)
{
	char *dir = tree_new();
	struct stats stats;
	struct kroot root;

	assert_int_equal(kroot_open(&root, dir), 0);
	assert_non_null(strstr(stats_missing(&root), "CONFIG_PERF_AUX_STATS"));
	tree_file(dir, "/sys/kernel/debug/perf_aux/pt/stats", "area_live 1\n");
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
		cmocka_unit_test(a_name_counts_once),
		cmocka_unit_test(failures_are_the_sum_of_all_causes),
		cmocka_unit_test(chunks_are_read_by_order),
		cmocka_unit_test(areas_are_read_by_their_heading),
		cmocka_unit_test(names_are_decoded),
		cmocka_unit_test(rows_that_are_torn_are_left_out),
		cmocka_unit_test(areas_without_a_heading_are_none),
		cmocka_unit_test(a_heading_has_at_most_64_columns),
		cmocka_unit_test(why_they_are_missing_is_said),
	};

	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
