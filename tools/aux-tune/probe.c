// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "auxmap.h"
#include "pagetrace.h"
#include "probe.h"
#include "text.h"
#include "xalloc.h"

enum message_type {
	MESSAGE_SETTING,		/* value is about to be written */
	MESSAGE_STEP,
	MESSAGE_END,			/* value: 0, or why it did not go on; all is as it was */
};

/* What the child sends, each with one write() that a pipe takes as a whole. */
struct message {
	enum message_type type;
	int value;
	struct probe_step step;
};

_Static_assert(sizeof(struct message) <= 4096, "more than PIPE_BUF");

struct probe {
	const struct kroot *root;
	char *name;
	char *dir;
	char *file;			/* aux_max_order */
	int64_t type;
	size_t page_size;
	struct probe_options options;
	int orders[BUDDY_ORDERS];
	int planned;
	bool writes;
	int before;			/* the setting to put back */

	int lock;			/* keeps other probes of this PMU away */
	pid_t child;
	pid_t parent;
	int pipe;			/* the parent's end or the child's */

	int setting;			/* the value the child is about to write, or has written */
	int setting_before;		/* the one before that, which it may be still */
	bool restored;			/* as far as the child says */
	bool left;			/* the setting is not what it was before */
	enum probe_state state;
	char *reason;
	struct probe_step steps[BUDDY_ORDERS];
	int nr;
};

uint64_t probe_fallbacks(const struct chunks *chunks, int asked, uint64_t pages)
{
	uint64_t fallbacks = 0, left = pages;

	for (int order = chunks->orders - 1; order >= 0; order--) {
		for (uint64_t i = 0; i < chunks->nr[order] && left >> order; i++) {
			int fits = 63 - __builtin_clzll(left);

			fallbacks += order < (fits < asked ? fits : asked);
			left -= UINT64_C(1) << order;
		}
	}
	return fallbacks;
}

int probe_asked(int max_order, uint64_t pages, bool overwrite)
{
	/* By default the watermark is half of the area. */
	int size = 63 - __builtin_clzll(overwrite || pages < 2 ? pages : pages / 2);

	return size < max_order ? size : max_order;
}

uint64_t probe_blocks_from(const struct probe_blocks *blocks, int order)
{
	uint64_t nr = 0;

	for (int i = order; i < blocks->orders; i++)
		nr += blocks->free[i] << (i - order);
	return nr;
}

uint64_t probe_blocks_gone(const struct probe_step *step, int order)
{
	uint64_t before = probe_blocks_from(&step->before, order);
	uint64_t during = probe_blocks_from(&step->during, order);

	return before > during ? before - during : 0;
}

int probe_as_asked(const struct probe_step *step)
{
	uint64_t all = 0, asked = 0;

	if (step->source == PROBE_UNSEEN || step->asked == ORDER_UNKNOWN)
		return -1;
	for (int i = 0; i < step->chunks.orders; i++) {
		all += chunks_pages(&step->chunks, i);
		if (i >= step->asked)
			asked += chunks_pages(&step->chunks, i);
	}
	return all ? (int)(asked * 100 / all) : -1;
}

static int read_order(const struct probe *probe)
{
	char text[64];
	ssize_t len = kfile_read(probe->root, probe->file, text, sizeof(text));

	return len < 0 ? (int)len : order_from_attribute(text);
}

static int write_order(const struct probe *probe, int order)
{
	char text[16];

	snprintf(text, sizeof(text), "%d\n", order);
	return kfile_write(probe->root, probe->file, text);
}

/*
 * Puts the setting back if it is one that the probe made, @last or @previous. -EBUSY: somebody
 * else has changed it, and meant it.
 */
static int restore(const struct probe *probe, int last, int previous)
{
	int now;

	if (!probe->writes || last == ORDER_UNKNOWN)
		return 0;
	now = read_order(probe);
	if (now < 0)
		return now;
	if (now == probe->before)
		return 0;
	return now == last || now == previous ? write_order(probe, probe->before) : -EBUSY;
}

