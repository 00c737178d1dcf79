// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "effect.h"
#include "order.h"
#include "xalloc.h"

#define ATTRIBUTE	"aux_max_order"

/* The event and the device that rules are matched with. */
struct subject {
	char *kernel;		/* as udev calls it: '/' where sysfs has '!' */
};

struct verdict {
	enum rule_verdict verdict;
	const char *why;
};

static const struct verdict yes = { RULE_YES, NULL };
static const struct verdict no = { RULE_NO, NULL };

static struct verdict maybe(const char *why)
{
	return (struct verdict){ RULE_MAYBE, why };
}

/* As udev's match: alternatives, each a pattern only if it looks like one. */
static bool matches(const struct rule_token *token, const char *string)
{
	char *copy = xstrdup(token->value), *rest = copy, *one;
	int flags = token->any_case ? FNM_CASEFOLD : 0;
	bool found = false;

	while (!found && (one = strsep(&rest, "|"))) {
		if (strpbrk(one, "*?["))
			found = !fnmatch(one, string, flags);
		else if (token->any_case)
			found = !strcasecmp(one, string);
		else
			found = !strcmp(one, string);
	}
	free(copy);
	return found;
}

static bool is_match(const struct rule_token *token)
{
	return token->op == RULE_OP_MATCH || token->op == RULE_OP_NOMATCH;
}

static struct verdict match_known(const struct rule_token *token, const char *string)
{
	bool equal = token->op == RULE_OP_MATCH;

	if (matches(token, string) != equal)
		return no;
	return token->any_case ? maybe("only newer versions of udev know i\"...\"") : yes;
}

/* KERNELS and SUBSYSTEMS look at the device, then at its parents. */
static struct verdict match_upwards(const struct rule_token *token, const char *string)
{
	if (token->op == RULE_OP_MATCH && matches(token, string))
		return match_known(token, string);
	return maybe("it depends on what the PMU is attached to");
}

static bool names_attribute(const char *text)
{
	return strstr(text, ATTRIBUTE);
}

static bool is_key(const struct rule_token *token, const char *key)
{
	return !strcmp(token->key, key);
}

/* What may stand behind a key: udev drops the whole line for anything else. */
enum attribute_use {
	ATTRIBUTE_NEVER,
	ATTRIBUTE_OPTIONAL,
	ATTRIBUTE_REQUIRED,
};

#define MATCH	(1U << RULE_OP_MATCH | 1U << RULE_OP_NOMATCH)
#define SET	(1U << RULE_OP_ASSIGN | 1U << RULE_OP_ASSIGN_FINAL)
#define ADD	(1U << RULE_OP_ADD)
#define REMOVE	(1U << RULE_OP_REMOVE)

static const struct key_use {
	const char *key;
	enum attribute_use attribute;
	unsigned int ops;
} key_uses[] = {
	{ "ACTION",	ATTRIBUTE_NEVER,	MATCH },
	{ "DEVPATH",	ATTRIBUTE_NEVER,	MATCH },
	{ "KERNEL",	ATTRIBUTE_NEVER,	MATCH },
	{ "SUBSYSTEM",	ATTRIBUTE_NEVER,	MATCH },
	{ "DRIVER",	ATTRIBUTE_NEVER,	MATCH },
	{ "KERNELS",	ATTRIBUTE_NEVER,	MATCH },
	{ "SUBSYSTEMS",	ATTRIBUTE_NEVER,	MATCH },
	{ "DRIVERS",	ATTRIBUTE_NEVER,	MATCH },
	{ "TAGS",	ATTRIBUTE_NEVER,	MATCH },
	{ "RESULT",	ATTRIBUTE_NEVER,	MATCH },
	{ "ATTRS",	ATTRIBUTE_REQUIRED,	MATCH },
	{ "CONST",	ATTRIBUTE_REQUIRED,	MATCH },
	{ "TEST",	ATTRIBUTE_OPTIONAL,	MATCH },
	{ "PROGRAM",	ATTRIBUTE_NEVER,	MATCH | SET | ADD },
	{ "IMPORT",	ATTRIBUTE_REQUIRED,	MATCH | SET | ADD },
	{ "NAME",	ATTRIBUTE_NEVER,	MATCH | SET | ADD },
	{ "SYMLINK",	ATTRIBUTE_NEVER,	MATCH | SET | ADD | REMOVE },
	{ "TAG",	ATTRIBUTE_NEVER,	MATCH | SET | ADD | REMOVE },
	{ "ENV",	ATTRIBUTE_REQUIRED,	MATCH | SET | ADD },
	{ "ATTR",	ATTRIBUTE_REQUIRED,	MATCH | SET | ADD },
	{ "SYSCTL",	ATTRIBUTE_REQUIRED,	MATCH | SET | ADD },
	{ "OPTIONS",	ATTRIBUTE_NEVER,	SET | ADD },
	{ "OWNER",	ATTRIBUTE_NEVER,	SET | ADD },
	{ "GROUP",	ATTRIBUTE_NEVER,	SET | ADD },
	{ "MODE",	ATTRIBUTE_NEVER,	SET | ADD },
	{ "SECLABEL",	ATTRIBUTE_REQUIRED,	SET | ADD },
	{ "RUN",	ATTRIBUTE_OPTIONAL,	SET | ADD },
	{ "GOTO",	ATTRIBUTE_NEVER,	1U << RULE_OP_ASSIGN },
	{ "LABEL",	ATTRIBUTE_NEVER,	1U << RULE_OP_ASSIGN },
};

