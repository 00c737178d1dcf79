// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "column.h"
#include "text.h"
#include "view.h"
#include "xalloc.h"

#define GAP		2
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
	{ "DEFAULT", 10 },
	{ "ACCESS", 9 },
	{ "AREAS", 8 },
	{ "LIVE-KIB", 4 },
	{ "FALLBACK", 5 },
	{ "FAIL", 6 },
	{ "HISTOGRAM", 7 },
};

#define NR_TABLE_COLUMNS	((int)(sizeof(table_columns) / sizeof(table_columns[0])))

static const char *const legend[] = {
	"",
	"Marks:  > selected   * changed a moment ago",
	"        + appeared   x vanished",
	"",
	"Kinds:  must        needs contiguous memory (NO_SG)",
	"        nice        larger chunks save it work",
	"        don't care  single pages do as well",
	"",
	"The order limits the chunks of AUX areas that",
	"are mapped from now on; live ones keep theirs.",
};

#define NR_LEGEND	((int)(sizeof(legend) / sizeof(legend[0])))

static const struct pmu *selected_pmu(const struct view *view)
{
	return view->selected >= 0 ? view->rows[view->selected].pmu : NULL;
}

static uint64_t free_bytes(const struct machine *machine, int order)
{
	return buddyinfo_pages(&machine->buddy, order) * machine->page_size;
}

/* Columns of the live areas, in the order of area_columns. */
static const int area_priorities[] = { 0, 1, 3, 2, 6, 8, 7, 5, 4 };

#define AREA_COLUMNS_MAX	16

/* Live areas beside the histogram, or below it. */
#define HISTOGRAM_WIDTH		62
#define AREAS_WIDTH		38
#define AREAS_LINES		6

/*
 * Pieces of a line, as many as fit: the most important ones come first into it, and keep
 * their order.
 */
#define PIECES_MAX	16

struct piece {
	char *text;		/* NULL: not there */
	int priority;		/* the smallest is the most important one */
	enum role role;
};

static void draw_pieces(struct canvas *canvas, struct rect rect, struct piece *pieces, int nr)
{
	int room = rect.w + GAP, x = rect.x;
	bool fits[PIECES_MAX] = { false };

	for (int priority = 0; priority < nr; priority++) {
		for (int i = 0; i < nr; i++) {
			int width;

			if (!pieces[i].text || pieces[i].priority != priority)
				continue;
			width = canvas_width(canvas, pieces[i].text) + GAP;
			/* The first one is better cut than not there. */
			fits[i] = !priority || width <= room;
			room -= fits[i] ? width : 0;
		}
	}
	for (int i = 0; i < nr; i++) {
		if (fits[i]) {
			canvas_text(canvas, rect.y, x, rect.x + rect.w - x, pieces[i].role,
				    pieces[i].text);
			x += canvas_width(canvas, pieces[i].text) + GAP;
		}
		free(pieces[i].text);
	}
}

static void draw_title(struct canvas *canvas, struct rect rect, const struct view *view)
{
	const struct machine *machine = view->machine;
	struct piece pieces[] = {
		{ xstrdup("aux-tune"), 3, ROLE_TITLE },
		{ xasprintf("Linux %s", machine->release), 1, ROLE_TITLE },
		{ NULL, 0, ROLE_TITLE },
		{ xasprintf("page %zu KiB", machine->page_size / 1024), 4, ROLE_TITLE },
		{ NULL, 2, ROLE_TITLE },
	};

	if (machine->max_order != ORDER_UNKNOWN)
		pieces[2].text = xasprintf("max order %d (%" PRIu64 " KiB)", machine->max_order,
					   order_bytes(machine->max_order,
						       machine->page_size) / 1024);
	if (!kroot_live(&machine->root))
		pieces[4].text = xstrdup("captured tree");
	else if (view->readonly)
		pieces[4].text = xstrdup("read-only");
	else if (!view->root_user)
		pieces[4].text = xstrdup("not root");
	if (rect.h)
		canvas_paint(canvas, rect, ROLE_TITLE);
	draw_pieces(canvas, rect, pieces, sizeof(pieces) / sizeof(pieces[0]));
}

/* A cell of a bar: how many eighths of it are filled. */
static uint32_t bar_cell(const struct canvas *canvas, int eighths)
{
	if (eighths <= 0)
		return ' ';
	if (!canvas->utf8)
		return eighths >= 6 ? '#' : eighths >= 3 ? '=' : '_';
	return 0x2580 + (eighths > 8 ? 8 : eighths);
}

