/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts that pictures on a canvas are made of. */
#ifndef AUX_TUNE_DRAW_H
#define AUX_TUNE_DRAW_H

#include <stddef.h>

#include "canvas.h"

#define DRAW_GAP	2	/* columns between two things on a line */

/* Pieces of a line: the most important ones come first into it, and keep their order. */
struct piece {
	char *text;		/* NULL: not there */
	int priority;		/* from 0, the most important one, to the number of pieces - 1 */
	enum role role;
};

/* Draws as many as fit, and frees their text. */
void draw_pieces(struct canvas *canvas, struct rect rect, struct piece *pieces, int nr);

/* Bars grow by eighths of a cell. Something is never drawn as nothing. */
int draw_eighths(uint64_t value, uint64_t largest, int cells);

/* A cell that is filled from below, or from the left, by so many eighths. */
uint32_t draw_cell_up(const struct canvas *canvas, int eighths);
uint32_t draw_cell_right(const struct canvas *canvas, int eighths);

/* A bar that fills @rect from below. */
void draw_bar_up(struct canvas *canvas, struct rect rect, enum role role, uint64_t value,
		 uint64_t largest);

/* A bar that fills @rect, one line, from the left. */
void draw_bar_right(struct canvas *canvas, struct rect rect, enum role role, uint64_t value,
		    uint64_t largest);

/*
 * Text on as many lines as it takes, @indent columns in from the second one on; what does
 * not fit is cut. Returns the number of lines.
 */
int draw_wrapped(struct canvas *canvas, struct rect rect, int indent, enum role role,
		 const char *text);

/* A count in no more than @width columns, at least 3: "4791", "12K". */
void draw_count(char *buf, size_t size, int width, uint64_t number);

/* Multiplies, and stays at the largest amount text_amount() takes. */
uint64_t draw_bytes(uint64_t number, uint64_t size);

#endif
