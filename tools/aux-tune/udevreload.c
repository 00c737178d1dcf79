// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "udevreload.h"

bool udevd_runs(void)
{
	return !access("/run/udev/control", F_OK);
}

/* Its own path and environment, so that those of whoever uses sudo don't matter. */
static pid_t spawn_udevadm(void)
{
	static const char *const paths[] = {
		"/usr/bin/udevadm", "/bin/udevadm", "/usr/sbin/udevadm", "/sbin/udevadm",
	};
	char *argv[] = {
		(char *)"udevadm", (char *)"control", (char *)"--reload", (char *)"--timeout=5", NULL,
	};
	char *envp[] = { (char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	pid_t pid = 0;
	int err;

	err = posix_spawn_file_actions_init(&actions);
	if (err)
		return -err;
	err = posix_spawnattr_init(&attributes);
	if (err) {
		posix_spawn_file_actions_destroy(&actions);
		return -err;
	}
	/* The screen blocks signals that have to end udevadm all the same. */
	sigemptyset(&none);
	err = posix_spawnattr_setsigmask(&attributes, &none);
	if (!err)
		err = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	for (int fd = 0; !err && fd < 3; fd++)
		err = posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
	if (!err)
		err = ENOENT;
	for (size_t i = 0; err == ENOENT && i < sizeof(paths) / sizeof(paths[0]); i++)
		err = posix_spawn(&pid, paths[i], &actions, &attributes, argv, envp);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return err ? -err : pid;
}

int udev_reload(void)
{
	pid_t pid = spawn_udevadm();
	int status;

	if (pid < 0)
		return pid;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	return -EIO;
}
