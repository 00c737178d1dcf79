// SPDX-License-Identifier: GPL-2.0-only
#include <sys/stat.h>
#include <unistd.h>

#include "tree.h"
#include "rows.h"
#include "xalloc.h"

#define AREAS	"/sys/kernel/debug/perf_aux/areas"
#define HEADING	"pmu cpu pid comm pages mode max_order node age_ms chunks\n"

struct fixture {
	char *dir;
	struct machine machine;
	struct rows rows;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->dir = tree_new();
	tree_file(f->dir, "/proc/buddyinfo", BUDDY_LINE);
	tree_file(f->dir, AREAS, HEADING);
	tree_pmu(f->dir, "b", "9\n", "3\n", 0644);
	tree_pmu(f->dir, "a10", "9\n", "3\n", 0644);
	tree_pmu(f->dir, "a9", "9\n", "3\n", 0644);
	tree_pmu(f->dir, "cpu", "4\n", NULL, 0);
	tree_open(&f->machine, f->dir);
	rows_build(&f->rows, &f->machine, false, 0);
	f->rows.started = true;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	rows_clear(&f->rows);
	machine_close(&f->machine);
	tree_remove(f->dir);
	free(f);
	return 0;
}

static void unplug(struct fixture *f, const char *name)
{
	static const char *const files[] = { "/aux_max_order", "/type", "" };

	for (size_t i = 0; i < 3; i++) {
		char *path = xasprintf("%s" PMU_DEVICES "/%s%s", f->dir, name, files[i]);

		assert_int_equal(remove(path), 0);
		free(path);
	}
	machine_read_pmus(&f->machine);
}

static void plug(struct fixture *f, const char *name)
{
	tree_pmu(f->dir, name, "9\n", "0\n", 0644);
	machine_read_pmus(&f->machine);
}

static void rows_are_the_pmus_with_an_order_by_name(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(f->rows.nr, 3);
	assert_string_equal(f->rows.rows[0].name, "a9");
	assert_string_equal(f->rows.rows[1].name, "a10");
	assert_null(rows_find(&f->rows, "cpu"));
	for (int i = 0; i < 3; i++)
		assert_ptr_equal(rows_find(&f->rows, f->rows.rows[i].name), &f->rows.rows[i]);
	rows_build(&f->rows, &f->machine, true, 0);
	assert_non_null(rows_find(&f->rows, "cpu"));
}

/* udev tells of them one after the other; the sentence is about all of them. */
static void news_name_all_that_came_or_went(void **state)
{
	struct fixture *f = *state;
	char *news;

	assert_false(rows_build(&f->rows, &f->machine, false, 500));
	assert_null(rows_news(&f->rows, 500));
	plug(f, "x1");
	assert_true(rows_build(&f->rows, &f->machine, false, 1000));
	plug(f, "x2");
	assert_true(rows_build(&f->rows, &f->machine, false, 1100));
	plug(f, "x3");
	assert_true(rows_build(&f->rows, &f->machine, false, 1200));
	unplug(f, "b");
	assert_true(rows_build(&f->rows, &f->machine, false, 1300));
	assert_false(rows_build(&f->rows, &f->machine, false, 1400));
	news = rows_news(&f->rows, 1400);
	assert_string_equal(news, "x1, x2 and x3 have appeared; b has gone away");
	free(news);
	/* Not for ever. */
	rows_tick(&f->rows, &f->machine, NULL, 10000);
	assert_null(rows_news(&f->rows, 10000));
	assert_int_equal(rows_find(&f->rows, "x1")->mark, MARK_NONE);
	assert_null(rows_find(&f->rows, "b"));
}

static void many_news_are_counted(void **state)
{
	struct fixture *f = *state;
	char *news;

	for (int i = 0; i < 20; i++) {
		char name[16];

		snprintf(name, sizeof(name), "x%d", i);
		plug(f, name);
	}
	rows_build(&f->rows, &f->machine, false, 0);
	news = rows_news(&f->rows, 0);
	assert_string_equal(news, "x0, x1, x2, x3, x4, x5 and 14 more have appeared");
	free(news);
}

static void the_selected_row_outlives_its_pmu(void **state)
{
	struct fixture *f = *state;

	unplug(f, "b");
	rows_build(&f->rows, &f->machine, false, 0);
	rows_tick(&f->rows, &f->machine, "b", 100000);
	assert_int_equal(rows_find(&f->rows, "b")->mark, MARK_GONE);
	rows_tick(&f->rows, &f->machine, "a9", 100001);
	assert_null(rows_find(&f->rows, "b"));
	/* One that comes back is new, not gone. */
	plug(f, "b");
	rows_build(&f->rows, &f->machine, false, 100002);
	assert_int_equal(rows_find(&f->rows, "b")->mark, MARK_NEW);
}

static void a_row_stays_while_areas_of_it_are_mapped(void **state)
{
	struct fixture *f = *state;

	tree_file(f->dir, AREAS, HEADING "b 0 1 x 16 rw 0 0 3 0:16\nold 0 1 x 16 rw 0 0 3 0:16\n");
	unplug(f, "b");
	rows_build(&f->rows, &f->machine, false, 0);
	rows_tick(&f->rows, &f->machine, NULL, 100000);
	assert_int_equal(rows_find(&f->rows, "b")->mark, MARK_GONE);
	/* It went before the tool was started. */
	assert_int_equal(rows_find(&f->rows, "old")->mark, MARK_GONE);
	tree_file(f->dir, AREAS, HEADING);
	machine_read_counters(&f->machine);
	rows_tick(&f->rows, &f->machine, NULL, 100001);
	assert_null(rows_find(&f->rows, "b"));
	assert_null(rows_find(&f->rows, "old"));
}

static void failures_and_fallbacks_are_marked(void **state)
{
	struct fixture *f = *state;

	tree_file(f->dir, "/sys/kernel/debug/perf_aux/b/stats", "chunk_fallback 3\n");
	machine_read_counters(&f->machine);
	rows_tick(&f->rows, &f->machine, NULL, 1000);
	assert_int_equal(rows_find(&f->rows, "b")->mark, MARK_TROUBLE);
	rows_tick(&f->rows, &f->machine, NULL, 9000);
	assert_int_equal(rows_find(&f->rows, "b")->mark, MARK_NONE);
	tree_file(f->dir, "/sys/kernel/debug/perf_aux/b/stats",
		  "chunk_fallback 3\narea_fail_setup 1\n");
	machine_read_counters(&f->machine);
	rows_tick(&f->rows, &f->machine, NULL, 10000);
	assert_int_equal(rows_find(&f->rows, "b")->mark, MARK_TROUBLE);
}

static void what_counted_before_is_no_trouble_now(void **state)
{
	struct fixture *f = *state;

	tree_file(f->dir, "/sys/kernel/debug/perf_aux/b/stats", "chunk_fallback 3\n");
	machine_read_pmus(&f->machine);
	rows_build(&f->rows, &f->machine, false, 0);
	rows_tick(&f->rows, &f->machine, NULL, 1);
	assert_int_equal(rows_find(&f->rows, "b")->mark, MARK_NONE);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(rows_are_the_pmus_with_an_order_by_name),
		T(news_name_all_that_came_or_went),
		T(many_news_are_counted),
		T(the_selected_row_outlives_its_pmu),
		T(a_row_stays_while_areas_of_it_are_mapped),
		T(failures_and_fallbacks_are_marked),
		T(what_counted_before_is_no_trouble_now),
	};

	return cmocka_run_group_tests_name("rows", tests, NULL, NULL);
}
