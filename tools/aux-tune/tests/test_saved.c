// SPDX-License-Identifier: GPL-2.0-only
/* What is saved, whether the machine has it, and changing it. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tree.h"
#include "saved.h"
#include "xalloc.h"

#define OURS(pmu, n) \
	"ACTION==\"add|change\", SUBSYSTEM==\"event_source\", KERNEL==\"" pmu "\", " \
	"TEST==\"aux_max_order\", ATTR{aux_max_order}=\"" #n "\"\n"
#define THEIRS(pmu, n) \
	"SUBSYSTEM==\"event_source\", KERNEL==\"" pmu "\", ATTR{aux_max_order}=\"" #n "\"\n"

struct fixture {
	char *dir;
	struct machine machine;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->dir = tree_new();
	tree_file(f->dir, "/proc/buddyinfo", BUDDY_LINE);
	tree_file(f->dir, "/etc/hostname", "test\n");
	tree_pmu(f->dir, "must", "8\n", "10\n", 0444);
	tree_pmu(f->dir, "nice", "9\n", "0\n", 0644);
	tree_pmu(f->dir, "pt", "10\n", "3\n", 0644);
	tree_pmu(f->dir, "software", "1\n", NULL, 0);
	tree_open(&f->machine, f->dir);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	machine_close(&f->machine);
	tree_remove(f->dir);
	free(f);
	return 0;
}

static struct pmu *pmu(struct fixture *f, const char *name)
{
	return pmu_list_find(&f->machine.pmus, name);
}

static void rules(struct fixture *f, const char *path, const char *text)
{
	tree_file(f->dir, path, text);
	saved_read(&f->machine);
}

static void assert_saved(struct fixture *f, const char *name, int order, enum saved_drift drift)
{
	assert_int_equal(saved_order(pmu(f, name)), order);
	assert_int_equal(saved_drift(&f->machine, pmu(f, name)), drift);
}

static void assert_text(struct fixture *f, const char *name, const char *part)
{
	char *text = saved_drift_text(&f->machine, pmu(f, name));

	if (!strstr(text, part))
		fail_msg("not in '%s': %s", text, part);
	free(text);
}

static char *file_text(struct fixture *f, const char *path)
{
	char *text;

	if (kfile_read_alloc(&f->machine.root, path, &text, 1 << 20) < 0)
		return NULL;
	return text;
}

static void assert_file(struct fixture *f, const char *wanted)
{
	char *text = file_text(f, SAVED_FILE);

	if (wanted) {
		assert_non_null(text);
		assert_string_equal(text, wanted);
	} else {
		assert_null(text);
	}
	free(text);
}

static void drift_is_what_a_boot_would_change(void **state)
{
	struct fixture *f = *state;

	assert_saved(f, "pt", ORDER_UNKNOWN, DRIFT_UNSAVED);
	assert_text(f, "pt", "order is 3 and not saved: after a reboot it is 0");
	assert_saved(f, "nice", ORDER_UNKNOWN, DRIFT_NONE);
	assert_saved(f, "must", ORDER_UNKNOWN, DRIFT_NONE);
	assert_saved(f, "software", ORDER_UNKNOWN, DRIFT_NONE);

	rules(f, SAVED_FILE, OURS("pt", 3) OURS("nice", 4));
	assert_saved(f, "pt", 3, DRIFT_NONE);
	assert_saved(f, "nice", 4, DRIFT_CHANGED);
	assert_text(f, "nice", "order is 0, but");
	assert_text(f, "nice", SAVED_FILE ":2 sets 4");
}

static void what_the_kernel_refuses_is_drift(void **state)
{
	struct fixture *f = *state;

	rules(f, SAVED_FILE, OURS("must", 10) OURS("pt", 11));
	assert_saved(f, "must", 10, DRIFT_REFUSED);
	assert_text(f, "must", "read-only");
	assert_saved(f, "pt", 11, DRIFT_REFUSED);
	assert_text(f, "pt", "refuses '11'");
	rules(f, SAVED_FILE, "KERNEL==\"pt\", ATTR{aux_max_order}=\"2M\"\n");
	assert_saved(f, "pt", ORDER_UNKNOWN, DRIFT_REFUSED);
}

static void files_are_read_in_the_order_of_udev(void **state)
{
	struct fixture *f = *state;

	/* By name, whatever the directory. */
	rules(f, "/usr/lib/udev/rules.d/70-vendor.rules", THEIRS("pt", 5));
	rules(f, SAVED_FILE, OURS("pt", 3));
	assert_saved(f, "pt", 5, DRIFT_CHANGED);
	assert_text(f, "pt", "/usr/lib/udev/rules.d/70-vendor.rules:1 sets 5");
	/* The same name in a directory that comes before it hides it. */
	rules(f, "/run/udev/rules.d/70-vendor.rules", "\n" THEIRS("pt", 6));
	assert_text(f, "pt", "/run/udev/rules.d/70-vendor.rules:2 sets 6");
	rules(f, "/etc/udev/rules.d/70-vendor.rules", "# nothing\n");
	assert_saved(f, "pt", 3, DRIFT_NONE);
	/* What is no rules file is not read. */
	rules(f, "/etc/udev/rules.d/99-x.rules.dpkg-old", THEIRS("pt", 7));
	rules(f, "/etc/udev/rules.d/.60-aux-tune.rules.new", THEIRS("pt", 7));
	assert_saved(f, "pt", 3, DRIFT_NONE);
	rules(f, "/usr/local/lib/udev/rules.d/99-x.rules", THEIRS("pt", 7));
	assert_saved(f, "pt", 7, DRIFT_CHANGED);
}

