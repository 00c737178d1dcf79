/* SPDX-License-Identifier: GPL-2.0-only */
/* /proc/buddyinfo: the free blocks of each order, and what a page order can be made of. */
#ifndef AUX_TUNE_BUDDYINFO_H
#define AUX_TUNE_BUDDYINFO_H

#include <stdint.h>

#include "kfile.h"
#include "order.h"

#define BUDDY_ORDERS	(ORDER_LIMIT + 1)

struct buddy_zone {
	unsigned int node;
	char name[16];
	uint64_t free[BUDDY_ORDERS];	/* blocks */
};

struct buddyinfo {
	int orders;			/* MAX_PAGE_ORDER + 1; 0: nothing could be read */
	uint64_t free[BUDDY_ORDERS];	/* blocks, all zones together */
	struct buddy_zone *zones;
	size_t nr_zones;
};

/* -EINVAL when no line has the format; lines that do not are passed over. */
int buddyinfo_parse(struct buddyinfo *info, const char *text);
int buddyinfo_read(struct buddyinfo *info, const struct kroot *root);
void buddyinfo_clear(struct buddyinfo *info);

/* Largest page order, ORDER_UNKNOWN when nothing could be read. */
int buddyinfo_max_order(const struct buddyinfo *info);

/* Pages in free blocks of exactly @order, and of @order or more. */
uint64_t buddyinfo_pages(const struct buddyinfo *info, int order);
uint64_t buddyinfo_pages_from(const struct buddyinfo *info, int order);

/* The share of free memory that blocks of at least @order hold, in percent, rounded down. */
int buddyinfo_usable(const struct buddyinfo *info, int order);

/* The same of one zone. */
uint64_t buddy_zone_pages(const struct buddyinfo *info, const struct buddy_zone *zone);
int buddy_zone_usable(const struct buddyinfo *info, const struct buddy_zone *zone, int order);

/* A copy that buddyinfo_clear() ends. */
void buddyinfo_copy(struct buddyinfo *to, const struct buddyinfo *from);

#endif
