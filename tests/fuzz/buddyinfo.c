// SPDX-License-Identifier: GPL-2.0-only
/* /proc/buddyinfo: shares that add up, and the same again from the kernel's own format. */
#include <inttypes.h>

#include "buddyinfo.h"
#include "fuzz.h"
#include "xalloc.h"

static char *write_info(const struct buddyinfo *info)
{
	size_t size;
	char *text;
	FILE *file = xalloc_check(open_memstream(&text, &size));

	for (size_t i = 0; i < info->nr_zones; i++) {
		fprintf(file, "Node %u, zone %8s ", info->zones[i].node, info->zones[i].name);
		for (int order = 0; order < info->orders; order++)
			fprintf(file, "%6" PRIu64 " ", info->zones[i].free[order]);
		fputc('\n', file);
	}
	CHECK(!fclose(file));
	return text;
}

static void check_same(const struct buddyinfo *info, const struct buddyinfo *other)
{
	CHECK(other->orders == info->orders && other->nr_zones == info->nr_zones);
	CHECK(!memcmp(other->free, info->free, sizeof(info->free)));
	for (size_t i = 0; i < info->nr_zones; i++) {
		CHECK(other->zones[i].node == info->zones[i].node);
		CHECK(!strcmp(other->zones[i].name, info->zones[i].name));
		CHECK(!memcmp(other->zones[i].free, info->zones[i].free,
			      sizeof(info->zones[i].free)));
	}
}

static void check_shares(const struct buddyinfo *info)
{
	int before = 100, share;

	for (int order = 0; order < info->orders; order++) {
		share = buddyinfo_usable(info, order);
		CHECK(share >= 0 && share <= before);
		before = share;
		CHECK(buddyinfo_pages(info, order) <= buddyinfo_pages_from(info, order));
		for (size_t i = 0; i < info->nr_zones; i++) {
			const struct buddy_zone *zone = &info->zones[i];

			share = buddy_zone_usable(info, zone, order);
			CHECK(share >= 0 && share <= 100);
			CHECK(zone->free[order] << order <= buddy_zone_pages(info, zone));
			CHECK(zone->free[order] <= info->free[order]);
		}
	}
	CHECK(buddyinfo_usable(info, 0) == (buddyinfo_pages_from(info, 0) ? 100 : 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	char *text = fuzz_string(&input), *written;
	struct buddyinfo info, other;
	int err = buddyinfo_parse(&info, text);

	CHECK(!err == !!info.orders && !err == !!info.nr_zones);
	CHECK(info.orders <= BUDDY_ORDERS);
	CHECK(buddyinfo_max_order(&info) == info.orders - 1);
	if (!err) {
		check_shares(&info);
		buddyinfo_copy(&other, &info);
		check_same(&info, &other);
		buddyinfo_clear(&other);
		written = write_info(&info);
		CHECK(!buddyinfo_parse(&other, written));
		check_same(&info, &other);
		buddyinfo_clear(&other);
		free(written);
	}
	buddyinfo_clear(&info);
	free(text);
	return 0;
}
