/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The cases, as main.c knows them. Each prints its rows with row(), and dies of an
 * error that would make them worthless.
 */
void bench_costs(void);
void bench_map(void);
void bench_topa(void);
void bench_blocks(void);
void bench_must(void);
void bench_stall(void);
void bench_tool(void);

/* Fewer sizes and turns: shows that all of it works, not how fast. */
extern bool quick;

/*
 * One line of CSV: case, PMU, bytes of the AUX area, page order asked for, state of
 * the memory, what was measured, how much. "-" and a negative order: does not apply.
 */
struct subject {
	const char	*name;		/* of the case */
	const char	*pmu;
	size_t		size;
	int		order;
	const char	*state;
};

void row(const struct subject *subject, const char *metric, double value);

/*
 * The time stamp counter. With QEMU's -icount shift=0 it counts the instructions of
 * the guest, and goes on by itself only while the guest has nothing to do.
 */
static inline unsigned long long clock_now(void)
{
	unsigned int low, high;

	__asm__ __volatile__("lfence; rdtsc" : "=a" (low), "=d" (high) : : "memory");
	return (unsigned long long)high << 32 | low;
}

#define KIB	1024UL
#define MIB	(1024UL * 1024)
#define GIB	(1024UL * MIB)

#endif /* BENCH_H */
