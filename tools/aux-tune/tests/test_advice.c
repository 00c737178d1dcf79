// SPDX-License-Identifier: GPL-2.0-only
/* What a probe is said to mean: different evidence, different advice, and its numbers. */
#include <errno.h>

#include "tree.h"
#include "advice.h"
#include "auxmap.h"
#include "xalloc.h"

#define NR	11

struct fixture {
	struct machine machine;
	struct pmu pmu;
	struct probe_options options;
	struct probe_step steps[NR];
	struct limits limits;
	char *text;
};

/* An area of 64M at each order, all as asked, with all of memory in large blocks. */
static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->machine.page_size = 4096;
	f->machine.max_order = NR - 1;
	f->pmu = (struct pmu){
		.name = (char *)"intel_pt", .access = AUX_ACCESS_RW,
		.kind = { KIND_NICE, "because" },
	};
	f->options.size = 64 << 20;
	f->limits = (struct limits){
		.paranoid_known = true, .paranoid = 2, .mlock_kib = 516, .cpus = 4,
		.memlock = 8 << 20, .memlock_max = 8 << 20,
	};
	for (int i = 0; i < NR; i++) {
		struct probe_step *step = &f->steps[i];

		step->order = i;
		step->asked = i;
		step->stage = PROBE_MAPPED;
		step->source = PROBE_STATISTICS;
		step->map_ns = 1000000 * (NR - i);
		step->chunks.orders = i + 1;
		step->chunks.nr[i] = 16384 >> i;
		step->before.orders = NR;
		step->before.free[NR - 1] = 100;
	}
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	free(f->text);
	free(f);
	return 0;
}

static const char *advice(struct fixture *f, int nr)
{
	free(f->text);
	f->text = advice_text(&f->machine, &f->pmu, &f->options, f->steps, nr);
	return f->text;
}

static const char *failure(struct fixture *f, enum probe_stage stage, int error)
{
	f->steps[0].stage = stage;
	f->steps[0].error = error;
	free(f->text);
	f->text = advice_failure(&f->machine, &f->pmu, &f->options, &f->limits, &f->steps[0]);
	return f->text;
}

static void want(const char *text, const char *part)
{
	if (!text || !strstr(text, part))
		fail_msg("\"%s\" is not in: %s", part, text ?: "nothing");
}

/* From @order on, most of the area comes in chunks of the order below. */
static void fragment(struct fixture *f, int order)
{
	for (int i = order; i < NR; i++) {
		struct probe_step *step = &f->steps[i];

		memset(&step->chunks, 0, sizeof(step->chunks));
		step->chunks.orders = i + 1;
		step->chunks.nr[order - 1] = 16384 >> (order - 1);
		step->fallbacks = step->chunks.nr[order - 1];
		step->before.free[NR - 1] = 0;
		step->before.free[order - 1] = 10000;
	}
}

static void the_smallest_order_with_one_table_is_enough(void **state)
{
	struct fixture *f = *state;

	want(advice(f, NR), "Order 6 (256K)");
	want(f->text, "256 chunks (1 page of tables) instead of 16384 chunks (33 pages of tables)");
	want(f->text, "otherwise leave it at 0");
	assert_null(strstr(f->text, "fragmented"));
}

static void a_small_area_needs_no_larger_chunks(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < NR; i++)
		f->steps[i].chunks.nr[i] = (256 >> i) ?: 1;
	want(advice(f, NR), "Leave it at order 0");
	want(f->text, "256 chunks");
}

static void fragmentation_bounds_it(void **state)
{
	struct fixture *f = *state;

	fragment(f, 4);
	want(advice(f, NR), "Order 3 (32K)");
	want(f->text, "too fragmented for more: at order 4, 2048 of 2048 chunks came smaller");
	want(f->text, "only 0% of free memory");
	fragment(f, 1);
	want(advice(f, NR), "Leave it at order 0");
	want(f->text, "too fragmented");
}

static void who_does_not_care_is_told_to_leave_it(void **state)
{
	struct fixture *f = *state;

	f->pmu.kind.kind = KIND_DONT_CARE;
	want(advice(f, NR), "Leave it at order 0: because");
	want(f->text, "16 chunks of up to 4M instead of 16384");
}

static void an_unknown_driver_keeps_its_default(void **state)
{
	struct fixture *f = *state;

	f->pmu.kind.kind = KIND_UNKNOWN;
	want(advice(f, NR), "Leave it at order 0");
	want(f->text, "up to 10");
	fragment(f, 4);
	want(advice(f, NR), "fragmented");
}

