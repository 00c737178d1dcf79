// SPDX-License-Identifier: GPL-2.0-only
/* The table of live areas: what was read, written as the kernel writes it, reads the same. */
#include "fuzz.h"
#include "stats.h"
#include "xalloc.h"

/* As the kernel's seq_escape(): everything but what is in a word. */
static void write_cell(FILE *file, const char *column, const char *cell)
{
	bool comm = !strcmp(column, "comm");

	if (comm && !*cell) {
		fputc('-', file);
		return;
	}
	if (comm && !strcmp(cell, "-")) {
		fputs("\\055", file);
		return;
	}
	for (; *cell; cell++) {
		unsigned char c = *cell;

		if (c <= ' ' || c == '\\' || c >= 0x7f)
			fprintf(file, "\\%03o", c);
		else
			fputc(c, file);
	}
}

static char *write_table(const struct area_table *areas)
{
	size_t size, n = areas->nr_columns;
	char *text;
	FILE *file = xalloc_check(open_memstream(&text, &size));

	for (size_t i = 0; i < n; i++)
		fprintf(file, "%s%s", i ? " " : "", areas->columns[i]);
	fputc('\n', file);
	for (size_t i = 0; i < areas->nr_rows * n; i++) {
		write_cell(file, areas->columns[i % n], areas->cells[i]);
		fputc((i + 1) % n ? ' ' : '\n', file);
	}
	CHECK(!fclose(file));
	return text;
}

static void check_same(const struct area_table *areas)
{
	char *text = write_table(areas);
	struct area_table again;

	CHECK(!areas_parse(&again, text));
	CHECK(again.nr_columns == areas->nr_columns);
	CHECK(again.nr_rows == areas->nr_rows && !again.nr_garbage);
	for (size_t i = 0; i < areas->nr_rows * areas->nr_columns; i++)
		CHECK(!strcmp(again.cells[i], areas->cells[i]));
	areas_clear(&again);
	free(text);
}

static void check_cells(const struct area_table *areas)
{
	for (size_t row = 0; row < areas->nr_rows; row++) {
		CHECK(areas_cell(areas, row, "pmu"));
		CHECK(areas_is_of(areas, row, areas_cell(areas, row, "pmu")));
		for (size_t i = 0; i < areas->nr_columns; i++) {
			const char *column = areas->columns[i];
			int64_t number;

			if (areas_is_number(column))
				CHECK(areas_number(areas, row, column, &number));
		}
	}
}

static void check_sums(const struct area_table *areas)
{
	struct area_sum all, one;
	struct chunks chunks;
	int64_t pages;

	areas_sum(areas, NULL, &all);
	CHECK(all.nr == areas->nr_rows);
	for (size_t row = 0; row < areas->nr_rows; row++) {
		areas_sum(areas, areas_cell(areas, row, "pmu"), &one);
		CHECK(one.nr && one.nr <= all.nr && one.pages <= all.pages);
		if (areas_number(areas, row, "pages", &pages) && pages > 0)
			CHECK(one.pages >= (uint64_t)pages);
		if (!areas_chunks(areas, row, &chunks))
			continue;
		CHECK(chunks.orders <= STATS_ORDERS && chunks.orders <= all.chunks.orders);
		for (int i = 0; i < chunks.orders; i++)
			CHECK(chunks.nr[i] <= all.chunks.nr[i]);
	}
}

static size_t count_lines(const char *text)
{
	size_t nr = 0;

	for (; *text; text++)
		nr += *text != '\n' && (text[1] == '\n' || !text[1]);
	return nr;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	char *text = fuzz_string(&input);
	struct area_table areas;
	int err = areas_parse(&areas, text);

	CHECK(!err == !!areas.nr_columns);
	CHECK(areas.nr_rows + areas.nr_garbage + !err <= count_lines(text));
	if (!err) {
		check_cells(&areas);
		check_sums(&areas);
		check_same(&areas);
	}
	areas_clear(&areas);
	free(text);
	return 0;
}
