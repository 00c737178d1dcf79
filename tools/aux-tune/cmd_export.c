// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "metrics.h"
#include "replace.h"
#include "saved.h"
#include "xalloc.h"

#define MAX_LABELS	3

typedef void (*sample_fn)(struct metrics *metrics, const struct machine *machine,
			  const struct pmu *pmu);

static void sample_pmu(struct metrics *metrics, const struct pmu *pmu, const char *name,
		       const char *value, uint64_t number)
{
	const struct metric_label labels[] = { { "pmu", pmu->name }, { name, value }, { 0 } };

	metrics_sample(metrics, labels, number);
}

static void sample_order(struct metrics *metrics, const struct pmu *pmu, int order)
{
	if (order >= 0)
		sample_pmu(metrics, pmu, NULL, NULL, order);
}

static void max_order(struct metrics *metrics, const struct machine *machine,
		      const struct pmu *pmu)
{
	sample_order(metrics, pmu, pmu->order);
}

static void default_order(struct metrics *metrics, const struct machine *machine,
			  const struct pmu *pmu)
{
	sample_order(metrics, pmu, pmu->default_order);
}

static void boot_order(struct metrics *metrics, const struct machine *machine,
		       const struct pmu *pmu)
{
	sample_order(metrics, pmu, saved_order(pmu));
}

static void drift(struct metrics *metrics, const struct machine *machine, const struct pmu *pmu)
{
	if (pmu->access != AUX_ACCESS_NONE)
		sample_pmu(metrics, pmu, NULL, NULL, saved_drift(machine, pmu) != DRIFT_NONE);
}

static void pmu_info(struct metrics *metrics, const struct machine *machine,
		     const struct pmu *pmu)
{
	const struct metric_label labels[] = {
		{ "pmu", pmu->name },
		{ "kind", kind_name(pmu->kind.kind) },
		{ "access", pmu->access == AUX_ACCESS_RW ? "rw" :
			    pmu->access == AUX_ACCESS_RO ? "ro" : "none" },
		{ 0 },
	};

	metrics_sample(metrics, labels, 1);
}

static void sample_stat(struct metrics *metrics, const struct pmu *pmu, enum stat_id id)
{
	uint64_t value;

	if (stats_get(&pmu->stats, id, &value))
		sample_pmu(metrics, pmu, NULL, NULL, value);
}

static void areas(struct metrics *metrics, const struct machine *machine, const struct pmu *pmu)
{
	sample_stat(metrics, pmu, STAT_AREA_LIVE);
}

static void area_bytes(struct metrics *metrics, const struct machine *machine,
		       const struct pmu *pmu)
{
	uint64_t pages;

	if (!stats_get(&pmu->stats, STAT_PAGE_LIVE, &pages))
		return;
	sample_pmu(metrics, pmu, NULL, NULL, pages > UINT64_MAX / machine->page_size ?
			 UINT64_MAX : pages * machine->page_size);
}

static void allocated(struct metrics *metrics, const struct machine *machine,
		      const struct pmu *pmu)
{
	sample_stat(metrics, pmu, STAT_AREA_ALLOC);
}

static void fallbacks(struct metrics *metrics, const struct machine *machine,
		      const struct pmu *pmu)
{
	sample_stat(metrics, pmu, STAT_CHUNK_FALLBACK);
}

static void sample_chunks(struct metrics *metrics, const struct pmu *pmu,
			  enum stat_chunks which)
{
	struct chunks chunks;
	char order[16];

	if (!stats_chunks(&pmu->stats, which, &chunks))
		return;
	for (int i = 0; i < chunks.orders; i++) {
		snprintf(order, sizeof(order), "%d", i);
		sample_pmu(metrics, pmu, "order", order, chunks.nr[i]);
	}
}

static void live_chunks(struct metrics *metrics, const struct machine *machine,
			const struct pmu *pmu)
{
	sample_chunks(metrics, pmu, STAT_CHUNK_LIVE);
}

static void chunks_allocated(struct metrics *metrics, const struct machine *machine,
			     const struct pmu *pmu)
{
	sample_chunks(metrics, pmu, STAT_CHUNK_ALLOC);
}