static void a_link_to_dev_null_switches_a_file_off(void **state)
{
	struct fixture *f = *state;
	char *link = xasprintf("%s/etc/udev/rules.d/70-vendor.rules", f->dir);

	rules(f, "/etc/udev/rules.d/x", "");
	rules(f, "/usr/lib/udev/rules.d/70-vendor.rules", THEIRS("pt", 5));
	assert_saved(f, "pt", 5, DRIFT_CHANGED);
	assert_int_equal(symlink("/dev/null", link), 0);
	saved_read(&f->machine);
	assert_saved(f, "pt", ORDER_UNKNOWN, DRIFT_UNSAVED);
	free(link);
}

static void what_may_run_is_not_taken_for_sure(void **state)
{
	struct fixture *f = *state;

	rules(f, "/etc/udev/rules.d/90-x.rules", "ENV{x}==\"y\", " THEIRS("nice", 5));
	assert_saved(f, "nice", ORDER_UNKNOWN, DRIFT_NONE);
	rules(f, "/etc/udev/rules.d/90-x.rules", "ENV{x}==\"y\", " THEIRS("pt", 3));
	assert_saved(f, "pt", ORDER_UNKNOWN, DRIFT_UNSURE);
	assert_text(f, "pt", "90-x.rules:1 may have set");
}

/* A file only root may read can still hold anything. */
static void a_file_that_cannot_be_read_is_told(void **state)
{
	struct fixture *f = *state;
	char *path = xasprintf("%s/etc/udev/rules.d/90-x.rules", f->dir);
	uid_t uid = geteuid();

	rules(f, "/etc/udev/rules.d/90-x.rules", "# secret\n");
	assert_int_equal(chmod(f->dir, 0755), 0);
	assert_int_equal(chmod(path, 0), 0);
	if (!uid)
		assert_int_equal(seteuid(65534), 0);
	saved_read(&f->machine);
	assert_int_equal(seteuid(uid), 0);
	assert_saved(f, "pt", ORDER_UNKNOWN, DRIFT_UNSURE);
	assert_text(f, "pt", "cannot be read");
	free(path);
}

static void a_changed_directory_is_noticed(void **state)
{
	struct fixture *f = *state;

	assert_false(saved_refresh(&f->machine));
	tree_file(f->dir, SAVED_FILE, OURS("pt", 3));
	assert_true(saved_refresh(&f->machine));
	assert_saved(f, "pt", 3, DRIFT_NONE);
	assert_false(saved_refresh(&f->machine));
	/* In place, which the directory does not tell. */
	tree_file(f->dir, SAVED_FILE, OURS("pt", 2) OURS("nice", 2));
	assert_true(saved_refresh(&f->machine));
	assert_saved(f, "nice", 2, DRIFT_CHANGED);
	assert_false(saved_refresh(&f->machine));
}

static void save(struct fixture *f, const char *name, struct saved_change *change)
{
	struct pmu *one = pmu(f, name);

	saved_plan(&f->machine, &one, 1, false, false, change);
}

static void save_all(struct fixture *f, struct saved_change *change)
{
	struct pmu *all[] = { pmu(f, "nice"), pmu(f, "pt") };

	saved_plan(&f->machine, all, 2, true, false, change);
}

static void remove_lines(struct fixture *f, const char *name, struct saved_change *change)
{
	saved_plan_removal(&f->machine, &name, name ? 1 : 0, false, change);
}

