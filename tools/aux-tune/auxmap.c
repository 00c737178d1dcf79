// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fnmatch.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "auxmap.h"
#include "xalloc.h"

/* PMUs of which an event with config 0 is none. */
static const struct special {
	const char *glob;
	uint64_t config;
	uint64_t period;
} specials[] = {
	/* PERF_EVENT_CPUM_SF_DIAG: only the diagnostic mode has an AUX area. */
	{ "cpum_sf", 0xbd000, 4000000 },
};

bool auxmap_possible(const struct kroot *root)
{
	return kroot_live(root);
}

static void make_attr(struct perf_event_attr *attr, const char *name, int64_t type)
{
	memset(attr, 0, sizeof(*attr));
	attr->size = sizeof(*attr);
	attr->type = type;
	attr->disabled = 1;
	for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++) {
		if (fnmatch(specials[i].glob, name, 0))
			continue;
		attr->config = specials[i].config;
		attr->sample_period = specials[i].period;
	}
}

/* The first CPU of the PMU's cpumask; 0 for a PMU without one. */
static int first_cpu(const struct kroot *root, const char *dir)
{
	char *path = xasprintf("%s/cpumask", dir);
	char text[4096];
	ssize_t len = kfile_read(root, path, text, sizeof(text));

	free(path);
	return len > 0 ? atoi(text) : 0;
}

/* True for what does not get better by asking for another kind of event. */
static bool is_final(int error)
{
	return error == EACCES || error == EPERM || error == EBUSY || error == EMFILE ||
	       error == ENFILE || error == ENOMEM || error == ENOSYS;
}

static int open_event(const struct kroot *root, const char *name, const char *dir, int64_t type)
{
	struct perf_event_attr attr;
	int fd, error = 0;

	make_attr(&attr, name, type);
	/* Of this task, as nothing else needs less privilege; some PMUs only know CPUs. */
	for (int attempt = 0; attempt < 4; attempt++) {
		bool cpu = attempt >= 2;

		/* Some cannot tell kernel from user; everybody may trace the latter. */
		attr.exclude_kernel = attempt % 2 == 0;
		attr.exclude_hv = attr.exclude_kernel;
		fd = syscall(SYS_perf_event_open, &attr, cpu ? -1 : 0,
			     cpu ? first_cpu(root, dir) : -1, -1, PERF_FLAG_FD_CLOEXEC);
		if (fd >= 0)
			return fd;
		/* What is said first is of this task and user space, and closest to the cause. */
		if (!error || is_final(errno))
			error = errno;
		if (is_final(error))
			break;
	}
	return -error;
}

int auxmap_open(struct auxmap *map, const struct kroot *root, const char *name, const char *dir,
		int64_t type, bool *event_open)
{
	size_t page_size = sysconf(_SC_PAGESIZE);
	int err;

	memset(map, 0, sizeof(*map));
	*event_open = false;
	map->fd = open_event(root, name, dir, type);
	if (map->fd < 0)
		return map->fd;
	*event_open = true;
	map->base_size = AUXMAP_DATA_PAGES * page_size;
	map->base = mmap(NULL, map->base_size, PROT_READ | PROT_WRITE, MAP_SHARED, map->fd, 0);
	if (map->base != MAP_FAILED)
		return 0;
	err = -errno;
	map->base = NULL;
	auxmap_close(map);
	return err;
}

int auxmap_map(struct auxmap *map, size_t size, bool overwrite)
{
	struct perf_event_mmap_page *page = map->base;
	void *aux;

	page->aux_offset = map->base_size;
	page->aux_size = size;
	aux = mmap(NULL, size, overwrite ? PROT_READ : PROT_READ | PROT_WRITE, MAP_SHARED,
		   map->fd, map->base_size);
	if (aux == MAP_FAILED)
		return -errno;
	map->aux = aux;
	map->aux_size = size;
	return 0;
}

void auxmap_unmap(struct auxmap *map)
{
	if (map->aux)
		munmap(map->aux, map->aux_size);
	map->aux = NULL;
}

void auxmap_close(struct auxmap *map)
{
	auxmap_unmap(map);
	if (map->base)
		munmap(map->base, map->base_size);
	if (map->fd >= 0)
		close(map->fd);
	map->base = NULL;
	map->fd = -1;
}
