// SPDX-License-Identifier: GPL-2.0-only
/*
 * PERF_EVENT_IOC_SET_OUTPUT: an AUX area is mapped with the event that the buffer
 * belongs to, and nobody but events of its PMU trace into it.
 */

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "area.h"
#include "pattern.h"
#include "pmu.h"
#include "test.h"

#define AUX_PAGES	16UL
#define PERIOD_US	1000

FIXTURE(redirect)
{
	struct area	aux, dummy, foreign;
};

/* An event of this thread, with a data area if @mapped. */
static int open_event(struct area *area, __u32 type, __u64 config, bool mapped)
{
	struct event_spec spec = { .type = type, .config = config, .cpu = -1 };
	int ret;

	if (type != PERF_TYPE_SOFTWARE)
		spec.config1 = PERIOD_US;
	ret = area_open(area, &spec);
	if (!ret && !mapped) {
		munmap(area->page, area->base_size);
		area->page = NULL;
	}
	return ret;
}

static int redirect(const struct area *from, const struct area *to)
{
	return ioctl(from->fd, PERF_EVENT_IOC_SET_OUTPUT, to->fd) ? -errno : 0;
}

/* With the event of @area, at the buffer of @owner. */
static int map_aux(const struct area *area, struct area *owner, size_t size)
{
	void *aux;

	owner->page->aux_offset = owner->base_size;
	owner->page->aux_size = size;
	aux = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, area->fd, owner->base_size);
	if (aux == MAP_FAILED)
		return -errno;

	munmap(aux, size);
	return 0;
}

/* Old kernels map the data area as well by way of an event that was redirected. */
static bool maps_buffer_of(const struct area *area, const struct area *owner)
{
	void *data = mmap(NULL, owner->base_size, PROT_READ | PROT_WRITE, MAP_SHARED, area->fd, 0);

	if (data == MAP_FAILED)
		return false;

	munmap(data, owner->base_size);
	return true;
}

/* Spend time, so that events of this thread are scheduled. */
static void run_for_ms(unsigned int ms)
{
	struct timespec now, end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_nsec += ms * 1000000L;
	end.tv_sec += end.tv_nsec / 1000000000L;
	end.tv_nsec %= 1000000000L;
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec < end.tv_sec ||
		 (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec));
}

static __u64 count_of(const struct area *area)
{
	__u64 count = 0;

	return read(area->fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

FIXTURE_SETUP(redirect)
{
	const char *lack = lacks_test_pmu();
	struct pmu nice, must;

	self->aux.fd = -1;
	self->dummy.fd = -1;
	self->foreign.fd = -1;
	if (lack)
		SKIP(return, "%s", lack);

	ASSERT_EQ(0, pmu_find(TEST_PMU_NICE, &nice));
	ASSERT_EQ(0, pmu_find(TEST_PMU_MUST, &must));
	ASSERT_EQ(0, open_event(&self->aux, nice.type, test_pmu_config(64, 1), true));
	ASSERT_EQ(0, open_event(&self->dummy, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_DUMMY, false));
	ASSERT_EQ(0, open_event(&self->foreign, must.type, test_pmu_config(64, 2), false));
}

FIXTURE_TEARDOWN(redirect)
{
	area_close(&self->foreign);
	area_close(&self->dummy);
	area_close(&self->aux);
}

TEST_F(redirect, other_event_does_not_map_area)
{
	size_t size = AUX_PAGES * getpagesize();

	ASSERT_EQ(0, redirect(&self->dummy, &self->aux));
	if (maps_buffer_of(&self->dummy, &self->aux))
		SKIP(return, "this kernel maps a buffer through a second event");
	EXPECT_EQ(-EBUSY, map_aux(&self->dummy, &self->aux, size));

	ASSERT_EQ(0, area_map(&self->aux, size, false));
	EXPECT_EQ(-EBUSY, map_aux(&self->dummy, &self->aux, size));

	/* Nor has it left anything behind that would keep it from being freed. */
	EXPECT_EQ(0, area_unmap(&self->aux));
	EXPECT_EQ(0, area_map(&self->aux, 2 * size, false));
}

/* Not even if it is the one that traces. */
TEST_F(redirect, event_that_traces_does_not_map_area_of_another)
{
	struct area owner;

	ASSERT_EQ(0, open_event(&owner, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_DUMMY, true));
	ASSERT_EQ(0, redirect(&self->foreign, &owner));
	if (maps_buffer_of(&self->foreign, &owner)) {
		area_close(&owner);
		SKIP(return, "this kernel maps a buffer through a second event");
	}
	EXPECT_EQ(-EBUSY, map_aux(&self->foreign, &owner, AUX_PAGES * getpagesize()));
	area_close(&owner);
}

TEST_F(redirect, other_pmus_are_refused)
{
	ASSERT_EQ(0, area_map(&self->aux, AUX_PAGES * getpagesize(), false));
	EXPECT_EQ(-EINVAL, redirect(&self->foreign, &self->aux));
}

/* By way of an event without an AUX area, they are not, but get nowhere. */
TEST_F(redirect, other_pmus_do_not_trace)
{
	ASSERT_EQ(0, area_map(&self->aux, AUX_PAGES * getpagesize(), false));
	ASSERT_EQ(0, redirect(&self->dummy, &self->aux));
	ASSERT_EQ(0, redirect(&self->foreign, &self->dummy));

	ASSERT_EQ(0, area_enable(&self->foreign));
	run_for_ms(50);
	ASSERT_EQ(0, area_disable(&self->foreign));
	EXPECT_EQ(0, count_of(&self->foreign));
	EXPECT_EQ(0, area_head(&self->aux));

	/* The PMU it belongs to does. */
	ASSERT_EQ(0, area_enable(&self->aux));
	run_for_ms(50);
	ASSERT_EQ(0, area_disable(&self->aux));
	EXPECT_LT(0, count_of(&self->aux));
	EXPECT_LT(0, area_head(&self->aux));
}

/* The PMU is gone, and what it has left in the buffer is of no use to another. */
TEST_F(redirect, other_pmus_do_not_trace_after_unregister)
{
	const char *lack = lacks_revocation();
	struct area gone;
	struct pmu pmu;

	if (lack)
		SKIP(return, "%s", lack);

	ASSERT_EQ(0, test_pmu_register("aux_test_gone", "dontcare"));
	ASSERT_EQ(0, pmu_find("aux_test_gone", &pmu));
	ASSERT_EQ(0, open_event(&gone, pmu.type, test_pmu_config(64, 3), true));
	ASSERT_EQ(0, area_map(&gone, AUX_PAGES * getpagesize(), false));
	ASSERT_EQ(0, redirect(&self->dummy, &gone));
	ASSERT_EQ(0, test_pmu_unregister("aux_test_gone"));

	ASSERT_EQ(0, redirect(&self->foreign, &self->dummy));
	ASSERT_EQ(0, area_enable(&self->foreign));
	run_for_ms(50);
	ASSERT_EQ(0, area_disable(&self->foreign));
	EXPECT_EQ(0, count_of(&self->foreign));
	EXPECT_EQ(0, area_head(&gone));
	area_close(&gone);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
