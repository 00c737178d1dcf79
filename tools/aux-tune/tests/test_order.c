// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "tree.h"
#include "order.h"
#include "xalloc.h"

#define K4	4096
#define K64	65536

static int parse(const char *s, int max, size_t page_size)
{
	char *why;
	int order = order_parse(s, max, page_size, &why);

	/* A refusal says what would be right; success has nothing to explain. */
	if (order < 0)
		assert_non_null(why);
	else
		assert_null(why);
	free(why);
	return order;
}

static void every_order_in_range_is_taken(void **state)
{
	for (int order = 0; order <= 10; order++) {
		char text[16];

		snprintf(text, sizeof(text), "%d", order);
		assert_int_equal(parse(text, 10, K4), order);
	}
	assert_int_equal(parse("max", 10, K4), 10);
	assert_int_equal(parse("max", 13, K64), 13);
}

static void every_chunk_size_is_taken(void **state)
{
	assert_int_equal(parse("4K", 10, K4), 0);
	assert_int_equal(parse("64K", 10, K4), 4);
	assert_int_equal(parse("64k", 10, K4), 4);
	assert_int_equal(parse("64KiB", 10, K4), 4);
	assert_int_equal(parse("1024K", 10, K4), 8);
	assert_int_equal(parse("2M", 10, K4), 9);
	assert_int_equal(parse("4M", 10, K4), 10);
	assert_int_equal(parse("64K", 13, K64), 0);
	assert_int_equal(parse("512M", 13, K64), 13);
}

static void sizes_that_are_no_chunk_are_refused(void **state)
{
	char *why;

	assert_int_equal(order_parse("48K", 10, K4, &why), -EINVAL);
	assert_non_null(strstr(why, "32K (order 3) or 64K (order 4)"));
	free(why);
	assert_int_equal(parse("5K", 10, K4), -EINVAL);
	assert_int_equal(parse("3M", 10, K4), -EINVAL);
}

static void what_is_out_of_range_is_refused(void **state)
{
	char *why;

	assert_int_equal(order_parse("11", 10, K4, &why), -ERANGE);
	assert_non_null(strstr(why, "0 to 10"));
	assert_non_null(strstr(why, "4K to 4M"));
	free(why);
	assert_int_equal(parse("8M", 10, K4), -ERANGE);
	assert_int_equal(parse("2K", 10, K4), -ERANGE);
	assert_int_equal(parse("0K", 10, K4), -ERANGE);
	assert_int_equal(parse("4096", 10, K4), -ERANGE);
	assert_int_equal(parse("1G", 10, K4), -ERANGE);
	assert_int_equal(parse("18446744073709551616", 10, K4), -ERANGE);
	assert_int_equal(parse("99999999999999999999G", 10, K4), -ERANGE);
	/* 2^64 + 4096 bytes must not come back as one page. */
	assert_int_equal(parse("18014398509481988K", 10, K4), -ERANGE);
}

static void what_is_no_number_is_refused(void **state)
{
	static const char *const bad[] = {
		"", " ", "3 4", " 3", "3 ", "3\n", "+1", "-1", "0x3", "1e3", "1.0", "03", "00",
		"three", "3,", "K", "4KB", "4 K", "4Ki", "4Q", "MAX", "max ", "\xd9\xa3", "3\033",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(parse(bad[i], 10, K4), -EINVAL);
}

static void refusals_are_fit_for_a_terminal(void **state)
{
	char *why;

	assert_int_equal(order_parse("\033[2J", 10, K4, &why), -EINVAL);
	assert_null(strchr(why, '\033'));
	free(why);
}

static void without_a_known_maximum_the_kernel_decides(void **state)
{
	assert_int_equal(parse("14", ORDER_UNKNOWN, K4), 14);
	assert_int_equal(parse("max", ORDER_UNKNOWN, K4), -EINVAL);
	assert_int_equal(parse("1000", ORDER_UNKNOWN, K4), -ERANGE);
}

static void attribute_text_is_taken_strictly(void **state)
{
	assert_int_equal(order_from_attribute("0\n"), 0);
	assert_int_equal(order_from_attribute("10\n"), 10);
	assert_int_equal(order_from_attribute("10"), 10);
	assert_int_equal(order_from_attribute(""), -EINVAL);
	assert_int_equal(order_from_attribute("\n"), -EINVAL);
	assert_int_equal(order_from_attribute("-1\n"), -EINVAL);
	assert_int_equal(order_from_attribute("3 4\n"), -EINVAL);
	assert_int_equal(order_from_attribute("99999999999999999999\n"), -EINVAL);
}

static void sizes_read_back_as_written(void **state)
{
	for (int order = 0; order <= ORDER_LIMIT; order++) {
		char text[24];

		order_size_text(text, order_bytes(order, K4));
		assert_int_equal(parse(text, ORDER_LIMIT, K4), order);
		order_size_text(text, order_bytes(order, K64));
		assert_int_equal(parse(text, ORDER_LIMIT, K64), order);
	}
}

static void sizes_in_bytes(void **state)
{
	static const char *const bad[] = { "", "K", "x", "-1", "1.5M", "64MB", "01", " 1", "1 ", "1T" };
	uint64_t bytes;

	assert_true(order_parse_bytes("4096", &bytes));
	assert_int_equal(bytes, 4096);
	assert_true(order_parse_bytes("64M", &bytes));
	assert_int_equal(bytes, 64 << 20);
	assert_true(order_parse_bytes("1GiB", &bytes));
	assert_int_equal(bytes, 1 << 30);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(order_parse_bytes(bad[i], &bytes));
	/* Too much to count is not a little. */
	assert_true(order_parse_bytes("99999999999999999999G", &bytes));
	assert_true(bytes > UINT64_C(1) << 60);
}

static void ranges_of_orders(void **state)
{
	static const char *const bad[] = {
		"", "-", "3-", "-3", "5-4", "0-25", "25", "1,2", "03", "0-03", "a", "1-a", " 1",
		"99999999999999999999",
	};
	int first, last;

	assert_true(order_parse_range("3", &first, &last));
	assert_true(first == 3 && last == 3);
	assert_true(order_parse_range("0-24", &first, &last));
	assert_true(first == 0 && last == 24);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(order_parse_range(bad[i], &first, &last));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_order_in_range_is_taken),
		cmocka_unit_test(every_chunk_size_is_taken),
		cmocka_unit_test(sizes_that_are_no_chunk_are_refused),
		cmocka_unit_test(what_is_out_of_range_is_refused),
		cmocka_unit_test(what_is_no_number_is_refused),
		cmocka_unit_test(refusals_are_fit_for_a_terminal),
		cmocka_unit_test(without_a_known_maximum_the_kernel_decides),
		cmocka_unit_test(attribute_text_is_taken_strictly),
		cmocka_unit_test(sizes_read_back_as_written),
		cmocka_unit_test(sizes_in_bytes),
		cmocka_unit_test(ranges_of_orders),
	};

	return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}
