/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of the picture, for view.c to put together. */
#ifndef AUX_TUNE_VIEW_PARTS_H
#define AUX_TUNE_VIEW_PARTS_H

#include "view.h"

static inline const struct pmu *view_selected(const struct view *view)
{
	return view->selected >= 0 ? view->rows[view->selected].pmu : NULL;
}

/* The order that "high-order blocks" of the selected PMU are about. */
int view_high_order(const struct view *view, const struct pmu *pmu);

void view_memory(struct canvas *canvas, const struct layout *layout, const struct view *view);

/* Zones that are worth a line each. */
int view_memory_zones(const struct view *view);

void view_table(struct canvas *canvas, const struct layout *layout, const struct view *view);

/* As much about the selected PMU as fits, the most important first. Returns lines used. */
int view_detail(struct canvas *canvas, struct rect rect, const struct view *view);

/* The two lines of it for a screen without room for more. */
void view_detail_short(struct canvas *canvas, struct rect rect, const struct view *view);

/*
 * Below, the result is the number of lines used: none if there are too few.
 *
 * Memory in AUX areas of @name over time, and free blocks.
 */
#define VIEW_TIMELINE_LINES	3
int view_timeline(struct canvas *canvas, struct rect rect, const struct view *view,
		  const char *name, const struct pmu *pmu);

/* A heading and the live areas of @name; those that do not fit are counted. */
int view_areas(struct canvas *canvas, struct rect rect, const struct view *view,
	       const char *name);

/* What a larger order would do for @pmu. */
int view_larger(struct canvas *canvas, struct rect rect, const struct view *view,
		const struct pmu *pmu);

int view_help_lines(const struct view *view);
void view_help(struct canvas *canvas, struct rect rect, const struct view *view);

#endif
