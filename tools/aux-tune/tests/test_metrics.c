// SPDX-License-Identifier: GPL-2.0-only
#include "tree.h"
#include "metrics.h"

static const struct metric_label none[] = { { 0 } };

static void want(struct metrics *metrics, const char *text)
{
	size_t nr;
	char *have = metrics_finish(metrics, &nr);

	assert_string_equal(have, text);
	free(have);
}

static void nothing_is_still_a_text(void **state)
{
	want(metrics_new(), "# EOF\n");
}

static void a_family_without_samples_is_left_out(void **state)
{
	struct metrics *metrics = metrics_new();

	metrics_family(metrics, "a", METRIC_GAUGE, NULL, "Help.");
	metrics_family(metrics, "b", METRIC_GAUGE, NULL, "Help.");
	metrics_sample(metrics, none, 1);
	want(metrics, "# TYPE b gauge\n# HELP b Help.\nb 1\n# EOF\n");
}

static void samples_of_a_counter_end_with_total(void **state)
{
	struct metrics *metrics = metrics_new();

	metrics_family(metrics, "a_seconds", METRIC_COUNTER, "seconds", "Help.");
	metrics_sample_ns(metrics, none, UINT64_MAX);
	metrics_sample_ns(metrics, none, 1);
	want(metrics, "# TYPE a_seconds counter\n# UNIT a_seconds seconds\n# HELP a_seconds Help.\n"
		      "a_seconds_total 18446744073.709551615\na_seconds_total 0.000000001\n# EOF\n");
}

static void label_values_are_escaped_and_stay_different(void **state)
{
	struct metrics *metrics = metrics_new();
	const struct metric_label labels[] = {
		{ "a", "q\"b\\n\n" }, { "b", "\xff\x1b\xc3\xa4" }, { "c", "\xe2\x80\xae" }, { 0 },
	};
	const struct metric_label other[] = { { "b", "\xfe" }, { 0 } };
	const struct metric_label look_alike[] = { { "b", "\\xfe" }, { "c", "\\u{202e}" }, { 0 } };

	metrics_family(metrics, "m", METRIC_GAUGE, NULL, "Help.");
	metrics_sample(metrics, labels, 0);
	metrics_sample(metrics, other, UINT64_MAX);
	metrics_sample(metrics, look_alike, 1);
	want(metrics, "# TYPE m gauge\n# HELP m Help.\n"
		      "m{a=\"q\\\"b\\\\n\\n\",b=\"\\\\xff\\\\x1b\xc3\xa4\",c=\"\\\\u{202e}\"} 0\n"
		      "m{b=\"\\\\xfe\"} 18446744073709551615\n"
		      "m{b=\"\\\\x5cxfe\",c=\"\\\\x5cu{202e}\"} 1\n# EOF\n");
}

static void samples_are_counted(void **state)
{
	struct metrics *metrics = metrics_new();
	size_t nr;

	metrics_family(metrics, "m", METRIC_GAUGE, NULL, "Help.");
	metrics_sample(metrics, none, 0);
	metrics_sample_ns(metrics, none, 0);
	free(metrics_finish(metrics, &nr));
	assert_int_equal(nr, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_still_a_text),
		cmocka_unit_test(a_family_without_samples_is_left_out),
		cmocka_unit_test(samples_of_a_counter_end_with_total),
		cmocka_unit_test(label_values_are_escaped_and_stay_different),
		cmocka_unit_test(samples_are_counted),
	};

	return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
