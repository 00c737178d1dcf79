// SPDX-License-Identifier: GPL-2.0-only
/* save and unsave: one plan for the rules file, made as a whole or not at all. */
#include <string.h>

#include "cli.h"
#include "saved.h"
#include "xalloc.h"

/* As for set: a pattern means those that can be saved. False: there is none. */
static bool skip_matched(struct saved_change *change, const struct targets *targets)
{
	size_t skipped = 0;

	for (size_t i = 0; i < change->nr; i++) {
		if (change->lines[i].state == POLICY_REFUSED && targets->by_glob[i] &&
		    targets->pmus[i]->access != AUX_ACCESS_RW)
			change->lines[i].state = POLICY_SKIPPED;
		skipped += change->lines[i].state == POLICY_SKIPPED;
	}
	return !skipped || skipped < change->nr;
}

static bool accept(struct cli *cli, const struct saved_change *change)
{
	bool accepted = true;

	for (size_t i = 0; i < change->nr; i++) {
		const struct saved_line *line = &change->lines[i];

		if (line->state != POLICY_REFUSED)
			continue;
		output_error(cli->output, line->status, line->pmu, "%s", line->reason);
		accepted = false;
	}
	if (change->state == POLICY_REFUSED)
		output_error(cli->output, change->status, NULL, "%s", change->reason);
	else if (!accepted && change->nr > 1)
		output_note(cli->output, "nothing was changed");
	return accepted && change->state != POLICY_REFUSED;
}

static void report_line(struct cli *cli, const struct saved_line *line)
{
	bool would = line->state == POLICY_PLANNED;

	switch (line->state) {
	case POLICY_PLANNED:
	case POLICY_DONE:
		if (line->want != ORDER_UNKNOWN)
			output_line(cli->output, "%s: order %d %ssaved", line->pmu, line->want,
				    would ? "would be " : "");
		else
			output_line(cli->output, "%s: order %d %s", line->pmu, line->before,
				    would ? "would no longer be saved" : "no longer saved");
		break;
	case POLICY_UNCHANGED:
		output_line(cli->output, "%s: %s", line->pmu, line->reason);
		break;
	case POLICY_SKIPPED:
		output_note(cli->output, "%s: skipped: %s", line->pmu, line->reason);
		break;
	case POLICY_REFUSED:
	case POLICY_FAILED:
		break;
	}
	if (line->note)
		output_note(cli->output, "%s: %s", line->pmu, line->note);
}

/* Each line of @text, which has to end in a newline, behind @prefix. */
static void report_text(struct cli *cli, const char *prefix, const char *text)
{
	char *copy = xstrdup(text), *rest = copy, *line;

	while ((line = strsep(&rest, "\n")) && *line)
		output_line(cli->output, "%s%s", prefix, line);
	free(copy);
}

static void order_member(struct cli *cli, const char *key, int order)
{
	if (order != ORDER_UNKNOWN)
		output_number(cli->output, key, order);
	else
		output_null(cli->output, key);
}

static void string_member(struct cli *cli, const char *key, const char *string)
{
	if (string)
		output_string(cli->output, key, string);
	else
		output_null(cli->output, key);
}

static void report_json(struct cli *cli, const struct saved_change *change)
{
	output_bool(cli->output, "dry_run", cli->options.dry_run);
	output_string(cli->output, "file", change->file);
	output_string(cli->output, "state", policy_state_name(change->state));
	string_member(cli, "diff", change->diff);
	string_member(cli, "command", change->command);
	output_begin_array(cli->output, "changes");
	for (size_t i = 0; i < change->nr; i++) {
		const struct saved_line *line = &change->lines[i];

		output_begin_object(cli->output, NULL);
		output_string(cli->output, "pmu", line->pmu);
		output_string(cli->output, "state", policy_state_name(line->state));
		order_member(cli, "before", line->before);
		order_member(cli, "want", line->want);
		string_member(cli, "rule", line->rule);
		string_member(cli, "reason", line->reason);
		string_member(cli, "note", line->note);
		output_end(cli->output);
	}
	output_end(cli->output);
}

static void report(struct cli *cli, const struct saved_change *change)
{
	if (cli->options.json)
		report_json(cli, change);
	for (size_t i = 0; i < change->nr; i++)
		report_line(cli, &change->lines[i]);
	if (change->state == POLICY_PLANNED || change->state == POLICY_DONE) {
		output_line(cli->output, "%s", change->file);
		report_text(cli, "  ", change->diff);
		output_line(cli->output, "%s", "the same by hand:");
		report_text(cli, "  ", change->command);
	}
	if (change->note)
		output_note(cli->output, "%s", change->note);
}

static void carry_out(struct cli *cli, struct saved_change *change)
{
	bool accepted = accept(cli, change);

	if (accepted && !cli->options.dry_run && !saved_apply(&cli->machine, change)) {
		output_error(cli->output, change->status, NULL, "%s", change->reason);
		accepted = false;
	}
	if (accepted || cli->options.json)
		report(cli, change);
	saved_change_clear(change);
}

void cmd_save(struct cli *cli, int argc, char **argv)
{
	struct saved_change change;
	struct targets targets;
	size_t keep = 0;

	if (argc ? !cli_aux_targets(cli, argc, argv, &targets) :
		   !cli_supported(cli) || !cli_targets(cli, 0, NULL, &targets))
		return;
	/* Without names: a snapshot of what can be set. */
	if (!argc) {
		for (size_t i = 0; i < targets.nr; i++)
			if (targets.pmus[i]->access == AUX_ACCESS_RW)
				targets.pmus[keep++] = targets.pmus[i];
		targets.nr = keep;
	}
	saved_plan(&cli->machine, targets.pmus, targets.nr, !argc, cli->options.readonly, &change);
	if (argc && !skip_matched(&change, &targets))
		output_error(cli->output, STATUS_REFUSED, NULL,
			     "no PMU the pattern matches can be saved");
	if (!targets.nr)
		output_note(cli->output, "no PMU here has an order that can be set");
	carry_out(cli, &change);
	targets_clear(&targets);
}

/* It is the name of a PMU here, or a pattern that one matches. */
static bool names_pmu(const struct pmu_list *list, const char *name)
{
	for (size_t i = 0; i < list->nr; i++)
		if (pmu_matches(&list->pmus[i], name))
			return true;
	return false;
}

/* A name need not be a PMU's: what is saved for hardware that is gone has to go as well. */
void cmd_unsave(struct cli *cli, int argc, char **argv)
{
	struct saved_change change;

	saved_plan_removal(&cli->machine, (const char *const *)argv, argc, cli->options.readonly,
			   &change);
	for (size_t i = 0; i < change.nr; i++) {
		struct saved_line *line = &change.lines[i];

		if (line->state != POLICY_UNCHANGED || names_pmu(&cli->machine.pmus, line->pmu))
			continue;
		line->state = POLICY_REFUSED;
		line->status = STATUS_NO_PMU;
		free(line->reason);
		line->reason = xstrdup("no such PMU, and nothing is saved for one");
	}
	if (!change.nr && change.state == POLICY_UNCHANGED)
		output_line(cli->output, "nothing is saved in %s", change.file);
	carry_out(cli, &change);
}
