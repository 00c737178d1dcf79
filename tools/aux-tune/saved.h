/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Orders that outlive a reboot: udev rules. What they are is in struct pmu (saved), read with
 * the PMUs; here is whether the machine has what they say, and how to change one file of them.
 */
#ifndef AUX_TUNE_SAVED_H
#define AUX_TUNE_SAVED_H

#include "machine.h"
#include "policy.h"

#define SAVED_FILE	RULES_DIR "/60-aux-tune.rules"

/* How the running order and the one a boot would give differ. */
enum saved_drift {
	DRIFT_NONE,
	DRIFT_CHANGED,		/* it runs with another order than the one saved */
	DRIFT_UNSAVED,		/* it does not have its default, and nothing is saved */
	DRIFT_REFUSED,		/* the kernel refuses what is saved */
	DRIFT_UNSURE,		/* only a rule that may or may not run could have set it */
};

/* "none", "changed", "unsaved", "refused", "unsure". */
const char *saved_drift_name(enum saved_drift drift);

enum saved_drift saved_drift(const struct machine *machine, const struct pmu *pmu);

/* The same as a sentence, with the file and line; the caller frees it. */
char *saved_drift_text(const struct machine *machine, const struct pmu *pmu);

/* What udev would set, ORDER_UNKNOWN when no rule is certain to set anything valid. */
int saved_order(const struct pmu *pmu);

/* Reads the rules anew; PMUs stay where they are. */
void saved_read(struct machine *machine);

/* The same if a rules directory has changed; true when it has. Cheap enough for each second. */
bool saved_refresh(struct machine *machine);

/* Names in SAVED_FILE of PMUs that this machine does not have now. */
struct saved_names {
	char **names;
	size_t nr;
};

void saved_absent(const struct machine *machine, struct saved_names *absent);
void saved_names_clear(struct saved_names *names);

/* One PMU's line of SAVED_FILE. */
struct saved_line {
	char *pmu;
	enum policy_state state;
	enum exit_status status;
	int before;			/* what is saved; ORDER_UNKNOWN: nothing */
	int want;			/* ORDER_UNKNOWN: no line */
	char *rule;			/* the line that is written or removed, NULL without one */
	char *reason;			/* refused, failed, skipped, unchanged; NULL */
	char *note;			/* what to know although it is done, NULL */
};

struct saved_change {
	enum policy_state state;	/* of the file: planned, unchanged, refused, done, failed */
	enum exit_status status;
	char *reason;			/* NULL unless refused or failed */
	char *note;			/* what to know about the file although it is done, NULL */
	char *file;			/* SAVED_FILE with the root's prefix */
	char *diff;			/* lines after '-', '+' or ' '; "" without change */
	char *command;			/* shell commands that do the same, one on each line */
	struct saved_line *lines;
	size_t nr;
};

/*
 * Plans to save the running orders of PMUs. @only_needed leaves out, as unchanged, those that
 * a boot would give their running order anyhow. Refused as a whole when one is.
 */
void saved_plan(const struct machine *machine, struct pmu *const *pmus, size_t nr,
		bool only_needed, bool readonly, struct saved_change *change);

/*
 * Plans to remove lines, by names of PMUs, which need not be there, or patterns. Without names
 * all of them.
 */
void saved_plan_removal(const struct machine *machine, const char *const *names, size_t nr,
			bool readonly, struct saved_change *change);

/*
 * Makes a planned change, tells udev and reads the rules anew. False when it failed: then the
 * file is as it was, unless the reason says otherwise.
 */
bool saved_apply(struct machine *machine, struct saved_change *change);

void saved_change_clear(struct saved_change *change);

#endif