static void failures(struct metrics *metrics, const struct machine *machine,
		     const struct pmu *pmu)
{
	for (size_t i = 0; i < pmu->stats.nr; i++) {
		const struct stat_value *stat = &pmu->stats.values[i];

		if (stats_is_cause(stat->name))
			sample_pmu(metrics, pmu, "cause", stat->name + strlen("area_fail_"),
				   stat->value);
	}
}

static void sample_ns(struct metrics *metrics, const struct pmu *pmu, enum stat_id id)
{
	const struct metric_label labels[] = { { "pmu", pmu->name }, { 0 } };
	uint64_t ns;

	if (stats_get(&pmu->stats, id, &ns))
		metrics_sample_ns(metrics, labels, ns);
}

static void alloc_time(struct metrics *metrics, const struct machine *machine,
		       const struct pmu *pmu)
{
	sample_ns(metrics, pmu, STAT_ALLOC_NS_TOTAL);
}

static void alloc_time_max(struct metrics *metrics, const struct machine *machine,
			   const struct pmu *pmu)
{
	sample_ns(metrics, pmu, STAT_ALLOC_NS_MAX);
}

/* Names are what dashboards and alerts are made of: they stay, new ones are added. */
static const struct family {
	const char *name;
	enum metric_type type;
	const char *unit;
	const char *help;
	sample_fn sample;
} families[] = {
	{ "perf_aux_pmu", METRIC_GAUGE, NULL,
	  "PMUs, what contiguous chunks are to them, and whether the order can be changed.",
	  pmu_info },
	{ "perf_aux_max_order", METRIC_GAUGE, NULL,
	  "Largest page order of a chunk of new AUX areas.", max_order },
	{ "perf_aux_default_order", METRIC_GAUGE, NULL, "Order the PMU was registered with.",
	  default_order },
	{ "perf_aux_saved_order", METRIC_GAUGE, NULL,
	  "Order that the rules of udev set at boot.", boot_order },
	{ "perf_aux_order_drift", METRIC_GAUGE, NULL,
	  "1 if a boot would give another order than the one there is.", drift },
	{ "perf_aux_areas", METRIC_GAUGE, NULL, "AUX areas mapped now.", areas },
	{ "perf_aux_area_bytes", METRIC_GAUGE, "bytes", "Memory in AUX areas mapped now.",
	  area_bytes },
	{ "perf_aux_chunks", METRIC_GAUGE, NULL, "Chunks in AUX areas mapped now, by page order.",
	  live_chunks },
	{ "perf_aux_areas_allocated", METRIC_COUNTER, NULL, "AUX areas allocated.", allocated },
	{ "perf_aux_area_failures", METRIC_COUNTER, NULL,
	  "AUX areas that could not be allocated, by cause.", failures },
	{ "perf_aux_chunks_allocated", METRIC_COUNTER, NULL, "Chunks handed out, by page order.",
	  chunks_allocated },
	{ "perf_aux_chunk_fallbacks", METRIC_COUNTER, NULL,
	  "Chunks smaller than asked for, for want of a larger block.", fallbacks },
	{ "perf_aux_alloc_seconds", METRIC_COUNTER, "seconds",
	  "Time spent allocating AUX areas.", alloc_time },
	{ "perf_aux_alloc_max_seconds", METRIC_GAUGE, "seconds",
	  "Longest time the allocation of one AUX area took.", alloc_time_max },
};

static void sample_free(struct metrics *metrics, const struct buddyinfo *buddy)
{
	metrics_family(metrics, "perf_aux_free_blocks", METRIC_GAUGE, NULL,
		       "Free blocks of memory, by node, zone and page order.");
	for (size_t i = 0; i < buddy->nr_zones; i++) {
		const struct buddy_zone *zone = &buddy->zones[i];
		char node[16], order[16];
		bool again = false;

		/* A series may be there once only, whatever the file says. */
		for (size_t j = 0; j < i && !again; j++)
			again = zone->node == buddy->zones[j].node &&
				!strcmp(zone->name, buddy->zones[j].name);
		snprintf(node, sizeof(node), "%u", zone->node);
		for (int o = 0; o < buddy->orders && !again; o++) {
			const struct metric_label labels[] = {
				{ "node", node }, { "zone", zone->name }, { "order", order }, { 0 },
			};

			snprintf(order, sizeof(order), "%d", o);
			metrics_sample(metrics, labels, zone->free[o]);
		}
	}
}

