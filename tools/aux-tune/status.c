// SPDX-License-Identifier: GPL-2.0-only
#include "status.h"

const char *status_code(enum exit_status status)
{
	switch (status) {
	case STATUS_OK:
		return "ok";
	case STATUS_FAILURE:
		return "failure";
	case STATUS_USAGE:
		return "usage";
	case STATUS_NO_PMU:
		return "no-such-pmu";
	case STATUS_REFUSED:
		return "refused";
	case STATUS_NO_PERMISSION:
		return "no-permission";
	case STATUS_NO_ATTRIBUTE:
		return "no-attribute";
	case STATUS_DRIFT:
		return "drift";
	}
	return "failure";
}
