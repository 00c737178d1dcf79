// SPDX-License-Identifier: GPL-2.0-only
/* Changes others make to a captured tree arrive without a rescan by timer. */
#include <sys/stat.h>
#include <unistd.h>

#include "tree.h"
#include "follow.h"
#include "xalloc.h"

/* So long that nothing in these tests can be due to the timer. */
#define NEVER_MS	3600000

struct fixture {
	char *dir;
	struct machine machine;
	struct loop *loop;
	struct follow *follow;
	int pmus, orders, ticks, calls;
	int before, after;
	char *wait_for;		/* PMU whose appearance or change ends the loop */
	bool gone;		/* ... whose absence does */
	const char *sneak_in;	/* written after the scan, before the watch */
	const char *replace;	/* written with the first tick, in place of what is no file */
};

static void on_pmus(void *arg)
{
	struct fixture *f = arg;

	f->pmus++;
	if (f->sneak_in)
		tree_file(f->dir, PMU_DEVICES "/pt/aux_max_order", f->sneak_in);
	if (f->wait_for && !pmu_list_find(&f->machine.pmus, f->wait_for) == f->gone)
		loop_quit(f->loop);
}

static void on_order(void *arg, struct pmu *pmu, int before)
{
	struct fixture *f = arg;

	f->calls++;
	if (pmu->order == before)
		return;
	f->orders++;
	f->before = before;
	f->after = pmu->order;
	loop_quit(f->loop);
}

static void on_tick(void *arg)
{
	struct fixture *f = arg;

	f->ticks++;
	if (f->replace && f->ticks == 1) {
		char *file = xasprintf("%s" PMU_DEVICES "/pt/aux_max_order", f->dir);

		assert_int_equal(f->calls, 0);
		assert_int_equal(remove(file), 0);
		free(file);
		tree_file(f->dir, PMU_DEVICES "/pt/aux_max_order", f->replace);
		return;
	}
	loop_quit(f->loop);
}

static const struct follow_ops ops = { on_pmus, on_order, on_tick };

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->dir = tree_new();
	tree_file(f->dir, "/proc/buddyinfo", BUDDY_LINE);
	tree_pmu(f->dir, "pt", "9\n", "3\n", 0644);
	tree_open(&f->machine, f->dir);
	f->loop = loop_new();
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	follow_free(f->follow);
	loop_free(f->loop);
	machine_close(&f->machine);
	tree_remove(f->dir);
	free(f);
	return 0;
}

static void start(struct fixture *f, unsigned int interval_ms)
{
	/* A test that waits in vain must end. */
	alarm(240);
	f->follow = follow_new(&f->machine, f->loop, interval_ms, &ops, f);
	assert_non_null(f->follow);
	assert_int_equal(f->pmus, 1);
}

static void a_write_by_somebody_else_arrives(void **state)
{
	struct fixture *f = *state;

	start(f, NEVER_MS);
	tree_file(f->dir, PMU_DEVICES "/pt/aux_max_order", "7\n");
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->orders, 1);
	assert_int_equal(f->before, 3);
	assert_int_equal(f->after, 7);
	assert_int_equal(f->ticks, 0);
}

static void a_new_pmu_arrives(void **state)
{
	struct fixture *f = *state;

	tree_pmu(f->dir, "../../../../later", "9\n", "1\n", 0644);
	start(f, NEVER_MS);
	f->wait_for = (char *)"later";
	{
		char *from = xasprintf("%s/later", f->dir);
		char *to = xasprintf("%s" PMU_DEVICES "/later", f->dir);

		assert_int_equal(rename(from, to), 0);
		free(from);
		free(to);
	}
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(pmu_list_find(&f->machine.pmus, "later")->order, 1);
	assert_int_equal(f->ticks, 0);
}

static void a_vanished_pmu_is_noticed(void **state)
{
	struct fixture *f = *state;
	char *from = xasprintf("%s" PMU_DEVICES "/pt", f->dir);
	char *to = xasprintf("%s/away", f->dir);

	start(f, NEVER_MS);
	f->wait_for = (char *)"pt";
	f->gone = true;
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->machine.pmus.nr, 0);
	free(from);
	free(to);
}

static void counters_come_with_the_timer(void **state)
{
	struct fixture *f = *state;

	start(f, 10);
	tree_file(f->dir, "/proc/buddyinfo", "Node 0, zone DMA 7 0\n");
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->ticks, 1);
	assert_int_equal(f->machine.buddy.free[0], 7);
}

/* Such as those of a live system with more PMUs than are watched: each call draws the screen. */
static void what_cannot_be_watched_is_told_of_when_it_changes(void **state)
{
	struct fixture *f = *state;
	char *file = xasprintf("%s" PMU_DEVICES "/pt/aux_max_order", f->dir);

	assert_int_equal(remove(file), 0);
	assert_int_equal(mkfifo(file, 0644), 0);
	start(f, 10);
	free(file);
	f->replace = "5\n";
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->calls, 1);
	assert_int_equal(f->after, 5);
}

static void a_write_between_scan_and_watch_is_not_lost(void **state)
{
	struct fixture *f = *state;

	f->sneak_in = "5\n";
	start(f, NEVER_MS);
	assert_int_equal(f->orders, 1);
	assert_int_equal(f->before, 3);
	assert_int_equal(pmu_list_find(&f->machine.pmus, "pt")->order, 5);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_write_by_somebody_else_arrives),
		T(a_new_pmu_arrives),
		T(a_vanished_pmu_is_noticed),
		T(counters_come_with_the_timer),
		T(what_cannot_be_watched_is_told_of_when_it_changes),
		T(a_write_between_scan_and_watch_is_not_lost),
	};

	return cmocka_run_group_tests_name("follow", tests, NULL, NULL);
}
