// SPDX-License-Identifier: GPL-2.0-only
/* What is drawn, on a canvas and without a terminal. */
#include <errno.h>
#include <locale.h>
#include <sys/stat.h>

#include "tree.h"
#include "text.h"
#include "view.h"
#include "xalloc.h"

static const struct view_key keys[] = {
	{ "q", "q quit", "quit" },
	{ "?", "? help", "help" },
};

struct fixture {
	char *dir;
	struct machine machine;
	struct view_row rows[64];
	struct view view;
	struct canvas canvas;
};

static void list_rows(struct fixture *f)
{
	f->view.nr_rows = 0;
	for (size_t i = 0; i < f->machine.pmus.nr; i++)
		f->rows[f->view.nr_rows++] = (struct view_row){
			f->machine.pmus.pmus[i].name, &f->machine.pmus.pmus[i], MARK_NONE,
		};
}

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->dir = tree_new();
	tree_file(f->dir, "/proc/buddyinfo", BUDDY_LINE);
	tree_file(f->dir, "/proc/sys/kernel/osrelease", "7.3.4\n");
	tree_pmu(f->dir, "intel_bts", "8\n", "10\n", 0444);
	tree_pmu(f->dir, "intel_pt", "9\n", "3\n", 0644);
	tree_open(&f->machine, f->dir);
	f->view = (struct view){
		.machine = &f->machine,
		.rows = f->rows,
		.filter = "",
		.result = "",
		.command = "",
		.keys = keys,
		.nr_keys = 2,
	};
	list_rows(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	canvas_free(&f->canvas);
	machine_close(&f->machine);
	tree_remove(f->dir);
	free(f);
	return 0;
}

static void draw(struct fixture *f, int rows, int cols)
{
	canvas_reset(&f->canvas, rows, cols, true);
	view_draw(&f->canvas, &f->view);
}

/* A line of the canvas; what is not ASCII is '?'. */
static const char *line(const struct fixture *f, int y)
{
	static char text[512];
	int x;

	for (x = 0; x < f->canvas.cols; x++) {
		uint32_t ch = f->canvas.cells[y * f->canvas.cols + x].ch;

		text[x] = ch >= 0x20 && ch < 0x7f ? ch : '?';
	}
	text[x] = '\0';
	return text;
}

/* The number of the line that has @needle, -1 when none does. */
static int find_line(const struct fixture *f, const char *needle)
{
	for (int y = 0; y < f->canvas.rows; y++)
		if (strstr(line(f, y), needle))
			return y;
	return -1;
}

static void the_first_screen_says_what_matters(void **state)
{
	struct fixture *f = *state;

	f->view.selected = 1;
	draw(f, 24, 80);
	assert_true(find_line(f, "Linux 7.3.4") == 0);
	assert_true(find_line(f, "max order 10 (4096 KiB)") == 0);
	assert_true(find_line(f, "captured tree") == 0);
	assert_true(find_line(f, "usable at order 3") > 0);
	assert_true(find_line(f, "[3]") > 0);
	assert_true(find_line(f, ">  intel_pt") < 0);
	assert_true(find_line(f, "> intel_pt   nice      3    32        0     -!  unsaved  rw") > 0);
	assert_true(find_line(f, "  intel_bts  must     10  4096       10      -  none     ro") > 0);
	assert_true(find_line(f, "8 pages, 32 KiB") > 0);
	assert_true(find_line(f, "? help") == 23 || find_line(f, "q quit") == 23);
}

static void the_selection_is_marked_without_colour(void **state)
{
	struct fixture *f = *state;

	for (f->view.selected = 0; f->view.selected < 2; f->view.selected++) {
		draw(f, 10, 40);
		for (int i = 0; i < 2; i++) {
			int y = find_line(f, f->rows[i].name);

			assert_true(y >= 0);
			assert_int_equal(line(f, y)[0], i == f->view.selected ? '>' : ' ');
		}
	}
}

static void marks_are_characters(void **state)
{
	struct fixture *f = *state;
	int y;

	f->rows[0].mark = MARK_CHANGED;
	f->rows[1].mark = MARK_GONE;
	f->rows[1].pmu = NULL;
	draw(f, 24, 80);
	y = find_line(f, "intel_bts");
	assert_int_equal(line(f, y)[1], '*');
	y = find_line(f, "intel_pt");
	assert_int_equal(line(f, y)[1], 'x');
	assert_non_null(strstr(line(f, y), "gone"));
}

static void result_and_command_are_shown(void **state)
{
	struct fixture *f = *state;

	f->view.result = "intel_pt: order 3 -> 4";
	f->view.command = "echo 4 > /x";
	draw(f, 24, 80);
	assert_true(find_line(f, "intel_pt: order 3 -> 4") == 21);
	assert_true(find_line(f, "$ echo 4 > /x") == 22);
}

