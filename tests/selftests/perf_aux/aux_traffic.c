// SPDX-License-Identifier: GPL-2.0-only
/*
 * Traces with PMUs of aux_test_pmu (or others), reads what they write, and maps
 * new AUX areas now and then, so that there is something to look at. One process
 * per AUX area.
 */

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "area.h"
#include "kselftest.h"
#include "pattern.h"
#include "pmu.h"
#include "size.h"
#include "test_pmu.h"

#define MAX_WORKERS	64
#define PERIOD_US	10000
#define TICKS_PER_SEC	(1000000 / PERIOD_US)
#define MAX_RATE	(TICKS_PER_SEC * 1024 * 1024UL)

static const char usage[] =
	"usage: aux_traffic [options] [PMU...]\n"
	"\n"
	"Traces with each PMU, by default those of the module aux_test_pmu, until it gets\n"
	"SIGTERM or SIGINT.\n"
	"\n"
	"  -s, --size=SIZE        of an AUX area; default 4M\n"
	"  -o, --overwrite        map AUX areas in overwrite mode\n"
	"  -w, --watermark=SIZE   default: half of the AUX area\n"
	"  -r, --rate=SIZE        bytes per second and AUX area; default 512K\n"
	"  -n, --areas=N          AUX areas per PMU, each on a CPU of its own; default 1\n"
	"  -m, --remap=SECONDS    map a new AUX area that often; default 5, 0 is never\n"
	"  -d, --duration=SECONDS end after that time\n"
	"      --seed=N           of the pattern that is traced; default: PMU's number\n"
	"  -c, --check            compare what is read with the pattern\n"
	"  -q, --quiet            no line of status each second\n"
	"  -h, --help\n"
	"\n"
	"Exits with 1 if a comparison failed.\n";

static struct {
	size_t		size;
	bool		overwrite;
	size_t		watermark;
	size_t		rate;
	unsigned long	nr_areas;
	unsigned long	remap;		/* seconds, 0: never */
	unsigned long	duration;	/* seconds, 0: endless */
	unsigned long	seed;		/* 0: each PMU its own */
	bool		check;
	bool		quiet;
} options = {
	.size		= 4UL << 20,
	.rate		= 512UL << 10,
	.nr_areas	= 1,
	.remap		= 5,
};

/* One process, one AUX area at a time. Shared with the process. */
struct worker {
	char		pmu[PMU_NAME_MAX];
	int		cpu;
	__u16		seed;
	pid_t		pid;

	bool		tracing;
	unsigned long	nr_maps;
	unsigned long	nr_errors;
	__u64		nr_bytes;
};

static struct worker *workers;
static unsigned int nr_workers;

static sig_atomic_t stop_signal;

static void on_signal(int sig)
{
	__atomic_store_n(&stop_signal, 1, __ATOMIC_RELAXED);
}

static bool stopped(void)
{
	return __atomic_load_n(&stop_signal, __ATOMIC_RELAXED);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* As one line, also if many processes have something to say. */
static __printf(2, 3) void say(const struct worker *worker, const char *format, ...)
{
	char line[256];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);

	fprintf(stderr, "aux_traffic: %s on CPU %d: %s\n", worker->pmu, worker->cpu, line);
}

/* The pattern is that of aux_test_pmu; other PMUs have no such configuration. */
static bool is_test_pmu(const char *name)
{
	return !strncmp(name, "aux_test_", strlen("aux_test_"));
}

static int open_area(const struct worker *worker, struct area *area)
{
	struct event_spec spec = { .pid = -1, .cpu = worker->cpu, .watermark = options.watermark };
	size_t bytes;
	struct pmu pmu;

	if (pmu_find(worker->pmu, &pmu))
		return -ENODEV;
	spec.type = pmu.type;

	if (is_test_pmu(worker->pmu)) {
		bytes = options.rate / TICKS_PER_SEC / PATTERN_WORD_SIZE * PATTERN_WORD_SIZE;
		spec.config = test_pmu_config(bytes ?: PATTERN_WORD_SIZE, worker->seed);
		spec.config1 = PERIOD_US;
	}

	return area_open(area, &spec);
}

static void check(struct worker *worker, const struct area *area, __u64 from, __u64 to)
{
	struct pattern_error error;

	if (!options.check || !is_test_pmu(worker->pmu) ||
	    pattern_check(area, worker->seed, from, to, &error))
		return;

	worker->nr_errors++;
	say(worker, "byte %llu is part of %#llx, but should be of %#llx",
	    error.pos, error.seen, error.expected);
}

