// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "chunks.h"
#include "faults.h"
#include "fuzz_actor.h"
#include "kselftest.h"
#include "max_order.h"
#include "stats.h"
#include "test_pmu.h"

/*
 * Each mapping has its own window of addresses, by actor and slot: what one actor
 * unmaps while another one maps is never memory of the program.
 */
#define WINDOWS		0x100000000000UL
#define WINDOW_SIZE	0x001000000000UL

static __thread struct actor *current;

__u64 actor_random(struct actor *actor)
{
	__u64 z = (actor->random += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

unsigned int actor_below(struct actor *actor, unsigned int limit)
{
	return actor_random(actor) % limit;
}

/* Once in @n times. */
static bool once_in(struct actor *actor, unsigned int n)
{
	return !actor_below(actor, n);
}

static __u64 pick(struct actor *actor, const __u64 *from, unsigned int nr)
{
	return from[actor_below(actor, nr)];
}

void actor_fail(struct actor *actor, const char *format, ...)
{
	struct actor_report *report = actor->report;
	va_list args;

	if (__atomic_exchange_n(&report->failed, true, __ATOMIC_SEQ_CST))
		return;

	va_start(args, format);
	vsnprintf(report->failure, sizeof(report->failure), format, args);
	va_end(args);
}

static __printf(2, 3)
void note(struct actor *actor, const char *format, ...)
{
	unsigned int line = __atomic_fetch_add(&actor->report->nr_lines, 1, __ATOMIC_RELAXED);
	char *to = actor->report->log[line % ACTOR_LOG_LINES];
	va_list args;
	int len;

	len = snprintf(to, ACTOR_LOG_LEN, "%u: ", actor->number);
	va_start(args, format);
	vsnprintf(to + len, ACTOR_LOG_LEN - len, format, args);
	va_end(args);
}

static void count(struct actor *actor, int event)
{
	const struct model_event *e = &actor->model.events[event];

	__atomic_fetch_add(&actor->report->nr_calls, 1, __ATOMIC_RELAXED);
	if (e->pmu == actor->pmus ||
	    (e->buffer != MODEL_NONE && actor->model.events[e->buffer].pmu == actor->pmus))
		__atomic_fetch_add(&actor->report->nr_aux_calls, 1, __ATOMIC_RELAXED);
}

/* Compare with what the model said. */
static void check(struct actor *actor, int expected, int error, const char *call)
{
	if (!actor->strict)
		return;

	if (expected != MODEL_ANY)
		__atomic_fetch_add(&actor->report->nr_compared, 1, __ATOMIC_RELAXED);
	if (!model_agrees(expected, error))
		actor_fail(actor, "%s: %s (%d) instead of %s (%d)", call, strerror(-error), error,
			   expected <= 0 ? strerror(-expected) : "what it may be", expected);
}

/* The errnos that the calls on events are documented to have, here at least. */
static void check_errno(struct actor *actor, int error, const char *call)
{
	static const int documented[] = {
		0, EPERM, ENOENT, ESRCH, EINTR, EBADF, EAGAIN, ENOMEM, EACCES, EFAULT, EBUSY,
		ENODEV, EINVAL, EMFILE, ENOSPC, E2BIG, EOPNOTSUPP, EOVERFLOW, ENOTTY, EEXIST,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(documented); i++) {
		if (error == -documented[i])
			return;
	}
	actor_fail(actor, "%s: unexpected error %s (%d)", call, strerror(-error), error);
}

/* Have some allocation of the next call fail, now and then. */
static void fault_begin(struct actor *actor)
{
	if (actor->faults && once_in(actor, 4))
		faults_nth(1 + actor_below(actor, once_in(actor, 4) ? 200 : 12));
}

static void fault_end(struct actor *actor)
{
	if (actor->faults)
		faults_nth(0);
}

/* Does a call, and remembers 0 or a negative errno. */
#define CALL(who, event, error, call)					\
({									\
	struct actor *actor_ = (who);					\
	int *error_ = &(error);						\
									\
	fault_begin(actor_);						\
	errno = 0;							\
	__auto_type ret_ = (call);					\
	*error_ = (long)ret_ == -1 ? -errno : 0;			\
	fault_end(actor_);						\
	count(actor_, event);						\
	ret_;								\
})

/*
 * Choices
 */

static int random_event(struct actor *actor)
{
	int tries, i;

	for (tries = 0; tries < 3 * MODEL_MAX_EVENTS; tries++) {
		i = actor_below(actor, MODEL_MAX_EVENTS);
		if (actor->model.events[i].used && actor->model.events[i].fd >= 0)
			return i;
	}
	return MODEL_NONE;
}

static int random_map(struct actor *actor)
{
	int tries, i;

	for (tries = 0; tries < 3 * MODEL_MAX_MAPS; tries++) {
		i = actor_below(actor, MODEL_MAX_MAPS);
		if (actor->model.maps[i].used)
			return i;
	}
	return MODEL_NONE;
}

static const struct model_pmu *random_pmu(struct actor *actor)
{
	if (actor->nr_pmus == 1 || !once_in(actor, 6))
		return actor->pmus;

	return &actor->pmus[1 + actor_below(actor, actor->nr_pmus - 1)];
}

static unsigned long random_pages(struct actor *actor)
{
	unsigned int n = actor_below(actor, 100);

	if (n < 80)
		return 1UL << actor_below(actor, 7);
	if (n < 95)
		return 1UL << actor_below(actor, 11);
	if (n < 97)
		return 1 + actor_below(actor, 2000);
	if (n < 99)
		return 1UL << (11 + actor_below(actor, 2));
	if (once_in(actor, 8))
		return 1UL << (13 + actor_below(actor, 4));
	return actor_random(actor) >> (17 + actor_below(actor, 40));
}

/* Bits of @mask, few of them. */
static __u64 random_bits(struct actor *actor, __u64 mask)
{
	return actor_random(actor) & actor_random(actor) & mask;
}

static void random_attr(struct actor *actor, const struct model_pmu *pmu,
			struct perf_event_attr *attr)
{
	static const __u64 clocks[] = { CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME,
				      CLOCK_REALTIME, CLOCK_TAI, 77 };
	static const __u64 software[] = { PERF_COUNT_SW_DUMMY, PERF_COUNT_SW_CPU_CLOCK,
					  PERF_COUNT_SW_TASK_CLOCK, PERF_COUNT_SW_PAGE_FAULTS,
					  PERF_COUNT_SW_CONTEXT_SWITCHES };
	static const __u64 sizes[] = { 1, 64, 4096, 8192, 65536, 1 << 20, 1U << 31, ~0U };

	memset(attr, 0, sizeof(*attr));
	attr->size = sizeof(*attr);
	attr->type = pmu->pmu.type;
	attr->disabled = !once_in(actor, 8);
	attr->exclude_kernel = !actor->privileged || !once_in(actor, 8);
	attr->exclude_hv = attr->exclude_kernel;

	if (pmu->pmu.type == PERF_TYPE_SOFTWARE) {
		attr->config = pick(actor, software, ARRAY_SIZE(software));
		if (once_in(actor, 2))
			attr->sample_period = 100000 + actor_below(actor, 1000000);
		if (once_in(actor, 2))
			attr->sample_type = random_bits(actor, PERF_SAMPLE_MAX - 1) &
					    ~(PERF_SAMPLE_STACK_USER | PERF_SAMPLE_REGS_USER |
					      PERF_SAMPLE_REGS_INTR);
		if (once_in(actor, 6)) {
			attr->aux_sample_size = 8 << actor_below(actor, 12);
			attr->sample_type |= PERF_SAMPLE_AUX;
		}
	} else if (pmu->test) {
		attr->config = once_in(actor, 12) ? TEST_PMU_REFUSE :
			       test_pmu_config(8 << actor_below(actor, 13),
					       actor_below(actor, 65536));
		attr->config1 = once_in(actor, 2) ? 100 + actor_below(actor, 2000) : 0;
		if ((attr->config & 0xffffffff) > 64 * 1024)
			attr->config1 = 1000;
	} else if (once_in(actor, 4)) {
		attr->config = random_bits(actor, 0xffffffff);
	}

	if (pmu->has_aux && once_in(actor, 2))
		attr->aux_watermark = once_in(actor, 2) ? pick(actor, sizes, ARRAY_SIZE(sizes)) :
				      actor_random(actor);
	if (once_in(actor, 6)) {
		attr->watermark = 1;
		attr->wakeup_watermark = pick(actor, sizes, ARRAY_SIZE(sizes));
	}
	if (once_in(actor, 6))
		attr->inherit = 1;
	if (once_in(actor, 8)) {
		attr->use_clockid = 1;
		attr->clockid = pick(actor, clocks, ARRAY_SIZE(clocks));
	}
	if (once_in(actor, 16))
		attr->write_backward = 1;
	if (once_in(actor, 8))
		attr->read_format = random_bits(actor, PERF_FORMAT_MAX - 1);
	if (once_in(actor, 16))
		attr->sample_type |= random_bits(actor, PERF_SAMPLE_MAX - 1) &
				     ~(PERF_SAMPLE_STACK_USER | PERF_SAMPLE_REGS_USER |
				       PERF_SAMPLE_REGS_INTR);
	if (once_in(actor, 24))
		attr->aux_sample_size = actor_below(actor, 65536);
	if (once_in(actor, 24))
		attr->aux_output = 1;
	/* Pause and resume, where older headers have something reserved. */
	if (once_in(actor, 24))
		((__u32 *)attr)[offsetof(struct perf_event_attr, aux_sample_size) / 4 + 1] =
			random_bits(actor, 7);
	if (once_in(actor, 16))
		attr->pinned = 1;
	if (once_in(actor, 16))
		attr->exclusive = 1;
	if (once_in(actor, 16))
		attr->sample_id_all = 1;
	if (once_in(actor, 16))
		attr->enable_on_exec = 1;
	if (once_in(actor, 16))
		attr->mmap = 1;
	if (once_in(actor, 16))
		attr->context_switch = 1;
	if (once_in(actor, 32))
		attr->remove_on_exec = 1;
	if (once_in(actor, 32))
		attr->inherit_thread = 1;
	if (once_in(actor, 100))
		((__u64 *)attr)[5] ^= 1ULL << actor_below(actor, 64);
	if (once_in(actor, 200))
		attr->size = actor_random(actor);
}

static char *window(struct actor *actor, int map)
{
	return (char *)WINDOWS + (actor->number * MODEL_MAX_MAPS + map) * WINDOW_SIZE;
}

/*
 * Calls
 */

static void do_open(struct actor *actor)
{
	int i = model_free_event(&actor->model), leader = MODEL_NONE, error, fd;
	struct model_event *event = &actor->model.events[i];
	unsigned long flags = 0;

	if (i == MODEL_NONE)
		return;

	memset(event, 0, sizeof(*event));
	event->buffer = MODEL_NONE;
	event->pmu = random_pmu(actor);
	random_attr(actor, event->pmu, &event->attr);

	event->cpu = actor_below(actor, actor->nr_cpus);
	event->pid = actor->per_cpu ? -1 : 0;
	if (once_in(actor, 5))
		event->pid = event->pid ? 0 : -1;
	else if (once_in(actor, 8))
		event->pid = actor->other;
	if (event->pid != -1 && !once_in(actor, 3))
		event->cpu = -1;
	if (once_in(actor, 100))
		event->cpu = actor_random(actor);

	if (once_in(actor, 5))
		leader = random_event(actor);
	if (leader != MODEL_NONE) {
		flags = actor_below(actor, 4);	/* NO_GROUP, OUTPUT */
		if (!once_in(actor, 8)) {
			event->cpu = actor->model.events[leader].cpu;
			event->pid = actor->model.events[leader].pid;
		}
	}
	if (once_in(actor, 2))
		flags |= PERF_FLAG_FD_CLOEXEC;
	if (once_in(actor, 200))
		flags = actor_random(actor);

	fd = CALL(actor, i, error,
		  syscall(SYS_perf_event_open, &event->attr, event->pid, event->cpu,
			  leader == MODEL_NONE ? -1 : actor->model.events[leader].fd, flags));
	note(actor,
	     "%d = open(%s, pid %d, cpu %d, leader %d, flags %lx, inherit %d, watermark %u, config %llx): %d",
	     i, event->pmu->pmu.name, event->pid, event->cpu, leader, flags,
	     event->attr.inherit, event->attr.aux_watermark, event->attr.config, error);
	check_errno(actor, error, "perf_event_open");
	if (fd < 0)
		return;

	event->fd = fd;
	/* Shadows itself. */
	if (event->pid == getpid())
		event->pid = 0;
	if (leader != MODEL_NONE && flags & PERF_FLAG_FD_OUTPUT) {
		check(actor, model_set_output(&actor->model, i, leader), 0, "PERF_FLAG_FD_OUTPUT");
		model_opened(&actor->model, i, leader);
	} else {
		model_opened(&actor->model, i, MODEL_NONE);
	}
}

static void close_event(struct actor *actor, int event)
{
	int fd = actor->model.events[event].fd, error;

	CALL(actor, event, error, close(fd));
	note(actor, "close(%d): %d", event, error);
	if (error != -EBADF)
		check(actor, 0, error, "close");
	model_closed(&actor->model, event);
}

static void do_close(struct actor *actor)
{
	int event = random_event(actor);

	if (event != MODEL_NONE)
		close_event(actor, event);
}

/*
 * The chunks of the AUX area that was mapped last are within their limits, and those
 * of a test PMU, of which we know the sequence, also in order.
 */
static void check_chunks(struct actor *actor, const struct model_event *event)
{
	const char *pmu = event->pmu->pmu.name, *rule;
	static struct chunks chunks[MODEL_MAX_EVENTS];
	static struct stats_row rows[64];
	unsigned int areas = model_nr_areas(&actor->model, event->pmu);
	const struct stats_row *row = NULL;
	unsigned int found = 0;
	int i, nr;

	nr = stats_rows(rows, ARRAY_SIZE(rows));
	if (nr < 0) {
		actor_fail(actor, STATS_AREAS ": %s", nr == -EBADMSG ? stats_bad() : strerror(-nr));
		return;
	}
	for (i = 0; i < nr && i < (int)ARRAY_SIZE(rows); i++) {
		if (rows[i].pid == getpid() && !strcmp(rows[i].pmu, pmu)) {
			row = &rows[i];
			found++;
		}
	}
	if (found != areas) {
		actor_fail(actor, "%u areas of %s instead of %u", found, pmu, areas);
		return;
	}
	if (row->pages != event->aux_pages || row->overwrite != event->aux_overwrite ||
	    row->cpu != event->cpu || row->max_order != event->aux_max_order)
		actor_fail(actor,
			   "%s: an area of %u pages, %s, CPU %d, order %u, instead of %lu, %s, %d, %u",
			   pmu, row->pages, row->overwrite ? "overwrite" : "rw", row->cpu,
			   row->max_order, event->aux_pages,
			   event->aux_overwrite ? "overwrite" : "rw", event->cpu,
			   event->aux_max_order);
	if (event->pmu->must && row->overwrite && row->chunks[row->max_order] != 1)
		actor_fail(actor, "%s: not one chunk in overwrite mode", pmu);
	__atomic_fetch_add(&actor->report->nr_chunks, 1, __ATOMIC_RELAXED);

	if (!event->pmu->test)
		return;

	nr = chunks_of_process(pmu, getpid(), chunks, MODEL_MAX_EVENTS);
	if (nr != (int)areas) {
		actor_fail(actor, "the driver of %s sees %d areas instead of %u", pmu, nr, areas);
		return;
	}
	rule = chunks_broken_rule(&chunks[nr - 1], event->aux_order);
	if (rule)
		actor_fail(actor, "%s: %s: %s", pmu, rule, chunks_str(&chunks[nr - 1]));
}

/* Memory that nobody has written to is zero. */
static void check_zero(struct actor *actor, const unsigned char *page)
{
	const __u64 *word = (const __u64 *)page;
	unsigned int i;

	for (i = 0; i < getpagesize() / sizeof(*word); i++) {
		if (word[i]) {
			actor_fail(actor, "a new AUX area has %#llx in it", word[i]);
			return;
		}
	}
}

static void check_area(struct actor *actor, int buffer, const char *addr)
{
	const struct model_event *event = &actor->model.events[buffer];
	unsigned int i;

	if (actor->privileged && once_in(actor, 3))
		check_chunks(actor, event);

	if (!model_aux_written(&actor->model, buffer)) {
		for (i = 0; i < 3; i++)
			check_zero(actor, (const unsigned char *)addr +
				   actor_random(actor) % event->aux_pages * getpagesize());
	}
}

static void map(struct actor *actor, struct model_map *map, int flags)
{
	struct model_event *event = &actor->model.events[map->event];
	int slot = model_free_map(&actor->model), expected, error;
	bool fresh;
	char *addr;

	if (slot == MODEL_NONE)
		return;

	/* In its window, or nowhere: there may be a map of another thread. */
	addr = window(actor, slot);
	if (actor->strict || map->len > WINDOW_SIZE / 4)
		flags &= ~MAP_FIXED;
	if (map->len > WINDOW_SIZE / 4)
		addr = NULL;
	else if (!(flags & MAP_FIXED))
		flags |= MAP_FIXED_NOREPLACE;
	expected = model_mmap(&actor->model, map, flags);
	/* Has a limit of its own. */
	if (flags & MAP_LOCKED && expected != MODEL_ANY)
		expected = expected && expected != MODEL_NO_MEMORY ? MODEL_FAILS : MODEL_ANY;

	addr = CALL(actor, map->event, error,
		    mmap(addr, map->len, map->prot, flags, event->fd,
			 map->pgoff * getpagesize()));
	note(actor, "mmap(%d, %#lx bytes at %#lx pages, prot %d, flags %x): %d (%d)",
	     map->event, map->len, map->pgoff, map->prot, flags, error, expected);
	__atomic_fetch_add(&actor->report->nr_mmaps, 1, __ATOMIC_RELAXED);
	check_errno(actor, error, "mmap");
	check(actor, expected, error, "mmap");
	if (addr == MAP_FAILED)
		return;

	fresh = map->pgoff && event->buffer != MODEL_NONE &&
		!actor->model.events[event->buffer].aux_pages;
	model_mapped(&actor->model, map, addr);
	if (!fresh)
		return;

	if (event->pmu == actor->pmus)
		__atomic_fetch_add(&actor->report->nr_areas, 1, __ATOMIC_RELAXED);
	if (actor->strict && map->prot & (PROT_READ | PROT_WRITE))
		check_area(actor, event->buffer, addr);
}

static int random_flags(struct actor *actor)
{
	int flags = MAP_SHARED;

	if (once_in(actor, 8))
		flags |= MAP_POPULATE;
	if (once_in(actor, 16))
		flags |= MAP_NORESERVE;
	if (once_in(actor, 32))
		flags |= MAP_LOCKED;
	if (once_in(actor, 64))
		flags = MAP_PRIVATE;
	if (once_in(actor, 128))
		flags = actor_below(actor, 4);
	if (once_in(actor, 16) && !actor->strict)
		flags |= MAP_FIXED;

	return flags;
}

static void do_map_data(struct actor *actor)
{
	struct model_map data = { .event = random_event(actor) };

	if (data.event == MODEL_NONE)
		return;

	data.prot = PROT_READ;
	if (!once_in(actor, 6))
		data.prot |= PROT_WRITE;
	if (once_in(actor, 30))
		data.prot = actor_below(actor, 8);
	data.len = (1 + (once_in(actor, 4) ? 0 : 1UL << actor_below(actor, 6))) * getpagesize();
	if (once_in(actor, 16))
		data.len = random_pages(actor) * getpagesize();
	if (once_in(actor, 32))
		data.len += actor_below(actor, 8192);

	map(actor, &data, random_flags(actor));
}

/* Runs @call, and returns the signal it got, or 0. */
#define CATCH(who, call)						\
({									\
	struct actor *actor_ = (who);					\
	int signal_;							\
									\
	current = actor_;						\
	signal_ = sigsetjmp(actor_->caught, 1);				\
	if (!signal_) {							\
		actor_->catching = true;				\
		__atomic_signal_fence(__ATOMIC_SEQ_CST);		\
		call;							\
		__atomic_signal_fence(__ATOMIC_SEQ_CST);		\
	}								\
	actor_->catching = false;					\
	signal_;							\
})

/* Where the user page of a buffer can be written, or NULL. */
static struct perf_event_mmap_page *user_page(struct actor *actor, int buffer)
{
	const struct model_map *map;
	int i;

	for (i = 0; i < MODEL_MAX_MAPS; i++) {
		map = &actor->model.maps[i];
		if (map->used && map->event == buffer && !map->pgoff && map->prot & PROT_WRITE)
			return (struct perf_event_mmap_page *)map->addr;
	}
	return NULL;
}

static void describe_aux(struct actor *actor, int buffer, __u64 offset, __u64 size)
{
	struct perf_event_mmap_page *page = user_page(actor, buffer);
	struct model_event *event = &actor->model.events[buffer];
	int sig;

	if (!page)
		return;

	sig = CATCH(actor, {
		__atomic_store_n(&page->aux_offset, offset, __ATOMIC_RELAXED);
		__atomic_store_n(&page->aux_size, size, __ATOMIC_RELAXED);
	});
	if (sig) {
		if (actor->strict)
			actor_fail(actor, "signal %d when the user page was written", sig);
		return;
	}
	event->aux_offset = offset;
	event->aux_size = size;
}

static void do_map_aux(struct actor *actor)
{
	struct model_map aux = { .event = random_event(actor) };
	const struct model_event *event, *buffer;
	__u64 offset, size;

	if (aux.event == MODEL_NONE)
		return;
	event = &actor->model.events[aux.event];
	if (event->buffer == MODEL_NONE || once_in(actor, 64)) {
		do_map_data(actor);
		return;
	}
	buffer = &actor->model.events[event->buffer];

	aux.prot = PROT_READ;
	if (!once_in(actor, 3))
		aux.prot |= PROT_WRITE;
	if (once_in(actor, 30))
		aux.prot = actor_below(actor, 8);

	if (buffer->aux_pages && !once_in(actor, 4)) {
		aux.len = buffer->aux_pages * getpagesize();
		aux.pgoff = buffer->aux_pgoff;
	} else {
		aux.len = random_pages(actor) * getpagesize();
		aux.pgoff = buffer->data_pages + 1;
		if (once_in(actor, 8))
			aux.pgoff += actor_below(actor, 64);
		if (once_in(actor, 32))
			aux.pgoff = actor_random(actor) >> (12 + actor_below(actor, 52));
	}

	offset = aux.pgoff * getpagesize();
	size = aux.len;
	if (once_in(actor, 24))
		offset = once_in(actor, 2) ? actor_random(actor) :
			 offset + actor_below(actor, 4096);
	if (once_in(actor, 24))
		size = once_in(actor, 2) ? actor_random(actor) :
		       size ^ 1ULL << actor_below(actor, 30);
	if (!once_in(actor, 24))
		describe_aux(actor, event->buffer, offset, size);
	if (once_in(actor, 32))
		aux.len += actor_below(actor, 4096);
	if (once_in(actor, 32))
		aux.pgoff += actor_below(actor, 3);

	map(actor, &aux, random_flags(actor));
}

/* All of it at once: what most of the rest needs. */
static void do_map_both(struct actor *actor)
{
	int i, tries;

	for (tries = 0; tries < 4; tries++) {
		for (i = 0; i < MODEL_MAX_EVENTS; i++) {
			const struct model_event *event = &actor->model.events[i];

			if (!event->used || event->fd < 0 || event->pmu != actor->pmus ||
			    event->buffer != MODEL_NONE ||
			    (event->attr.inherit && event->cpu == -1))
				continue;

			struct model_map data = {
				.event	= i,
				.prot	= PROT_READ | PROT_WRITE,
				.len	= (1 + (1UL << actor_below(actor, 4))) * getpagesize(),
			};
			map(actor, &data, MAP_SHARED);
			if (event->buffer == MODEL_NONE)
				return;

			struct model_map aux = {
				.event	= i,
				.prot	= PROT_READ | (once_in(actor, 3) ? 0 : PROT_WRITE),
				.len	= random_pages(actor) * getpagesize(),
				.pgoff	= event->data_pages + 1,
			};
			describe_aux(actor, i, aux.pgoff * getpagesize(), aux.len);
			map(actor, &aux, MAP_SHARED);
			return;
		}
		do_open(actor);
	}
}

static void unmap(struct actor *actor, int i)
{
	struct model_map *map = &actor->model.maps[i];
	int error;

	CALL(actor, map->event, error, munmap(map->addr, map->len));
	note(actor, "munmap(map %d of %d): %d", i, map->event, error);
	check(actor, 0, error, "munmap");
	if (!error || !actor->strict)
		model_unmapped(&actor->model, i);
}

static void do_unmap(struct actor *actor)
{
	int map = random_map(actor);

	if (map != MODEL_NONE)
		unmap(actor, map);
}

/* Perf maps all or nothing: a mapping can't be split. */
static void do_split(struct actor *actor)
{
	int i = random_map(actor), error, page = getpagesize();
	unsigned long from, len;
	struct model_map *map;

	if (i == MODEL_NONE)
		return;
	map = &actor->model.maps[i];
	if (map->len == (size_t)page)
		return;

	from = actor_random(actor) % (map->len / page) * page;
	len = (1 + actor_random(actor) % ((map->len - from) / page)) * page;
	if (len == map->len)
		len -= page;

	switch (actor_below(actor, 3)) {
	case 0:
		CALL(actor, map->event, error, munmap(map->addr + from, len));
		break;
	case 1:
		CALL(actor, map->event, error,
		     mprotect(map->addr + from, len, map->prot ^ PROT_WRITE));
		break;
	default:
		CALL(actor, map->event, error,
		     mremap(map->addr + from, len, len, MREMAP_MAYMOVE | MREMAP_FIXED,
			    window(actor, i) + WINDOW_SIZE / 2) == MAP_FAILED ? -1 : 0);
		break;
	}
	note(actor, "split map %d of %d: %d", i, map->event, error);
	check(actor, MODEL_FAILS, error, "split");
}

static void do_mprotect(struct actor *actor)
{
	int i = random_map(actor), prot = actor_below(actor, once_in(actor, 4) ? 8 : 4), error;
	struct model_map *map;

	if (i == MODEL_NONE)
		return;
	map = &actor->model.maps[i];

	CALL(actor, map->event, error, mprotect(map->addr, map->len, prot));
	note(actor, "mprotect(map %d of %d, %d): %d", i, map->event, prot, error);
	check(actor, prot & PROT_EXEC ? -EACCES : 0, error, "mprotect");
	if (!error)
		map->prot = prot;
}

static void do_mremap(struct actor *actor)
{
	int i = random_map(actor), expected = MODEL_FAILS, error;
	size_t old_len, new_len;
	struct model_map *map;
	char *to;

	if (i == MODEL_NONE)
		return;
	map = &actor->model.maps[i];
	old_len = map->len;
	new_len = map->len;

	switch (actor_below(actor, 4)) {
	case 0:
		old_len = 0;		/* a copy */
		break;
	case 1:
		new_len += getpagesize() * (1 + actor_below(actor, 16));
		break;
	case 2:
		if (new_len == (size_t)getpagesize())
			return;
		new_len -= getpagesize();
		break;
	default:
		expected = MODEL_ANY;
		break;
	}

	to = window(actor, i) + (once_in(actor, 2) ? WINDOW_SIZE / 2 : 0);
	if (to == map->addr)
		to += WINDOW_SIZE / 4;
	to = CALL(actor, map->event, error,
		  mremap(map->addr, old_len, new_len, MREMAP_MAYMOVE | MREMAP_FIXED, to));
	note(actor, "mremap(map %d of %d, %#zx, %#zx): %d", i, map->event, old_len, new_len, error);
	check(actor, expected, error, "mremap");
	if (to != MAP_FAILED && expected == MODEL_ANY)
		map->addr = to;
}

static void do_madvise(struct actor *actor)
{
	static const __u64 advice[] = {
		MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_DONTNEED,
		MADV_FREE, MADV_REMOVE, MADV_DONTFORK, MADV_DOFORK, MADV_MERGEABLE,
		MADV_UNMERGEABLE, MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_DONTDUMP, MADV_DODUMP,
		MADV_WIPEONFORK, MADV_KEEPONFORK, MADV_COLD, MADV_PAGEOUT, 22, 23, 24, 25, 102, 103,
	};
	int i = random_map(actor), error, n = pick(actor, advice, ARRAY_SIZE(advice));
	struct model_map *map;

	if (i == MODEL_NONE)
		return;
	/* A guard or discarded pages would make reading it a fault. */
	if (actor->strict && (n == 102 || n == MADV_DONTNEED || n == 24))
		return;
	map = &actor->model.maps[i];

	CALL(actor, map->event, error, madvise(map->addr, map->len, n));
	note(actor, "madvise(map %d of %d, %d): %d", i, map->event, n, error);
	/* A child must never have a mapping that nobody has counted. */
	if (n == MADV_DOFORK)
		check(actor, MODEL_FAILS, error, "madvise(MADV_DOFORK)");
}

/* Other system calls that walk page tables. */
static void do_look(struct actor *actor)
{
	int i = random_map(actor), error, page = getpagesize();
	unsigned char buf[4096];
	struct model_map *map;
	struct iovec to, from;
	char *at;

	if (i == MODEL_NONE)
		return;
	map = &actor->model.maps[i];
	at = map->addr + actor_random(actor) % (map->len / page) * page;
	to = (struct iovec){ .iov_base = buf, .iov_len = sizeof(buf) };
	from = (struct iovec){ .iov_base = at, .iov_len = sizeof(buf) };

	switch (actor_below(actor, 5)) {
	case 0:
		CALL(actor, map->event, error, mincore(at, page, buf));
		break;
	case 1:
		CALL(actor, map->event, error, msync(map->addr, map->len, MS_SYNC));
		break;
	case 2:
		CALL(actor, map->event, error,
		     process_vm_readv(getpid(), &to, 1, &from, 1, 0));
		break;
	case 3:
		CALL(actor, map->event, error, mlock(map->addr, map->len));
		break;
	default:
		CALL(actor, map->event, error,
		     process_vm_writev(getpid(), &to, 1, &from, 1, 0));
		break;
	}
}

static void do_read_memory(struct actor *actor)
{
	int i = random_map(actor), sig;
	struct model_map *map;
	char *at, value = 0;

	if (i == MODEL_NONE)
		return;
	map = &actor->model.maps[i];
	at = map->addr + actor_random(actor) % map->len;

	sig = CATCH(actor, value = __atomic_load_n(at, __ATOMIC_RELAXED));
	(void)value;
	/* What can be mapped is all there at once. On x86, writable is readable. */
	if (actor->strict && !sig != !!(map->prot & (PROT_READ | PROT_WRITE)))
		actor_fail(actor, "signal %d when map %d of %d was read at %#lx", sig, i,
			   map->event, (unsigned long)(at - map->addr));
}

/* Nobody but the kernel writes to what it traces: all but the user page. */
static void do_write_memory(struct actor *actor)
{
	int i = random_map(actor), sig;
	struct model_map *map;
	bool writable;
	char *at;

	if (i == MODEL_NONE)
		return;
	map = &actor->model.maps[i];
	/* Not where sizes, offsets and the time are. */
	at = map->addr + actor_random(actor) % map->len;
	if (!map->pgoff && at < map->addr + getpagesize())
		at = map->addr + 2048;
	writable = !map->pgoff && at < map->addr + getpagesize() && map->prot & PROT_WRITE;

	sig = CATCH(actor, __atomic_store_n(at, 0x5a, __ATOMIC_RELAXED));
	if (actor->strict && !sig != writable)
		actor_fail(actor, "%s when map %d of %d was written at %#lx",
			   sig ? "a signal" : "no signal", i, map->event,
			   (unsigned long)(at - map->addr));
}

/* The rest of the user page that the kernel reads or writes. */
static void do_write_page(struct actor *actor)
{
	struct perf_event_mmap_page *page;
	int event = random_event(actor);
	__u64 value = actor_random(actor) >> actor_below(actor, 64);

	if (event == MODEL_NONE || actor->model.events[event].buffer == MODEL_NONE)
		return;
	page = user_page(actor, actor->model.events[event].buffer);
	if (!page)
		return;

	CATCH(actor, {
		switch (actor_below(actor, 6)) {
		case 0:
			page->aux_tail = value;
			break;
		case 1:
			page->aux_tail = page->aux_head;
			break;
		case 2:
			page->aux_head = value;
			break;
		case 3:
			page->data_tail = value;
			break;
		case 4:
			page->data_tail = page->data_head;
			break;
		case 5:
			page->data_head = value;
			break;
		}
	});
}

static void do_ioctl(struct actor *actor)
{
	int flag = once_in(actor, 4) ? PERF_IOC_FLAG_GROUP : 0;
	int event = random_event(actor), error, i;
	__u64 value = actor_random(actor) >> actor_below(actor, 64);
	struct perf_event_attr attr;
	const char *name = "?";

	if (event == MODEL_NONE)
		return;
	int fd = actor->model.events[event].fd;

	switch (actor_below(actor, 16)) {
	case 0 ... 4:
		name = "ENABLE";
		for (i = 0; i < MODEL_MAX_EVENTS; i++) {
			if (flag || i == event)
				actor->model.events[i].started = true;
		}
		CALL(actor, event, error, ioctl(fd, PERF_EVENT_IOC_ENABLE, flag));
		break;
	case 5 ... 7:
		name = "DISABLE";
		CALL(actor, event, error, ioctl(fd, PERF_EVENT_IOC_DISABLE, flag));
		break;
	case 8:
		name = "REFRESH";
		actor->model.events[event].started = true;
		CALL(actor, event, error, ioctl(fd, PERF_EVENT_IOC_REFRESH, actor_below(actor, 4)));
		break;
	case 9:
		name = "PERIOD";
		if (actor->model.events[event].pmu->pmu.type == PERF_TYPE_SOFTWARE)
			value |= 100000;
		CALL(actor, event, error, ioctl(fd, PERF_EVENT_IOC_PERIOD, &value));
		break;
	case 10:
		name = "RESET";
		CALL(actor, event, error, ioctl(fd, PERF_EVENT_IOC_RESET, flag));
		break;
	case 11:
		name = "ID";
		CALL(actor, event, error, ioctl(fd, PERF_EVENT_IOC_ID, &value));
		break;
	case 12:
		name = "PAUSE_OUTPUT";
		CALL(actor, event, error, ioctl(fd, PERF_EVENT_IOC_PAUSE_OUTPUT, value & 1));
		break;
	case 13:
		name = "SET_FILTER";
		CALL(actor, event, error, ioctl(fd, PERF_EVENT_IOC_SET_FILTER,
						once_in(actor, 2) ? "filter 0x1000/4096" :
						"start 0/1@/bin/true"));
		break;
	case 14:
		name = "MODIFY_ATTRIBUTES";
		random_attr(actor, actor->model.events[event].pmu, &attr);
		/* The model would have to follow. */
		if (actor->strict)
			attr = actor->model.events[event].attr;
		CALL(actor, event, error, ioctl(fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &attr));
		if (!error)
			actor->model.events[event].started = true;
		break;
	default:
		name = "random";
		/* Nothing that lets another event write, or takes BPF programs. */
		value = actor_random(actor) & ~0xfULL;
		CALL(actor, event, error, ioctl(fd, value, value));
		break;
	}
	note(actor, "ioctl(%d, %s, %d): %d", event, name, flag, error);
}

static void do_set_output(struct actor *actor)
{
	int event = random_event(actor), output = random_event(actor), expected, error;

	if (event == MODEL_NONE || output == MODEL_NONE)
		return;
	if (once_in(actor, 4))
		output = MODEL_NONE;

	expected = model_set_output(&actor->model, event, output);
	CALL(actor, event, error,
	     ioctl(actor->model.events[event].fd, PERF_EVENT_IOC_SET_OUTPUT,
		   output == MODEL_NONE ? -1L : actor->model.events[output].fd));
	note(actor, "SET_OUTPUT(%d, %d): %d (%d)", event, output, error, expected);
	check(actor, expected, error, "SET_OUTPUT");
	if (!error)
		model_output_set(&actor->model, event, output);
}

static void do_read(struct actor *actor)
{
	int event = random_event(actor), error;
	char buf[512];

	if (event == MODEL_NONE)
		return;

	CALL(actor, event, error,
	     read(actor->model.events[event].fd, buf, actor_below(actor, sizeof(buf) + 1)));
}

static void do_poll(struct actor *actor)
{
	struct pollfd fds[MODEL_MAX_EVENTS];
	int event = random_event(actor), error, i, nr = 0;

	if (event == MODEL_NONE)
		return;

	for (i = 0; i < MODEL_MAX_EVENTS; i++) {
		if (actor->model.events[i].used && actor->model.events[i].fd >= 0)
			fds[nr++] = (struct pollfd){ .fd = actor->model.events[i].fd,
						     .events = POLLIN };
	}
	CALL(actor, event, error, poll(fds, nr, once_in(actor, 32) ? 2 : 0));
}

static void do_async(struct actor *actor)
{
	int event = random_event(actor), error, fd;

	if (event == MODEL_NONE)
		return;
	fd = actor->model.events[event].fd;

	CALL(actor, event, error, fcntl(fd, F_SETOWN, getpid()));
	CALL(actor, event, error, fcntl(fd, F_SETFL, once_in(actor, 2) ? O_ASYNC : 0));
}

/* A child has the file descriptors, inherited events, and no mapping. */
static void do_fork(struct actor *actor)
{
	int map = random_map(actor), status;
	char *at = map == MODEL_NONE ? NULL : actor->model.maps[map].addr;
	pid_t pid;

	pid = fork();
	if (!pid) {
		if (at && CATCH(actor, __atomic_load_n(at, __ATOMIC_RELAXED)) != SIGSEGV)
			_exit(1);
		_exit(0);
	}
	if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	    WEXITSTATUS(status) && actor->strict)
		actor_fail(actor, "a child has a mapping of its parent");
}

static void do_order(struct actor *actor)
{
	unsigned int order = actor_below(actor, max_page_order() + 1);

	if (!actor->privileged || actor->pmus->must || !actor->pmus->has_aux)
		return;
	if (max_order_set(actor->pmus->pmu.name, order) == 0)
		actor->pmus->aux_max_order = order;
	else if (actor->strict)
		actor_fail(actor, "aux_max_order can't be set to %u", order);
	note(actor, "aux_max_order: %u", order);
}

/* Unplug it, and plug it in again. */
static void do_unplug(struct actor *actor)
{
	if (!actor->unplugs)
		return;

	if (once_in(actor, 2))
		test_pmu_unregister(actor->pmus->pmu.name);
	else
		test_pmu_register(actor->pmus->pmu.name, actor->kind);
	pmu_find(actor->pmus->pmu.name, &actor->pmus->pmu);
}

/* What takes the mappings and the rules of the model apart. */
static void do_wild(struct actor *actor)
{
	int i = random_map(actor), j = random_map(actor), error;
	const struct model_event *event;
	const struct model_map *a, *b;
	cpu_set_t cpus;

	if (i == MODEL_NONE || actor->strict)
		return;
	a = &actor->model.maps[i];
	b = &actor->model.maps[j == MODEL_NONE ? i : j];
	event = &actor->model.events[b->event];

	switch (actor_below(actor, 4)) {
	case 0:
		/* One mapping over the other. */
		CALL(actor, b->event, error,
		     mmap(a->addr, b->len, b->prot, MAP_SHARED | MAP_FIXED, event->fd,
			  b->pgoff * getpagesize()) == MAP_FAILED ? -1 : 0);
		break;
	case 1:
		CALL(actor, a->event, error,
		     syscall(SYS_remap_file_pages, a->addr, a->len, 0,
			     once_in(actor, 2) ? b->pgoff : actor_below(actor, 64), 0));
		break;
	case 2:
		CALL(actor, a->event, error,
		     munmap(a->addr - getpagesize(), a->len + 2 * getpagesize()));
		break;
	default:
		CPU_ZERO(&cpus);
		CPU_SET(actor_below(actor, actor->nr_cpus), &cpus);
		sched_setaffinity(0, sizeof(cpus), &cpus);
		break;
	}
}

static const struct {
	void		(*act)(struct actor *actor);
	unsigned int	weight;
} acts[] = {
	{ do_open,		100 },
	{ do_map_both,		90 },
	{ do_map_data,		60 },
	{ do_map_aux,		160 },
	{ do_unmap,		120 },
	{ do_close,		40 },
	{ do_ioctl,		120 },
	{ do_set_output,	50 },
	{ do_split,		20 },
	{ do_mprotect,		30 },
	{ do_mremap,		25 },
	{ do_madvise,		20 },
	{ do_look,		20 },
	{ do_read_memory,	40 },
	{ do_write_memory,	30 },
	{ do_write_page,	40 },
	{ do_read,		30 },
	{ do_poll,		20 },
	{ do_async,		5 },
	{ do_fork,		3 },
	{ do_order,		15 },
	{ do_unplug,		6 },
	{ do_wild,		30 },
};

void actor_act(struct actor *actor)
{
	unsigned int i, n, sum = 0;

	for (i = 0; i < ARRAY_SIZE(acts); i++)
		sum += acts[i].weight;

	n = actor_below(actor, sum);
	for (i = 0; n >= acts[i].weight; i++)
		n -= acts[i].weight;

	acts[i].act(actor);
}

void actor_leave(struct actor *actor)
{
	int i, left, nr_left;

	do {
		left = actor_below(actor, MODEL_MAX_EVENTS + MODEL_MAX_MAPS);
		if (left < MODEL_MAX_EVENTS) {
			if (actor->model.events[left].used && actor->model.events[left].fd >= 0)
				close_event(actor, left);
		} else if (actor->model.maps[left - MODEL_MAX_EVENTS].used) {
			unmap(actor, left - MODEL_MAX_EVENTS);
			if (actor->model.maps[left - MODEL_MAX_EVENTS].used)
				return;		/* has failed, which has been said */
		}

		for (i = 0, nr_left = 0; i < MODEL_MAX_EVENTS; i++)
			nr_left += actor->model.events[i].used && actor->model.events[i].fd >= 0;
		for (i = 0; i < MODEL_MAX_MAPS; i++)
			nr_left += actor->model.maps[i].used;
	} while (nr_left);
}

static void on_fault(int sig)
{
	if (!current || !current->catching) {
		signal(sig, SIG_DFL);
		raise(sig);
		return;
	}
	siglongjmp(current->caught, sig);
}

void actor_catch_faults(void)
{
	struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	signal(SIGIO, SIG_IGN);
}
