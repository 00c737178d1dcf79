// SPDX-License-Identifier: GPL-2.0-only
/* The help page: what keys do, from the table that makes them do it, and what marks mean. */
#include "view_parts.h"
#include "xalloc.h"

static const char *const legend[] = {
	"",
	"Marks:  > selected   * its order changed a moment ago",
	"        + appeared   ! an area failed, or got smaller chunks than asked",
	"        x vanished, and still there while its AUX areas are",
	"        SAVED is for the next boot: ! not as now, ? not sure",
	"",
	"Kinds:  must        needs contiguous memory (NO_SG)",
	"        nice        larger chunks save it work",
	"        don't care  single pages do as well",
	"",
	"The order limits the chunks of AUX areas that are mapped from now on;",
	"live ones keep theirs.",
	"",
	"usable: the share of free memory in blocks of this order or larger.",
	"change: free blocks gained or lost since the screen was opened.",
};

#define NR_LEGEND	((int)(sizeof(legend) / sizeof(legend[0])))

int view_help_lines(const struct view *view)
{
	return view->nr_keys + NR_LEGEND;
}

void view_help(struct canvas *canvas, struct rect rect, const struct view *view)
{
	for (int i = 0; i < view_help_lines(view) && i < rect.h; i++) {
		char *text;

		if (i >= view->nr_keys) {
			canvas_text(canvas, rect.y + i, rect.x, rect.w, ROLE_NORMAL,
				    legend[i - view->nr_keys]);
			continue;
		}
		text = xasprintf("%-15s %s", view->keys[i].keys, view->keys[i].help);
		canvas_text(canvas, rect.y + i, rect.x, rect.w, ROLE_NORMAL, text);
		free(text);
	}
}
