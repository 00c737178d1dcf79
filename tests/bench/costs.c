// SPDX-License-Identifier: GPL-2.0-only
/* The floor: what single pages cost the kernel, without any AUX area. */

#include <err.h>
#include <stdio.h>

#include "bench.h"

void bench_costs(void)
{
	struct subject subject = { .name = "costs", .order = 0 };
	unsigned long long cycles;
	unsigned int nr, rows, turn;
	char name[32];
	FILE *file;

	/* The first turn fills the free lists of the CPU. */
	for (turn = 0; turn < (quick ? 2 : 4); turn++) {
		file = fopen("/sys/kernel/debug/aux_bench_pages/costs", "r");
		if (!file)
			err(1, "/sys/kernel/debug/aux_bench_pages/costs");
		for (rows = 0; fscanf(file, "%31s %u %llu", name, &nr, &cycles) == 3; rows++) {
			if (turn)
				row(&subject, name, (double)cycles / nr);
		}
		fclose(file);
		if (!rows)
			errx(1, "aux_bench_pages: no costs");
	}
}
