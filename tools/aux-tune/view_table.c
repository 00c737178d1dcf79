// SPDX-License-Identifier: GPL-2.0-only
/* The table of PMUs. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "column.h"
#include "draw.h"
#include "saved.h"
#include "text.h"
#include "view_parts.h"
#include "xalloc.h"

#define MARKS		2	/* columns for the cursor and the mark, left of the table */

/* Columns of the PMU table; the largest priority is the first to be left out. */
static const struct {
	const char *name;
	int priority;
} table_columns[] = {
	{ "PMU", 0 },
	{ "KIND", 3 },
	{ "ORDER", 1 },
	{ "KIB", 2 },
	{ "DEFAULT", 11 },
	{ "SAVED", 8 },
	{ "DRIFT", 10 },
	{ "ACCESS", 12 },
	{ "AREAS", 9 },
	{ "LIVE-KIB", 4 },
	{ "FALLBACK", 6 },
	{ "FAIL", 5 },
	{ "HISTOGRAM", 7 },
};

/* Columns up to here are worth a narrower gap, where there is room for most of them. */
#define PRIORITY_WANTED	8
#define WIDE		72

#define NR_TABLE_COLUMNS	((int)(sizeof(table_columns) / sizeof(table_columns[0])))

static const struct column *find_column(const char *name)
{
	for (size_t i = 0; i < pmu_columns.nr; i++)
		if (!strcmp(pmu_columns.columns[i].name, name))
			return &pmu_columns.columns[i];
	return NULL;
}

/* Columns are dear here: this one is an amount and not a number of KiB. */
static bool is_live(const struct column *column)
{
	return !strcmp(column->key, "live_kib");
}

/* A PMU that is gone may still have areas that are mapped. */
static void gone_value(const struct view *view, const struct column *column, const char *name,
		       struct value *value)
{
	struct area_sum sum;

	areas_sum(&view->machine->areas, name, &sum);
	if (!sum.nr)
		return;
	if (!strcmp(column->key, "area_live")) {
		*value = (struct value){ .type = VALUE_UINT, .number = sum.nr };
	} else if (is_live(column)) {
		uint64_t bytes = draw_bytes(sum.pages, view->machine->page_size);

		*value = (struct value){ .type = VALUE_UINT, .number = bytes / 1024 };
	} else if (!strcmp(column->key, "chunk_live") && sum.chunks.orders) {
		*value = (struct value){ .type = VALUE_CHUNKS, .chunks = sum.chunks };
		/* As wide as the others. */
		if (view->machine->buddy.orders > value->chunks.orders)
			value->chunks.orders = view->machine->buddy.orders;
	}
}

static char *saved_text(const struct view *view, const struct pmu *pmu,
			const struct value *value)
{
	const char *mark = "";

	if (pmu->access == AUX_ACCESS_NONE)
		return xstrdup("-");
	switch (saved_drift(view->machine, pmu)) {
	case DRIFT_NONE:
		break;
	case DRIFT_CHANGED:
	case DRIFT_UNSAVED:
	case DRIFT_REFUSED:
		mark = "!";
		break;
	case DRIFT_UNSURE:
		mark = "?";
		break;
	}
	if (value->type == VALUE_UINT)
		return xasprintf("%" PRIu64 "%s", value->number, mark);
	return xasprintf("-%s", mark);
}

static char *cell_text(const struct canvas *canvas, const struct view *view,
		       const struct column *column, const struct view_row *row)
{
	struct value value = { 0 };
	char *text;

	if (!row->pmu && !strcmp(column->name, "PMU"))
		return xstrdup(row->name);
	if (!row->pmu && !strcmp(column->name, "KIND"))
		return xstrdup("gone");
	if (row->pmu)
		column->get(view->machine, row->pmu, &value);
	else
		gone_value(view, column, row->name, &value);
	if (!row->pmu && value.type == VALUE_NONE)
		return xstrdup("");
	if (is_live(column) && value.type == VALUE_UINT) {
		char amount[24];

		text_amount(amount, sizeof(amount), draw_bytes(value.number, 1024));
		return xstrdup(amount);
	}
	/* One that differs from the order is marked, as there may be no room for the reason. */
	if (row->pmu && !strcmp(column->key, "saved_order"))
		return saved_text(view, row->pmu, &value);
	/* The canvas makes names safe itself; value_text() would do so twice. */
	text = value.type == VALUE_STRING ? xstrdup(value.string) :
					    value_text(&value, canvas->utf8);
	value_clear(&value);
	return text;
}

static bool shows_column(const struct view *view, const struct column *column)
{
	if (column->stats && view->machine->stats_missing)
		return false;
	/* Without the attribute there is nothing to say of an order. */
	return view->machine->support == SUPPORT_YES || !strcmp(column->name, "PMU") ||
	       !strcmp(column->name, "KIND");
}

