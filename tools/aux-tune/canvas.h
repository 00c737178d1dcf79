/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A grid of character cells that the view draws on and screen.c copies to the terminal.
 * Nothing unsafe can be put on it: text is made fit for a terminal on its way in.
 */
#ifndef AUX_TUNE_CANVAS_H
#define AUX_TUNE_CANVAS_H

#include <stdbool.h>
#include <stdint.h>

#include "layout.h"

/* What a cell means; screen.c decides how that looks. Never the only sign of it. */
enum role {
	ROLE_NORMAL,
	ROLE_TITLE,
	ROLE_HEADING,
	ROLE_SELECTED,
	ROLE_MARKED,		/* changed, came or went */
	ROLE_DIM,		/* there for completeness */
	ROLE_BAR,
	ROLE_BAR_SMALL,		/* blocks smaller than the selected order */
	ROLE_GOOD,
	ROLE_BAD,
	ROLE_KEY,
	NR_ROLES,
};

struct cell {
	uint32_t ch;		/* code point; 0: right half of a wide character */
	enum role role;
};

struct canvas {
	int rows, cols;
	bool utf8;
	struct cell *cells;
};

/* Makes it this large, and blank. */
void canvas_reset(struct canvas *canvas, int rows, int cols, bool utf8);
void canvas_free(struct canvas *canvas);

/* Columns @text takes. */
int canvas_width(const struct canvas *canvas, const char *text);

/*
 * Puts @text at the left or right end of @width columns, cut with an ellipsis when it is
 * longer. What is outside of the canvas is dropped.
 */
void canvas_text(struct canvas *canvas, int y, int x, int width, enum role role,
		 const char *text);
void canvas_text_right(struct canvas *canvas, int y, int x, int width, enum role role,
		       const char *text);

/* One cell; @ch must be one column wide. */
void canvas_put(struct canvas *canvas, int y, int x, enum role role, uint32_t ch);

/* Fills @rect of @canvas with what is at @top and below of @from, at its left end. */
void canvas_copy(struct canvas *canvas, struct rect rect, const struct canvas *from, int top);

/* Gives the cells of @rect another role. */
void canvas_paint(struct canvas *canvas, struct rect rect, enum role role);

#endif
