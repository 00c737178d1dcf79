/* SPDX-License-Identifier: GPL-2.0-only */
/* What the targets share: cutting the input into strings, and saying which property failed. */
#ifndef AUX_FUZZ_H
#define AUX_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition) do { \
	if (!(condition)) \
		fuzz_fail(__FILE__, __LINE__, #condition); \
} while (0)

void fuzz_fail(const char *file, int line, const char *condition) __attribute__((noreturn));

struct fuzz_input {
	const uint8_t *data;
	size_t size;
};

/*
 * The next string of the input, up to a NUL or its end, in memory of exactly its size. The
 * caller frees it.
 */
char *fuzz_string(struct fuzz_input *input);

/* A name as a directory entry can have it: not empty, no '/', at most 255 bytes. */
char *fuzz_name(struct fuzz_input *input);

unsigned int fuzz_byte(struct fuzz_input *input);

/*
 * What the tool prints between the two calls. Standard output may be closed in between. The
 * caller frees the result.
 */
void fuzz_capture(void);
char *fuzz_captured(void);

/* Only what may reach a terminal, and newlines. */
bool fuzz_printable(const char *text);

/* Valid UTF-8 by a decoder of the targets' own. */
bool fuzz_utf8(const char *text);

#endif
