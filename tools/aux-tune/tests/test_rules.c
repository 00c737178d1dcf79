// SPDX-License-Identifier: GPL-2.0-only
/* Reading rules files, and what the rules mean for a PMU. */
#include "tree.h"
#include "effect.h"
#include "order.h"
#include "rules.h"
#include "xalloc.h"

#define PT	"SUBSYSTEM==\"event_source\", KERNEL==\"intel_pt\", "
#define SET(n)	"ATTR{aux_max_order}=\"" #n "\"\n"

static void assert_token(const struct rule_token *token, const char *key, const char *attribute,
			 enum rule_op op, const char *value)
{
	assert_string_equal(token->key, key);
	if (attribute)
		assert_string_equal(token->attribute, attribute);
	else
		assert_null(token->attribute);
	assert_int_equal(token->op, op);
	assert_string_equal(token->value, value);
}

static void tokens_are_those_of_udev(void **state)
{
	struct rules rules;
	const struct rule *rule;

	rules_parse(&rules, " ,KERNEL == \"a\\\"b\\c\",ENV{x}!=e\"t\\tq\\x41\\101\"\t, GOTO=\"end\" "
			    "ATTR{s}:=\"\", TAG+=\"t\", OPTIONS-=\"o\",TEST{0644}==i\"F\"\n");
	assert_int_equal(rules.nr, 1);
	rule = &rules.rules[0];
	assert_int_equal(rule->kind, RULE_TOKENS);
	assert_int_equal(rule->nr, 7);
	assert_token(&rule->tokens[0], "KERNEL", NULL, RULE_OP_MATCH, "a\"b\\c");
	assert_token(&rule->tokens[1], "ENV", "x", RULE_OP_NOMATCH, "t\tqAA");
	assert_token(&rule->tokens[2], "GOTO", NULL, RULE_OP_ASSIGN, "end");
	assert_token(&rule->tokens[3], "ATTR", "s", RULE_OP_ASSIGN_FINAL, "");
	assert_token(&rule->tokens[4], "TAG", NULL, RULE_OP_ADD, "t");
	assert_token(&rule->tokens[5], "OPTIONS", NULL, RULE_OP_REMOVE, "o");
	assert_token(&rule->tokens[6], "TEST", "0644", RULE_OP_MATCH, "F");
	assert_true(rule->tokens[6].any_case);
	rules_clear(&rules);
}

static void every_byte_is_in_one_rule(void **state)
{
	static const char *const texts[] = {
		"", "\n", "a", "# c\n\n  \nKERNEL==\"x\"\n", "A==\"b\", \\\n# between\n  C==\"d\"\n",
		"A==\"b\\\n", "A==\"b\"\\", "\r\n\r\nA==\"b\"\r\n", "x\ry\n\rz", "\\\n\\\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct rules rules;
		size_t at = 0;

		rules_parse(&rules, texts[i]);
		for (size_t r = 0; r < rules.nr; r++) {
			assert_int_equal(rules.rules[r].start, at);
			assert_true(rules.rules[r].end > at);
			at = rules.rules[r].end;
		}
		assert_int_equal(at, strlen(texts[i]));
		rules_clear(&rules);
	}
}

static void lines_go_on_after_a_backslash(void **state)
{
	struct rules rules;

	rules_parse(&rules, "\n# comment \\\nA==\"1\", \\\n  # still a comment\n  B==\"2\"\nC==\"3\"\nKEY==\"4\"\\\n");
	assert_int_equal(rules.nr, 5);
	assert_int_equal(rules.rules[0].kind, RULE_BLANK);
	assert_int_equal(rules.rules[1].kind, RULE_COMMENT);
	assert_int_equal(rules.rules[2].kind, RULE_TOKENS);
	assert_int_equal(rules.rules[2].number, 3);
	assert_int_equal(rules.rules[2].nr, 2);
	assert_int_equal(rules.rules[3].number, 6);
	assert_int_equal(rules.rules[4].kind, RULE_UNFINISHED);
	rules_clear(&rules);
}

