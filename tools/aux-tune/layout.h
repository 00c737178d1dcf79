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
	struct rect memory;	/* one line, or LAYOUT_GRAPH_LINES and the bars */
	struct rect heading;
	struct rect table;
	struct rect detail;
	struct rect status;	/* the last result, and its shell command when there are two */
	struct rect keys;
	bool graph;		/* the memory is a picture and not a line */
};

/* Lines of the memory picture besides the bars: caption, orders, amounts, shares. */
#define LAYOUT_GRAPH_LINES	4
#define LAYOUT_DETAIL_LINES	4
#define LAYOUT_GRAPH_LABEL	7	/* columns left of the bars */
#define LAYOUT_GRAPH_COLUMN	5	/* the least one order takes */

/*
 * @table_rows: rows the table would like. @orders: bars there are to draw. @detail_lines: what
 * the detail would like; it gets more than LAYOUT_DETAIL_LINES once the table has enough.
 */
void layout_compute(struct layout *layout, int rows, int cols, int table_rows, int orders,
		    int detail_lines);

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
