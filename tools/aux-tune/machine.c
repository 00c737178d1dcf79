// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"
#include "saved.h"
#include "xalloc.h"

#define PROC_MAX	(64 << 10)

/* Of all pages that Linux runs with. */
#define PAGE_KIB_MIN	4
#define PAGE_KIB_MAX	256

/* More memory than any machine has, in KiB: such a number is garbage. */
#define NUMBER_MAX	(UINT64_C(1) << 50)

/* "MemTotal:  2014356 kB": the number after a name at the start of a line; 0: not there. */
static uint64_t named_number(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, name, len))
			return strtoull(line + len, NULL, 10);
	}
	return 0;
}

static uint64_t read_number(const struct machine *machine, const char *path, const char *name)
{
	uint64_t number = 0;
	char *text;

	if (kfile_read_alloc(&machine->root, path, &text, PROC_MAX) < 0)
		return 0;
	number = named_number(text, name);
	free(text);
	return number;
}

/*
 * No file under /proc has the page size, but two have free memory: /proc/meminfo in KiB and
 * /proc/vmstat in pages. They were read one after the other, so they don't agree to the page.
 */
static void read_page_size(struct machine *machine)
{
	uint64_t kib, pages;

	machine->page_size = sysconf(_SC_PAGESIZE);
	if (kroot_live(&machine->root))
		return;
	kib = read_number(machine, "/proc/meminfo", "MemFree:");
	pages = read_number(machine, "/proc/vmstat", "nr_free_pages ");
	machine->page_size_assumed = true;
	if (!pages || pages > NUMBER_MAX || kib > NUMBER_MAX)
		return;
	for (uint64_t size = PAGE_KIB_MIN; size <= PAGE_KIB_MAX; size *= 2) {
		if (kib * 4 < pages * size * 3 || kib * 4 >= pages * size * 6)
			continue;
		machine->page_size = size * 1024;
		machine->page_size_assumed = false;
	}
}

static void read_release(struct machine *machine)
{
	ssize_t len = kfile_read(&machine->root, "/proc/sys/kernel/osrelease", machine->release,
				 sizeof(machine->release));

	if (len <= 0)
		strcpy(machine->release, "unknown");
	machine->release[strcspn(machine->release, "\n")] = '\0';
}

static enum machine_support find_support(const struct machine *machine)
{
	bool known_aux = false;

	for (size_t i = 0; i < machine->pmus.nr; i++) {
		const struct pmu *pmu = &machine->pmus.pmus[i];

		if (pmu->access != AUX_ACCESS_NONE)
			return SUPPORT_YES;
		known_aux |= kind_known_aux(pmu->name);
	}
	if (machine->pmus_error)
		return SUPPORT_UNKNOWN;
	if (known_aux)
		return SUPPORT_NO_KERNEL;
	return machine->stats_missing ? SUPPORT_UNKNOWN : SUPPORT_NO_PMU;
}

/* /proc/buddyinfo has a column per order; else a NO_SG PMU's value is the largest. */
static int find_max_order(const struct machine *machine)
{
	int max = buddyinfo_max_order(&machine->buddy);

	for (size_t i = 0; max == ORDER_UNKNOWN && i < machine->pmus.nr; i++)
		if (machine->pmus.pmus[i].access == AUX_ACCESS_RO)
			max = machine->pmus.pmus[i].order;
	return max;
}

static void read_stats(struct machine *machine)
{
	machine->stats_missing = stats_missing(&machine->root);
	areas_clear(&machine->areas);
	machine->areas_error = 0;
	if (!machine->stats_missing)
		machine->areas_error = areas_read(&machine->areas, &machine->root);
	for (size_t i = 0; i < machine->pmus.nr; i++) {
		struct pmu *pmu = &machine->pmus.pmus[i];

		stats_clear(&pmu->stats);
		pmu->stats_error = 0;
		if (!machine->stats_missing && pmu->access != AUX_ACCESS_NONE)
			pmu->stats_error = stats_read(&pmu->stats, &machine->root, pmu->name);
	}
}

void machine_read_pmus(struct machine *machine)
{
	pmu_list_clear(&machine->pmus);
	machine->pmus_error = devices_scan(machine->devices, &machine->pmus);
	for (size_t i = 0; i < machine->pmus.nr; i++)
		pmu_read(&machine->pmus.pmus[i], &machine->root);
	read_stats(machine);
	saved_read(machine);
	machine->support = find_support(machine);
	machine->max_order = find_max_order(machine);
	for (size_t i = 0; i < machine->pmus.nr; i++)
		pmu_classify(&machine->pmus.pmus[i], machine->support == SUPPORT_YES);
}

void machine_read_counters(struct machine *machine)
{
	buddyinfo_clear(&machine->buddy);
	machine->buddy_error = buddyinfo_read(&machine->buddy, &machine->root);
	read_stats(machine);
}

int machine_open(struct machine *machine, const char *dir)
{
	int err;

	memset(machine, 0, sizeof(*machine));
	err = kroot_open(&machine->root, dir);
	if (err)
		return err;
	machine->devices = devices_open(&machine->root);
	if (!machine->devices) {
		kroot_close(&machine->root);
		return -ENOMEM;
	}
	read_page_size(machine);
	read_release(machine);
	machine->buddy_error = buddyinfo_read(&machine->buddy, &machine->root);
	machine_read_pmus(machine);
	return 0;
}

void machine_close(struct machine *machine)
{
	pmu_list_clear(&machine->pmus);
	buddyinfo_clear(&machine->buddy);
	areas_clear(&machine->areas);
	rule_files_clear(&machine->rules);
	devices_close(machine->devices);
	kroot_close(&machine->root);
}

int machine_huge_order(const struct machine *machine)
{
	/* One page of page table entries, each of 8 bytes, maps one: 2 MiB with pages of 4 KiB. */
	int order = __builtin_ctzl(machine->page_size) - 3;

	return order < machine->max_order ? order : machine->max_order;
}

const char *machine_support_text(const struct machine *machine)
{
	switch (machine->support) {
	case SUPPORT_YES:
		break;
	case SUPPORT_NO_KERNEL:
		return "this kernel has no aux_max_order: its AUX chunk orders cannot be tuned";
	case SUPPORT_NO_PMU:
		return "no PMU of this machine has an AUX area: there is no chunk order to tune";
	case SUPPORT_UNKNOWN:
		return "no PMU here has aux_max_order: the kernel lacks it, or no PMU has an AUX area";
	}
	return "";
}

bool machine_lists(const struct machine *machine, const struct pmu *pmu)
{
	return machine->support != SUPPORT_YES || pmu->access != AUX_ACCESS_NONE;
}
