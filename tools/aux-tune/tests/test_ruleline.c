// SPDX-License-Identifier: GPL-2.0-only
/* The lines we write, and what happens to those of others. */
#include <fnmatch.h>

#include "tree.h"
#include "effect.h"
#include "order.h"
#include "ruleline.h"
#include "xalloc.h"

#define OURS(pmu, n) \
	"ACTION==\"add|change\", SUBSYSTEM==\"event_source\", KERNEL==\"" pmu "\", " \
	"TEST==\"aux_max_order\", ATTR{aux_max_order}=\"" #n "\"\n"
#define HAND	"# mine\n\nKERNEL==\"sda\", \\\n  MODE=\"0600\"\n"

static void a_line_is_what_udev_7_says(void **state)
{
	const char *why;
	char *line = ruleline_make("intel_pt", 9, &why);

	assert_string_equal(line, "ACTION==\"add|change\", SUBSYSTEM==\"event_source\", "
			    "KERNEL==\"intel_pt\", TEST==\"aux_max_order\", "
			    "ATTR{aux_max_order}=\"9\"");
	free(line);
}

/* What the line does to @other. */
static bool affects(const char *line, const char *other)
{
	struct effects effects;
	struct rules rules;
	bool any;

	rules_parse(&rules, line);
	assert_int_equal(rules.nr, 1);
	assert_int_equal(rules.rules[0].kind, RULE_TOKENS);
	assert_int_equal(rules.rules[0].nr, 5);
	effects_find(&effects, &rules, other);
	any = effects.nr;
	if (any) {
		assert_int_equal(effects.effects[0].verdict, RULE_YES);
		assert_int_equal(effects.effects[0].order, 3);
	}
	effects_clear(&effects);
	rules_clear(&rules);
	return any;
}

static void any_name_matches_itself_and_nothing_else(void **state)
{
	static const char *const names[] = {
		"intel_pt", "*", "?", "[", "]", "a[b]c", "[!a]", "[^a]", "*\"?", "a\"b", "\"",
		"\", RUN+=\"/bin/sh", "a!b", "!", "a b", " ", ",", "#x", "$kernel", "%k", "a=b",
		"{x}", "e\"", "i\"x\"", "'", "`id`", "$(id)", "\xc3\xa4", "-", "--", ".", "a,b",
		"pmu_*", "x]", "[[]", "=", "add", "a\"b*c",
	};
	const size_t nr = sizeof(names) / sizeof(names[0]);

	for (size_t i = 0; i < nr; i++) {
		const char *why;
		char *line = ruleline_make(names[i], 3, &why);

		assert_non_null(line);
		assert_null(strchr(line, '\n'));
		for (size_t j = 0; j < nr; j++)
			assert_int_equal(affects(line, names[j]), i == j);
		assert_false(affects(line, "intel_bts"));
		free(line);
	}
}

static void a_name_that_cannot_be_written_is_refused(void **state)
{
	static const char *const names[] = {
		"", "a\nb", "a\rb", "a|b", "a\\", "\\\"", "\x1b[2J", "bad\xff", "bidi\xe2\x80\xae",
		"\x7f", "tab\t",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *why;
		char *problem;

		assert_null(ruleline_make(names[i], 3, &why));
		assert_non_null(why);
		assert_null(ruleline_edit("", names[i], 3, &problem));
		assert_string_equal(problem, why);
		free(problem);
	}
}

static void assert_edit(const char *before, const char *pmu, int order, const char *after)
{
	char *why, *text = ruleline_edit(before, pmu, order, &why), *again;

	assert_non_null(text);
	assert_string_equal(text, after);
	/* Once more changes nothing. */
	again = ruleline_edit(text, pmu, order, &why);
	assert_string_equal(again, text);
	free(again);
	free(text);
}

static void lines_are_added_changed_and_taken_out(void **state)
{
	assert_edit("", "a", 3, OURS("a", 3));
	assert_edit(OURS("a", 3), "a", 5, OURS("a", 5));
	assert_edit(OURS("a", 3) OURS("b", 4), "a", 5, OURS("a", 5) OURS("b", 4));
	assert_edit(OURS("a", 3) OURS("b", 4), "a", ORDER_UNKNOWN, OURS("b", 4));
	assert_edit(OURS("a", 3), "c", ORDER_UNKNOWN, OURS("a", 3));
	/* Twice in there is once too often. */
	assert_edit(OURS("a", 3) OURS("b", 4) OURS("a", 4), "a", 5, OURS("b", 4) OURS("a", 5));
	assert_edit(OURS("a", 3) OURS("b", 4) OURS("a", 4), "a", ORDER_UNKNOWN, OURS("b", 4));
	assert_edit("\n" OURS("[*]", 3), "*", 4, "\n" OURS("[*]", 4));
}