/* The first one also says that there are more rows than can be seen. */
static char *heading_text(const struct view *view, const struct column *column, int height)
{
	if (view->nr_rows > height && !strcmp(column->name, "PMU")) {
		/* Of one width, wherever the selection is: columns must not move with it. */
		int digits = snprintf(NULL, 0, "%d", view->nr_rows);

		return xasprintf("PMU %*d/%d", digits, view->selected + 1, view->nr_rows);
	}
	return xstrdup(is_live(column) ? "LIVE" : column->name);
}

static void place_columns(const struct canvas *canvas, const struct view *view,
			  struct rect rect, struct layout_column *places)
{
	/* Names are told apart by their ends: columns go before much of a name does. */
	int name_min = rect.w / 4;

	for (int c = 0; c < NR_TABLE_COLUMNS; c++) {
		const struct column *column = find_column(table_columns[c].name);
		char *heading = heading_text(view, column, rect.h);
		int want = canvas_width(canvas, heading);

		free(heading);
		if (!shows_column(view, column)) {
			places[c] = (struct layout_column){ .want = 0, .priority = 1000 };
			continue;
		}
		for (int r = 0; r < view->nr_rows; r++) {
			char *text = cell_text(canvas, view, column, &view->rows[r]);
			int w = canvas_width(canvas, text);

			if (w > want)
				want = w;
			free(text);
		}
		places[c] = (struct layout_column){
			.want = want,
			.min = c || want < name_min ? want : name_min,
			.priority = table_columns[c].priority,
		};
	}
	/* Closer together before a column that matters is left out, unless many are. */
	for (int gap = DRAW_GAP; gap == DRAW_GAP || (gap > 0 && rect.w >= WIDE); gap--) {
		bool all = true;

		layout_columns(places, NR_TABLE_COLUMNS, gap, rect.w - MARKS);
		for (int c = 0; c < NR_TABLE_COLUMNS; c++)
			all &= places[c].w || !places[c].want ||
			       table_columns[c].priority > PRIORITY_WANTED;
		if (all)
			break;
	}
}

static void draw_cell(struct canvas *canvas, int y, struct rect rect,
		      const struct layout_column *place, const struct column *column,
		      enum role role, const char *text)
{
	int x = rect.x + MARKS + place->x;

	if (value_is_number(column->type))
		canvas_text_right(canvas, y, x, place->w, role, text);
	else
		canvas_text(canvas, y, x, place->w, role, text);
}

static void draw_row(struct canvas *canvas, struct rect rect, int y, const struct view *view,
		     int index, const struct layout_column *places)
{
	static const char marks[] = { ' ', '*', '!', '+', 'x' };
	const struct view_row *row = &view->rows[index];
	bool selected = index == view->selected;
	enum role role = ROLE_NORMAL;

	if (row->mark != MARK_NONE)
		role = ROLE_MARKED;
	if (selected)
		role = ROLE_SELECTED;
	canvas_paint(canvas, (struct rect){ y, rect.x, 1, rect.w }, role);
	/* Where there is no room for a name there is none for its marks either. */
	if (rect.w > MARKS) {
		canvas_put(canvas, y, rect.x, role, selected ? '>' : ' ');
		canvas_put(canvas, y, rect.x + 1, role, marks[row->mark]);
	}
	for (int c = 0; c < NR_TABLE_COLUMNS; c++) {
		const struct column *column = find_column(table_columns[c].name);
		char *text;

		if (!places[c].w)
			continue;
		text = cell_text(canvas, view, column, row);
		draw_cell(canvas, y, rect, &places[c], column, role, text);
		free(text);
	}
}

static void draw_heading(struct canvas *canvas, struct rect rect, const struct view *view,
			 int height, const struct layout_column *places)
{
	canvas_paint(canvas, rect, ROLE_HEADING);
	for (int c = 0; c < NR_TABLE_COLUMNS; c++) {
		const struct column *column = find_column(table_columns[c].name);
		char *text;

		if (!places[c].w)
			continue;
		text = heading_text(view, column, height);
		draw_cell(canvas, rect.y, rect, &places[c], column, ROLE_HEADING, text);
		free(text);
	}
}

void view_table(struct canvas *canvas, const struct layout *layout, const struct view *view)
{
	struct layout_column places[NR_TABLE_COLUMNS];
	struct rect rect = layout->table;

	place_columns(canvas, view, rect, places);
	if (layout->heading.h)
		draw_heading(canvas, layout->heading, view, rect.h, places);
	for (int i = 0; i < rect.h && view->top + i < view->nr_rows; i++)
		draw_row(canvas, rect, rect.y + i, view, view->top + i, places);
	if (view->nr_rows)
		return;
	canvas_text(canvas, rect.y, rect.x, rect.w, ROLE_DIM,
		    !*view->filter ? "no PMU" : "no PMU has this in its name (Esc: show all)");
}
