/* SPDX-License-Identifier: GPL-2.0-only */
/* What main() hands to a verb, and what the verbs share. */
#ifndef AUX_TUNE_CLI_H
#define AUX_TUNE_CLI_H

#include <stdbool.h>

#include "machine.h"
#include "output.h"
#include "probe.h"

struct options {
	bool all;
	bool dry_run;
	bool json;
	bool readonly;
	const char *columns;		/* NULL: the common ones */
	const char *root;		/* NULL: the live system */
	unsigned int interval_ms;
	unsigned long count;		/* 0: no end */
	const char *file;		/* NULL: standard output */
	struct probe_options probe;
};

struct cli {
	struct options options;
	struct output *output;
	struct machine machine;
	bool told_unlisted;		/* that PMUs cannot be listed */
};

/* Verbs. Arguments are those after the verb; the exit status comes from cli->output. */
void cmd_list(struct cli *cli, int argc, char **argv);
void cmd_show(struct cli *cli, int argc, char **argv);
void cmd_get(struct cli *cli, int argc, char **argv);
void cmd_set(struct cli *cli, int argc, char **argv);
void cmd_reset(struct cli *cli, int argc, char **argv);
void cmd_export(struct cli *cli, int argc, char **argv);
void cmd_probe(struct cli *cli, int argc, char **argv);
void cmd_watch(struct cli *cli, int argc, char **argv);
void cmd_save(struct cli *cli, int argc, char **argv);
void cmd_unsave(struct cli *cli, int argc, char **argv);
void cmd_verify(struct cli *cli, int argc, char **argv);
void cmd_screen(struct cli *cli, int argc, char **argv);

/* PMUs that arguments name, each once, in the order of the list. */
struct targets {
	struct pmu **pmus;
	bool *by_glob;			/* matched by patterns only, never named */
	size_t nr;
};

/*
 * Finds the PMUs the arguments name; without arguments those a list shows. A name or
 * pattern without a PMU is an error, with the nearest name. Returns false then.
 */
bool cli_targets(struct cli *cli, int argc, char **argv, struct targets *targets);
void targets_clear(struct targets *targets);

/*
 * The same for PMUs that have an order: a pattern leaves out those without an AUX area. Fails
 * on a kernel without the attribute, too.
 */
bool cli_aux_targets(struct cli *cli, int argc, char **argv, struct targets *targets);

/* The columns of -o, or the common ones. False with an error when -o names an unknown one. */
bool cli_columns(struct cli *cli, struct selection *selection);

/* Members about the machine, for JSON. */
void cli_machine(struct cli *cli);

/* The free blocks of each order. */
void cli_fragmentation(struct cli *cli);

/* STATUS_NO_ATTRIBUTE with its sentence unless the kernel has the attribute. */
bool cli_supported(struct cli *cli);

/* Why there are no statistics, in one line. */
void cli_note_stats(struct cli *cli);

/* The same as members of the JSON document: null when there are. */
void cli_stats_reason(struct cli *cli);

/* Counters and live areas of @pmu as members of the JSON object that is open. */
void cli_stats(struct cli *cli, const struct pmu *pmu);

/* "pmus": a table; in JSON with cli_stats() unless -o says what is wanted. */
void cli_pmus(struct cli *cli, const struct selection *selection, const struct targets *targets);

#endif
