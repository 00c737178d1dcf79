// SPDX-License-Identifier: GPL-2.0-only
/* The last minutes, a column for each sample, the last one at the right end. */
#include <stdio.h>

#include "draw.h"
#include "text.h"
#include "view_parts.h"
#include "xalloc.h"

#define LABEL		24	/* columns left of the numbers */
#define NUMBER		7	/* columns of one: now, lowest, highest */

struct range {
	uint64_t now, low, high;
	bool known;
};

static uint64_t sample(const struct view *view, const char *name, int order, int age)
{
	return name ? history_live(view->history, name, age) :
		      history_free_from(view->history, order, age);
}

static struct range find_range(const struct view *view, const char *name, int order, int samples)
{
	struct range range = { .low = UINT64_MAX };

	range.now = sample(view, name, order, 0);
	for (int age = 0; age < samples; age++) {
		uint64_t value = sample(view, name, order, age);

		if (value == HISTORY_NONE)
			continue;
		range.known = true;
		if (value < range.low)
			range.low = value;
		if (value > range.high)
			range.high = value;
	}
	return range;
}

static void draw_number(struct canvas *canvas, int y, int x, uint64_t value)
{
	char text[24] = "-";

	if (value != HISTORY_NONE)
		text_amount(text, sizeof(text), value);
	canvas_text_right(canvas, y, x, NUMBER - 1, ROLE_NORMAL, text);
}

/* @name: the PMU whose live memory it is; NULL for free blocks of at least @order. */
static void draw_series(struct canvas *canvas, struct rect rect, const struct view *view,
			const char *label, const char *name, int order)
{
	int width = rect.w - LABEL - 3 * NUMBER - 1, x = rect.x + LABEL;
	int samples = history_samples(view->history);
	struct range range;

	if (width < 1)
		width = 1;
	if (samples > width)
		samples = width;
	range = find_range(view, name, order, samples);
	canvas_text(canvas, rect.y, rect.x, LABEL, ROLE_NORMAL, label);
	if (!range.known) {
		canvas_text(canvas, rect.y, x, rect.w - LABEL, ROLE_DIM, " not known");
		return;
	}
	draw_number(canvas, rect.y, x, range.now);
	draw_number(canvas, rect.y, x + NUMBER, range.low);
	draw_number(canvas, rect.y, x + 2 * NUMBER, range.high);
	for (int age = 0; age < samples; age++) {
		uint64_t value = sample(view, name, order, age);
		int at = rect.x + rect.w - 1 - age;

		if (value != HISTORY_NONE)
			draw_bar_up(canvas, (struct rect){ rect.y, at, 1, 1 }, ROLE_BAR, value,
				    range.high);
	}
}

int view_timeline(struct canvas *canvas, struct rect rect, const struct view *view,
		  const char *name, const struct pmu *pmu)
{
	static const char *const numbers[] = { "NOW", "LOW", "HIGH" };
	int order = view_high_order(view, pmu);
	char size[24], span[32], text[96];
	uint64_t seconds;

	if (!view->history || rect.h < VIEW_TIMELINE_LINES)
		return 0;
	seconds = (uint64_t)history_samples(view->history) * history_period_ms(view->history) /
		  1000;
	if (seconds < 120)
		snprintf(span, sizeof(span), "%ds", (int)seconds);
	else
		snprintf(span, sizeof(span), "%dm%02ds", (int)(seconds / 60), (int)(seconds % 60));
	canvas_paint(canvas, (struct rect){ rect.y, rect.x, 1, rect.w }, ROLE_HEADING);
	snprintf(text, sizeof(text), "LAST %s", span);
	canvas_text(canvas, rect.y, rect.x, LABEL, ROLE_HEADING, text);
	for (int i = 0; i < 3; i++)
		canvas_text_right(canvas, rect.y, rect.x + LABEL + i * NUMBER, NUMBER - 1,
				  ROLE_HEADING, numbers[i]);

	rect.h = 1;
	rect.y++;
	draw_series(canvas, rect, view, "live AUX memory", name, 0);
	if (order < 0)
		return VIEW_TIMELINE_LINES - 1;
	rect.y++;
	order_size_text(size, order_bytes(order, view->machine->page_size));
	snprintf(text, sizeof(text), "free in blocks >= %s", size);
	draw_series(canvas, rect, view, text, NULL, order);
	return VIEW_TIMELINE_LINES;
}
