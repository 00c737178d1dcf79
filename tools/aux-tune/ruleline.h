/* SPDX-License-Identifier: GPL-2.0-only */
/* The lines this tool writes into a rules file, and what it does to a file's text. */
#ifndef AUX_TUNE_RULELINE_H
#define AUX_TUNE_RULELINE_H

#include "rules.h"

/*
 * The rule that gives this PMU, and no other, this order: one line without its newline, the
 * caller's to free. NULL for a name that cannot be written down so; then *@why says why.
 */
char *ruleline_make(const char *pmu, int order, const char **why);

/* True for a line that ruleline_make() has made; *@pmu is the caller's to free. */
bool ruleline_parse(const struct rules *rules, const struct rule *rule, char **pmu, int *order);

/*
 * The text with the PMU's line made, changed or, for ORDER_UNKNOWN, taken out; all other bytes
 * stay. A line somebody wrote that does the same already is enough. NULL with *@why, the
 * caller's to free, when it cannot be done. @text: NULL for a file that is not there.
 */
char *ruleline_edit(const char *text, const char *pmu, int order, char **why);

/* True when there is nothing in it but what ruleline_edit() put in front of the first line. */
bool ruleline_empty(const char *text);

#endif
