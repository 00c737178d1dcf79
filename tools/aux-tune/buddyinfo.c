// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "buddyinfo.h"
#include "xalloc.h"

/* A line for each zone of each node; 1024 nodes would fit. */
#define BUDDYINFO_MAX	(1 << 20)

/* More pages than any machine has: such a number is garbage, and sums of it would overflow. */
#define PAGES_MAX	(UINT64_C(1) << 52)

/* "Node 0, zone   Normal   4791   2561 ...". Returns the number of orders, 0 for no match. */
static int parse_line(char *line, struct buddy_zone *zone)
{
	int orders = 0, end = 0;
	char *word, *save;

	memset(zone, 0, sizeof(*zone));
	if (sscanf(line, "Node %u, zone %15s%n", &zone->node, zone->name, &end) != 2 || !end)
		return 0;
	for (word = strtok_r(line + end, " \t", &save); word;
	     word = strtok_r(NULL, " \t", &save)) {
		size_t len = strspn(word, "0123456789");

		if (word[len] || len > 19 || orders == BUDDY_ORDERS)
			return 0;
		zone->free[orders] = strtoull(word, NULL, 10);
		if (zone->free[orders] > PAGES_MAX >> orders)
			return 0;
		orders++;
	}
	return orders;
}

int buddyinfo_parse(struct buddyinfo *info, const char *text)
{
	char *copy = xstrdup(text), *line, *save;
	struct buddy_zone zone;
	int orders;

	memset(info, 0, sizeof(*info));
	for (line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		orders = parse_line(line, &zone);
		/* All zones of a kernel have the same orders. */
		if (!orders || (info->orders && orders != info->orders))
			continue;
		info->orders = orders;
		info->zones = xreallocarray(info->zones, info->nr_zones + 1, sizeof(zone));
		info->zones[info->nr_zones++] = zone;
		for (int i = 0; i < orders; i++) {
			info->free[i] += zone.free[i];
			if (info->free[i] > PAGES_MAX >> i)
				info->free[i] = PAGES_MAX >> i;
		}
	}
	free(copy);
	return info->orders ? 0 : -EINVAL;
}

int buddyinfo_read(struct buddyinfo *info, const struct kroot *root)
{
	ssize_t len;
	char *text;
	int err;

	memset(info, 0, sizeof(*info));
	len = kfile_read_alloc(root, "/proc/buddyinfo", &text, BUDDYINFO_MAX);
	if (len < 0)
		return len;
	err = buddyinfo_parse(info, text);
	free(text);
	return err;
}

void buddyinfo_clear(struct buddyinfo *info)
{
	free(info->zones);
	memset(info, 0, sizeof(*info));
}

int buddyinfo_max_order(const struct buddyinfo *info)
{
	return info->orders ? info->orders - 1 : ORDER_UNKNOWN;
}

uint64_t buddyinfo_pages(const struct buddyinfo *info, int order)
{
	return order < info->orders ? info->free[order] << order : 0;
}

uint64_t buddyinfo_pages_from(const struct buddyinfo *info, int order)
{
	uint64_t pages = 0;

	for (int i = order; i < info->orders; i++)
		pages += buddyinfo_pages(info, i);
	return pages;
}

int buddyinfo_usable(const struct buddyinfo *info, int order)
{
	uint64_t all = buddyinfo_pages_from(info, 0);

	return all ? buddyinfo_pages_from(info, order) * 100 / all : 0;
}

static uint64_t zone_pages_from(const struct buddyinfo *info, const struct buddy_zone *zone,
				int order)
{
	uint64_t pages = 0;

	for (int i = order; i < info->orders; i++)
		pages += zone->free[i] << i;
	return pages;
}

uint64_t buddy_zone_pages(const struct buddyinfo *info, const struct buddy_zone *zone)
{
	return zone_pages_from(info, zone, 0);
}

int buddy_zone_usable(const struct buddyinfo *info, const struct buddy_zone *zone, int order)
{
	uint64_t all = zone_pages_from(info, zone, 0);

	return all ? zone_pages_from(info, zone, order) * 100 / all : 0;
}

void buddyinfo_copy(struct buddyinfo *to, const struct buddyinfo *from)
{
	*to = *from;
	to->zones = xreallocarray(NULL, from->nr_zones, sizeof(*to->zones));
	if (from->nr_zones)
		memcpy(to->zones, from->zones, from->nr_zones * sizeof(*to->zones));
}
