// SPDX-License-Identifier: GPL-2.0-only
#include "tree.h"
#include "history.h"
#include "xalloc.h"

#define STATS	"/sys/kernel/debug/perf_aux/intel_pt/stats"

struct fixture {
	char *dir;
	struct machine machine;
	struct history *history;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->dir = tree_new();
	tree_file(f->dir, "/proc/buddyinfo", BUDDY_LINE);
	tree_pmu(f->dir, "intel_pt", "9\n", "3\n", 0644);
	tree_file(f->dir, STATS, "page_live 16\n");
	tree_open(&f->machine, f->dir);
	f->history = history_new(1000);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	history_free(f->history);
	machine_close(&f->machine);
	tree_remove(f->dir);
	free(f);
	return 0;
}

static void set_live(struct fixture *f, unsigned int pages)
{
	char *text = xasprintf("page_live %u\n", pages);

	tree_file(f->dir, STATS, text);
	machine_read_counters(&f->machine);
	free(text);
}

static void samples_are_a_period_apart(void **state)
{
	struct fixture *f = *state;

	history_add(f->history, &f->machine, 5000);
	history_add(f->history, &f->machine, 5100);
	history_add(f->history, &f->machine, 5850);
	assert_int_equal(history_samples(f->history), 1);
	/* A timer that is a little early is no reason to miss a second. */
	history_add(f->history, &f->machine, 5950);
	assert_int_equal(history_samples(f->history), 2);
}

static void no_period_is_shorter_than_a_second(void **state)
{
	struct history *history = history_new(100);

	assert_int_equal(history_period_ms(history), 1000);
	history_free(history);
	history = history_new(5000);
	assert_int_equal(history_period_ms(history), 5000);
	history_free(history);
}

static void the_last_sample_has_age_0(void **state)
{
	struct fixture *f = *state;
	size_t page = f->machine.page_size;

	history_add(f->history, &f->machine, 1000);
	set_live(f, 32);
	history_add(f->history, &f->machine, 2000);
	assert_int_equal(history_live(f->history, "intel_pt", 0), 32 * page);
	assert_int_equal(history_live(f->history, "intel_pt", 1), 16 * page);
	assert_int_equal(history_live(f->history, "intel_pt", 2), HISTORY_NONE);
	assert_int_equal(history_live(f->history, "intel_pt", -1), HISTORY_NONE);
	assert_int_equal(history_live(f->history, "no_such", 0), HISTORY_NONE);
	/* Two blocks of order 10, one of order 6. */
	assert_int_equal(history_free_from(f->history, 10, 0), 2 * 1024 * page);
	assert_int_equal(history_free_from(f->history, 6, 0), (2 * 1024 + 64) * page);
	assert_int_equal(history_free_from(f->history, 11, 0), HISTORY_NONE);
	assert_int_equal(history_free_from(f->history, 99, 0), HISTORY_NONE);
}

static void old_samples_make_room(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < HISTORY_MAX + 10; i++) {
		set_live(f, i);
		history_add(f->history, &f->machine, i * 1000);
	}
	assert_int_equal(history_samples(f->history), HISTORY_MAX);
	for (int age = 0; age < HISTORY_MAX; age++)
		assert_int_equal(history_live(f->history, "intel_pt", age),
				 (HISTORY_MAX + 9 - age) * f->machine.page_size);
	assert_int_equal(history_live(f->history, "intel_pt", HISTORY_MAX), HISTORY_NONE);
}

/* Before a PMU came, and while it is gone, nothing is known of it: that is not 0. */
static void what_is_not_there_is_not_known(void **state)
{
	struct fixture *f = *state;

	history_add(f->history, &f->machine, 1000);
	tree_pmu(f->dir, "arm_spe_0", "10\n", "0\n", 0644);
	tree_file(f->dir, "/sys/kernel/debug/perf_aux/arm_spe_0/stats", "page_live 1\n");
	machine_read_pmus(&f->machine);
	history_add(f->history, &f->machine, 2000);
	tree_file(f->dir, STATS, "area_live 1\n");
	machine_read_pmus(&f->machine);
	history_add(f->history, &f->machine, 3000);
	assert_int_equal(history_live(f->history, "arm_spe_0", 0), f->machine.page_size);
	assert_int_equal(history_live(f->history, "arm_spe_0", 2), HISTORY_NONE);
	assert_int_equal(history_live(f->history, "intel_pt", 0), HISTORY_NONE);
	assert_int_not_equal(history_live(f->history, "intel_pt", 1), HISTORY_NONE);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(samples_are_a_period_apart),
		T(no_period_is_shorter_than_a_second),
		T(the_last_sample_has_age_0),
		T(old_samples_make_room),
		T(what_is_not_there_is_not_known),
	};

	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
