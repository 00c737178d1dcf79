/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TEST_PMU_H
#define TEST_PMU_H

#include <linux/types.h>
#include <stddef.h>
#include <sys/types.h>

/* The module aux_test_pmu. Those that can fail return a negative errno. */

#define TEST_PMU_DIR		"/sys/kernel/debug/aux_test_pmu"
#define TEST_PMU_MUST		"aux_test_must"
#define TEST_PMU_NICE		"aux_test_nice"
#define TEST_PMU_DONTCARE	"aux_test_dontcare"

/* For perf_event_attr::config and config1; 0 is the default of each. */
#define TEST_PMU_REFUSE		0x1000000000000ULL	/* setup_aux() fails */
__u64 test_pmu_config(__u32 bytes, __u16 seed);

/* Loads the module if it isn't loaded. */
int test_pmu_load(void);

/* As rmmod does, without waiting. Unregisters all PMUs of the module. */
int test_pmu_unload(void);

/* Its reference count, or -ENOENT. */
int test_pmu_references(void);

int test_pmu_register(const char *name, const char *kind);
int test_pmu_unregister(const char *name);

/*
 * 1 if a PMU can be unregistered while it has events, which are revoked then; 0 if
 * that is refused, as by kernels whose perf_pmu_unregister() can't do it.
 */
int test_pmu_revokes(void);

#endif /* TEST_PMU_H */
