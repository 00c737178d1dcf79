// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random calls for events with an AUX area: opens, maps, remaps, redirects, enables,
 * and closes them in any order, in rounds of a few hundred calls.
 *
 * Two rounds out of three are of one process that nobody disturbs, and a model says
 * what each mmap(), munmap(), mprotect() and PERF_EVENT_IOC_SET_OUTPUT has to return;
 * some of them are without privileges, and run into the limits of what may be
 * locked. In the others, there are threads and processes with the same events,
 * allocations that fail, processes that are killed, and PMUs that are unplugged. After
 * each round, nothing must be left.
 */

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "chunks.h"
#include "faults.h"
#include "file.h"
#include "fuzz_actor.h"
#include "kselftest.h"
#include "max_order.h"
#include "memory.h"
#include "stats.h"
#include "test_pmu.h"

#define PARANOID	"/proc/sys/kernel/perf_event_paranoid"
#define MLOCK_KB	"/proc/sys/kernel/perf_event_mlock_kb"
#define RCU_EXPEDITED	"/sys/kernel/rcu_expedited"
#define NOBODY		65534
#define UNPLUGGED	"aux_fuzz"

/* What a batch of rounds may leave behind, in pages. */
#define MAX_GROWTH	1024

static const char usage[] =
	"usage: aux_fuzz [options] [PMU...]\n"
	"\n"
	"Calls perf at random, by default with all PMUs of aux_test_pmu, intel_pt and\n"
	"intel_bts, as far as they are there.\n"
	"\n"
	"  -n, --calls=N   at least that many for each PMU; default 4000\n"
	"  -s, --seed=N    default: the time\n"
	"  -r, --round=N   this round only\n"
	"  -v, --verbose   print the calls of each round\n"
	"  -h, --help\n";

static const char * const known_pmus[] = {
	TEST_PMU_MUST, TEST_PMU_NICE, TEST_PMU_DONTCARE, "intel_pt", "intel_bts",
};

static struct {
	unsigned long	calls;
	unsigned long	seed;
	long		round;		/* -1: all */
	bool		verbose;
} options = {
	.calls	= 4000,
	.round	= -1,
};

static struct model_pmu pmus[ACTOR_MAX_PMUS];
static unsigned int nr_pmus;
static struct actor_report *report;
static unsigned long user_limit;
static bool can_fail;

/* Sums over all rounds of a PMU. */
struct sums {
	unsigned long	nr_rounds;
	unsigned long	nr_mapped;	/* rounds with an AUX area */
	unsigned long	nr_wild;
	unsigned long	nr_calls;
	unsigned long	nr_aux_calls;
	unsigned long	nr_mmaps;
	unsigned long	nr_areas;
	unsigned long	nr_chunks;
	unsigned long	nr_compared;
};

/*
 * What a worker does
 */

static void drop_privileges(struct actor *actor)
{
	struct rlimit limit;

	limit.rlim_cur = (rlim_t)actor_below(actor, 1024) * 1024;
	limit.rlim_max = limit.rlim_cur;
	if (setrlimit(RLIMIT_MEMLOCK, &limit) || setgroups(0, NULL) ||
	    setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY)) {
		actor_fail(actor, "can't be nobody: %s", strerror(errno));
		return;
	}
	prctl(PR_SET_DUMPABLE, 1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);

	actor->privileged = false;
	actor->model.limited = true;
	actor->model.user_limit = user_limit;
	actor->model.pinned_limit = limit.rlim_cur / getpagesize();
}

static void act(struct actor *actor, unsigned int nr)
{
	while (nr-- && !actor->report->failed)
		actor_act(actor);
}

static void *act_as_thread(void *arg)
{
	struct actor *actor = arg;

	act(actor, 20 + actor_below(actor, 500));
	return NULL;
}

/* A copy that is random in another way. */
static struct actor other_actor(struct actor *actor, unsigned int number)
{
	struct actor other = *actor;

	other.number = number;
	other.random = actor_random(actor);
	other.catching = false;
	return other;
}

/* Knows the same events, and acts at the same time. Doesn't always let us live. */
static void act_as_process(struct actor *actor, unsigned int number, unsigned int nr)
{
	struct actor child = other_actor(actor, number);
	pid_t parent = getpid();

	if (fork())
		return;

	if (child.faults)
		child.faults = !faults_child();
	act(&child, nr);
	if (!actor_below(&child, 6))
		kill(parent, SIGKILL);
	_exit(0);
}

