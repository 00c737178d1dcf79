/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where things go on a screen of any size: pure functions. What does not fit has no height
 * or width; whatever has, lies inside the screen and overlaps nothing.
 */
#ifndef AUX_TUNE_LAYOUT_H
#define AUX_TUNE_LAYOUT_H

#include <stdbool.h>

struct rect {
	int y, x, h, w;
};

struct layout {
	struct rect title;
	struct rect memory;	/* one line, or LAYOUT_GRAPH_LINES, bars and zones */
	struct rect heading;
	struct rect table;
	struct rect detail;
	struct rect status;	/* the last result, and its shell command when there are two */
	struct rect keys;
	bool graph;		/* the memory is a picture and not a line */
	int bars;		/* lines of bars in it */
	int zones;		/* lines of zones in it */
};

/* Lines of the memory picture besides bars and zones: caption, orders, shares, blocks, change. */
#define LAYOUT_GRAPH_LINES	5
#define LAYOUT_DETAIL_LINES	4
#define LAYOUT_GRAPH_LABEL	10	/* columns left of the bars */
#define LAYOUT_GRAPH_COLUMN	5	/* the least one order takes */

/* What there is to show. */
struct layout_wants {
	int table_rows;
	int orders;		/* of free memory */
	int zones;		/* of memory, that are worth a line each */
	bool prefer_zones;	/* to bars, where there is room for one of the two */
	int detail_lines;	/* more than LAYOUT_DETAIL_LINES once the table has enough */
};

void layout_compute(struct layout *layout, int rows, int cols, const struct layout_wants *wants);

/* A screen with one text that may be scrolled. */
struct layout_page {
	struct rect title;
	struct rect body;
	struct rect status;
	struct rect keys;
};

void layout_page(struct layout_page *page, int rows, int cols);

struct layout_column {
	int want;		/* width of its widest cell; 0: not to be shown */
	int min;		/* may be cut to this */
	int priority;		/* the largest one is left out first */
	int x, w;		/* the result; w is 0 when left out */
};

/* Places columns side by side with @gap between; the most important one always shows. */
void layout_columns(struct layout_column *columns, int nr, int gap, int width);

/*
 * The first row to show of @nr in @height lines, so that @selected is among them and the
 * rows move as little as they can from @top.
 */
int layout_scroll(int top, int selected, int height, int nr);

#endif
