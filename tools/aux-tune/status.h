/* SPDX-License-Identifier: GPL-2.0-only */
/* What the program's exit status says; documented in aux-tune(8), so append only. */
#ifndef AUX_TUNE_STATUS_H
#define AUX_TUNE_STATUS_H

enum exit_status {
	STATUS_OK = 0,
	STATUS_FAILURE = 1,		/* an input or output error, a kernel that answers oddly */
	STATUS_USAGE = 2,		/* options or arguments that make no sense */
	STATUS_NO_PMU = 3,		/* no PMU of that name */
	STATUS_REFUSED = 4,		/* read-only PMU, no AUX area, order out of range */
	STATUS_NO_PERMISSION = 5,	/* would work for somebody with more rights */
	STATUS_NO_ATTRIBUTE = 6,	/* no PMU of this kernel has aux_max_order */
	STATUS_DRIFT = 7,		/* verify: a PMU has another order than a boot gives it */
};

/* The word JSON output uses for a status, e.g. "no-such-pmu". */
const char *status_code(enum exit_status status);

#endif
