// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"

ssize_t file_read(const char *path, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t ret;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;

	while (len < size - 1) {
		ret = read(fd, buf + len, size - 1 - len);
		if (ret < 0) {
			ret = -errno;
			close(fd);
			return ret;
		}
		if (!ret)
			break;
		len += ret;
	}

	buf[len] = '\0';
	close(fd);
	return len;
}

ssize_t file_write(const char *path, const void *buf, size_t len)
{
	ssize_t ret;
	int fd;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;

	ret = write(fd, buf, len);
	if (ret < 0)
		ret = -errno;

	close(fd);
	return ret;
}

int file_write_str(const char *path, const char *str)
{
	ssize_t ret = file_write(path, str, strlen(str));

	if (ret < 0)
		return ret;

	return ret == (ssize_t)strlen(str) ? 0 : -EIO;
}

int file_write_ul(const char *path, unsigned long value)
{
	char buf[24];

	snprintf(buf, sizeof(buf), "%lu", value);
	return file_write_str(path, buf);
}

int file_read_ul(const char *path, unsigned long *value)
{
	char buf[64], *end;
	ssize_t ret;

	ret = file_read(path, buf, sizeof(buf));
	if (ret < 0)
		return ret;

	*value = strtoul(buf, &end, 10);
	return end == buf ? -EINVAL : 0;
}
