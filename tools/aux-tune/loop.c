// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "loop.h"
#include "xalloc.h"

#define BATCH	16

struct source {
	struct source *next;
	int fd;
	bool dead;		/* removed while its event may still be in the batch */
	loop_fd_fn fn;
	void *arg;
};

struct loop {
	int epoll;
	struct source *sources;
	bool quit;

	int timer;
	loop_timer_fn timer_fn;
	void *timer_arg;

	int signals;
	sigset_t old_mask;
	loop_signal_fn signal_fn;
	void *signal_arg;
};

struct loop *loop_new(void)
{
	struct loop *loop = xcalloc(1, sizeof(*loop));

	loop->timer = -1;
	loop->signals = -1;
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll < 0) {
		free(loop);
		return NULL;
	}
	return loop;
}

/* Sources that died while events were being handled. */
static void bury(struct loop *loop)
{
	struct source **p = &loop->sources;

	while (*p) {
		struct source *source = *p;

		if (source->dead) {
			*p = source->next;
			free(source);
		} else {
			p = &source->next;
		}
	}
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	for (struct source *source = loop->sources; source; source = source->next)
		source->dead = true;
	bury(loop);
	if (loop->timer >= 0)
		close(loop->timer);
	if (loop->signals >= 0) {
		close(loop->signals);
		sigprocmask(SIG_SETMASK, &loop->old_mask, NULL);
	}
	close(loop->epoll);
	free(loop);
}

int loop_add(struct loop *loop, int fd, uint32_t events, loop_fd_fn fn, void *arg)
{
	struct source *source = xcalloc(1, sizeof(*source));
	struct epoll_event event = { .events = events, .data.ptr = source };

	source->fd = fd;
	source->fn = fn;
	source->arg = arg;
	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event)) {
		free(source);
		return -errno;
	}
	source->next = loop->sources;
	loop->sources = source;
	return 0;
}

void loop_remove(struct loop *loop, int fd)
{
	for (struct source *source = loop->sources; source; source = source->next) {
		if (source->fd != fd || source->dead)
			continue;
		epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
		source->dead = true;
	}
}

static void timer_event(void *arg, uint32_t events)
{
	struct loop *loop = arg;
	uint64_t expired;

	if (read(loop->timer, &expired, sizeof(expired)) == sizeof(expired))
		loop->timer_fn(loop->timer_arg);
}

int loop_timer(struct loop *loop, unsigned int interval_ms, loop_timer_fn fn, void *arg)
{
	struct itimerspec when = {
		.it_interval.tv_sec = interval_ms / 1000,
		.it_interval.tv_nsec = interval_ms % 1000 * 1000000L,
	};
	int err;

	when.it_value = when.it_interval;
	loop->timer_fn = fn;
	loop->timer_arg = arg;
	if (loop->timer < 0) {
		loop->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
		if (loop->timer < 0)
			return -errno;
		err = loop_add(loop, loop->timer, EPOLLIN, timer_event, loop);
		if (err)
			return err;
	}
	return timerfd_settime(loop->timer, 0, &when, NULL) ? -errno : 0;
}

static void signal_event(void *arg, uint32_t events)
{
	struct loop *loop = arg;
	struct signalfd_siginfo info;

	while (read(loop->signals, &info, sizeof(info)) == sizeof(info))
		loop->signal_fn(loop->signal_arg, info.ssi_signo);
}

int loop_signals(struct loop *loop, const sigset_t *signals, loop_signal_fn fn, void *arg)
{
	loop->signal_fn = fn;
	loop->signal_arg = arg;
	loop->signals = signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (loop->signals < 0)
		return -errno;
	sigprocmask(SIG_BLOCK, signals, &loop->old_mask);
	return loop_add(loop, loop->signals, EPOLLIN, signal_event, loop);
}

int loop_run(struct loop *loop)
{
	struct epoll_event events[BATCH];

	while (!loop->quit) {
		int n = epoll_wait(loop->epoll, events, BATCH, -1);

		if (n < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < n && !loop->quit; i++) {
			struct source *source = events[i].data.ptr;

			if (!source->dead)
				source->fn(source->arg, events[i].events);
		}
		bury(loop);
	}
	return 0;
}

void loop_quit(struct loop *loop)
{
	loop->quit = true;
}