static void work_wild(struct actor *actor, unsigned int nr)
{
	struct actor thread_actor;
	bool have_thread = false;
	unsigned int i, nr_others = 1 + actor_below(actor, 2);
	pthread_t thread;

	act(actor, nr / 4);
	if (actor_below(actor, 2)) {
		thread_actor = other_actor(actor, 1);
		thread_actor.faults = false;
		have_thread = !pthread_create(&thread, NULL, act_as_thread, &thread_actor);
	}
	for (i = 0; i < nr_others; i++)
		act_as_process(actor, 2 + i, nr / 2);
	act(actor, nr / 2);
	if (have_thread)
		pthread_join(thread, NULL);
}

static void work_alone(struct actor *actor, unsigned int nr)
{
	unsigned long locked;

	if (actor_below(actor, 3) == 0)
		drop_privileges(actor);
	act(actor, nr);

	if (actor_below(actor, 2) && !actor->report->failed) {
		actor_leave(actor);
		locked = actor->model.user_locked + actor->model.pinned;
		if (locked)
			actor_fail(actor, "the model has %lu pages left", locked);
	}
}

static bool is_wild(unsigned long round)
{
	return round % 3 == 2;
}

static __noreturn void work(struct actor *actor, unsigned long round)
{
	unsigned int nr = 100 + actor_below(actor, 1500);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	actor_catch_faults();

	if (is_wild(round)) {
		if (can_fail && actor_below(actor, 2))
			actor->faults = !faults_child();
		work_wild(actor, nr);
	} else {
		actor->strict = true;
		work_alone(actor, nr);
	}
	_exit(0);
}

/*
 * Rounds
 */

static bool is_idle(const char *pmu, char *why, size_t size)
{
	static struct stats_row rows[64];
	struct stats stats;
	const char *rule;
	int i, nr;

	nr = stats_rows(rows, ARRAY_SIZE(rows));
	for (i = 0; i < nr; i++) {
		if (!strcmp(rows[i].pmu, pmu) || !strcmp(rows[i].pmu, UNPLUGGED)) {
			snprintf(why, size, "%u pages of an AUX area of %.64s are left",
				 rows[i].pages, rows[i].pmu);
			return false;
		}
	}
	if (nr < 0) {
		snprintf(why, size, STATS_AREAS ": %s",
			 nr == -EBADMSG ? stats_bad() : strerror(-nr));
		return false;
	}

	nr = stats_read(pmu, &stats);
	if (nr) {
		snprintf(why, size, "statistics of %s: %s", pmu,
			 nr == -EBADMSG ? stats_bad() : strerror(-nr));
		return false;
	}
	rule = stats_broken_rule(&stats, 0);
	if (rule)
		snprintf(why, size, "%s: %s", pmu, rule);

	return !rule;
}

/* What the kernel does later is over soon. */
static void check_idle(struct actor *actor, const char *pmu)
{
	char why[512];
	int tries;

	for (tries = 0; tries < 200; tries++) {
		if (is_idle(pmu, why, sizeof(why)))
			return;
		usleep(10000);
	}
	actor_fail(actor, "%s", why);
}

static void report_failure(const char *pmu, unsigned long round)
{
	unsigned int i, first;

	ksft_print_msg("%s: round %lu: %s\n", pmu, round, report->failure);
	ksft_print_msg("again: aux_fuzz --seed=%lu --round=%lu %s\n", options.seed, round, pmu);
	first = report->nr_lines > ACTOR_LOG_LINES ? report->nr_lines - ACTOR_LOG_LINES : 0;
	for (i = first; i < report->nr_lines; i++)
		ksft_print_msg("  %s\n", report->log[i % ACTOR_LOG_LINES]);
}

static const char *kind_of(const char *pmu)
{
	return strncmp(pmu, "aux_test_", strlen("aux_test_")) ? NULL : pmu + strlen("aux_test_");
}

/* The PMU under test is the first one; the others come in another order each time. */
static void choose_pmus(struct actor *actor, unsigned int which)
{
	static struct model_pmu chosen[ACTOR_MAX_PMUS];
	unsigned int i, nr = 0;
	int order;

	chosen[nr++] = pmus[which];
	for (i = 0; i < nr_pmus; i++) {
		if (i != which && (!pmus[i].has_aux || actor_below(actor, 2)))
			chosen[nr++] = pmus[i];
	}
	for (i = 0; i < nr; i++) {
		order = chosen[i].has_aux && !chosen[i].must ?
			max_order_read(chosen[i].pmu.name) : 0;
		chosen[i].aux_max_order = order > 0 ? order : 0;
	}
	actor->pmus = chosen;
	actor->nr_pmus = nr;
}

