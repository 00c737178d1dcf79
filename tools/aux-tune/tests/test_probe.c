// SPDX-License-Identifier: GPL-2.0-only
/* A probe with AUX areas that are none: what it reports, and that the setting is put back. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tree.h"
#include "auxmap.h"
#include "pagetrace.h"
#include "probe.h"
#include "xalloc.h"

#define ATTRIBUTE	PMU_DEVICES "/nice/aux_max_order"
#define AREAS		"/sys/kernel/debug/perf_aux/areas"
#define STATS		"/sys/kernel/debug/perf_aux/nice/stats"

/* What the process that maps the areas does, at one order or at all. */
static struct {
	char *dir;
	int at;			/* ORDER_UNKNOWN: always */
	int open_error;
	int map_error;
	int raise;		/* a signal, as it maps */
	int raise_in_write;	/* and before it writes this order */
	bool wait;		/* until a signal comes */
	const char *somebody;	/* writes this to the attribute */
	const char *chunks;	/* of the row in debugfs; NULL: there is none */
	bool possible;
} fake;

bool __wrap_auxmap_possible(const struct kroot *root);
int __wrap_auxmap_open(struct auxmap *map, const struct kroot *root, const char *name,
		       const char *dir, int64_t type, bool *event_open);
int __wrap_auxmap_map(struct auxmap *map, size_t size, bool overwrite);
void __wrap_auxmap_unmap(struct auxmap *map);
void __wrap_auxmap_close(struct auxmap *map);
int __wrap_pagetrace_begin(struct pagetrace *trace, size_t pages);
void __wrap_pagetrace_cleanup(pid_t pid);
int __wrap_kfile_write(const struct kroot *root, const char *path, const char *text);
int __real_kfile_write(const struct kroot *root, const char *path, const char *text);

static int order_now(void)
{
	char *text = tree_order(fake.dir, "nice");
	int order = atoi(text);

	free(text);
	return order;
}

bool __wrap_auxmap_possible(const struct kroot *root)
{
	return fake.possible;
}

int __wrap_auxmap_open(struct auxmap *map, const struct kroot *root, const char *name,
		       const char *dir, int64_t type, bool *event_open)
{
	*event_open = false;
	return fake.open_error;
}

int __wrap_auxmap_map(struct auxmap *map, size_t size, bool overwrite)
{
	int order = order_now();

	if (fake.chunks) {
		char *row = xasprintf("pmu cpu pid comm pages mode max_order node age_ms chunks\n"
				      "nice -1 %d test %zu rw %d -1 0 %s\n", getpid(), size / 4096,
				      order, fake.chunks);

		tree_file(fake.dir, AREAS, row);
		free(row);
	}
	if (fake.at != ORDER_UNKNOWN && fake.at != order)
		return 0;
	if (fake.raise)
		raise(fake.raise);
	if (fake.wait)
		pause();
	if (fake.somebody)
		tree_file(fake.dir, ATTRIBUTE, fake.somebody);
	return fake.map_error;
}

void __wrap_auxmap_unmap(struct auxmap *map)
{
}

void __wrap_auxmap_close(struct auxmap *map)
{
}

/* Tracing is of the running system, which is left alone. */
int __wrap_pagetrace_begin(struct pagetrace *trace, size_t pages)
{
	return -ENOENT;
}

void __wrap_pagetrace_cleanup(pid_t pid)
{
}

int __wrap_kfile_write(const struct kroot *root, const char *path, const char *text)
{
	if (fake.raise_in_write && atoi(text) == fake.raise_in_write)
		raise(SIGKILL);
	return __real_kfile_write(root, path, text);
}

struct fixture {
	struct machine machine;
	struct pmu *pmu;
	struct probe_options options;
	struct probe_plan plan;
	struct probe *probe;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	memset(&fake, 0, sizeof(fake));
	fake.dir = tree_new();
	fake.at = ORDER_UNKNOWN;
	fake.possible = true;
	tree_file(fake.dir, "/proc/buddyinfo", BUDDY_LINE);
	tree_pmu(fake.dir, "nice", "8\n", "2\n", 0644);
	tree_open(&f->machine, fake.dir);
	f->pmu = pmu_list_find(&f->machine.pmus, "nice");
	f->options = (struct probe_options){
		.size = 1 << 20, .first = PROBE_ALL_ORDERS, .last = PROBE_ALL_ORDERS,
	};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	probe_free(f->probe);
	probe_plan_clear(&f->plan);
	machine_close(&f->machine);
	tree_remove(fake.dir);
	free(f);
	return 0;
}

static void start(struct fixture *f)
{
	enum exit_status status;
	char *reason;

	probe_make_plan(&f->machine, f->pmu, &f->options, &f->plan);
	assert_null(f->plan.reason);
	f->probe = probe_start(&f->machine, f->pmu, &f->options, &f->plan, &status, &reason);
	assert_null(reason);
	assert_non_null(f->probe);
}