/*
 * Reads what there is, and leaves the event disabled in overwrite mode: only then
 * the trace holds still.
 */
static void follow(struct worker *worker, struct area *area, __u64 *seen)
{
	struct area_records records;
	__u64 head, from = *seen;

	if (area->overwrite)
		area_disable(area);

	head = area_head(area);
	if (area->overwrite && head - from > area->aux_size)
		from = head - area->aux_size;
	check(worker, area, from, head);
	if (!area->overwrite)
		area_consume(area, head);

	worker->nr_bytes += head - *seen;
	*seen = head;

	/* Nothing in there is of interest, but it must not fill up. */
	area_records(area, &records);
}

/*
 * Traces into one AUX area after the other. Returns when the event is of no use
 * any more, or it is time to stop.
 */
static void trace(struct worker *worker, struct area *area)
{
	struct pollfd pollfd = { .fd = area->fd, .events = POLLIN };
	double end;
	__u64 seen;
	int ret;

	while (!stopped()) {
		ret = area_map(area, options.size, options.overwrite);
		if (ret) {
			worker->tracing = false;
			if (ret == -ENODEV)
				return;
			say(worker, "mmap: %s", strerror(-ret));
			sleep(1);
			continue;
		}
		worker->tracing = true;
		worker->nr_maps++;
		seen = area->start;
		end = now() + options.remap;
		area_enable(area);

		while (!stopped() && (!options.remap || now() < end)) {
			/* The first of watermark and a quarter of a second. */
			poll(&pollfd, 1, 250);
			follow(worker, area, &seen);
			if (pollfd.revents & POLLERR)
				return;

			/* Or it was full and stopped. If not, this does nothing. */
			area_enable(area);
		}

		area_disable(area);
		follow(worker, area, &seen);
		area_unmap(area);
	}
}

static void work(struct worker *worker)
{
	bool said_missing = false;
	struct area area;
	int ret;

	prctl(PR_SET_PDEATHSIG, SIGTERM);

	while (!stopped()) {
		ret = open_area(worker, &area);
		if (ret) {
			if (!said_missing && (ret == -ENODEV || ret == -ENOENT))
				say(worker, "no such PMU, waiting for it");
			else if (!said_missing)
				say(worker, "cannot open an event: %s", strerror(-ret));
			said_missing = true;
			usleep(500 * 1000);
			continue;
		}

		if (said_missing)
			say(worker, "there it is");
		said_missing = false;
		trace(worker, &area);
		worker->tracing = false;
		area_close(&area);
		if (!stopped()) {
			say(worker, "the PMU is gone");
			said_missing = true;
		}
	}
}

static void add_workers(const char *pmu, const cpu_set_t *cpus)
{
	int cpu = -1;
	unsigned long i;

	/* As with most such hardware, a PMU writes to one AUX area per CPU. */
	if (options.nr_areas > (unsigned long)CPU_COUNT(cpus))
		errx(2, "areas: there are only %d CPUs", CPU_COUNT(cpus));

	for (i = 0; i < options.nr_areas; i++) {
		struct worker *worker = &workers[nr_workers];

		if (nr_workers == MAX_WORKERS)
			errx(2, "more than %d AUX areas", MAX_WORKERS);
		if (strlen(pmu) >= sizeof(worker->pmu))
			errx(2, "%s: name too long", pmu);

		do {
			cpu = (cpu + 1) % CPU_SETSIZE;
		} while (!CPU_ISSET(cpu, cpus));

		snprintf(worker->pmu, sizeof(worker->pmu), "%s", pmu);
		worker->cpu = cpu;
		worker->seed = options.seed ?: nr_workers + 1;
		nr_workers++;
	}
}

static void add_test_pmus(const cpu_set_t *cpus)
{
	static struct pmu pmus[256];
	unsigned int nr, i;

	if (test_pmu_load())
		errx(2, "no module aux_test_pmu; name a PMU");

	nr = pmu_list(pmus, ARRAY_SIZE(pmus));
	for (i = 0; i < nr; i++) {
		if (is_test_pmu(pmus[i].name))
			add_workers(pmus[i].name, cpus);
	}
	if (!nr_workers)
		errx(2, "no PMU of aux_test_pmu is registered; name a PMU");
}

