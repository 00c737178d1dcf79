// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "draw.h"
#include "text.h"
#include "view.h"
#include "view_parts.h"
#include "xalloc.h"

/* Lines that a page has room for: doubled up to the second while it takes more. */
#define PAGE_LINES	1000
#define PAGE_LINES_MAX	64000

#define TEXT_INDENT	4	/* of the lines that a long one goes on in */

int view_high_order(const struct view *view, const struct pmu *pmu)
{
	if (pmu && pmu->order > 0)
		return pmu->order;
	/* Of single pages there is always something; then it is what others may want. */
	return view->machine->max_order == ORDER_UNKNOWN ? ORDER_UNKNOWN :
							  machine_huge_order(view->machine);
}

static char *live_text(const struct machine *machine)
{
	uint64_t pages = 0, number;
	struct area_sum sum;
	char amount[24];

	if (machine->stats_missing)
		return NULL;
	areas_sum(&machine->areas, NULL, &sum);
	if (!machine->areas_error) {
		pages = sum.pages;
	} else {
		for (size_t i = 0; i < machine->pmus.nr; i++)
			if (stats_get(&machine->pmus.pmus[i].stats, STAT_PAGE_LIVE, &number))
				pages = pages > UINT64_MAX - number ? UINT64_MAX : pages + number;
	}
	text_amount(amount, sizeof(amount), draw_bytes(pages, machine->page_size));
	return xasprintf("AUX %s live", amount);
}

static void draw_title(struct canvas *canvas, struct rect rect, const struct view *view)
{
	const struct machine *machine = view->machine;
	struct piece pieces[] = {
		{ xstrdup("aux-tune"), 4, ROLE_TITLE },
		{ xasprintf("Linux %s", machine->release), 2, ROLE_TITLE },
		{ xasprintf("page %zu KiB%s", machine->page_size / 1024,
			    machine->page_size_assumed ? "?" : ""), 5, ROLE_TITLE },
		{ NULL, 0, ROLE_TITLE },
		{ live_text(machine), 3, ROLE_TITLE },
		{ NULL, 1, ROLE_TITLE },
	};

	if (machine->max_order != ORDER_UNKNOWN)
		pieces[3].text = xasprintf("max order %d (%" PRIu64 " KiB)", machine->max_order,
					   order_bytes(machine->max_order,
						       machine->page_size) / 1024);
	if (!kroot_live(&machine->root))
		pieces[5].text = xstrdup(view->readonly ? "captured, read-only" : "captured tree");
	else if (view->readonly)
		pieces[5].text = xstrdup("read-only");
	else if (!view->root_user)
		pieces[5].text = xstrdup("not root");
	canvas_paint(canvas, rect, ROLE_TITLE);
	draw_pieces(canvas, rect, pieces, sizeof(pieces) / sizeof(pieces[0]));
}

/* A long result takes the line a command would have had. */
static void draw_status(struct canvas *canvas, struct rect rect, const struct view *view)
{
	enum role role = view->bad ? ROLE_BAD : ROLE_GOOD;

	if (!rect.h)
		return;
	if (view->filtering) {
		char *text = xasprintf("show names with: %s_", view->filter);

		canvas_text(canvas, rect.y, rect.x, rect.w, ROLE_MARKED, text);
		free(text);
		return;
	}
	if (*view->command && rect.h > 1) {
		char *command = xasprintf("$ %s", view->command);

		canvas_text(canvas, rect.y, rect.x, rect.w, role, view->result);
		canvas_text(canvas, rect.y + 1, rect.x, rect.w, ROLE_NORMAL, command);
		free(command);
	} else {
		draw_wrapped(canvas, rect, 0, role, view->result);
	}
}

/* The other keys are characters of the filter now. */
static void draw_filter_keys(struct canvas *canvas, struct rect rect)
{
	struct piece pieces[] = {
		{ xstrdup("Enter keep it"), 0, ROLE_KEY },
		{ xstrdup("Esc show all"), 1, ROLE_KEY },
		{ xstrdup("Ctrl-U clear"), 3, ROLE_KEY },
		{ xstrdup("up/down select"), 2, ROLE_KEY },
	};

	draw_pieces(canvas, rect, pieces, sizeof(pieces) / sizeof(pieces[0]));
}

static void draw_keys(struct canvas *canvas, struct rect rect, const struct view *view)
{
	struct piece *pieces = xcalloc(view->nr_keys, sizeof(*pieces));
	int nr = 0;

	for (int i = 0; i < view->nr_keys; i++) {
		if (!view->keys[i].short_help)
			continue;
		pieces[nr] = (struct piece){ xstrdup(view->keys[i].short_help), nr, ROLE_KEY };
		nr++;
	}
	draw_pieces(canvas, rect, pieces, nr);
	free(pieces);
}

