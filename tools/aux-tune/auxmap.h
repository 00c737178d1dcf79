/* SPDX-License-Identifier: GPL-2.0-only */
/* A real AUX area: an event that never runs, its data area, and the AUX area mapped there. */
#ifndef AUX_TUNE_AUXMAP_H
#define AUX_TUNE_AUXMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kfile.h"

/* Pages that are mapped, and counted against limits, besides those of the AUX area. */
#define AUXMAP_DATA_PAGES	(1 + 8)

struct auxmap {
	int fd;
	void *base;			/* the page with the offsets, and the data area */
	size_t base_size;
	void *aux;
	size_t aux_size;
};

/* False for a captured tree: an area can only be mapped on the running system. */
bool auxmap_possible(const struct kroot *root);

/*
 * Opens an event of the PMU @name, for this task or, where a PMU only traces CPUs, for the
 * first CPU of its cpumask in @dir; then maps the data area. Returns 0 or a negative errno;
 * *@event_open tells on which side of perf_event_open() it failed.
 */
int auxmap_open(struct auxmap *map, const struct kroot *root, const char *name, const char *dir,
		int64_t type, bool *event_open);

/* @size: 2^n pages. @overwrite: read-only, so that the PMU overwrites the oldest data. */
int auxmap_map(struct auxmap *map, size_t size, bool overwrite);
void auxmap_unmap(struct auxmap *map);
void auxmap_close(struct auxmap *map);

#endif
