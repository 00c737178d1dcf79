// SPDX-License-Identifier: GPL-2.0-only
/* The live way, with real libudev: run under umockdev-wrapper. */
#include <poll.h>
#include <sys/stat.h>
#include <umockdev.h>
#include <unistd.h>

#include "tree.h"
#include "devices.h"
#include "follow.h"
#include "policy.h"
#include "xalloc.h"

struct fixture {
	UMockdevTestbed *bed;
	struct machine machine;
	struct loop *loop;
	bool gone;
	const char *wait_for;
	int after;
};

static void add_pmu(struct fixture *f, const char *name, const char *type, const char *order,
		    mode_t mode)
{
	char *sys = umockdev_testbed_get_sys_dir(f->bed);
	char *file = xasprintf("%s/devices/%s/aux_max_order", sys, name);
	char *path;

	path = umockdev_testbed_add_device(f->bed, "event_source", name, NULL, "type", type,
					   order ? "aux_max_order" : NULL, order, NULL, NULL);
	assert_non_null(path);
	if (order)
		assert_int_equal(chmod(file, mode), 0);
	g_free(path);
	free(file);
	g_free(sys);
}

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->bed = umockdev_testbed_new();
	if (!umockdev_in_mock_environment()) {
		g_object_unref(f->bed);
		free(f);
		return -1;
	}
	add_pmu(f, "software", "1\n", NULL, 0);
	add_pmu(f, "intel_pt", "9\n", "0\n", 0644);
	add_pmu(f, "intel_bts", "8\n", "10\n", 0444);
	assert_int_equal(machine_open(&f->machine, NULL), 0);
	f->loop = loop_new();
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	loop_free(f->loop);
	machine_close(&f->machine);
	g_object_unref(f->bed);
	free(f);
	return 0;
}

static void libudev_finds_the_pmus(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(f->machine.pmus_error, 0);
	assert_int_equal(f->machine.pmus.nr, 3);
	assert_int_equal(f->machine.support, SUPPORT_YES);
	assert_string_equal(f->machine.pmus.pmus[0].name, "intel_bts");
	assert_int_equal(f->machine.pmus.pmus[0].kind.kind, KIND_MUST);
	assert_int_equal(f->machine.pmus.pmus[1].kind.kind, KIND_NICE);
	assert_int_equal(f->machine.pmus.pmus[1].type, 9);
	assert_int_equal(f->machine.pmus.pmus[2].kind.kind, KIND_NONE);
}

/* sysfs has '!' for '/', and so does perf's command line; udev's sysname does not. */
static void names_are_those_of_sysfs(void **state)
{
	struct fixture *f = *state;

	add_pmu(f, "odd!name", "20\n", "1\n", 0644);
	machine_read_pmus(&f->machine);
	assert_non_null(pmu_list_find(&f->machine.pmus, "odd!name"));
	assert_int_equal(pmu_list_find(&f->machine.pmus, "odd!name")->order, 1);
}

static void orders_are_written_to_sysfs(void **state)
{
	struct fixture *f = *state;
	struct policy_change change;
	char *text;

	policy_plan(&f->machine, pmu_list_find(&f->machine.pmus, "intel_pt"), 4, false, &change);
	assert_non_null(strstr(change.command, " " PMU_DEVICES "/intel_pt/aux_max_order"));
	assert_true(policy_apply(&f->machine, &change));
	policy_change_clear(&change);
	assert_true(g_file_get_contents("/sys/devices/intel_pt/aux_max_order", &text, NULL, NULL));
	assert_string_equal(text, "4\n");
	g_free(text);
}

static void on_pmus(void *arg)
{
	struct fixture *f = arg;

	if (f->wait_for && !pmu_list_find(&f->machine.pmus, f->wait_for) == f->gone)
		loop_quit(f->loop);
}

static void on_order(void *arg, struct pmu *pmu, int before)
{
	struct fixture *f = arg;

	f->after = pmu->order;
	if (!f->wait_for && pmu->order != before)
		loop_quit(f->loop);
}

static void on_tick(void *arg)
{
}

static const struct follow_ops ops = { on_pmus, on_order, on_tick };

static struct follow *start(struct fixture *f)
{
	struct follow *follow;

	alarm(240);
	follow = follow_new(&f->machine, f->loop, 3600000, &ops, f);
	assert_non_null(follow);
	return follow;
}

static void hotplug_arrives_by_uevent(void **state)
{
	struct fixture *f = *state;
	struct follow *follow = start(f);

	f->wait_for = "aux_test_nice";
	add_pmu(f, "aux_test_nice", "11\n", "0\n", 0644);
	umockdev_testbed_uevent(f->bed, "/sys/devices/aux_test_nice", "add");
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(pmu_list_find(&f->machine.pmus, "aux_test_nice")->kind.kind, KIND_NICE);
	follow_free(follow);
}

static void unplugging_arrives_by_uevent(void **state)
{
	struct fixture *f = *state;
	struct follow *follow = start(f);

	f->wait_for = "intel_pt";
	f->gone = true;
	umockdev_testbed_uevent(f->bed, "/sys/devices/intel_pt", "remove");
	umockdev_testbed_remove_device(f->bed, "/sys/devices/intel_pt");
	assert_int_equal(loop_run(f->loop), 0);
	assert_null(pmu_list_find(&f->machine.pmus, "intel_pt"));
	follow_free(follow);
}

static void events_of_other_subsystems_are_ignored(void **state)
{
	struct fixture *f = *state;
	int fd = devices_watch(f->machine.devices);
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	char *path;

	assert_true(fd >= 0);
	path = umockdev_testbed_add_device(f->bed, "block", "sda", NULL, NULL, NULL);
	umockdev_testbed_uevent(f->bed, path, "add");
	g_free(path);
	poll(&poll_fd, 1, 200);
	assert_false(devices_changed(f->machine.devices));
}

static void writes_by_others_arrive(void **state)
{
	struct fixture *f = *state;
	struct follow *follow = start(f);

	umockdev_testbed_set_attribute(f->bed, "/sys/devices/intel_pt", "aux_max_order", "6\n");
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->after, 6);
	follow_free(follow);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(libudev_finds_the_pmus),
		T(names_are_those_of_sysfs),
		T(orders_are_written_to_sysfs),
		T(hotplug_arrives_by_uevent),
		T(unplugging_arrives_by_uevent),
		T(events_of_other_subsystems_are_ignored),
		T(writes_by_others_arrive),
	};

	return cmocka_run_group_tests_name("devices", tests, NULL, NULL);
}
