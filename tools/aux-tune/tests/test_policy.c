// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tree.h"
#include "policy.h"
#include "xalloc.h"

struct fixture {
	char *dir;
	struct machine machine;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->dir = tree_new();
	tree_file(f->dir, "/proc/buddyinfo", BUDDY_LINE);
	tree_pmu(f->dir, "must", "8\n", "10\n", 0444);
	tree_pmu(f->dir, "pt", "9\n", "3\n", 0644);
	tree_pmu(f->dir, "broken", "10\n", "x\n", 0644);
	tree_pmu(f->dir, "software", "1\n", NULL, 0);
	tree_open(&f->machine, f->dir);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	machine_close(&f->machine);
	tree_remove(f->dir);
	free(f);
	return 0;
}

static void plan(struct fixture *f, const char *name, int want, bool readonly,
		 struct policy_change *change)
{
	policy_plan(&f->machine, pmu_list_find(&f->machine.pmus, name), want, readonly, change);
}

static void assert_order(struct fixture *f, const char *name, const char *text)
{
	char *order = tree_order(f->dir, name);

	assert_string_equal(order, text);
	free(order);
}

static void a_plan_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct policy_change change;

	plan(f, "pt", 5, false, &change);
	assert_int_equal(change.state, POLICY_PLANNED);
	assert_int_equal(change.before, 3);
	assert_int_equal(change.want, 5);
	assert_order(f, "pt", "3\n");
	assert_non_null(strstr(change.command, "echo 5 > "));
	assert_non_null(strstr(change.command, PMU_DEVICES "/pt/aux_max_order"));
	policy_change_clear(&change);
}

static void a_range_without_end_has_a_beginning(void **state)
{
	struct fixture *f = *state;
	struct policy_change change;

	plan(f, "pt", -1, false, &change);
	assert_int_equal(change.state, POLICY_REFUSED);
	assert_string_equal(change.reason, "order -1 is out of range: 0 to 10");
	policy_change_clear(&change);

	f->machine.max_order = ORDER_UNKNOWN;
	plan(f, "pt", -1, false, &change);
	assert_int_equal(change.state, POLICY_REFUSED);
	assert_string_equal(change.reason, "order -1 is out of range: 0 or more");
	policy_change_clear(&change);
}

static void what_is_applied_is_read_back(void **state)
{
	struct fixture *f = *state;
	struct policy_change change;

	plan(f, "pt", 10, false, &change);
	assert_true(policy_apply(&f->machine, &change));
	assert_int_equal(change.state, POLICY_DONE);
	assert_int_equal(change.after, 10);
	assert_order(f, "pt", "10\n");
	assert_int_equal(pmu_list_find(&f->machine.pmus, "pt")->order, 10);
	policy_change_clear(&change);
}

static void the_wanted_order_is_not_written_again(void **state)
{
	struct fixture *f = *state;
	struct policy_change change;

	plan(f, "pt", 3, true, &change);
	assert_int_equal(change.state, POLICY_UNCHANGED);
	assert_true(policy_apply(&f->machine, &change));
	policy_change_clear(&change);
}

static void default_is_what_registration_set(void **state)
{
	struct fixture *f = *state;
	struct policy_change change;

	plan(f, "pt", POLICY_DEFAULT, false, &change);
	assert_true(policy_apply(&f->machine, &change));
	assert_order(f, "pt", "0\n");
	policy_change_clear(&change);
	/* A read-only PMU always has its default. */
	plan(f, "must", POLICY_DEFAULT, false, &change);
	assert_int_equal(change.state, POLICY_UNCHANGED);
	policy_change_clear(&change);
	/* An unreadable value is no reason not to set one. */
	plan(f, "broken", POLICY_DEFAULT, false, &change);
	assert_true(policy_apply(&f->machine, &change));
	assert_order(f, "broken", "0\n");
	policy_change_clear(&change);
}

static void assert_refused(struct fixture *f, const char *name, int want, bool readonly,
			   enum exit_status status, const char *reason)
{
	struct policy_change change;

