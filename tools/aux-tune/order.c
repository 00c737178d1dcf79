// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "order.h"
#include "text.h"
#include "xalloc.h"

uint64_t order_bytes(int order, size_t page_size)
{
	return (uint64_t)page_size << order;
}

const char *order_size_text(char *buf, uint64_t bytes)
{
	static const char units[] = "KMG";
	int unit = 0;

	bytes /= 1024;
	while (bytes && bytes % 1024 == 0 && units[unit + 1]) {
		bytes /= 1024;
		unit++;
	}
	sprintf(buf, "%" PRIu64 "%c", bytes, units[unit]);
	return buf;
}

/*
 * Decimal digits at the start of @s. Stops growing at UINT64_MAX / 1024^3, so a unit never
 * overflows it. Returns the number of digits.
 */
static size_t read_digits(const char *s, uint64_t *value)
{
	const uint64_t limit = UINT64_MAX >> 30;
	size_t n = 0;

	*value = 0;
	for (; s[n] >= '0' && s[n] <= '9'; n++) {
		*value = *value * 10 + (s[n] - '0');
		if (*value > limit)
			*value = limit;
	}
	return n;
}

/* The shift of a unit suffix ("K", "KiB", either case), -1 when it is none. */
static int unit_shift(const char *s)
{
	static const char units[] = "KMG";
	const char *unit;

	unit = strchr(units, *s & ~0x20);
	if (!unit || !*unit || (s[1] && strcmp(s + 1, "iB")))
		return -1;
	return ((int)(unit - units) + 1) * 10;
}

bool order_parse_bytes(const char *s, uint64_t *bytes)
{
	size_t digits = read_digits(s, bytes);
	int shift;

	if (!digits || (digits > 1 && s[0] == '0'))
		return false;
	if (!s[digits])
		return true;
	shift = unit_shift(s + digits);
	if (shift < 0)
		return false;
	*bytes <<= shift;
	return true;
}

bool order_parse_range(const char *s, int *first, int *last)
{
	uint64_t from, to;
	size_t digits = read_digits(s, &from);

	to = from;
	if (!digits || (digits > 1 && s[0] == '0'))
		return false;
	if (s[digits] == '-') {
		s += digits + 1;
		digits = read_digits(s, &to);
		if (!digits || (digits > 1 && s[0] == '0'))
			return false;
	}
	if (s[digits] || from > to || to > ORDER_LIMIT)
		return false;
	*first = from;
	*last = to;
	return true;
}

static char *range_text(int max, size_t page_size)
{
	char small[24], large[24];

	order_size_text(small, order_bytes(0, page_size));
	if (max == ORDER_UNKNOWN)
		return xasprintf("an order from 0 up, or a size from %s up", small);
	return xasprintf("0 to %d, or a size from %s to %s", max, small,
			 order_size_text(large, order_bytes(max, page_size)));
}

static int refuse(int error, char **why, const char *s, const char *what, int max,
		  size_t page_size)
{
	char *range = range_text(max, page_size);
	char *safe = text_excerpt(s);

	*why = xasprintf("'%s' %s: give %s, or 'max'", safe, what, range);
	free(safe);
	free(range);
	return error;
}

static int parse_size(const char *s, uint64_t bytes, int max, size_t page_size, char **why)
{
	int limit = max == ORDER_UNKNOWN ? ORDER_LIMIT : max;
	char below[24], above[24], page[24];
	int order = 0;

	while (order < limit && order_bytes(order, page_size) < bytes)
		order++;
	if (order_bytes(order, page_size) == bytes)
		return order;
	if (bytes < page_size || bytes > order_bytes(limit, page_size))
		return refuse(-ERANGE, why, s, "is out of range", max, page_size);

	*why = xasprintf("'%.64s' is not a chunk size: a chunk is 2^order pages of %s, so %s (order %d) or %s (order %d) would do",
			 s, order_size_text(page, page_size),
			 order_size_text(below, order_bytes(order - 1, page_size)), order - 1,
			 order_size_text(above, order_bytes(order, page_size)), order);
	return -EINVAL;
}

int order_parse(const char *s, int max, size_t page_size, char **why)
{
	uint64_t value;
	size_t digits;
	int shift;

	*why = NULL;
	if (!strcmp(s, "max")) {
		if (max != ORDER_UNKNOWN)
			return max;
		*why = xstrdup("'max' is not known here: /proc/buddyinfo cannot be read and no PMU tells");
		return -EINVAL;
	}

	digits = read_digits(s, &value);
	if (!digits || (digits > 1 && s[0] == '0'))
		return refuse(-EINVAL, why, s, "is not an order", max, page_size);
	if (s[digits]) {
		shift = unit_shift(s + digits);
		if (shift < 0)
			return refuse(-EINVAL, why, s, "is not an order", max, page_size);
		return parse_size(s, value << shift, max, page_size, why);
	}
	if (value > (uint64_t)(max == ORDER_UNKNOWN ? ORDER_LIMIT : max))
		return refuse(-ERANGE, why, s, "is out of range", max, page_size);
	return value;
}

int order_from_attribute(const char *text)
{
	uint64_t value;
	size_t digits = read_digits(text, &value);

	if (!digits || (text[digits] && strcmp(text + digits, "\n")) || value > ORDER_LIMIT)
		return -EINVAL;
	return value;
}
