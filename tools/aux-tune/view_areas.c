// SPDX-License-Identifier: GPL-2.0-only
/* The live AUX areas of a PMU. */
#include <string.h>

#include "column.h"
#include "draw.h"
#include "view_parts.h"
#include "xalloc.h"

/* Columns of the live areas, in the order of area_columns. */
static const int area_priorities[] = { 0, 1, 3, 2, 6, 8, 7, 5, 4 };

#define AREA_COLUMNS_MAX	16
#define TEXT_MIN		8	/* columns a name may be cut to */

static char *area_text(const struct view *view, const struct column *column, size_t row)
{
	struct value value = { 0 };
	char *text;

	column->get(view->machine, &row, &value);
	text = value.type == VALUE_STRING ? xstrdup(value.string) : value_text(&value, true);
	value_clear(&value);
	return text;
}

static void draw_area_row(struct canvas *canvas, struct rect rect, int y,
			  const struct view *view, const struct layout_column *places,
			  const size_t *row)
{
	for (size_t c = 0; c < area_columns.nr; c++) {
		const struct column *column = &area_columns.columns[c];
		enum role role = row ? ROLE_NORMAL : ROLE_HEADING;
		char *text;

		if (!places[c].w)
			continue;
		text = row ? area_text(view, column, *row) : xstrdup(column->name);
		if (value_is_number(column->type))
			canvas_text_right(canvas, y, rect.x + places[c].x, places[c].w, role,
					  text);
		else
			canvas_text(canvas, y, rect.x + places[c].x, places[c].w, role, text);
		free(text);
	}
}

static void place_columns(struct canvas *canvas, int width, const struct view *view,
			  const char *name, struct layout_column *places)
{
	const struct area_table *areas = &view->machine->areas;

	for (size_t c = 0; c < area_columns.nr; c++) {
		const struct column *column = &area_columns.columns[c];
		int want = canvas_width(canvas, column->name);

		for (size_t row = 0; row < areas->nr_rows; row++) {
			char *text;
			int w;

			if (!areas_is_of(areas, row, name))
				continue;
			text = area_text(view, column, row);
			w = canvas_width(canvas, text);
			if (w > want)
				want = w;
			free(text);
		}
		places[c] = (struct layout_column){
			.want = want,
			.min = want < TEXT_MIN || value_is_number(column->type) ? want :
										  TEXT_MIN,
			.priority = area_priorities[c],
		};
	}
	layout_columns(places, area_columns.nr, DRAW_GAP, width);
}

int view_areas(struct canvas *canvas, struct rect rect, const struct view *view,
	       const char *name)
{
	const struct area_table *areas = &view->machine->areas;
	struct layout_column places[AREA_COLUMNS_MAX];
	int nr = 0, shown, y = rect.y + 1;

	for (size_t row = 0; row < areas->nr_rows; row++)
		nr += areas_is_of(areas, row, name);
	if (!nr) {
		canvas_text(canvas, rect.y, rect.x, rect.w, ROLE_DIM,
			    view->machine->areas_error ? strerror(-view->machine->areas_error) :
							 "no live area");
		return 1;
	}
	shown = nr < rect.h ? nr : rect.h - 2;
	place_columns(canvas, rect.w, view, name, places);
	canvas_paint(canvas, (struct rect){ rect.y, rect.x, 1, rect.w }, ROLE_HEADING);
	draw_area_row(canvas, rect, rect.y, view, places, NULL);
	for (size_t row = 0; row < areas->nr_rows && y < rect.y + 1 + shown; row++)
		if (areas_is_of(areas, row, name))
			draw_area_row(canvas, rect, y++, view, places, &row);
	if (shown < nr) {
		char *text = xasprintf("and %d more", nr - shown);

		canvas_text(canvas, y++, rect.x, rect.w, ROLE_DIM, text);
		free(text);
	}
	return y - rect.y;
}
