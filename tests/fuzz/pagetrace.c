// SPDX-License-Identifier: GPL-2.0-only
/* A trace of kmem:mm_page_alloc: its blocks are those of its lines, each by itself. */
#include <errno.h>

#include "fuzz.h"
#include "pagetrace.h"
#include "xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	char *text = fuzz_string(&input), *rest = text, *line;
	struct chunks all, one, sum = { 0 };
	int err = pagetrace_count(text, &all), line_err = 0;

	CHECK(!err || err == -ENOSPC);
	CHECK(all.orders >= 0 && all.orders <= STATS_ORDERS);
	CHECK(!all.nr[0]);
	while ((line = strsep(&rest, "\n"))) {
		char *copy = xstrdup(line);

		if (pagetrace_count(copy, &one))
			line_err = -ENOSPC;
		CHECK(chunks_total(&one) <= 1);
		for (int i = 0; i < one.orders; i++)
			sum.nr[i] += one.nr[i];
		if (one.orders > sum.orders)
			sum.orders = one.orders;
		free(copy);
	}
	CHECK(line_err == err);
	CHECK(!memcmp(&sum, &all, sizeof(all)));
	free(text);
	return 0;
}
