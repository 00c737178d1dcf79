// SPDX-License-Identifier: GPL-2.0-only
/* Rules files that somebody wrote, and our lines in them: nobody else's byte is touched. */
#include "effect.h"
#include "fuzz.h"
#include "order.h"
#include "ruleline.h"
#include "xalloc.h"

#define NO_ORDER	ORDER_UNKNOWN

/* Every byte in one rule, rules in order, tokens whole. */
static void check_rules(const struct rules *rules, const char *text)
{
	size_t at = 0;

	CHECK(!strcmp(rules->text, text));
	for (size_t i = 0; i < rules->nr; i++) {
		const struct rule *rule = &rules->rules[i];

		CHECK(rule->start == at && rule->end > at);
		at = rule->end;
		CHECK(rule->number && (!i || rule->number > rules->rules[i - 1].number));
		CHECK((rule->kind == RULE_INVALID) == !!rule->why);
		CHECK(rule->kind != RULE_TOKENS || rule->nr);
		for (size_t t = 0; t < rule->nr; t++)
			CHECK(*rule->tokens[t].key && rule->tokens[t].value);
	}
	CHECK(at == strlen(text));
}

static void check_effects(const struct rules *rules, const char *pmu)
{
	struct effects effects;

	effects_find(&effects, rules, pmu);
	for (size_t i = 0; i < effects.nr; i++) {
		const struct effect *effect = &effects.effects[i];

		CHECK(effect->verdict == RULE_YES || effect->verdict == RULE_MAYBE);
		CHECK((effect->verdict == RULE_MAYBE) == !!effect->why);
		CHECK(effect->order >= NO_ORDER && effect->order <= ORDER_LIMIT);
		CHECK(effect->value && effect->number);
	}
	effects_clear(&effects);
}

/* The text without lines of ours for @pmu; @lines says how many there were. */
static char *others(const char *text, const char *pmu, size_t *lines)
{
	char *out = xcalloc(strlen(text) + 1, 1), *p = out;
	struct rules rules;

	*lines = 0;
	rules_parse(&rules, text);
	for (size_t i = 0; i < rules.nr; i++) {
		const struct rule *rule = &rules.rules[i];
		char *name;
		int order;

		if (ruleline_parse(&rules, rule, &name, &order)) {
			bool is = !strcmp(name, pmu);
			const char *why;
			char *line = ruleline_make(name, order, &why);

			CHECK(line && !strncmp(rules.text + rule->start, line, strlen(line)));
			free(line);
			free(name);
			*lines += is;
			if (is)
				continue;
		}
		p = mempcpy(p, text + rule->start, rule->end - rule->start);
	}
	rules_clear(&rules);
	return out;
}

/* A line without its end gets one when another comes after it. */
static bool same_but_for_newline(const char *old, const char *new)
{
	size_t len = strlen(old);

	return !strncmp(old, new, len) && (!new[len] || !strcmp(new + len, "\n"));
}

static void check_edit(const char *text, const char *pmu, int order)
{
	char *edited, *again, *before, *after, *removed, *why;
	struct effects effects;
	struct rules rules;
	size_t lines;

	edited = ruleline_edit(text, pmu, order, &why);
	CHECK(!edited == !!why);
	free(why);
	if (!edited)
		return;

	rules_parse(&rules, edited);
	effects_find(&effects, &rules, pmu);
	CHECK(effects.nr && effects.effects[effects.nr - 1].verdict == RULE_YES);
	CHECK(effects.effects[effects.nr - 1].order == order);
	effects_clear(&effects);
	rules_clear(&rules);

	before = others(text, pmu, &lines);
	after = others(edited, pmu, &lines);
	CHECK(lines <= 1);
	CHECK(same_but_for_newline(before, after));
	again = ruleline_edit(edited, pmu, order, &why);
	CHECK(again && !strcmp(again, edited));
	removed = ruleline_edit(edited, pmu, NO_ORDER, &why);
	CHECK(removed && !strcmp(removed, after));
	free(before);
	free(after);
	free(again);
	free(removed);
	free(edited);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	unsigned int order = fuzz_byte(&input) % (ORDER_LIMIT + 1);
	char *text = fuzz_string(&input);
	char *pmu = fuzz_name(&input);
	struct rules rules;

	rules_parse(&rules, text);
	check_rules(&rules, text);
	check_effects(&rules, pmu);
	check_effects(&rules, "intel_pt");
	rules_clear(&rules);
	check_edit(text, pmu, order);
	check_edit(text, "intel_pt", order);
	free(text);
	free(pmu);
	return 0;
}
