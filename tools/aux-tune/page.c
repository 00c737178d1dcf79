// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "page.h"
#include "xalloc.h"

void page_clear(struct page *page)
{
	for (int i = 0; i < page->nr; i++)
		free(page->lines[i].text);
	free(page->lines);
	free(page->title);
	memset(page, 0, sizeof(*page));
}

void page_begin(struct page *page, const char *fmt, ...)
{
	va_list ap;

	page_clear(page);
	va_start(ap, fmt);
	page->title = xvasprintf(fmt, ap);
	va_end(ap);
}

void page_add(struct page *page, enum role role, const char *fmt, ...)
{
	va_list ap;

	page->lines = xreallocarray(page->lines, page->nr + 1, sizeof(*page->lines));
	va_start(ap, fmt);
	page->lines[page->nr++] = (struct view_line){ xvasprintf(fmt, ap), role };
	va_end(ap);
}
