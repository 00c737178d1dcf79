// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <wchar.h>

#include "canvas.h"
#include "text.h"
#include "xalloc.h"

#define ELLIPSIS	0x2026

void canvas_reset(struct canvas *canvas, int rows, int cols, bool utf8)
{
	if (rows < 0 || cols < 0) {
		rows = 0;
		cols = 0;
	}
	canvas->rows = rows;
	canvas->cols = cols;
	canvas->utf8 = utf8;
	canvas->cells = xreallocarray(canvas->cells, (size_t)rows * cols, sizeof(struct cell));
	for (int i = 0; i < rows * cols; i++)
		canvas->cells[i] = (struct cell){ ' ', ROLE_NORMAL };
}

void canvas_free(struct canvas *canvas)
{
	free(canvas->cells);
	memset(canvas, 0, sizeof(*canvas));
}

static int char_width(uint32_t cp)
{
	return cp < 0x80 ? 1 : wcwidth(cp);
}

/* The next character of safe text that takes a column; 0 at the end. */
static uint32_t next_char(const char **text, int *width)
{
	uint32_t cp;
	size_t n;

	while ((n = text_decode(*text, &cp))) {
		*text += n;
		*width = char_width(cp);
		/* Combining marks are left out: a cell holds one code point. */
		if (*width > 0)
			return cp;
	}
	*width = 0;
	return 0;
}

static int safe_width(const char *safe)
{
	int total = 0, width;

	while (next_char(&safe, &width))
		total += width;
	return total;
}

int canvas_width(const struct canvas *canvas, const char *text)
{
	char *safe = text_safe(text, canvas->utf8);
	int width = safe_width(safe);

	free(safe);
	return width;
}

void canvas_put(struct canvas *canvas, int y, int x, enum role role, uint32_t ch)
{
	if (y >= 0 && y < canvas->rows && x >= 0 && x < canvas->cols)
		canvas->cells[y * canvas->cols + x] = (struct cell){ ch, role };
}

static void put_safe(struct canvas *canvas, int y, int x, int width, enum role role,
		     const char *safe)
{
	bool cut;
	int room, w;
	uint32_t cp;

	/* Cut at the edge, so that no wide character lies half outside. */
	if (width > canvas->cols - x)
		width = canvas->cols - x;
	cut = safe_width(safe) > width;
	room = width - cut;
	while ((cp = next_char(&safe, &w)) && w <= room) {
		canvas_put(canvas, y, x, role, cp);
		if (w == 2)
			canvas_put(canvas, y, x + 1, role, 0);
		x += w;
		room -= w;
	}
	if (cut && width > 0)
		canvas_put(canvas, y, x, role, canvas->utf8 ? ELLIPSIS : '~');
}

void canvas_text(struct canvas *canvas, int y, int x, int width, enum role role,
		 const char *text)
{
	char *safe = text_safe(text, canvas->utf8);

	put_safe(canvas, y, x, width, role, safe);
	free(safe);
}

void canvas_text_right(struct canvas *canvas, int y, int x, int width, enum role role,
		       const char *text)
{
	char *safe = text_safe(text, canvas->utf8);
	int used = safe_width(safe);

	if (used < width)
		put_safe(canvas, y, x + width - used, used, role, safe);
	else
		put_safe(canvas, y, x, width, role, safe);
	free(safe);
}

void canvas_paint(struct canvas *canvas, struct rect rect, enum role role)
{
	for (int y = rect.y; y < rect.y + rect.h && y < canvas->rows; y++)
		for (int x = rect.x; x < rect.x + rect.w && x < canvas->cols; x++)
			canvas->cells[y * canvas->cols + x].role = role;
}

void canvas_copy(struct canvas *canvas, struct rect rect, const struct canvas *from, int top)
{
	for (int y = 0; y < rect.h; y++) {
		for (int x = 0; x < rect.w; x++) {
			struct cell cell = { ' ', ROLE_NORMAL };

			if (top + y < from->rows && x < from->cols)
				cell = from->cells[(top + y) * from->cols + x];
			canvas_put(canvas, rect.y + y, rect.x + x, cell.role, cell.ch);
		}
	}
}
