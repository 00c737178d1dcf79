// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "layout.h"

#define BARS_MIN	2
#define BARS_MAX	8

/* @min when there is no room between the two. */
static int clamp(int value, int min, int max)
{
	return value < min || max < min ? min : value > max ? max : value;
}

/* Takes @h lines from the top of what is left. */
static struct rect take(struct rect *left, int h)
{
	struct rect rect = { left->y, left->x, h, h ? left->w : 0 };

	left->y += h;
	left->h -= h;
	return rect;
}

/* Bars and zones share the lines that nothing else has a use for. */
static int size_graph(struct layout *layout, int rows, int spare,
		      const struct layout_wants *wants)
{
	int bars = clamp(rows / 6, BARS_MIN, BARS_MAX), zones;

	spare = clamp(spare, BARS_MIN, rows);
	zones = clamp(wants->prefer_zones ? spare : spare - bars, 0, wants->zones);
	/* One zone, and a line that counts the others, would say little. */
	if (zones < wants->zones && zones < 3)
		zones = 0;
	bars = clamp(spare - zones, 0, bars);
	layout->bars = bars >= BARS_MIN ? bars : 0;
	layout->zones = zones;
	return LAYOUT_GRAPH_LINES + layout->bars + layout->zones;
}

void layout_compute(struct layout *layout, int rows, int cols, const struct layout_wants *wants)
{
	struct rect left = { 0, 0, rows, cols };
	int title, memory, gap, heading, table, detail, status, keys, more;

	memset(layout, 0, sizeof(*layout));
	if (rows <= 0 || cols <= 0)
		return;

	/* The selected PMU before all else, then what happened to it, then what it means. */
	status = rows >= 10 ? 2 : rows >= 2;
	title = rows >= 3;
	heading = rows >= 4;
	keys = rows >= 7;
	memory = rows >= 8;
	detail = rows >= 18 ? LAYOUT_DETAIL_LINES : 0;
	gap = rows >= 20;
	layout->graph = rows >= 18 && wants->orders > 0 &&
			cols >= LAYOUT_GRAPH_LABEL + wants->orders * LAYOUT_GRAPH_COLUMN;
	/* The picture grows into lines the table has no use for. */
	if (layout->graph)
		memory = size_graph(layout, rows,
				    rows - (title + LAYOUT_GRAPH_LINES + 2 * gap + heading +
					    detail + status + keys) - wants->table_rows, wants);
	table = rows - (title + memory + 2 * gap + heading + detail + status + keys);
	if (detail) {
		more = clamp(wants->detail_lines - detail, 0,
			     table - (wants->table_rows > 0 ? wants->table_rows : 1));
		detail += more;
		table -= more;
	}

	layout->title = take(&left, title);
	layout->memory = take(&left, memory);
	take(&left, gap);
	layout->heading = take(&left, heading);
	layout->table = take(&left, table);
	take(&left, gap);
	layout->detail = take(&left, detail);
	layout->status = take(&left, status);
	layout->keys = take(&left, keys);
}

void layout_page(struct layout_page *page, int rows, int cols)
{
	struct rect left = { 0, 0, rows, cols };
	int status, keys, title;

	memset(page, 0, sizeof(*page));
	if (rows <= 0 || cols <= 0)
		return;
	title = rows >= 3;
	keys = rows >= 4;
	status = rows >= 10 ? 2 : rows >= 6;
	page->title = take(&left, title);
	page->body = take(&left, rows - title - keys - status);
	page->status = take(&left, status);
	page->keys = take(&left, keys);
}

static int total_width(const struct layout_column *columns, int nr, int gap)
{
	int width = 0;

	for (int i = 0; i < nr; i++)
		if (columns[i].w)
			width += columns[i].w + (width ? gap : 0);
	return width;
}

/* The least important column still shown, -1 when it is the only one. */
static int least_important(const struct layout_column *columns, int nr)
{
	int worst = -1, shown = 0;

	for (int i = 0; i < nr; i++) {
		if (!columns[i].w)
			continue;
		shown++;
		if (worst < 0 || columns[i].priority > columns[worst].priority)
			worst = i;
	}
	return shown > 1 ? worst : -1;
}

void layout_columns(struct layout_column *columns, int nr, int gap, int width)
{
	int x = 0, spare, worst;

	for (int i = 0; i < nr; i++) {
		columns[i].x = 0;
		columns[i].w = 0;
		if (width > 0 && columns[i].want > 0)
			columns[i].w = clamp(columns[i].min, 1, columns[i].want);
	}
	while (total_width(columns, nr, gap) > width) {
		worst = least_important(columns, nr);
		if (worst < 0)
			break;
		columns[worst].w = 0;
	}
	spare = width - total_width(columns, nr, gap);
	for (int i = 0; i < nr; i++) {
		int more = clamp(columns[i].want - columns[i].w, 0, spare > 0 ? spare : 0);

		if (!columns[i].w)
			continue;
		columns[i].w += more;
		spare -= more;
		columns[i].x = x;
		/* Only a single column can still be too wide. */
		columns[i].w = clamp(columns[i].w, 1, width);
		x += columns[i].w + gap;
	}
}

int layout_scroll(int top, int selected, int height, int nr)
{
	if (height <= 0 || nr <= 0)
		return 0;
	selected = clamp(selected, 0, nr - 1);
	top = clamp(top, selected - height + 1, selected);
	return clamp(top, 0, nr > height ? nr - height : 0);
}
