/* SPDX-License-Identifier: GPL-2.0-only */
/* A page of text for the screen: a title and lines. */
#ifndef AUX_TUNE_PAGE_H
#define AUX_TUNE_PAGE_H

#include "view.h"

struct page {
	char *title;
	struct view_line *lines;
	int nr;
};

/* Empties it, and gives it a title. */
void page_begin(struct page *page, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void page_add(struct page *page, enum role role, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

void page_clear(struct page *page);

#endif