static void show_status(double seconds)
{
	static __u64 last_bytes;
	unsigned long nr_maps = 0, nr_errors = 0;
	unsigned int i, nr_tracing = 0;
	__u64 bytes = 0;

	for (i = 0; i < nr_workers; i++) {
		nr_tracing += workers[i].tracing;
		nr_maps += workers[i].nr_maps;
		nr_errors += workers[i].nr_errors;
		bytes += workers[i].nr_bytes;
	}

	printf("%u of %u tracing, %lu AUX areas mapped, %.1f MiB read, %.2f MiB/s", nr_tracing,
	       nr_workers, nr_maps, bytes / 1048576.0, (bytes - last_bytes) / 1048576.0 / seconds);
	if (options.check)
		printf(", %lu errors", nr_errors);
	printf("\n");
	if (fflush(stdout))
		err(2, "stdout");
	last_bytes = bytes;
}

static unsigned long parse_number(const char *str, unsigned long min, unsigned long max,
				  const char *what)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(str, &end, 0);
	if (errno || end == str || *end || *str == '-' || value < min || value > max)
		errx(2, "%s: not a number from %lu to %lu: %s", what, min, max, str);

	return value;
}

static size_t parse_size(const char *str, size_t min, size_t max, const char *what)
{
	size_t value;

	if (!size_parse(str, &value) || value < min || value > max)
		errx(2, "%s: not a size from %zu to %zu: %s", what, min, max, str);

	return value;
}

static void parse_options(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "size",	required_argument,	NULL, 's' },
		{ "overwrite",	no_argument,		NULL, 'o' },
		{ "watermark",	required_argument,	NULL, 'w' },
		{ "rate",	required_argument,	NULL, 'r' },
		{ "areas",	required_argument,	NULL, 'n' },
		{ "remap",	required_argument,	NULL, 'm' },
		{ "duration",	required_argument,	NULL, 'd' },
		{ "seed",	required_argument,	NULL, 'S' },
		{ "check",	no_argument,		NULL, 'c' },
		{ "quiet",	no_argument,		NULL, 'q' },
		{ "help",	no_argument,		NULL, 'h' },
		{ NULL }
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "s:ow:r:n:m:d:cqh", long_options, NULL)) != -1) {
		switch (opt) {
		case 's':
			options.size = parse_size(optarg, getpagesize(), 1UL << 32, "size");
			break;
		case 'o':
			options.overwrite = true;
			break;
		case 'w':
			options.watermark = parse_size(optarg, 0, ~0U, "watermark");
			break;
		case 'r':
			options.rate = parse_size(optarg, 1, MAX_RATE, "rate");
			break;
		case 'n':
			options.nr_areas = parse_number(optarg, 1, MAX_WORKERS, "areas");
			break;
		case 'm':
			options.remap = parse_number(optarg, 0, 1000000, "remap");
			break;
		case 'd':
			options.duration = parse_number(optarg, 1, 1000000, "duration");
			break;
		case 'S':
			options.seed = parse_number(optarg, 1, 0xffff, "seed");
			break;
		case 'c':
			options.check = true;
			break;
		case 'q':
			options.quiet = true;
			break;
		case 'h':
			fputs(usage, stdout);
			if (fflush(stdout))
				err(2, "stdout");
			exit(0);
		default:
			fprintf(stderr, "Try 'aux_traffic --help' for more information.\n");
			exit(2);
		}
	}
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	unsigned long nr_errors = 0;
	double start, last;
	unsigned int i;
	cpu_set_t cpus;

	parse_options(argc, argv);
	if (sched_getaffinity(0, sizeof(cpus), &cpus))
		err(2, "sched_getaffinity");

	workers = mmap(NULL, MAX_WORKERS * sizeof(*workers), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (workers == MAP_FAILED)
		err(2, "mmap");

	if (optind == argc)
		add_test_pmus(&cpus);
	for (; optind < argc; optind++)
		add_workers(argv[optind], &cpus);

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);

	for (i = 0; i < nr_workers && !stopped(); i++) {
		pid_t pid = fork();

		if (pid < 0) {
			warn("fork");
			break;
		}
		if (!pid) {
			work(&workers[i]);
			_exit(0);
		}
		workers[i].pid = pid;
	}

	start = now();
	last = start;
	while (!stopped() && (!options.duration || now() - start < options.duration)) {
		sleep(1);
		if (!options.quiet)
			show_status(now() - last);
		last = now();
	}

	for (i = 0; i < nr_workers && workers[i].pid > 0; i++)
		kill(workers[i].pid, SIGTERM);
	while (wait(NULL) > 0)
		;
	for (i = 0; i < nr_workers; i++)
		nr_errors += workers[i].nr_errors;

	return nr_errors ? 1 : 0;
}
