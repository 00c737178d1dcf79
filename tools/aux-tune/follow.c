// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "follow.h"
#include "xalloc.h"

/*
 * Each watched attribute of a live system is an open descriptor. PMUs with an AUX area are
 * few; should there be more, the rest is read with the timer.
 */
#define WATCH_MAX	256

struct watch {
	struct follow *follow;
	char *pmu;
	int fd;			/* sysfs attribute in the epoll set, -1 */
	int wd;			/* inotify watch of a regular file, -1 */
};

struct follow {
	struct machine *machine;
	struct loop *loop;
	const struct follow_ops *ops;
	void *arg;

	int devices;		/* of devices_watch() */
	int inotify;
	struct watch **watches;
	size_t nr_watches;
	bool stale;		/* an attribute vanished and nobody told why yet */
};

static void reread(struct follow *follow, const char *name)
{
	struct pmu *pmu = pmu_list_find(&follow->machine->pmus, name);
	int before;

	if (!pmu)
		return;
	before = pmu->order;
	pmu_read(pmu, &follow->machine->root);
	follow->ops->order(follow->arg, pmu, before);
}

/* Of those that nobody tells of: it is news only if it is another order. */
static void look(struct follow *follow, const char *name)
{
	struct pmu *pmu = pmu_list_find(&follow->machine->pmus, name);
	int before;

	if (!pmu)
		return;
	before = pmu->order;
	pmu_read(pmu, &follow->machine->root);
	if (pmu->order != before)
		follow->ops->order(follow->arg, pmu, before);
}

static void stop_watch(struct follow *follow, struct watch *watch)
{
	if (watch->fd >= 0) {
		loop_remove(follow->loop, watch->fd);
		close(watch->fd);
		watch->fd = -1;
	}
	if (watch->wd >= 0)
		inotify_rm_watch(follow->inotify, watch->wd);
	watch->wd = -1;
}

static void attribute_event(void *arg, uint32_t events)
{
	struct watch *watch = arg;
	char text[64];

	/* Only reading the same descriptor from the start ends kernfs' "changed" state. */
	if (kfile_read_fd(watch->fd, text, sizeof(text)) < 0) {
		/* An attribute that is gone stays readable for epoll for ever. */
		watch->follow->stale = true;
		stop_watch(watch->follow, watch);
	}
	reread(watch->follow, watch->pmu);
}

static void inotify_event(void *arg, uint32_t events)
{
	char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	struct follow *follow = arg;
	ssize_t len;

	while ((len = read(follow->inotify, buf, sizeof(buf))) > 0) {
		const struct inotify_event *event;

		for (char *p = buf; p < buf + len; p += sizeof(*event) + event->len) {
			event = (const struct inotify_event *)p;
			for (size_t i = 0; i < follow->nr_watches; i++)
				if (follow->watches[i]->wd == event->wd)
					reread(follow, follow->watches[i]->pmu);
			if (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_Q_OVERFLOW))
				follow->stale = true;
		}
	}
}

/* By descriptor, as the path under a captured tree's root may have links that leave it. */
static int watch_regular(struct follow *follow, int fd)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return inotify_add_watch(follow->inotify, path, IN_CLOSE_WRITE | IN_ATTRIB |
				 IN_DELETE_SELF | IN_MOVE_SELF);
}

static void start_watch(struct follow *follow, struct pmu *pmu)
{
	struct watch *watch = xcalloc(1, sizeof(*watch));
	char *file = pmu_order_file(pmu);
	int before = pmu->order;
	char text[64];
	int err;

	watch->follow = follow;
	watch->pmu = xstrdup(pmu->name);
	watch->wd = -1;
	watch->fd = -1;
	if (follow->nr_watches < WATCH_MAX || !kroot_live(&follow->machine->root))
		watch->fd = kfile_open(&follow->machine->root, file, O_RDONLY);
	free(file);

	follow->watches = xreallocarray(follow->watches, follow->nr_watches + 1, sizeof(watch));
	follow->watches[follow->nr_watches++] = watch;
	if (watch->fd < 0)
		return;
	err = loop_add(follow->loop, watch->fd, EPOLLPRI, attribute_event, watch);
	if (err) {
		if (err == -EPERM)
			watch->wd = watch_regular(follow, watch->fd);
		close(watch->fd);
		watch->fd = -1;
	} else {
		kfile_read_fd(watch->fd, text, sizeof(text));
	}
	/* What was written between the scan and now. */
	pmu_read(pmu, &follow->machine->root);
	if (pmu->order != before)
		follow->ops->order(follow->arg, pmu, before);
}

static void stop_watches(struct follow *follow)
{
	for (size_t i = 0; i < follow->nr_watches; i++) {
		stop_watch(follow, follow->watches[i]);
		free(follow->watches[i]->pmu);
		free(follow->watches[i]);
	}
	free(follow->watches);
	follow->watches = NULL;
	follow->nr_watches = 0;
}

static void start_watches(struct follow *follow)
{
	for (size_t i = 0; i < follow->machine->pmus.nr; i++)
		if (follow->machine->pmus.pmus[i].access != AUX_ACCESS_NONE)
			start_watch(follow, &follow->machine->pmus.pmus[i]);
}

void follow_rescan(struct follow *follow)
{
	follow->stale = false;
	stop_watches(follow);
	machine_read_pmus(follow->machine);
	follow->ops->pmus(follow->arg);
	start_watches(follow);
}

static void devices_event(void *arg, uint32_t events)
{
	struct follow *follow = arg;

	if (devices_changed(follow->machine->devices))
		follow_rescan(follow);
}

static void timer(void *arg)
{
	struct follow *follow = arg;

	if (follow->stale)
		follow_rescan(follow);
	for (size_t i = 0; i < follow->nr_watches; i++)
		if (follow->watches[i]->fd < 0 && follow->watches[i]->wd < 0)
			look(follow, follow->watches[i]->pmu);
	machine_read_counters(follow->machine);
	follow->ops->tick(follow->arg);
}

struct follow *follow_new(struct machine *machine, struct loop *loop, unsigned int interval_ms,
			  const struct follow_ops *ops, void *arg)
{
	struct follow *follow = xcalloc(1, sizeof(*follow));
	int err;

	follow->machine = machine;
	follow->loop = loop;
	follow->ops = ops;
	follow->arg = arg;
	follow->devices = -1;
	follow->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	err = follow->inotify < 0 ? -errno : 0;
	if (!err)
		err = loop_add(loop, follow->inotify, EPOLLIN, inotify_event, follow);
	if (!err)
		err = loop_timer(loop, interval_ms, timer, follow);
	if (err) {
		follow_free(follow);
		errno = -err;
		return NULL;
	}

	/* Not being told of new PMUs (no netlink in a sandbox) is no reason to show none. */
	follow->devices = devices_watch(machine->devices);
	if (follow->devices >= 0)
		loop_add(loop, follow->devices, EPOLLIN, devices_event, follow);
	/* After the monitor is up, so that none is missed between the two. */
	follow_rescan(follow);
	return follow;
}

void follow_free(struct follow *follow)
{
	if (!follow)
		return;
	stop_watches(follow);
	if (follow->inotify >= 0) {
		loop_remove(follow->loop, follow->inotify);
		close(follow->inotify);
	}
	if (follow->devices >= 0)
		loop_remove(follow->loop, follow->devices);
	free(follow);
}
