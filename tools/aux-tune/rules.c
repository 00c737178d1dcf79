// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <string.h>

#include "rules.h"
#include "xalloc.h"

#define BLANKS	" \t\n\r"

struct parser {
	const char *p;
	const char *why;
};

static bool fail(struct parser *parser, const char *why)
{
	parser->why = why;
	return false;
}

static void skip(struct parser *parser, const char *set)
{
	parser->p += strspn(parser->p, set);
}

static char *cut(const char *start, size_t len)
{
	return xalloc_check(strndup(start, len));
}

static bool parse_op(struct parser *parser, enum rule_op *op)
{
	static const struct {
		const char *text;
		enum rule_op op;
	} ops[] = {
		{ "==", RULE_OP_MATCH },
		{ "!=", RULE_OP_NOMATCH },
		{ "+=", RULE_OP_ADD },
		{ "-=", RULE_OP_REMOVE },
		{ ":=", RULE_OP_ASSIGN_FINAL },
		{ "=", RULE_OP_ASSIGN },
	};

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		size_t len = strlen(ops[i].text);

		if (strncmp(parser->p, ops[i].text, len))
			continue;
		*op = ops[i].op;
		parser->p += len;
		return true;
	}
	return fail(parser, "a key without an operator");
}

/* The value of \NNN or \xNN; any other escape is one character. -1: not one. */
static int escaped_byte(const char **p)
{
	static const char names[] = "abfnrtvs\\\"'", bytes[] = "\a\b\f\n\r\t\v \\\"'";
	const char *s = *p, *name;
	char digits[4] = { 0 };

	name = *s ? strchr(names, *s) : NULL;
	if (name) {
		*p = s + 1;
		return bytes[name - names];
	}
	if (*s == 'x' && isxdigit((unsigned char)s[1]) && isxdigit((unsigned char)s[2])) {
		memcpy(digits, s + 1, 2);
		*p = s + 3;
		return strtol(digits, NULL, 16);
	}
	if (strspn(s, "01234567") >= 3 && s[0] < '4') {
		memcpy(digits, s, 3);
		*p = s + 3;
		return strtol(digits, NULL, 8);
	}
	return -1;
}

/* In e"..." escapes are those of C; otherwise only \" is one. */
static bool parse_quoted(struct parser *parser, bool escapes, char **value)
{
	char *out = xcalloc(strlen(parser->p) + 1, 1), *to = out;
	const char *p = parser->p + 1;
	int byte;

	while (*p && *p != '"') {
		if (*p == '\\' && escapes) {
			p++;
			byte = escaped_byte(&p);
			if (byte <= 0) {
				free(out);
				return fail(parser, "an escape that is none of C's");
			}
			*to++ = byte;
			continue;
		}
		if (p[0] == '\\' && p[1] == '"')
			p++;
		*to++ = *p++;
	}
	if (!*p) {
		free(out);
		return fail(parser, "a value whose closing quote is missing");
	}
	parser->p = p + 1;
	*value = out;
	return true;
}

static bool parse_value(struct parser *parser, struct rule_token *token)
{
	bool escapes = false;

	for (; *parser->p == 'e' || *parser->p == 'i'; parser->p++) {
		escapes |= *parser->p == 'e';
		token->any_case |= *parser->p == 'i';
	}
	if (*parser->p != '"')
		return fail(parser, "a value without quotes");
	return parse_quoted(parser, escapes, &token->value);
}

static void token_clear(struct rule_token *token)
{
	free(token->key);
	free(token->attribute);
	free(token->value);
}

static bool parse_token(struct parser *parser, struct rule_token *token)
{
	size_t len = strcspn(parser->p, BLANKS "={+-!:");
	const char *end;

	if (!len)
		return fail(parser, "an operator without a key");
	token->key = cut(parser->p, len);
	parser->p += len;
	if (*parser->p == '{') {
		end = strchr(parser->p, '}');
		if (!end)
			return fail(parser, "a '{' without '}'");
		token->attribute = cut(parser->p + 1, end - parser->p - 1);
		parser->p = end + 1;
	}
	skip(parser, BLANKS);
	if (!parse_op(parser, &token->op))
		return false;
	skip(parser, BLANKS);
	return parse_value(parser, token);
}

