// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inroot.h"

#define DEPTH_MAX	64
#define LINKS_MAX	40	/* as the kernel */

/* The way from the root, without it: ".." goes back along it and nowhere else. */
struct way {
	int root;
	int fds[DEPTH_MAX];
	int depth;
};

static int here(const struct way *way)
{
	return way->depth ? way->fds[way->depth - 1] : way->root;
}

static void back(struct way *way, int depth)
{
	while (way->depth > depth)
		close(way->fds[--way->depth]);
}

/* Cuts the first component off @rest; NULL when nothing is left. */
static char *next_component(char **rest)
{
	char *name;

	do
		name = strsep(rest, "/");
	while (name && !*name);
	return name;
}

/* Puts the target of the link before what is left of the path. */
static int follow(struct way *way, int link, char *path, char **rest)
{
	char target[PATH_MAX], longer[PATH_MAX];
	ssize_t len = readlinkat(link, "", target, sizeof(target) - 1);
	int n;

	if (len < 0)
		return -errno;
	target[len] = '\0';
	n = snprintf(longer, sizeof(longer), "%s/%s", target, *rest ? *rest : "");
	if (n >= PATH_MAX)
		return -ENAMETOOLONG;
	if (target[0] == '/')
		back(way, 0);
	memcpy(path, longer, n + 1);
	*rest = path;
	return 0;
}

static int step(struct way *way, const char *name, char *path, char **rest, int *links)
{
	struct stat st;
	int fd, err;

	if (!strcmp(name, "."))
		return 0;
	if (!strcmp(name, "..")) {
		back(way, way->depth ? way->depth - 1 : 0);
		return 0;
	}
	fd = openat(here(way), name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = fstat(fd, &st) ? -errno : 0;
	if (!err && S_ISLNK(st.st_mode)) {
		err = ++*links > LINKS_MAX ? -ELOOP : follow(way, fd, path, rest);
		close(fd);
		return err;
	}
	if (!err && way->depth == DEPTH_MAX)
		err = -ENAMETOOLONG;
	if (err)
		close(fd);
	else
		way->fds[way->depth++] = fd;
	return err;
}

/* Opening a device may do something, and opening a FIFO wakes up whoever waits for that. */
static int check_type(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	return S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) ? 0 : -EINVAL;
}

int inroot_open(int root, const char *path, int flags)
{
	struct way way = { .root = root };
	char buf[PATH_MAX], self[32], *rest = buf, *name;
	int links = 0, err = 0, fd;

	if (strlen(path) >= sizeof(buf))
		return -ENAMETOOLONG;
	memcpy(buf, path, strlen(path) + 1);
	while (!err && (name = next_component(&rest)))
		err = step(&way, name, buf, &rest, &links);
	if (!err && !(flags & O_PATH))
		err = check_type(here(&way));
	if (err) {
		back(&way, 0);
		return err;
	}
	/* What was found, and not what its name means by now. */
	snprintf(self, sizeof(self), "/proc/self/fd/%d", here(&way));
	fd = open(self, flags);
	err = fd < 0 ? -errno : 0;
	back(&way, 0);
	return err ? err : fd;
}
