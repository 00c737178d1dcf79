// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "area.h"

#define NR_DATA_PAGES	(AREA_MIN_PAGES - 2)

static int sys_perf_event_open(struct perf_event_attr *attr, pid_t pid, int cpu)
{
	return syscall(SYS_perf_event_open, attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

int area_open(struct area *area, const struct event_spec *spec)
{
	struct perf_event_attr attr = {
		.type		= spec->type,
		.size		= sizeof(attr),
		.config		= spec->config,
		.config1	= spec->config1,
		.aux_watermark	= spec->watermark,
		.disabled	= 1,
		.inherit	= spec->inherit,
		.exclude_kernel	= 1,
		.exclude_hv	= 1,
	};
	int ret;

	memset(area, 0, sizeof(*area));

	area->fd = sys_perf_event_open(&attr, spec->pid, spec->cpu);
	if (area->fd < 0) {
		/* Some PMUs can't exclude anything. */
		attr.exclude_kernel = 0;
		attr.exclude_hv = 0;
		area->fd = sys_perf_event_open(&attr, spec->pid, spec->cpu);
	}
	if (area->fd < 0)
		return -errno;

	area->base_size = (1 + NR_DATA_PAGES) * getpagesize();
	area->page = mmap(NULL, area->base_size, PROT_READ | PROT_WRITE,
			  MAP_SHARED, area->fd, 0);
	if (area->page == MAP_FAILED) {
		ret = -errno;
		area->page = NULL;
		area_close(area);
		return ret;
	}

	return 0;
}

void area_close(struct area *area)
{
	area_unmap(area);
	if (area->page)
		munmap(area->page, area->base_size);
	if (area->fd >= 0)
		close(area->fd);
	area->page = NULL;
	area->fd = -1;
}

int area_map(struct area *area, size_t size, bool overwrite)
{
	void *aux;

	area->page->aux_offset = area->base_size;
	area->page->aux_size = size;

	aux = mmap(NULL, size, overwrite ? PROT_READ : PROT_READ | PROT_WRITE,
		   MAP_SHARED, area->fd, area->base_size);
	if (aux == MAP_FAILED)
		return -errno;

	area->aux = aux;
	area->aux_size = size;
	area->overwrite = overwrite;

	/* The head belongs to the event: it goes on where the last area ended. */
	area->start = area_head(area);
	area_consume(area, area->start);

	return 0;
}

int area_unmap(struct area *area)
{
	int ret = 0;

	if (area->aux && munmap(area->aux, area->aux_size))
		ret = -errno;
	area->aux = NULL;

	return ret;
}

int area_enable(struct area *area)
{
	return ioctl(area->fd, PERF_EVENT_IOC_ENABLE, 0) ? -errno : 0;
}

int area_disable(struct area *area)
{
	return ioctl(area->fd, PERF_EVENT_IOC_DISABLE, 0) ? -errno : 0;
}

__u64 area_head(const struct area *area)
{
	return __atomic_load_n(&area->page->aux_head, __ATOMIC_ACQUIRE);
}

void area_consume(struct area *area, __u64 tail)
{
	area->tail = tail;
	__atomic_store_n(&area->page->aux_tail, tail, __ATOMIC_RELEASE);
}

/* Copies from the data area, where records wrap around. */
static void copy_data(const struct area *area, __u64 pos, void *to, size_t len)
{
	const unsigned char *data = (const unsigned char *)area->page + area->page->data_offset;
	size_t size = area->page->data_size, i;

	for (i = 0; i < len; i++)
		((unsigned char *)to)[i] = data[(pos + i) % size];
}

void area_records(struct area *area, struct area_records *records)
{
	struct {
		struct perf_event_header	header;
		__u64				aux_offset;
		__u64				aux_size;
		__u64				flags;
	} record;
	__u64 head;

	memset(records, 0, sizeof(*records));
	head = __atomic_load_n(&area->page->data_head, __ATOMIC_ACQUIRE);

	while (area->data_tail < head) {
		copy_data(area, area->data_tail, &record.header, sizeof(record.header));

		switch (record.header.type) {
		case PERF_RECORD_AUX:
			copy_data(area, area->data_tail, &record, sizeof(record));
			records->nr_aux++;
			records->aux_bytes += record.aux_size;
			if (record.flags & PERF_AUX_FLAG_TRUNCATED)
				records->nr_truncated++;
			break;
		case PERF_RECORD_LOST:
			records->nr_lost++;
			break;
		}

		area->data_tail += record.header.size;
	}

	__atomic_store_n(&area->page->data_tail, area->data_tail, __ATOMIC_RELEASE);
}