static const struct key_use *find_use(const struct rule_token *token)
{
	for (size_t i = 0; i < sizeof(key_uses) / sizeof(key_uses[0]); i++)
		if (is_key(token, key_uses[i].key))
			return &key_uses[i];
	return NULL;
}

static bool is_one_of(const char *string, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(string, *list))
			return true;
	return false;
}

static bool is_int(const char *string)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(string, &end, 0);
	return end != string && !*end && !errno && number == (int)number;
}

/* What is behind @prefix in @string, NULL if that is something else. */
static const char *after(const char *string, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(string, prefix, length) ? NULL : string + length;
}

/* Options that udev doesn't know are left out, but not the line. */
static bool is_option(const char *value)
{
	static const char *const levels[] = {
		"reset", "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug",
		"0", "1", "2", "3", "4", "5", "6", "7", NULL,
	};
	const char *priority = after(value, "link_priority=");
	const char *level = after(value, "log_level=");

	return priority ? is_int(priority) : !level || is_one_of(level, levels);
}

/* The file's mode, by which TEST asks whether somebody may use it. */
static bool is_mode(const char *attribute)
{
	return *attribute && strspn(attribute, "01234567") == strlen(attribute) &&
	       strtoul(attribute, NULL, 8) <= 07777;
}

static bool is_attribute(const struct rule_token *token)
{
	static const char *const constants[] = { "arch", "virt", NULL };
	static const char *const imports[] = {
		"program", "builtin", "file", "db", "cmdline", "parent", NULL,
	};
	static const char *const runs[] = { "program", "builtin", NULL };
	/* What the event says can be matched, not set. */
	static const char *const fixed[] = {
		"ACTION", "DEVLINKS", "DEVNAME", "DEVPATH", "DEVTYPE", "DRIVER", "IFINDEX",
		"MAJOR", "MINOR", "SEQNUM", "SUBSYSTEM", "TAGS", NULL,
	};

	if (is_key(token, "CONST"))
		return is_one_of(token->attribute, constants);
	if (is_key(token, "IMPORT"))
		return is_one_of(token->attribute, imports);
	if (is_key(token, "RUN"))
		return is_one_of(token->attribute, runs);
	if (is_key(token, "ENV"))
		return is_match(token) || !is_one_of(token->attribute, fixed);
	if (is_key(token, "TEST"))
		return is_mode(token->attribute);
	return true;
}

static bool is_valid(const struct rule_token *token)
{
	const struct key_use *use = find_use(token);

	/* Another version may know it. */
	if (!use)
		return true;
	if (!(use->ops & 1U << token->op) || (token->any_case && !is_match(token)))
		return false;
	if (use->attribute == ATTRIBUTE_NEVER && token->attribute)
		return false;
	if (use->attribute == ATTRIBUTE_REQUIRED && (!token->attribute || !*token->attribute))
		return false;
	if (token->attribute && !is_attribute(token))
		return false;
	if (is_key(token, "OPTIONS") && !is_option(token->value))
		return false;
	/* A device has to have a name. */
	return !is_key(token, "NAME") || is_match(token) || *token->value;
}

/* It does something, and never keeps the line from running. */
static bool acts(const struct rule_token *token)
{
	const struct key_use *use = find_use(token);

	return use && !is_match(token) && !is_key(token, "PROGRAM") && !is_key(token, "IMPORT");
}

static struct verdict match_token(const struct rule_token *token, const struct subject *subject)
{
	if (!is_valid(token))
		return no;
	if (acts(token))
		return yes;
	if (is_key(token, "ACTION"))
		return match_known(token, "add");
	if (is_key(token, "SUBSYSTEM"))
		return match_known(token, "event_source");
	if (is_key(token, "KERNEL"))
		return match_known(token, subject->kernel);
	if (is_key(token, "SUBSYSTEMS"))
		return match_upwards(token, "event_source");
	if (is_key(token, "KERNELS"))
		return match_upwards(token, subject->kernel);
	/* A PMU that is asked about has it. */
	if (is_key(token, "TEST") && !strcmp(token->value, ATTRIBUTE) && !token->attribute)
		return token->op == RULE_OP_MATCH ? yes : no;
	return maybe("it depends on more than the PMU's name");
}

static struct verdict match_rule(const struct rule *rule, const struct subject *subject)
{
	struct verdict all = yes;

