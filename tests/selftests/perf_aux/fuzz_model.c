// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "chunks.h"
#include "fuzz_model.h"

/* More than that in one area, and memory may be short, or in pieces. */
#define SURE_PAGES	8192
#define SURE_ORDER	3

bool model_agrees(int expected, int error)
{
	switch (expected) {
	case MODEL_ANY:
		return true;
	case MODEL_NO_MEMORY:
		return !error || error == -ENOMEM;
	case MODEL_FAILS:
		return error;
	default:
		return error == expected;
	}
}

int model_free_event(const struct model *model)
{
	int i;

	for (i = 0; i < MODEL_MAX_EVENTS; i++) {
		if (!model->events[i].used)
			return i;
	}
	return MODEL_NONE;
}

int model_free_map(const struct model *model)
{
	int i;

	for (i = 0; i < MODEL_MAX_MAPS; i++) {
		if (!model->maps[i].used)
			return i;
	}
	return MODEL_NONE;
}

/*
 * Events
 */

static bool is_power_of_2(unsigned long n)
{
	return n && !(n & (n - 1));
}

static int clock_of(const struct model_event *event)
{
	return event->attr.use_clockid ? event->attr.clockid : INT_MIN;
}

void model_opened(struct model *model, int event, int output)
{
	model->events[event].used = true;
	model->events[event].started = !model->events[event].attr.disabled;
	model->events[event].nr_maps = 0;
	model->events[event].aux_pages = 0;
	model->events[event].buffer = output == MODEL_NONE ? MODEL_NONE :
				      model->events[output].buffer;
}

void model_closed(struct model *model, int event)
{
	model->events[event].fd = -1;
	model->events[event].used = model->events[event].nr_maps;
}

int model_set_output(const struct model *model, int event, int output)
{
	const struct model_event *from = &model->events[event], *to;

	if (output == MODEL_NONE)
		return from->nr_maps ? -EINVAL : 0;

	to = &model->events[output];
	if (event == output || from->cpu != to->cpu ||
	    (to->cpu == -1 && from->pid != to->pid) ||
	    clock_of(from) != clock_of(to) ||
	    from->attr.write_backward != to->attr.write_backward)
		return -EINVAL;
	if (from->pmu->has_aux && to->pmu->has_aux && from->pmu != to->pmu)
		return -EINVAL;

	return from->nr_maps || to->buffer == MODEL_NONE ? -EINVAL : 0;
}

void model_output_set(struct model *model, int event, int output)
{
	model->events[event].buffer = output == MODEL_NONE ? MODEL_NONE :
				      model->events[output].buffer;
}

/*
 * Limits
 */

/* What a user may have, each process may exceed by RLIMIT_MEMLOCK. */
static unsigned long pages_to_pin(const struct model *model, unsigned long pages)
{
	unsigned long left = model->user_limit - model->user_locked;

	return pages > left ? pages - left : 0;
}

static bool exceeds_limits(const struct model *model, unsigned long pages)
{
	return model->limited && model->pinned + pages_to_pin(model, pages) > model->pinned_limit;
}

static unsigned long charge(struct model *model, unsigned long pages)
{
	unsigned long pinned = pages_to_pin(model, pages);

	model->user_locked += pages - pinned;
	model->pinned += pinned;
	return pinned;
}

static void uncharge(struct model *model, unsigned long pages, unsigned long pinned)
{
	model->user_locked -= pages - pinned;
	model->pinned -= pinned;
}

/*
 * Mappings
 */

static unsigned long map_pages(const struct model_map *map)
{
	return (map->len + getpagesize() - 1) / getpagesize();
}

static int mmap_data(const struct model *model, const struct model_map *map)
{
	const struct model_event *event = &model->events[map->event];
	unsigned long pages = map_pages(map);

	if (pages > 1 && !is_power_of_2(pages - 1))
		return -EINVAL;

	if (event->buffer != MODEL_NONE) {
		if (model->events[event->buffer].data_pages != pages - 1)
			return -EINVAL;
		return event->nr_maps ? 0 : -EBUSY;
	}

	if (exceeds_limits(model, pages))
		return -EPERM;

	return pages > SURE_PAGES ? MODEL_NO_MEMORY : 0;
}

static bool describe_area(const struct model_event *event, const struct model_map *map,
			  unsigned long pages, struct chunks *chunks)
{
	struct chunks_spec spec = {
		.nr_pages	= pages,
		.watermark	= event->attr.aux_watermark ?:
				  map_pages(map) * getpagesize() / 2,
		.overwrite	= !(map->prot & PROT_WRITE),
		.must		= event->pmu->must,
		.aux_max_order	= event->pmu->aux_max_order,
	};

	return !chunks_expect(chunks, &spec);
}

