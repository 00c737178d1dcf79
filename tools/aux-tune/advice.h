/* SPDX-License-Identifier: GPL-2.0-only */
/* What a probe means, in sentences that name their evidence. */
#ifndef AUX_TUNE_ADVICE_H
#define AUX_TUNE_ADVICE_H

#include "perflimits.h"
#include "probe.h"

/* What to set, and why. NULL when no area could be mapped. The caller frees it. */
char *advice_text(const struct machine *machine, const struct pmu *pmu,
		  const struct probe_options *options, const struct probe_step *steps, int nr);

/* Why the area of a step with an error could not be mapped, and what to do. The caller frees it. */
char *advice_failure(const struct machine *machine, const struct pmu *pmu,
		     const struct probe_options *options, const struct limits *limits,
		     const struct probe_step *step);

/* The exit status for such a step. */
enum exit_status advice_status(const struct probe_step *step);

#endif