	for (size_t i = 0; i < rule->nr && all.verdict != RULE_NO; i++) {
		struct verdict one = match_token(&rule->tokens[i], subject);

		if (one.verdict < all.verdict)
			all = one;
	}
	return all;
}

/* "%k" and "$env{X}" stand for something else. */
static bool is_constant(const char *value)
{
	return !strpbrk(value, "$%");
}

/* ATTR{[subsystem/kernel]file} is the file of another device. */
static bool names_other_device(const struct rule_token *token, const struct subject *subject)
{
	char *self = xasprintf("[event_source/%s]", subject->kernel);
	bool other = strncmp(token->attribute, self, strlen(self));

	free(self);
	return other;
}

static void add(struct effects *effects, const struct rule *rule, const struct rule_token *token,
		struct verdict verdict)
{
	struct effect effect = {
		.number = rule->number,
		.verdict = verdict.verdict,
		.order = ORDER_UNKNOWN,
		.value = token->value,
		.why = verdict.why,
	};

	if (is_key(token, "ATTR") && is_constant(token->value))
		effect.order = order_from_attribute(token->value);
	if (effect.order < 0)
		effect.order = ORDER_UNKNOWN;
	effects->effects = xreallocarray(effects->effects, effects->nr + 1, sizeof(effect));
	effects->effects[effects->nr++] = effect;
}

static void add_assignment(struct effects *effects, const struct rule *rule,
			   const struct rule_token *token, const struct subject *subject,
			   struct verdict verdict)
{
	/* Another device's event may write to this one's file. */
	if (token->attribute[0] == '[') {
		if (!names_other_device(token, subject))
			add(effects, rule, token, maybe("the event of another device sets it"));
		return;
	}
	if (verdict.verdict == RULE_NO || strcmp(token->attribute, ATTRIBUTE))
		return;
	if (!is_constant(token->value))
		verdict = maybe("its value is not a constant");
	add(effects, rule, token, verdict);
}

static bool runs_program(const struct rule_token *token)
{
	return is_key(token, "RUN") || is_key(token, "PROGRAM") || is_key(token, "IMPORT");
}

static void add_effects(struct effects *effects, const struct rule *rule,
			const struct subject *subject, struct verdict verdict)
{
	for (size_t i = 0; i < rule->nr; i++) {
		const struct rule_token *token = &rule->tokens[i];

		if (is_key(token, "ATTR") && token->attribute && !is_match(token) &&
		    names_attribute(token->attribute))
			add_assignment(effects, rule, token, subject, verdict);
		else if (verdict.verdict != RULE_NO && runs_program(token) &&
			 !effects_none(token->value))
			add(effects, rule, token, maybe("it runs a program that may set it"));
	}
}

static bool is_dropped(const struct rule *rule)
{
	for (size_t i = 0; i < rule->nr; i++)
		if (!is_valid(&rule->tokens[i]))
			return true;
	return false;
}

static const struct rule_token *find_key(const struct rule *rule, const char *key)
{
	for (size_t i = 0; i < rule->nr; i++)
		if (is_key(&rule->tokens[i], key) && !is_match(&rule->tokens[i]))
			return &rule->tokens[i];
	return NULL;
}

/* The rule with this LABEL after @from; @from + 1 when there is none: udev goes on then. */
static size_t find_label(const struct rules *rules, size_t from, const char *label)
{
	for (size_t i = from + 1; i < rules->nr; i++) {
		const struct rule_token *token = find_key(&rules->rules[i], "LABEL");

		if (token && !strcmp(token->value, label) && !is_dropped(&rules->rules[i]))
			return i;
	}
	return from + 1;
}

void effects_find(struct effects *effects, const struct rules *rules, const char *pmu)
{
	struct subject subject = { .kernel = xstrdup(pmu) };
	size_t unsure_until = 0, next;

	memset(effects, 0, sizeof(*effects));
	for (char *c = subject.kernel; *c; c++)
		if (*c == '!')
			*c = '/';

	for (size_t i = 0; i < rules->nr; i = next) {
		const struct rule *rule = &rules->rules[i];
		const struct rule_token *jump = find_key(rule, "GOTO");
		struct verdict verdict;

		next = i + 1;
		if (rule->kind != RULE_TOKENS)
			continue;
		verdict = match_rule(rule, &subject);
		if (verdict.verdict == RULE_YES && i < unsure_until)
			verdict = maybe("a GOTO before it may skip it");
		add_effects(effects, rule, &subject, verdict);
		if (!jump || verdict.verdict == RULE_NO)
			continue;
		if (verdict.verdict == RULE_YES) {
			next = find_label(rules, i, jump->value);
		} else {
			size_t label = find_label(rules, i, jump->value);

			if (label > unsure_until)
				unsure_until = label;
		}
	}
	free(subject.kernel);
}

void effects_clear(struct effects *effects)
{
	free(effects->effects);
	memset(effects, 0, sizeof(*effects));
}

bool effects_none(const char *text)
{
	return !names_attribute(text) && !strstr(text, "aux-tune");
}