static int mmap_aux(const struct model *model, const struct model_map *map)
{
	const struct model_event *event = &model->events[map->event], *buffer;
	unsigned long pages = map_pages(map);
	bool overwrite = !(map->prot & PROT_WRITE);
	struct chunks chunks;

	if (event->buffer == MODEL_NONE)
		return -EINVAL;

	buffer = &model->events[event->buffer];
	if (buffer->aux_offset < (buffer->data_pages + 1) * getpagesize() ||
	    buffer->aux_offset != (__u64)map->pgoff * getpagesize() ||
	    buffer->aux_size != (__u64)pages * getpagesize() || !is_power_of_2(pages))
		return -EINVAL;
	if (buffer->aux_pages && (buffer->aux_pgoff != map->pgoff || buffer->aux_pages != pages))
		return -EINVAL;
	/* The buffer of another one. */
	if (!event->nr_maps)
		return -EBUSY;
	if (buffer->aux_pages)
		return 0;

	if (exceeds_limits(model, pages))
		return -EPERM;
	if (!event->pmu->has_aux)
		return -EOPNOTSUPP;
	if (pages > INT_MAX)
		return -EINVAL;
	if (!describe_area(event, map, pages, &chunks))
		return -ENOMEM;
	if (event->pmu->snapshots && event->attr.aux_sample_size && !overwrite)
		return -ENOMEM;
	/* TEST_PMU_REFUSE */
	if (event->pmu->test && event->attr.config >> 48)
		return -ENOMEM;

	return pages > SURE_PAGES || (overwrite && event->pmu->must &&
				      chunks_first_order(&chunks) > SURE_ORDER) ?
	       MODEL_NO_MEMORY : 0;
}

int model_mmap(const struct model *model, const struct model_map *map, int flags)
{
	const struct model_event *event = &model->events[map->event];

	if (!map->len)
		return -EINVAL;
	if (map->prot & PROT_EXEC || (flags & MAP_TYPE) != MAP_SHARED)
		return MODEL_FAILS;
	/* There are not that many addresses, and there may not be such offsets. */
	if (map->len >> 46)
		return MODEL_FAILS;
	if (map->pgoff >> 50)
		return MODEL_ANY;
	if (event->cpu == -1 && event->attr.inherit)
		return -EINVAL;
	if (map_pages(map) > INT_MAX)
		return -ENOMEM;

	return map->pgoff ? mmap_aux(model, map) : mmap_data(model, map);
}

void model_mapped(struct model *model, const struct model_map *map, char *addr)
{
	struct model_event *event = &model->events[map->event], *buffer;
	unsigned long pages = map_pages(map);
	struct chunks chunks;
	int i;

	if (event->buffer == MODEL_NONE) {
		event->buffer = map->event;
		event->data_pages = pages - 1;
		event->data_pinned = charge(model, pages);
		event->aux_pages = 0;
		event->aux_offset = 0;
		event->aux_size = 0;
	}

	buffer = &model->events[event->buffer];
	if (map->pgoff && !buffer->aux_pages) {
		if (describe_area(event, map, pages, &chunks))
			buffer->aux_order = chunks_first_order(&chunks);
		/* The size bounds what can be had, but in this mode not what is asked for. */
		buffer->aux_max_order = buffer->aux_order;
		if (map->prot & PROT_WRITE && describe_area(event, map, 1UL << 20, &chunks))
			buffer->aux_max_order = chunks_first_order(&chunks);
		buffer->aux_pages = pages;
		buffer->aux_pgoff = map->pgoff;
		buffer->aux_pinned = charge(model, pages);
		buffer->aux_overwrite = !(map->prot & PROT_WRITE);
		buffer->nr_aux_maps = 0;
	}
	if (map->pgoff)
		buffer->nr_aux_maps++;
	event->nr_maps++;

	i = model_free_map(model);
	model->maps[i] = *map;
	model->maps[i].used = true;
	model->maps[i].addr = addr;
	model->maps[i].len = pages * getpagesize();
}

void model_unmapped(struct model *model, int map)
{
	const struct model_map *gone = &model->maps[map];
	struct model_event *event = &model->events[gone->event];
	int i;

	model->maps[map].used = false;

	if (gone->pgoff && event->nr_aux_maps && !--event->nr_aux_maps) {
		uncharge(model, event->aux_pages, event->aux_pinned);
		event->aux_pages = 0;
	}

	if (--event->nr_maps)
		return;

	/* Nobody writes to it any more. */
	for (i = 0; i < MODEL_MAX_EVENTS; i++) {
		if (model->events[i].used && model->events[i].buffer == gone->event)
			model->events[i].buffer = MODEL_NONE;
	}
	uncharge(model, event->data_pages + 1, event->data_pinned);
	event->used = event->fd >= 0;
}

unsigned int model_nr_areas(const struct model *model, const struct model_pmu *pmu)
{
	unsigned int nr = 0;
	int i;

	for (i = 0; i < MODEL_MAX_EVENTS; i++) {
		if (model->events[i].used && model->events[i].buffer == i &&
		    model->events[i].pmu == pmu && model->events[i].aux_pages)
			nr++;
	}
	return nr;
}

bool model_aux_written(const struct model *model, int buffer)
{
	int i;

	for (i = 0; i < MODEL_MAX_EVENTS; i++) {
		if (model->events[i].used && model->events[i].buffer == buffer &&
		    model->events[i].pmu->has_aux && model->events[i].started)
			return true;
	}
	return false;
}
