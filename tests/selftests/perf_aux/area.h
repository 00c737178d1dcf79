/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef AREA_H
#define AREA_H

#include <linux/perf_event.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The user page, the data area, and an AUX area of one page. */
#define AREA_MIN_PAGES	10

/* What to trace. */
struct event_spec {
	__u32	type;
	__u64	config;
	__u64	config1;
	pid_t	pid;		/* 0: this thread, -1: all that run on the CPU */
	int	cpu;		/* -1: all that the thread runs on */
	__u32	watermark;	/* in bytes; 0: half of the AUX area */
	bool	inherit;	/* children, too; they need a CPU */
};

/* An event, its data area, and its AUX area. */
struct area {
	int				fd;
	struct perf_event_mmap_page	*page;		/* the data area follows */
	size_t				base_size;	/* with the data area */
	unsigned char			*aux;
	size_t				aux_size;
	bool				overwrite;
	__u64				start;		/* head when it was mapped */
	__u64				tail;		/* of AUX data, consumed */
	__u64				data_tail;	/* of records, consumed */
};

/* What the records of an event said since they were last read. */
struct area_records {
	unsigned long	nr_aux;
	unsigned long	nr_truncated;
	unsigned long	nr_lost;
	__u64		aux_bytes;	/* sum of the sizes */
};

/*
 * Those that return an int return 0 or a negative errno. An area that failed to
 * open is closed.
 */

/* Opens an event, disabled, and maps its data area. */
int area_open(struct area *area, const struct event_spec *spec);
void area_close(struct area *area);

/* Maps the AUX area: read-write, or read-only for overwrite mode. */
int area_map(struct area *area, size_t size, bool overwrite);
int area_unmap(struct area *area);

int area_enable(struct area *area);
int area_disable(struct area *area);

/* Bytes of AUX data written since the data area was mapped. */
__u64 area_head(const struct area *area);

/* Gives the AUX data up to @tail back to the kernel. Not in overwrite mode. */
void area_consume(struct area *area, __u64 tail);

/* Reads and gives back all records in the data area. */
void area_records(struct area *area, struct area_records *records);

#endif /* AREA_H */
