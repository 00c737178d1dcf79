// SPDX-License-Identifier: GPL-2.0-only
/* Orders, sizes and ranges, against a regular expression's idea of them. */
#include <errno.h>
#include <regex.h>

#include "fuzz.h"
#include "order.h"
#include "xalloc.h"

static bool matches(const char *pattern, const char *s)
{
	regex_t regex;
	bool match;

	CHECK(!regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB));
	match = !regexec(&regex, s, 0, NULL, 0) && !strchr(s, '\n');
	regfree(&regex);
	return match;
}

static void check_order(const char *s, int max, size_t page_size)
{
	bool known = matches("^(0|[1-9][0-9]*)([KMGkmg](iB)?)?$", s) || !strcmp(s, "max");
	int limit = max == ORDER_UNKNOWN ? ORDER_LIMIT : max;
	int order;
	char *why;

	order = order_parse(s, max, page_size, &why);
	CHECK((order < 0) == !!why);
	if (order < 0) {
		CHECK(order == -EINVAL || (order == -ERANGE && known));
		CHECK(fuzz_printable(why) && *why);
	} else {
		CHECK(known && order <= limit);
	}
	free(why);
}

static void check_sizes(int max, size_t page_size)
{
	int limit = max == ORDER_UNKNOWN ? ORDER_LIMIT : max;
	char buf[24], *why;
	uint64_t bytes;

	for (int order = 0; order <= limit; order++) {
		order_size_text(buf, order_bytes(order, page_size));
		CHECK(order_parse(buf, max, page_size, &why) == order);
		CHECK(order_parse_bytes(buf, &bytes) && bytes == order_bytes(order, page_size));
	}
}

static void check_range(const char *s)
{
	int first, last;

	if (!order_parse_range(s, &first, &last))
		return;
	CHECK(matches("^(0|[1-9][0-9]*)(-(0|[1-9][0-9]*))?$", s));
	CHECK(first >= 0 && first <= last && last <= ORDER_LIMIT);
	CHECK(atoi(s) == first && (strchr(s, '-') ? atoi(strchr(s, '-') + 1) : first) == last);
}

static void check_attribute(const char *s)
{
	size_t digits = strspn(s, "0123456789");
	int order = order_from_attribute(s);

	CHECK(order == -EINVAL || (order >= 0 && order <= ORDER_LIMIT));
	if (order < 0)
		return;
	CHECK(digits && (!s[digits] || !strcmp(s + digits, "\n")) && atoi(s) == order);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t page_sizes[] = { 4096, 16384, 65536 };
	struct fuzz_input input = { data, size };
	unsigned int byte = fuzz_byte(&input);
	size_t page_size = page_sizes[byte % 3];
	int max = (int)(byte / 3 % (ORDER_LIMIT + 2)) - 1;
	char *s = fuzz_string(&input);
	uint64_t bytes;

	check_order(s, max, page_size);
	check_sizes(max, page_size);
	check_range(s);
	check_attribute(s);
	if (order_parse_bytes(s, &bytes))
		CHECK(matches("^(0|[1-9][0-9]*)([KMGkmg](iB)?)?$", s));
	free(s);
	return 0;
}
