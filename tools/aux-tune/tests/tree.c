// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tree.h"
#include "xalloc.h"

char *tree_new(void)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = xasprintf("%s/aux-tune-test.XXXXXX", tmp ?: "/tmp");

	assert_non_null(mkdtemp(dir));
	return dir;
}

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	return remove(path);
}

void tree_remove(char *dir)
{
	nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	free(dir);
}

void tree_file(const char *dir, const char *path, const char *text)
{
	char *full = xasprintf("%s%s", dir, path);
	FILE *file;

	for (char *p = full + strlen(dir) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(full, 0755);
		*p = '/';
	}
	file = fopen(full, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	free(full);
}

void tree_pmu(const char *dir, const char *name, const char *type, const char *order,
	      unsigned int mode)
{
	char *path = xasprintf(PMU_DEVICES "/%s/type", name);
	char *full;

	tree_file(dir, path, type);
	free(path);
	if (!order)
		return;
	path = xasprintf(PMU_DEVICES "/%s/aux_max_order", name);
	full = xasprintf("%s%s", dir, path);
	tree_file(dir, path, order);
	assert_int_equal(chmod(full, mode), 0);
	free(full);
	free(path);
}

char *tree_order(const char *dir, const char *name)
{
	char *path = xasprintf("%s" PMU_DEVICES "/%s/aux_max_order", dir, name);
	char *text = xcalloc(64, 1);
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0);
	assert_true(read(fd, text, 63) >= 0);
	close(fd);
	free(path);
	return text;
}

void tree_open(struct machine *machine, const char *dir)
{
	assert_int_equal(machine_open(machine, dir), 0);
}
