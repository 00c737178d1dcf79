// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>

#include "tree.h"
#include "column.h"
#include "policy.h"

static const struct column_set *const sets[] = {
	&pmu_columns, &change_columns, &order_columns, &area_columns,
};

static void names_and_keys_are_unique_and_of_one_form(void **state)
{
	for (size_t s = 0; s < sizeof(sets) / sizeof(sets[0]); s++) {
		for (size_t i = 0; i < sets[s]->nr; i++) {
			const struct column *column = &sets[s]->columns[i];

			assert_non_null(column->help);
			for (const char *p = column->key; *p; p++)
				assert_true(islower(*p) || *p == '_');
			for (const char *p = column->name; *p; p++)
				assert_true(isupper(*p) || *p == '-' || *p == '%');
			for (size_t j = 0; j < i; j++) {
				assert_string_not_equal(column->name, sets[s]->columns[j].name);
				assert_string_not_equal(column->key, sets[s]->columns[j].key);
			}
		}
	}
}

static void getters_keep_to_the_type_they_declare(void **state)
{
	struct policy_change change = { .pmu = (char *)"x", .before = -1, .want = -1,
					.after = -1 };
	struct machine machine = { .page_size = 4096 };
	struct pmu pmu = { .name = (char *)"x", .dir = (char *)"/x", .type = -1, .order = -1,
			   .default_order = -1, .kind = { KIND_NONE, "why" } };
	int order = 0;
	size_t area = 0;
	const void *rows[] = { &pmu, &change, &order, &area };

	machine.root.prefix = (char *)"";
	assert_int_equal(areas_parse(&machine.areas, "pmu pid comm pages age_ms chunks\n"
				     "x 1 y 9223372036854775807 1 0:1\n"), 0);
	for (size_t s = 0; s < sizeof(sets) / sizeof(sets[0]); s++) {
		for (size_t i = 0; i < sets[s]->nr; i++) {
			struct value value = { 0 };

			sets[s]->columns[i].get(&machine, rows[s], &value);
			assert_true(value.type == VALUE_NONE ||
				    value.type == sets[s]->columns[i].type);
			value_clear(&value);
		}
	}
	areas_clear(&machine.areas);
}

static void chunks_are_drawn_by_the_memory_in_them(void **state)
{
	static const struct {
		struct chunks chunks;
		const char *utf8, *ascii, *words;
	} cases[] = {
		{ { 0 }, "", "", "-" },
		{ { 3, { 0 } }, "...", "...", "-" },
		{ { 3, { 0, 0, 5 } }, "..\xe2\x96\x88", "..9", "5 x 16K" },
		{ { 3, { 4, 0, 1 } }, "\xe2\x96\x84.\xe2\x96\x84", "5.5", "1 x 16K, 4 x 4K" },
		/* Something is never drawn as nothing. */
		{ { 11, { 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } },
		  "\xe2\x96\x81.........\xe2\x96\x88", "1.........9", "1 x 4M, 1 x 4K" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *utf8 = chunks_text(&cases[i].chunks, true);
		char *ascii = chunks_text(&cases[i].chunks, false);
		char *words = chunks_words(&cases[i].chunks, 4096);

		assert_string_equal(utf8, cases[i].utf8);
		assert_string_equal(ascii, cases[i].ascii);
		assert_string_equal(words, cases[i].words);
		free(utf8);
		free(ascii);
		free(words);
	}
}

static void lists_of_names_are_taken(void **state)
{
	struct selection selection;
	char *why;

	assert_true(selection_parse(&selection, &pmu_columns, "order,PMU", true, &why));
	assert_int_equal(selection.nr, 2);
	assert_string_equal(selection.columns[0]->name, "ORDER");
	assert_string_equal(selection.columns[1]->name, "PMU");
	selection_clear(&selection);
	/* JSON keys do as well. */
	assert_true(selection_parse(&selection, &pmu_columns, "chunk_kib", true, &why));
	assert_string_equal(selection.columns[0]->name, "KIB");
	selection_clear(&selection);
}

static void a_plus_adds_to_the_common_ones(void **state)
{
	struct selection common, selection;
	char *why;

	selection_common(&common, &pmu_columns, false, true);
	assert_true(selection_parse(&selection, &pmu_columns, "+reason", true, &why));
	assert_int_equal(selection.nr, common.nr + 1);
	assert_string_equal(selection.columns[common.nr]->name, "REASON");
	selection_clear(&selection);
	selection_clear(&common);
}

static void unknown_names_are_refused_with_the_known_ones(void **state)
{
	static const char *const bad[] = { "", ",", "PMU,", "nope", "PMU ORDER", "+", "\033[2J" };
	struct selection selection;
	char *why;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(selection_parse(&selection, &pmu_columns, bad[i], true, &why));
		assert_non_null(strstr(why, "ORDER"));
		assert_null(strchr(why, '\033'));
		assert_int_equal(selection.nr, 0);
		free(why);
	}
}

static void statistics_columns_go_with_the_statistics(void **state)
{
	struct selection selection;

	selection_common(&selection, &pmu_columns, true, false);
	for (size_t i = 0; i < selection.nr; i++)
		assert_false(selection.columns[i]->stats);
	selection_clear(&selection);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_keys_are_unique_and_of_one_form),
		cmocka_unit_test(getters_keep_to_the_type_they_declare),
		cmocka_unit_test(chunks_are_drawn_by_the_memory_in_them),
		cmocka_unit_test(lists_of_names_are_taken),
		cmocka_unit_test(a_plus_adds_to_the_common_ones),
		cmocka_unit_test(unknown_names_are_refused_with_the_known_ones),
		cmocka_unit_test(statistics_columns_go_with_the_statistics),
	};

	return cmocka_run_group_tests_name("column", tests, NULL, NULL);
}
