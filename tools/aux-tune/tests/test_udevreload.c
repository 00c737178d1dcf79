// SPDX-License-Identifier: GPL-2.0-only
/* The one program that is ever started: by its path, with fixed arguments and environment. */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include "tree.h"
#include "udevreload.h"

int __real_posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		       const posix_spawnattr_t *attr, char *const argv[], char *const envp[]);
int __wrap_posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		       const posix_spawnattr_t *attr, char *const argv[], char *const envp[]);

static int calls;
static const char *instead;	/* what is run in its place, NULL: nothing is there */

static void assert_strings(char *const *have, const char *const *want)
{
	size_t i;

	for (i = 0; want[i]; i++) {
		assert_non_null(have[i]);
		assert_string_equal(have[i], want[i]);
	}
	assert_null(have[i]);
}

int __wrap_posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		       const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
	static const char *const args[] = { "udevadm", "control", "--reload", "--timeout=5", NULL };
	static const char *const env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	static const char *const paths[] = {
		"/usr/bin/udevadm", "/bin/udevadm", "/usr/sbin/udevadm", "/sbin/udevadm",
	};
	sigset_t mask;
	short flags;

	assert_true(calls < 4);
	assert_string_equal(path, paths[calls++]);
	assert_strings(argv, args);
	assert_strings(envp, env);
	/* The screen's signals are blocked; the program's are not. */
	assert_int_equal(posix_spawnattr_getflags(attr, &flags), 0);
	assert_true(flags & POSIX_SPAWN_SETSIGMASK);
	assert_int_equal(posix_spawnattr_getsigmask(attr, &mask), 0);
	assert_false(sigismember(&mask, SIGTERM) || sigismember(&mask, SIGINT));
	if (!instead)
		return ENOENT;
	return __real_posix_spawn(pid, instead, actions, attr, argv, envp);
}

static int setup(void **state)
{
	calls = 0;
	/* Of whoever uses sudo. */
	assert_int_equal(setenv("PATH", "/tmp:.", 1), 0);
	assert_int_equal(setenv("LD_PRELOAD", "", 1), 0);
	assert_int_equal(setenv("IFS", "/", 1), 0);
	return 0;
}

static void is_started_by_its_path_with_nothing_from_outside(void **state)
{
	instead = "/bin/true";
	assert_int_equal(udev_reload(), 0);
	assert_int_equal(calls, 1);
}

static void a_failure_is_told(void **state)
{
	instead = "/bin/false";
	assert_int_equal(udev_reload(), -EIO);
}

static void where_it_is_not_installed_nothing_is_run(void **state)
{
	instead = NULL;
	assert_int_equal(udev_reload(), -ENOENT);
	assert_int_equal(calls, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(is_started_by_its_path_with_nothing_from_outside, setup),
		cmocka_unit_test_setup(a_failure_is_told, setup),
		cmocka_unit_test_setup(where_it_is_not_installed_nothing_is_run, setup),
	};

	return cmocka_run_group_tests_name("udevreload", tests, NULL, NULL);
}