/* ----- the child ----- */

static sig_atomic_t stop_signal;

static void stop(void)
{
	__atomic_store_n(&stop_signal, 1, __ATOMIC_RELAXED);
}

static bool stopped(void)
{
	return __atomic_load_n(&stop_signal, __ATOMIC_RELAXED);
}

static void on_stop(int signal)
{
	stop();
}

/*
 * Signals that are meant for the tool go to the parent, which decides. The child hears of its
 * death, and then ends by itself.
 */
static void child_signals(pid_t parent)
{
	struct sigaction action = { .sa_handler = on_stop };
	sigset_t none;

	/* The screen's handlers would write to the terminal. */
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	setpgid(0, 0);
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGTSTP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGTERM, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		stop();
}

static void child_quiet(void)
{
	int null = open("/dev/null", O_RDWR);

	for (int fd = 0; null >= 0 && fd < 3; fd++)
		dup2(null, fd);
}

static void send(const struct probe *probe, enum message_type type, int value,
		 const struct probe_step *step)
{
	struct message message;

	/* Padding, too, is sent. */
	memset(&message, 0, sizeof(message));
	message.type = type;
	message.value = value;
	if (step)
		memcpy(&message.step, step, sizeof(*step));
	/* Without a reader there is nobody to tell. */
	if (write(probe->pipe, &message, sizeof(message)) != sizeof(message))
		stop();
}

static void read_blocks(const struct probe *probe, struct probe_blocks *blocks)
{
	struct buddyinfo info;

	if (!buddyinfo_read(&info, probe->root)) {
		blocks->orders = info.orders;
		memcpy(blocks->free, info.free, sizeof(blocks->free));
	}
	buddyinfo_clear(&info);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * UINT64_C(1000000000) + ts.tv_nsec;
}

/* The row of this process' area. */
static bool ask_statistics(const struct probe *probe, struct probe_step *step)
{
	struct area_table areas;
	bool found = false;
	int64_t pid, order;

	areas_read(&areas, probe->root);
	for (size_t row = 0; row < areas.nr_rows && !found; row++) {
		if (!areas_is_of(&areas, row, probe->name) ||
		    !areas_number(&areas, row, "pid", &pid) || pid != getpid() ||
		    !areas_number(&areas, row, "max_order", &order) || order < 0 ||
		    order > ORDER_LIMIT || !areas_chunks(&areas, row, &step->chunks))
			continue;
		step->source = PROBE_STATISTICS;
		step->asked = order;
		found = true;
	}
	areas_clear(&areas);
	return found;
}

/* What was not in larger blocks was single pages, whether each was reported or not. */
static void take_trace(const struct probe *probe, struct probe_step *step,
		       const struct chunks *chunks)
{
	uint64_t pages = probe->options.size / probe->page_size, large = 0;

	for (int order = 1; order < chunks->orders; order++)
		large += chunks_pages(chunks, order);
	/* Then it has seen something else, too. */
	if (large > pages)
		return;
	step->source = PROBE_TRACEFS;
	step->chunks = *chunks;
	step->chunks.nr[0] = pages - large;
	if (!step->chunks.orders)
		step->chunks.orders = 1;
	if (step->order != ORDER_UNKNOWN)
		step->asked = probe_asked(step->order, pages, probe->options.overwrite);
}

static void count_fallbacks(const struct probe *probe, struct probe_step *step)
{
	if (step->source != PROBE_UNSEEN && step->asked != ORDER_UNKNOWN)
		step->fallbacks = probe_fallbacks(&step->chunks, step->asked,
						  probe->options.size / probe->page_size);
}

/* Which of the causes of failure was counted in between; other areas may have failed, too. */
static void find_cause(const struct stats *before, const struct stats *after,
		       struct probe_step *step)
{
	for (size_t i = 0; i < after->nr; i++) {
		const struct stat_value *value = &after->values[i];

		if (!stats_is_cause(value->name) || strlen(value->name) >= sizeof(step->cause))
			continue;
		for (size_t j = 0; j < before->nr; j++)
			if (!strcmp(before->values[j].name, value->name) &&
			    before->values[j].value < value->value)
				snprintf(step->cause, sizeof(step->cause), "%s", value->name);
	}
}

