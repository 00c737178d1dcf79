/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TEST_H
#define TEST_H

#include <limits.h>
#include <stdlib.h>

#include "kselftest_harness.h"

#include "allocs.h"
#include "max_order.h"
#include "test_pmu.h"

/*
 * PERF_AUX_PATIENCE=N in the environment: everything may take N times as long as is
 * usual, as on a kernel with debugging options, in emulation.
 */
static inline void be_patient(void)
{
	const char *value = getenv("PERF_AUX_PATIENCE");
	int factor = value ? atoi(value) : 1;
	struct __fixture_metadata *fixture;
	struct __test_metadata *test;

	if (factor < 1)
		return;
	for (fixture = __fixture_list; fixture; fixture = fixture->next) {
		for (test = fixture->tests; test; test = test->next) {
			if (test->timeout < INT_MAX / 1000 / factor)
				test->timeout *= factor;
		}
	}
}

/* Runs all tests, and leaves each aux_max_order as it was, no matter how they end. */
static inline int run_tests(int argc, char **argv)
{
	int ret;

	be_patient();
	test_pmu_load();
	max_orders_save();

	ret = test_harness_run(argc, argv);

	test_pmu_load();
	max_orders_restore();
	allocs_cleanup();

	return ret;
}

/*
 * For SKIP(): what a test lacks that needs the module aux_test_pmu. NULL if it can
 * run.
 */
static inline const char *lacks_test_pmu(void)
{
	if (geteuid())
		return "needs root";
	if (test_pmu_load())
		return "no module aux_test_pmu (CONFIG_PERF_AUX_TEST_PMU)";

	return NULL;
}

/* What a test lacks that unregisters a PMU under its events, after lacks_test_pmu(). */
static inline const char *lacks_revocation(void)
{
	return test_pmu_revokes() ? NULL : "this kernel doesn't take events away from a PMU";
}

#endif /* TEST_H */