static void long_reasons_are_wrapped(void **state)
{
	struct fixture *f = *state;

	f->view.result = "a refusal that is longer than forty columns are wide";
	f->view.bad = true;
	draw(f, 10, 40);
	assert_true(find_line(f, "are wide") == find_line(f, "a refusal") + 1);
}

static void more_rows_than_lines_scroll(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 40; i++) {
		char name[16];

		snprintf(name, sizeof(name), "spe_%d", i);
		tree_pmu(f->dir, name, "8\n", "0\n", 0644);
	}
	machine_read_pmus(&f->machine);
	list_rows(f);
	f->view.selected = f->view.nr_rows - 1;
	f->view.top = f->view.nr_rows - 4;
	draw(f, 10, 40);
	assert_true(find_line(f, "> spe_39") > 0);
	assert_true(find_line(f, "intel_pt") < 0);
}

static void help_lists_every_key(void **state)
{
	struct fixture *f = *state;

	f->view.page = VIEW_HELP;
	draw(f, 24, 80);
	assert_true(find_line(f, "q               quit") > 0);
	assert_true(find_line(f, "NO_SG") > 0);
	f->view.page_top = 1;
	draw(f, 12, 80);
	assert_true(find_line(f, "q               quit") < 0);
}

static void no_pmu_and_no_memory_are_said(void **state)
{
	struct fixture *f = *state;

	f->view.nr_rows = 0;
	f->view.selected = -1;
	buddyinfo_clear(&f->machine.buddy);
	f->machine.buddy_error = -ENOENT;
	draw(f, 24, 80);
	assert_true(find_line(f, "no PMU") > 0);
	assert_true(find_line(f, "/proc/buddyinfo: No such file") > 0);
}

/* BUDDY_LINE: 484 pages below order 10, 2048 in two blocks of it. */
static void bars_show_what_is_usable(void **state)
{
	struct fixture *f = *state;
	int y;

	f->view.selected = 1;
	draw(f, 24, 80);
	y = find_line(f, "usable  ");
	assert_true(y > 0);
	assert_non_null(strstr(line(f, y), "100%"));
	assert_non_null(strstr(line(f, y), "78%"));
	assert_true(find_line(f, "blocks       100    50    25    12") == y + 1);
	/* Fragmented: nothing above order 3. */
	tree_file(f->dir, "/proc/buddyinfo", "Node 0, zone Normal 100 50 25 12 0 0 0 0 0 0 0\n");
	machine_read_counters(&f->machine);
	draw(f, 24, 80);
	assert_non_null(strstr(line(f, y), "    0%    0%"));
	/* A full bar at order 0, none at order 10. */
	assert_int_equal(f->canvas.cells[2 * 80 + 14].ch, 0x2588);
	assert_int_equal(f->canvas.cells[2 * 80 + 74].ch, ' ');
}

static void what_changed_since_the_start_is_shown(void **state)
{
	struct fixture *f = *state;
	struct buddyinfo start;

	buddyinfo_copy(&start, &f->machine.buddy);
	f->view.start = &start;
	tree_file(f->dir, "/proc/buddyinfo", "Node 0, zone Normal 107 50 25 2 6 3 1 0 0 0 2\n");
	machine_read_counters(&f->machine);
	draw(f, 24, 80);
	assert_true(find_line(f, "(-292K since the start)") == 1);
	assert_true(find_line(f, "change        +7               -10") > 0);
	buddyinfo_clear(&start);
}

static void zones_are_shown_where_there_is_room(void **state)
{
	struct fixture *f = *state;

	tree_file(f->dir, "/proc/buddyinfo",
		  "Node 0, zone DMA 1 1 0\nNode 0, zone Normal 12345 5 6\nNode 12, zone Movable 7 8 9\n");
	machine_read_counters(&f->machine);
	draw(f, 27, 80);
	assert_true(find_line(f, "0 DMA") > 0);
	draw(f, 19, 80);
	assert_true(find_line(f, "0 DMA") < 0);
	f->view.prefer_zones = true;
	draw(f, 24, 80);
	assert_true(find_line(f, "0 DMA") > 0);
	assert_true(find_line(f, "0 Normal ") > 0);
	assert_true(find_line(f, "12 Movab?") > 0);
}

