// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "cli.h"
#include "xalloc.h"

static void tell_unlisted(struct cli *cli)
{
	if (!cli->told_unlisted)
		output_error(cli->output, STATUS_FAILURE, NULL, "PMUs cannot be listed: %s",
			     strerror(-cli->machine.pmus_error));
	cli->told_unlisted = true;
}

static void no_such_pmu(struct cli *cli, const char *name)
{
	const struct pmu *near = pmu_list_near(&cli->machine.pmus, name);

	if (cli->machine.pmus_error)
		tell_unlisted(cli);
	else if (pmu_is_glob(name))
		output_error(cli->output, STATUS_NO_PMU, name, "no PMU matches this pattern");
	else if (near)
		output_error(cli->output, STATUS_NO_PMU, name,
			     "no such PMU; did you mean %s?", near->name);
	else
		output_error(cli->output, STATUS_NO_PMU, name,
			     "no such PMU; 'aux-tune list --all' names them");
}

bool cli_targets(struct cli *cli, int argc, char **argv, struct targets *targets)
{
	struct pmu_list *list = &cli->machine.pmus;
	bool *named = xcalloc(list->nr, sizeof(*named));
	bool *matched = xcalloc(list->nr, sizeof(*matched));
	bool all_found = true;

	memset(targets, 0, sizeof(*targets));
	for (int a = 0; a < argc; a++) {
		/* A PMU by exactly this name is meant, even if it has a '*' in it. */
		struct pmu *exact = pmu_list_find(list, argv[a]);
		bool found = exact;

		if (exact)
			named[exact - list->pmus] = true;
		for (size_t i = 0; !exact && i < list->nr; i++) {
			if (!pmu_matches(&list->pmus[i], argv[a]))
				continue;
			matched[i] = true;
			found = true;
		}
		if (!found) {
			no_such_pmu(cli, argv[a]);
			all_found = false;
		}
	}

	targets->pmus = xcalloc(list->nr, sizeof(*targets->pmus));
	targets->by_glob = xcalloc(list->nr, sizeof(*targets->by_glob));
	for (size_t i = 0; i < list->nr; i++) {
		if (argc ? !named[i] && !matched[i] :
			   !cli->options.all && !machine_lists(&cli->machine, &list->pmus[i]))
			continue;
		targets->by_glob[targets->nr] = !named[i];
		targets->pmus[targets->nr++] = &list->pmus[i];
	}
	free(named);
	free(matched);
	if (!argc && cli->machine.pmus_error)
		tell_unlisted(cli);
	if (!all_found)
		targets_clear(targets);
	return all_found;
}

void targets_clear(struct targets *targets)
{
	free(targets->pmus);
	free(targets->by_glob);
	memset(targets, 0, sizeof(*targets));
}

bool cli_aux_targets(struct cli *cli, int argc, char **argv, struct targets *targets)
{
	size_t keep = 0;

	if (!cli_targets(cli, argc, argv, targets))
		return false;
	if (!cli_supported(cli)) {
		targets_clear(targets);
		return false;
	}
	for (size_t i = 0; i < targets->nr; i++) {
		if (targets->by_glob[i] && targets->pmus[i]->access == AUX_ACCESS_NONE)
			continue;
		targets->by_glob[keep] = targets->by_glob[i];
		targets->pmus[keep++] = targets->pmus[i];
	}
	targets->nr = keep;
	if (keep)
		return true;
	output_error(cli->output, STATUS_REFUSED, NULL,
		     "no PMU the pattern matches has an AUX area");
	targets_clear(targets);
	return false;
}

bool cli_columns(struct cli *cli, struct selection *selection)
{
	bool stats = !cli->machine.stats_missing;
	char *why;

	if (!cli->options.columns) {
		/* Nobody reads JSON for its brevity. */
		selection_common(selection, &pmu_columns, cli->options.json,
				 stats || cli->options.json);
		return true;
	}
	if (selection_parse(selection, &pmu_columns, cli->options.columns, stats, &why))
		return true;
	output_error(cli->output, STATUS_USAGE, NULL, "%s", why);
	free(why);
	return false;
}

static const char *support_key(enum machine_support support)
{
	switch (support) {
	case SUPPORT_YES:
		return "yes";
	case SUPPORT_NO_KERNEL:
		return "no-attribute";
	case SUPPORT_NO_PMU:
		return "no-aux-pmu";
	case SUPPORT_UNKNOWN:
		break;
	}
	return "unknown";
}

void cli_machine(struct cli *cli)
{
	const struct machine *machine = &cli->machine;

	output_string(cli->output, "kernel", machine->release);
	output_number(cli->output, "page_size", machine->page_size);
	if (machine->max_order != ORDER_UNKNOWN)
		output_number(cli->output, "max_order", machine->max_order);
	else
		output_null(cli->output, "max_order");
	output_string(cli->output, "support", support_key(machine->support));
}