static void parse_tokens(struct rule *rule, const char *line)
{
	struct parser parser = { .p = line };

	rule->kind = RULE_TOKENS;
	for (skip(&parser, BLANKS ","); *parser.p; skip(&parser, BLANKS ",")) {
		struct rule_token token = { 0 };

		if (!parse_token(&parser, &token)) {
			token_clear(&token);
			rule->kind = RULE_INVALID;
			rule->why = parser.why;
			return;
		}
		rule->tokens = xreallocarray(rule->tokens, rule->nr + 1, sizeof(token));
		rule->tokens[rule->nr++] = token;
	}
	/* Nothing but commas. */
	if (!rule->nr)
		rule->kind = RULE_BLANK;
}

static struct rule *add_rule(struct rules *rules, size_t start, unsigned int number)
{
	rules->rules = xreallocarray(rules->rules, rules->nr + 1, sizeof(*rules->rules));
	rules->rules[rules->nr] = (struct rule){
		.kind = RULE_BLANK, .number = number, .start = start,
	};
	return &rules->rules[rules->nr++];
}

/* What has been read of a line that goes on in the next one. */
struct pending {
	char *text;		/* NULL: nothing */
	size_t len;
};

static void pending_add(struct pending *pending, const char *text, size_t len)
{
	pending->text = xreallocarray(pending->text, pending->len + len + 1, 1);
	memcpy(pending->text + pending->len, text, len);
	pending->len += len;
	pending->text[pending->len] = '\0';
}

static void finish_rule(struct rule *rule, struct pending *pending)
{
	if (pending->len >= RULE_LINE_MAX) {
		rule->kind = RULE_INVALID;
		rule->why = "a line that is too long for udev";
	} else if (pending->len) {
		parse_tokens(rule, pending->text);
	}
	free(pending->text);
	memset(pending, 0, sizeof(*pending));
}

void rules_parse(struct rules *rules, const char *text)
{
	struct pending pending = { 0 };
	struct rule *rule = NULL;
	unsigned int number = 0;
	bool stopped = false;
	size_t at = 0;

	memset(rules, 0, sizeof(*rules));
	rules->text = xstrdup(text);
	while (text[at]) {
		size_t len = strcspn(text + at, "\n\r"), blanks;
		const char *line = text + at;
		size_t end = at + len + !!text[at + len];

		/* "\r\n" is one end, as "\n\r" is. */
		if (text[end - 1] != text[end] && (text[end] == '\n' || text[end] == '\r') &&
		    end > at + len)
			end++;
		number++;
		if (!rule)
			rule = add_rule(rules, at, number);
		rule->end = end;
		at = end;

		/* udev gives up on a file when a single line does not fit its buffer. */
		stopped |= len >= RULE_LINE_MAX;
		if (stopped) {
			rule->kind = RULE_INVALID;
			rule->why = "udev stops at a line that is too long for it";
			free(pending.text);
			memset(&pending, 0, sizeof(pending));
			rule = NULL;
			continue;
		}

		blanks = strspn(line, BLANKS);
		if (blanks > len)
			blanks = len;
		line += blanks;
		len -= blanks;
		/* A comment is one wherever it stands: a line may go on after it. */
		if (len && *line == '#') {
			if (!pending.text) {
				rule->kind = RULE_COMMENT;
				rule = NULL;
			}
			continue;
		}
		if (len && line[len - 1] == '\\') {
			pending_add(&pending, line, len - 1);
			continue;
		}
		pending_add(&pending, line, len);
		finish_rule(rule, &pending);
		rule = NULL;
	}
	if (rule)
		rule->kind = RULE_UNFINISHED;
	free(pending.text);
}

void rules_clear(struct rules *rules)
{
	for (size_t i = 0; i < rules->nr; i++) {
		for (size_t t = 0; t < rules->rules[i].nr; t++)
			token_clear(&rules->rules[i].tokens[t]);
		free(rules->rules[i].tokens);
	}
	free(rules->rules);
	free(rules->text);
	memset(rules, 0, sizeof(*rules));
}