static void what_udev_ignores_is_told(void **state)
{
	static const char *const lines[] = {
		"KERNEL", "KERNEL==", "KERNEL==x", "KERNEL==\"x", "KERNEL==\"x\\\"", "=\"x\"",
		"ATTR{x=\"y\"", "KERNEL=>\"x\"", "KERNEL==\"a\" \"b\"", "A==e\"\\q\"", "A==e\"\\0\"",
		"A==e\"\\x4\"",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct rules rules;

		rules_parse(&rules, lines[i]);
		assert_int_equal(rules.nr, 1);
		assert_int_equal(rules.rules[0].kind, RULE_INVALID);
		assert_non_null(rules.rules[0].why);
		rules_clear(&rules);
	}
}

static void lines_too_long_are_ignored_as_udev_does(void **state)
{
	char *text = xcalloc(3 * RULE_LINE_MAX, 1);
	struct rules rules;

	/* A single line ends the file. */
	strcpy(text, PT SET(1));
	memset(text + strlen(text), 'x', RULE_LINE_MAX);
	strcat(text, "\n" PT SET(2));
	rules_parse(&rules, text);
	assert_int_equal(rules.nr, 3);
	assert_int_equal(rules.rules[0].kind, RULE_TOKENS);
	assert_int_equal(rules.rules[1].kind, RULE_INVALID);
	assert_int_equal(rules.rules[2].kind, RULE_INVALID);
	rules_clear(&rules);

	/* One that was put together does not. */
	memset(text, 0, 3 * RULE_LINE_MAX);
	memset(text, 'x', RULE_LINE_MAX - 10);
	strcat(text, "\\\n");
	memset(text + strlen(text), 'x', 20);
	strcat(text, "\n" PT SET(2));
	rules_parse(&rules, text);
	assert_int_equal(rules.nr, 2);
	assert_int_equal(rules.rules[0].kind, RULE_INVALID);
	assert_int_equal(rules.rules[1].kind, RULE_TOKENS);
	rules_clear(&rules);
	free(text);
}

/* What the last of the rules in @text that has to do with @pmu means. */
static void assert_last(const char *text, const char *pmu, enum rule_verdict verdict, int order)
{
	struct effects effects;
	struct rules rules;

	rules_parse(&rules, text);
	effects_find(&effects, &rules, pmu);
	if (verdict == RULE_NO) {
		assert_int_equal(effects.nr, 0);
	} else {
		assert_true(effects.nr > 0);
		assert_int_equal(effects.effects[effects.nr - 1].verdict, verdict);
		assert_int_equal(effects.effects[effects.nr - 1].order, order);
	}
	effects_clear(&effects);
	rules_clear(&rules);
}

static void matches_are_those_of_udev(void **state)
{
	assert_last(PT SET(3), "intel_pt", RULE_YES, 3);
	assert_last(PT SET(3), "intel_bts", RULE_NO, 0);
	assert_last("ACTION==\"add|change\", " PT SET(3), "intel_pt", RULE_YES, 3);
	assert_last("ACTION!=\"remove\", " PT SET(3), "intel_pt", RULE_YES, 3);
	/* At boot the event is "add". */
	assert_last("ACTION==\"change\", " PT SET(3), "intel_pt", RULE_NO, 0);
	assert_last("KERNEL==\"intel_*|x\", " SET(3), "intel_pt", RULE_YES, 3);
	assert_last("KERNEL==\"[!i]*\", " SET(3), "intel_pt", RULE_NO, 0);
	assert_last("KERNEL!=\"intel_bts\", " SET(3), "intel_pt", RULE_YES, 3);
	assert_last("KERNEL==i\"INTEL_PT\", " SET(3), "intel_pt", RULE_MAYBE, 3);
	assert_last("KERNELS==i\"INTEL_PT\", " SET(3), "intel_pt", RULE_MAYBE, 3);
	assert_last("KERNEL==i\"INTEL_BTS\", " SET(3), "intel_pt", RULE_NO, 0);
	assert_last("KERNEL==\"INTEL_PT\", " SET(3), "intel_pt", RULE_NO, 0);
	assert_last("SUBSYSTEM==\"block\", " SET(3), "intel_pt", RULE_NO, 0);
	assert_last("SUBSYSTEM==\"block|event_source\", " SET(3), "intel_pt", RULE_YES, 3);
	assert_last(PT "TEST==\"aux_max_order\", " SET(3), "intel_pt", RULE_YES, 3);
	assert_last(PT "TEST!=\"aux_max_order\", " SET(3), "intel_pt", RULE_NO, 0);
	assert_last("KERNELS==\"intel_pt\", SUBSYSTEMS==\"event_source\", " SET(3), "intel_pt",
		    RULE_YES, 3);
	/* udev's name of it has '/' for '!'. */
	assert_last("KERNEL==\"a/b\", " SET(3), "a!b", RULE_YES, 3);
	assert_last("KERNEL==\"a!b\", " SET(3), "a!b", RULE_NO, 0);
	assert_last(PT "ATTR{other}=\"3\"\n", "intel_pt", RULE_NO, 0);
	assert_last(PT "ATTR{aux_max_order}==\"3\"\n", "intel_pt", RULE_NO, 0);
}

