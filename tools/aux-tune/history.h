/* SPDX-License-Identifier: GPL-2.0-only */
/* What the screen has seen so far, in samples a second or more apart, for its time line. */
#ifndef AUX_TUNE_HISTORY_H
#define AUX_TUNE_HISTORY_H

#include "machine.h"

#define HISTORY_MAX	512		/* samples kept; no terminal shows more */
#define HISTORY_NONE	UINT64_MAX	/* not known at that time */

struct history;

/* @period_ms: time between samples, a second at least. */
struct history *history_new(unsigned int period_ms);
void history_free(struct history *history);

/* Takes a sample, unless the last one is less than a period ago. */
void history_add(struct history *history, const struct machine *machine, uint64_t now_ms);

unsigned int history_period_ms(const struct history *history);

/* Samples there are, HISTORY_MAX at most; their @age counts from 0, the last one. */
int history_samples(const struct history *history);

/* Bytes in AUX areas of @pmu, and free ones in blocks of at least @order. */
uint64_t history_live(const struct history *history, const char *pmu, int age);
uint64_t history_free_from(const struct history *history, int order, int age);

#endif
