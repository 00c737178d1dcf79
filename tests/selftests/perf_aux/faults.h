/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FAULTS_H
#define FAULTS_H

#include <stdbool.h>

/* Allocations that fail on purpose, with CONFIG_FAIL_PAGE_ALLOC and CONFIG_FAILSLAB. */

/* Whether the kernel can; this thread, its memory, and nobody else's. */
bool faults_available(void);

/*
 * Remember how the kernel is set up, and set it up so that all allocations can
 * fail, silently, though none does yet.
 */
int faults_begin(void);
void faults_end(void);

/* After a fork(): the child's own allocations, from now on. */
int faults_child(void);

/*
 * From now on, each @interval-th allocation of @min_order pages or more by this
 * thread fails.
 */
int faults_every(unsigned int interval, unsigned int min_order);
int faults_none(void);

/* From now on, @percent of the allocations of this thread fail, be it pages or slab. */
int faults_at_random(unsigned int percent);

/* Not now, and then again. */
int faults_pause(void);
int faults_resume(void);

/* The @nth next allocation of this thread fails, be it pages or slab. */
int faults_nth(unsigned int nth);

/* Whether it did; no allocation fails afterwards. */
bool faults_nth_happened(void);

/* How many allocations failed on purpose since faults_begin(), as the kernel counts them. */
unsigned long faults_count(void);

#endif /* FAULTS_H */
