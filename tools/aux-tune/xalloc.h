/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocation that does not fail: the tool holds a few kilobytes, so running out means the
 * machine is lost. abort() rather than exit(): screen.c's handler gives the terminal back.
 */
#ifndef AUX_TUNE_XALLOC_H
#define AUX_TUNE_XALLOC_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void *xalloc_check(void *p)
{
	if (!p) {
		fputs("aux-tune: out of memory\n", stderr);
		abort();
	}
	return p;
}

static inline void *xcalloc(size_t n, size_t size)
{
	return xalloc_check(calloc(n ? n : 1, size ? size : 1));
}

static inline void *xreallocarray(void *p, size_t n, size_t size)
{
	return xalloc_check(reallocarray(p, n ? n : 1, size ? size : 1));
}

static inline char *xstrdup(const char *s)
{
	return xalloc_check(strdup(s));
}

__attribute__((format(printf, 1, 0)))
static inline char *xvasprintf(const char *fmt, va_list ap)
{
	char *s;

	return vasprintf(&s, fmt, ap) < 0 ? xalloc_check(NULL) : s;
}

__attribute__((format(printf, 1, 2)))
static inline char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	return s;
}

#endif
