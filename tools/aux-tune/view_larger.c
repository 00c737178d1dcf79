// SPDX-License-Identifier: GPL-2.0-only
/* What a larger order would and would not buy a PMU, and what it would take. */
#include <inttypes.h>
#include <stdio.h>

#include "draw.h"
#include "larger.h"
#include "text.h"
#include "view_parts.h"
#include "xalloc.h"

#define INDENT	11		/* of the text, right of "not gained" */

/* An area to give numbers for: what large traces use, per CPU. */
#define AREA_BYTES	(UINT64_C(64) << 20)

static int draw_point(struct canvas *canvas, struct rect rect, int used, const char *what,
		      const char *text)
{
	struct rect rest = { rect.y + used, rect.x, rect.h - used, rect.w };
	char *line;

	if (!text || rest.h <= 0)
		return 0;
	line = xasprintf("%-*s%s", INDENT, what, text);
	used = draw_wrapped(canvas, rest, INDENT, ROLE_NORMAL, line);
	free(line);
	return used;
}

/*
 * "33 pages of tables at order 0, 5 at order 3": the present order, a moderate one, that of
 * a huge page.
 */
static char *tables_text(const struct view *view, const struct pmu *pmu)
{
	size_t page_size = view->machine->page_size;
	int orders[] = { pmu->order, pmu->order + 3, machine_huge_order(view->machine) };
	uint64_t before = 0;
	char *text = NULL;

	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		uint64_t tables;
		char *longer;

		if (i && orders[i] <= orders[i - 1])
			break;
		tables = larger_tables(pmu->name, AREA_BYTES / page_size, orders[i],
				       page_size);
		if (!tables || tables == before)
			break;
		before = tables;
		longer = xasprintf("%s%s%" PRIu64 " at order %d", text ?: "64M take ",
				   text ? ", " : "", tables, orders[i]);
		if (!text) {
			free(longer);
			longer = xasprintf("64M take %" PRIu64 " page%s of tables at order %d",
					   tables, tables == 1 ? "" : "s", orders[i]);
		}
		free(text);
		text = longer;
	}
	return text;
}

/* What the next larger order takes out of free memory. */
static char *blocks_text(const struct view *view, const struct pmu *pmu)
{
	const struct buddyinfo *buddy = &view->machine->buddy;
	size_t page_size = view->machine->page_size;
	int order = pmu->order + 1;
	char size[24], amount[24];

	if (order > view->machine->max_order || !buddy->orders || order >= buddy->orders)
		return NULL;
	order_size_text(size, order_bytes(order, page_size));
	text_amount(amount, sizeof(amount),
		    draw_bytes(buddyinfo_pages_from(buddy, order), page_size));
	return xasprintf("each 64M %" PRIu64 " blocks of %s (order %d); %s are free in such or larger ones",
			 AREA_BYTES / order_bytes(order, page_size), size, order, amount);
}

int view_larger(struct canvas *canvas, struct rect rect, const struct view *view,
		const struct pmu *pmu)
{
	const struct larger *larger = larger_of(pmu->name);
	char *tables, *blocks;
	int used = 1;

	if (pmu->access == AUX_ACCESS_NONE || pmu->order < 0 || rect.h < 4)
		return 0;
	if (pmu->access == AUX_ACCESS_RO) {
		canvas_text(canvas, rect.y, rect.x, rect.w, ROLE_HEADING, "NOTHING TO CHOOSE");
		used += draw_point(canvas, rect, used, "it gets",
				   "the largest blocks there are; in overwrite mode one for the whole area, or none");
		used += draw_point(canvas, rect, used, "to help it",
				   "lower aux_max_order of other PMUs, so that they leave large blocks alone");
		return used;
	}
	if (pmu->order == view->machine->max_order) {
		canvas_text(canvas, rect.y, rect.x, rect.w, ROLE_HEADING,
			    "THE LARGEST ORDER IS SET");
	} else {
		canvas_text(canvas, rect.y, rect.x, rect.w, ROLE_HEADING,
			    "A LARGER ORDER WOULD");
	}
	tables = tables_text(view, pmu);
	blocks = blocks_text(view, pmu);
	used += draw_point(canvas, rect, used, "buy",
			   larger ? larger->gain :
				    "what the driver makes of it, which is not known here");
	used += draw_point(canvas, rect, used, "", tables);
	used += draw_point(canvas, rect, used, "not buy", larger ? larger->no_gain : NULL);
	used += draw_point(canvas, rect, used, "cost", blocks);
	used += draw_point(canvas, rect, used, blocks ? "" : "cost",
			   larger && *larger->loss ? larger->loss : NULL);
	free(tables);
	free(blocks);
	return used;
}