static void a_plan_changes_nothing(void **state)
{
	struct saved_change change;
	struct fixture *f = *state;

	save(f, "pt", &change);
	assert_int_equal(change.state, POLICY_PLANNED);
	assert_int_equal(change.lines[0].state, POLICY_PLANNED);
	assert_int_equal(change.lines[0].before, ORDER_UNKNOWN);
	assert_int_equal(change.lines[0].want, 3);
	assert_non_null(strstr(change.diff, "\n+" OURS("pt", 3)));
	assert_file(f, NULL);
	saved_change_clear(&change);
}

static void what_is_saved_is_found_again(void **state)
{
	struct saved_change change;
	struct fixture *f = *state;
	char *text;

	save(f, "pt", &change);
	assert_true(saved_apply(&f->machine, &change));
	assert_int_equal(change.state, POLICY_DONE);
	assert_int_equal(change.lines[0].state, POLICY_DONE);
	assert_saved(f, "pt", 3, DRIFT_NONE);
	text = file_text(f, SAVED_FILE);
	assert_non_null(strstr(text, "\n" OURS("pt", 3)));
	free(text);
	saved_change_clear(&change);

	save(f, "pt", &change);
	assert_int_equal(change.state, POLICY_UNCHANGED);
	assert_string_equal(change.diff, "");
	assert_true(saved_apply(&f->machine, &change));
	saved_change_clear(&change);

	/* The last line takes the file with it. */
	remove_lines(f, "pt", &change);
	assert_true(saved_apply(&f->machine, &change));
	assert_file(f, NULL);
	assert_saved(f, "pt", ORDER_UNKNOWN, DRIFT_UNSAVED);
	saved_change_clear(&change);
}

static void a_snapshot_has_what_is_needed(void **state)
{
	struct saved_change change;
	struct fixture *f = *state;
	char *text;

	save_all(f, &change);
	assert_int_equal(change.lines[0].state, POLICY_UNCHANGED);
	assert_int_equal(change.lines[1].state, POLICY_PLANNED);
	assert_true(saved_apply(&f->machine, &change));
	saved_change_clear(&change);
	text = file_text(f, SAVED_FILE);
	assert_null(strstr(text, "nice"));
	free(text);

	/* A default that somebody else changes has to be saved. */
	rules(f, "/usr/lib/udev/rules.d/50-vendor.rules", THEIRS("nice", 7));
	rules(f, SAVED_FILE, "");
	save_all(f, &change);
	assert_int_equal(change.lines[0].want, 0);
	assert_true(saved_apply(&f->machine, &change));
	saved_change_clear(&change);
	assert_file(f, OURS("nice", 0) OURS("pt", 3));
	/* And a line that says what happens anyhow is not kept. */
	rules(f, "/usr/lib/udev/rules.d/50-vendor.rules", "");
	save_all(f, &change);
	assert_int_equal(change.lines[0].want, ORDER_UNKNOWN);
	assert_true(saved_apply(&f->machine, &change));
	saved_change_clear(&change);
	assert_file(f, OURS("pt", 3));
}

static void a_named_pmu_is_saved_at_its_default_too(void **state)
{
	struct saved_change change;
	struct fixture *f = *state;

	save(f, "nice", &change);
	assert_true(saved_apply(&f->machine, &change));
	assert_saved(f, "nice", 0, DRIFT_NONE);
	saved_change_clear(&change);
}

static void what_cannot_be_saved_is_refused(void **state)
{
	struct saved_change change;
	struct fixture *f = *state;

	save(f, "must", &change);
	assert_int_equal(change.lines[0].state, POLICY_REFUSED);
	assert_int_equal(change.lines[0].status, STATUS_REFUSED);
	assert_false(saved_apply(&f->machine, &change));
	saved_change_clear(&change);
	save(f, "software", &change);
	assert_int_equal(change.lines[0].state, POLICY_REFUSED);
	saved_change_clear(&change);
	assert_file(f, NULL);
}

static void a_name_that_would_be_a_rule_is_refused(void **state)
{
	struct saved_change change;
	struct fixture *f = *state;

	tree_pmu(f->dir, "a|b", "11\n", "2\n", 0644);
	tree_pmu(f->dir, "x\nRUN+=\"id\"", "12\n", "2\n", 0644);
	tree_pmu(f->dir, "\", RUN+=\"id", "13\n", "2\n", 0644);
	machine_read_pmus(&f->machine);
	save(f, "a|b", &change);
	assert_int_equal(change.lines[0].state, POLICY_REFUSED);
	saved_change_clear(&change);
	save(f, "x\nRUN+=\"id\"", &change);
	assert_int_equal(change.lines[0].state, POLICY_REFUSED);
	saved_change_clear(&change);
	/* Quotes are no trouble. */
	save(f, "\", RUN+=\"id", &change);
	assert_true(saved_apply(&f->machine, &change));
	saved_change_clear(&change);
	assert_saved(f, "\", RUN+=\"id", 2, DRIFT_NONE);
}