static void what_is_not_understood_may_apply(void **state)
{
	static const char *const keys[] = {
		"ENV{x}==\"y\"", "PROGRAM==\"/bin/true\"", "ATTR{type}==\"8\"", "DEVPATH==\"*\"",
		"KERNELS==\"pci*\"", "SUBSYSTEMS!=\"pci\"", "DRIVERS==\"x\"", "ATTRS{a}==\"b\"",
		"TEST==\"type\"", "IMPORT{program}==\"x\"", "CONST{arch}==\"x86-64\"",
		"NEW_IN_FUTURE==\"x\"", "RESULT==\"x\"", "TAG==\"x\"", "NAME==\"x\"",
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		char *text = xasprintf("%s, " PT SET(3), keys[i]);

		assert_last(text, "intel_pt", RULE_MAYBE, 3);
		/* But not for another PMU. */
		assert_last(text, "intel_bts", RULE_NO, 0);
		free(text);
	}
	assert_last(PT "RUN+=\"/bin/sh -c 'echo 3 > /sys/.../aux_max_order'\"\n", "intel_pt",
		    RULE_MAYBE, ORDER_UNKNOWN);
	assert_last(PT "RUN+=\"/usr/sbin/aux-tune set intel_pt 3\"\n", "intel_pt", RULE_MAYBE,
		    ORDER_UNKNOWN);
	assert_last(PT "ATTR{aux_max_order}=\"$env{ORDER}\"\n", "intel_pt", RULE_MAYBE,
		    ORDER_UNKNOWN);
	assert_last("SUBSYSTEM==\"cpu\", ATTR{[event_source/intel_pt]aux_max_order}=\"3\"\n",
		    "intel_pt", RULE_MAYBE, 3);
	assert_last("SUBSYSTEM==\"cpu\", ATTR{[event_source/intel_pt]aux_max_order}=\"3\"\n",
		    "intel_bts", RULE_NO, 0);
}

