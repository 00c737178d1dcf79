/* SPDX-License-Identifier: GPL-2.0-only */
/* Page orders: what a person writes, and how large the chunk of an order is. */
#ifndef AUX_TUNE_ORDER_H
#define AUX_TUNE_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No kernel has a larger MAX_PAGE_ORDER; what claims to be more is not believed. */
#define ORDER_LIMIT	24

#define ORDER_UNKNOWN	(-1)

/* Bytes in one chunk of @order pages. */
uint64_t order_bytes(int order, size_t page_size);

/*
 * Reads a chunk size: an order ("3"), a size that is exactly one chunk ("64K", "2M"), or
 * "max". @max is the largest order of this kernel, ORDER_UNKNOWN when nothing told.
 *
 * Returns the order, -EINVAL for what is no chunk size, -ERANGE for one out of range; then
 * *@why says what would be right, and the caller frees it.
 */
int order_parse(const char *s, int max, size_t page_size, char **why);

/* The integer in an attribute's text ("3\n"): 0..ORDER_LIMIT, or -EINVAL. */
int order_from_attribute(const char *text);

/* "4096", "64K", "2M", "1G" in bytes. False for what is no size. */
bool order_parse_bytes(const char *s, uint64_t *bytes);

/* "0-10", "3": orders up to ORDER_LIMIT, the smaller one first. False for what is none. */
bool order_parse_range(const char *s, int *first, int *last);

/* "4K", "2M": a size as order_parse() takes it. @buf holds at least 24 bytes. */
const char *order_size_text(char *buf, uint64_t bytes);

#endif
