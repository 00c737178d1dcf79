/* SPDX-License-Identifier: GPL-2.0-only */
/* All the udev rules that set the order of one PMU, and what comes out of them. */
#ifndef AUX_TUNE_SETTERS_H
#define AUX_TUNE_SETTERS_H

#include "rulefiles.h"

struct setter {
	char *file;			/* as a person writes it: with the root's prefix */
	unsigned int line;		/* 0: the file as a whole, which could not be read */
	bool certain;
	int order;			/* ORDER_UNKNOWN when the value is none */
	char *value;			/* as the line has it, NULL when not known */
	char *why;			/* unless certain: what is not known */
};

struct setters {
	struct setter *setters;		/* in the order they run: the last one wins */
	size_t nr;
};

void setters_find(struct setters *setters, const struct rule_files *files,
		  const struct kroot *root, const char *pmu);
void setters_clear(struct setters *setters);

/* The last of those that are certain to run, NULL without one. */
const struct setter *setters_certain(const struct setters *setters);

/* The last of those that may run after it. */
const struct setter *setters_unsure(const struct setters *setters);

/* "/etc/udev/rules.d/60-aux-tune.rules:3"; the caller frees it. */
char *setter_place(const struct setter *setter);

#endif