static void lines_udev_drops_do_nothing(void **state)
{
	assert_last("KERNEL=\"intel_pt\", " SET(3), "intel_pt", RULE_NO, 0);
	assert_last(PT "ATTR{aux_max_order}-=\"3\"\n", "intel_pt", RULE_NO, 0);
	assert_last(PT "MODE-=\"0600\", " SET(3), "intel_pt", RULE_NO, 0);
	assert_last(PT "MODE==\"0600\", " SET(3), "intel_pt", RULE_NO, 0);
	assert_last(PT "ENV{x}=i\"x\", " SET(3), "intel_pt", RULE_NO, 0);
	assert_last(PT "ENV=\"x\", " SET(3), "intel_pt", RULE_NO, 0);
	assert_last(PT "NAME=\"\", " SET(3), "intel_pt", RULE_NO, 0);
	assert_last(PT "LABEL+=\"x\", " SET(3), "intel_pt", RULE_NO, 0);
	assert_last("KERNEL{x}==\"intel_pt\", " SET(3), "intel_pt", RULE_NO, 0);
	assert_last(PT "RUN{foo}=\"x\", " SET(3), "intel_pt", RULE_NO, 0);
	assert_last(PT "IMPORT{foo}=\"x\", " SET(3), "intel_pt", RULE_NO, 0);
	assert_last(PT "CONST{foo}!=\"x\", " SET(3), "intel_pt", RULE_NO, 0);
	assert_last(PT "TEST{0800}==\"aux_max_order\", " SET(3), "intel_pt", RULE_NO, 0);
	assert_last(PT "ENV{ACTION}=\"add\", " SET(3), "intel_pt", RULE_NO, 0);
	assert_last(PT "OPTIONS=\"link_priority=x\", " SET(3), "intel_pt", RULE_NO, 0);
	assert_last(PT "OPTIONS+=\"log_level=loud\", " SET(3), "intel_pt", RULE_NO, 0);
	assert_last("# " PT SET(3), "intel_pt", RULE_NO, 0);
	assert_last(PT "ATTR{aux_max_order}=\"3\n", "intel_pt", RULE_NO, 0);
	assert_last(PT "ATTR{aux_max_order}=\"3\" \\\n", "intel_pt", RULE_NO, 0);
	assert_last(PT "OWNER=\"root\", ATTR{aux_max_order}+=\"3\"\n", "intel_pt", RULE_YES, 3);
	assert_last(PT "ATTR{aux_max_order}:=\"3\"\n", "intel_pt", RULE_YES, 3);
	assert_last(PT "ENV{X}=\"add\", RUN{program}+=\"x\", " SET(3), "intel_pt", RULE_YES, 3);
	assert_last(PT "OPTIONS+=\"link_priority=-100\", " SET(3), "intel_pt", RULE_YES, 3);
	assert_last(PT "OPTIONS=\"log_level=debug\", OPTIONS+=\"new\", " SET(3), "intel_pt",
		    RULE_YES, 3);
}

static void the_last_one_wins(void **state)
{
	assert_last(PT SET(3) PT SET(5), "intel_pt", RULE_YES, 5);
	assert_last(PT "ATTR{aux_max_order}=\"1\", " SET(2), "intel_pt", RULE_YES, 2);
	assert_last(PT SET(3) "ENV{x}==\"y\", " SET(5), "intel_pt", RULE_MAYBE, 5);
	assert_last(PT "ATTR{aux_max_order}=\"three\"\n", "intel_pt", RULE_YES, ORDER_UNKNOWN);
	assert_last(PT "ATTR{aux_max_order}=\"-1\"\n", "intel_pt", RULE_YES, ORDER_UNKNOWN);
}

static void jumps_are_followed(void **state)
{
	assert_last("SUBSYSTEM!=\"event_source\", GOTO=\"end\"\n" PT SET(3) "LABEL=\"end\"\n",
		    "intel_pt", RULE_YES, 3);
	assert_last("SUBSYSTEM==\"event_source\", GOTO=\"end\"\n" PT SET(3) "LABEL=\"end\"\n",
		    "intel_pt", RULE_NO, 0);
	assert_last("ENV{x}==\"y\", GOTO=\"end\"\n" PT SET(3) "LABEL=\"end\"\n", "intel_pt",
		    RULE_MAYBE, 3);
	assert_last("ENV{x}==\"y\", GOTO=\"end\"\nLABEL=\"end\"\n" PT SET(3), "intel_pt",
		    RULE_YES, 3);
	/* udev doesn't see a label in a line that it drops. */
	assert_last("GOTO=\"end\"\n" PT SET(3) "LABEL=\"end\", RUN{foo}=\"x\"\n", "intel_pt",
		    RULE_YES, 3);
	/* A jump to nowhere is none, and none goes back. */
	assert_last("LABEL=\"end\"\nGOTO=\"end\"\n" PT SET(3), "intel_pt", RULE_YES, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_are_those_of_udev),
		cmocka_unit_test(every_byte_is_in_one_rule),
		cmocka_unit_test(lines_go_on_after_a_backslash),
		cmocka_unit_test(what_udev_ignores_is_told),
		cmocka_unit_test(lines_too_long_are_ignored_as_udev_does),
		cmocka_unit_test(matches_are_those_of_udev),
		cmocka_unit_test(what_is_not_understood_may_apply),
		cmocka_unit_test(lines_udev_drops_do_nothing),
		cmocka_unit_test(the_last_one_wins),
		cmocka_unit_test(jumps_are_followed),
	};

	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
