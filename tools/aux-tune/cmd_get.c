// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "cli.h"

/* False when the PMU has no order to print. */
static bool check(struct cli *cli, const struct pmu *pmu)
{
	if (pmu->access == AUX_ACCESS_NONE) {
		output_error(cli->output, STATUS_REFUSED, pmu->name,
			     "it has no AUX area, so it has no order");
		return false;
	}
	if (pmu->order == ORDER_UNKNOWN) {
		output_error(cli->output, STATUS_FAILURE, pmu->name,
			     "aux_max_order cannot be read: %s", strerror(-pmu->order_error));
		return false;
	}
	return true;
}

void cmd_get(struct cli *cli, int argc, char **argv)
{
	/* One named PMU is a question for a number; for more, names tell them apart. */
	bool bare = argc == 1 && !pmu_is_glob(argv[0]);
	struct targets targets;

	cli_machine(cli);
	if (!cli_aux_targets(cli, argc, argv, &targets))
		return;
	output_begin_array(cli->output, "pmus");
	for (size_t i = 0; i < targets.nr; i++) {
		const struct pmu *pmu = targets.pmus[i];

		if (!check(cli, pmu))
			continue;
		output_begin_object(cli->output, NULL);
		output_string(cli->output, "pmu", pmu->name);
		output_number(cli->output, "order", pmu->order);
		output_number(cli->output, "chunk_kib",
			      order_bytes(pmu->order, cli->machine.page_size) / 1024);
		output_end(cli->output);
		if (bare)
			output_answer(cli->output, "%d", pmu->order);
		else
			output_answer(cli->output, "%s %d", pmu->name, pmu->order);
	}
	output_end(cli->output);
	targets_clear(&targets);
}
