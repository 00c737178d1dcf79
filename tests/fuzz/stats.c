// SPDX-License-Identifier: GPL-2.0-only
/* <pmu>/stats against a reader of its own: each "name number" line, the first of a name. */
#include "fuzz.h"
#include "stats.h"
#include "xalloc.h"

#define COUNTERS_MAX	512

struct counter {
	char *name;
	uint64_t value;
};

static bool read_line(const char *line, size_t len, struct counter *counter)
{
	const char *space = memchr(line, ' ', len);
	uint64_t value = 0;

	if (!space || space == line || space + 1 == line + len)
		return false;
	for (const char *c = space + 1; c < line + len; c++) {
		if (*c < '0' || *c > '9' || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, *c - '0', &value))
			return false;
	}
	counter->name = xalloc_check(strndup(line, space - line));
	counter->value = value;
	return true;
}

static bool seen(const struct counter *counters, size_t nr, const char *name)
{
	for (size_t i = 0; i < nr; i++)
		if (!strcmp(counters[i].name, name))
			return true;
	return false;
}

static size_t read_counters(const char *text, struct counter *counters)
{
	size_t nr = 0, len;

	for (const char *line = text; *line; line += len + !!line[len]) {
		struct counter counter;

		len = strcspn(line, "\n");
		if (nr == COUNTERS_MAX)
			break;
		if (!read_line(line, len, &counter))
			continue;
		if (seen(counters, nr, counter.name))
			free(counter.name);
		else
			counters[nr++] = counter;
	}
	return nr;
}

static void check_values(const struct stats *stats, const char *text)
{
	static struct counter counters[COUNTERS_MAX];
	size_t nr = read_counters(text, counters);

	CHECK(stats->nr == nr);
	for (size_t i = 0; i < nr; i++) {
		CHECK(!strcmp(stats->values[i].name, counters[i].name));
		CHECK(stats->values[i].len == strlen(counters[i].name));
		CHECK(stats->values[i].value == counters[i].value);
		free(counters[i].name);
	}
}

static void check_sums(const struct stats *stats)
{
	uint64_t failures, value;
	struct chunks chunks;

	stats_failures(stats, &failures);
	for (size_t i = 0; i < stats->nr; i++) {
		const char *name = stats->values[i].name;

		stats_known(name);
		if (!stats_is_cause(name))
			continue;
		CHECK(failures >= stats->values[i].value);
		CHECK(stats_cause(name)->what && stats_cause(name)->advice);
	}
	for (int id = STAT_AREA_LIVE; id <= STAT_ALLOC_NS_MAX; id++)
		stats_get(stats, id, &value);
	for (int which = STAT_CHUNK_LIVE; which <= STAT_CHUNK_ALLOC; which++) {
		CHECK(stats_chunks(stats, which, &chunks) == !!chunks.orders);
		CHECK(chunks.orders >= 0 && chunks.orders <= STATS_ORDERS);
		for (int i = 0; i < chunks.orders; i++) {
			CHECK(chunks_total(&chunks) >= chunks.nr[i]);
			CHECK(chunks_pages(&chunks, i) >= chunks.nr[i]);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	char *text = fuzz_string(&input);
	struct stats stats;

	stats_parse(&stats, text);
	check_values(&stats, text);
	check_sums(&stats);
	stats_clear(&stats);
	free(text);
	return 0;
}
