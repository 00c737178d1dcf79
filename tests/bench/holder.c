// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "holder.h"

static pid_t tids[HOLDER_MAX];

static void *idle(void *tid)
{
	__atomic_store_n((pid_t *)tid, gettid(), __ATOMIC_RELEASE);
	while (1)
		pause();
	return NULL;
}

static pid_t idle_thread(unsigned int nr)
{
	pthread_attr_t attr;
	pthread_t thread;

	if (tids[nr])
		return tids[nr];

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 * 1024);
	errno = pthread_create(&thread, &attr, idle, &tids[nr]);
	if (errno)
		err(1, "cannot create a thread");
	while (!__atomic_load_n(&tids[nr], __ATOMIC_ACQUIRE))
		usleep(100);

	return tids[nr];
}

void holder_open(struct holder *holder, const struct pmu *pmu, unsigned int nr,
		 unsigned int watermark)
{
	struct event_spec spec = { .type = pmu->type, .cpu = -1, .watermark = watermark };
	unsigned int i;

	memset(holder, 0, sizeof(*holder));
	if (nr > HOLDER_MAX)
		errx(1, "%u AUX areas are too many", nr);

	for (i = 0; i < nr; i++) {
		spec.pid = idle_thread(i);
		errno = -area_open(&holder->areas[i], &spec);
		if (errno)
			err(1, "%s: cannot open event %u", pmu->name, i);
	}
	holder->nr = nr;
}

void holder_unmap(struct holder *holder)
{
	unsigned int i;

	for (i = 0; i < holder->nr; i++)
		area_unmap(&holder->areas[i]);
}

void holder_close(struct holder *holder)
{
	unsigned int i;

	for (i = 0; i < holder->nr; i++)
		area_close(&holder->areas[i]);
	holder->nr = 0;
}