static int clamp(int value, int min, int max)
{
	return value > max ? max < min ? min : max : value < min ? min : value;
}

/* Long lines are wrapped; an empty one takes a line. */
static int draw_text(struct canvas *canvas, struct rect rect, const struct view *view)
{
	int y = 0;

	for (int i = 0; i < view->nr_lines && y < rect.h; i++) {
		struct rect rest = { rect.y + y, rect.x, rect.h - y, rect.w };
		int lines = draw_wrapped(canvas, rest, TEXT_INDENT, view->lines[i].role,
					 view->lines[i].text);

		y += lines > 0 ? lines : 1;
	}
	return y;
}

/* Lines of the page's body. */
static int draw_body(struct canvas *canvas, struct rect rect, const struct view *view)
{
	switch (view->page) {
	case VIEW_DETAIL:
		return view_detail(canvas, rect, view);
	case VIEW_HELP:
		view_help(canvas, rect, view);
		return view_help_lines(view);
	case VIEW_TEXT:
		return draw_text(canvas, rect, view);
	case VIEW_LIST:
		break;
	}
	return 0;
}

static char *page_title(const struct view *view)
{
	switch (view->page) {
	case VIEW_DETAIL:
		return xstrdup(view->selected >= 0 ? view->rows[view->selected].name : "no PMU");
	case VIEW_HELP:
		return xstrdup("Keys");
	default:
		return xstrdup(view->title ?: "");
	}
}

/* Drawn on a canvas with room for all of it, of which a part is shown. */
static void draw_page(struct canvas *canvas, struct view *view)
{
	struct rect all = { 0, 0, PAGE_LINES, canvas->cols };
	struct canvas whole = { 0 };
	struct layout_page page;
	int lines, more;
	char *title, *text;

	layout_page(&page, canvas->rows, canvas->cols);
	if (!page.body.h)
		return;
	for (;;) {
		canvas_reset(&whole, all.h, canvas->cols, canvas->utf8);
		lines = draw_body(&whole, all, view);
		if (lines < all.h || all.h >= PAGE_LINES_MAX)
			break;
		all.h *= 2;
	}
	view->page_top = clamp(view->page_top, 0, lines - page.body.h);
	canvas_copy(canvas, page.body, &whole, view->page_top);
	canvas_free(&whole);

	title = page_title(view);
	more = lines - page.body.h - view->page_top;
	text = xasprintf("%s%s", title, view->page_top && more > 0 ? "  (more above and below)" :
			 more > 0 ? "  (more below)" : view->page_top ? "  (more above)" : "");
	canvas_paint(canvas, page.title, ROLE_TITLE);
	if (page.title.h)
		canvas_text(canvas, page.title.y, page.title.x, page.title.w, ROLE_TITLE, text);
	free(text);
	free(title);
	draw_status(canvas, page.status, view);
	if (page.keys.h)
		canvas_text(canvas, page.keys.y, page.keys.x, page.keys.w, ROLE_KEY,
			    view->page == VIEW_DETAIL ?
			    "Esc back  up/down scroll  +/- order  u undo  ? help" :
			    "Esc back  up/down scroll");
}

void view_layout(struct canvas *canvas, const struct view *view, struct layout *layout)
{
	struct layout_wants wants = {
		.table_rows = view->nr_all > view->nr_rows ? view->nr_all : view->nr_rows,
		.orders = view->machine->buddy.orders,
		.zones = view_memory_zones(view),
		.prefer_zones = view->prefer_zones,
	};
	struct canvas whole = { 0 };

	/* More than the usual lines matters only where there are many. */
	if (canvas->rows >= 24) {
		canvas_reset(&whole, canvas->rows, canvas->cols, canvas->utf8);
		wants.detail_lines = view_detail(&whole, (struct rect){ 0, 0, canvas->rows,
						 canvas->cols }, view);
		canvas_free(&whole);
	}
	layout_compute(layout, canvas->rows, canvas->cols, &wants);
}

void view_draw(struct canvas *canvas, struct view *view)
{
	struct layout layout;

	if (view->page != VIEW_LIST) {
		draw_page(canvas, view);
		return;
	}
	view_layout(canvas, view, &layout);
	view->top = layout_scroll(view->top, view->selected, layout.table.h, view->nr_rows);
	if (layout.title.h)
		draw_title(canvas, layout.title, view);
	view_memory(canvas, &layout, view);
	view_table(canvas, &layout, view);
	view_detail(canvas, layout.detail, view);
	if (!layout.detail.h && !*view->result && !*view->command && !view->filtering)
		view_detail_short(canvas, layout.status, view);
	else
		draw_status(canvas, layout.status, view);
	if (view->filtering)
		draw_filter_keys(canvas, layout.keys);
	else
		draw_keys(canvas, layout.keys, view);
}
