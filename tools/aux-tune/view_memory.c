// SPDX-License-Identifier: GPL-2.0-only
/*
 * Free memory by order. What a chunk order can be made of is the share of free memory in
 * blocks of that order and larger ones, so that is what bars show: level on a machine whose
 * memory is whole, falling off where it is fragmented. Amounts by order would show the
 * largest order and nothing else, then the smallest and nothing else.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "draw.h"
#include "text.h"
#include "view_parts.h"
#include "xalloc.h"

#define STEP_MAX	12	/* columns an order takes at most */

static const struct buddyinfo *buddy(const struct view *view)
{
	return &view->machine->buddy;
}

static uint64_t free_bytes(const struct view *view, const struct buddyinfo *info)
{
	return draw_bytes(buddyinfo_pages_from(info, 0), view->machine->page_size);
}

static enum role order_role(int order, const struct pmu *pmu)
{
	return pmu && pmu->order == order ? ROLE_MARKED : ROLE_BAR;
}

/* "+12M", "-4K", "+0". */
static void signed_text(char *buf, size_t size, uint64_t now, uint64_t before,
			void (*format)(char *buf, size_t size, uint64_t value))
{
	buf[0] = now < before ? '-' : '+';
	format(buf + 1, size - 1, now < before ? before - now : now - before);
}

static void draw_line(struct canvas *canvas, struct rect rect, const struct view *view)
{
	const struct pmu *pmu = view_selected(view);
	char amount[24];
	char *text;
	int x;

	text_amount(amount, sizeof(amount), free_bytes(view, buddy(view)));
	text = xasprintf("free %s ", amount);
	canvas_text(canvas, rect.y, rect.x, rect.w, ROLE_NORMAL, text);
	x = rect.x + canvas_width(canvas, text);
	free(text);
	for (int i = 0; i < buddy(view)->orders && x < rect.x + rect.w; i++, x++)
		draw_bar_up(canvas, (struct rect){ rect.y, x, 1, 1 }, order_role(i, pmu),
			    buddyinfo_usable(buddy(view), i), 100);
	if (pmu && pmu->order >= 0) {
		text = xasprintf(" %d%% at order %d", buddyinfo_usable(buddy(view), pmu->order),
				 pmu->order);
		canvas_text(canvas, rect.y, x, rect.x + rect.w - x, ROLE_NORMAL, text);
		free(text);
	}
}

static void draw_caption(struct canvas *canvas, struct rect rect, const struct view *view)
{
	const struct pmu *pmu = view_selected(view);
	char *change = NULL, *usable = NULL, *text;
	char amount[24], delta[24];

	text_amount(amount, sizeof(amount), free_bytes(view, buddy(view)));
	if (view->start && view->start->orders) {
		signed_text(delta, sizeof(delta), free_bytes(view, buddy(view)),
			    free_bytes(view, view->start), text_amount);
		change = xasprintf(" (%s since the start)", delta);
	}
	if (pmu && pmu->order >= 0)
		usable = xasprintf(", %d%% of it usable at order %d",
				   buddyinfo_usable(buddy(view), pmu->order), pmu->order);
	text = xasprintf("Free memory %s%s%s", amount, change ?: "", usable ?: "");
	canvas_text(canvas, rect.y, rect.x, rect.w, ROLE_NORMAL, text);
	free(text);
	free(change);
	free(usable);
}

/* "4791#": blocks, and as a bar the share of the zone that is usable at this order. */
static void draw_zone_cell(struct canvas *canvas, int y, int x, int step,
			   const struct view *view, const struct buddy_zone *zone, int order)
{
	const struct pmu *pmu = view_selected(view);
	char text[24];

	draw_count(text, sizeof(text), step - 2, zone->free[order]);
	canvas_text_right(canvas, y, x, step - 1, ROLE_NORMAL, text);
	draw_bar_up(canvas, (struct rect){ y, x + step - 1, 1, 1 }, order_role(order, pmu),
		    buddy_zone_usable(buddy(view), zone, order), 100);
}

