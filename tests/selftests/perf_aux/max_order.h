/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MAX_ORDER_H
#define MAX_ORDER_H

#include <stddef.h>
#include <sys/types.h>

/*
 * The aux_max_order attribute of a PMU. Those that can fail return a negative
 * errno.
 */

#define MAX_ORDER_PATH_LEN	256

void max_order_path(const char *pmu, char *path);

/* Permissions, or 0 if the PMU has no such attribute. */
mode_t max_order_mode(const char *pmu);

int max_order_read(const char *pmu);

/* Returns what write() returned. */
ssize_t max_order_write(const char *pmu, const void *buf, size_t len);

/* Returns 0 if that is the value now. */
int max_order_set(const char *pmu, unsigned int order);

/*
 * Remember the values and modes of all PMUs, and set them again. A test may
 * leave its PMUs as they are: TEST_MAIN does this around all tests of a program.
 */
void max_orders_save(void);
void max_orders_restore(void);

#endif /* MAX_ORDER_H */
