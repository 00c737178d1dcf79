// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "perflimits.h"

#define KERNEL	"/proc/sys/kernel/"

static bool has_capability(const struct kroot *root, int capability)
{
	const char *line = NULL;
	uint64_t effective;
	char text[8192];

	if (kfile_read(root, "/proc/self/status", text, sizeof(text)) > 0)
		line = strstr(text, "\nCapEff:");
	return line && sscanf(line, " CapEff: %" SCNx64, &effective) == 1 &&
	       effective >> capability & 1;
}

void limits_read(struct limits *limits, const struct kroot *root)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct rlimit rlimit;
	char text[32];

	memset(limits, 0, sizeof(*limits));
	if (kfile_read(root, KERNEL "perf_event_paranoid", text, sizeof(text)) > 0)
		limits->paranoid_known = sscanf(text, "%d", &limits->paranoid) == 1;
	if (kfile_read(root, KERNEL "perf_event_mlock_kb", text, sizeof(text)) > 0)
		limits->mlock_kib = strtoul(text, NULL, 10);
	limits->cpus = cpus > 0 ? cpus : 1;
	limits->memlock = UINT64_MAX;
	limits->memlock_max = UINT64_MAX;
	if (!getrlimit(RLIMIT_MEMLOCK, &rlimit)) {
		if (rlimit.rlim_cur != RLIM_INFINITY)
			limits->memlock = rlimit.rlim_cur;
		if (rlimit.rlim_max != RLIM_INFINITY)
			limits->memlock_max = rlimit.rlim_max;
	}
	limits->ipc_lock = has_capability(root, CAP_IPC_LOCK);
}

/* Pages that any process of the user may have, before its own limit counts. */
static uint64_t free_pages(const struct limits *limits, uint64_t page_size)
{
	return limits->mlock_kib / (page_size / 1024) * limits->cpus;
}

bool limits_allow(const struct limits *limits, uint64_t page_size, uint64_t pages)
{
	uint64_t free = free_pages(limits, page_size);

	return limits->ipc_lock || (limits->paranoid_known && limits->paranoid < 0) ||
	       pages <= free || pages - free <= limits->memlock / page_size;
}

uint64_t limits_mlock_kib(const struct limits *limits, uint64_t page_size, uint64_t pages)
{
	return (pages + limits->cpus - 1) / limits->cpus * (page_size / 1024);
}

uint64_t limits_memlock_kib(const struct limits *limits, uint64_t page_size, uint64_t pages)
{
	uint64_t free = free_pages(limits, page_size);

	return pages > free ? (pages - free) * (page_size / 1024) : 0;
}
