// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "effect.h"
#include "order.h"
#include "ruleline.h"
#include "text.h"
#include "xalloc.h"

#define HEADER	"# Written by 'aux-tune save', see aux-tune(8). Other lines are left alone.\n"

/* NULL when udev is sure to take the name for nothing but itself. */
static const char *bad_name(const char *pmu)
{
	uint32_t cp;

	if (!*pmu)
		return "a rule cannot have an empty name";
	for (const char *c = pmu; *c; ) {
		size_t n = text_decode(c, &cp);

		if (!n || text_unsafe(cp))
			return "its name has characters that cannot be written into a rules file";
		if (cp == '|')
			return "its name has a '|', which in a rule separates two names";
		/* Escape or not: that depends on what else is in the name, and on the udev. */
		if (cp == '\\')
			return "its name has a '\\', which rules have no sure way to write";
		c += n;
	}
	return NULL;
}

/* A pattern that matches the name only, in the quotes of a rule. */
static char *escape_name(const char *pmu)
{
	char *pattern = xcalloc(strlen(pmu) + 1, 3), *p = pattern;

	for (; *pmu; pmu++) {
		if (strchr("*?[", *pmu))
			p += sprintf(p, "[%c]", *pmu);
		else if (*pmu == '"')
			p = stpcpy(p, "\\\"");
		else if (*pmu == '!')
			*p++ = '/';
		else
			*p++ = *pmu;
	}
	return pattern;
}

static char *unescape_name(const char *pattern)
{
	char *name = xcalloc(strlen(pattern) + 1, 1), *n = name;

	for (; *pattern; pattern++) {
		if (*pattern == '[' && pattern[1] && pattern[2] == ']') {
			*n++ = pattern[1];
			pattern += 2;
		} else {
			*n++ = *pattern == '/' ? '!' : *pattern;
		}
	}
	return name;
}

char *ruleline_make(const char *pmu, int order, const char **why)
{
	char *pattern, *line;

	*why = bad_name(pmu);
	if (*why)
		return NULL;
	pattern = escape_name(pmu);
	line = xasprintf("ACTION==\"add|change\", SUBSYSTEM==\"event_source\", KERNEL==\"%s\", TEST==\"aux_max_order\", ATTR{aux_max_order}=\"%d\"",
			 pattern, order);
	free(pattern);
	return line;
}

/* Whatever it looks like: it is ours if this is what we would write. */
bool ruleline_parse(const struct rules *rules, const struct rule *rule, char **pmu, int *order)
{
	const char *text = rules->text + rule->start, *why;
	char *line;
	bool ours;

	*pmu = NULL;
	if (rule->kind != RULE_TOKENS || rule->nr != 5 || strcmp(rule->tokens[2].key, "KERNEL"))
		return false;
	*order = order_from_attribute(rule->tokens[4].value);
	if (*order < 0)
		return false;
	*pmu = unescape_name(rule->tokens[2].value);
	line = ruleline_make(*pmu, *order, &why);
	ours = line && !strncmp(text, line, strlen(line)) &&
	       strspn(text + strlen(line), "\r\n") >= rule->end - rule->start - strlen(line);
	free(line);
	if (!ours) {
		free(*pmu);
		*pmu = NULL;
	}
	return ours;
}

struct buffer {
	char *text;
	size_t len;
};

static void append(struct buffer *buffer, const char *text, size_t len)
{
	buffer->text = xreallocarray(buffer->text, buffer->len + len + 1, 1);
	memcpy(buffer->text + buffer->len, text, len);
	buffer->len += len;
	buffer->text[buffer->len] = '\0';
}

static bool is_of(const struct rules *rules, size_t i, const char *pmu)
{
	char *name;
	int order;
	bool is;

	if (!ruleline_parse(rules, &rules->rules[i], &name, &order))
		return false;
	is = !strcmp(name, pmu);
	free(name);
	return is;
}

#define AT_END	SIZE_MAX

/*
 * The text with all our lines of this PMU left out and @line, unless it is NULL, put in: in
 * place of the one at @place, or behind everything udev looks at.
 */
static char *rebuild(const struct rules *rules, const char *pmu, const char *line, size_t place)
{
	struct buffer out = { 0 };

	append(&out, "", 0);
	for (size_t i = 0; i < rules->nr; i++) {
		const struct rule *rule = &rules->rules[i];

		/* What is left of a line that nobody finished must not go on with ours. */
		if (line && (i == place || rule->kind == RULE_UNFINISHED)) {
			append(&out, line, strlen(line));
			append(&out, "\n", 1);
			line = NULL;
		}
		if (!is_of(rules, i, pmu))
			append(&out, rules->text + rule->start, rule->end - rule->start);
	}
	if (line) {
		if (out.len && out.text[out.len - 1] != '\n')
			append(&out, "\n", 1);
		append(&out, line, strlen(line));
		append(&out, "\n", 1);
	}
	return out.text;
}

/* The last line that has to do with this PMU; false when there is none. */
static bool last_effect(const char *text, const char *pmu, struct effect *last)
{
	struct effects effects;
	struct rules rules;
	bool any;

	rules_parse(&rules, text);
	effects_find(&effects, &rules, pmu);
	any = effects.nr;
	if (any)
		*last = effects.effects[effects.nr - 1];
	last->value = NULL;
	effects_clear(&effects);
	rules_clear(&rules);
	return any;
}

static bool sets(const char *text, const char *pmu, int order)
{
	struct effect last;

	return last_effect(text, pmu, &last) && last.verdict == RULE_YES && last.order == order;
}

/* With our line at the place of the one there was, or at the end if others come after that. */
static char *with_line(const struct rules *rules, const char *pmu, int order, const char *line)
{
	size_t place = AT_END;
	char *text;

	for (size_t i = 0; i < rules->nr; i++)
		if (is_of(rules, i, pmu))
			place = i;
	text = rebuild(rules, pmu, line, place);
	if (place == AT_END || sets(text, pmu, order))
		return text;
	free(text);
	return rebuild(rules, pmu, line, AT_END);
}

char *ruleline_edit(const char *text, const char *pmu, int order, char **why)
{
	char *line = NULL, *without, *result;
	const char *problem;
	struct rules rules;

	*why = NULL;
	if (order != ORDER_UNKNOWN) {
		line = ruleline_make(pmu, order, &problem);
		if (!line) {
			*why = xstrdup(problem);
			return NULL;
		}
	}
	rules_parse(&rules, text ?: HEADER);
	without = rebuild(&rules, pmu, NULL, AT_END);
	if (!line || sets(without, pmu, order)) {
		result = without;
	} else {
		free(without);
		result = with_line(&rules, pmu, order, line);
		if (!sets(result, pmu, order)) {
			*why = xstrdup("a line of the file keeps udev from running those after it");
			free(result);
			result = NULL;
		}
	}
	rules_clear(&rules);
	free(line);
	return result;
}

bool ruleline_empty(const char *text)
{
	return !text[strspn(text, " \t\r\n")] || !strcmp(text, HEADER);
}
