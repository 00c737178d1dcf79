// SPDX-License-Identifier: GPL-2.0-only
/* Names of PMUs and patterns for them: found by name, matched as a simple matcher does. */
#include "fuzz.h"
#include "larger.h"
#include "pmu.h"
#include "xalloc.h"

/* '*' and '?' only. */
static bool glob(const char *pattern, const char *name)
{
	const char *star = NULL, *from = NULL;

	while (*name) {
		if (*pattern == '*') {
			star = pattern++;
			from = name;
		} else if (*pattern && (*pattern == '?' || *pattern == *name)) {
			pattern++;
			name++;
		} else if (star) {
			pattern = star + 1;
			name = ++from;
		} else {
			return false;
		}
	}
	return !pattern[strspn(pattern, "*")];
}

static bool is_simple(const char *s)
{
	for (const unsigned char *c = (const unsigned char *)s; *c; c++)
		if (*c >= 0x80)
			return false;
	return !strpbrk(s, "[\\");
}

static void check_matches(const struct pmu *pmu, const char *pattern)
{
	bool match = pmu_matches(pmu, pattern);

	CHECK(!match || pmu_is_glob(pattern) || strchr(pattern, '\\') ||
	      !strcmp(pattern, pmu->name));
	if (is_simple(pattern) && is_simple(pmu->name))
		CHECK(match == glob(pattern, pmu->name));
	CHECK(pmu_matches(pmu, "*"));
}

static void check_list(struct pmu_list *list, const char *pattern)
{
	const struct pmu *near;

	pmu_list_sort(list);
	for (size_t i = 0; i < list->nr; i++) {
		struct pmu *pmu = &list->pmus[i];

		CHECK(!i || strcmp(list->pmus[i - 1].name, pmu->name));
		CHECK(pmu_list_find(list, pmu->name) == pmu);
		check_matches(pmu, pattern);
		for (int access = AUX_ACCESS_NONE; access <= AUX_ACCESS_RW; access++) {
			struct kind kind = kind_of(pmu->name, access);

			CHECK(kind.reason && *kind_name(kind.kind));
			CHECK(access != AUX_ACCESS_RO || kind.kind == KIND_MUST);
			CHECK(access == AUX_ACCESS_NONE || kind.kind != KIND_NONE);
		}
		larger_of(pmu->name);
	}
	near = pmu_list_near(list, pattern);
	CHECK(!near || pmu_list_find(list, near->name) == near);
	if (pmu_list_find(list, pattern))
		CHECK(near);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	char *pattern = fuzz_string(&input);
	struct pmu_list list = { 0 };

	while (input.size && list.nr < 16) {
		char *name = fuzz_name(&input);
		bool twice = false;

		for (size_t i = 0; i < list.nr; i++)
			twice |= !strcmp(list.pmus[i].name, name);
		if (!twice)
			pmu_list_add(&list, name, "/sys");
		free(name);
	}
	check_list(&list, pattern);
	pmu_list_clear(&list);
	free(pattern);
	return 0;
}
