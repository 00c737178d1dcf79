/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The text of a udev rules file as lines and tokens, read the way systemd-udevd reads it
 * (udev(7)). What the tokens mean for a PMU is the business of effect.h.
 */
#ifndef AUX_TUNE_RULES_H
#define AUX_TUNE_RULES_H

#include <stdbool.h>
#include <stddef.h>

/* A longer line, continued or not, is nothing udev reads. */
#define RULE_LINE_MAX	16384

enum rule_op {
	RULE_OP_MATCH,		/* == */
	RULE_OP_NOMATCH,	/* != */
	RULE_OP_ADD,		/* += */
	RULE_OP_REMOVE,		/* -= */
	RULE_OP_ASSIGN,		/* = */
	RULE_OP_ASSIGN_FINAL,	/* := */
};

struct rule_token {
	char *key;
	char *attribute;	/* what is in {}, NULL without */
	enum rule_op op;
	bool any_case;		/* i"..." */
	char *value;		/* without quotes and escapes */
};

enum rule_kind {
	RULE_BLANK,
	RULE_COMMENT,
	RULE_TOKENS,
	RULE_INVALID,		/* udev says so in its log and ignores the line */
	RULE_UNFINISHED,	/* ends in a continuation that nothing follows: never looked at */
};

struct rule {
	enum rule_kind kind;
	unsigned int number;	/* of its first line in the file, from 1 */
	size_t start, end;	/* where it is in the text, with its newline */
	const char *why;	/* of RULE_INVALID */
	struct rule_token *tokens;
	size_t nr;
};

/* Every byte of the text is in exactly one rule. */
struct rules {
	char *text;
	struct rule *rules;
	size_t nr;
};

void rules_parse(struct rules *rules, const char *text);
void rules_clear(struct rules *rules);

#endif
