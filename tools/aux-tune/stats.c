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
#define COLUMNS_MAX	64
#define COUNTERS_MAX	512

#define CAUSE_PREFIX	"area_fail_"

static const char *const stat_names[] = {
	[STAT_AREA_LIVE]	= "area_live",
	[STAT_PAGE_LIVE]	= "page_live",
	[STAT_AREA_ALLOC]	= "area_alloc",
	[STAT_CHUNK_FALLBACK]	= "chunk_fallback",
	[STAT_ALLOC_NS_TOTAL]	= "alloc_ns_total",
	[STAT_ALLOC_NS_MAX]	= "alloc_ns_max",
};

static const char *const chunk_prefixes[] = {
	[STAT_CHUNK_LIVE]	= "chunk_live_order_",
	[STAT_CHUNK_ALLOC]	= "chunk_alloc_order_",
};

static const struct stat_cause causes[] = {
	{ "area_fail_max_order", "larger than the largest block there is",
	  "it must be one chunk in overwrite mode: ask for a smaller area" },
	{ "area_fail_no_block", "no free block is large enough",
	  "lower aux_max_order of other PMUs, or: echo 1 > /proc/sys/vm/compact_memory" },
	{ "area_fail_page_array", "no memory for the array of page addresses",
	  "ask for a smaller area" },
	{ "area_fail_setup", "the driver refused it",
	  "see the documentation of the PMU for the sizes it supports" },
	{ "area_fail_interrupted", "the task was being killed", "nothing is wrong" },
};

/* What a cause that was added later is called. */
static const struct stat_cause unknown_cause = {
	NULL, "not known to this version", "see the documentation of the kernel",
};

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

static uint64_t add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

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
	stat->len = space - line;
	return true;
}

/* Names have long beginnings in common, and differ in their ends. */
static bool has_name(const struct stats *stats, const struct stat_value *stat)
{
	char last = stat->name[stat->len - 1];

	for (size_t i = 0; i < stats->nr; i++) {
		const struct stat_value *other = &stats->values[i];

		if (other->len == stat->len && other->name[stat->len - 1] == last &&
		    !memcmp(other->name, stat->name, stat->len))
			return true;
	}
	return false;
}

static const struct stat_value *find_value(const struct stats *stats, const char *name)
{
	for (size_t i = 0; i < stats->nr; i++)
		if (!strcmp(stats->values[i].name, name))
			return &stats->values[i];
	return NULL;
}

