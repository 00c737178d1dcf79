// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "tree.h"
#include "buddyinfo.h"

static void columns_give_the_largest_order(void **state)
{
	struct buddyinfo info;

	assert_int_equal(buddyinfo_parse(&info, BUDDY_LINE), 0);
	assert_int_equal(buddyinfo_max_order(&info), 10);
	buddyinfo_clear(&info);
	/* arm64 with 64K pages */
	assert_int_equal(buddyinfo_parse(&info,
		"Node 0, zone DMA 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n"), 0);
	assert_int_equal(buddyinfo_max_order(&info), 13);
	buddyinfo_clear(&info);
	assert_int_equal(buddyinfo_max_order(&info), ORDER_UNKNOWN);
}

static void zones_and_nodes_add_up(void **state)
{
	struct buddyinfo info;

	assert_int_equal(buddyinfo_parse(&info,
		"Node 0, zone      DMA      1      0      2 \n"
		"Node 0, zone   Normal     10     20     30 \n"
		"Node 1, zone   Normal    100    200    300 \n"), 0);
	assert_int_equal(info.nr_zones, 3);
	assert_int_equal(info.zones[2].node, 1);
	assert_string_equal(info.zones[2].name, "Normal");
	assert_int_equal(info.free[0], 111);
	assert_int_equal(info.free[2], 332);
	assert_int_equal(buddyinfo_pages(&info, 2), 332 * 4);
	assert_int_equal(buddyinfo_pages_from(&info, 1), 220 * 2 + 332 * 4);
	buddyinfo_clear(&info);
}

static void usable_share_falls_with_the_order(void **state)
{
	struct buddyinfo info;

	assert_int_equal(buddyinfo_parse(&info, BUDDY_LINE), 0);
	assert_int_equal(buddyinfo_usable(&info, 0), 100);
	for (int i = 1; i < info.orders; i++)
		assert_true(buddyinfo_usable(&info, i) <= buddyinfo_usable(&info, i - 1));
	/* Beyond the largest block there is nothing. */
	assert_int_equal(buddyinfo_usable(&info, 11), 0);
	buddyinfo_clear(&info);
	assert_int_equal(buddyinfo_parse(&info, "Node 0, zone DMA 0 0\n"), 0);
	assert_int_equal(buddyinfo_usable(&info, 0), 0);
	buddyinfo_clear(&info);
}

static void lines_without_the_format_are_passed_over(void **state)
{
	struct buddyinfo info;

	assert_int_equal(buddyinfo_parse(&info, ""), -EINVAL);
	assert_int_equal(buddyinfo_parse(&info, "nonsense\n\033[2J\n"), -EINVAL);
	assert_int_equal(buddyinfo_parse(&info, "Node 0, zone DMA\n"), -EINVAL);
	assert_int_equal(buddyinfo_parse(&info, "Node 0, zone DMA 1 -2 3\n"), -EINVAL);
	assert_int_equal(buddyinfo_parse(&info, "Node 0, zone averylongnameofazone 1 2\n"),
			 -EINVAL);
	assert_int_equal(buddyinfo_parse(&info,
		"Node 0, zone DMA 99999999999999999999 1\n"
		"Node 0, zone DMA 9999999999999999999 1\n"
		"Node 0, zone DMA 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 1 2 3\n"
		"Node 0, zone Good 5 6\n"
		"Node 0, zone Other 5 6 7\n"), 0);
	assert_int_equal(info.nr_zones, 1);
	assert_int_equal(info.free[1], 6);
	buddyinfo_clear(&info);
}

/* Sums of the largest believable numbers stay numbers. */
static void huge_numbers_do_not_overflow(void **state)
{
	struct buddyinfo info;

	assert_int_equal(buddyinfo_parse(&info,
		"Node 0, zone A 4503599627370496 2251799813685248\n"
		"Node 0, zone B 4503599627370496 2251799813685248\n"), 0);
	assert_int_equal(buddyinfo_usable(&info, 0), 100);
	assert_int_equal(buddyinfo_usable(&info, 1), 50);
	buddyinfo_clear(&info);
}

static void it_is_read_from_the_tree(void **state)
{
	char *dir = tree_new();
	struct buddyinfo info;
	struct kroot root;

	assert_int_equal(kroot_open(&root, dir), 0);
	assert_int_equal(buddyinfo_read(&info, &root), -ENOENT);
	tree_file(dir, "/proc/buddyinfo", BUDDY_LINE);
	assert_int_equal(buddyinfo_read(&info, &root), 0);
	assert_int_equal(info.free[0], 100);
	buddyinfo_clear(&info);
	kroot_close(&root);
	tree_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_give_the_largest_order),
		cmocka_unit_test(zones_and_nodes_add_up),
		cmocka_unit_test(usable_share_falls_with_the_order),
		cmocka_unit_test(lines_without_the_format_are_passed_over),
		cmocka_unit_test(huge_numbers_do_not_overflow),
		cmocka_unit_test(it_is_read_from_the_tree),
	};

	return cmocka_run_group_tests_name("buddyinfo", tests, NULL, NULL);
}
