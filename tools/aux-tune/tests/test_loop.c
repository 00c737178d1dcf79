// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "tree.h"
#include "loop.h"

struct counter {
	struct loop *loop;
	int fd[2];
	int count;
	int other_fd;
};

static void count_and_quit(void *arg)
{
	struct counter *counter = arg;

	if (++counter->count == 3)
		loop_quit(counter->loop);
}

static void timers_repeat(void **state)
{
	struct counter counter = { .loop = loop_new() };

	assert_int_equal(loop_timer(counter.loop, 5, count_and_quit, &counter), 0);
	assert_int_equal(loop_run(counter.loop), 0);
	assert_int_equal(counter.count, 3);
	loop_free(counter.loop);
}

static void on_signal(void *arg, int signal)
{
	struct counter *counter = arg;

	counter->count = signal;
	loop_quit(counter->loop);
}

static void signals_are_delivered_in_the_loop(void **state)
{
	struct counter counter = { .loop = loop_new() };
	sigset_t signals, mask;

	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	assert_int_equal(loop_signals(counter.loop, &signals, on_signal, &counter), 0);
	raise(SIGUSR1);
	assert_int_equal(counter.count, 0);
	assert_int_equal(loop_run(counter.loop), 0);
	assert_int_equal(counter.count, SIGUSR1);
	loop_free(counter.loop);
	/* The mask is as it was. */
	sigprocmask(SIG_BLOCK, NULL, &mask);
	assert_int_equal(sigismember(&mask, SIGUSR1), 0);
}

static void remove_other(void *arg, uint32_t events)
{
	struct counter *counter = arg;

	counter->count++;
	loop_remove(counter->loop, counter->fd[0]);
	loop_remove(counter->loop, counter->other_fd);
	loop_quit(counter->loop);
}

/* Both have events in the same batch; whoever runs first removes the other one. */
static void removed_sources_are_not_called_again(void **state)
{
	struct counter counter = { .loop = loop_new() };

	assert_int_equal(pipe(counter.fd), 0);
	assert_int_equal(write(counter.fd[1], "x", 1), 1);
	counter.other_fd = dup(counter.fd[0]);
	assert_int_equal(loop_add(counter.loop, counter.fd[0], EPOLLIN, remove_other, &counter), 0);
	assert_int_equal(loop_add(counter.loop, counter.other_fd, EPOLLIN, remove_other,
				  &counter), 0);
	assert_int_equal(loop_run(counter.loop), 0);
	assert_int_equal(counter.count, 1);
	close(counter.fd[0]);
	close(counter.fd[1]);
	close(counter.other_fd);
	loop_free(counter.loop);
}

static void regular_files_cannot_be_polled(void **state)
{
	struct loop *loop = loop_new();
	int fd = open("/etc/passwd", O_RDONLY);

	assert_int_equal(loop_add(loop, fd, EPOLLPRI, remove_other, NULL), -EPERM);
	close(fd);
	loop_free(loop);
}

static void quitting_before_running_counts(void **state)
{
	struct loop *loop = loop_new();

	loop_quit(loop);
	assert_int_equal(loop_run(loop), 0);
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_repeat),
		cmocka_unit_test(signals_are_delivered_in_the_loop),
		cmocka_unit_test(removed_sources_are_not_called_again),
		cmocka_unit_test(regular_files_cannot_be_polled),
		cmocka_unit_test(quitting_before_running_counts),
	};

	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
