/* SPDX-License-Identifier: GPL-2.0-only */
/* A captured tree in memory that a target fills, and that ends with it. */
#ifndef AUX_FUZZ_SCRATCH_H
#define AUX_FUZZ_SCRATCH_H

#include <stdbool.h>

/* The tree's directory; made at the first call, removed at exit. */
const char *scratch_dir(void);

/* Paths are below it: "/proc/buddyinfo". Directories a file is in are made. */
void scratch_file(const char *path, const char *text);
void scratch_mode(const char *path, unsigned int mode);

/* Nothing is left below @path, which may not be there. */
void scratch_remove(const char *path);

#endif
