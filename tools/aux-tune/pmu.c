// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "pmu.h"
#include "xalloc.h"

/* perf_event_attr::type is 32 bits wide. */
static int64_t read_type(const struct pmu *pmu, const struct kroot *root)
{
	char *path = xasprintf("%s/type", pmu->dir);
	char text[32], *end;
	unsigned long type;
	ssize_t len;

	len = kfile_read(root, path, text, sizeof(text));
	free(path);
	if (len < 0 || text[0] < '0' || text[0] > '9')
		return -1;
	errno = 0;
	type = strtoul(text, &end, 10);
	if (errno || type > UINT32_MAX || (*end && strcmp(end, "\n")))
		return -1;
	return type;
}

static void read_order(struct pmu *pmu, const struct kroot *root)
{
	char *path = pmu_order_file(pmu);
	char text[64];
	ssize_t len;
	mode_t mode;

	pmu->access = AUX_ACCESS_NONE;
	pmu->order = ORDER_UNKNOWN;
	pmu->order_error = 0;
	if (!kfile_mode(root, path, &mode)) {
		/* The mode and not a try: root may open anything, and the mode is the ABI. */
		pmu->access = mode & 0222 ? AUX_ACCESS_RW : AUX_ACCESS_RO;
		len = kfile_read(root, path, text, sizeof(text));
		pmu->order = len < 0 ? (int)len : order_from_attribute(text);
		if (pmu->order < 0) {
			pmu->order_error = pmu->order;
			pmu->order = ORDER_UNKNOWN;
		}
	}
	free(path);
}

void pmu_read(struct pmu *pmu, const struct kroot *root)
{
	pmu->type = read_type(pmu, root);
	read_order(pmu, root);
	switch (pmu->access) {
	case AUX_ACCESS_RW:
		pmu->default_order = 0;
		break;
	case AUX_ACCESS_RO:
		pmu->default_order = pmu->order;
		break;
	case AUX_ACCESS_NONE:
		pmu->default_order = ORDER_UNKNOWN;
		break;
	}
}

void pmu_classify(struct pmu *pmu, bool kernel_tells)
{
	if (kernel_tells && pmu->access == AUX_ACCESS_NONE)
		pmu->kind = (struct kind){ KIND_NONE, "no AUX area" };
	else
		pmu->kind = kind_of(pmu->name, pmu->access);
}

void pmu_list_add(struct pmu_list *list, const char *name, const char *dir)
{
	struct pmu pmu = {
		.name = xstrdup(name),
		.dir = xstrdup(dir),
		.type = -1,
		.order = ORDER_UNKNOWN,
		.default_order = ORDER_UNKNOWN,
	};

	list->pmus = xreallocarray(list->pmus, list->nr + 1, sizeof(pmu));
	list->pmus[list->nr++] = pmu;
}

static int compare_names(const void *a, const void *b)
{
	const struct pmu *left = a, *right = b;

	return strverscmp(left->name, right->name);
}

void pmu_list_sort(struct pmu_list *list)
{
	if (list->nr)
		qsort(list->pmus, list->nr, sizeof(*list->pmus), compare_names);
}

static void pmu_clear(struct pmu *pmu)
{
	free(pmu->name);
	free(pmu->dir);
	stats_clear(&pmu->stats);
	setters_clear(&pmu->saved);
}

void pmu_list_clear(struct pmu_list *list)
{
	for (size_t i = 0; i < list->nr; i++)
		pmu_clear(&list->pmus[i]);
	free(list->pmus);
	memset(list, 0, sizeof(*list));
}

struct pmu *pmu_list_find(const struct pmu_list *list, const char *name)
{
	struct pmu key = { .name = (char *)name };

	return list->nr ? bsearch(&key, list->pmus, list->nr, sizeof(key), compare_names) : NULL;
}

char *pmu_order_file(const struct pmu *pmu)
{
	return xasprintf("%s/aux_max_order", pmu->dir);
}

char *pmu_order_path(const struct pmu *pmu, const struct kroot *root)
{
	return xasprintf("%s" PMU_DEVICES "/%s/aux_max_order", root->prefix, pmu->name);
}

bool pmu_is_glob(const char *pattern)
{
	return strpbrk(pattern, "*?[");
}

bool pmu_matches(const struct pmu *pmu, const char *pattern)
{
	return !strcmp(pmu->name, pattern) || !fnmatch(pattern, pmu->name, 0);
}

/* Edit distance; names are short, so the plain two-row form. */
static size_t distance(const char *a, const char *b)
{
	size_t row[NAME_MAX + 1], la = strlen(a), lb = strlen(b);

	if (la > NAME_MAX || lb > NAME_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[lb];
}

const struct pmu *pmu_list_near(const struct pmu_list *list, const char *name)
{
	const struct pmu *near = NULL;
	size_t best = strlen(name) / 3 + 1;

	for (size_t i = 0; i < list->nr; i++) {
		const struct pmu *pmu = &list->pmus[i];
		/* "pt" for intel_pt is nearer than any edit. */
		bool part = strlen(name) > 1 && strcasestr(pmu->name, name);
		size_t d = part ? 0 : distance(name, pmu->name);

		if (d < best || (d == best && !near)) {
			best = d;
			near = pmu;
		}
	}
	return near;
}
