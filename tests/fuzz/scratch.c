// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "scratch.h"
#include "xalloc.h"

static char *dir;

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	/* But not the directory of them all. */
	return ftw->level || strcmp(path, dir) ? remove(path) : 0;
}

static void remove_all(void)
{
	nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	rmdir(dir);
	free(dir);
}

const char *scratch_dir(void)
{
	if (dir)
		return dir;
	dir = xasprintf("%s/aux-fuzz.XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	CHECK(mkdtemp(dir));
	atexit(remove_all);
	return dir;
}

static char *full(const char *path)
{
	return xasprintf("%s%s", scratch_dir(), path);
}

static void make_dirs(char *path)
{
	for (char *p = path + strlen(dir) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		CHECK(!mkdir(path, 0755) || errno == EEXIST);
		*p = '/';
	}
}

void scratch_file(const char *path, const char *text)
{
	char *name = full(path);
	size_t len = strlen(text);
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 && errno == ENOENT) {
		make_dirs(name);
		fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	}
	CHECK(fd >= 0 && write(fd, text, len) == (ssize_t)len && !close(fd));
	free(name);
}

void scratch_mode(const char *path, unsigned int mode)
{
	char *name = full(path);

	CHECK(!chmod(name, mode));
	free(name);
}

void scratch_remove(const char *path)
{
	char *name = full(path);

	nftw(name, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	free(name);
}
