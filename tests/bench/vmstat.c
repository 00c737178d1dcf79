// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "kselftest.h"
#include "vmstat.h"

#define COUNTER(name)	{ #name, offsetof(struct vmstat, name) }

/* What starts with it, is added up. */
static const struct {
	const char	*name;
	size_t		offset;
} counters[] = {
	COUNTER(compact_stall),
	COUNTER(compact_fail),
	COUNTER(compact_success),
	COUNTER(compact_migrate_scanned),
	COUNTER(allocstall),
	COUNTER(pgmigrate_success),
	COUNTER(thp_fault_alloc),
	COUNTER(thp_fault_fallback),
};

/* "allocstall_dma32" is one, "thp_fault_fallback_charge" is something else. */
static bool counts(const char *name, const char *counter)
{
	size_t len = strlen(counter);

	if (strncmp(name, counter, len))
		return false;

	return !name[len] || !strcmp(counter, "allocstall");
}

void vmstat_read(struct vmstat *vmstat)
{
	unsigned int seen = 0;
	unsigned long value;
	char name[64];
	FILE *file;
	size_t i;

	memset(vmstat, 0, sizeof(*vmstat));

	file = fopen("/proc/vmstat", "r");
	if (!file)
		err(1, "/proc/vmstat");

	while (fscanf(file, "%63s %lu", name, &value) == 2) {
		for (i = 0; i < ARRAY_SIZE(counters); i++) {
			if (!counts(name, counters[i].name))
				continue;
			*(unsigned long *)((char *)vmstat + counters[i].offset) += value;
			seen |= 1U << i;
		}
	}
	fclose(file);

	for (i = 0; i < ARRAY_SIZE(counters); i++) {
		if (!(seen & 1U << i))
			errx(1, "/proc/vmstat: no %s", counters[i].name);
	}
}