void stats_parse(struct stats *stats, const char *text)
{
	char *line, *save;
	size_t room = 0;
	struct stat_value stat;

	memset(stats, 0, sizeof(*stats));
	stats->text = xstrdup(text);
	for (line = strtok_r(stats->text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (stats->nr == COUNTERS_MAX)
			break;
		if (!parse_stat(line, &stat) || has_name(stats, &stat))
			continue;
		if (stats->nr == room) {
			room = room ? 2 * room : 64;
			stats->values = xreallocarray(stats->values, room, sizeof(stat));
		}
		stats->values[stats->nr++] = stat;
	}
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
	free(stats->values);
	free(stats->text);
	memset(stats, 0, sizeof(*stats));
}

bool stats_get(const struct stats *stats, enum stat_id id, uint64_t *value)
{
	const struct stat_value *found = find_value(stats, stat_names[id]);

	if (found)
		*value = found->value;
	return found;
}

bool stats_is_cause(const char *name)
{
	return !strncmp(name, CAUSE_PREFIX, strlen(CAUSE_PREFIX));
}

const struct stat_cause *stats_cause(const char *name)
{
	for (size_t i = 0; i < NR(causes); i++)
		if (!strcmp(causes[i].name, name))
			return &causes[i];
	return &unknown_cause;
}

bool stats_failures(const struct stats *stats, uint64_t *value)
{
	bool any = false;

	*value = 0;
	for (size_t i = 0; i < stats->nr; i++) {
		if (!stats_is_cause(stats->values[i].name))
			continue;
		*value = add(*value, stats->values[i].value);
		any = true;
	}
	return any;
}

/* The digits of @s up to @end, as an order; -1 for what is none. */
static int parse_order(const char *s, const char *end)
{
	int order = 0;

	if (s == end || (*s == '0' && end - s > 1))
		return -1;
	for (; s < end; s++) {
		if (*s < '0' || *s > '9')
			return -1;
		order = order * 10 + (*s - '0');
		if (order > ORDER_LIMIT)
			return -1;
	}
	return order;
}

static int chunk_order(const char *name, enum stat_chunks which)
{
	size_t len = strlen(chunk_prefixes[which]);

	if (strncmp(name, chunk_prefixes[which], len))
		return -1;
	return parse_order(name + len, name + strlen(name));
}

bool stats_known(const char *name)
{
	for (size_t i = 0; i < NR(stat_names); i++)
		if (!strcmp(name, stat_names[i]))
			return true;
	return stats_is_cause(name) || chunk_order(name, STAT_CHUNK_LIVE) >= 0 ||
	       chunk_order(name, STAT_CHUNK_ALLOC) >= 0;
}

static void set_chunks(struct chunks *chunks, int order, uint64_t nr)
{
	chunks->nr[order] = nr;
	if (order >= chunks->orders)
		chunks->orders = order + 1;
}

bool stats_chunks(const struct stats *stats, enum stat_chunks which, struct chunks *chunks)
{
	memset(chunks, 0, sizeof(*chunks));
	for (size_t i = 0; i < stats->nr; i++) {
		int order = chunk_order(stats->values[i].name, which);

		if (order >= 0)
			set_chunks(chunks, order, stats->values[i].value);
	}
	return chunks->orders;
}

uint64_t chunks_total(const struct chunks *chunks)
{
	uint64_t total = 0;

	for (int i = 0; i < chunks->orders; i++)
		total = add(total, chunks->nr[i]);
	return total;
}

uint64_t chunks_pages(const struct chunks *chunks, int order)
{
	uint64_t nr = chunks->nr[order];

	return nr > UINT64_MAX >> order ? UINT64_MAX : nr << order;
}

/* "\040" becomes a blank, in place. What is no such escape stays as it is, and so does \000. */
static void decode(char *word)
{
	char *out = word;

	while (*word) {
		int c = 0;

		if (word[0] == '\\' && word[1] >= '0' && word[1] <= '3' && word[2] >= '0' &&
		    word[2] <= '7' && word[3] >= '0' && word[3] <= '7')
			c = (word[1] - '0') << 6 | (word[2] - '0') << 3 | (word[3] - '0');
		*out++ = c ?: *word;
		word += c ? 4 : 1;
	}
	*out = '\0';
}

static bool parse_number(const char *s, int64_t *value)
{
	const char *digits = s + (*s == '-');
	char *end;

	if (*digits < '0' || *digits > '9')
		return false;
	errno = 0;
	*value = strtoll(s, &end, 10);
	return !errno && !*end;
}

/* "9:1,8:2"; nothing at all for an area without chunks. */
static bool parse_chunks(const char *s, struct chunks *chunks)
{
	memset(chunks, 0, sizeof(*chunks));
	while (*s) {
		const char *colon = strchr(s, ':');
		int order = colon ? parse_order(s, colon) : -1;
		char *end;

		if (order < 0 || colon[1] < '0' || colon[1] > '9')
			return false;
		errno = 0;
		set_chunks(chunks, order, strtoull(colon + 1, &end, 10));
		if (errno || (*end && (*end != ',' || !end[1])))
			return false;
		s = end + (*end == ',');
	}
	return true;
}

bool areas_is_number(const char *column)
{
	static const char *const names[] = {
		"cpu", "pid", "pages", "max_order", "node", "age_ms",
	};

	for (size_t i = 0; i < NR(names); i++)
		if (!strcmp(names[i], column))
			return true;
	return false;
}

/* Words with single blanks in between; more than COLUMNS_MAX count as one more. */
static size_t split(char *line, char **words)
{
	size_t n = 0;
	char *word;

	while ((word = strsep(&line, " "))) {
		if (n == COLUMNS_MAX)
			return n + 1;
		words[n++] = word;
	}
	return n;
}

static bool is_heading(char **words, size_t n)
{
	bool pmu = false;

	/* One more than there are words. */
	if (n > COLUMNS_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!*words[i])
			return false;
		pmu |= !strcmp(words[i], "pmu");
	}
	return pmu;
}

