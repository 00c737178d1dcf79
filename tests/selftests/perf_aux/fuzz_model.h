/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FUZZ_MODEL_H
#define FUZZ_MODEL_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "pmu.h"

/*
 * What perf should make of calls for events, their buffers and the mappings of them,
 * by one process that nobody disturbs. aux_fuzz compares that with what the kernel
 * does. The model is asked for the result of a call first, and told about the call
 * if it succeeded.
 *
 * A buffer belongs to the event that its data area was mapped with, and lives until
 * that event has no mapping left. Other events may write to it.
 */

#define MODEL_MAX_EVENTS	8
#define MODEL_MAX_MAPS		16
#define MODEL_NONE		(-1)

struct model_pmu {
	struct pmu	pmu;
	bool		has_aux;
	bool		must;		/* contiguous memory */
	bool		snapshots;	/* samples of AUX data */
	bool		test;		/* one of aux_test_pmu */
	unsigned int	aux_max_order;
};

struct model_event {
	bool			used;		/* open or mapped */
	int			fd;		/* -1: closed, but mapped still */
	const struct model_pmu	*pmu;
	struct perf_event_attr	attr;
	pid_t			pid;
	int			cpu;
	bool			started;	/* may have been enabled */
	unsigned int		nr_maps;
	int			buffer;		/* the event it belongs to */

	/* The buffer that belongs to this one, while there are mappings of it. */
	unsigned long		data_pages;	/* without the user page */
	unsigned long		data_pinned;	/* beyond what the user may have */
	unsigned long		aux_pages;	/* 0: no AUX area */
	unsigned long		aux_pgoff;
	unsigned long		aux_pinned;
	unsigned int		nr_aux_maps;
	bool			aux_overwrite;
	unsigned int		aux_order;	/* of the largest chunk there may be */
	unsigned int		aux_max_order;	/* if the area were larger */
	__u64			aux_offset;	/* what is in the user page */
	__u64			aux_size;
};

struct model_map {
	bool		used;
	int		event;
	char		*addr;
	size_t		len;
	unsigned long	pgoff;
	int		prot;
};

struct model {
	struct model_event	events[MODEL_MAX_EVENTS];
	struct model_map	maps[MODEL_MAX_MAPS];

	/* In pages. A process that has no limit is not asked for them. */
	bool			limited;
	unsigned long		user_limit;
	unsigned long		user_locked;
	unsigned long		pinned_limit;
	unsigned long		pinned;
};

/* The result of a call: 0, a negative errno, or one of these. */
#define MODEL_ANY	1	/* this or that, the model doesn't know */
#define MODEL_NO_MEMORY	2	/* success, or -ENOMEM */
#define MODEL_FAILS	3	/* whatever the errno is */

/* @error is 0 or a negative errno. */
bool model_agrees(int expected, int error);

int model_free_event(const struct model *model);
int model_free_map(const struct model *model);

void model_opened(struct model *model, int event, int output);
void model_closed(struct model *model, int event);

int model_set_output(const struct model *model, int event, int output);
void model_output_set(struct model *model, int event, int output);

/* Of the event @map->event, all but the address; @flags as for mmap(). */
int model_mmap(const struct model *model, const struct model_map *map, int flags);
void model_mapped(struct model *model, const struct model_map *map, char *addr);
void model_unmapped(struct model *model, int map);

/* How many AUX areas of a PMU are mapped. */
unsigned int model_nr_areas(const struct model *model, const struct model_pmu *pmu);

/* Whether an event that traces could have written to the AUX area by now. */
bool model_aux_written(const struct model *model, int buffer);

#endif /* FUZZ_MODEL_H */