static void sample_machine(struct metrics *metrics, const struct machine *machine)
{
	static const struct metric_label none[] = { { 0 } };

	metrics_family(metrics, "perf_aux_supported", METRIC_GAUGE, NULL,
		       "1 if this kernel has aux_max_order for some PMU.");
	metrics_sample(metrics, none, machine->support == SUPPORT_YES);
	metrics_family(metrics, "perf_aux_statistics_available", METRIC_GAUGE, NULL,
		       "1 if the statistics of AUX areas could be read.");
	metrics_sample(metrics, none, !machine->stats_missing);
	metrics_family(metrics, "perf_aux_page_bytes", METRIC_GAUGE, "bytes", "Size of a page.");
	metrics_sample(metrics, none, machine->page_size);
	sample_free(metrics, &machine->buddy);
}

static char *make_text(struct cli *cli, const struct targets *targets, size_t *nr)
{
	struct metrics *metrics = metrics_new();

	sample_machine(metrics, &cli->machine);
	for (size_t f = 0; f < sizeof(families) / sizeof(families[0]); f++) {
		const struct family *family = &families[f];

		metrics_family(metrics, family->name, family->type, family->unit, family->help);
		for (size_t i = 0; i < targets->nr; i++)
			family->sample(metrics, &cli->machine, targets->pmus[i]);
	}
	return metrics_finish(metrics, nr);
}

/* Where a name leads, so that a link to the file stays one. NULL with errno set. */
static char *real_path(const char *file)
{
	const char *slash = strrchr(file, '/');
	char *path, *dir, *real;
	struct stat st;

	/* /dev/stdout leads to whatever that is, and replacing that is never what is meant. */
	if (!strncmp(file, "/dev/", 5) || !strncmp(file, "/proc/", 6)) {
		errno = EINVAL;
		return NULL;
	}
	path = realpath(file, NULL);
	if (path) {
		if (!stat(path, &st) && S_ISREG(st.st_mode))
			return path;
		free(path);
		errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
		return NULL;
	}
	if (errno != ENOENT || !*file || (slash && !slash[1]))
		return NULL;
	dir = slash ? xalloc_check(strndup(file, slash - file + 1)) : xstrdup(".");
	real = realpath(dir, NULL);
	free(dir);
	if (!real)
		return NULL;
	path = xasprintf("%s/%s", strcmp(real, "/") ? real : "", slash ? slash + 1 : file);
	free(real);
	return path;
}

/* All of it or what was there: the collector may look at any time. */
static int write_file(const char *file, const char *text)
{
	static const struct kroot live = { .fd = -1 };
	char *path = real_path(file);
	struct replace replace;
	int err;

	if (!path)
		return -errno;
	err = replace_begin(&replace, &live, path);
	free(path);
	if (err)
		return err;
	err = replace_write(&replace, text);
	replace_end(&replace);
	return err;
}

static void report_file(struct cli *cli, const char *file, const char *text, size_t nr)
{
	int err = write_file(file, text);

	output_string(cli->output, "file", file);
	output_number(cli->output, "samples", err ? 0 : nr);
	if (err == -EINVAL)
		output_error(cli->output, STATUS_FAILURE, NULL,
			     "%s: not a regular file; leave out --file to write to standard output",
			     file);
	else if (err)
		output_error(cli->output, err == -EACCES || err == -EPERM || err == -EROFS ?
				     STATUS_NO_PERMISSION : STATUS_FAILURE, NULL,
			     "%s: %s; it was left as it was", file, strerror(-err));
	else
		output_line(cli->output, "%zu samples in %s", nr, file);
}

void cmd_export(struct cli *cli, int argc, char **argv)
{
	const char *file = cli->options.file;
	struct targets targets;
	char *text;
	size_t nr;

	if (cli->options.json && !file) {
		output_error(cli->output, STATUS_USAGE, NULL,
			     "export prints OpenMetrics text, and JSON only of what it did with --file; 'aux-tune list --json' has the same as JSON");
		return;
	}
	if (!cli_targets(cli, argc, argv, &targets))
		return;
	text = make_text(cli, &targets, &nr);
	if (file)
		report_file(cli, file, text, nr);
	else
		output_text(cli->output, text);
	free(text);
	targets_clear(&targets);
	cli_supported(cli);
	cli_note_stats(cli);
}
