// SPDX-License-Identifier: GPL-2.0-only
/* set and reset: one plan for all PMUs, checked as a whole before the first write. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cli.h"
#include "policy.h"
#include "xalloc.h"

struct plan {
	struct policy_change *changes;
	size_t nr;
};

static void make_plan(struct cli *cli, const struct targets *targets, int want,
		      struct plan *plan)
{
	plan->nr = targets->nr;
	plan->changes = xcalloc(plan->nr, sizeof(*plan->changes));
	for (size_t i = 0; i < plan->nr; i++) {
		struct policy_change *change = &plan->changes[i];
		const struct pmu *pmu = targets->pmus[i];

		policy_plan(&cli->machine, pmu, want, cli->options.readonly, change);
		/* "All I can set" is what a pattern means; the others are said, not refused. */
		if (change->state == POLICY_REFUSED && targets->by_glob[i] &&
		    pmu->access != AUX_ACCESS_RW)
			change->state = POLICY_SKIPPED;
	}
}

static void clear_plan(struct plan *plan)
{
	for (size_t i = 0; i < plan->nr; i++)
		policy_change_clear(&plan->changes[i]);
	free(plan->changes);
}

static size_t count(const struct plan *plan, enum policy_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->nr; i++)
		n += plan->changes[i].state == state;
	return n;
}

/* The names of the changes in @state: "a, b". */
static char *names(const struct plan *plan, enum policy_state state)
{
	char *list = xstrdup("");

	for (size_t i = 0; i < plan->nr; i++) {
		char *longer;

		if (plan->changes[i].state != state)
			continue;
		longer = xasprintf("%s%s%s", list, *list ? ", " : "", plan->changes[i].pmu);
		free(list);
		list = longer;
	}
	return list;
}

/* Errors for what was refused. False: nothing may be written. */
static bool accept_plan(struct cli *cli, struct plan *plan)
{
	size_t refused = count(plan, POLICY_REFUSED);

	for (size_t i = 0; i < plan->nr; i++) {
		const struct policy_change *change = &plan->changes[i];

		if (change->state == POLICY_REFUSED)
			output_error(cli->output, change->status, change->pmu, "%s",
				     change->reason);
	}
	if (!refused && plan->nr && count(plan, POLICY_SKIPPED) == plan->nr) {
		output_error(cli->output, STATUS_REFUSED, NULL,
			     "no PMU the pattern matches can be set");
		return false;
	}
	if (refused && count(plan, POLICY_PLANNED))
		output_note(cli->output, "nothing was changed");
	return !refused;
}

static void apply_plan(struct cli *cli, struct plan *plan)
{
	for (size_t i = 0; i < plan->nr; i++) {
		struct policy_change *change = &plan->changes[i];
		char *done, *left;

		if (change->state != POLICY_PLANNED || policy_apply(&cli->machine, change))
			continue;

		output_error(cli->output, change->status, change->pmu, "%s", change->reason);
		done = names(plan, POLICY_DONE);
		left = names(plan, POLICY_PLANNED);
		if (plan->nr > 1)
			output_note(cli->output, "changed before that: %s; not tried: %s",
				    *done ? done : "none", *left ? left : "none");
		free(done);
		free(left);
		return;
	}
}

static void report_change(struct cli *cli, const struct policy_change *change)
{
	uint64_t kib = 0;

	if (change->want >= 0)
		kib = order_bytes(change->want, cli->machine.page_size) / 1024;
	switch (change->state) {
	case POLICY_PLANNED:
		/* Without --dry-run: not tried, after another one failed. */
		if (!cli->options.dry_run)
			break;
		/* fall through */
	case POLICY_DONE:
		output_line(cli->output, "%s: %sorder %d -> %d (chunks of up to %" PRIu64 " KiB)",
			    change->pmu, change->state == POLICY_PLANNED ? "would change " : "",
			    change->before, change->want, kib);
		output_line(cli->output, "  %s", change->command);
		break;
	case POLICY_UNCHANGED:
		output_line(cli->output, "%s: order is %d already", change->pmu, change->want);
		break;
	case POLICY_SKIPPED:
		output_note(cli->output, "%s: skipped: %s", change->pmu, change->reason);
		break;
	case POLICY_REFUSED:
	case POLICY_FAILED:
		break;
	}
}

static void report_plan(struct cli *cli, const struct plan *plan)
{
	const void **rows = xcalloc(plan->nr, sizeof(*rows));
	struct selection selection;

	for (size_t i = 0; i < plan->nr; i++) {
		rows[i] = &plan->changes[i];
		report_change(cli, &plan->changes[i]);
	}
	if (cli->options.json) {
		output_bool(cli->output, "dry_run", cli->options.dry_run);
		selection_common(&selection, &change_columns, true, true);
		output_table(cli->output, "changes", &cli->machine, &selection, rows, plan->nr);
		selection_clear(&selection);
	}
	free(rows);
}

static void change_targets(struct cli *cli, const struct targets *targets, int want)
{
	bool accepted;
	struct plan plan;

	make_plan(cli, targets, want, &plan);
	accepted = accept_plan(cli, &plan);
	if (accepted && !cli->options.dry_run)
		apply_plan(cli, &plan);
	/* What was planned next to a refusal is not worth a line: it did not happen. */
	if (accepted || cli->options.json)
		report_plan(cli, &plan);
	clear_plan(&plan);
}

void cmd_set(struct cli *cli, int argc, char **argv)
{
	const char *text = argv[argc - 1];
	struct targets targets;
	char *why;
	int want;

	if (!cli_aux_targets(cli, argc - 1, argv, &targets))
		return;
	want = order_parse(text, cli->machine.max_order, cli->machine.page_size, &why);
	if (want >= 0)
		change_targets(cli, &targets, want);
	else
		output_error(cli->output, want == -ERANGE ? STATUS_REFUSED : STATUS_USAGE, NULL,
			     "%s", why);
	free(why);
	targets_clear(&targets);
}

void cmd_reset(struct cli *cli, int argc, char **argv)
{
	struct targets targets;

	if (!cli_aux_targets(cli, argc, argv, &targets))
		return;
	change_targets(cli, &targets, POLICY_DEFAULT);
	targets_clear(&targets);
}
