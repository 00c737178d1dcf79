// SPDX-License-Identifier: GPL-2.0-only
/* Orders for the next boot: saving them, and whether the machine has what is saved. */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "saved.h"
#include "text.h"
#include "tui_state.h"
#include "xalloc.h"

/* The tool's own command: what it does by hand takes many a line. */
static char *command_text(const struct tui *tui, const char *verb, const char *pmu)
{
	char *word = text_shell(pmu), *root = NULL, *text;

	if (!kroot_live(&tui->machine->root)) {
		char *dir = text_shell(tui->machine->root.prefix);

		root = xasprintf(" --root %s", dir);
		free(dir);
	}
	text = xasprintf("%saux-tune %s %s%s", geteuid() && !root ? "sudo " : "", verb, word,
			 root ?: "");
	free(root);
	free(word);
	return text;
}

static void report(struct tui *tui, const struct saved_change *change, const char *verb)
{
	const struct saved_line *line = &change->lines[0];
	bool done = change->state == POLICY_DONE && line->state == POLICY_DONE;
	char *notes = xasprintf("%s%s%s%s", line->note ? "; " : "", line->note ?: "",
				change->note ? "; " : "", change->note ?: "");

	if (done && line->want != ORDER_UNKNOWN)
		tui_say(tui, false, "%s: order %d saved for boot in %s%s", line->pmu, line->want,
			change->file, notes);
	else if (done)
		tui_say(tui, false, "%s: order %d is no longer saved%s", line->pmu, line->before,
			notes);
	else if (line->state == POLICY_UNCHANGED)
		tui_say(tui, false, "%s: %s", line->pmu, line->reason ?: "nothing to do");
	else
		tui_say(tui, true, "%s: %s", line->pmu,
			line->reason ?: change->reason ?: policy_state_name(change->state));
	if (done || line->status == STATUS_NO_PERMISSION ||
	    change->status == STATUS_NO_PERMISSION)
		tui->command = command_text(tui, verb, line->pmu);
	free(notes);
}

static void carry_out(struct tui *tui, struct saved_change *change, const char *verb)
{
	if (change->state == POLICY_PLANNED)
		saved_apply(tui->machine, change);
	if (change->nr)
		report(tui, change, verb);
	else
		tui_say(tui, true, "%s", change->reason ?: policy_state_name(change->state));
	saved_change_clear(change);
}

enum reaction tui_save(struct tui *tui)
{
	struct pmu *pmu = tui->selected ? pmu_list_find(&tui->machine->pmus, tui->selected) :
					  NULL;
	struct saved_change change;

	if (!pmu) {
		tui_say(tui, true, "%s", tui->selected ? "it has gone away" : "no PMU");
		return REACT_DRAW;
	}
	saved_plan(tui->machine, &pmu, 1, false, tui->options.readonly, &change);
	carry_out(tui, &change, "save");
	return REACT_DRAW;
}

/* Works for a PMU that has gone, too. */
enum reaction tui_unsave(struct tui *tui)
{
	const char *name = tui->selected;
	struct saved_change change;

	if (!name)
		return REACT_NONE;
	saved_plan_removal(tui->machine, &name, 1, tui->options.readonly, &change);
	carry_out(tui, &change, "unsave");
	return REACT_DRAW;
}

static void add_pmu(struct page *page, const struct machine *machine, const struct pmu *pmu)
{
	enum saved_drift drift = saved_drift(machine, pmu);
	int saved = saved_order(pmu);
	char order_text[16] = "-", saved_text[16] = "-";
	char *text;

	if (pmu->order != ORDER_UNKNOWN)
		snprintf(order_text, sizeof(order_text), "%d", pmu->order);
	if (saved != ORDER_UNKNOWN)
		snprintf(saved_text, sizeof(saved_text), "%d", saved);
	page_add(page, drift == DRIFT_NONE ? ROLE_NORMAL : ROLE_BAD, "%-20s %5s %5s %7d  %s",
		 pmu->name, order_text, saved_text, pmu->default_order,
		 drift == DRIFT_NONE ? "as after a boot" : saved_drift_name(drift));
	if (drift == DRIFT_NONE)
		return;
	text = saved_drift_text(machine, pmu);
	page_add(page, ROLE_NORMAL, "    %s", text);
	free(text);
}

static void add_absent(struct page *page, const struct machine *machine)
{
	struct saved_names absent;

	saved_absent(machine, &absent);
	if (absent.nr)
		page_add(page, ROLE_NORMAL, "%s", "");
	for (size_t i = 0; i < absent.nr; i++)
		page_add(page, ROLE_NORMAL, "%s: is saved, but not here now", absent.names[i]);
	saved_names_clear(&absent);
}

enum reaction tui_verify(struct tui *tui)
{
	const struct machine *machine = tui->machine;
	int nr = 0, drifts = 0;

	page_begin(&tui->text, "What the next boot would set");
	page_add(&tui->text, ROLE_HEADING, "%-20s %5s %5s %7s  %s", "PMU", "ORDER", "SAVED",
		 "DEFAULT", "DRIFT");
	saved_read(tui->machine);
	for (size_t i = 0; i < machine->pmus.nr; i++) {
		const struct pmu *pmu = &machine->pmus.pmus[i];

		if (pmu->access == AUX_ACCESS_NONE)
			continue;
		add_pmu(&tui->text, machine, pmu);
		nr++;
		drifts += saved_drift(machine, pmu) != DRIFT_NONE;
	}
	if (!nr)
		page_add(&tui->text, ROLE_NORMAL, "%s", machine->support == SUPPORT_YES ?
			 "no PMU" : machine_support_text(machine));
	add_absent(&tui->text, machine);
	tui_show_text(tui);
	if (drifts)
		tui_say(tui, true, "%d of %d would have another order after a boot", drifts, nr);
	else if (nr)
		tui_say(tui, false, "each PMU would have the order it has now");
	return REACT_DRAW;
}
