/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FILE_H
#define FILE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Files of sysfs, procfs, debugfs and tracefs: one read() or write() each, and
 * a negative errno on failure.
 */

/* Reads all that fits, NUL-terminates it, and returns its length. */
ssize_t file_read(const char *path, char *buf, size_t size);

/* Returns what write() returned. */
ssize_t file_write(const char *path, const void *buf, size_t len);

/* Returns 0 if all of it was written. */
int file_write_str(const char *path, const char *str);
int file_write_ul(const char *path, unsigned long value);

/* Returns 0 and the number that the file starts with. */
int file_read_ul(const char *path, unsigned long *value);

#endif /* FILE_H */
