// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <string.h>

#include "cli.h"
#include "text.h"
#include "xalloc.h"

#define BAR_CELLS	20

static void show_memory(struct cli *cli, const char *what, uint64_t pages)
{
	uint64_t kib = cli->machine.page_size / 1024;

	if (pages <= UINT64_MAX / kib)
		output_answer(cli->output, "  %-26s %" PRIu64 " KiB (%" PRIu64 " pages)", what,
			      pages * kib, pages);
	else
		output_answer(cli->output, "  %-26s %" PRIu64 " pages", what, pages);
}

static void show_fallbacks(struct cli *cli, const struct stats *stats, uint64_t fallbacks)
{
	struct chunks chunks;
	uint64_t all = 0;

	if (stats_chunks(stats, STAT_CHUNK_ALLOC, &chunks))
		all = chunks_total(&chunks);
	if (all)
		output_answer(cli->output,
			      "  %-26s %" PRIu64 " of %" PRIu64 " handed out (%.0f%%)",
			      "chunks smaller than asked", fallbacks, all,
			      100.0 * fallbacks / all);
	else
		output_answer(cli->output, "  %-26s %" PRIu64, "chunks smaller than asked",
			      fallbacks);
}

static void show_causes(struct cli *cli, const struct stats *stats)
{
	for (size_t i = 0; i < stats->nr; i++) {
		const struct stat_value *stat = &stats->values[i];
		const struct stat_cause *cause;

		if (!stats_is_cause(stat->name) || !stat->value)
			continue;
		cause = stats_cause(stat->name);
		output_answer(cli->output, "    %" PRIu64 " %s: %s", stat->value, stat->name,
			      cause->what);
		output_answer(cli->output, "      %s", cause->advice);
	}
}

static void show_counters(struct cli *cli, const struct stats *stats)
{
	uint64_t value, total;

	if (stats_get(stats, STAT_AREA_LIVE, &value))
		output_answer(cli->output, "  %-26s %" PRIu64, "areas mapped now", value);
	if (stats_get(stats, STAT_PAGE_LIVE, &value))
		show_memory(cli, "memory in them", value);
	if (stats_get(stats, STAT_AREA_ALLOC, &value))
		output_answer(cli->output, "  %-26s %" PRIu64, "areas allocated so far", value);
	if (stats_get(stats, STAT_ALLOC_NS_TOTAL, &total) &&
	    stats_get(stats, STAT_AREA_ALLOC, &value) && value)
		output_answer(cli->output, "  %-26s %.1f us", "mean time to allocate",
			      total / 1000.0 / value);
	if (stats_get(stats, STAT_ALLOC_NS_MAX, &value))
		output_answer(cli->output, "  %-26s %.1f us", "longest time", value / 1000.0);
	if (stats_get(stats, STAT_CHUNK_FALLBACK, &value))
		show_fallbacks(cli, stats, value);
	if (stats_failures(stats, &value))
		output_answer(cli->output, "  %-26s %" PRIu64, "areas that failed", value);
	show_causes(cli, stats);
	/* Counters of a newer kernel have no words, but they are there. */
	for (size_t i = 0; i < stats->nr; i++)
		if (!stats_known(stats->values[i].name))
			output_answer(cli->output, "  %-26s %" PRIu64, stats->values[i].name,
				      stats->values[i].value);
}

static uint64_t largest_pages(const struct chunks *chunks)
{
	uint64_t largest = 0;

	for (int i = 0; i < chunks->orders; i++)
		if (chunks_pages(chunks, i) > largest)
			largest = chunks_pages(chunks, i);
	return largest;
}

/* In proportion to the memory in these chunks; something is never drawn as nothing. */
static char *bar_text(const struct chunks *chunks, int order, bool utf8)
{
	uint64_t largest = largest_pages(chunks);
	char *text = xcalloc(BAR_CELLS + 1, 3), *p = text;
	int cells = 0;

	if (chunks->nr[order]) {
		cells = (double)chunks_pages(chunks, order) / largest * BAR_CELLS + 0.5;
		if (!cells)
			cells = 1;
	}
	for (int i = 0; i < BAR_CELLS; i++)
		p = stpcpy(p, i >= cells ? " " : utf8 ? "\xe2\x96\x88" : "#");
	return text;
}

