// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "draw.h"
#include "xalloc.h"

#define PIECES_MAX	32

void draw_pieces(struct canvas *canvas, struct rect rect, struct piece *pieces, int nr)
{
	int room = rect.w + DRAW_GAP, x = rect.x;
	bool fits[PIECES_MAX] = { false };

	for (int priority = 0; priority < nr; priority++) {
		for (int i = 0; i < nr && i < PIECES_MAX; i++) {
			int width;

			if (!pieces[i].text || pieces[i].priority != priority)
				continue;
			width = canvas_width(canvas, pieces[i].text) + DRAW_GAP;
			/* The first one is better cut than not there. */
			fits[i] = !priority || width <= room;
			room -= fits[i] ? width : 0;
		}
	}
	for (int i = 0; i < nr; i++) {
		if (i < PIECES_MAX && fits[i] && rect.h) {
			canvas_text(canvas, rect.y, x, rect.x + rect.w - x, pieces[i].role,
				    pieces[i].text);
			x += canvas_width(canvas, pieces[i].text) + DRAW_GAP;
		}
		free(pieces[i].text);
	}
}

int draw_eighths(uint64_t value, uint64_t largest, int cells)
{
	int eighths;

	if (!value || !largest || cells <= 0)
		return 0;
	if (value >= largest)
		return cells * 8;
	eighths = (double)value / largest * cells * 8;
	return eighths ? eighths : 1;
}

uint32_t draw_cell_up(const struct canvas *canvas, int eighths)
{
	if (eighths <= 0)
		return ' ';
	if (!canvas->utf8)
		return eighths >= 6 ? '#' : eighths >= 3 ? '=' : '_';
	return 0x2580 + (eighths > 8 ? 8 : eighths);
}

/* U+2588, full, to U+258f, one eighth. */
uint32_t draw_cell_right(const struct canvas *canvas, int eighths)
{
	if (eighths <= 0)
		return ' ';
	if (!canvas->utf8)
		return '#';
	return 0x2590 - (eighths > 8 ? 8 : eighths);
}

void draw_bar_up(struct canvas *canvas, struct rect rect, enum role role, uint64_t value,
		 uint64_t largest)
{
	int left = draw_eighths(value, largest, rect.h);

	for (int y = rect.y + rect.h - 1; y >= rect.y; y--, left -= 8)
		for (int x = rect.x; x < rect.x + rect.w; x++)
			canvas_put(canvas, y, x, role, draw_cell_up(canvas, left));
}

void draw_bar_right(struct canvas *canvas, struct rect rect, enum role role, uint64_t value,
		    uint64_t largest)
{
	int left = draw_eighths(value, largest, rect.w);

	for (int x = rect.x; x < rect.x + rect.w && left > 0; x++, left -= 8)
		canvas_put(canvas, rect.y, x, role, draw_cell_right(canvas, left));
}

/* Bytes of @text that a line of @width takes: up to a space, or all that fits. */
static size_t line_length(const struct canvas *canvas, const char *text, int width)
{
	size_t best = 0, len = strlen(text);
	char *part = xstrdup(text);

	if (canvas_width(canvas, text) <= width)
		best = len;
	for (size_t i = len; !best && i > 0; i--) {
		part[i] = '\0';
		if (text[i] == ' ' && canvas_width(canvas, part) <= width)
			best = i;
	}
	free(part);
	return best ? best : len;
}

int draw_wrapped(struct canvas *canvas, struct rect rect, int indent, enum role role,
		 const char *text)
{
	int lines = 0, x = 0;

	while (*text && lines < rect.h && rect.w > x) {
		size_t len = line_length(canvas, text, rect.w - x);
		char *part = xstrdup(text);

		part[len] = '\0';
		canvas_text(canvas, rect.y + lines, rect.x + x, rect.w - x, role, part);
		free(part);
		text += len;
		while (*text == ' ')
			text++;
		lines++;
		x = indent < rect.w / 2 ? indent : 0;
	}
	return lines;
}

void draw_count(char *buf, size_t size, int width, uint64_t number)
{
	static const char units[] = "KMGTPE";
	int unit = -1;

	while (snprintf(buf, size, "%" PRIu64, number) + (unit >= 0) > width &&
	       (unit < 0 || units[unit + 1])) {
		number /= 1000;
		unit++;
	}
	if (unit >= 0)
		snprintf(buf, size, "%" PRIu64 "%c", number, units[unit]);
}

uint64_t draw_bytes(uint64_t number, uint64_t size)
{
	/* text_amount() wants tenths. */
	const uint64_t limit = UINT64_MAX / 10;

	return size && number > limit / size ? limit : number * size;
}
