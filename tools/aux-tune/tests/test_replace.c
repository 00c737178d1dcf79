// SPDX-License-Identifier: GPL-2.0-only
/* Replacing a file: what may go wrong leaves the old one whole. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tree.h"
#include "replace.h"
#include "xalloc.h"

#define DIR_PATH	"/etc/udev/rules.d"
#define PATH		DIR_PATH "/60-x.rules"
#define TEMP		DIR_PATH "/.60-x.rules.new"

struct fixture {
	char *dir;
	struct kroot root;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->dir = tree_new();
	assert_int_equal(kroot_open(&f->root, f->dir), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	kroot_close(&f->root);
	tree_remove(f->dir);
	free(f);
	return 0;
}

static int write_file(struct fixture *f, const char *text)
{
	struct replace replace;
	int err = replace_begin(&replace, &f->root, PATH);

	if (err)
		return err;
	err = replace_write(&replace, text);
	replace_end(&replace);
	return err;
}

static char *in_tree(struct fixture *f, const char *path)
{
	return xasprintf("%s%s", f->dir, path);
}

static void assert_file(struct fixture *f, const char *wanted)
{
	char *text;

	assert_int_equal(replace_look(&f->root, PATH, &text, 1 << 20), 0);
	if (wanted)
		assert_string_equal(text, wanted);
	else
		assert_null(text);
	free(text);
}

static bool exists(struct fixture *f, const char *path)
{
	char *full = in_tree(f, path);
	struct stat st;
	bool is = !lstat(full, &st);

	free(full);
	return is;
}

static void link_to(struct fixture *f, const char *target, const char *path)
{
	char *full = in_tree(f, path);

	assert_int_equal(symlink(target, full), 0);
	free(full);
}

static void a_file_and_its_directories_are_made(void **state)
{
	struct fixture *f = *state;
	char *full = in_tree(f, PATH), *dir = in_tree(f, DIR_PATH);
	mode_t before = umask(0077);
	struct stat st;

	assert_file(f, NULL);
	assert_int_equal(write_file(f, "new\n"), 0);
	assert_file(f, "new\n");
	/* udevd is root, but whoever looks is not: the umask has no say. */
	assert_int_equal(stat(full, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_false(exists(f, TEMP));
	umask(before);
	free(full);
	free(dir);
}

static void the_new_one_takes_the_place_of_the_old(void **state)
{
	struct fixture *f = *state;
	char *full = in_tree(f, PATH), *other = in_tree(f, "/other");
	char text[8] = "";
	int fd;

	tree_file(f->dir, PATH, "old\n");
	assert_int_equal(chmod(full, 0600), 0);
	assert_int_equal(link(full, other), 0);
	fd = open(full, O_RDONLY);
	assert_int_equal(write_file(f, "new\n"), 0);
	assert_file(f, "new\n");
	/* Who has it open, or knows it by another name, keeps what there was. */
	assert_int_equal(read(fd, text, sizeof(text) - 1), 4);
	assert_string_equal(text, "old\n");
	close(fd);
	free(full);
	free(other);
}

static void nothing_is_written_through_a_link(void **state)
{
	struct fixture *f = *state;

	tree_file(f->dir, "/target", "precious\n");
	tree_file(f->dir, DIR_PATH "/x", "");
	link_to(f, "../../../target", PATH);
	{
		struct replace replace;
		char *text;

		assert_int_equal(replace_begin(&replace, &f->root, PATH), 0);
		assert_int_equal(replace_read(&replace, &text, 100), -ELOOP);
		replace_end(&replace);
		assert_int_equal(replace_look(&f->root, PATH, &text, 100), -ELOOP);
	}
	assert_false(exists(f, TEMP));
}

static void no_directory_on_the_way_may_be_a_link(void **state)
{
	struct fixture *f = *state;
	char *text;

	tree_file(f->dir, "/elsewhere/rules.d/x", "");
	tree_file(f->dir, "/etc/x", "");
	link_to(f, "../elsewhere", "/etc/udev");
	assert_int_equal(write_file(f, "new\n"), -ELOOP);
	assert_int_equal(replace_look(&f->root, PATH, &text, 100), -ELOOP);
	assert_int_equal(replace_possible(&f->root, PATH), -ELOOP);
	assert_false(exists(f, "/elsewhere/rules.d/60-x.rules"));
}

static void only_regular_files_are_files(void **state)
{
	struct fixture *f = *state;
	char *full = in_tree(f, PATH), *text;

	tree_file(f->dir, DIR_PATH "/x", "");
	assert_int_equal(mkfifo(full, 0600), 0);
	assert_int_equal(replace_look(&f->root, PATH, &text, 100), -EINVAL);
	assert_int_equal(unlink(full), 0);
	assert_int_equal(mkdir(full, 0700), 0);
	assert_int_equal(replace_look(&f->root, PATH, &text, 100), -EINVAL);
	assert_int_equal(write_file(f, "new\n"), -EISDIR);
	assert_false(exists(f, TEMP));
	free(full);
}

static void what_is_no_text_is_told(void **state)
{
	struct fixture *f = *state;
	char *full = in_tree(f, PATH), *text;
	int fd;

	tree_file(f->dir, PATH, "0123456789");
	assert_int_equal(replace_look(&f->root, PATH, &text, 9), -EFBIG);
	assert_int_equal(replace_look(&f->root, PATH, &text, 10), 0);
	free(text);
	fd = open(full, O_WRONLY);
	assert_int_equal(write(fd, "a\0b", 3), 3);
	close(fd);
	assert_int_equal(replace_look(&f->root, PATH, &text, 100), -EILSEQ);
	assert_null(text);
	free(full);
}

static void a_failed_write_leaves_the_old_file(void **state)
{
	struct rlimit old, small = { 8, 8 };
	struct fixture *f = *state;

	tree_file(f->dir, PATH, "old\n");
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small.rlim_max = old.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(write_file(f, "longer than eight bytes\n"), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_file(f, "old\n");
	assert_false(exists(f, TEMP));
}

static void missing_permission_leaves_the_old_file(void **state)
{
	struct fixture *f = *state;
	char *dir = in_tree(f, DIR_PATH);
	uid_t uid = geteuid();

	tree_file(f->dir, PATH, "old\n");
	assert_int_equal(chmod(f->dir, 0755), 0);
	assert_int_equal(chmod(dir, 0555), 0);
	if (!uid)
		assert_int_equal(seteuid(65534), 0);
	assert_int_equal(write_file(f, "new\n"), -EACCES);
	assert_int_equal(replace_possible(&f->root, PATH), -EACCES);
	assert_int_equal(seteuid(uid), 0);
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(replace_possible(&f->root, PATH), 0);
	assert_file(f, "old\n");
	free(dir);
}

static void a_directory_that_can_be_made_is_no_obstacle(void **state)
{
	struct fixture *f = *state;
	uid_t uid = geteuid();

	assert_int_equal(replace_possible(&f->root, PATH), 0);
	assert_false(exists(f, "/etc"));
	assert_int_equal(chmod(f->dir, 0555), 0);
	if (!uid)
		assert_int_equal(seteuid(65534), 0);
	assert_int_equal(replace_possible(&f->root, PATH), -EACCES);
	assert_int_equal(seteuid(uid), 0);
	assert_int_equal(chmod(f->dir, 0755), 0);
}

static void what_somebody_left_behind_is_cleared_away(void **state)
{
	struct fixture *f = *state;

	tree_file(f->dir, TEMP, "half a fi");
	assert_int_equal(write_file(f, "new\n"), 0);
	assert_file(f, "new\n");
	assert_false(exists(f, TEMP));

	/* Planted, to have us write somewhere else. */
	tree_file(f->dir, "/target", "precious\n");
	link_to(f, "../../../target", TEMP);
	assert_int_equal(write_file(f, "newer\n"), 0);
	assert_file(f, "newer\n");
	assert_false(exists(f, TEMP));
}

static void two_at_a_time_lose_nothing(void **state)
{
	struct fixture *f = *state;
	char *text;
	int status;

	/* Each adds a line to what it finds. */
	tree_file(f->dir, PATH, "");
	for (int child = 0; child < 4; child++) {
		if (fork())
			continue;
		for (int i = 0; i < 25; i++) {
			struct replace replace;
			char *before, *after;
			int err = replace_begin(&replace, &f->root, PATH);

			/* Far too many at a time may have to wait for too long. */
			if (err == -EBUSY && i--)
				continue;
			if (err || replace_read(&replace, &before, 1 << 20))
				_exit(1);
			after = xasprintf("%sline\n", before);
			if (replace_write(&replace, after))
				_exit(1);
			replace_end(&replace);
			free(before);
			free(after);
		}
		_exit(0);
	}
	for (int child = 0; child < 4; child++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(replace_look(&f->root, PATH, &text, 1 << 20), 0);
	assert_int_equal(strlen(text), 4 * 25 * strlen("line\n"));
	free(text);
	assert_false(exists(f, TEMP));
}

static void somebody_who_never_finishes_is_not_waited_for(void **state)
{
	struct fixture *f = *state;
	char *full = in_tree(f, TEMP);
	int fd;

	tree_file(f->dir, PATH, "old\n");
	tree_file(f->dir, TEMP, "");
	fd = open(full, O_RDWR);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(write_file(f, "new\n"), -EBUSY);
	close(fd);
	assert_int_equal(write_file(f, "new\n"), 0);
	free(full);
}

static void a_file_can_be_taken_away(void **state)
{
	struct fixture *f = *state;
	struct replace replace;

	tree_file(f->dir, PATH, "old\n");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(replace_begin(&replace, &f->root, PATH), 0);
		assert_int_equal(replace_remove(&replace), 0);
		replace_end(&replace);
		assert_file(f, NULL);
		assert_false(exists(f, TEMP));
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_file_and_its_directories_are_made),
		T(the_new_one_takes_the_place_of_the_old),
		T(nothing_is_written_through_a_link),
		T(no_directory_on_the_way_may_be_a_link),
		T(only_regular_files_are_files),
		T(what_is_no_text_is_told),
		T(a_failed_write_leaves_the_old_file),
		T(missing_permission_leaves_the_old_file),
		T(a_directory_that_can_be_made_is_no_obstacle),
		T(what_somebody_left_behind_is_cleared_away),
		T(two_at_a_time_lose_nothing),
		T(somebody_who_never_finishes_is_not_waited_for),
		T(a_file_can_be_taken_away),
	};

	return cmocka_run_group_tests_name("replace", tests, NULL, NULL);
}
