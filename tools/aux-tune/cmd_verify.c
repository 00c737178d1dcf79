// SPDX-License-Identifier: GPL-2.0-only
/* verify: would the next boot give each PMU the order it has now? */
#include "cli.h"
#include "saved.h"
#include "xalloc.h"

#define COLUMNS	"PMU,ORDER,SAVED,DEFAULT,DRIFT,SAVED-BY"

static void check(struct cli *cli, const struct pmu *pmu)
{
	const struct setter *unsure = setters_unsure(&pmu->saved);
	char *text, *place;

	if (saved_drift(&cli->machine, pmu) != DRIFT_NONE) {
		text = saved_drift_text(&cli->machine, pmu);
		output_error(cli->output, STATUS_DRIFT, pmu->name, "%s", text);
		free(text);
	} else if (unsure) {
		place = setter_place(unsure);
		output_note(cli->output, "%s: %s may set its order: %s", pmu->name, place,
			    unsure->why);
		free(place);
	}
}

/* Rules that look as if they did something. */
static void note_ineffective(struct cli *cli)
{
	const struct machine *machine = &cli->machine;

	for (size_t i = 0; i < machine->rules.nr; i++) {
		const struct rule_file *file = &machine->rules.files[i];

		if (file->error)
			output_note(cli->output, "%s%s: %s", machine->root.prefix, file->path,
				    strerror(-file->error));
		else if (file->overridden)
			output_note(cli->output,
				    "%s%s: udev does not read it, a file of the same name comes before it",
				    machine->root.prefix, file->path);
		for (size_t r = 0; !file->overridden && r < file->rules.nr; r++) {
			const struct rule *rule = &file->rules.rules[r];

			if (rule->kind == RULE_INVALID)
				output_note(cli->output, "%s%s:%u: udev ignores it: %s",
					    machine->root.prefix, file->path, rule->number,
					    rule->why);
			else if (rule->kind == RULE_UNFINISHED)
				output_note(cli->output,
					    "%s%s:%u: udev ignores it: the line ends in '\\', and nothing follows",
					    machine->root.prefix, file->path, rule->number);
		}
	}
}

static void report_absent(struct cli *cli)
{
	struct saved_names absent;

	saved_absent(&cli->machine, &absent);
	output_begin_array(cli->output, "absent");
	for (size_t i = 0; i < absent.nr; i++) {
		output_string(cli->output, NULL, absent.names[i]);
		if (!cli->options.json)
			output_note(cli->output, "%s: is saved, but not here now",
				    absent.names[i]);
	}
	output_end(cli->output);
	saved_names_clear(&absent);
}

void cmd_verify(struct cli *cli, int argc, char **argv)
{
	struct selection selection;
	struct targets targets;
	char *why;

	if (argc ? !cli_aux_targets(cli, argc, argv, &targets) :
		   !cli_supported(cli) || !cli_targets(cli, 0, NULL, &targets))
		return;
	selection_parse(&selection, &pmu_columns, COLUMNS, true, &why);
	/* Whether they agree is the answer; the table is for those who want to know more. */
	if (cli->options.json || !output_is_quiet(cli->output))
		output_table(cli->output, "pmus", &cli->machine, &selection,
			     (const void *const *)targets.pmus, targets.nr);
	if (!argc)
		report_absent(cli);
	note_ineffective(cli);
	for (size_t i = 0; i < targets.nr; i++)
		check(cli, targets.pmus[i]);
	selection_clear(&selection);
	targets_clear(&targets);
}
