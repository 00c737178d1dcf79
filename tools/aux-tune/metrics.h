/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * OpenMetrics text, in the subset that parsers of Prometheus' older text format read as well,
 * that of node_exporter's textfile collector among them: gauges and counters (it refuses a file
 * with another type, "info" for example), no timestamps (it refuses those, too), and a newline
 * at the very end. To it, # UNIT and # EOF are comments, and a counter's samples are untyped,
 * as their names are not that of the # TYPE line; that changes nothing for queries.
 */
#ifndef AUX_TUNE_METRICS_H
#define AUX_TUNE_METRICS_H

#include <stddef.h>
#include <stdint.h>

enum metric_type {
	METRIC_GAUGE,
	METRIC_COUNTER,		/* its samples get the suffix _total */
};

struct metric_label {
	const char *name;
	const char *value;	/* any bytes */
};

struct metrics;

struct metrics *metrics_new(void);

/*
 * Begins a family; samples follow. @name ends with @unit, which may be NULL. @name and @help
 * live as long as the metrics. A family without samples is left out.
 */
void metrics_family(struct metrics *metrics, const char *name, enum metric_type type,
		    const char *unit, const char *help);

/* Labels end with one without a name. */
void metrics_sample(struct metrics *metrics, const struct metric_label *labels, uint64_t value);

/* A sample in seconds. */
void metrics_sample_ns(struct metrics *metrics, const struct metric_label *labels, uint64_t ns);

/* Ends it, and frees all but the text, which is the caller's. @nr: how many samples. */
char *metrics_finish(struct metrics *metrics, size_t *nr);

#endif
