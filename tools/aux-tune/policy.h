/* SPDX-License-Identifier: GPL-2.0-only */
/* Changing a PMU's aux_max_order: check first, then write, and say exactly what happened. */
#ifndef AUX_TUNE_POLICY_H
#define AUX_TUNE_POLICY_H

#include <stdbool.h>

#include "machine.h"
#include "status.h"

/* As the wanted order: the value the PMU was registered with. */
#define POLICY_DEFAULT	(-2)

enum policy_state {
	POLICY_PLANNED,		/* checked, would be written */
	POLICY_UNCHANGED,	/* has the wanted order already */
	POLICY_REFUSED,		/* cannot be done; status and reason say why */
	POLICY_DONE,		/* written, and read back */
	POLICY_FAILED,		/* was tried; status and reason say what went wrong */
	POLICY_SKIPPED,		/* not tried: a pattern matched it that cannot be set */
};

struct policy_change {
	char *pmu;
	enum policy_state state;
	enum exit_status status;
	int before;
	int want;
	int after;		/* as read back; ORDER_UNKNOWN when it could not be */
	char *command;		/* the shell command that does the same */
	char *reason;		/* NULL unless refused, failed or skipped */
};

const char *policy_state_name(enum policy_state state);

/*
 * Checks one change without making it. @readonly refuses what would write. The change is
 * the caller's to clear.
 */
void policy_plan(const struct machine *machine, const struct pmu *pmu, int want, bool readonly,
		 struct policy_change *change);

/* Makes a planned change and updates the PMU's order. Returns false when it failed. */
bool policy_apply(struct machine *machine, struct policy_change *change);

void policy_change_clear(struct policy_change *change);

#endif
