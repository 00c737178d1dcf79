// SPDX-License-Identifier: GPL-2.0-only
#include "tree.h"
#include "undo.h"

static void changes_are_undone_last_first_and_redone(void **state)
{
	struct undo undo = { 0 };

	assert_null(undo_peek(&undo, false));
	assert_null(undo_peek(&undo, true));
	undo_record(&undo, "a", 0, 3);
	undo_record(&undo, "b", 1, 2);
	assert_string_equal(undo_peek(&undo, false)->pmu, "b");
	assert_null(undo_peek(&undo, true));
	undo_moved(&undo, false);
	assert_string_equal(undo_peek(&undo, false)->pmu, "a");
	assert_int_equal(undo_peek(&undo, false)->after, 3);
	assert_string_equal(undo_peek(&undo, true)->pmu, "b");
	undo_moved(&undo, false);
	assert_null(undo_peek(&undo, false));
	undo_moved(&undo, true);
	assert_string_equal(undo_peek(&undo, false)->pmu, "a");
	undo_clear(&undo);
	assert_null(undo_peek(&undo, true));
}

static void a_new_change_ends_what_could_be_redone(void **state)
{
	struct undo undo = { 0 };

	undo_record(&undo, "a", 0, 1);
	undo_record(&undo, "a", 1, 2);
	undo_moved(&undo, false);
	undo_record(&undo, "a", 1, 7);
	assert_null(undo_peek(&undo, true));
	assert_int_equal(undo_peek(&undo, false)->after, 7);
	undo_moved(&undo, false);
	assert_int_equal(undo_peek(&undo, false)->after, 1);
	undo_clear(&undo);
}

static void a_step_that_cannot_be_taken_does_not_bar_the_others(void **state)
{
	struct undo undo = { 0 };

	undo_record(&undo, "a", 0, 1);
	undo_record(&undo, "gone", 0, 2);
	undo_record(&undo, "c", 0, 3);
	undo_moved(&undo, false);
	undo_drop(&undo, false);
	assert_string_equal(undo_peek(&undo, false)->pmu, "a");
	assert_string_equal(undo_peek(&undo, true)->pmu, "c");
	undo_drop(&undo, true);
	assert_null(undo_peek(&undo, true));
	undo_drop(&undo, false);
	assert_null(undo_peek(&undo, false));
	undo_clear(&undo);
}

static void a_warning_is_forgotten_once_the_step_is_taken(void **state)
{
	struct undo undo = { 0 };

	undo_record(&undo, "a", 0, 1);
	undo_peek(&undo, false)->warned = 7;
	undo_moved(&undo, false);
	assert_int_equal(undo_peek(&undo, true)->warned, UNDO_UNWARNED);
	undo_moved(&undo, true);
	undo_peek(&undo, false)->warned = 7;
	undo_record(&undo, "b", 0, 1);
	undo_moved(&undo, false);
	assert_int_equal(undo_peek(&undo, false)->warned, UNDO_UNWARNED);
	undo_clear(&undo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_are_undone_last_first_and_redone),
		cmocka_unit_test(a_new_change_ends_what_could_be_redone),
		cmocka_unit_test(a_step_that_cannot_be_taken_does_not_bar_the_others),
		cmocka_unit_test(a_warning_is_forgotten_once_the_step_is_taken),
	};

	return cmocka_run_group_tests_name("undo", tests, NULL, NULL);
}
