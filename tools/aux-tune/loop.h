/* SPDX-License-Identifier: GPL-2.0-only */
/* The event loop: one epoll over whatever has a descriptor, timers and signals included. */
#ifndef AUX_TUNE_LOOP_H
#define AUX_TUNE_LOOP_H

#include <signal.h>
#include <stdint.h>

struct loop;

typedef void (*loop_fd_fn)(void *arg, uint32_t events);
typedef void (*loop_timer_fn)(void *arg);
typedef void (*loop_signal_fn)(void *arg, int signal);

struct loop *loop_new(void);

/* Closes the descriptors the loop made itself, and unblocks its signals. */
void loop_free(struct loop *loop);

/* @events as for epoll. -EPERM: @fd cannot be polled (a regular file). */
int loop_add(struct loop *loop, int fd, uint32_t events, loop_fd_fn fn, void *arg);

/* Allowed from any callback; @fd stays open. */
void loop_remove(struct loop *loop, int fd);

/* Periodic; a late one is not made up for. Replaces the timer there was. */
int loop_timer(struct loop *loop, unsigned int interval_ms, loop_timer_fn fn, void *arg);

/* Blocks @signals and delivers them here. */
int loop_signals(struct loop *loop, const sigset_t *signals, loop_signal_fn fn, void *arg);

/* Runs until loop_quit(), which may have come before. Returns 0 or a negative errno. */
int loop_run(struct loop *loop);
void loop_quit(struct loop *loop);

#endif