/* Maps the area, looks, and unmaps it. */
static void map_area(const struct probe *probe, struct auxmap *map, struct probe_step *step)
{
	struct stats counters, counters_after;
	struct pagetrace trace = { NULL };
	struct chunks chunks;
	bool tracing = false;
	uint64_t start;

	/* The kernel's statistics tell all; tracing costs time, which is measured here. */
	if (stats_missing(probe->root))
		tracing = !pagetrace_begin(&trace, probe->options.size / probe->page_size);
	stats_read(&counters, probe->root, probe->name);
	read_blocks(probe, &step->before);
	start = now_ns();
	step->error = auxmap_map(map, probe->options.size, probe->options.overwrite);
	step->map_ns = now_ns() - start;
	if (tracing)
		tracing = !pagetrace_end(&trace, &chunks);
	if (step->error) {
		stats_read(&counters_after, probe->root, probe->name);
		find_cause(&counters, &counters_after, step);
		stats_clear(&counters_after);
	}
	stats_clear(&counters);
	if (step->error)
		return;
	step->stage = PROBE_MAPPED;
	read_blocks(probe, &step->during);
	if (!ask_statistics(probe, step) && tracing)
		take_trace(probe, step, &chunks);
	count_fallbacks(probe, step);
	start = now_ns();
	auxmap_unmap(map);
	step->unmap_ns = now_ns() - start;
	read_blocks(probe, &step->after);
}

static void do_step(const struct probe *probe, struct probe_step *step)
{
	struct auxmap map;
	bool event_open;

	step->stage = PROBE_EVENT;
	step->error = auxmap_open(&map, probe->root, probe->name, probe->dir, probe->type,
				  &event_open);
	if (step->error) {
		if (event_open)
			step->stage = PROBE_DATA;
		return;
	}
	step->stage = PROBE_AUX;
	map_area(probe, &map, step);
	auxmap_close(&map);
}

/* Writes @order unless it is set; -EBUSY when somebody else has changed the setting. */
static int change_setting(const struct probe *probe, int order, int *last)
{
	int now = read_order(probe);

	if (now < 0)
		return now;
	if (now != (*last == ORDER_UNKNOWN ? probe->before : *last))
		return -EBUSY;
	if (now == order)
		return 0;
	send(probe, MESSAGE_SETTING, order, NULL);
	*last = order;
	return write_order(probe, order);
}

static void child_main(const struct probe *probe)
{
	int last = ORDER_UNKNOWN, err = 0, restored;

	for (int i = 0; i < probe->planned && !stopped() && !err; i++) {
		struct probe_step step;

		memset(&step, 0, sizeof(step));
		step.order = probe->orders[i];
		step.asked = ORDER_UNKNOWN;
		if (probe->writes)
			err = change_setting(probe, step.order, &last);
		if (err == -EBUSY)
			break;
		/* This one is reported with its step. */
		if (err)
			step.error = err;
		else if (!stopped())
			do_step(probe, &step);
		/* Today's order has to be today's still, or the step says nothing of it. */
		if (err || step.stage != PROBE_SETTING)
			send(probe, MESSAGE_STEP, 0, &step);
		/* Only memory depends on the order; what else is wrong will be next time, too. */
		if (step.error && (step.stage != PROBE_AUX || step.error != -ENOMEM))
			break;
	}
	if (stopped() && !err)
		err = -EINTR;
	restored = restore(probe, last, last);
	if (!restored || restored == -EBUSY)
		send(probe, MESSAGE_END, err ?: restored, NULL);
}

/* ----- the parent ----- */

static void set_reason(struct probe *probe, char *reason)
{
	free(probe->reason);
	probe->reason = reason;
}

