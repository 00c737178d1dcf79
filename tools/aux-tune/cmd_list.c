// SPDX-License-Identifier: GPL-2.0-only
#include "cli.h"

void cmd_list(struct cli *cli, int argc, char **argv)
{
	struct selection selection;
	struct targets targets;

	if (!cli_columns(cli, &selection))
		return;
	cli_machine(cli);
	cli_targets(cli, argc, argv, &targets);
	cli_stats_reason(cli);
	cli_pmus(cli, &selection, &targets);
	if (!cli_supported(cli)) {
		output_line(cli->output, "%s", "");
		cli_fragmentation(cli);
	}
	cli_note_stats(cli);
	targets_clear(&targets);
	selection_clear(&selection);
}
