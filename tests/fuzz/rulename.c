// SPDX-License-Identifier: GPL-2.0-only
/* The rule for a PMU of any name is one rule, for that PMU and for no other. */
#include <fnmatch.h>

#include "effect.h"
#include "fuzz.h"
#include "order.h"
#include "ruleline.h"
#include "text.h"
#include "xalloc.h"

/* Names that no rule can be written for. */
static bool is_bad(const char *name)
{
	return !*name || !fuzz_printable(name) || strpbrk(name, "|\\\n");
}

static size_t effects_of(const struct rules *rules, const char *pmu, int order)
{
	struct effects effects;
	size_t nr;

	effects_find(&effects, rules, pmu);
	nr = effects.nr;
	for (size_t i = 0; i < nr; i++)
		CHECK(effects.effects[i].verdict == RULE_YES &&
		      effects.effects[i].order == order);
	effects_clear(&effects);
	return nr;
}

/* What udev compares with: '/' where sysfs has '!'. */
static char *kernel_name(const char *name)
{
	char *kernel = xstrdup(name);

	for (char *c = kernel; *c; c++)
		if (*c == '!')
			*c = '/';
	return kernel;
}

static void check_line(const char *line, const char *name, int order, const char *other)
{
	char *text = xasprintf("# before\n%s\n# after\n", line), *parsed, *kernel;
	const struct rule *rule;
	struct rules rules;
	int parsed_order;

	CHECK(fuzz_printable(line) && !strchr(line, '\n'));
	rules_parse(&rules, text);
	CHECK(rules.nr == 3);
	rule = &rules.rules[1];
	CHECK(rule->kind == RULE_TOKENS && rule->nr == 5);
	CHECK(!strcmp(rule->tokens[0].key, "ACTION") && !strcmp(rule->tokens[1].key, "SUBSYSTEM"));
	CHECK(!strcmp(rule->tokens[2].key, "KERNEL") && rule->tokens[2].op == RULE_OP_MATCH);
	CHECK(!strcmp(rule->tokens[3].key, "TEST"));
	CHECK(!strcmp(rule->tokens[4].key, "ATTR") &&
	      !strcmp(rule->tokens[4].attribute, "aux_max_order"));
	CHECK(ruleline_parse(&rules, rule, &parsed, &parsed_order));
	CHECK(!strcmp(parsed, name) && parsed_order == order);
	free(parsed);

	/* As udev does it. */
	kernel = kernel_name(name);
	CHECK(!fnmatch(rule->tokens[2].value, kernel, 0));
	free(kernel);
	kernel = kernel_name(other);
	CHECK(!strcmp(name, other) || fnmatch(rule->tokens[2].value, kernel, 0));
	free(kernel);

	CHECK(effects_of(&rules, name, order) == 1);
	CHECK(!strcmp(name, other) || !effects_of(&rules, other, order));
	rules_clear(&rules);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	int order = fuzz_byte(&input) % (ORDER_LIMIT + 1);
	char *name = fuzz_name(&input), *other = fuzz_name(&input);
	const char *why;
	char *line = ruleline_make(name, order, &why);

	CHECK(!line == !!why);
	CHECK(!line == is_bad(name));
	if (line)
		check_line(line, name, order, other);
	free(line);
	free(name);
	free(other);
	return 0;
}