static uint64_t chunks_kib(const struct chunks *chunks, int order, size_t page_size)
{
	uint64_t pages = chunks_pages(chunks, order), kib = page_size / 1024;

	return pages > UINT64_MAX / kib ? UINT64_MAX : pages * kib;
}

static void show_histogram(struct cli *cli, const char *title, const struct chunks *chunks)
{
	size_t page_size = cli->machine.page_size;

	if (!chunks_total(chunks)) {
		output_answer(cli->output, "  %s: none", title);
		return;
	}
	output_answer(cli->output, "  %s", title);
	output_answer(cli->output, "    %5s %8s %12s %12s", "ORDER", "KIB", "CHUNKS", "SUM-KIB");
	for (int i = 0; i < chunks->orders; i++) {
		char *bar = bar_text(chunks, i, text_locale_utf8());
		size_t len = strlen(bar);

		while (len && bar[len - 1] == ' ')
			bar[--len] = '\0';
		output_answer(cli->output,
			      "    %5d %8" PRIu64 " %12" PRIu64 " %12" PRIu64 "%s%s", i,
			      order_bytes(i, page_size) / 1024, chunks->nr[i],
			      chunks_kib(chunks, i, page_size), len ? " " : "", bar);
		free(bar);
	}
}

static void show_areas(struct cli *cli, const struct pmu *pmu)
{
	const struct machine *machine = &cli->machine;
	const struct area_table *areas = &machine->areas;
	struct selection selection;
	const void **rows;
	size_t *indexes, nr = 0;

	if (machine->areas_error) {
		output_answer(cli->output, "  live areas: %s", strerror(-machine->areas_error));
		return;
	}
	indexes = xcalloc(areas->nr_rows, sizeof(*indexes));
	rows = xcalloc(areas->nr_rows, sizeof(*rows));
	for (size_t row = 0; row < areas->nr_rows; row++) {
		if (!areas_is_of(areas, row, pmu->name))
			continue;
		indexes[nr] = row;
		rows[nr] = &indexes[nr];
		nr++;
	}
	if (nr) {
		output_answer(cli->output, "  live areas, at the moment they were looked at");
		selection_common(&selection, &area_columns, true, true);
		output_table(cli->output, "areas", machine, &selection, rows, nr);
		selection_clear(&selection);
	}
	free(indexes);
	free(rows);
}

static void show_stats(struct cli *cli, const struct pmu *pmu)
{
	struct chunks chunks;

	if (cli->options.json) {
		cli_stats(cli, pmu);
		return;
	}
	if (cli->machine.stats_missing || pmu->access == AUX_ACCESS_NONE)
		return;
	if (!pmu->stats.nr) {
		output_answer(cli->output, "no statistics: %s",
			      pmu->stats_error ? strerror(-pmu->stats_error) : "no counters");
		return;
	}
	output_answer(cli->output, "statistics since it was registered");
	show_counters(cli, &pmu->stats);
	if (stats_chunks(&pmu->stats, STAT_CHUNK_LIVE, &chunks))
		show_histogram(cli, "chunks in live areas", &chunks);
	if (stats_chunks(&pmu->stats, STAT_CHUNK_ALLOC, &chunks))
		show_histogram(cli, "chunks handed out so far", &chunks);
	show_areas(cli, pmu);
}

void cmd_show(struct cli *cli, int argc, char **argv)
{
	struct selection selection;
	struct targets targets;

	if (cli->options.columns) {
		if (!cli_columns(cli, &selection))
			return;
	} else {
		/* In words the statistics come below. */
		selection_common(&selection, &pmu_columns, true, cli->options.json);
	}
	cli_machine(cli);
	cli_stats_reason(cli);
	cli_targets(cli, argc, argv, &targets);

	output_begin_array(cli->output, "pmus");
	for (size_t i = 0; i < targets.nr; i++) {
		output_begin_object(cli->output, NULL);
		output_record(cli->output, &cli->machine, &selection, targets.pmus[i]);
		show_stats(cli, targets.pmus[i]);
		output_end(cli->output);
		output_line(cli->output, "%s", "");
	}
	output_end(cli->output);
	cli_fragmentation(cli);
	cli_supported(cli);
	cli_note_stats(cli);
	targets_clear(&targets);
	selection_clear(&selection);
}
