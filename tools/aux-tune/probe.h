/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Maps a real AUX area with one aux_max_order after another, and reports what was handed out,
 * how long it took, and the blocks that were gone: what an administrator decides from.
 *
 * A child process does it. Whatever becomes of it, probe_free() and probe_read() put the
 * setting back, unless somebody else has changed it in the meantime; should this process be
 * killed, the child puts it back. Nothing of the probe is left afterwards.
 *
 *	probe = probe_start(machine, pmu, &options, &refusal);
 *	loop_add(loop, probe_fd(probe), EPOLLIN, ...);	where probe_read() is called
 *	...
 *	loop_remove(loop, probe_fd(probe));
 *	probe_free(probe);
 */
#ifndef AUX_TUNE_PROBE_H
#define AUX_TUNE_PROBE_H

#include "machine.h"
#include "status.h"

#define PROBE_SIZE_DEFAULT	(UINT64_C(64) << 20)

/* As first order: all that can be tried, and that is only today's where it cannot be changed. */
#define PROBE_ALL_ORDERS	(-2)

struct probe_options {
	uint64_t size;			/* of the area in bytes: 2^n pages */
	bool overwrite;
	bool readonly;			/* don't change the setting: today's order only */
	int first, last;		/* orders to try */
};

/* What has been found out without trying. */
struct probe_plan {
	int orders[BUDDY_ORDERS];	/* ORDER_UNKNOWN: as a kernel without the policy does */
	int nr;				/* 0: refused, status and reason say why */
	bool writes;			/* the setting will be changed, and put back */
	enum exit_status status;
	char *reason;
	char *note;			/* why it is only today's order; NULL if it is not */
};

/* Where mapping an area came to an end. */
enum probe_stage {
	PROBE_SETTING,			/* aux_max_order could not be written */
	PROBE_EVENT,			/* no event could be opened */
	PROBE_DATA,			/* mmap() of the data area */
	PROBE_AUX,			/* mmap() of the AUX area */
	PROBE_MAPPED,
};

/* Who says what was handed out. */
enum probe_source {
	PROBE_UNSEEN,			/* nobody this user may ask */
	PROBE_STATISTICS,		/* the kernel's row of the area, in debugfs */
	PROBE_TRACEFS,			/* kmem:mm_page_alloc above order 0; the rest is order 0 */
};

/* Free blocks by order, as in /proc/buddyinfo; orders is 0 when it cannot be read. */
struct probe_blocks {
	int orders;
	uint64_t free[BUDDY_ORDERS];
};

/* One AUX area. */
struct probe_step {
	int order;			/* aux_max_order; ORDER_UNKNOWN: the kernel has none */
	enum probe_stage stage;
	int error;			/* 0 when mapped, else a negative errno */
	uint64_t map_ns;		/* mmap() of the AUX area */
	uint64_t unmap_ns;
	enum probe_source source;
	struct chunks chunks;		/* orders is 0 when unseen */
	int asked;			/* largest order that was asked for; ORDER_UNKNOWN */
	uint64_t fallbacks;		/* chunks smaller than that and what was left allowed */
	char cause[32];			/* counter of the kernel that grew as it failed, or "" */
	struct probe_blocks before, during, after;
};

enum probe_state {
	PROBE_RUNNING,
	PROBE_DONE,			/* went as far as it made sense; steps may have errors */
	PROBE_STOPPED,			/* by probe_stop(), or it did not go on: reason */
};

struct probe;

/*
 * Checks what can be tried without trying it. The plan is the caller's to clear.
 * No order at all: refused.
 */
void probe_make_plan(const struct machine *machine, const struct pmu *pmu,
		     const struct probe_options *options, struct probe_plan *plan);
void probe_plan_clear(struct probe_plan *plan);

/*
 * Starts what @plan says. Copies all it needs: @pmu and @machine may be read anew meanwhile,
 * and the setting will be seen to change. NULL, with *@status and *@reason (the caller's to
 * free), when it cannot be started.
 */
struct probe *probe_start(const struct machine *machine, const struct pmu *pmu,
			  const struct probe_options *options, const struct probe_plan *plan,
			  enum exit_status *status, char **reason);

/* It has ended, and the setting is what it was before. */
bool probe_restored(const struct probe *probe);

/* Stops it if it has to, puts the setting back, and frees it. NULL is allowed. */
void probe_free(struct probe *probe);

/* Readable when there is something for probe_read(). */
int probe_fd(const struct probe *probe);

/*
 * Takes what has been reported, without waiting. False once it has ended; then the setting
 * is what it was, or probe_reason() says why not, and probe_fd() must not be polled any more.
 */
bool probe_read(struct probe *probe);

/* Ends it now, and puts the setting back. */
void probe_stop(struct probe *probe);

enum probe_state probe_state(const struct probe *probe);

/* Why it was stopped, or could not leave the setting as it was; NULL. */
const char *probe_reason(const struct probe *probe);

/* Steps there are so far, of how many. They stay where they are until probe_free(). */
const struct probe_step *probe_steps(const struct probe *probe, int *nr, int *planned);

/* Blocks of @order that could be made of the free ones. */
uint64_t probe_blocks_from(const struct probe_blocks *blocks, int order);

/* Blocks of @order that were gone while the area was mapped; 0 when more came free. */
uint64_t probe_blocks_gone(const struct probe_step *step, int order);

/* The share of the area, in percent, in chunks of the largest order asked for. -1: not known. */
int probe_as_asked(const struct probe_step *step);

/*
 * Chunks of an area that are smaller than @asked and what was left of it allowed. Chunks of an
 * area come in descending order.
 */
uint64_t probe_fallbacks(const struct chunks *chunks, int asked, uint64_t pages);

/* The largest order that policy, watermark (half the area) and mode let the kernel ask for. */
int probe_asked(int max_order, uint64_t pages, bool overwrite);

#endif