/* The same for a bar that lies: U+2588, full, to U+258f, one eighth. */
static uint32_t row_cell(const struct canvas *canvas, int eighths)
{
	if (!canvas->utf8)
		return '#';
	return 0x2590 - (eighths > 8 ? 8 : eighths);
}

/* Filled eighths of a bar of @cells cells; something is never drawn as nothing. */
static int bar_eighths(uint64_t value, uint64_t largest, int cells)
{
	int eighths;

	if (!value || !largest)
		return 0;
	eighths = (double)value / largest * cells * 8;
	return eighths ? eighths : 1;
}

static uint64_t largest_free(const struct machine *machine)
{
	uint64_t largest = 0;

	for (int i = 0; i < machine->buddy.orders; i++)
		if (free_bytes(machine, i) > largest)
			largest = free_bytes(machine, i);
	return largest;
}

static enum role bar_role(int order, const struct pmu *pmu)
{
	return pmu && pmu->order >= 0 && order < pmu->order ? ROLE_BAR_SMALL : ROLE_BAR;
}

static void draw_memory_line(struct canvas *canvas, struct rect rect, const struct view *view)
{
	const struct machine *machine = view->machine;
	const struct pmu *pmu = selected_pmu(view);
	uint64_t largest = largest_free(machine);
	char amount[24];
	char *text;
	int x;

	text_amount(amount, sizeof(amount),
		      buddyinfo_pages_from(&machine->buddy, 0) * machine->page_size);
	text = xasprintf("free %s ", amount);
	canvas_text(canvas, rect.y, rect.x, rect.w, ROLE_NORMAL, text);
	x = rect.x + canvas_width(canvas, text);
	free(text);
	for (int i = 0; i < machine->buddy.orders && x < rect.x + rect.w; i++, x++)
		canvas_put(canvas, rect.y, x, bar_role(i, pmu),
			   bar_cell(canvas, bar_eighths(free_bytes(machine, i), largest, 1)));
	if (pmu && pmu->order >= 0) {
		text = xasprintf(" %d%% at order %d", buddyinfo_usable(&machine->buddy, pmu->order),
				 pmu->order);
		canvas_text(canvas, rect.y, x, rect.x + rect.w - x, ROLE_NORMAL, text);
		free(text);
	}
}

static void draw_memory_graph(struct canvas *canvas, struct rect rect, const struct view *view)
{
	const struct machine *machine = view->machine;
	int bars = rect.h - LAYOUT_GRAPH_LINES, orders = machine->buddy.orders;
	int step = (rect.w - LAYOUT_GRAPH_LABEL) / orders;
	const struct pmu *pmu = selected_pmu(view);
	uint64_t largest = largest_free(machine);
	int base = rect.y + bars, width;
	char text[96], amount[24];

	if (step > 12)
		step = 12;
	width = step > 6 ? step - 3 : 3;

	text_amount(amount, sizeof(amount),
		      buddyinfo_pages_from(&machine->buddy, 0) * machine->page_size);
	if (pmu && pmu->order >= 0)
		snprintf(text, sizeof(text), "Free memory: %s, %d%% of it usable at order %d",
			 amount, buddyinfo_usable(&machine->buddy, pmu->order), pmu->order);
	else
		snprintf(text, sizeof(text), "Free memory: %s", amount);
	canvas_text(canvas, rect.y, rect.x, rect.w, ROLE_NORMAL, text);
	canvas_text(canvas, base + 1, rect.x, LAYOUT_GRAPH_LABEL, ROLE_DIM, "order");
	canvas_text(canvas, base + 2, rect.x, LAYOUT_GRAPH_LABEL, ROLE_DIM, "free");
	canvas_text(canvas, base + 3, rect.x, LAYOUT_GRAPH_LABEL, ROLE_DIM, "usable");

	for (int i = 0; i < orders; i++) {
		int x = rect.x + LAYOUT_GRAPH_LABEL + i * step;
		int left = bar_eighths(free_bytes(machine, i), largest, bars);
		bool chosen = pmu && pmu->order == i;

		for (int y = base; y > base - bars; y--, left -= 8)
			for (int dx = step - width; dx < step; dx++)
				canvas_put(canvas, y, x + dx, bar_role(i, pmu),
					   bar_cell(canvas, left));
		snprintf(text, sizeof(text), chosen ? "[%d]" : "%d", i);
		canvas_text_right(canvas, base + 1, x, step, chosen ? ROLE_MARKED : ROLE_DIM,
				  text);
		text_amount(amount, sizeof(amount), free_bytes(machine, i));
		canvas_text_right(canvas, base + 2, x, step, ROLE_NORMAL, amount);
		snprintf(text, sizeof(text), "%d%%", buddyinfo_usable(&machine->buddy, i));
		canvas_text_right(canvas, base + 3, x, step, ROLE_NORMAL, text);
	}
}