static void not_restored(struct probe *probe, int err)
{
	probe->state = PROBE_STOPPED;
	probe->left = true;
	if (err == -EBUSY)
		set_reason(probe, xstrdup("somebody else has changed aux_max_order meanwhile; it was left as it is"));
	else
		set_reason(probe, xasprintf("aux_max_order could not be set back to %d: %s",
					    probe->before, strerror(-err)));
}

/* After the child has gone: the state, and the setting if the child did not get to it. */
static void finish(struct probe *probe, int status)
{
	int err;

	close(probe->pipe);
	probe->pipe = -1;
	pagetrace_cleanup(probe->child);
	probe->child = 0;
	if (probe->state == PROBE_RUNNING)
		probe->state = PROBE_STOPPED;
	if (WIFSIGNALED(status) && !probe->reason)
		set_reason(probe, xasprintf("the process that maps the areas was ended by signal %d (%s)",
					    WTERMSIG(status), strsignal(WTERMSIG(status))));
	if (probe->state == PROBE_STOPPED && !probe->reason)
		set_reason(probe, xstrdup("the process that maps the areas was told to stop"));
	err = probe->restored ? 0 : restore(probe, probe->setting, probe->setting_before);
	if (err)
		not_restored(probe, err);
	/* Only now may another probe begin. */
	close(probe->lock);
	probe->lock = -1;
}

static void reap(struct probe *probe)
{
	int status = 0;

	while (waitpid(probe->child, &status, 0) < 0 && errno == EINTR)
		;
	finish(probe, status);
}

static void take(struct probe *probe, const struct message *message)
{
	switch (message->type) {
	case MESSAGE_SETTING:
		probe->setting_before = probe->setting;
		probe->setting = message->value;
		break;
	case MESSAGE_STEP:
		if (probe->nr < probe->planned)
			probe->steps[probe->nr++] = message->step;
		break;
	case MESSAGE_END:
		probe->restored = true;
		if (message->value == -EBUSY)
			not_restored(probe, -EBUSY);
		else if (message->value != -EINTR)
			probe->state = PROBE_DONE;
		break;
	}
}

bool probe_read(struct probe *probe)
{
	struct message message;
	ssize_t n;

	if (!probe->child)
		return false;
	do {
		n = read(probe->pipe, &message, sizeof(message));
		if (n == sizeof(message))
			take(probe, &message);
	} while (n == sizeof(message) || (n < 0 && errno == EINTR));
	if (n < 0 && errno == EAGAIN)
		return true;
	reap(probe);
	return false;
}

void probe_stop(struct probe *probe)
{
	if (!probe->child)
		return;
	/* Not asked nicely: mmap() of a large area goes on until a signal that kills. */
	kill(probe->child, SIGKILL);
	fcntl(probe->pipe, F_SETFL, 0);
	if (!probe->reason)
		set_reason(probe, xstrdup("stopped"));
	probe->state = PROBE_STOPPED;
	while (probe_read(probe))
		;
}

bool probe_restored(const struct probe *probe)
{
	return !probe->child && !probe->left;
}

void probe_free(struct probe *probe)
{
	if (!probe)
		return;
	probe_stop(probe);
	if (probe->lock >= 0)
		close(probe->lock);
	free(probe->name);
	free(probe->dir);
	free(probe->file);
	free(probe->reason);
	free(probe);
}

/* 0, or -EWOULDBLOCK when another probe of this PMU is running. */
static int lock(struct probe *probe)
{
	if (!probe->writes)
		return 0;
	probe->lock = kfile_open(probe->root, probe->file, O_RDONLY);
	if (probe->lock < 0)
		return probe->lock;
	return flock(probe->lock, LOCK_EX | LOCK_NB) ? -errno : 0;
}

