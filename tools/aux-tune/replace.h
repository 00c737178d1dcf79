/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Replacing a configuration file so that everybody, at any time and after a power cut, sees
 * either the old contents or the new ones, whole. Nothing is followed that is a symbolic link,
 * be it a directory on the way or the file. Between begin and end nobody else who goes this way
 * changes the file.
 *
 * Functions return 0 or a negative errno.
 */
#ifndef AUX_TUNE_REPLACE_H
#define AUX_TUNE_REPLACE_H

#include <stdbool.h>
#include <sys/types.h>

#include "kfile.h"

struct replace {
	int dir;
	int temp;		/* the new file, and the lock */
	char *name;
	char *temp_name;
};

/*
 * @path: directories and file, without the root's prefix; the last three directories are
 * made if they are missing. -EBUSY when somebody else is at it for too long, -ELOOP for a link.
 */
int replace_begin(struct replace *replace, const struct kroot *root, const char *path);

/*
 * What is there now; *@text is the caller's to free, NULL when there is no file. -EINVAL for
 * anything but a regular file, -EFBIG above @max bytes, -EILSEQ with a NUL inside.
 */
int replace_read(const struct replace *replace, char **text, size_t max);

/* The new contents, mode 0644, and safely on the disk. */
int replace_write(struct replace *replace, const char *text);

/* No file instead. */
int replace_remove(struct replace *replace);

/* Always, after a successful begin. */
void replace_end(struct replace *replace);

/* The checks of begin and read without a change or a lock. */
int replace_look(const struct kroot *root, const char *path, char **text, size_t max);

/* 0 when replace_begin() would get as far as making the new file. */
int replace_possible(const struct kroot *root, const char *path);

#endif
