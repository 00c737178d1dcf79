/* SPDX-License-Identifier: GPL-2.0-only */
/* The interactive screen: keys in, policy changes out, and the picture kept current. */
#ifndef AUX_TUNE_TUI_H
#define AUX_TUNE_TUI_H

#include <stdbool.h>

#include "machine.h"

struct tui_options {
	bool all;		/* also PMUs without AUX area */
	bool readonly;
	unsigned int interval_ms;
};

/*
 * Runs on the terminal until the user quits or the terminal goes away, and gives it back.
 * Returns 0, the signal that ended it, or a negative errno.
 */
int tui_run(struct machine *machine, const struct tui_options *options);

#endif
