// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module aux_test_pmu itself: what it takes, and what it refuses.
 */

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "area.h"
#include "chunks.h"
#include "file.h"
#include "memory.h"
#include "pmu.h"
#include "test.h"

#define PMU_NAME	"aux_test_extra"

/* The longest name, 31 characters, and one that is longer. */
#define LONG_NAME	"aux_test_name_of_31_characters_"
#define TOO_LONG_NAME	LONG_NAME "x"

FIXTURE(module)
{
};

FIXTURE_SETUP(module)
{
	if (lacks_test_pmu())
		SKIP(return, "%s", lacks_test_pmu());
}

FIXTURE_TEARDOWN_PARENT(module)
{
	test_pmu_unregister(PMU_NAME);
	test_pmu_unregister(LONG_NAME);
	max_orders_restore();
}

/* Whether there is a line @line in the file "pmus". */
static bool listed(const char *line)
{
	char buf[65536], *next = buf, *seen;

	if (file_read(TEST_PMU_DIR "/pmus", buf, sizeof(buf)) < 0)
		return false;

	while ((seen = strsep(&next, "\n"))) {
		if (!strcmp(seen, line))
			return true;
	}
	return false;
}

TEST_F(module, default_pmus)
{
	EXPECT_TRUE(listed(TEST_PMU_MUST " must"));
	EXPECT_TRUE(listed(TEST_PMU_NICE " nice"));
	EXPECT_TRUE(listed(TEST_PMU_DONTCARE " dontcare"));
}

TEST_F(module, register_and_unregister)
{
	static const char *const kinds[] = { "must", "nice", "dontcare" };
	struct pmu pmu;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		char line[64];

		snprintf(line, sizeof(line), PMU_NAME " %s", kinds[i]);
		EXPECT_EQ(0, file_write_str(TEST_PMU_DIR "/register", line));
		EXPECT_EQ(0, pmu_find(PMU_NAME, &pmu));
		EXPECT_TRUE(listed(line));
		EXPECT_EQ(-EEXIST, file_write_str(TEST_PMU_DIR "/register", line));

		EXPECT_EQ(0, file_write_str(TEST_PMU_DIR "/unregister", PMU_NAME));
		EXPECT_EQ(-ENOENT, pmu_find(PMU_NAME, &pmu));
		EXPECT_FALSE(listed(line));
		EXPECT_EQ(-ENOENT, file_write_str(TEST_PMU_DIR "/unregister", PMU_NAME));
	}

	/* As echo writes it. */
	EXPECT_EQ(0, file_write_str(TEST_PMU_DIR "/register", LONG_NAME " nice\n"));
	EXPECT_TRUE(listed(LONG_NAME " nice"));
	EXPECT_EQ(0, file_write_str(TEST_PMU_DIR "/unregister", LONG_NAME "\n"));
}

TEST_F(module, register_refuses)
{
	static const struct {
		const char	*command;
		size_t		len;
		int		error;
	} cases[] = {
#define CASE(command, error)	{ command, sizeof(command) - 1, error }
		CASE(" ", EINVAL),
		CASE("\n", EINVAL),
		CASE(PMU_NAME, EINVAL),
		CASE(PMU_NAME " ", EINVAL),
		CASE(" nice", EINVAL),
		CASE(PMU_NAME " other", EINVAL),
		CASE(PMU_NAME " nic", EINVAL),
		CASE(PMU_NAME " nicer", EINVAL),
		CASE(PMU_NAME " NICE", EINVAL),
		CASE(PMU_NAME " nice must", EINVAL),
		CASE(PMU_NAME " nice\0", EINVAL),
		CASE(PMU_NAME "\0 nice", EINVAL),
		CASE(TOO_LONG_NAME " nice", EINVAL),
		CASE("aux_test/extra nice", EINVAL),
		CASE("/ nice", EINVAL),
		CASE(". nice", EINVAL),
		CASE(".. nice", EINVAL),
		CASE("../extra nice", EINVAL),
		CASE("aux_test_\x01 nice", EINVAL),
		CASE("aux_test_\xc3\xa9 nice", EINVAL),
		CASE(TEST_PMU_NICE " nice", EEXIST),
		CASE(TEST_PMU_NICE " must", EEXIST),
		CASE(LONG_NAME " " LONG_NAME LONG_NAME, E2BIG),
#undef CASE
	};
	char before[4096], after[4096];
	unsigned int i;

	ASSERT_LT(0, file_read(TEST_PMU_DIR "/pmus", before, sizeof(before)));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(-cases[i].error, file_write(TEST_PMU_DIR "/register", cases[i].command,
						      cases[i].len))
			TH_LOG("\"%s\"", cases[i].command);
	}
	ASSERT_LT(0, file_read(TEST_PMU_DIR "/pmus", after, sizeof(after)));
	EXPECT_STREQ(before, after);
}

/* The name of a device that is there already, if not one of ours. */
TEST_F(module, register_refuses_others_name)
{
	struct pmu before, after;

	if (pmu_find("software", &before))
		SKIP(return, "no PMU software");

	EXPECT_EQ(-EEXIST, test_pmu_register("software", "nice"));
	EXPECT_FALSE(listed("software nice"));
	EXPECT_EQ(0, pmu_find("software", &after));
	EXPECT_EQ(before.type, after.type);
	EXPECT_EQ(0, max_order_mode("software"));
}