static bool is_row(const struct area_table *areas, char **words, size_t n)
{
	struct chunks chunks;
	int64_t number;

	if (n != areas->nr_columns)
		return false;
	for (size_t i = 0; i < n; i++) {
		const char *column = areas->columns[i];

		if (areas_is_number(column) && !parse_number(words[i], &number))
			return false;
		if (!strcmp(column, "chunks") && !parse_chunks(words[i], &chunks))
			return false;
	}
	return true;
}

/* Takes a line that has no newline any more. */
static void parse_area(struct area_table *areas, char *line)
{
	size_t have = areas->nr_rows * areas->nr_columns, n;
	char *words[COLUMNS_MAX];

	n = split(line, words);
	if (!areas->nr_columns) {
		if (!is_heading(words, n))
			return;
		areas->columns = xreallocarray(NULL, n, sizeof(*areas->columns));
		for (size_t i = 0; i < n; i++)
			areas->columns[i] = xstrdup(words[i]);
		areas->nr_columns = n;
		return;
	}
	if (!is_row(areas, words, n)) {
		areas->nr_garbage++;
		return;
	}
	areas->cells = xreallocarray(areas->cells, have + n, sizeof(*areas->cells));
	for (size_t i = 0; i < n; i++) {
		/* How the kernel writes an empty name. */
		bool empty = !strcmp(areas->columns[i], "comm") && !strcmp(words[i], "-");

		decode(words[i]);
		areas->cells[have + i] = xstrdup(empty ? "" : words[i]);
	}
	areas->nr_rows++;
}

int areas_parse(struct area_table *areas, const char *text)
{
	char *copy = xstrdup(text), *line = copy, *newline;

	memset(areas, 0, sizeof(*areas));
	for (; (newline = strchr(line, '\n')); line = newline + 1) {
		*newline = '\0';
		if (*line)
			parse_area(areas, line);
	}
	/* A line without its end is part of one. */
	areas->nr_garbage += *line != '\0';
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

const char *areas_cell(const struct area_table *areas, size_t row, const char *column)
{
	for (size_t i = 0; i < areas->nr_columns; i++)
		if (!strcmp(areas->columns[i], column))
			return areas->cells[row * areas->nr_columns + i];
	return NULL;
}

bool areas_number(const struct area_table *areas, size_t row, const char *column, int64_t *value)
{
	const char *cell = areas_cell(areas, row, column);

	return cell && parse_number(cell, value);
}

bool areas_chunks(const struct area_table *areas, size_t row, struct chunks *chunks)
{
	const char *cell = areas_cell(areas, row, "chunks");

	memset(chunks, 0, sizeof(*chunks));
	return cell && parse_chunks(cell, chunks);
}

bool areas_is_of(const struct area_table *areas, size_t row, const char *pmu)
{
	return !strcmp(areas_cell(areas, row, "pmu"), pmu);
}

void areas_sum(const struct area_table *areas, const char *pmu, struct area_sum *sum)
{
	memset(sum, 0, sizeof(*sum));
	for (size_t row = 0; row < areas->nr_rows; row++) {
		struct chunks chunks;
		int64_t pages;

		if (pmu && !areas_is_of(areas, row, pmu))
			continue;
		sum->nr++;
		if (areas_number(areas, row, "pages", &pages) && pages > 0)
			sum->pages = add(sum->pages, pages);
		if (!areas_chunks(areas, row, &chunks))
			continue;
		for (int i = 0; i < chunks.orders; i++)
			sum->chunks.nr[i] = add(sum->chunks.nr[i], chunks.nr[i]);
		if (chunks.orders > sum->chunks.orders)
			sum->chunks.orders = chunks.orders;
	}
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
	if (!debugfs_mounted(root))
		return "debugfs is not mounted (mount -t debugfs none " DEBUGFS ")";
	if (fd == -EACCES || fd == -EPERM)
		return DEBUGFS " cannot be read without being root";
	if (fd == -ENOENT)
		return "this kernel has no AUX statistics (CONFIG_PERF_AUX_STATS)";
	return PERF_AUX " cannot be read";
}