/* Returns whether all is as it should be. */
static bool run_round(unsigned int which, unsigned long round, struct sums *sums)
{
	const char *name = pmus[which].pmu.name;
	struct actor actor = {
		.report		= report,
		.random		= options.seed * 1000003 + round * 7919 + which,
		.nr_cpus	= sysconf(_SC_NPROCESSORS_ONLN),
		.privileged	= true,
		.kind		= kind_of(name),
		.other		= getpid(),
	};
	int status, own_status = 0;
	pid_t worker, pid;

	memset(report, 0, sizeof(*report));
	actor_random(&actor);
	actor.per_cpu = !actor_below(&actor, 3);

	if (!pmus[which].must)
		max_order_set(name, actor_below(&actor, 2) ? 0 :
			      actor_below(&actor, max_page_order() + 1));
	choose_pmus(&actor, which);

	if (is_wild(round) && actor.kind && !actor_below(&actor, 3)) {
		actor.unplugs = true;
		test_pmu_register(UNPLUGGED, actor.kind);
		if (pmu_find(UNPLUGGED, &actor.pmus->pmu))
			actor_fail(&actor, UNPLUGGED " can't be registered");
	}

	fflush(stdout);
	worker = fork();
	if (!worker)
		work(&actor, round);
	while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		if (pid == worker)
			own_status = status;
	}
	if (WIFSIGNALED(own_status) && (!is_wild(round) || (WTERMSIG(own_status) != SIGKILL &&
							    WTERMSIG(own_status) != SIGTRAP)))
		actor_fail(&actor, "died of signal %d", WTERMSIG(own_status));

	if (actor.unplugs)
		test_pmu_unregister(UNPLUGGED);
	check_idle(&actor, name);

	sums->nr_rounds++;
	sums->nr_mapped += report->nr_areas > 0;
	sums->nr_wild += is_wild(round);
	sums->nr_calls += report->nr_calls;
	sums->nr_aux_calls += report->nr_aux_calls;
	sums->nr_mmaps += report->nr_mmaps;
	sums->nr_areas += report->nr_areas;
	sums->nr_chunks += report->nr_chunks;
	sums->nr_compared += report->nr_compared;

	if (report->failed || options.verbose)
		report_failure(name, round);
	return !report->failed;
}

/* Until there were so many more calls. */
static bool run_rounds(unsigned int which, unsigned long *round, unsigned long calls,
		       struct sums *sums)
{
	unsigned long end = sums->nr_aux_calls + calls;

	while (sums->nr_aux_calls < end) {
		if (!run_round(which, (*round)++, sums))
			return false;
	}
	return true;
}

static void fuzz(unsigned int which)
{
	const char *name = pmus[which].pmu.name;
	struct memory_growth growth = { };
	struct sums sums = { };
	unsigned long round = 0;
	struct timespec begin, now;
	bool good = true;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	if (options.round >= 0) {
		good = run_round(which, options.round, &sums);
	} else {
		/* What is done for the first time takes memory for good. */
		good = run_rounds(which, &round, options.calls / 8, &sums);
		while (good && memory_grows(&growth, MAX_GROWTH))
			good = run_rounds(which, &round, options.calls, &sums);
	}
	clock_gettime(CLOCK_MONOTONIC, &now);

	ksft_print_msg("%s: seed %lu, %ld s: %lu rounds, %lu of them wild\n", name, options.seed,
		       now.tv_sec - begin.tv_sec, sums.nr_rounds, sums.nr_wild);
	ksft_print_msg("%s: %lu calls, %lu of them at its events; %lu mmaps\n", name,
		       sums.nr_calls, sums.nr_aux_calls, sums.nr_mmaps);
	ksft_print_msg("%s: %lu new AUX areas, in %lu%% of the rounds\n", name, sums.nr_areas,
		       sums.nr_rounds ? sums.nr_mapped * 100 / sums.nr_rounds : 0);
	ksft_print_msg("%s: %lu results, and the chunks of %lu areas, are as predicted\n", name,
		       sums.nr_compared, sums.nr_chunks);

	ksft_test_result(good, "%s: all is as it should be\n", name);
	if (options.round >= 0)
		return;
	ksft_test_result(sums.nr_mapped * 2 > sums.nr_rounds,
			 "%s: more than half of the rounds map an AUX area\n", name);
	if (growth.pages >= MAX_GROWTH)
		ksft_print_msg("%s: %ld pages did not come back\n", name, growth.pages);
	ksft_test_result(good && growth.pages < MAX_GROWTH, "%s: memory comes back\n", name);
}

