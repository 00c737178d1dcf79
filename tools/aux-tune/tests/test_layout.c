// SPDX-License-Identifier: GPL-2.0-only
/* Properties of the geometry, over every terminal size from 1x1 to 300x100. */
#include "tree.h"
#include "layout.h"

#define COLS_MAX	300
#define ROWS_MAX	100

static const int table_rows[] = { 0, 1, 5, 500 };
static const int detail_lines[] = { 0, 4, 17, 500 };
static const int order_counts[] = { 0, 1, 11, 14, 25 };
static const int zone_counts[] = { 0, 2, 3, 40 };

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

static bool visible(const struct rect *r)
{
	return r->h > 0 && r->w > 0;
}

static bool overlap(const struct rect *a, const struct rect *b)
{
	return a->y < b->y + b->h && b->y < a->y + a->h && a->x < b->x + b->w &&
	       b->x < a->x + a->w;
}

static void check(const struct layout *l, int rows, int cols)
{
	const struct rect *rects[] = {
		&l->title, &l->memory, &l->heading, &l->table, &l->detail, &l->status, &l->keys,
	};

	for (size_t i = 0; i < NR(rects); i++) {
		const struct rect *r = rects[i];

		assert_true(r->h >= 0 && r->w >= 0);
		/* Nothing is half there. */
		assert_true((r->h > 0) == (r->w > 0));
		if (!visible(r))
			continue;
		assert_in_range(r->y, 0, rows - 1);
		assert_in_range(r->x, 0, cols - 1);
		assert_true(r->y + r->h <= rows);
		assert_true(r->x + r->w <= cols);
		for (size_t j = 0; j < i; j++)
			assert_false(visible(rects[j]) && overlap(r, rects[j]));
	}
	/* The selected PMU is always to be seen. */
	assert_true(visible(&l->table));
	if (l->graph) {
		assert_int_equal(l->memory.h, LAYOUT_GRAPH_LINES + l->bars + l->zones);
		assert_true(l->bars + l->zones > 0);
	}
}

static void compute(struct layout *l, int rows, int cols, int nr_table, int orders, int zones,
		    int detail)
{
	struct layout_wants wants = {
		.table_rows = nr_table,
		.orders = orders,
		.zones = zones,
		.detail_lines = detail,
	};

	layout_compute(l, rows, cols, &wants);
}

static void windows_stay_inside_and_apart(void **state)
{
	for (size_t t = 0; t < NR(table_rows); t++)
		for (size_t o = 0; o < NR(order_counts); o++)
			for (int rows = 1; rows <= ROWS_MAX; rows++)
				for (int cols = 1; cols <= COLS_MAX; cols++) {
					struct layout_wants wants = {
						.table_rows = table_rows[t],
						.orders = order_counts[o],
						.zones = zone_counts[t],
						.prefer_zones = (rows + cols) & 1,
						.detail_lines = detail_lines[t],
					};
					struct layout l;

					layout_compute(&l, rows, cols, &wants);
					check(&l, rows, cols);
				}
}

static void no_terminal_has_no_windows(void **state)
{
	struct layout l;

	compute(&l, 0, 80, 5, 11, 3, 17);
	assert_int_equal(l.table.h, 0);
	compute(&l, 24, 0, 5, 11, 3, 17);
	assert_int_equal(l.table.h, 0);
	compute(&l, -1, -1, 5, 11, 3, 17);
	assert_int_equal(l.table.h, 0);
}

static void a_small_terminal_is_useful(void **state)
{
	struct layout l;

	compute(&l, 10, 40, 5, 11, 3, 17);
	assert_true(visible(&l.title) && visible(&l.memory) && visible(&l.heading) &&
		    visible(&l.status) && visible(&l.keys));
	assert_true(l.table.h >= 4);
	assert_int_equal(l.status.h, 2);
}

static void a_usual_terminal_has_the_picture(void **state)
{
	struct layout l;

	compute(&l, 24, 80, 5, 11, 3, 17);
	assert_true(l.graph);
	assert_true(l.table.h >= 5);
	assert_true(visible(&l.detail));
}

static void a_long_table_takes_lines_from_the_picture(void **state)
{
	struct layout few, many;

	compute(&few, 60, 200, 5, 11, 3, 17);
	compute(&many, 60, 200, 500, 11, 3, 17);
	assert_true(many.memory.h < few.memory.h);
	assert_true(many.table.h > few.table.h);
}

static void spare_lines_go_to_the_detail(void **state)
{
	struct layout l;

	compute(&l, 60, 200, 5, 11, 3, 17);
	assert_int_equal(l.detail.h, 17);
	assert_true(l.table.h >= 5);
	/* And never more than it wants, nor lines the table has a use for. */
	compute(&l, 60, 200, 5, 11, 3, 4);
	assert_int_equal(l.detail.h, 4);
	compute(&l, 60, 200, 500, 11, 3, 17);
	assert_int_equal(l.detail.h, 4);
}

