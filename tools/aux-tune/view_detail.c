// SPDX-License-Identifier: GPL-2.0-only
/* All about the selected PMU: as a part of the list's screen, and as a page of its own. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "column.h"
#include "draw.h"
#include "saved.h"
#include "text.h"
#include "view_parts.h"
#include "xalloc.h"

/* With this much room, live areas are beside the histogram and not below it. */
#define HISTOGRAM_WIDTH		62
#define AREAS_WIDTH		38
#define AREAS_LINES_MIN		3

static char *effect_text(const struct machine *machine, const struct pmu *pmu)
{
	char saved[24] = "";
	uint64_t kib;

	if (pmu->access == AUX_ACCESS_NONE)
		return xstrdup("it has no order to set");
	if (pmu->order == ORDER_UNKNOWN)
		return xasprintf("aux_max_order cannot be read: %s", strerror(-pmu->order_error));
	kib = order_bytes(pmu->order, machine->page_size) / 1024;
	if (pmu->access == AUX_ACCESS_RO)
		return xasprintf("always the largest chunks, up to %" PRIu64 " KiB; read-only", kib);
	if (saved_order(pmu) != ORDER_UNKNOWN)
		snprintf(saved, sizeof(saved), ", saved %d", saved_order(pmu));
	return xasprintf("new AUX areas get chunks of up to %d page%s, %" PRIu64 " KiB (order %d, default %d%s)",
			 1 << pmu->order, pmu->order ? "s" : "", kib, pmu->order,
			 pmu->default_order, saved);
}