static void a_new_file_says_where_it_comes_from(void **state)
{
	char *why, *text = ruleline_edit(NULL, "a", 3, &why), *empty;

	assert_non_null(strstr(text, "aux-tune(8)"));
	assert_non_null(strstr(text, "\n" OURS("a", 3)));
	assert_false(ruleline_empty(text));
	empty = ruleline_edit(text, "a", ORDER_UNKNOWN, &why);
	assert_true(ruleline_empty(empty));
	free(empty);
	free(text);
	assert_false(ruleline_empty("# mine\n"));
	assert_true(ruleline_empty(" \n"));
}

static void lines_of_others_stay_byte_for_byte(void **state)
{
	assert_edit(HAND, "a", 3, HAND OURS("a", 3));
	assert_edit(HAND OURS("a", 3) HAND, "a", 4, HAND OURS("a", 4) HAND);
	assert_edit(HAND OURS("a", 3) HAND, "a", ORDER_UNKNOWN, HAND HAND);
	assert_edit("#\tx  \r\n", "a", 3, "#\tx  \r\n" OURS("a", 3));
	assert_edit("nonsense \"\n", "a", 3, "nonsense \"\n" OURS("a", 3));
	/* Almost ours is not ours. */
	assert_edit(" " OURS("a", 3), "a", ORDER_UNKNOWN, " " OURS("a", 3));
	assert_edit("# " OURS("a", 3), "a", 3, "# " OURS("a", 3) OURS("a", 3));
}

static void a_last_line_without_newline_gets_one(void **state)
{
	assert_edit("# mine", "a", 3, "# mine\n" OURS("a", 3));
	assert_edit("KERNEL==\"b\", MODE=\"0600\"", "a", ORDER_UNKNOWN,
		    "KERNEL==\"b\", MODE=\"0600\"");
}

static void a_line_nobody_finished_does_not_swallow_ours(void **state)
{
	assert_edit("KERNEL==\"b\", \\\n", "a", 3, OURS("a", 3) "KERNEL==\"b\", \\\n");
	assert_edit("KERNEL==\"b\", \\", "a", 3, OURS("a", 3) "KERNEL==\"b\", \\");
	assert_edit("X==\"b\", \\\n# c\n", "a", 3, OURS("a", 3) "X==\"b\", \\\n# c\n");
}

#define BY_HAND(n) "SUBSYSTEM==\"event_source\", KERNEL==\"a\", ATTR{aux_max_order}=\"" #n "\"\n"

static void a_line_by_hand_is_not_duplicated(void **state)
{
	assert_edit(BY_HAND(3), "a", 3, BY_HAND(3));
	assert_edit("# x\nKERNEL==\"a*\", ATTR{aux_max_order}=\"3\"", "a", 3,
		    "# x\nKERNEL==\"a*\", ATTR{aux_max_order}=\"3\"");
	/* Ours has become one too many. */
	assert_edit(OURS("a", 3) BY_HAND(3), "a", 3, BY_HAND(3));
	/* One that may do it, or does it on other occasions, is not enough. */
	assert_edit("ENV{x}==\"1\", " BY_HAND(3), "a", 3, "ENV{x}==\"1\", " BY_HAND(3) OURS("a", 3));
	assert_edit("ACTION==\"change\", " BY_HAND(3), "a", 3,
		    "ACTION==\"change\", " BY_HAND(3) OURS("a", 3));
}

static void ours_comes_after_what_contradicts_it(void **state)
{
	assert_edit(BY_HAND(5), "a", 3, BY_HAND(5) OURS("a", 3));
	assert_edit(OURS("a", 4) BY_HAND(5), "a", 3, BY_HAND(5) OURS("a", 3));
	assert_edit(OURS("a", 3) "GOTO=\"x\"\n" BY_HAND(5) "LABEL=\"x\"\n", "a", 3,
		    OURS("a", 3) "GOTO=\"x\"\n" BY_HAND(5) "LABEL=\"x\"\n");
}

static void a_file_that_cannot_take_a_line_is_told(void **state)
{
	char *text = xcalloc(RULE_LINE_MAX + 100, 1), *why;

	memset(text, '#', RULE_LINE_MAX + 1);
	strcat(text, "\n");
	assert_null(ruleline_edit(text, "a", 3, &why));
	assert_non_null(strstr(why, "keeps udev from"));
	free(why);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_what_udev_7_says),
		cmocka_unit_test(any_name_matches_itself_and_nothing_else),
		cmocka_unit_test(a_name_that_cannot_be_written_is_refused),
		cmocka_unit_test(lines_are_added_changed_and_taken_out),
		cmocka_unit_test(a_new_file_says_where_it_comes_from),
		cmocka_unit_test(lines_of_others_stay_byte_for_byte),
		cmocka_unit_test(a_last_line_without_newline_gets_one),
		cmocka_unit_test(a_line_nobody_finished_does_not_swallow_ours),
		cmocka_unit_test(a_line_by_hand_is_not_duplicated),
		cmocka_unit_test(ours_comes_after_what_contradicts_it),
		cmocka_unit_test(a_file_that_cannot_take_a_line_is_told),
	};

	return cmocka_run_group_tests_name("ruleline", tests, NULL, NULL);
}