/* To its end, as an event loop would. */
static void finish(struct fixture *f)
{
	struct pollfd poll_fd = { .fd = probe_fd(f->probe), .events = POLLIN };

	do
		assert_int_equal(poll(&poll_fd, 1, 10000), 1);
	while (probe_read(f->probe));
	assert_false(probe_read(f->probe));
}

static const struct probe_step *steps(struct fixture *f, int want)
{
	int nr, planned;
	const struct probe_step *steps = probe_steps(f->probe, &nr, &planned);

	assert_int_equal(nr, want);
	assert_true(planned >= nr);
	return steps;
}

static void all_orders_are_tried_and_the_setting_is_put_back(void **state)
{
	struct fixture *f = *state;
	const struct probe_step *step;

	start(f);
	finish(f);
	assert_int_equal(probe_state(f->probe), PROBE_DONE);
	assert_null(probe_reason(f->probe));
	step = steps(f, 11);
	for (int i = 0; i < 11; i++) {
		assert_int_equal(step[i].order, i);
		assert_int_equal(step[i].stage, PROBE_MAPPED);
		assert_int_equal(step[i].error, 0);
		/* Nobody tells what was handed out here. */
		assert_int_equal(step[i].source, PROBE_UNSEEN);
		assert_int_equal(step[i].before.orders, 11);
	}
	assert_int_equal(order_now(), 2);
}

static void the_kernels_row_says_what_was_handed_out(void **state)
{
	struct fixture *f = *state;
	const struct probe_step *step;

	tree_file(fake.dir, STATS, "area_live 0\n");
	tree_file(fake.dir, AREAS, "pmu\n");
	/* 256 pages, of which 128 in chunks of order 5 and one of order 3 less. */
	fake.chunks = "3:1,4:1,5:4,0:104";
	f->options.first = 5;
	f->options.last = 5;
	start(f);
	finish(f);
	step = steps(f, 1);
	assert_int_equal(step->source, PROBE_STATISTICS);
	assert_int_equal(step->asked, 5);
	assert_int_equal(step->chunks.nr[5], 4);
	assert_int_equal(step->chunks.nr[0], 104);
	/* All but the four: there was room for larger ones, except for the very last page. */
	assert_int_equal(step->fallbacks, 1 + 1 + 103);
	assert_int_equal(probe_as_asked(step), 50);
	assert_int_equal(order_now(), 2);
}

static void a_crash_puts_it_back(void **state)
{
	struct fixture *f = *state;

	fake.at = 4;
	fake.raise = SIGABRT;
	start(f);
	finish(f);
	assert_int_equal(probe_state(f->probe), PROBE_STOPPED);
	assert_non_null(strstr(probe_reason(f->probe), "signal 6"));
	steps(f, 4);
	assert_int_equal(order_now(), 2);
}

static void killed_before_it_writes_what_it_said_it_would(void **state)
{
	struct fixture *f = *state;

	fake.raise_in_write = 4;
	start(f);
	finish(f);
	assert_int_equal(probe_state(f->probe), PROBE_STOPPED);
	assert_int_equal(order_now(), 2);
}

static void to_stop_it_puts_it_back(void **state)
{
	struct fixture *f = *state;

	fake.at = 3;
	fake.wait = true;
	start(f);
	while (order_now() != 3) {
		assert_true(probe_read(f->probe));
		usleep(1000);
	}
	probe_stop(f->probe);
	assert_int_equal(order_now(), 2);
	assert_int_equal(probe_state(f->probe), PROBE_STOPPED);
	assert_string_equal(probe_reason(f->probe), "stopped");
}

static void to_free_it_puts_it_back(void **state)
{
	struct fixture *f = *state;

	fake.at = 5;
	fake.wait = true;
	start(f);
	while (order_now() != 5)
		usleep(1000);
	probe_free(f->probe);
	f->probe = NULL;
	assert_int_equal(order_now(), 2);
}

static void the_child_puts_it_back_when_the_parent_is_killed(void **state)
{
	struct fixture *f = *state;
	pid_t pid;

	fake.at = 6;
	fake.wait = true;
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		start(f);
		pause();
		_exit(1);
	}
	for (int i = 0; i < 10000 && order_now() != 6; i++)
		usleep(1000);
	assert_int_equal(order_now(), 6);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	for (int i = 0; i < 10000 && order_now() != 2; i++)
		usleep(1000);
	assert_int_equal(order_now(), 2);
}

static void what_somebody_else_sets_meanwhile_stays(void **state)
{
	struct fixture *f = *state;

	fake.at = 3;
	fake.somebody = "9\n";
	start(f);
	finish(f);
	assert_int_equal(probe_state(f->probe), PROBE_STOPPED);
	assert_non_null(strstr(probe_reason(f->probe), "somebody else"));
	assert_int_equal(order_now(), 9);
}

