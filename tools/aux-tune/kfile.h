/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's files: every read and write of sysfs, debugfs and /proc goes through here,
 * under one root. With a captured tree as the root nothing outside of it is ever touched,
 * wherever its symbolic links point.
 *
 * Paths are the kernel's ("/proc/buddyinfo"). Functions return 0 or a size, or a negative
 * errno.
 */
#ifndef AUX_TUNE_KFILE_H
#define AUX_TUNE_KFILE_H

#include <stdbool.h>
#include <sys/types.h>

struct kroot {
	int fd;			/* where a captured tree starts; -1: the live system */
	char *prefix;		/* what a person writes before a path; "" when live */
};

/* @dir is the captured tree, NULL for the live system. */
int kroot_open(struct kroot *root, const char *dir);
void kroot_close(struct kroot *root);

static inline bool kroot_live(const struct kroot *root)
{
	return root->fd < 0;
}

/* A descriptor for a regular file; with O_DIRECTORY or O_PATH for anything. */
int kfile_open(const struct kroot *root, const char *path, int flags);

/*
 * The whole file, NUL-terminated. -EFBIG when @size does not hold it, -EILSEQ when it has
 * a NUL inside. Returns its length.
 */
ssize_t kfile_read(const struct kroot *root, const char *path, char *buf, size_t size);

/* The same from an open descriptor, from the file's start. */
ssize_t kfile_read_fd(int fd, char *buf, size_t size);

/* The same into memory the caller frees; -EFBIG above @max bytes. */
ssize_t kfile_read_alloc(const struct kroot *root, const char *path, char **text, size_t max);

/* Writes @text with one write(), as an attribute wants it. */
int kfile_write(const struct kroot *root, const char *path, const char *text);

/* 0 when the file could be written now; changes nothing. */
int kfile_writable(const struct kroot *root, const char *path);

/* Type and permission bits. */
int kfile_mode(const struct kroot *root, const char *path, mode_t *mode);

/* Calls @entry for each name in a directory, in no order. */
int kfile_list(const struct kroot *root, const char *dir,
	       void (*entry)(const char *name, void *arg), void *arg);

#endif
