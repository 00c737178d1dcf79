// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "replace.h"
#include "xalloc.h"

/* udev reads what ends in ".rules", so a forgotten one of these is harmless. */
#define SUFFIX		".new"

#define LOCK_TRIES	50
#define LOCK_WAIT_NS	100000000L

/* How many of the last directories of a path are made when they are missing. */
#define MAKE_LAST	3

static int sync_fd(int fd)
{
	/* A directory of a file system without fsync() for directories is as safe as it gets. */
	return fsync(fd) && errno != EINVAL && errno != EROFS ? -errno : 0;
}

static int make_dir(int parent, const char *name)
{
	int err;

	if (mkdirat(parent, name, 0755))
		return errno == EEXIST ? 0 : -errno;
	/* Whatever the umask: udev and everybody else are to see what is saved. */
	err = fchmodat(parent, name, 0755, 0) ? -errno : 0;
	return err ? err : sync_fd(parent);
}

static size_t count_slashes(const char *path)
{
	size_t n = 0;

	while ((path = strchr(path, '/'))) {
		path++;
		n++;
	}
	return n;
}

/* Opens the directory of @path, component by component; *@name is what is left, the file. */
static int walk(const struct kroot *root, const char *path, bool make, const char **name)
{
	int dir, next, err;

	dir = kroot_live(root) ? open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) :
				 openat(root->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	for (path++; strchr(path, '/'); path = strchr(path, '/') + 1) {
		char *component = xalloc_check(strndup(path, strcspn(path, "/")));
		int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

		next = openat(dir, component, flags);
		err = next < 0 ? -errno : 0;
		if (err == -ENOENT && make && count_slashes(path) <= MAKE_LAST) {
			err = make_dir(dir, component);
			if (!err) {
				next = openat(dir, component, flags);
				err = next < 0 ? -errno : 0;
			}
		}
		/* With O_DIRECTORY a link is told as what it is not. */
		if (err == -ENOTDIR) {
			struct stat st;

			if (!fstatat(dir, component, &st, AT_SYMLINK_NOFOLLOW) &&
			    S_ISLNK(st.st_mode))
				err = -ELOOP;
		}
		free(component);
		close(dir);
		if (err)
			return err;
		dir = next;
	}
	*name = path;
	return dir;
}

static int check_type(const struct stat *st)
{
	return S_ISLNK(st->st_mode) ? -ELOOP : S_ISREG(st->st_mode) ? 0 : -EINVAL;
}

/* Looks first: what is no file may do something when it is opened, as devices do. */
static int open_regular(int dir, const char *name, int flags)
{
	struct stat st;
	int fd, err;

	err = fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) ? -errno : check_type(&st);
	if (err)
		return err;
	fd = openat(dir, name, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = fstat(fd, &st) ? -errno : check_type(&st);
	if (!err)
		return fd;
	close(fd);
	return err;
}

static int read_file(int dir, const char *name, char **text, size_t max)
{
	int fd = open_regular(dir, name, O_RDONLY);
	struct stat st;
	ssize_t len;
	int err;

	*text = NULL;
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	err = fstat(fd, &st) ? -errno : 0;
	if (!err && (uintmax_t)st.st_size > max)
		err = -EFBIG;
	if (!err) {
		*text = xcalloc(st.st_size + 1, 1);
		len = kfile_read_fd(fd, *text, st.st_size + 1);
		err = len < 0 ? len : 0;
	}
	if (err) {
		free(*text);
		*text = NULL;
	}
	close(fd);
	return err;
}

/* True when the temporary file at @name is the one that @fd has open and locked. */
static bool still_there(int dir, const char *name, int fd)
{
	struct stat here, there;

	return !fstat(fd, &here) && !fstatat(dir, name, &there, AT_SYMLINK_NOFOLLOW) &&
	       here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

/*
 * One that exists is somebody's who is at it, or was left behind by somebody who died. Only
 * its lock tells, and nobody but the owner can have that: the mode is 0600.
 */
static int clear_stale(int dir, const char *name)
{
	int fd = open_regular(dir, name, O_RDWR);
	int err = 0;

	/* Something else that has the name is nobody's lock. */
	if (fd < 0 && fd != -ELOOP && fd != -EINVAL)
		return fd == -ENOENT ? 0 : fd;
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB))
		err = -EBUSY;
	else if (fd < 0 || still_there(dir, name, fd))
		err = unlinkat(dir, name, 0) && errno != ENOENT ? -errno : 0;
	if (fd >= 0)
		close(fd);
	return err;
}

