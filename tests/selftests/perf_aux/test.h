/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TEST_H
#define TEST_H

#include "kselftest_harness.h"

#include "allocs.h"
#include "max_order.h"
#include "test_pmu.h"

/*
 * Instead of TEST_HARNESS_MAIN: leaves each aux_max_order as it was, no matter
 * how the tests end.
 */
#define TEST_MAIN						\
	int main(int argc, char **argv)				\
	{							\
		int ret;					\
								\
		test_pmu_load();				\
		max_orders_save();				\
		ret = test_harness_run(argc, argv);		\
		test_pmu_load();				\
		max_orders_restore();				\
		allocs_cleanup();				\
								\
		return ret;					\
	}

/* For the set-up of a fixture or test that needs the module aux_test_pmu. */
#define SKIP_WITHOUT_TEST_PMU()					\
	do {							\
		if (geteuid())					\
			SKIP(return, "needs root");		\
		if (test_pmu_load())				\
			SKIP(return, "no module aux_test_pmu (CONFIG_PERF_AUX_TEST_PMU)"); \
	} while (0)

/* Likewise for an attribute aux_max_order. */
#define SKIP_WITHOUT_MAX_ORDER(pmu)				\
	do {							\
		if (!max_order_mode(pmu))			\
			SKIP(return, "%s has no aux_max_order", pmu); \
	} while (0)

#endif /* TEST_H */