TEST_F(module, unregister_refuses)
{
	EXPECT_EQ(-ENOENT, file_write_str(TEST_PMU_DIR "/unregister", " "));
	EXPECT_EQ(-ENOENT, file_write_str(TEST_PMU_DIR "/unregister", "aux_test_unknown"));
	EXPECT_EQ(-ENOENT, file_write_str(TEST_PMU_DIR "/unregister", "aux_test_nic"));
	EXPECT_EQ(-ENOENT, file_write_str(TEST_PMU_DIR "/unregister", TEST_PMU_NICE " nice"));
	EXPECT_EQ(-ENOENT, file_write_str(TEST_PMU_DIR "/unregister", "software"));
	EXPECT_EQ(-EINVAL, file_write(TEST_PMU_DIR "/unregister", TEST_PMU_NICE "\0x",
				      sizeof(TEST_PMU_NICE "\0x") - 1));
	EXPECT_EQ(-E2BIG, file_write_str(TEST_PMU_DIR "/unregister",
					 LONG_NAME LONG_NAME LONG_NAME));
	EXPECT_TRUE(listed(TEST_PMU_NICE " nice"));
}

TEST_F(module, event_config)
{
	static const struct {
		__u64	config;
		__u64	config1;
		int	error;
	} cases[] = {
		{ 0, 0, 0 },
		{ 8, 0, 0 },
		{ 1 << 20, 0, 0 },
		{ 0, 100, 0 },
		{ 100 * 2048, 100, 0 },
		{ 0, 10 * 1000 * 1000, 0 },
		{ 0xffffULL << 32, 0, 0 },
		{ TEST_PMU_REFUSE, 0, 0 },

		{ 1, 0, EINVAL },
		{ 4, 0, EINVAL },
		{ 12, 0, EINVAL },
		{ (1 << 20) + 8, 0, EINVAL },
		{ 0xfffffff8, 0, EINVAL },
		{ 1ULL << 49, 0, EINVAL },
		{ 1ULL << 63, 0, EINVAL },
		{ ~0ULL, 0, EINVAL },
		{ 100 * 2048 + 8, 100, EINVAL },	/* it would do nothing else */
		{ 0, 1, EINVAL },
		{ 0, 99, EINVAL },
		{ 0, 10 * 1000 * 1000 + 1, EINVAL },
		{ 0, 0xffffffff, EINVAL },
		{ 0, 1ULL << 32, EINVAL },
		{ 0, (1ULL << 63) + 1000, EINVAL },
	};
	struct event_spec spec = { .pid = 0, .cpu = -1 };
	struct pmu pmu;
	unsigned int i;

	ASSERT_EQ(0, pmu_find(TEST_PMU_NICE, &pmu));
	spec.type = pmu.type;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct area area;
		int ret;

		spec.config = cases[i].config;
		spec.config1 = cases[i].config1;
		ret = area_open(&area, &spec);
		EXPECT_EQ(-cases[i].error, ret)
			TH_LOG("config %llx, config1 %llx", spec.config, spec.config1);
		if (!ret)
			area_close(&area);
	}
}

TEST_F(module, event_refuses_other_configs)
{
	struct perf_event_attr attr = { .size = sizeof(attr), .disabled = 1 };
	struct pmu pmu;

	ASSERT_EQ(0, pmu_find(TEST_PMU_NICE, &pmu));
	attr.type = pmu.type;

	attr.config2 = 1;
	EXPECT_EQ(-1, syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0));
	EXPECT_EQ(EINVAL, errno);
	attr.config2 = 0;

#ifdef PERF_ATTR_SIZE_VER8
	attr.config3 = 1;
	EXPECT_EQ(-1, syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0));
	/* An old kernel doesn't know it. */
	EXPECT_TRUE(errno == EINVAL || errno == E2BIG) TH_LOG("%s", strerror(errno));
#endif
}

TEST_F(module, refuses_area)
{
	struct event_spec spec = { .pid = 0, .cpu = -1, .config = TEST_PMU_REFUSE };
	static const char *const names[] = { TEST_PMU_MUST, TEST_PMU_NICE, TEST_PMU_DONTCARE };
	struct area area;
	struct pmu pmu;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		ASSERT_EQ(0, pmu_find(names[i], &pmu));
		spec.type = pmu.type;
		ASSERT_EQ(0, area_open(&area, &spec));
		EXPECT_EQ(-ENOMEM, area_map(&area, 16 * getpagesize(), false));
		EXPECT_EQ(-ENOMEM, area_map(&area, 16 * getpagesize(), true));
		EXPECT_EQ(0, chunks_of_process(names[i], getpid(), NULL, 0));
		area_close(&area);
	}
}

/* There is one AUX area to write to at a time, as with intel_pt. */
TEST_F(module, one_event_per_task)
{
	struct event_spec spec = { .pid = 0, .cpu = -1 };
	struct area first, second;
	struct pmu pmu;

	ASSERT_EQ(0, pmu_find(TEST_PMU_NICE, &pmu));
	spec.type = pmu.type;
	ASSERT_EQ(0, area_open(&first, &spec));
	EXPECT_EQ(-EBUSY, area_open(&second, &spec));

	/* And none of a CPU that would get in the way. */
	spec.pid = -1;
	spec.cpu = 0;
	EXPECT_EQ(-EBUSY, area_open(&second, &spec));
	area_close(&first);

	EXPECT_EQ(0, area_open(&first, &spec));
	area_close(&first);
}

/* An event without an AUX area traces nothing, and does no harm. */
TEST_F(module, event_without_area)
{
	struct event_spec spec = { .pid = 0, .cpu = -1 };
	struct area area;
	struct pmu pmu;

	ASSERT_EQ(0, pmu_find(TEST_PMU_NICE, &pmu));
	spec.type = pmu.type;
	ASSERT_EQ(0, area_open(&area, &spec));
	EXPECT_EQ(0, area_enable(&area));
	usleep(5000);
	EXPECT_EQ(0, area_head(&area));
	EXPECT_EQ(0, area_disable(&area));
	area_close(&area);
}

int main(int argc, char **argv)
{
	return run_tests(argc, argv);
}