static bool add_pmu(const char *name)
{
	struct model_pmu *pmu = &pmus[nr_pmus];
	unsigned int i;

	for (i = 0; i < nr_pmus; i++) {
		if (!strcmp(pmus[i].pmu.name, name))
			return true;
	}
	if (nr_pmus == ACTOR_MAX_PMUS || pmu_find(name, &pmu->pmu))
		return false;

	pmu->has_aux = max_order_mode(name);
	pmu->must = max_order_mode(name) == 0444;
	pmu->snapshots = !strcmp(name, "intel_pt");
	pmu->test = kind_of(name);
	nr_pmus++;
	return true;
}

static unsigned long parse_number(const char *str)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(str, &end, 0);
	if (errno || end == str || *end || *str == '-')
		errx(2, "not a number: %s", str);
	return value;
}

static void parse_options(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "calls",	required_argument,	NULL, 'n' },
		{ "seed",	required_argument,	NULL, 's' },
		{ "round",	required_argument,	NULL, 'r' },
		{ "verbose",	no_argument,		NULL, 'v' },
		{ "help",	no_argument,		NULL, 'h' },
		{ NULL }
	};
	int opt;

	options.seed = time(NULL);
	while ((opt = getopt_long(argc, argv, "n:s:r:vh", long_options, NULL)) != -1) {
		switch (opt) {
		case 'n':
			options.calls = parse_number(optarg);
			break;
		case 's':
			options.seed = parse_number(optarg);
			break;
		case 'r':
			options.round = parse_number(optarg);
			break;
		case 'v':
			options.verbose = true;
			break;
		case 'h':
			fputs(usage, stdout);
			if (fflush(stdout))
				err(2, "stdout");
			exit(0);
		default:
			fprintf(stderr, "Try 'aux_fuzz --help' for more information.\n");
			exit(2);
		}
	}
}

int main(int argc, char **argv)
{
	char paranoid[32] = "";
	unsigned long mlock_kb;
	unsigned int i, nr_tested;

	parse_options(argc, argv);

	ksft_print_header();
	if (geteuid())
		ksft_exit_skip("needs root\n");
	test_pmu_load();
	if (!stats_available())
		ksft_exit_skip("no statistics of AUX areas (CONFIG_PERF_AUX_STATS)\n");

	if (optind == argc) {
		for (i = 0; i < ARRAY_SIZE(known_pmus); i++)
			add_pmu(known_pmus[i]);
	}
	for (; optind < argc; optind++) {
		if (!add_pmu(argv[optind]))
			ksft_exit_fail_msg("no PMU %s\n", argv[optind]);
	}
	nr_tested = nr_pmus;
	if (!nr_tested)
		ksft_exit_skip("no PMU with an AUX area\n");
	for (i = 0; i < nr_tested; i++) {
		if (!pmus[i].has_aux)
			ksft_exit_fail_msg("%s has no AUX area\n", pmus[i].pmu.name);
	}
	for (i = 0; i < ARRAY_SIZE(known_pmus); i++)
		add_pmu(known_pmus[i]);
	add_pmu("software");

	report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (report == MAP_FAILED || prctl(PR_SET_CHILD_SUBREAPER, 1))
		ksft_exit_fail_perror("can't begin");

	/* Everybody may trace, and has a limit. */
	file_read(PARANOID, paranoid, sizeof(paranoid));
	if (file_write_str(PARANOID, "0") || file_read_ul(MLOCK_KB, &mlock_kb))
		ksft_exit_fail_msg("can't set %s\n", PARANOID);
	user_limit = mlock_kb / (getpagesize() / 1024) * sysconf(_SC_NPROCESSORS_ONLN);
	/* Or most of the time is spent waiting for a buffer that was mapped before. */
	file_write_str(RCU_EXPEDITED, "1");
	can_fail = faults_available() && !faults_begin();
	max_orders_save();

	ksft_set_plan(nr_tested * (options.round >= 0 ? 1 : 3));
	for (i = 0; i < nr_tested; i++)
		fuzz(i);

	test_pmu_unregister(UNPLUGGED);
	max_orders_restore();
	if (can_fail)
		faults_end();
	file_write_str(RCU_EXPEDITED, "0");
	file_write_str(PARANOID, paranoid);
	ksft_finished();
}