static void a_rule_that_would_win_is_named(void **state)
{
	struct saved_change change;
	struct fixture *f = *state;

	rules(f, "/etc/udev/rules.d/99-local.rules", "\n\n" THEIRS("p*", 5));
	save(f, "pt", &change);
	assert_int_equal(change.lines[0].state, POLICY_REFUSED);
	assert_non_null(strstr(change.lines[0].reason, "/etc/udev/rules.d/99-local.rules:3"));
	assert_false(saved_apply(&f->machine, &change));
	saved_change_clear(&change);
	assert_file(f, NULL);

	rules(f, "/etc/udev/rules.d/99-local.rules", "ENV{x}==\"y\", " THEIRS("p*", 5));
	save(f, "pt", &change);
	assert_non_null(strstr(change.lines[0].note, "99-local.rules:1 may set it"));
	assert_true(saved_apply(&f->machine, &change));
	saved_change_clear(&change);
}

static void an_administrators_rule_is_enough(void **state)
{
	struct saved_change change;
	struct fixture *f = *state;

	rules(f, "/etc/udev/rules.d/50-local.rules", THEIRS("pt", 3));
	save(f, "pt", &change);
	assert_int_equal(change.lines[0].state, POLICY_UNCHANGED);
	assert_non_null(strstr(change.lines[0].reason, "50-local.rules:1"));
	assert_int_equal(change.state, POLICY_UNCHANGED);
	saved_change_clear(&change);
}

static void a_file_of_the_same_name_is_mentioned(void **state)
{
	struct saved_change change;
	struct fixture *f = *state;

	rules(f, "/usr/lib/udev/rules.d/60-aux-tune.rules", OURS("pt", 3));
	assert_saved(f, "pt", 3, DRIFT_NONE);
	save(f, "nice", &change);
	assert_non_null(strstr(change.note, "/usr/lib/udev/rules.d/60-aux-tune.rules"));
	assert_true(saved_apply(&f->machine, &change));
	saved_change_clear(&change);
	assert_saved(f, "pt", ORDER_UNKNOWN, DRIFT_UNSAVED);
}

static void lines_of_others_survive_save_and_unsave(void **state)
{
	static const char hand[] = "# mine\nKERNEL==\"sda\", MODE=\"0600\"\n";
	struct saved_change change;
	struct fixture *f = *state;

	rules(f, SAVED_FILE, hand);
	save(f, "pt", &change);
	assert_true(saved_apply(&f->machine, &change));
	saved_change_clear(&change);
	assert_saved(f, "pt", 3, DRIFT_NONE);
	remove_lines(f, NULL, &change);
	assert_int_equal(change.nr, 1);
	assert_true(saved_apply(&f->machine, &change));
	saved_change_clear(&change);
	assert_file(f, hand);
}

static void unsave_says_who_sets_it_still(void **state)
{
	struct saved_change change;
	struct fixture *f = *state;

	rules(f, SAVED_FILE, OURS("pt", 3) OURS("gone", 2));
	rules(f, "/usr/lib/udev/rules.d/50-vendor.rules", THEIRS("pt", 5));
	remove_lines(f, "pt", &change);
	assert_non_null(strstr(change.lines[0].note, "50-vendor.rules:1 still sets it, to '5'"));
	saved_change_clear(&change);
	/* A PMU that is not here now, by name and by pattern. */
	remove_lines(f, "g*", &change);
	assert_string_equal(change.lines[0].pmu, "gone");
	assert_true(saved_apply(&f->machine, &change));
	saved_change_clear(&change);
	assert_file(f, OURS("pt", 3));
}

static void pmus_that_are_not_here_are_known(void **state)
{
	struct fixture *f = *state;
	struct saved_names absent;

	rules(f, SAVED_FILE, OURS("pt", 3) OURS("zone", 2) OURS("away", 2));
	saved_absent(&f->machine, &absent);
	assert_int_equal(absent.nr, 2);
	assert_string_equal(absent.names[0], "zone");
	assert_string_equal(absent.names[1], "away");
	saved_names_clear(&absent);
}

static void readonly_refuses_what_would_write(void **state)
{
	struct pmu *one = pmu(*state, "pt");
	struct saved_change change;
	struct fixture *f = *state;

	saved_plan(&f->machine, &one, 1, false, true, &change);
	assert_int_equal(change.state, POLICY_REFUSED);
	assert_non_null(strstr(change.reason, "--readonly"));
	saved_change_clear(&change);
}