static int start_child(struct probe *probe)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	probe->parent = getpid();
	/* What is buffered must not be printed twice. */
	fflush(NULL);
	probe->child = fork();
	if (probe->child < 0) {
		int err = -errno;

		close(fds[0]);
		close(fds[1]);
		probe->child = 0;
		return err;
	}
	if (!probe->child) {
		child_signals(probe->parent);
		close(fds[0]);
		probe->pipe = fds[1];
		child_quiet();
		child_main(probe);
		_exit(0);
	}
	close(fds[1]);
	probe->pipe = fds[0];
	fcntl(probe->pipe, F_SETFL, O_NONBLOCK);
	return 0;
}

struct probe *probe_start(const struct machine *machine, const struct pmu *pmu,
			  const struct probe_options *options, const struct probe_plan *plan,
			  enum exit_status *status, char **reason)
{
	struct probe *probe;
	int err;

	*reason = NULL;
	if (!auxmap_possible(&machine->root)) {
		*status = STATUS_REFUSED;
		*reason = xstrdup("an area can be mapped on the running system only, not with --root");
		return NULL;
	}
	probe = xcalloc(1, sizeof(*probe));
	probe->root = &machine->root;
	probe->name = xstrdup(pmu->name);
	probe->dir = xstrdup(pmu->dir);
	probe->file = pmu_order_file(pmu);
	probe->type = pmu->type;
	probe->page_size = machine->page_size;
	probe->options = *options;
	memcpy(probe->orders, plan->orders, sizeof(probe->orders));
	probe->planned = plan->nr;
	probe->writes = plan->writes;
	probe->before = pmu->order;
	probe->setting = ORDER_UNKNOWN;
	probe->setting_before = ORDER_UNKNOWN;
	probe->lock = -1;
	probe->pipe = -1;

	err = lock(probe);
	if (err == -EWOULDBLOCK) {
		*status = STATUS_FAILURE;
		*reason = xstrdup("another probe of this PMU is running");
	}
	if (!err)
		err = start_child(probe);
	if (!err)
		return probe;
	if (!*reason) {
		*status = STATUS_FAILURE;
		*reason = xasprintf("it cannot be probed: %s", strerror(-err));
	}
	probe_free(probe);
	return NULL;
}

int probe_fd(const struct probe *probe)
{
	return probe->pipe;
}

enum probe_state probe_state(const struct probe *probe)
{
	return probe->state;
}

const char *probe_reason(const struct probe *probe)
{
	return probe->reason;
}

const struct probe_step *probe_steps(const struct probe *probe, int *nr, int *planned)
{
	*nr = probe->nr;
	*planned = probe->planned;
	return probe->steps;
}

/* ----- what can be tried ----- */

__attribute__((format(printf, 3, 4)))
static void refuse(struct probe_plan *plan, enum exit_status status, const char *fmt, ...)
{
	va_list ap;

	free(plan->note);
	plan->note = NULL;
	plan->nr = 0;
	plan->writes = false;
	plan->status = status;
	va_start(ap, fmt);
	plan->reason = xvasprintf(fmt, ap);
	va_end(ap);
}

static void only(struct probe_plan *plan, int order, char *note)
{
	plan->orders[0] = order;
	plan->nr = 1;
	plan->writes = false;
	plan->note = note;
}

/* What cannot be changed is tried as it is, unless something else was asked for. */
static void cannot_change(const struct pmu *pmu, const struct probe_options *options,
			  struct probe_plan *plan, enum exit_status status, const char *why)
{
	bool all = options->first == PROBE_ALL_ORDERS;

	if (all || (options->first == pmu->order && options->last == pmu->order))
		only(plan, pmu->order, all ? xasprintf("only order %d is tried: %s", pmu->order, why) :
			   NULL);
	else
		refuse(plan, status, "only order %d can be tried: %s", pmu->order, why);
}