/* What became of its areas so far, and what most failed of; NULL when there is nothing to say. */
static char *stats_text(const struct view *view, const struct pmu *pmu)
{
	uint64_t live = 0, pages = 0, fallbacks = 0, failed = 0, most = 0;
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
		    draw_bytes(pages, view->machine->page_size));
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
	bar = strlen(text) + DRAW_GAP;
	canvas_paint(canvas, (struct rect){ rect.y, rect.x, 1, rect.w }, ROLE_HEADING);
	canvas_text(canvas, rect.y, rect.x, rect.w, ROLE_HEADING, text);
	for (int i = 0; i < live.orders && i + 1 < rect.h; i++) {
		uint64_t pages = chunks_pages(&live, i);
		enum role role = pmu->order == i ? ROLE_MARKED : ROLE_NORMAL;
		char size[24], memory[24], order[16];
		int y = rect.y + 1 + i;

		order_size_text(size, order_bytes(i, view->machine->page_size));
		text_amount(memory, sizeof(memory),
			    draw_bytes(pages, view->machine->page_size));
		snprintf(order, sizeof(order), pmu->order == i ? "[%d]" : "%d", i);
		snprintf(text, sizeof(text), "%5s %6s %10" PRIu64 " %6s %10" PRIu64, order, size,
			 live.nr[i], memory, all.nr[i]);
		canvas_text(canvas, y, rect.x, rect.w, role, text);
		draw_bar_right(canvas, (struct rect){ y, rect.x + bar, 1, rect.w - bar },
			       ROLE_BAR, pages, largest);
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

/* What failed and what to do about it, a cause a line. */
static int draw_failures(struct canvas *canvas, struct rect rect, const struct pmu *pmu)
{
	int lines = 0;

	for (size_t i = 0; i < pmu->stats.nr; i++) {
		const struct stat_value *stat = &pmu->stats.values[i];
		const struct stat_cause *cause = stats_cause(stat->name);
		char *text;

		if (!stats_is_cause(stat->name) || !stat->value || lines + 1 >= rect.h)
			continue;
		if (!lines++)
			canvas_text(canvas, rect.y, rect.x, rect.w, ROLE_HEADING, "FAILED");
		text = xasprintf("%" PRIu64 " x %s: %s", stat->value, cause->what,
				 cause->advice);
		lines += draw_wrapped(canvas,
				      (struct rect){ rect.y + lines, rect.x + 2, rect.h - lines,
						     rect.w - 2 }, 2, ROLE_NORMAL, text);
		free(text);
	}
	return lines;
}

/* Lines that everything else can do without. */
static void draw_summary(struct canvas *canvas, struct rect rect, const struct view *view,
			 const struct pmu *pmu, const char *name)
{
	char *lines[LAYOUT_DETAIL_LINES] = { 0 };

	if (pmu) {
		lines[0] = xasprintf("%s: %s: %s", pmu->name, kind_name(pmu->kind.kind),
				     pmu->kind.reason);
		lines[1] = effect_text(view->machine, pmu);
		lines[2] = stats_text(view, pmu);
		lines[3] = chunks_line(view, pmu);
	} else {
		struct area_sum sum;
		char amount[24];

		areas_sum(&view->machine->areas, name, &sum);
		text_amount(amount, sizeof(amount),
			    draw_bytes(sum.pages, view->machine->page_size));
		lines[0] = xasprintf("%s has gone away", name);
		if (sum.nr)
			lines[1] = xasprintf("%" PRIu64 " AUX area%s still mapped, %s", sum.nr,
					     sum.nr == 1 ? " of it is" : "s of it are", amount);
	}
	if (view->machine->stats_missing && view->machine->support == SUPPORT_YES && !lines[2])
		lines[2] = xasprintf("no statistics: %s", view->machine->stats_missing);
	else if (pmu && pmu->stats_error && !lines[2])
		lines[2] = xasprintf("no statistics of it: %s", strerror(-pmu->stats_error));
	for (int i = 0; i < LAYOUT_DETAIL_LINES; i++) {
		if (i < rect.h && lines[i])
			canvas_text(canvas, rect.y + i, rect.x, rect.w,
				    i == 2 && view->machine->stats_missing ? ROLE_DIM :
									     ROLE_NORMAL,
				    lines[i]);
		free(lines[i]);
	}
}

/* Why the next boot would set another order. */
static int draw_drift(struct canvas *canvas, struct rect rect, const struct machine *machine,
		      const struct pmu *pmu)
{
	char *drift, *text;
	int lines;

	if (pmu->access == AUX_ACCESS_NONE || saved_drift(machine, pmu) == DRIFT_NONE)
		return 0;
	drift = saved_drift_text(machine, pmu);
	text = xasprintf("next boot: %s", drift);
	lines = draw_wrapped(canvas, rect, 2, ROLE_MARKED, text);
	free(text);
	free(drift);
	return lines;
}

/* The lines left below @used, after a blank one. */
static struct rect below(struct rect rect, int used)
{
	return (struct rect){ rect.y + used + 1, rect.x, rect.h - used - 1, rect.w };
}

static int after(int used, int lines)
{
	return lines > 0 ? used + 1 + lines : used;
}

/* Histogram and areas, side by side where there is room. */
static int draw_chunks(struct canvas *canvas, struct rect rect, const struct view *view,
		       const struct pmu *pmu, const char *name)
{
	bool beside = rect.w >= HISTOGRAM_WIDTH + DRAW_GAP + AREAS_WIDTH;
	int orders = pmu && pmu->stats.nr ? stats_orders(view) : 0;
	struct rect histogram = { rect.y, rect.x, orders + 1, rect.w };
	struct rect areas = rect;
	int used = 0, lines = 0;

	if (view->machine->stats_missing)
		return 0;
	if (rect.w > HISTOGRAM_WIDTH)
		histogram.w = HISTOGRAM_WIDTH;
	if (orders && histogram.h <= rect.h) {
		draw_histogram(canvas, histogram, view, pmu);
		used = histogram.h;
	}
	if (used && beside) {
		areas.x += HISTOGRAM_WIDTH + DRAW_GAP;
		areas.w -= HISTOGRAM_WIDTH + DRAW_GAP;
	} else if (used) {
		areas = below(rect, used);
	}
	if (areas.h >= AREAS_LINES_MIN)
		lines = view_areas(canvas, areas, view, name);
	if (used && !beside)
		return after(used, lines);
	return lines > used ? lines : used;
}

int view_detail(struct canvas *canvas, struct rect rect, const struct view *view)
{
	const struct pmu *pmu = view_selected(view);
	int used = LAYOUT_DETAIL_LINES;
	struct rect rest;
	const char *name;

	if (view->selected < 0 || rect.h <= 0)
		return 0;
	name = view->rows[view->selected].name;
	draw_summary(canvas, rect, view, pmu, name);

	rest = below(rect, used);
	if (pmu)
		used = after(used, draw_drift(canvas, rest, view->machine, pmu));
	rest = below(rect, used);
	if (rest.h >= VIEW_TIMELINE_LINES && view->history)
		used = after(used, view_timeline(canvas, rest, view, name, pmu));
	rest = below(rect, used);
	if (pmu)
		used = after(used, view_larger(canvas, rest, view, pmu));
	rest = below(rect, used);
	if (pmu)
		used = after(used, draw_failures(canvas, rest, pmu));
	rest = below(rect, used);
	return after(used, draw_chunks(canvas, rest, view, pmu, name));
}

void view_detail_short(struct canvas *canvas, struct rect rect, const struct view *view)
{
	const struct pmu *pmu = view_selected(view);
	char *lines[2];

	if (!pmu)
		return;
	lines[0] = stats_text(view, pmu);
	lines[1] = chunks_line(view, pmu);
	for (int i = 0; i < 2; i++) {
		if (i < rect.h && lines[i])
			canvas_text(canvas, rect.y + i, rect.x, rect.w, ROLE_NORMAL, lines[i]);
		free(lines[i]);
	}
}