static void one_area_says_what_is(void **state)
{
	struct fixture *f = *state;

	f->pmu.access = AUX_ACCESS_RO;
	f->pmu.kind.kind = KIND_MUST;
	want(advice(f, 1), "nothing to tune");
	f->steps[0].fallbacks = 3;
	want(advice(f, 1), "lower aux_max_order of the other PMUs");
	f->pmu.access = AUX_ACCESS_NONE;
	want(advice(f, 1), "without aux_max_order");
}

static void what_cannot_be_seen_is_not_guessed(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < NR; i++)
		f->steps[i].source = PROBE_UNSEEN;
	want(advice(f, NR), "cannot be seen");
	want(f->text, "11 ms at order 0");
	f->steps[0].stage = PROBE_AUX;
	assert_null(advice(f, 1));
}

static void limits_come_with_the_number_that_is_enough(void **state)
{
	struct fixture *f = *state;
	uint64_t pages = 16384 + AUXMAP_DATA_PAGES;

	want(failure(f, PROBE_AUX, -EPERM), "perf_event_mlock_kb from 516 to 16396");
	/* 4 CPUs times 129 pages are free, 15877 are more than that. */
	want(f->text, "ulimit -l 63508");
	want(f->text, "hard limit of 8192");
	assert_false(limits_allow(&f->limits, 4096, pages));
	f->limits.memlock = 0;
	f->limits.mlock_kib = 16396;
	assert_true(limits_allow(&f->limits, 4096, pages));
	f->limits.mlock_kib = 16392;
	assert_false(limits_allow(&f->limits, 4096, pages));
	f->limits.mlock_kib = 516;
	f->limits.memlock = 63508 * 1024;
	assert_true(limits_allow(&f->limits, 4096, pages));
	f->limits.memlock -= 1;
	assert_false(limits_allow(&f->limits, 4096, pages));
	f->limits.ipc_lock = true;
	assert_true(limits_allow(&f->limits, 4096, pages));
	/* Nothing that is known explains it: then no number is made up. */
	want(failure(f, PROBE_AUX, -EPERM), "other buffers of this user count");
}

static void errors_are_told_apart(void **state)
{
	struct fixture *f = *state;

	want(failure(f, PROBE_EVENT, -EACCES), "perf_event_paranoid=0");
	f->limits.paranoid = 4;
	want(failure(f, PROBE_EVENT, -EACCES), "perf_event_paranoid=2");
	want(failure(f, PROBE_EVENT, -EBUSY), "in use");
	want(failure(f, PROBE_EVENT, -ENOSYS), "container");
	want(failure(f, PROBE_EVENT, -ENOENT), "no event could be opened");
	want(failure(f, PROBE_AUX, -EOPNOTSUPP), "no AUX area");
	want(failure(f, PROBE_AUX, -EINVAL), "2^n pages");
	want(failure(f, PROBE_AUX, -ENODEV), "gone away");
	want(failure(f, PROBE_SETTING, -EIO), "could not be written");
	want(failure(f, PROBE_AUX, -ENOMEM), "driver refused");
	strcpy(f->steps[0].cause, "area_fail_setup");
	want(failure(f, PROBE_AUX, -ENOMEM), "area_fail_setup");
	assert_int_equal(advice_status(&f->steps[0]), STATUS_FAILURE);
	f->steps[0].error = -EPERM;
	assert_int_equal(advice_status(&f->steps[0]), STATUS_NO_PERMISSION);
	f->steps[0].error = -EOPNOTSUPP;
	assert_int_equal(advice_status(&f->steps[0]), STATUS_REFUSED);
}

static void one_chunk_is_too_large_or_not_free(void **state)
{
	struct fixture *f = *state;

	f->pmu.kind.kind = KIND_MUST;
	f->options.overwrite = true;
	want(failure(f, PROBE_AUX, -ENOMEM), "give --size 4M or less");
	f->options.size = 1 << 20;
	want(failure(f, PROBE_AUX, -ENOMEM), "of order 8, and 400 such blocks were free");
	f->steps[0].before.free[NR - 1] = 0;
	want(failure(f, PROBE_AUX, -ENOMEM), "0 such blocks");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_smallest_order_with_one_table_is_enough),
		T(a_small_area_needs_no_larger_chunks),
		T(fragmentation_bounds_it),
		T(who_does_not_care_is_told_to_leave_it),
		T(an_unknown_driver_keeps_its_default),
		T(one_area_says_what_is),
		T(what_cannot_be_seen_is_not_guessed),
		T(limits_come_with_the_number_that_is_enough),
		T(errors_are_told_apart),
		T(one_chunk_is_too_large_or_not_free),
	};

	return cmocka_run_group_tests_name("advice", tests, NULL, NULL);
}