static void a_page_says_what_a_larger_order_would_do(void **state)
{
	struct fixture *f = *state;

	f->view.page = VIEW_DETAIL;
	f->view.selected = 1;
	draw(f, 40, 120);
	assert_true(find_line(f, "buy        shorter ToPA tables") > 0);
	assert_true(find_line(f, "64M take 5 pages of tables at order 3, 1 at order 6") > 0);
	assert_true(find_line(f, "not buy ") > 0);
	assert_true(find_line(f, "each 64M 1024 blocks of 64K (order 4)") > 0);
	f->view.selected = 0;
	draw(f, 40, 120);
	assert_true(find_line(f, "NOTHING TO CHOOSE") > 0);
}

static void a_page_scrolls_to_its_end_and_no_further(void **state)
{
	struct fixture *f = *state;

	f->view.page = VIEW_DETAIL;
	f->view.selected = 1;
	f->view.page_top = 1000;
	draw(f, 10, 60);
	assert_in_range(f->view.page_top, 1, 40);
	assert_true(find_line(f, "(more above)") == 0);
	f->view.page_top = 0;
	draw(f, 10, 60);
	assert_true(find_line(f, "(more below)") == 0);
}

static void areas_of_a_pmu_that_is_gone_are_counted(void **state)
{
	struct fixture *f = *state;

	tree_file(f->dir, "/sys/kernel/debug/perf_aux/areas",
		  "pmu cpu pid comm pages chunks\nold 0 1 x 512 9:1\nold 1 1 x 512 9:1\n");
	machine_read_pmus(&f->machine);
	list_rows(f);
	f->rows[f->view.nr_rows++] = (struct view_row){ "old", NULL, MARK_GONE };
	f->view.selected = f->view.nr_rows - 1;
	draw(f, 24, 80);
	assert_true(find_line(f, "AUX 4.0M live") == 0);
	assert_true(find_line(f, "2 AUX areas of it are still mapped, 4.0M") > 0);
	assert_true(find_line(f, ">xold") > 0);
}

static void the_time_line_ends_with_now(void **state)
{
	struct fixture *f = *state;
	struct history *history = history_new(1000);
	int y;

	tree_file(f->dir, "/sys/kernel/debug/perf_aux/intel_pt/stats", "page_live 0\n");
	machine_read_counters(&f->machine);
	history_add(history, &f->machine, 0);
	tree_file(f->dir, "/sys/kernel/debug/perf_aux/intel_pt/stats", "page_live 1024\n");
	machine_read_counters(&f->machine);
	history_add(history, &f->machine, 1000);
	f->view.history = history;
	f->view.page = VIEW_DETAIL;
	f->view.selected = 1;
	draw(f, 40, 80);
	y = find_line(f, "live AUX memory           4.0M      0   4.0M");
	assert_true(y > 0);
	assert_int_equal(f->canvas.cells[y * 80 + 79].ch, 0x2588);
	assert_int_equal(f->canvas.cells[y * 80 + 78].ch, ' ');
	assert_true(find_line(f, "free in blocks >= 32K") == y + 1);
	history_free(history);
}

static void long_lines_of_a_text_are_wrapped(void **state)
{
	static struct view_line lines[] = {
		{ (char *)"a line that is longer than forty columns, by far", ROLE_NORMAL },
		{ (char *)"", ROLE_NORMAL },
		{ (char *)"last", ROLE_NORMAL },
	};
	struct fixture *f = *state;

	f->view.page = VIEW_TEXT;
	f->view.title = "Title";
	f->view.lines = lines;
	f->view.nr_lines = 3;
	draw(f, 24, 40);
	assert_true(find_line(f, "Title") == 0);
	assert_true(find_line(f, "    columns, by far") == 2);
	assert_true(find_line(f, "last") == 4);
}

static void a_text_of_many_lines_has_an_end(void **state)
{
	enum { NR = 5000 };
	static char usual[] = "line", last[] = "last";
	struct view_line *lines = calloc(NR, sizeof(*lines));
	struct fixture *f = *state;

	assert_non_null(lines);
	for (int i = 0; i < NR; i++)
		lines[i] = (struct view_line){ i < NR - 1 ? usual : last, ROLE_NORMAL };
	f->view.page = VIEW_TEXT;
	f->view.title = "Title";
	f->view.lines = lines;
	f->view.nr_lines = NR;
	f->view.page_top = NR;
	draw(f, 24, 40);
	assert_true(find_line(f, "last") > 0);
	free(lines);
}