static void draw_memory(struct canvas *canvas, const struct layout *layout,
			const struct view *view)
{
	if (!layout->memory.h)
		return;
	if (!view->machine->buddy.orders)
		canvas_text(canvas, layout->memory.y, layout->memory.x, layout->memory.w, ROLE_DIM,
			    "free memory by order: /proc/buddyinfo cannot be read");
	else if (layout->graph)
		draw_memory_graph(canvas, layout->memory, view);
	else
		draw_memory_line(canvas, layout->memory, view);
}

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

static uint64_t kib_bytes(uint64_t kib)
{
	return kib > UINT64_MAX / 10240 ? UINT64_MAX / 10 : kib * 1024;
}

static char *cell_text(const struct canvas *canvas, const struct view *view,
		       const struct column *column, const struct view_row *row)
{
	struct value value = { 0 };
	char *text;

	if (!row->pmu && !strcmp(column->name, "PMU"))
		return xstrdup(row->name);
	if (!row->pmu)
		return xstrdup(strcmp(column->name, "KIND") ? "" : "gone");
	column->get(view->machine, row->pmu, &value);
	if (is_live(column) && value.type == VALUE_UINT) {
		char amount[24];

		text_amount(amount, sizeof(amount), kib_bytes(value.number));
		return xstrdup(amount);
	}
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
	layout_columns(places, NR_TABLE_COLUMNS, GAP, rect.w - MARKS);
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
	static const char marks[] = { ' ', '*', '+', 'x' };
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

static void draw_table(struct canvas *canvas, const struct layout *layout,
		       const struct view *view)
{
	struct layout_column places[NR_TABLE_COLUMNS];
	struct rect rect = layout->table;

	place_columns(canvas, view, rect, places);
	if (layout->heading.h)
		draw_heading(canvas, layout->heading, view, rect.h, places);
	for (int i = 0; i < rect.h && view->top + i < view->nr_rows; i++)
		draw_row(canvas, rect, rect.y + i, view, view->top + i, places);
	if (!view->nr_rows)
		canvas_text(canvas, rect.y, rect.x, rect.w, ROLE_DIM, "no PMU");
}

static char *effect_text(const struct machine *machine, const struct pmu *pmu)
{
	uint64_t kib;

	if (pmu->access == AUX_ACCESS_NONE)
		return xstrdup("it has no order to set");
	if (pmu->order == ORDER_UNKNOWN)
		return xasprintf("aux_max_order cannot be read: %s", strerror(-pmu->order_error));
	kib = order_bytes(pmu->order, machine->page_size) / 1024;
	if (pmu->access == AUX_ACCESS_RO)
		return xasprintf("always the largest chunks, up to %" PRIu64 " KiB; read-only", kib);
	return xasprintf("new AUX areas get chunks of up to %d page%s, %" PRIu64 " KiB (order %d; default %d)",
			 1 << pmu->order, pmu->order ? "s" : "", kib, pmu->order,
			 pmu->default_order);
}

/* What became of its areas so far, and what most failed of; NULL when there is nothing to say. */
static char *stats_text(const struct view *view, const struct pmu *pmu)
{
	uint64_t live = 0, pages = 0, fallbacks = 0, failed = 0, most = 0;
	size_t kib = view->machine->page_size / 1024;
	char *areas = NULL, *text;
	const char *cause = NULL;
	struct chunks chunks;
	char amount[24];

	if (!stats_get(&pmu->stats, STAT_AREA_LIVE, &live))
		return NULL;
	stats_get(&pmu->stats, STAT_PAGE_LIVE, &pages);
	stats_get(&pmu->stats, STAT_CHUNK_FALLBACK, &fallbacks);
	stats_failures(&pmu->stats, &failed);
	stats_chunks(&pmu->stats, STAT_CHUNK_ALLOC, &chunks);
	for (size_t i = 0; i < pmu->stats.nr; i++) {
		const struct stat_value *stat = &pmu->stats.values[i];

		if (!stats_is_cause(stat->name) || stat->value <= most)
			continue;
		most = stat->value;
		cause = stats_cause(stat->name)->what;
	}
	if (!live && !failed && !chunks_total(&chunks))
		return xstrdup("no AUX area so far");
	text_amount(amount, sizeof(amount),
		    kib_bytes(pages > UINT64_MAX / kib ? UINT64_MAX : pages * kib));
	if (live)
		areas = xasprintf("%" PRIu64 " live, %s", live, amount);
	text = xasprintf("%s; %" PRIu64 " of %" PRIu64 " chunks fell back; %" PRIu64
			 " failed%s%s%s", areas ?: "none live", fallbacks,
			 chunks_total(&chunks), failed, cause ? " (" : "", cause ?: "",
			 cause ? ")" : "");
	free(areas);
	return text;
}

static char *chunks_line(const struct view *view, const struct pmu *pmu)
{
	struct chunks chunks;
	char *words, *text;

	if (!stats_chunks(&pmu->stats, STAT_CHUNK_LIVE, &chunks) || !chunks_total(&chunks))
		return NULL;
	words = chunks_words(&chunks, view->machine->page_size);
	text = xasprintf("made of %s", words);
	free(words);
	return text;
}

/* A heading and a line for each order: chunks now and so far, a bar for the memory now. */
static void draw_histogram(struct canvas *canvas, struct rect rect, const struct view *view,
			   const struct pmu *pmu)
{
	struct chunks live, all;
	uint64_t largest = 0;
	int bar;
	char text[128];

	stats_chunks(&pmu->stats, STAT_CHUNK_LIVE, &live);
	stats_chunks(&pmu->stats, STAT_CHUNK_ALLOC, &all);
	for (int i = 0; i < live.orders; i++)
		if (chunks_pages(&live, i) > largest)
			largest = chunks_pages(&live, i);
	snprintf(text, sizeof(text), "%5s %6s %10s %6s %10s", "ORDER", "SIZE", "LIVE", "MEMORY",
		 "HANDED OUT");
	bar = strlen(text) + GAP;
	canvas_paint(canvas, (struct rect){ rect.y, rect.x, 1, rect.w }, ROLE_HEADING);
	canvas_text(canvas, rect.y, rect.x, rect.w, ROLE_HEADING, text);
	for (int i = 0; i < live.orders && i + 1 < rect.h; i++) {
		uint64_t kib = view->machine->page_size / 1024, pages = chunks_pages(&live, i);
		enum role role = pmu->order == i ? ROLE_MARKED : ROLE_NORMAL;
		char size[24], memory[24], order[16];
		int y = rect.y + 1 + i, left;

		order_size_text(size, order_bytes(i, view->machine->page_size));
		text_amount(memory, sizeof(memory),
			    kib_bytes(pages > UINT64_MAX / kib ? UINT64_MAX : pages * kib));
		snprintf(order, sizeof(order), pmu->order == i ? "[%d]" : "%d", i);
		snprintf(text, sizeof(text), "%5s %6s %10" PRIu64 " %6s %10" PRIu64, order, size,
			 live.nr[i], memory, all.nr[i]);
		canvas_text(canvas, y, rect.x, rect.w, role, text);
		left = bar_eighths(pages, largest, rect.w - bar);
		for (int x = rect.x + bar; x < rect.x + rect.w && left > 0; x++, left -= 8)
			canvas_put(canvas, y, x, ROLE_BAR, row_cell(canvas, left));
	}
}

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

/* A heading and the live areas of @pmu; those that do not fit are counted. */
static void draw_areas(struct canvas *canvas, struct rect rect, const struct view *view,
		       const struct pmu *pmu)
{
	const struct area_table *areas = &view->machine->areas;
	struct layout_column places[AREA_COLUMNS_MAX];
	int nr = 0, shown, y = rect.y + 1;

	for (size_t row = 0; row < areas->nr_rows; row++)
		nr += areas_is_of(areas, row, pmu->name);
	if (!nr) {
		canvas_text(canvas, rect.y, rect.x, rect.w, ROLE_DIM,
			    view->machine->areas_error ? strerror(-view->machine->areas_error) :
							 "no live area");
		return;
	}
	shown = nr < rect.h ? nr : rect.h - 2;
	for (size_t c = 0; c < area_columns.nr; c++) {
		const struct column *column = &area_columns.columns[c];
		int want = canvas_width(canvas, column->name);

		for (size_t row = 0; row < areas->nr_rows; row++) {
			char *text;
			int w;

			if (!areas_is_of(areas, row, pmu->name))
				continue;
			text = area_text(view, column, row);
			w = canvas_width(canvas, text);
			if (w > want)
				want = w;
			free(text);
		}
		places[c] = (struct layout_column){
			.want = want,
			.min = want < 8 || value_is_number(column->type) ? want : 8,
			.priority = area_priorities[c],
		};
	}
	layout_columns(places, area_columns.nr, GAP, rect.w);
	canvas_paint(canvas, (struct rect){ rect.y, rect.x, 1, rect.w }, ROLE_HEADING);
	draw_area_row(canvas, rect, rect.y, view, places, NULL);
	for (size_t row = 0; row < areas->nr_rows && y < rect.y + 1 + shown; row++)
		if (areas_is_of(areas, row, pmu->name))
			draw_area_row(canvas, rect, y++, view, places, &row);
	if (shown < nr) {
		char *text = xasprintf("and %d more", nr - shown);

		canvas_text(canvas, y, rect.x, rect.w, ROLE_DIM, text);
		free(text);
	}
}

/* Orders the kernel keeps statistics of; the same for all PMUs, so that nothing moves. */
static int stats_orders(const struct view *view)
{
	int orders = 0;

	for (size_t i = 0; i < view->machine->pmus.nr; i++) {
		struct chunks chunks;

		stats_chunks(&view->machine->pmus.pmus[i].stats, STAT_CHUNK_LIVE, &chunks);
		if (chunks.orders > orders)
			orders = chunks.orders;
	}
	return orders;
}

/* What is below the lines of the detail, when there is room: a blank line comes first. */
static void draw_stats(struct canvas *canvas, struct rect rect, const struct view *view,
		       const struct pmu *pmu)
{
	int lines = stats_orders(view) + 1;
	struct rect histogram = { rect.y + 1, rect.x, lines, rect.w };
	struct rect areas = { rect.y + 1, rect.x, rect.h - 1, rect.w };

	if (rect.h < AREAS_LINES || !pmu->stats.nr)
		return;
	if (rect.h <= lines) {
		draw_areas(canvas, areas, view, pmu);
		return;
	}
	if (rect.w > HISTOGRAM_WIDTH)
		histogram.w = HISTOGRAM_WIDTH;
	draw_histogram(canvas, histogram, view, pmu);
	if (rect.w >= HISTOGRAM_WIDTH + GAP + AREAS_WIDTH) {
		areas.x += HISTOGRAM_WIDTH + GAP;
		areas.w -= HISTOGRAM_WIDTH + GAP;
	} else {
		areas.y += lines + 1;
		areas.h -= lines + 1;
	}
	if (areas.h >= 3)
		draw_areas(canvas, areas, view, pmu);
}

static int detail_lines(const struct view *view, int cols)
{
	int orders = stats_orders(view);

	if (view->machine->stats_missing || !orders)
		return LAYOUT_DETAIL_LINES;
	/* A blank line and the heading. */
	return LAYOUT_DETAIL_LINES + 2 + orders +
	       (cols < HISTOGRAM_WIDTH + GAP + AREAS_WIDTH ? AREAS_LINES + 1 : 0);
}

/* A screen without the detail has these until there is a result to show. */
static void draw_stats_lines(struct canvas *canvas, struct rect rect, const struct view *view)
{
	const struct pmu *pmu = selected_pmu(view);
	char *lines[2];

	if (!pmu)
		return;
	lines[0] = stats_text(view, pmu);
	lines[1] = chunks_line(view, pmu);
	for (int i = 0; i < 2; i++) {
		if (lines[i] && i < rect.h)
			canvas_text(canvas, rect.y + i, rect.x, rect.w, ROLE_NORMAL, lines[i]);
		free(lines[i]);
	}
}

static void draw_detail(struct canvas *canvas, struct rect rect, const struct view *view)
{
	const struct pmu *pmu = selected_pmu(view);
	char *lines[LAYOUT_DETAIL_LINES] = { 0 };

	if (!rect.h || view->selected < 0)
		return;
	if (pmu) {
		lines[0] = xasprintf("%s: %s: %s", pmu->name, kind_name(pmu->kind.kind),
				     pmu->kind.reason);
		lines[1] = effect_text(view->machine, pmu);
		lines[2] = stats_text(view, pmu);
		lines[3] = chunks_line(view, pmu);
	} else {
		lines[0] = xasprintf("%s has gone away", view->rows[view->selected].name);
	}
	if (view->machine->stats_missing && view->machine->support == SUPPORT_YES && !lines[2])
		lines[2] = xasprintf("no statistics: %s", view->machine->stats_missing);
	for (int i = 0; i < LAYOUT_DETAIL_LINES; i++) {
		if (lines[i] && i < rect.h)
			canvas_text(canvas, rect.y + i, rect.x, rect.w,
				    i == 2 && view->machine->stats_missing ? ROLE_DIM :
									     ROLE_NORMAL,
				    lines[i]);
		free(lines[i]);
	}
	if (!pmu || rect.h <= LAYOUT_DETAIL_LINES)
		return;
	rect.y += LAYOUT_DETAIL_LINES;
	rect.h -= LAYOUT_DETAIL_LINES;
	draw_stats(canvas, rect, view, pmu);
}

/* On one line the result is worth more than the command, unless there is room for both. */
static void draw_status(struct canvas *canvas, struct rect rect, const struct view *view)
{
	enum role role = view->bad ? ROLE_BAD : ROLE_GOOD;
	char *command = NULL;

	if (!rect.h)
		return;
	if (*view->command)
		command = xasprintf("$ %s", view->command);
	/* A long result takes the line a command would have had. */
	if (rect.h > 1 && !command && canvas_width(canvas, view->result) > rect.w) {
		const char *cut = view->result + strlen(view->result);

		while (cut > view->result && (*cut != ' ' || cut - view->result > rect.w))
			cut--;
		if (cut > view->result) {
			char *first = xstrdup(view->result);

			first[cut - view->result] = '\0';
			canvas_text(canvas, rect.y, rect.x, rect.w, role, first);
			canvas_text(canvas, rect.y + 1, rect.x, rect.w, role, cut + 1);
			free(first);
			return;
		}
	}
	canvas_text(canvas, rect.y, rect.x, rect.w, role, view->result);
	if (command && rect.h > 1)
		canvas_text(canvas, rect.y + 1, rect.x, rect.w, ROLE_NORMAL, command);
	free(command);
}

static void draw_keys(struct canvas *canvas, struct rect rect, const struct view *view)
{
	struct piece pieces[PIECES_MAX];
	int nr = 0;

	if (!rect.h)
		return;
	for (int i = 0; i < view->nr_keys && nr < PIECES_MAX; i++) {
		if (!view->keys[i].short_help)
			continue;
		pieces[nr] = (struct piece){ xstrdup(view->keys[i].short_help), nr, ROLE_KEY };
		nr++;
	}
	draw_pieces(canvas, rect, pieces, nr);
}

int view_help_lines(const struct view *view)
{
	return view->nr_keys + NR_LEGEND;
}

static void draw_help(struct canvas *canvas, const struct view *view)
{
	int lines = view_help_lines(view), y = 0;

	canvas_paint(canvas, (struct rect){ 0, 0, 1, canvas->cols }, ROLE_TITLE);
	canvas_text(canvas, y++, 0, canvas->cols, ROLE_TITLE, "Keys (any other key: back)");
	for (int i = view->help_top; i < lines && y < canvas->rows; i++, y++) {
		char *text;

		if (i >= view->nr_keys) {
			canvas_text(canvas, y, 0, canvas->cols, ROLE_NORMAL,
				    legend[i - view->nr_keys]);
			continue;
		}
		text = xasprintf("%-14s %s", view->keys[i].keys, view->keys[i].help);
		canvas_text(canvas, y, 0, canvas->cols, ROLE_NORMAL, text);
		free(text);
	}
}

void view_layout(const struct view *view, int rows, int cols, struct layout *layout)
{
	layout_compute(layout, rows, cols, view->nr_rows, view->machine->buddy.orders,
		       detail_lines(view, cols));
}

void view_draw(struct canvas *canvas, const struct view *view)
{
	struct layout layout;

	if (view->help) {
		draw_help(canvas, view);
		return;
	}
	view_layout(view, canvas->rows, canvas->cols, &layout);
	if (layout.title.h)
		draw_title(canvas, layout.title, view);
	draw_memory(canvas, &layout, view);
	draw_table(canvas, &layout, view);
	draw_detail(canvas, layout.detail, view);
	if (!layout.detail.h && !*view->result && !*view->command)
		draw_stats_lines(canvas, layout.status, view);
	else
		draw_status(canvas, layout.status, view);
	draw_keys(canvas, layout.keys, view);
}
