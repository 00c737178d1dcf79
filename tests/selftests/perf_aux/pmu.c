// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "area.h"
#include "file.h"
#include "pmu.h"

int pmu_find(const char *name, struct pmu *pmu)
{
	char path[sizeof(PMU_DIR "//type") + PMU_NAME_MAX];
	unsigned long type;

	if (strlen(name) >= sizeof(pmu->name))
		return -ENOENT;

	snprintf(path, sizeof(path), PMU_DIR "/%s/type", name);
	if (file_read_ul(path, &type))
		return -ENOENT;

	snprintf(pmu->name, sizeof(pmu->name), "%s", name);
	pmu->type = type;
	return 0;
}

unsigned int pmu_list(struct pmu *pmus, unsigned int max)
{
	unsigned int nr = 0;
	struct dirent *ent;
	DIR *dir;

	dir = opendir(PMU_DIR);
	if (!dir)
		return 0;

	while (nr < max && (ent = readdir(dir))) {
		if (ent->d_name[0] != '.' && !pmu_find(ent->d_name, &pmus[nr]))
			nr++;
	}

	closedir(dir);
	return nr;
}

enum pmu_aux pmu_has_aux(const struct pmu *pmu)
{
	struct event_spec spec = { .type = pmu->type, .cpu = -1 };
	struct area area;
	int ret;

	ret = area_open(&area, &spec);
	if (ret) {
		spec.pid = -1;
		spec.cpu = 0;
		ret = area_open(&area, &spec);
	}
	if (ret)
		return PMU_AUX_UNKNOWN;

	ret = area_map(&area, getpagesize(), false);
	area_close(&area);

	return ret == -EOPNOTSUPP ? PMU_AUX_NO : PMU_AUX_YES;
}
