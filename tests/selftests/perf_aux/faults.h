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

/*
 * From now on, each @interval-th allocation of @min_order pages or more by this
 * thread fails.
 */
int faults_every(unsigned int interval, unsigned int min_order);
int faults_none(void);

/* The @nth next allocation of this thread fails, be it pages or slab. */
int faults_nth(unsigned int nth);

/* Whether it did; no allocation fails afterwards. */
bool faults_nth_happened(void);

#endif /* FAULTS_H */
