// SPDX-License-Identifier: GPL-2.0-only
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "screen.h"
#include "tui.h"

static bool check_terminal(struct cli *cli)
{
	switch (screen_check()) {
	case SCREEN_OK:
		return true;
	case SCREEN_NO_TERMINAL:
		output_error(cli->output, STATUS_FAILURE, NULL,
			     "the screen needs a terminal; 'aux-tune list' and 'aux-tune watch' do not");
		return false;
	case SCREEN_UNKNOWN:
		output_error(cli->output, STATUS_FAILURE, NULL,
			     "no terminal of the type TERM=%s is known; 'aux-tune list' needs none",
			     getenv("TERM") ?: "");
		return false;
	case SCREEN_NO_CURSOR:
		output_note(cli->output,
			    "TERM=%s cannot move the cursor: this is 'aux-tune watch' instead",
			    getenv("TERM") ?: "");
		cmd_watch(cli, 0, NULL);
		return false;
	}
	return false;
}

void cmd_screen(struct cli *cli, int argc, char **argv)
{
	struct tui_options options = {
		.all = cli->options.all,
		.readonly = cli->options.readonly,
		.interval_ms = cli->options.interval_ms,
	};
	int result;

	if (!check_terminal(cli))
		return;
	result = tui_run(&cli->machine, &options);
	if (result < 0) {
		output_error(cli->output, STATUS_FAILURE, NULL, "the screen failed: %s",
			     strerror(-result));
	} else if (result > 0) {
		/* The terminal is as it was; who waits for us shall see what ended us. */
		signal(result, SIG_DFL);
		raise(result);
	}
}
