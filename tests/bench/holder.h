/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOLDER_H
#define HOLDER_H

#include <stddef.h>

#include "area.h"
#include "pmu.h"

/*
 * Many AUX areas of one PMU at a time: each for a thread of its own, because there
 * can be only one event per thread, that does nothing.
 */
#define HOLDER_MAX	64

struct holder {
	struct area	areas[HOLDER_MAX];
	unsigned int	nr;
};

/* Opens the events; areas are mapped one by one with area_map(). */
void holder_open(struct holder *holder, const struct pmu *pmu, unsigned int nr,
		 unsigned int watermark);
void holder_close(struct holder *holder);

/* Unmaps the AUX areas and keeps the events. */
void holder_unmap(struct holder *holder);

#endif /* HOLDER_H */