static void plan_orders(const struct machine *machine, const struct pmu *pmu,
			const struct probe_options *options, struct probe_plan *plan)
{
	int first = options->first, last = options->last;

	if (machine->max_order == ORDER_UNKNOWN) {
		cannot_change(pmu, options, plan, STATUS_FAILURE,
			      "the largest order is not known, as /proc/buddyinfo cannot be read");
		return;
	}
	if (first == PROBE_ALL_ORDERS) {
		first = 0;
		last = machine->max_order;
	}
	if (first < 0 || first > last || last > machine->max_order) {
		refuse(plan, STATUS_REFUSED, "orders %d-%d are out of range: 0 to %d", first, last,
		       machine->max_order);
		return;
	}
	for (int order = first; order <= last; order++) {
		plan->orders[plan->nr++] = order;
		plan->writes |= order != pmu->order;
	}
}

static void check_write(const struct machine *machine, const struct pmu *pmu,
			const struct probe_options *options, struct probe_plan *plan)
{
	char *file = pmu_order_file(pmu);
	int err = kfile_writable(&machine->root, file);

	free(file);
	if (options->readonly)
		cannot_change(pmu, options, plan, STATUS_REFUSED,
			      "aux-tune was started with --readonly");
	else if (err == -EACCES || err == -EPERM)
		cannot_change(pmu, options, plan, STATUS_NO_PERMISSION,
			      "to try others root has to change aux_max_order (sudo aux-tune)");
	else if (err == -EROFS)
		cannot_change(pmu, options, plan, STATUS_NO_PERMISSION,
			      "sysfs is mounted read-only here, as in a container");
	else if (err)
		refuse(plan, STATUS_FAILURE, "aux_max_order cannot be written: %s",
		       strerror(-err));
}

/* For want of memory the kernel would end other processes. */
static bool too_large(const struct machine *machine, const struct probe_options *options,
		      struct probe_plan *plan)
{
	char text[4096], size[24], available[24];
	const char *line = NULL;
	uint64_t kib;

	if (kfile_read(&machine->root, "/proc/meminfo", text, sizeof(text)) > 0)
		line = strstr(text, "MemAvailable:");
	if (!line || sscanf(line, "MemAvailable: %" SCNu64, &kib) != 1 ||
	    options->size / 1024 <= kib)
		return false;
	text_amount(available, sizeof(available), kib * 1024);
	refuse(plan, STATUS_REFUSED, "an area of %s does not fit: %s of memory are available",
	       order_size_text(size, options->size), available);
	return true;
}

void probe_make_plan(const struct machine *machine, const struct pmu *pmu,
		     const struct probe_options *options, struct probe_plan *plan)
{
	uint64_t page_size = machine->page_size;

	memset(plan, 0, sizeof(*plan));
	if (options->size < page_size || options->size & (options->size - 1)) {
		refuse(plan, STATUS_USAGE, "the size of an area is a power of two, and at least a page of %" PRIu64 " KiB",
		       page_size / 1024);
		return;
	}
	if (pmu->kind.kind == KIND_NONE) {
		refuse(plan, STATUS_REFUSED, "it has no AUX area, so there is nothing to map");
		return;
	}
	if (pmu->type < 0) {
		refuse(plan, STATUS_FAILURE, "its type cannot be read, so no event can be opened");
		return;
	}
	if (too_large(machine, options, plan))
		return;
	if (pmu->access == AUX_ACCESS_NONE) {
		if (options->first == PROBE_ALL_ORDERS)
			only(plan, ORDER_UNKNOWN, NULL);
		else
			refuse(plan, STATUS_NO_ATTRIBUTE, "%s", machine_support_text(machine));
		return;
	}
	if (pmu->order == ORDER_UNKNOWN) {
		refuse(plan, STATUS_FAILURE, "aux_max_order cannot be read: %s",
		       strerror(-pmu->order_error));
		return;
	}
	if (pmu->access == AUX_ACCESS_RO) {
		cannot_change(pmu, options, plan, STATUS_REFUSED,
			      "read-only, as it cannot scatter-gather");
		return;
	}
	plan_orders(machine, pmu, options, plan);
	if (plan->writes)
		check_write(machine, pmu, options, plan);
}

void probe_plan_clear(struct probe_plan *plan)
{
	free(plan->reason);
	free(plan->note);
	memset(plan, 0, sizeof(*plan));
}
