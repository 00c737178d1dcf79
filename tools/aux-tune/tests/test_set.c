// SPDX-License-Identifier: GPL-2.0-only
/* set with several PMUs, when one write fails half way. */
#include <errno.h>
#include <unistd.h>

#include "tree.h"
#include "cli.h"
#include "xalloc.h"

static const char *failing;	/* part of the path whose write fails */
static const char *instead;	/* what the kernel makes of any text */

int __wrap_kfile_write(const struct kroot *root, const char *path, const char *text);
int __real_kfile_write(const struct kroot *root, const char *path, const char *text);

int __wrap_kfile_write(const struct kroot *root, const char *path, const char *text)
{
	if (failing && strstr(path, failing))
		return -EIO;
	return __real_kfile_write(root, path, instead ?: text);
}

struct fixture {
	char *dir;
	char *text;		/* what a run printed */
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->dir = tree_new();
	tree_file(f->dir, "/proc/buddyinfo", BUDDY_LINE);
	tree_pmu(f->dir, "first", "8\n", "0\n", 0644);
	tree_pmu(f->dir, "second", "9\n", "0\n", 0644);
	tree_pmu(f->dir, "third", "10\n", "0\n", 0644);
	tree_pmu(f->dir, "zmust", "11\n", "10\n", 0444);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	failing = NULL;
	instead = NULL;
	tree_remove(f->dir);
	free(f->text);
	free(f);
	return 0;
}

/* Runs set as the program does, standard output and error into f->text. */
static enum exit_status run_set(struct fixture *f, bool json, bool dry_run, int argc, char **argv)
{
	struct cli cli = { .options = { .json = json, .dry_run = dry_run } };
	FILE *file = tmpfile();
	int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
	enum exit_status status;
	ssize_t len;

	assert_non_null(file);
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	dup2(fileno(file), STDERR_FILENO);
	cli.output = output_open(json);
	tree_open(&cli.machine, f->dir);
	cmd_set(&cli, argc, argv);
	machine_close(&cli.machine);
	status = output_close(cli.output);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	close(out);
	close(err);

	free(f->text);
	f->text = xcalloc(1, 16384);
	len = pread(fileno(file), f->text, 16383, 0);
	assert_true(len >= 0);
	fclose(file);
	return status;
}

static void assert_orders(struct fixture *f, const char *first, const char *second,
			  const char *third)
{
	const char *names[] = { "first", "second", "third" };
	const char *want[] = { first, second, third };

	for (int i = 0; i < 3; i++) {
		char *order = tree_order(f->dir, names[i]);

		assert_string_equal(order, want[i]);
		free(order);
	}
}

static void a_failed_write_says_what_was_done(void **state)
{
	char *args[] = { (char *)"first", (char *)"second", (char *)"third", (char *)"4" };
	struct fixture *f = *state;

	failing = "second";
	assert_int_equal(run_set(f, false, false, 4, args), STATUS_FAILURE);
	assert_orders(f, "4\n", "0\n", "0\n");
	assert_non_null(strstr(f->text, "second: order 4 could not be written"));
	assert_non_null(strstr(f->text, "changed before that: first; not tried: third"));
	assert_non_null(strstr(f->text, "first: order 0 -> 4"));
	assert_null(strstr(f->text, "third: "));
}

static void json_tells_the_same(void **state)
{
	char *args[] = { (char *)"first", (char *)"second", (char *)"third", (char *)"4" };
	struct fixture *f = *state;

	failing = "second";
	assert_int_equal(run_set(f, true, false, 4, args), STATUS_FAILURE);
	assert_non_null(strstr(f->text, "\"state\": \"done\""));
	assert_non_null(strstr(f->text, "\"state\": \"failed\""));
	assert_non_null(strstr(f->text, "\"state\": \"planned\""));
	assert_non_null(strstr(f->text, "\"errors\""));
}

static void one_refusal_stops_all_before_the_first_write(void **state)
{
	char *args[] = { (char *)"first", (char *)"zmust", (char *)"4" };
	struct fixture *f = *state;

	assert_int_equal(run_set(f, false, false, 3, args), STATUS_REFUSED);
	assert_orders(f, "0\n", "0\n", "0\n");
	assert_non_null(strstr(f->text, "nothing was changed"));
}

static void a_pattern_means_those_that_can_be_set(void **state)
{
	char *args[] = { (char *)"*", (char *)"4" };
	struct fixture *f = *state;

	assert_int_equal(run_set(f, false, false, 2, args), STATUS_OK);
	assert_orders(f, "4\n", "4\n", "4\n");
	assert_non_null(strstr(f->text, "zmust: skipped: read-only"));
}

static void a_dry_run_writes_nothing(void **state)
{
	char *args[] = { (char *)"*", (char *)"4" };
	struct fixture *f = *state;

	failing = "aux_max_order";
	assert_int_equal(run_set(f, false, true, 2, args), STATUS_OK);
	assert_orders(f, "0\n", "0\n", "0\n");
	assert_non_null(strstr(f->text, "first: would change order 0 -> 4"));
}

static void a_pmu_named_twice_is_set_once(void **state)
{
	char *args[] = { (char *)"first", (char *)"f*", (char *)"first", (char *)"1" };
	struct fixture *f = *state;
	char *one;

	assert_int_equal(run_set(f, false, false, 4, args), STATUS_OK);
	one = strstr(f->text, "first: order");
	assert_non_null(one);
	assert_null(strstr(one + 1, "first: order"));
}

static void what_reads_back_differently_is_a_failure(void **state)
{
	char *args[] = { (char *)"first", (char *)"4" };
	struct fixture *f = *state;

	instead = "2\n";
	assert_int_equal(run_set(f, false, false, 2, args), STATUS_FAILURE);
	assert_non_null(strstr(f->text, "order 4 was written but it reads 2"));
	instead = "x\n";
	assert_int_equal(run_set(f, false, false, 2, args), STATUS_FAILURE);
	assert_non_null(strstr(f->text, "cannot be read back"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_failed_write_says_what_was_done),
		T(json_tells_the_same),
		T(one_refusal_stops_all_before_the_first_write),
		T(a_pattern_means_those_that_can_be_set),
		T(a_dry_run_writes_nothing),
		T(a_pmu_named_twice_is_set_once),
		T(what_reads_back_differently_is_a_failure),
	};

	return cmocka_run_group_tests_name("set", tests, NULL, NULL);
}
