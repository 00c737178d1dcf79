/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the rules of a file do to the aux_max_order of one PMU when it is added, at boot or
 * later. Nothing is guessed: what depends on more than the PMU's name is only RULE_MAYBE.
 */
#ifndef AUX_TUNE_EFFECT_H
#define AUX_TUNE_EFFECT_H

#include "rules.h"

enum rule_verdict {
	RULE_NO,
	RULE_MAYBE,
	RULE_YES,
};

/* A line that sets the order, or may. */
struct effect {
	unsigned int number;		/* of the line */
	enum rule_verdict verdict;
	int order;			/* ORDER_UNKNOWN when the value is none */
	const char *value;		/* as the line has it; lives as long as the rules */
	const char *why;		/* of RULE_MAYBE: what is not known */
};

struct effects {
	struct effect *effects;		/* in the order udev runs them */
	size_t nr;
};

/* @pmu: a name as in sysfs. The effects are the caller's to clear. */
void effects_find(struct effects *effects, const struct rules *rules, const char *pmu);
void effects_clear(struct effects *effects);

/* True for a file that can be left out: nothing in it is about aux_max_order. */
bool effects_none(const char *text);

#endif
