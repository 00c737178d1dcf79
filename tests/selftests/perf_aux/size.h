/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SIZE_H
#define SIZE_H

#include <stdbool.h>
#include <stddef.h>

/* A number of bytes, with K, M or G behind it if you like. */
bool size_parse(const char *str, size_t *size);

#endif /* SIZE_H */