void cli_fragmentation(struct cli *cli)
{
	const struct machine *machine = &cli->machine;
	const void *rows[BUDDY_ORDERS];
	struct selection selection;
	int orders[BUDDY_ORDERS];

	for (int i = 0; i < machine->buddy.orders; i++) {
		orders[i] = i;
		rows[i] = &orders[i];
	}
	selection_common(&selection, &order_columns, true, true);
	output_table(cli->output, "fragmentation", machine, &selection, rows,
		     machine->buddy.orders);
	selection_clear(&selection);
	if (machine->buddy_error)
		output_note(cli->output, "no free memory by order: /proc/buddyinfo: %s",
			    strerror(-machine->buddy_error));
}

bool cli_supported(struct cli *cli)
{
	if (cli->machine.support == SUPPORT_YES)
		return true;
	if (cli->machine.pmus_error) {
		tell_unlisted(cli);
		return false;
	}
	output_error(cli->output, STATUS_NO_ATTRIBUTE, NULL, "%s",
		     machine_support_text(&cli->machine));
	return false;
}

void cli_note_stats(struct cli *cli)
{
	if (cli->machine.stats_missing && cli->machine.support == SUPPORT_YES)
		output_note(cli->output, "no statistics: %s", cli->machine.stats_missing);
}

void cli_stats_reason(struct cli *cli)
{
	const struct machine *machine = &cli->machine;

	if (machine->stats_missing)
		output_string(cli->output, "statistics_unavailable", machine->stats_missing);
	else
		output_null(cli->output, "statistics_unavailable");
	if (machine->stats_missing)
		output_string(cli->output, "areas_unavailable", machine->stats_missing);
	else if (machine->areas_error)
		output_string(cli->output, "areas_unavailable",
			      strerror(-machine->areas_error));
	else
		output_null(cli->output, "areas_unavailable");
}

static void stats_counters(struct cli *cli, const struct pmu *pmu)
{
	const struct stats *stats = &pmu->stats;
	struct chunks chunks;

	if (!stats->nr) {
		output_null(cli->output, "statistics");
		return;
	}
	output_begin_object(cli->output, "statistics");
	for (size_t i = 0; i < stats->nr; i++)
		output_number(cli->output, stats->values[i].name, stats->values[i].value);
	if (stats_chunks(stats, STAT_CHUNK_LIVE, &chunks))
		output_chunks(cli->output, "chunk_live", &chunks);
	if (stats_chunks(stats, STAT_CHUNK_ALLOC, &chunks))
		output_chunks(cli->output, "chunk_alloc", &chunks);
	output_end(cli->output);
}

static void stats_area(struct cli *cli, size_t row, int orders)
{
	const struct area_table *areas = &cli->machine.areas;

	output_begin_object(cli->output, NULL);
	for (size_t i = 0; i < areas->nr_columns; i++) {
		const char *name = areas->columns[i];
		struct chunks chunks;
		int64_t number;

		if (!strcmp(name, "chunks") && areas_chunks(areas, row, &chunks)) {
			/* As long as those of the counters, to be added up. */
			if (chunks.orders < orders)
				chunks.orders = orders;
			output_chunks(cli->output, name, &chunks);
		} else if (areas_is_number(name) && areas_number(areas, row, name, &number)) {
			output_integer(cli->output, name, number);
		} else {
			output_string(cli->output, name, areas_cell(areas, row, name));
		}
	}
	output_end(cli->output);
}

void cli_stats(struct cli *cli, const struct pmu *pmu)
{
	const struct machine *machine = &cli->machine;
	struct chunks chunks;

	stats_counters(cli, pmu);
	if (machine->stats_missing || machine->areas_error) {
		output_null(cli->output, "areas");
		return;
	}
	stats_chunks(&pmu->stats, STAT_CHUNK_LIVE, &chunks);
	output_begin_array(cli->output, "areas");
	for (size_t row = 0; row < machine->areas.nr_rows; row++)
		if (areas_is_of(&machine->areas, row, pmu->name))
			stats_area(cli, row, chunks.orders);
	output_end(cli->output);
}

void cli_pmus(struct cli *cli, const struct selection *selection, const struct targets *targets)
{
	if (!cli->options.json) {
		output_table(cli->output, "pmus", &cli->machine, selection,
			     (const void *const *)targets->pmus, targets->nr);
		return;
	}
	output_begin_array(cli->output, "pmus");
	for (size_t i = 0; i < targets->nr; i++) {
		output_begin_object(cli->output, NULL);
		output_record(cli->output, &cli->machine, selection, targets->pmus[i]);
		if (!cli->options.columns)
			cli_stats(cli, targets->pmus[i]);
		output_end(cli->output);
	}
	output_end(cli->output);
}
