// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "tree.h"
#include "pagetrace.h"

#define HEADING		"# tracer: nop\n#\n# entries-in-buffer/entries-written: 5/5   #P:2\n#\n"
#define LINE(rest)	"        aux-tune-81 [000] .....  7.1: mm_page_alloc: page=00000000e2 " rest "\n"
#define CHUNK		"migratetype=0 gfp_flags=GFP_KERNEL|__GFP_NOWARN|__GFP_ZERO"

static void chunks_are_told_from_other_blocks(void **state)
{
	struct chunks chunks;

	assert_int_equal(pagetrace_count(HEADING
		LINE("pfn=0x100 order=9 " CHUNK)
		LINE("pfn=0x300 order=9 " CHUNK)
		LINE("pfn=0x500 order=3 " CHUNK)
		LINE("pfn=0x580 order=3 migratetype=0 gfp_flags=GFP_NOWAIT|__GFP_IO|__GFP_FS|"
		     "__GFP_NORETRY|__GFP_ZERO|__GFP_NOMEMALLOC")
		/* The array of page addresses, and an attempt that failed. */
		LINE("pfn=0x600 order=5 " CHUNK "|__GFP_COMP")
		LINE("pfn=0x0 order=10 " CHUNK)
		LINE("pfn=0x700 order=4 migratetype=0 gfp_flags=GFP_KERNEL|__GFP_NOWARN"),
		&chunks), 0);
	assert_int_equal(chunks.orders, 10);
	assert_int_equal(chunks.nr[9], 2);
	assert_int_equal(chunks.nr[3], 2);
	assert_int_equal(chunks_total(&chunks), 4);
}

static void single_pages_are_the_rest_and_not_counted(void **state)
{
	struct chunks chunks;

	assert_int_equal(pagetrace_count(HEADING LINE("pfn=0x100 order=0 " CHUNK), &chunks), 0);
	assert_int_equal(chunks.orders, 0);
}

static void a_ring_that_wrapped_is_no_count(void **state)
{
	struct chunks chunks;

	assert_int_equal(pagetrace_count("# entries-in-buffer/entries-written: 5/6   #P:2\n"
					 LINE("pfn=0x100 order=9 " CHUNK), &chunks), -ENOSPC);
}

static void garbage_is_passed_over(void **state)
{
	struct chunks chunks;

	assert_int_equal(pagetrace_count("", &chunks), 0);
	assert_int_equal(pagetrace_count(LINE("pfn=0x1 order=99999999999999999999 " CHUNK)
					 LINE("pfn=0x1 order=-1 " CHUNK)
					 LINE("order=3 " CHUNK) LINE("pfn=0x1 " CHUNK)
					 "mm_page_alloc: pfn=0x1 order=3\n"
					 " mm_page_alloc: pfn=0x1 order=3 " CHUNK, &chunks), 0);
	assert_int_equal(chunks_total(&chunks), 1);
	/* A number that is missing is not that of the next line. */
	assert_int_equal(pagetrace_count(" mm_page_alloc: " CHUNK " pfn=0x1 order=\n3\n"
					 "# entries-in-buffer/entries-written: \n5/6\n", &chunks), 0);
	assert_int_equal(chunks_total(&chunks), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chunks_are_told_from_other_blocks),
		cmocka_unit_test(single_pages_are_the_rest_and_not_counted),
		cmocka_unit_test(a_ring_that_wrapped_is_no_count),
		cmocka_unit_test(garbage_is_passed_over),
	};

	return cmocka_run_group_tests_name("pagetrace", tests, NULL, NULL);
}