	plan(f, name, want, readonly, &change);
	assert_int_equal(change.state, POLICY_REFUSED);
	assert_int_equal(change.status, status);
	assert_non_null(strstr(change.reason, reason));
	/* Applying it all the same does nothing. */
	assert_false(policy_apply(&f->machine, &change));
	policy_change_clear(&change);
}

static void refusals_have_status_and_reason(void **state)
{
	struct fixture *f = *state;

	assert_refused(f, "must", 2, false, STATUS_REFUSED, "read-only");
	assert_refused(f, "software", 2, false, STATUS_REFUSED, "no AUX area");
	assert_refused(f, "pt", 11, false, STATUS_REFUSED, "0 to 10");
	assert_refused(f, "pt", -1, false, STATUS_REFUSED, "0 to 10");
	assert_refused(f, "pt", 1, true, STATUS_REFUSED, "--readonly");
	/* Root could write to this file: the mode is the kernel's word, not a suggestion. */
	assert_order(f, "must", "10\n");
	assert_order(f, "pt", "3\n");
}

static void a_kernel_without_the_attribute_refuses_all(void **state)
{
	struct policy_change change;
	struct machine machine;
	char *dir = tree_new();

	tree_pmu(dir, "intel_pt", "9\n", NULL, 0);
	tree_open(&machine, dir);
	policy_plan(&machine, &machine.pmus.pmus[0], 1, false, &change);
	assert_int_equal(change.status, STATUS_NO_ATTRIBUTE);
	policy_change_clear(&change);
	machine_close(&machine);
	tree_remove(dir);
}

static void a_pmu_that_went_away_is_told(void **state)
{
	struct fixture *f = *state;
	char *path = xasprintf("%s" PMU_DEVICES "/pt/aux_max_order", f->dir);
	struct policy_change change;

	plan(f, "pt", 5, false, &change);
	assert_int_equal(unlink(path), 0);
	assert_false(policy_apply(&f->machine, &change));
	assert_int_equal(change.state, POLICY_FAILED);
	assert_int_equal(change.status, STATUS_NO_PMU);
	policy_change_clear(&change);
	free(path);
}

static void missing_permission_says_how_to_get_it(void **state)
{
	struct fixture *f = *state;
	char *path = xasprintf("%s" PMU_DEVICES "/pt/aux_max_order", f->dir);
	uid_t uid = geteuid();
	struct policy_change change;

	/* Writable for somebody, so not NO_SG; but not for this user. */
	assert_int_equal(chmod(path, uid ? 0464 : 0604), 0);
	assert_int_equal(chmod(f->dir, 0755), 0);
	if (!uid)
		assert_int_equal(seteuid(65534), 0);
	plan(f, "pt", 5, false, &change);
	assert_int_equal(change.state, POLICY_REFUSED);
	assert_int_equal(change.status, STATUS_NO_PERMISSION);
	assert_non_null(strstr(change.reason, "sudo"));
	assert_int_equal(seteuid(uid), 0);
	policy_change_clear(&change);
	free(path);
}

static void commands_are_safe_to_paste(void **state)
{
	struct fixture *f = *state;
	struct policy_change change;

	tree_pmu(f->dir, "a b;$(id)'", "9\n", "0\n", 0644);
	machine_read_pmus(&f->machine);
	plan(f, "a b;$(id)'", 1, false, &change);
	assert_non_null(strstr(change.command, "/a b;$(id)'\\''/aux_max_order'"));
	policy_change_clear(&change);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_plan_changes_nothing),
		T(what_is_applied_is_read_back),
		T(the_wanted_order_is_not_written_again),
		T(default_is_what_registration_set),
		T(refusals_have_status_and_reason),
		T(a_kernel_without_the_attribute_refuses_all),
		T(a_pmu_that_went_away_is_told),
		T(missing_permission_says_how_to_get_it),
		T(a_range_without_end_has_a_beginning),
		T(commands_are_safe_to_paste),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