static void no_memory_at_one_order_is_no_reason_to_end(void **state)
{
	struct fixture *f = *state;
	const struct probe_step *step;

	fake.at = 7;
	fake.map_error = -ENOMEM;
	start(f);
	finish(f);
	step = steps(f, 11);
	assert_int_equal(step[7].error, -ENOMEM);
	assert_int_equal(step[7].stage, PROBE_AUX);
	assert_int_equal(step[8].error, 0);
	assert_int_equal(probe_state(f->probe), PROBE_DONE);
	assert_int_equal(order_now(), 2);
}

static void a_limit_is_the_same_at_all_orders(void **state)
{
	struct fixture *f = *state;
	const struct probe_step *step;

	fake.open_error = -EACCES;
	start(f);
	finish(f);
	step = steps(f, 1);
	assert_int_equal(step->stage, PROBE_EVENT);
	assert_int_equal(step->error, -EACCES);
	assert_int_equal(probe_state(f->probe), PROBE_DONE);
	assert_int_equal(order_now(), 2);
}

static void one_probe_of_a_pmu_at_a_time(void **state)
{
	struct fixture *f = *state;
	enum exit_status status;
	char *reason;

	fake.at = 0;
	fake.wait = true;
	start(f);
	assert_null(probe_start(&f->machine, f->pmu, &f->options, &f->plan, &status, &reason));
	assert_non_null(strstr(reason, "another probe"));
	free(reason);
	probe_stop(f->probe);
	assert_int_equal(order_now(), 2);
	/* And again when it has ended. */
	probe_free(f->probe);
	probe_plan_clear(&f->plan);
	fake.wait = false;
	start(f);
	finish(f);
	steps(f, 11);
}

static void nothing_is_mapped_for_a_captured_tree(void **state)
{
	struct fixture *f = *state;
	enum exit_status status;
	char *reason;

	fake.possible = false;
	probe_make_plan(&f->machine, f->pmu, &f->options, &f->plan);
	assert_null(probe_start(&f->machine, f->pmu, &f->options, &f->plan, &status, &reason));
	assert_int_equal(status, STATUS_REFUSED);
	free(reason);
}

static void the_kernel_that_has_no_policy_is_taken_as_it_is(void **state)
{
	struct fixture *f = *state;
	const struct probe_step *step;

	tree_pmu(fake.dir, "intel_pt", "9\n", NULL, 0);
	machine_read_pmus(&f->machine);
	f->pmu = pmu_list_find(&f->machine.pmus, "intel_pt");
	f->pmu->kind.kind = KIND_NICE;
	start(f);
	assert_false(f->plan.writes);
	finish(f);
	step = steps(f, 1);
	assert_int_equal(step->order, ORDER_UNKNOWN);
	assert_int_equal(step->stage, PROBE_MAPPED);
}

static void fallbacks_are_chunks_that_could_have_been_larger(void **state)
{
	struct chunks chunks = { .orders = 5, .nr = { [4] = 4 } };

	assert_int_equal(probe_fallbacks(&chunks, 4, 64), 0);
	/* The first would fit as order 6, the next two as order 5; of the last 16 pages all. */
	assert_int_equal(probe_fallbacks(&chunks, 6, 64), 3);
	chunks.nr[4] = 3;
	chunks.nr[3] = 2;
	assert_int_equal(probe_fallbacks(&chunks, 4, 64), 1);
	/* Numbers that cannot be true do not take forever. */
	chunks.nr[0] = UINT64_MAX;
	assert_int_equal(probe_fallbacks(&chunks, 4, 64), 1);
}

static void half_the_area_bounds_what_is_asked_for(void **state)
{
	assert_int_equal(probe_asked(10, 1024, false), 9);
	assert_int_equal(probe_asked(10, 1024, true), 10);
	assert_int_equal(probe_asked(3, 1024, false), 3);
	assert_int_equal(probe_asked(10, 1, false), 0);
	assert_int_equal(probe_asked(10, 2, false), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(all_orders_are_tried_and_the_setting_is_put_back),
		T(the_kernels_row_says_what_was_handed_out),
		T(a_crash_puts_it_back),
		T(killed_before_it_writes_what_it_said_it_would),
		T(to_stop_it_puts_it_back),
		T(to_free_it_puts_it_back),
		T(the_child_puts_it_back_when_the_parent_is_killed),
		T(what_somebody_else_sets_meanwhile_stays),
		T(no_memory_at_one_order_is_no_reason_to_end),
		T(a_limit_is_the_same_at_all_orders),
		T(one_probe_of_a_pmu_at_a_time),
		T(nothing_is_mapped_for_a_captured_tree),
		T(the_kernel_that_has_no_policy_is_taken_as_it_is),
		cmocka_unit_test(fallbacks_are_chunks_that_could_have_been_larger),
		cmocka_unit_test(half_the_area_bounds_what_is_asked_for),
	};

	return cmocka_run_group_tests_name("probe", tests, NULL, NULL);
}
