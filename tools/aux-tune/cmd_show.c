// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <string.h>

#include "cli.h"
#include "xalloc.h"

static void show_stats(struct cli *cli, const struct pmu *pmu)
{
	output_begin_object(cli->output, "statistics");
	for (size_t i = 0; i < pmu->stats.nr; i++) {
		output_number(cli->output, pmu->stats.values[i].name, pmu->stats.values[i].value);
		output_answer(cli->output, "  %s %" PRIu64, pmu->stats.values[i].name,
			      pmu->stats.values[i].value);
	}
	output_end(cli->output);
}

static size_t find_column(const struct area_table *areas, const char *name)
{
	size_t i = 0;

	while (i < areas->nr_columns && strcmp(areas->columns[i], name))
		i++;
	return i;
}

/* Rows as the kernel has them: its heading names the columns, so new ones show at once. */
static void show_areas(struct cli *cli, const struct pmu *pmu, const struct area_table *areas)
{
	size_t pmu_column = find_column(areas, "pmu");

	output_begin_array(cli->output, "areas");
	for (size_t row = 0; row < areas->nr_rows; row++) {
		char *line = xstrdup("  area");

		if (pmu_column == areas->nr_columns ||
		    strcmp(areas_cell(areas, row, pmu_column), pmu->name)) {
			free(line);
			continue;
		}
		output_begin_object(cli->output, NULL);
		for (size_t i = 0; i < areas->nr_columns; i++) {
			const char *cell = areas_cell(areas, row, i);
			char *longer;

			output_string(cli->output, areas->columns[i], cell);
			if (i == pmu_column)
				continue;
			longer = xasprintf("%s %s=%s", line, areas->columns[i], cell);
			free(line);
			line = longer;
		}
		output_end(cli->output);
		output_answer(cli->output, "%s", line);
		free(line);
	}
	output_end(cli->output);
}

void cmd_show(struct cli *cli, int argc, char **argv)
{
	struct area_table areas = { 0 };
	struct selection selection;
	struct targets targets;

	if (cli->options.columns) {
		if (!cli_columns(cli, &selection))
			return;
	} else {
		selection_common(&selection, &pmu_columns, true, !cli->machine.stats_missing ||
				 cli->options.json);
	}
	cli_machine(cli);
	cli_targets(cli, argc, argv, &targets);
	if (!cli->machine.stats_missing)
		areas_read(&areas, &cli->machine.root);

	output_begin_array(cli->output, "pmus");
	for (size_t i = 0; i < targets.nr; i++) {
		output_begin_object(cli->output, NULL);
		output_record(cli->output, &cli->machine, &selection, targets.pmus[i]);
		show_stats(cli, targets.pmus[i]);
		show_areas(cli, targets.pmus[i], &areas);
		output_end(cli->output);
		output_line(cli->output, "%s", "");
	}
	output_end(cli->output);
	cli_fragmentation(cli);
	cli_supported(cli);
	cli_note_stats(cli);
	areas_clear(&areas);
	targets_clear(&targets);
	selection_clear(&selection);
}
