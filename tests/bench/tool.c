// SPDX-License-Identifier: GPL-2.0-only
/*
 * What aux-tune costs: to start, to list PMUs, to redraw its screen; and other tools
 * that people have open all day, for scale. Counted is what a process executed itself
 * and what the kernel executed for it.
 */

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "kselftest.h"
#include "pmu.h"
#include "test_pmu.h"

#define NR_UPDATES	5	/* one per second */

static unsigned long long cpu_time(pid_t pid)
{
	struct timespec ts;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &ts))
		err(1, "CPU time of process %d", pid);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static void row_memory(const struct subject *subject, pid_t pid)
{
	char path[64], line[128];
	unsigned long kib = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "r");
	if (!file)
		err(1, "%s", path);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "VmHWM: %lu", &kib) == 1)
			break;
	}
	fclose(file);
	row(subject, "resident_kib", kib);
}

/* Run it to its end, without looking at what it says. */
static void run(const struct subject *subject, char *const argv[])
{
	struct rusage usage;
	siginfo_t info;
	pid_t pid;

	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		if (!freopen("/dev/null", "w", stdout))
			_exit(126);
		execvp(argv[0], argv);
		_exit(127);
	}

	/* A process that has ended has its clock until somebody asks for its status. */
	if (waitid(P_PID, pid, &info, WEXITED | WNOWAIT))
		err(1, "waitid");
	if (info.si_code != CLD_EXITED || info.si_status) {
		warnx("%s: ended with status %d", argv[0], info.si_status);
		waitpid(pid, NULL, 0);
		return;
	}
	row(subject, "instructions", cpu_time(pid));
	if (wait4(pid, NULL, 0, &usage) != pid)
		err(1, "wait4");
	row(subject, "resident_kib", usage.ru_maxrss);
}

/*
 * Read what it writes for at most so many milliseconds, or until it was quiet for
 * @quiet of them. Returns how many bytes that were, or -1: it has ended.
 */
static long drain(int fd, int limit, int quiet)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	struct timespec begin, now;
	char buf[4096];
	long bytes = 0;
	ssize_t len;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	while (1) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		if ((now.tv_sec - begin.tv_sec) * 1000 +
		    (now.tv_nsec - begin.tv_nsec) / 1000000 >= limit)
			return bytes;
		if (poll(&pollfd, 1, quiet) == 0 && quiet < limit && bytes)
			return bytes;
		if (!(pollfd.revents & (POLLIN | POLLHUP)))
			continue;
		len = read(fd, buf, sizeof(buf));
		if (len <= 0)
			return -1;
		bytes += len;
	}
}

/* Open its screen, and leave it alone with that for a while. */
static void screen(const struct subject *subject, char *const argv[])
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	unsigned long long first, last;
	long bytes;
	pid_t pid;
	int fd;

	pid = forkpty(&fd, NULL, NULL, &size);
	if (pid < 0)
		err(1, "forkpty");
	if (!pid) {
		setenv("TERM", "xterm-256color", 1);
		execvp(argv[0], argv);
		_exit(127);
	}

	if (drain(fd, 10000, 400) <= 0)
		goto ended;
	first = cpu_time(pid);
	if (drain(fd, NR_UPDATES * 1000, NR_UPDATES * 1000) < 0)
		goto ended;
	last = cpu_time(pid);

	row(subject, "instructions", first);
	row(subject, "instructions_per_update", (double)(last - first) / NR_UPDATES);
	row_memory(subject, pid);

	kill(pid, SIGTERM);
	do {
		bytes = drain(fd, 2000, 2000);
	} while (bytes > 0);
	goto reap;
ended:
	warnx("%s: no screen", argv[0]);
reap:
	close(fd);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static bool installed(const char *name)
{
	char command[128];

	snprintf(command, sizeof(command), "command -v %s > /dev/null", name);
	if (!system(command))
		return true;
	warnx("%s is not installed: not measured", name);
	return false;
}

static void add_pmus(unsigned int *nr, unsigned int want)
{
	char name[64];

	for (; *nr < want; (*nr)++) {
		snprintf(name, sizeof(name), "bench%u", *nr);
		if (test_pmu_register(name, "nice"))
			errx(1, "cannot register PMU %u", *nr);
	}

	/* Nobody who watches devices is to be busy with these. */
	if (system("udevadm settle"))
		errx(1, "udevadm settle");
}

void bench_tool(void)
{
	static const unsigned int counts[] = { 10, 100, 500 };
	struct subject subject = { .name = "tool", .order = -1 };
	unsigned int i, nr = 3;		/* what the module registers itself */
	char state[32];

	if (test_pmu_load())
		errx(1, "no module aux_test_pmu");

	subject.pmu = "aux-tune --version";
	run(&subject, (char *[]){ "aux-tune", "--version", NULL });
	for (i = 0; i < (quick ? 1 : ARRAY_SIZE(counts)); i++) {
		add_pmus(&nr, counts[i]);
		snprintf(state, sizeof(state), "%u PMUs", counts[i]);
		subject.state = state;
		subject.pmu = "aux-tune list";
		run(&subject, (char *[]){ "aux-tune", "list", NULL });
		subject.pmu = "aux-tune";
		screen(&subject, (char *[]){ "aux-tune", NULL });
	}

	subject.state = NULL;
	if (installed("htop")) {
		subject.pmu = "htop --version";
		run(&subject, (char *[]){ "htop", "--version", NULL });
		subject.pmu = "htop";
		screen(&subject, (char *[]){ "htop", "-d", "10", NULL });
	}
	if (installed("powertop")) {
		subject.pmu = "powertop --version";
		run(&subject, (char *[]){ "powertop", "--version", NULL });
		subject.pmu = "powertop";
		screen(&subject, (char *[]){ "powertop", NULL });
	}
}
