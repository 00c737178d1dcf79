// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "effect.h"
#include "rulefiles.h"
#include "xalloc.h"

/* As udev(7) has them; the last where /usr has not been merged. */
static const char *const dirs[RULES_DIRS] = {
	RULES_DIR,
	"/run/udev/rules.d",
	"/usr/local/lib/udev/rules.d",
	"/usr/lib/udev/rules.d",
	"/lib/udev/rules.d",
};

/* Every rules file there is, before any is opened. */
struct entry {
	char *name;
	int dir;
};

struct listing {
	struct entry *entries;
	size_t nr;
	int dir;
};

/* udev leaves hidden files alone. */
static bool is_rules(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len >= strlen(".rules") &&
	       !strcmp(name + len - strlen(".rules"), ".rules");
}

static void list_entry(const char *name, void *arg)
{
	struct listing *listing = arg;

	if (!is_rules(name))
		return;
	listing->entries = xreallocarray(listing->entries, listing->nr + 1,
					 sizeof(*listing->entries));
	listing->entries[listing->nr++] = (struct entry){ xstrdup(name), listing->dir };
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;
	int order = strcmp(left->name, right->name);

	return order ? order : left->dir - right->dir;
}

static int stat_path(const struct kroot *root, const char *path, struct stat *st)
{
	int fd = kfile_open(root, path, O_PATH);
	int err;

	if (fd < 0)
		return fd;
	err = fstat(fd, st) ? -errno : 0;
	close(fd);
	return err;
}

/* A number that is another one when the file is. */
static uint64_t stamp(const struct stat *st)
{
	const uint64_t parts[] = {
		st->st_ino, st->st_size, st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
	};
	uint64_t sum = 0xcbf29ce484222325;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		sum = (sum ^ parts[i]) * 0x100000001b3;
	return sum;
}

struct stamps {
	const struct kroot *root;
	const char *dir;
	uint64_t sum;
};

static void add_stamp(const char *name, void *arg)
{
	struct stamps *stamps = arg;
	struct stat st;
	char *path;

	if (!is_rules(name))
		return;
	path = xasprintf("%s/%s", stamps->dir, name);
	if (!stat_path(stamps->root, path, &st))
		stamps->sum += stamp(&st);
	free(path);
}

static uint64_t dir_stamp(const struct kroot *root, const char *dir)
{
	struct stamps stamps = { .root = root, .dir = dir };
	struct stat st;

	if (stat_path(root, dir, &st))
		return 0;
	stamps.sum = stamp(&st);
	kfile_list(root, dir, add_stamp, &stamps);
	return stamps.sum;
}

static void add_file(struct rule_files *files, const char *path, const char *text, int error,
		     bool overridden)
{
	struct rule_file file = {
		.path = xstrdup(path),
		.error = error,
		.overridden = overridden,
	};

	if (text)
		rules_parse(&file.rules, text);
	files->files = xreallocarray(files->files, files->nr + 1, sizeof(file));
	files->files[files->nr++] = file;
}

static void read_entry(struct rule_files *files, const struct kroot *root,
		       const struct entry *entry, bool overridden)
{
	char *path = xasprintf("%s/%s", dirs[entry->dir], entry->name);
	char *text;
	ssize_t len = kfile_read_alloc(root, path, &text, RULES_FILE_MAX);

	/* A link to /dev/null, or to nothing, is how a file of that name is switched off. */
	if (len >= 0 && !effects_none(text))
		add_file(files, path, text, 0, overridden);
	else if (len < 0 && len != -ENOENT && len != -EINVAL && !overridden)
		add_file(files, path, NULL, len, overridden);
	free(text);
	free(path);
}

/* "/lib" is "/usr/lib" on most systems. */
static bool seen_before(const struct stat *stats, int dir)
{
	for (int i = 0; i < dir; i++)
		if (stats[dir].st_ino && stats[i].st_ino == stats[dir].st_ino &&
		    stats[i].st_dev == stats[dir].st_dev)
			return true;
	return false;
}

void rule_files_read(struct rule_files *files, const struct kroot *root)
{
	struct stat stats[RULES_DIRS] = { 0 };
	struct listing listing = { 0 };
	int errors[RULES_DIRS];

	memset(files, 0, sizeof(*files));
	for (int i = 0; i < RULES_DIRS; i++) {
		errors[i] = stat_path(root, dirs[i], &stats[i]);
		files->stamps[i] = dir_stamp(root, dirs[i]);
		listing.dir = i;
		if (!errors[i] && !seen_before(stats, i))
			errors[i] = kfile_list(root, dirs[i], list_entry, &listing);
	}
	if (listing.nr)
		qsort(listing.entries, listing.nr, sizeof(*listing.entries), compare_entries);
	for (size_t i = 0; i < listing.nr; i++)
		read_entry(files, root, &listing.entries[i],
			   i && !strcmp(listing.entries[i].name, listing.entries[i - 1].name));
	/* What is in these may run after all that could be read. */
	for (int i = 0; i < RULES_DIRS; i++)
		if (errors[i] && errors[i] != -ENOENT && errors[i] != -ENOTDIR)
			add_file(files, dirs[i], NULL, errors[i], false);
	for (size_t i = 0; i < listing.nr; i++)
		free(listing.entries[i].name);
	free(listing.entries);
}

void rule_files_clear(struct rule_files *files)
{
	for (size_t i = 0; i < files->nr; i++) {
		rules_clear(&files->files[i].rules);
		free(files->files[i].path);
	}
	free(files->files);
	memset(files, 0, sizeof(*files));
}

bool rule_files_changed(const struct rule_files *files, const struct kroot *root)
{
	for (int i = 0; i < RULES_DIRS; i++)
		if (dir_stamp(root, dirs[i]) != files->stamps[i])
			return true;
	return false;
}
