/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMSTAT_H
#define VMSTAT_H

/* Counters of /proc/vmstat that tell how hard the kernel tried. */
struct vmstat {
	unsigned long	compact_stall;
	unsigned long	compact_fail;
	unsigned long	compact_success;
	unsigned long	compact_migrate_scanned;
	unsigned long	allocstall;		/* sum over the zones */
	unsigned long	pgmigrate_success;
	unsigned long	thp_fault_alloc;
	unsigned long	thp_fault_fallback;
};

void vmstat_read(struct vmstat *vmstat);

#endif /* VMSTAT_H */
