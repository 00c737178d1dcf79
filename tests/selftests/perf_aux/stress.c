// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kselftest.h"
#include "stress.h"

#define DEFAULT_SECONDS	3
#define MAX_PROCESSES	16

/* What is done once may take that long, on a slow machine that swaps or debugs. */
#define PATIENCE	120

/* Shared with the processes. */
struct shared {
	bool		stop;
	struct {
		unsigned long	nr_done;
		unsigned long	nr_refused;
		bool		broken;
	} processes[MAX_PROCESSES];
};

static struct shared *shared;

__u64 stress_random(struct stress_random *random, __u64 limit)
{
	__u64 x;

	/* Sebastiano Vigna's splitmix64. */
	random->state += 0x9e3779b97f4a7c15ULL;
	x = random->state;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;

	return (x ^ (x >> 31)) % limit;
}

unsigned int stress_seconds(void)
{
	const char *value = getenv("PERF_AUX_SECONDS");
	unsigned int seconds = value ? strtoul(value, NULL, 10) : 0;

	return seconds ?: DEFAULT_SECONDS;
}

__u64 stress_seed(void)
{
	const char *value = getenv("PERF_AUX_SEED");
	__u32 seed = 0;

	if (value)
		return strtoull(value, NULL, 0);
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = time(NULL);

	return seed;
}

int stress_check(const char *what, int error, const int *expected)
{
	if (error >= 0)
		return error;

	for (; *expected; expected++) {
		if (error == -*expected)
			return error;
	}
	ksft_print_msg("%s: %s\n", what, strerror(-error));

	return STRESS_BROKEN;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void work(const struct stress_worker *worker, unsigned int process, __u64 seed)
{
	struct stress_random random = { seed };
	int ret;

	while (!__atomic_load_n(&shared->stop, __ATOMIC_RELAXED)) {
		ret = worker->once(&random);
		if (ret > 0) {
			shared->processes[process].broken = true;
			break;
		}
		if (ret)
			shared->processes[process].nr_refused++;
		else
			shared->processes[process].nr_done++;
	}
}

/* Does not return in the new process. */
static pid_t start(const struct stress_worker *worker, unsigned int process, __u64 seed)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid)
		return pid;

	/* So that it and its children can be ended together. */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	work(worker, process, seed);
	fflush(stdout);
	_exit(0);
}

/* Whether it ended by itself. */
static bool end(pid_t pid, double deadline)
{
	bool ended = true;
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (now() > deadline) {
			ended = false;
			kill(-pid, SIGKILL);
			waitpid(pid, &status, 0);
			break;
		}
		usleep(1000);
	}
	kill(-pid, SIGKILL);

	return ended && WIFEXITED(status) && !WEXITSTATUS(status);
}

long stress_run(const struct stress_worker *workers, unsigned int seconds)
{
	unsigned int i, nr = 0, first = 0;
	const struct stress_worker *worker;
	pid_t pids[MAX_PROCESSES];
	__u64 seed = stress_seed();
	bool broken = false;
	double deadline;
	long ret = 0;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED)
		return -1;

	ksft_print_msg("PERF_AUX_SEED=%llu\n", seed);
	for (worker = workers; worker->once; worker++) {
		for (i = 0; i < worker->nr && nr < MAX_PROCESSES; i++) {
			pids[nr] = start(worker, nr, seed + nr);
			nr++;
		}
	}

	deadline = now() + seconds;
	while (now() < deadline && !broken) {
		usleep(10000);
		for (i = 0; i < nr; i++)
			broken |= shared->processes[i].broken;
	}
	shared->stop = true;

	deadline = now() + PATIENCE;
	for (worker = workers; worker->once; worker++) {
		unsigned long nr_done = 0, nr_refused = 0;

		for (i = first; i < first + worker->nr && i < nr; i++) {
			if (!end(pids[i], deadline)) {
				ksft_print_msg("%s: %s\n", worker->name,
					       worker->may_starve ? "starved" : "stuck or crashed");
				broken |= !worker->may_starve;
			}
			broken |= shared->processes[i].broken;
			nr_done += shared->processes[i].nr_done;
			nr_refused += shared->processes[i].nr_refused;
		}
		ksft_print_msg("%s: %lu times, %lu refused\n", worker->name, nr_done, nr_refused);
		if (worker == workers)
			ret = nr_done;
		first = i;
	}
	munmap(shared, sizeof(*shared));

	return broken ? -1 : ret;
}