static int lock_temp(struct replace *replace)
{
	const struct timespec wait = { .tv_nsec = LOCK_WAIT_NS };
	int err = -EBUSY;

	for (int i = 0; i < LOCK_TRIES; i++) {
		int fd = openat(replace->dir, replace->temp_name,
				O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

		if (fd >= 0) {
			/* Between the two somebody may have taken it for a forgotten one. */
			if (!flock(fd, LOCK_EX | LOCK_NB) &&
			    still_there(replace->dir, replace->temp_name, fd)) {
				replace->temp = fd;
				return 0;
			}
			close(fd);
			continue;
		}
		if (errno != EEXIST)
			return -errno;
		err = clear_stale(replace->dir, replace->temp_name);
		if (err == -EBUSY)
			nanosleep(&wait, NULL);
		else if (err)
			return err;
	}
	return err ? err : -EBUSY;
}

int replace_begin(struct replace *replace, const struct kroot *root, const char *path)
{
	const char *name;
	int err;

	*replace = (struct replace){ .dir = -1, .temp = -1 };
	replace->dir = walk(root, path, true, &name);
	if (replace->dir < 0)
		return replace->dir;
	replace->name = xstrdup(name);
	replace->temp_name = xasprintf(".%s" SUFFIX, name);
	err = lock_temp(replace);
	if (err)
		replace_end(replace);
	return err;
}

int replace_read(const struct replace *replace, char **text, size_t max)
{
	return read_file(replace->dir, replace->name, text, max);
}

static int write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		left -= n;
	}
	return 0;
}

int replace_write(struct replace *replace, const char *text)
{
	int err = write_all(replace->temp, text);

	/* The contents have to be there before the name is. */
	if (!err && fchmod(replace->temp, 0644))
		err = -errno;
	if (!err && fsync(replace->temp))
		err = -errno;
	if (err)
		return err;
	if (renameat(replace->dir, replace->temp_name, replace->dir, replace->name))
		return -errno;
	free(replace->temp_name);
	replace->temp_name = NULL;
	return sync_fd(replace->dir);
}

int replace_remove(struct replace *replace)
{
	if (unlinkat(replace->dir, replace->name, 0) && errno != ENOENT)
		return -errno;
	return sync_fd(replace->dir);
}

void replace_end(struct replace *replace)
{
	/* Before the lock goes with the descriptor. */
	if (replace->temp >= 0 && replace->temp_name)
		unlinkat(replace->dir, replace->temp_name, 0);
	if (replace->temp >= 0)
		close(replace->temp);
	if (replace->dir >= 0)
		close(replace->dir);
	free(replace->temp_name);
	free(replace->name);
	*replace = (struct replace){ .dir = -1, .temp = -1 };
}

int replace_look(const struct kroot *root, const char *path, char **text, size_t max)
{
	const char *name;
	int dir, err;

	*text = NULL;
	dir = walk(root, path, false, &name);
	if (dir == -ENOENT)
		return 0;
	if (dir < 0)
		return dir;
	err = read_file(dir, name, text, max);
	close(dir);
	return err;
}

int replace_possible(const struct kroot *root, const char *path)
{
	const char *slash = strrchr(path, '/'), *name;
	char *above;
	int dir, err;

	dir = walk(root, path, false, &name);
	/* One that is missing is made if the one it is in can be written. */
	if (dir == -ENOENT && slash != path) {
		above = xalloc_check(strndup(path, slash - path));
		err = replace_possible(root, above);
		free(above);
		return err;
	}
	if (dir < 0)
		return dir;
	/* Not access(): what counts are the effective ids. */
	err = faccessat(dir, ".", W_OK | X_OK, AT_EACCESS) ? -errno : 0;
	close(dir);
	return err;
}