/* Bars where there is room for one of the two, unless asked otherwise; both where there is. */
static void zones_and_bars_share_the_picture(void **state)
{
	struct layout_wants wants = { 5, 11, 3, false, 4 };
	struct layout l;

	layout_compute(&l, 24, 80, &wants);
	assert_true(l.bars > 0 && !l.zones);
	wants.prefer_zones = true;
	layout_compute(&l, 24, 80, &wants);
	assert_int_equal(l.zones, 3);
	assert_int_equal(l.bars, 0);
	for (int prefer = 0; prefer < 2; prefer++) {
		wants.prefer_zones = prefer;
		layout_compute(&l, 60, 200, &wants);
		assert_true(l.bars > 0);
		assert_int_equal(l.zones, 3);
	}
	/* More zones than lines: the last line counts the others. */
	wants.zones = 64;
	wants.prefer_zones = true;
	layout_compute(&l, 24, 80, &wants);
	assert_in_range(l.zones, 2, 10);
}

static void the_parts_of_a_page_stay_inside_and_apart(void **state)
{
	for (int rows = 1; rows <= ROWS_MAX; rows++) {
		for (int cols = 1; cols <= COLS_MAX; cols++) {
			struct layout_page p;
			const struct rect *parts[] = { &p.title, &p.body, &p.status, &p.keys };
			int next = 0;

			layout_page(&p, rows, cols);
			assert_true(p.body.h > 0);
			/* One below the other, without a line between them. */
			for (size_t i = 0; i < NR(parts); i++) {
				if (!parts[i]->h)
					continue;
				assert_int_equal(parts[i]->y, next);
				assert_int_equal(parts[i]->x, 0);
				assert_int_equal(parts[i]->w, cols);
				next += parts[i]->h;
			}
			assert_int_equal(next, rows);
		}
	}
}

static void fill_columns(struct layout_column *columns, int nr, int seed)
{
	for (int i = 0; i < nr; i++) {
		columns[i] = (struct layout_column){
			.want = (seed * 7 + i * 13) % 23,
			.priority = (i * 5 + seed) % nr,
		};
		columns[i].min = columns[i].want - (i == 0 ? columns[i].want / 2 : 0);
	}
}

static void columns_stay_inside_and_apart(void **state)
{
	struct layout_column columns[8];

	for (int seed = 1; seed < 50; seed++) {
		for (int nr = 1; nr <= 8; nr++) {
			for (int width = -2; width <= 200; width++) {
				int end = 0, shown = 0;

				fill_columns(columns, nr, seed);
				layout_columns(columns, nr, 2, width);
				for (int i = 0; i < nr; i++) {
					if (!columns[i].w)
						continue;
					assert_true(columns[i].want > 0);
					assert_true(columns[i].x >= end + (shown++ ? 2 : 0));
					end = columns[i].x + columns[i].w;
					assert_true(end <= width);
					assert_true(columns[i].w <= columns[i].want);
				}
			}
		}
	}
}

static void the_least_important_column_goes_first(void **state)
{
	struct layout_column columns[] = {
		{ .want = 10, .min = 10, .priority = 0 },
		{ .want = 10, .min = 10, .priority = 2 },
		{ .want = 10, .min = 10, .priority = 1 },
	};

	layout_columns(columns, 3, 2, 34);
	assert_true(columns[0].w && columns[1].w && columns[2].w);
	layout_columns(columns, 3, 2, 33);
	assert_true(columns[0].w && !columns[1].w && columns[2].w);
	layout_columns(columns, 3, 2, 21);
	assert_true(columns[0].w && !columns[1].w && !columns[2].w);
	/* The most important one is cut, but never left out. */
	layout_columns(columns, 3, 2, 3);
	assert_int_equal(columns[0].w, 3);
}

static void the_selected_row_is_always_shown(void **state)
{
	for (int nr = 0; nr <= 30; nr++)
		for (int height = 0; height <= 35; height++)
			for (int selected = -1; selected < nr; selected++)
				for (int top = -5; top <= 35; top++) {
					int t = layout_scroll(top, selected, height, nr);

					assert_true(t >= 0 && (t < nr || t == 0));
					if (height < 1 || selected < 0)
						continue;
					assert_true(selected >= t && selected < t + height);
					/* No empty lines while rows are out of sight. */
					assert_true(t == 0 || t + height <= nr);
				}
}

static void rows_do_not_move_without_need(void **state)
{
	assert_int_equal(layout_scroll(5, 7, 4, 20), 5);
	assert_int_equal(layout_scroll(5, 9, 4, 20), 6);
	assert_int_equal(layout_scroll(5, 4, 4, 20), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows_stay_inside_and_apart),
		cmocka_unit_test(no_terminal_has_no_windows),
		cmocka_unit_test(a_small_terminal_is_useful),
		cmocka_unit_test(a_usual_terminal_has_the_picture),
		cmocka_unit_test(a_long_table_takes_lines_from_the_picture),
		cmocka_unit_test(spare_lines_go_to_the_detail),
		cmocka_unit_test(zones_and_bars_share_the_picture),
		cmocka_unit_test(the_parts_of_a_page_stay_inside_and_apart),
		cmocka_unit_test(columns_stay_inside_and_apart),
		cmocka_unit_test(the_least_important_column_goes_first),
		cmocka_unit_test(the_selected_row_is_always_shown),
		cmocka_unit_test(rows_do_not_move_without_need),
	};

	return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