static void draw_zones(struct canvas *canvas, struct rect rect, const struct view *view,
		       int label, int step)
{
	size_t nr = buddy(view)->nr_zones, shown = nr;

	if (nr > (size_t)rect.h)
		shown = rect.h - 1;
	for (size_t i = 0; i < shown; i++) {
		const struct buddy_zone *zone = &buddy(view)->zones[i];
		char *text = xasprintf("%u %s", zone->node, zone->name);

		canvas_text(canvas, rect.y + i, rect.x, label - 1, ROLE_DIM, text);
		free(text);
		for (int order = 0; order < buddy(view)->orders; order++)
			draw_zone_cell(canvas, rect.y + i, rect.x + label + order * step, step,
				       view, zone, order);
	}
	if (shown < nr) {
		char *text = xasprintf("and %zu more zones", nr - shown);

		canvas_text(canvas, rect.y + shown, rect.x, rect.w, ROLE_DIM, text);
		free(text);
	}
}

static void count_text(char *buf, size_t size, uint64_t number)
{
	draw_count(buf, size, 3, number);
}

static void draw_graph(struct canvas *canvas, const struct layout *layout,
		       const struct view *view)
{
	struct rect rect = layout->memory;
	int orders = buddy(view)->orders, bars = layout->bars, label = LAYOUT_GRAPH_LABEL;
	int step = (rect.w - label) / orders;
	int width, base = rect.y + 1 + bars;
	const struct pmu *pmu = view_selected(view);
	char text[64];

	if (step > STEP_MAX)
		step = STEP_MAX;
	width = step > 6 ? step - 3 : 3;
	draw_caption(canvas, rect, view);
	if (bars) {
		canvas_text(canvas, rect.y + 1, rect.x, label, ROLE_DIM, "     100%");
		if (bars >= 5)
			canvas_text(canvas, rect.y + 1 + bars / 2, rect.x, label, ROLE_DIM,
				    "      50%");
	}
	canvas_text(canvas, base, rect.x, label, ROLE_DIM, "order");
	canvas_text(canvas, base + 1, rect.x, label, ROLE_DIM, "usable");
	canvas_text(canvas, base + 2, rect.x, label, ROLE_DIM, "blocks");
	if (view->start)
		canvas_text(canvas, base + 3, rect.x, label, ROLE_DIM, "change");

	for (int i = 0; i < orders; i++) {
		struct rect bar = { rect.y + 1, rect.x + label + i * step + step - width, bars,
				    width };
		bool chosen = pmu && pmu->order == i;
		int x = rect.x + label + i * step;

		draw_bar_up(canvas, bar, order_role(i, pmu), buddyinfo_usable(buddy(view), i),
			    100);
		snprintf(text, sizeof(text), chosen ? "[%d]" : "%d", i);
		canvas_text_right(canvas, base, x, step, chosen ? ROLE_MARKED : ROLE_DIM, text);
		snprintf(text, sizeof(text), "%d%%", buddyinfo_usable(buddy(view), i));
		canvas_text_right(canvas, base + 1, x, step,
				  chosen ? ROLE_MARKED : ROLE_NORMAL, text);
		draw_count(text, sizeof(text), step - 1, buddy(view)->free[i]);
		canvas_text_right(canvas, base + 2, x, step, ROLE_NORMAL, text);
		if (!view->start || view->start->free[i] == buddy(view)->free[i])
			continue;
		signed_text(text, sizeof(text), buddy(view)->free[i], view->start->free[i],
			    count_text);
		canvas_text_right(canvas, base + 3, x, step, ROLE_NORMAL, text);
	}
	if (layout->zones)
		draw_zones(canvas, (struct rect){ base + 4, rect.x, layout->zones, rect.w }, view,
			   label, step);
}

int view_memory_zones(const struct view *view)
{
	/* A single zone is the sum. */
	return buddy(view)->nr_zones > 1 ? buddy(view)->nr_zones : 0;
}

void view_memory(struct canvas *canvas, const struct layout *layout, const struct view *view)
{
	if (!layout->memory.h)
		return;
	if (!buddy(view)->orders) {
		char *text = xasprintf("free memory by order is not known: /proc/buddyinfo: %s",
				       strerror(-view->machine->buddy_error));

		canvas_text(canvas, layout->memory.y, layout->memory.x, layout->memory.w,
			    ROLE_DIM, text);
		free(text);
	} else if (layout->graph) {
		draw_graph(canvas, layout, view);
	} else {
		draw_line(canvas, layout->memory, view);
	}
}
