/* SPDX-License-Identifier: GPL-2.0-only */
/* What bounds the AUX areas of a user: locked memory, and who may trace at all. */
#ifndef AUX_TUNE_PERFLIMITS_H
#define AUX_TUNE_PERFLIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "kfile.h"

struct limits {
	bool paranoid_known;
	int paranoid;			/* perf_event_paranoid */
	uint64_t mlock_kib;		/* perf_event_mlock_kb, per CPU; 0: not known */
	unsigned int cpus;		/* online */
	uint64_t memlock;		/* RLIMIT_MEMLOCK in bytes; UINT64_MAX: no limit */
	uint64_t memlock_max;		/* what the user may raise it to */
	bool ipc_lock;			/* privileged to lock any amount */
};

/* Of this process. */
void limits_read(struct limits *limits, const struct kroot *root);

/*
 * Whether the limits let an area of @pages in total be locked; with no other buffers of perf.
 */
bool limits_allow(const struct limits *limits, uint64_t page_size, uint64_t pages);

/* The smallest perf_event_mlock_kb with which they do, and the smallest RLIMIT_MEMLOCK in KiB. */
uint64_t limits_mlock_kib(const struct limits *limits, uint64_t page_size, uint64_t pages);
uint64_t limits_memlock_kib(const struct limits *limits, uint64_t page_size, uint64_t pages);

#endif
