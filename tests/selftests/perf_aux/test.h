/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TEST_H
#define TEST_H

#include "kselftest_harness.h"

#include "allocs.h"
#include "max_order.h"
#include "test_pmu.h"

/* Runs all tests, and leaves each aux_max_order as it was, no matter how they end. */
static inline int run_tests(int argc, char **argv)
{
	int ret;

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

#endif /* TEST_H */
