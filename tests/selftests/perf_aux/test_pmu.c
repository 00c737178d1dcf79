// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "area.h"
#include "file.h"
#include "pmu.h"
#include "test_pmu.h"

#define MODULE	"aux_test_pmu"
#define PROBE	"aux_test_probe"

__u64 test_pmu_config(__u32 bytes, __u16 seed)
{
	return bytes | (__u64)seed << 32;
}

int test_pmu_load(void)
{
	char *const argv[] = { "modprobe", "-q", MODULE, NULL };
	int status;
	pid_t pid;

	if (!access(TEST_PMU_DIR "/areas", F_OK))
		return 0;

	if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ))
		return -ENOENT;
	if (waitpid(pid, &status, 0) != pid || status)
		return -ENOENT;

	return access(TEST_PMU_DIR "/areas", F_OK) ? -errno : 0;
}

int test_pmu_unload(void)
{
	return syscall(SYS_delete_module, MODULE, O_NONBLOCK) ? -errno : 0;
}

int test_pmu_references(void)
{
	unsigned long refs;
	int ret;

	ret = file_read_ul("/sys/module/" MODULE "/refcnt", &refs);
	return ret ?: (int)refs;
}

int test_pmu_register(const char *name, const char *kind)
{
	char command[256];

	snprintf(command, sizeof(command), "%s %s", name, kind);
	return file_write_str(TEST_PMU_DIR "/register", command);
}

int test_pmu_unregister(const char *name)
{
	return file_write_str(TEST_PMU_DIR "/unregister", name);
}

int test_pmu_revokes(void)
{
	struct event_spec spec = { .cpu = -1 };
	struct area area;
	struct pmu pmu;
	int ret;

	ret = test_pmu_register(PROBE, "nice");
	if (ret)
		return ret;

	ret = pmu_find(PROBE, &pmu);
	if (!ret) {
		spec.type = pmu.type;
		ret = area_open(&area, &spec);
	}
	if (!ret) {
		ret = test_pmu_unregister(PROBE);
		area_close(&area);
	}
	if (ret)
		test_pmu_unregister(PROBE);

	return ret == -EBUSY ? 0 : ret ?: 1;
}
