/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text that came from the kernel or a captured tree, made fit for where it goes. A PMU's
 * name is whatever a driver chose: it may hold quotes, escape sequences or broken UTF-8.
 */
#ifndef AUX_TUNE_TEXT_H
#define AUX_TUNE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the UTF-8 sequence at @s, stored in @cp; 0 when there is no valid one. */
size_t text_decode(const char *s, uint32_t *cp);

/* True for what must not reach a terminal: controls, and marks that reorder or hide text. */
bool text_unsafe(uint32_t cp);

/*
 * For a terminal: controls and invalid bytes become \xNN or \u{NNNN}; so does everything
 * outside ASCII unless @utf8. The caller frees the result.
 */
char *text_safe(const char *s, bool utf8);

/* The beginning of it, for a message to quote. The caller frees the result. */
char *text_excerpt(const char *s);

/* For JSON: valid UTF-8, a replacement character in place of each invalid byte. */
char *text_json(const char *s);

/* One word of a (bash) command line, quoted only when it has to be. */
char *text_shell(const char *s);

/* "0", "4.5M", "120G": at most four characters. */
void text_amount(char *buf, size_t size, uint64_t bytes);

/* True when the locale's character set is UTF-8. */
bool text_locale_utf8(void);

#endif