static void a_link_in_place_of_the_file_is_refused(void **state)
{
	struct fixture *f = *state;
	char *link = xasprintf("%s" SAVED_FILE, f->dir);
	struct saved_change change;

	tree_file(f->dir, "/precious", "x\n");
	rules(f, "/etc/udev/rules.d/x", "");
	assert_int_equal(symlink("../../../precious", link), 0);
	save(f, "pt", &change);
	assert_int_equal(change.state, POLICY_REFUSED);
	assert_non_null(strstr(change.reason, "symbolic link"));
	assert_false(saved_apply(&f->machine, &change));
	saved_change_clear(&change);
	free(link);
}

static void what_changed_between_plan_and_write_is_kept(void **state)
{
	struct saved_change change;
	struct fixture *f = *state;

	rules(f, SAVED_FILE, "# one\n");
	save(f, "pt", &change);
	tree_file(f->dir, SAVED_FILE, "# one\n# two\n" OURS("nice", 4));
	assert_true(saved_apply(&f->machine, &change));
	saved_change_clear(&change);
	assert_file(f, "# one\n# two\n" OURS("nice", 4) OURS("pt", 3));
}

static void the_command_does_the_same(void **state)
{
	static const char *const earlier[] = {
		"", "# mine\n", OURS("pt", 5), "# a \\b\n" OURS("pt", 5) "# c\n",
		OURS("pt", 5) OURS("nice", 2) OURS("pt", 4), "# no newline",
		OURS("pt", 5) THEIRS("pt", 6), "KERNEL==\"x\", \\\n",
	};
	struct fixture *f = *state;
	char *file = xasprintf("%s" SAVED_FILE, f->dir);

	for (size_t i = 0; i < sizeof(earlier) / sizeof(earlier[0]); i++) {
		struct saved_change change;
		char *text;

		rules(f, SAVED_FILE, earlier[i]);
		save(f, "pt", &change);
		assert_int_equal(change.state, POLICY_PLANNED);
		assert_int_equal(system(change.command), 0);
		text = file_text(f, SAVED_FILE);
		tree_file(f->dir, SAVED_FILE, earlier[i]);
		assert_true(saved_apply(&f->machine, &change));
		assert_file(f, text);
		saved_change_clear(&change);

		remove_lines(f, "pt", &change);
		if (change.state == POLICY_PLANNED) {
			free(text);
			assert_int_equal(system(change.command), 0);
			text = file_text(f, SAVED_FILE);
			saved_change_clear(&change);
			rules(f, SAVED_FILE, earlier[i]);
			save(f, "pt", &change);
			assert_true(saved_apply(&f->machine, &change));
			saved_change_clear(&change);
			remove_lines(f, "pt", &change);
			assert_true(saved_apply(&f->machine, &change));
			assert_file(f, text);
		}
		saved_change_clear(&change);
		free(text);
		unlink(file);
	}
	free(file);
}

static void a_missing_directory_is_in_the_command(void **state)
{
	struct saved_change change;
	struct fixture *f = *state;
	char *text;

	save(f, "pt", &change);
	assert_int_equal(system(change.command), 0);
	text = file_text(f, SAVED_FILE);
	assert_non_null(text);
	assert_non_null(strstr(text, OURS("pt", 3)));
	free(text);
	saved_change_clear(&change);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(drift_is_what_a_boot_would_change),
		T(what_the_kernel_refuses_is_drift),
		T(files_are_read_in_the_order_of_udev),
		T(a_link_to_dev_null_switches_a_file_off),
		T(what_may_run_is_not_taken_for_sure),
		T(a_file_that_cannot_be_read_is_told),
		T(a_changed_directory_is_noticed),
		T(a_plan_changes_nothing),
		T(what_is_saved_is_found_again),
		T(a_snapshot_has_what_is_needed),
		T(a_named_pmu_is_saved_at_its_default_too),
		T(what_cannot_be_saved_is_refused),
		T(a_name_that_would_be_a_rule_is_refused),
		T(a_rule_that_would_win_is_named),
		T(an_administrators_rule_is_enough),
		T(a_file_of_the_same_name_is_mentioned),
		T(lines_of_others_survive_save_and_unsave),
		T(unsave_says_who_sets_it_still),
		T(pmus_that_are_not_here_are_known),
		T(readonly_refuses_what_would_write),
		T(a_link_in_place_of_the_file_is_refused),
		T(what_changed_between_plan_and_write_is_kept),
		T(the_command_does_the_same),
		T(a_missing_directory_is_in_the_command),
	};

	return cmocka_run_group_tests_name("saved", tests, NULL, NULL);
}
