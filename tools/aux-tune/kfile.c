// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inroot.h"
#include "kfile.h"
#include "xalloc.h"

int kroot_open(struct kroot *root, const char *dir)
{
	size_t len;

	root->fd = -1;
	root->prefix = NULL;
	if (dir) {
		root->fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (root->fd < 0)
			return -errno;
	}
	root->prefix = xstrdup(dir ? dir : "");
	for (len = strlen(root->prefix); len && root->prefix[len - 1] == '/'; len--)
		root->prefix[len - 1] = '\0';
	return 0;
}

void kroot_close(struct kroot *root)
{
	if (root->fd >= 0)
		close(root->fd);
	free(root->prefix);
	root->fd = -1;
	root->prefix = NULL;
}

/* The live system takes plain open(), which is also what umockdev redirects. */
static int open_under(const struct kroot *root, const char *path, int flags)
{
	int fd;

	if (!kroot_live(root))
		return inroot_open(root->fd, path, flags);
	fd = open(path, flags);
	return fd < 0 ? -errno : fd;
}

int kfile_open(const struct kroot *root, const char *path, int flags)
{
	struct stat st;
	int fd, err;

	/* A FIFO in a captured tree must not hang the tool. */
	if (!(flags & O_PATH))
		flags |= O_NONBLOCK | O_NOCTTY;
	fd = open_under(root, path, flags | O_CLOEXEC);
	if (fd < 0 || flags & (O_PATH | O_DIRECTORY))
		return fd;
	err = fstat(fd, &st) ? -errno : S_ISREG(st.st_mode) ? 0 : -EINVAL;
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

ssize_t kfile_read_fd(int fd, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t n;

	/* One byte beyond the buffer is asked for, to tell "full" from "too large". */
	for (;;) {
		char beyond;
		bool full = len == size - 1;

		n = pread(fd, full ? &beyond : buf + len, full ? 1 : size - 1 - len, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		if (full)
			return -EFBIG;
		len += n;
	}
	buf[len] = '\0';
	if (memchr(buf, '\0', len))
		return -EILSEQ;
	return len;
}

ssize_t kfile_read(const struct kroot *root, const char *path, char *buf, size_t size)
{
	int fd = kfile_open(root, path, O_RDONLY);
	ssize_t len;

	if (fd < 0)
		return fd;
	len = kfile_read_fd(fd, buf, size);
	close(fd);
	return len;
}

ssize_t kfile_read_alloc(const struct kroot *root, const char *path, char **text, size_t max)
{
	int fd = kfile_open(root, path, O_RDONLY);
	size_t size = 4096;
	char *buf = NULL;
	ssize_t len;

	*text = NULL;
	if (fd < 0)
		return fd;
	do {
		size = size > max / 2 ? max + 1 : size * 2;
		buf = xreallocarray(buf, size, 1);
		len = kfile_read_fd(fd, buf, size);
	} while (len == -EFBIG && size <= max);
	close(fd);
	if (len < 0) {
		free(buf);
		return len;
	}
	*text = buf;
	return len;
}

int kfile_write(const struct kroot *root, const char *path, const char *text)
{
	int fd = kfile_open(root, path, O_WRONLY | O_TRUNC);
	size_t len = strlen(text);
	ssize_t n;
	int err = 0;

	if (fd < 0)
		return fd;
	do
		n = write(fd, text, len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		err = -errno;
	else if ((size_t)n != len)
		err = -EIO;
	if (close(fd) && !err)
		err = -errno;
	return err;
}

int kfile_writable(const struct kroot *root, const char *path)
{
	int fd = kfile_open(root, path, O_WRONLY);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

int kfile_mode(const struct kroot *root, const char *path, mode_t *mode)
{
	int fd = kfile_open(root, path, O_PATH);
	struct stat st;
	int err;

	if (fd < 0)
		return fd;
	err = fstat(fd, &st) ? -errno : 0;
	close(fd);
	if (!err)
		*mode = st.st_mode;
	return err;
}

int kfile_list(const struct kroot *root, const char *dir,
	       void (*entry)(const char *name, void *arg), void *arg)
{
	int fd = kfile_open(root, dir, O_RDONLY | O_DIRECTORY);
	struct dirent *d;
	DIR *stream;

	if (fd < 0)
		return fd;
	stream = fdopendir(fd);
	if (!stream) {
		int err = -errno;

		close(fd);
		return err;
	}
	while ((d = readdir(stream)))
		if (strcmp(d->d_name, ".") && strcmp(d->d_name, ".."))
			entry(d->d_name, arg);
	closedir(stream);
	return 0;
}
