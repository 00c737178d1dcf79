// SPDX-License-Identifier: GPL-2.0-only
/*
 * What AUX areas cost, measured from inside the guest: see usage below, and ../run
 * for what boots it.
 */

#include <err.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "kselftest.h"
#include "max_order.h"

static const char usage[] =
	"usage: aux_bench [--quick] CASE...\n"
	"\n"
	"Prints a line of CSV for each measurement:\n"
	"case,pmu,bytes,order,state,metric,value\n"
	"\n";

static const struct {
	const char	*name;
	void		(*run)(void);
	const char	*help;
} cases[] = {
	{ "costs",	bench_costs,	"zeroing, allocating and freeing single pages" },
	{ "map",	bench_map,	"mapping and unmapping AUX areas" },
	{ "topa",	bench_topa,	"what scattered pages cost intel_pt" },
	{ "blocks",	bench_blocks,	"large blocks taken, and huge pages meanwhile" },
	{ "must",	bench_must,	"contiguous AUX areas in fragmented memory" },
	{ "stall",	bench_stall,	"stalls of high-order attempts in fragmented memory" },
	{ "tool",	bench_tool,	"aux-tune, htop, powertop" },
};

bool quick;

void row(const struct subject *subject, const char *metric, double value)
{
	printf("%s,%s,", subject->name, subject->pmu ?: "-");
	if (subject->size)
		printf("%zu", subject->size);
	else
		printf("-");
	if (subject->order >= 0)
		printf(",%d,", subject->order);
	else
		printf(",-,");
	printf("%s,%s,%.15g\n", subject->state ?: "-", metric, value);
	if (fflush(stdout))
		err(1, "stdout");
}

int main(int argc, char **argv)
{
	int i, c;

	if (argc > 1 && !strcmp(argv[1], "--quick")) {
		quick = true;
		argc--;
		argv++;
	}
	if (argc < 2) {
		fputs(usage, stderr);
		for (c = 0; c < ARRAY_SIZE(cases); c++)
			fprintf(stderr, "  %-8s%s\n", cases[c].name, cases[c].help);
		return 2;
	}

	max_orders_save();
	for (i = 1; i < argc; i++) {
		for (c = 0; c < ARRAY_SIZE(cases); c++) {
			if (!strcmp(argv[i], cases[c].name))
				break;
		}
		if (c == ARRAY_SIZE(cases))
			errx(2, "%s: no such case", argv[i]);
		cases[c].run();
		max_orders_restore();
	}

	return 0;
}
