// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "stats.h"
#include "xalloc.h"

#define DEBUGFS		"/sys/kernel/debug"
#define PERF_AUX	DEBUGFS "/perf_aux"

#define STATS_MAX	(64 << 10)
#define AREAS_MAX	(4 << 20)
#define COLUMNS_MAX	32

static const char *const stat_names[] = {
	[STAT_AREAS_LIVE]	= "areas_live",
	[STAT_PAGES_LIVE]	= "pages_live",
	[STAT_AREAS_FAILED]	= "areas_failed",
	[STAT_FALLBACKS]	= "fallbacks",
};

/* "name value". Anything else, a number too large included, is passed over. */
static bool parse_stat(char *line, struct stat_value *stat)
{
	char *space = strchr(line, ' ');
	char *end;

	if (!space || space == line || space[1] < '0' || space[1] > '9')
		return false;
	errno = 0;
	stat->value = strtoull(space + 1, &end, 10);
	if (errno || *end)
		return false;
	*space = '\0';
	stat->name = line;
	return true;
}

void stats_parse(struct stats *stats, const char *text)
{
	char *copy = xstrdup(text), *line, *save;
	struct stat_value stat;

	memset(stats, 0, sizeof(*stats));
	for (line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (!parse_stat(line, &stat))
			continue;
		stat.name = xstrdup(stat.name);
		stats->values = xreallocarray(stats->values, stats->nr + 1, sizeof(stat));
		stats->values[stats->nr++] = stat;
	}
	free(copy);
}

int stats_read(struct stats *stats, const struct kroot *root, const char *pmu)
{
	char *path = xasprintf(PERF_AUX "/%s/stats", pmu);
	char *text;
	ssize_t len;

	memset(stats, 0, sizeof(*stats));
	len = kfile_read_alloc(root, path, &text, STATS_MAX);
	free(path);
	if (len < 0)
		return len;
	stats_parse(stats, text);
	free(text);
	return 0;
}

void stats_clear(struct stats *stats)
{
	for (size_t i = 0; i < stats->nr; i++)
		free(stats->values[i].name);
	free(stats->values);
	memset(stats, 0, sizeof(*stats));
}

bool stats_get(const struct stats *stats, enum stat_id id, uint64_t *value)
{
	for (size_t i = 0; i < stats->nr; i++) {
		if (strcmp(stats->values[i].name, stat_names[id]))
			continue;
		*value = stats->values[i].value;
		return true;
	}
	return false;
}

/* Cuts @line into at most @max words; the last one keeps its blanks, a comm may have some. */
static size_t split(char *line, char **words, size_t max)
{
	size_t n = 0;

	for (;;) {
		line += strspn(line, " \t");
		if (!*line)
			return n;
		words[n++] = line;
		if (n == max)
			return n;
		line += strcspn(line, " \t");
		if (*line)
			*line++ = '\0';
	}
}

int areas_parse(struct area_table *areas, const char *text)
{
	char *copy = xstrdup(text), *line, *save, *words[COLUMNS_MAX];
	size_t n;

	memset(areas, 0, sizeof(*areas));
	for (line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char ***out = areas->nr_columns ? &areas->cells : &areas->columns;
		size_t have = areas->nr_rows * areas->nr_columns;
		size_t columns;

		n = split(line, words, areas->nr_columns ?: COLUMNS_MAX);
		if (!n)
			continue;
		columns = areas->nr_columns ?: n;
		*out = xreallocarray(*out, have + columns, sizeof(**out));
		for (size_t i = 0; i < columns; i++)
			(*out)[have + i] = xstrdup(i < n ? words[i] : "");
		if (areas->nr_columns)
			areas->nr_rows++;
		else
			areas->nr_columns = columns;
	}
	free(copy);
	return areas->nr_columns ? 0 : -EINVAL;
}

int areas_read(struct area_table *areas, const struct kroot *root)
{
	char *text;
	ssize_t len;
	int err;

	memset(areas, 0, sizeof(*areas));
	len = kfile_read_alloc(root, PERF_AUX "/areas", &text, AREAS_MAX);
	if (len < 0)
		return len;
	err = areas_parse(areas, text);
	free(text);
	return err;
}

void areas_clear(struct area_table *areas)
{
	for (size_t i = 0; i < areas->nr_columns; i++)
		free(areas->columns[i]);
	for (size_t i = 0; i < areas->nr_rows * areas->nr_columns; i++)
		free(areas->cells[i]);
	free(areas->columns);
	free(areas->cells);
	memset(areas, 0, sizeof(*areas));
}

const char *areas_cell(const struct area_table *areas, size_t row, size_t column)
{
	return areas->cells[row * areas->nr_columns + column];
}

/* A captured tree has no file system type to ask for. */
static bool debugfs_mounted(const struct kroot *root)
{
	struct statfs fs;

	return !kroot_live(root) || (!statfs(DEBUGFS, &fs) && fs.f_type == DEBUGFS_MAGIC);
}

const char *stats_missing(const struct kroot *root)
{
	int fd = kfile_open(root, PERF_AUX, O_RDONLY | O_DIRECTORY);

	if (fd >= 0) {
		close(fd);
		return NULL;
	}
	if (fd == -EACCES || fd == -EPERM)
		return "no permission to read " DEBUGFS " (run as root)";
	if (fd == -ENOENT && !debugfs_mounted(root))
		return "debugfs is not mounted (mount -t debugfs none " DEBUGFS ")";
	if (fd == -ENOENT)
		return "this kernel has no AUX statistics (CONFIG_PERF_AUX_STATS)";
	return PERF_AUX " cannot be read";
}
