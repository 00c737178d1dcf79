// SPDX-License-Identifier: GPL-2.0-only
/*
 * What scattered pages cost intel_pt: tables, the time to build and to free them, and
 * to find positions in them each time the event starts.
 */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "area.h"
#include "bench.h"
#include "kselftest.h"
#include "orders.h"
#include "pmu.h"
#include "probes.h"

static const size_t sizes[] = { 4 * MIB, 64 * MIB, GIB };

/* A probe takes time itself: none is hit inside of another one but in START. */
enum { SETUP, FREE, OFFSETS, MARKERS, START };
static struct probe probes[] = {
	[SETUP]		= { .function = "pt_buffer_setup_aux" },
	[FREE]		= { .function = "pt_buffer_free_aux" },
	[OFFSETS]	= { .function = "pt_buffer_reset_offsets" },
	[MARKERS]	= { .function = "pt_buffer_reset_markers" },
	[START]		= { .function = "pt_event_start" },
};

static struct probe tables = { .function = "topa_alloc" };

static void row_max(const struct subject *subject, const char *metric, const struct probe *probe)
{
	if (!probe->calls)
		errx(1, "%s() was not called", probe->function);
	row(subject, metric, probe->max);
}

static void map(const struct subject *subject, struct area *area)
{
	struct event_spec spec = { .cpu = -1 };
	struct pmu pmu;

	if (pmu_find(subject->pmu, &pmu))
		errx(1, "%s: no such PMU", subject->pmu);
	spec.type = pmu.type;
	spec.watermark = orders_use(subject->pmu, subject->order);
	errno = -area_open(area, &spec);
	if (errno)
		err(1, "%s: cannot open an event", subject->pmu);

	probes_clear();
	errno = -area_map(area, subject->size, false);
	if (errno)
		err(1, "%s: cannot map %zu bytes at order %d", subject->pmu, subject->size,
		    subject->order);
}

static void count_tables(const struct subject *subject)
{
	struct area area;

	map(subject, &area);
	probes_read(&tables, 1);
	row(subject, "tables", tables.calls);
	area_close(&area);
}

static void measure(const struct subject *subject)
{
	struct area area;

	map(subject, &area);
	probes_read(probes, ARRAY_SIZE(probes));
	row_max(subject, "build", &probes[SETUP]);

	/*
	 * Without hardware the trace remains where it began, on the first page. But
	 * if the reader is a page behind, the driver has to find the place to stop
	 * on the last page, past all the tables.
	 */
	area_consume(&area, area_head(&area) - getpagesize());
	probes_clear();
	if (area_enable(&area) || area_disable(&area))
		errx(1, "%s: cannot enable the event", subject->pmu);
	probes_read(probes, ARRAY_SIZE(probes));
	row_max(subject, "reset_offsets", &probes[OFFSETS]);
	row_max(subject, "reset_markers", &probes[MARKERS]);
	row_max(subject, "start", &probes[START]);

	probes_clear();
	area_unmap(&area);
	probes_read(probes, ARRAY_SIZE(probes));
	row_max(subject, "free", &probes[FREE]);

	area_close(&area);
}

static void each(void (*run)(const struct subject *subject))
{
	struct subject subject = { .name = "topa", .pmu = "intel_pt" };
	unsigned int s, o;

	for (s = 0; s < ARRAY_SIZE(sizes); s++) {
		for (o = 0; o < NR_ORDERS; o++) {
			subject.size = sizes[s];
			subject.order = orders[o];
			if (subject.size < (size_t)getpagesize() << subject.order ||
			    (quick && (subject.size > 64 * MIB || o % 3)))
				continue;
			run(&subject);
		}
	}
}

void bench_topa(void)
{
	probes_begin(&tables, 1);
	each(count_tables);
	probes_end();

	probes_begin(probes, ARRAY_SIZE(probes));
	each(measure);
	probes_end();
}
