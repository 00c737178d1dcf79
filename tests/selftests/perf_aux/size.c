// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "size.h"

bool size_parse(const char *str, size_t *size)
{
	unsigned int shift = 0;
	unsigned long value;
	char *end;

	if (!isdigit((unsigned char)*str))
		return false;

	errno = 0;
	value = strtoul(str, &end, 0);
	if (errno)
		return false;

	switch (toupper((unsigned char)*end)) {
	case 'G':
		shift += 10;
		/* fallthrough */
	case 'M':
		shift += 10;
		/* fallthrough */
	case 'K':
		shift += 10;
		end++;
	}
	if (*end || value > SIZE_MAX >> shift)
		return false;

	*size = value << shift;
	return true;
}
