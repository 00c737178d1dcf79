// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "max_order.h"
#include "pmu.h"

#define MAX_PMUS	256

static struct {
	struct pmu	pmu;
	mode_t		mode;
	int		order;
} saved[MAX_PMUS];
static unsigned int nr_saved;

void max_order_path(const char *pmu, char *path)
{
	snprintf(path, MAX_ORDER_PATH_LEN, PMU_DIR "/%.*s/aux_max_order", PMU_NAME_MAX, pmu);
}

mode_t max_order_mode(const char *pmu)
{
	char path[MAX_ORDER_PATH_LEN];
	struct stat st;

	max_order_path(pmu, path);
	return stat(path, &st) ? 0 : st.st_mode & 07777;
}

int max_order_read(const char *pmu)
{
	char path[MAX_ORDER_PATH_LEN], buf[64], *end;
	ssize_t len;
	long order;

	max_order_path(pmu, path);
	len = file_read(path, buf, sizeof(buf));
	if (len < 0)
		return len;

	/* One decimal number and a newline, nothing else. */
	order = strtol(buf, &end, 10);
	if (end == buf || strcmp(end, "\n") || buf[0] < '0' || buf[0] > '9')
		return -EBADMSG;

	return order;
}

ssize_t max_order_write(const char *pmu, const void *buf, size_t len)
{
	char path[MAX_ORDER_PATH_LEN];

	max_order_path(pmu, path);
	return file_write(path, buf, len);
}

int max_order_set(const char *pmu, unsigned int order)
{
	char path[MAX_ORDER_PATH_LEN];
	int ret;

	max_order_path(pmu, path);
	ret = file_write_ul(path, order);
	if (ret)
		return ret;

	return max_order_read(pmu) == (int)order ? 0 : -EIO;
}

void max_orders_save(void)
{
	static struct pmu pmus[MAX_PMUS];
	unsigned int i, nr = pmu_list(pmus, MAX_PMUS);

	nr_saved = 0;
	for (i = 0; i < nr; i++) {
		mode_t mode = max_order_mode(pmus[i].name);

		if (!mode)
			continue;

		saved[nr_saved].pmu = pmus[i];
		saved[nr_saved].mode = mode;
		saved[nr_saved].order = max_order_read(pmus[i].name);
		nr_saved++;
	}
}

void max_orders_restore(void)
{
	char path[MAX_ORDER_PATH_LEN];
	unsigned int i;

	for (i = 0; i < nr_saved; i++) {
		mode_t mode = max_order_mode(saved[i].pmu.name);

		if (mode && mode != saved[i].mode) {
			max_order_path(saved[i].pmu.name, path);
			chmod(path, saved[i].mode);
		}
		if (saved[i].mode & 0200 && saved[i].order != max_order_read(saved[i].pmu.name))
			max_order_set(saved[i].pmu.name, saved[i].order);
	}
}