/* Every size and selection, with names nobody should have: no cell may be unsafe. */
static void hostile_names_never_reach_a_cell(void **state)
{
	static const char *const names[] = {
		"esc\033[31m", "new\nline", "\302\233C1", "bidi\342\200\256", "\377\376",
		"wide\344\270\255\346\226\207", "tab\t", "quote'\"", "combining\314\201",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		tree_pmu(f->dir, names[i], "8\n", "0\n", 0644);
	tree_file(f->dir, "/sys/kernel/debug/perf_aux/intel_pt/stats",
		  "area_live 2\npage_live 18446744073709551615\narea_fail_x 3\n"
		  "chunk_live_order_0 7\nchunk_live_order_24 18446744073709551615\n");
	tree_file(f->dir, "/sys/kernel/debug/perf_aux/areas",
		  "pmu pid comm mode chunks\nintel_pt 1 \\033[2J\\377 \\007 0:1\n"
		  "intel_pt 2 \\342\\200\\256 \\344\\270\\255 24:1\n"
		  "intel_pt 3 a b 0:1\nintel_pt 4 a b 0:1\n");
	machine_read_pmus(&f->machine);
	list_rows(f);
	f->view.result = "bad \033[2J\n\177";
	f->view.command = "echo \033]0;x\007";
	for (int rows = 1; rows <= 70; rows += rows < 30 ? 1 : 3) {
		for (int cols = 1; cols <= 120; cols += cols < 45 ? 1 : 7) {
			f->view.selected = (rows + cols) % f->view.nr_rows;
			f->view.top = f->view.selected;
			f->view.page = cols % 4;
			f->view.page_top = cols % 7;
			draw(f, rows, cols);
			for (int i = 0; i < rows * cols; i++)
				assert_true(!f->canvas.cells[i].ch ||
					    !text_unsafe(f->canvas.cells[i].ch));
		}
	}
	f->view.page = VIEW_LIST;
	f->view.selected = 0;
	f->view.top = 0;
	draw(f, 24, 120);
	assert_true(find_line(f, "esc\\x1b[31m") > 0);
}

/* A right half without its left one would shift the rest of the line. */
static void wide_characters_are_whole(void **state)
{
	static const char wide[] = "\344\270\255\346\226\207x";
	struct fixture *f = *state;

	for (int at = 0; at <= 9; at++) {
		for (int width = 0; width <= 20; width++) {
			canvas_reset(&f->canvas, 1, 8, true);
			if (width & 1)
				canvas_text(&f->canvas, 0, at, width / 2, ROLE_NORMAL, wide);
			else
				canvas_text_right(&f->canvas, 0, at, width / 2, ROLE_NORMAL, wide);
			for (int x = 0; x < 8; x++) {
				bool left = f->canvas.cells[x].ch > 0x3000;
				bool right = x < 7 && !f->canvas.cells[x + 1].ch;

				assert_true(left == right);
			}
		}
	}
}

static void ascii_terminals_get_ascii(void **state)
{
	struct fixture *f = *state;

	for (int rows = 1; rows <= 60; rows += 3) {
		f->view.page = rows % 3;
		canvas_reset(&f->canvas, rows, 80, false);
		view_draw(&f->canvas, &f->view);
		for (int i = 0; i < rows * 80; i++)
			assert_in_range(f->canvas.cells[i].ch, 0x20, 0x7e);
	}
}

static void text_outside_the_canvas_is_dropped(void **state)
{
	struct fixture *f = *state;

	canvas_reset(&f->canvas, 2, 4, true);
	canvas_text(&f->canvas, 0, 2, 10, ROLE_NORMAL, "abcdef");
	canvas_text(&f->canvas, 5, 0, 10, ROLE_NORMAL, "x");
	canvas_text(&f->canvas, -1, 0, 10, ROLE_NORMAL, "x");
	canvas_text(&f->canvas, 1, 9, 10, ROLE_NORMAL, "x");
	canvas_text_right(&f->canvas, 1, 2, 10, ROLE_NORMAL, "yyyyyyyyyyyy");
	canvas_paint(&f->canvas, (struct rect){ 1, 1, 9, 9 }, ROLE_BAD);
	assert_string_equal(line(f, 0), "  a?");
	assert_string_equal(line(f, 1), "  y?");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(the_first_screen_says_what_matters),
		T(the_selection_is_marked_without_colour),
		T(marks_are_characters),
		T(result_and_command_are_shown),
		T(long_reasons_are_wrapped),
		T(more_rows_than_lines_scroll),
		T(help_lists_every_key),
		T(no_pmu_and_no_memory_are_said),
		T(bars_show_what_is_usable),
		T(what_changed_since_the_start_is_shown),
		T(zones_are_shown_where_there_is_room),
		T(a_page_says_what_a_larger_order_would_do),
		T(a_page_scrolls_to_its_end_and_no_further),
		T(areas_of_a_pmu_that_is_gone_are_counted),
		T(the_time_line_ends_with_now),
		T(long_lines_of_a_text_are_wrapped),
		T(a_text_of_many_lines_has_an_end),
		T(hostile_names_never_reach_a_cell),
		T(wide_characters_are_whole),
		T(ascii_terminals_get_ascii),
		T(text_outside_the_canvas_is_dropped),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
