// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "size.h"

bool size_parse(const char *str, size_t *size)
{
	static const char units[] = "KMG";
	const char *unit = NULL;
	unsigned int shift = 0;
	unsigned long value;
	char *end;

	if (!isdigit((unsigned char)*str))
		return false;

	errno = 0;
	value = strtoul(str, &end, 0);
	if (errno)
		return false;

	if (*end)
		unit = strchr(units, toupper((unsigned char)*end));
	if (unit) {
		shift = 10 * (unit - units + 1);
		end++;
	}
	if (*end || value > SIZE_MAX >> shift)
		return false;

	*size = value << shift;
	return true;
}
