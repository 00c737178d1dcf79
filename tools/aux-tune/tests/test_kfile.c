// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tree.h"
#include "kfile.h"
#include "xalloc.h"

struct fixture {
	char *dir;
	struct kroot root;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->dir = tree_new();
	*state = f;
	return kroot_open(&f->root, f->dir);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	kroot_close(&f->root);
	tree_remove(f->dir);
	free(f);
	return 0;
}

static void link_in_tree(const struct fixture *f, const char *target, const char *path)
{
	char *full = xasprintf("%s%s", f->dir, path);

	assert_int_equal(symlink(target, full), 0);
	free(full);
}

static void reads_what_fits_and_refuses_the_rest(void **state)
{
	struct fixture *f = *state;
	char buf[5];

	tree_file(f->dir, "/four", "1234");
	tree_file(f->dir, "/five", "12345");
	assert_int_equal(kfile_read(&f->root, "/four", buf, sizeof(buf)), 4);
	assert_string_equal(buf, "1234");
	assert_int_equal(kfile_read(&f->root, "/five", buf, sizeof(buf)), -EFBIG);
	assert_int_equal(kfile_read(&f->root, "/none", buf, sizeof(buf)), -ENOENT);
}

static void allocates_up_to_a_bound(void **state)
{
	struct fixture *f = *state;
	char *big = xcalloc(100001, 1);
	char *text;

	memset(big, 'x', 100000);
	tree_file(f->dir, "/big", big);
	assert_int_equal(kfile_read_alloc(&f->root, "/big", &text, 100000), 100000);
	assert_string_equal(text, big);
	free(text);
	assert_int_equal(kfile_read_alloc(&f->root, "/big", &text, 99999), -EFBIG);
	assert_null(text);
	tree_file(f->dir, "/empty", "");
	assert_int_equal(kfile_read_alloc(&f->root, "/empty", &text, 10), 0);
	free(text);
	free(big);
}

static void a_nul_inside_is_garbage(void **state)
{
	struct fixture *f = *state;
	char *path = xasprintf("%s/nul", f->dir);
	int fd = open(path, O_CREAT | O_WRONLY, 0644);
	char buf[16];

	assert_int_equal(write(fd, "1\0002", 3), 3);
	close(fd);
	free(path);
	assert_int_equal(kfile_read(&f->root, "/nul", buf, sizeof(buf)), -EILSEQ);
}

static void links_do_not_leave_the_tree(void **state)
{
	struct fixture *f = *state;
	char *outside = xasprintf("%s.outside", f->dir);
	char buf[16];
	int fd;

	fd = open(outside, O_CREAT | O_WRONLY, 0644);
	assert_int_equal(write(fd, "secret", 6), 6);
	close(fd);
	link_in_tree(f, outside, "/absolute");
	link_in_tree(f, "../../../../../../../../../../../../etc/hostname", "/relative");
	assert_int_equal(kfile_read(&f->root, "/absolute", buf, sizeof(buf)), -ENOENT);
	assert_int_equal(kfile_read(&f->root, "/relative", buf, sizeof(buf)), -ENOENT);
	assert_int_equal(kfile_read(&f->root, "/../../../../etc/hostname", buf, sizeof(buf)),
			 -ENOENT);
	assert_int_equal(kfile_write(&f->root, "/absolute", "x"), -ENOENT);
	/* An absolute link means the tree's own root. */
	tree_file(f->dir, "/inside", "here");
	tree_file(f->dir, "/sub/dir/file", "");
	link_in_tree(f, "/inside", "/sub/dir/link");
	assert_int_equal(kfile_read(&f->root, "/sub/dir/link", buf, sizeof(buf)), 4);
	unlink(outside);
	free(outside);
}

static void links_in_the_tree_work_as_under_chroot(void **state)
{
	struct fixture *f = *state;
	char buf[16];

	/* As in sysfs: the bus directory has links to the devices. */
	tree_file(f->dir, "/sys/devices/pt/type", "8\n");
	tree_file(f->dir, "/sys/bus/devices/other", "");
	link_in_tree(f, "../../../sys/./devices//pt", "/sys/bus/devices/pt");
	assert_int_equal(kfile_read(&f->root, "/sys/bus/devices/pt/type", buf, sizeof(buf)), 2);
	assert_int_equal(kfile_read(&f->root, "/sys/bus/devices/pt/../pt/type", buf,
				    sizeof(buf)), 2);
	link_in_tree(f, "b", "/a");
	link_in_tree(f, "a", "/b");
	assert_int_equal(kfile_read(&f->root, "/a", buf, sizeof(buf)), -ELOOP);
	link_in_tree(f, "/sys/bus/devices/pt/type", "/chain");
	assert_int_equal(kfile_read(&f->root, "/chain", buf, sizeof(buf)), 2);
	assert_int_equal(kfile_read(&f->root, "/chain/more", buf, sizeof(buf)), -ENOTDIR);
}

static void paths_too_long_or_too_deep_are_refused(void **state)
{
	struct fixture *f = *state;
	char *path = xcalloc(10000, 1);
	char buf[16];

	for (int i = 0; i < 4000; i++)
		strcat(path, "/d");
	assert_int_equal(kfile_read(&f->root, path, buf, sizeof(buf)), -ENAMETOOLONG);
	path[0] = '\0';
	for (int i = 0; i < 100; i++)
		strcat(path, "/d");
	strcat(path, "/file");
	tree_file(f->dir, path, "x");
	assert_int_equal(kfile_read(&f->root, path, buf, sizeof(buf)), -ENAMETOOLONG);
	free(path);
}

/* Descriptors are few, and a screen that runs for weeks opens many files. */
static void no_descriptor_is_left_open(void **state)
{
	struct fixture *f = *state;
	char buf[16];
	int fd;

	tree_file(f->dir, "/a/b/c", "x");
	link_in_tree(f, "/a/b", "/link");
	fd = dup(0);
	close(fd);
	for (int i = 0; i < 3; i++) {
		kfile_read(&f->root, "/link/c", buf, sizeof(buf));
		kfile_read(&f->root, "/link/none/x", buf, sizeof(buf));
		kfile_read(&f->root, "/a/b/c/d", buf, sizeof(buf));
		kfile_read(&f->root, "/a/../../b", buf, sizeof(buf));
		kfile_writable(&f->root, "/a/b/c");
		kfile_write(&f->root, "/a/b", "x");
	}
	assert_int_equal(dup(0), fd);
	close(fd);
}

static void what_is_no_file_is_not_even_opened(void **state)
{
	struct fixture *f = *state;
	char *path = xasprintf("%s/fifo", f->dir);
	char buf[16];
	pid_t writer;

	assert_int_equal(mkfifo(path, 0600), 0);
	/* Opening it for reading would wait for a writer, and let one who waits go on. */
	writer = fork();
	if (!writer)
		_exit(open(path, O_WRONLY) < 0);
	assert_true(writer > 0);
	free(path);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(kfile_read(&f->root, "/fifo", buf, sizeof(buf)), -EINVAL);
		usleep(5000);
	}
	assert_int_equal(waitpid(writer, NULL, WNOHANG), 0);
	assert_int_equal(kill(writer, SIGKILL), 0);
	assert_int_equal(waitpid(writer, NULL, 0), writer);
	assert_int_equal(kfile_write(&f->root, "/fifo", "x"), -EINVAL);
	assert_int_equal(kfile_writable(&f->root, "/fifo"), -EINVAL);
	tree_file(f->dir, "/dir/file", "");
	assert_true(kfile_read(&f->root, "/dir", buf, sizeof(buf)) < 0);
}

static void writes_replace_the_text(void **state)
{
	struct fixture *f = *state;
	char buf[16];

	tree_file(f->dir, "/value", "10\n");
	assert_int_equal(kfile_write(&f->root, "/value", "3\n"), 0);
	assert_int_equal(kfile_read(&f->root, "/value", buf, sizeof(buf)), 2);
	assert_string_equal(buf, "3\n");
	/* Never makes a file that was not there. */
	assert_int_equal(kfile_write(&f->root, "/new", "3\n"), -ENOENT);
}

static void asking_if_writable_changes_nothing(void **state)
{
	struct fixture *f = *state;
	char buf[16];

	tree_file(f->dir, "/value", "10\n");
	assert_int_equal(kfile_writable(&f->root, "/value"), 0);
	assert_int_equal(kfile_read(&f->root, "/value", buf, sizeof(buf)), 3);
	assert_int_equal(kfile_writable(&f->root, "/none"), -ENOENT);
}

static void a_root_must_be_a_directory(void **state)
{
	struct kroot root;

	assert_int_equal(kroot_open(&root, "/nonexistent"), -ENOENT);
	assert_int_equal(kroot_open(&root, "/etc/passwd"), -ENOTDIR);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(reads_what_fits_and_refuses_the_rest),
		T(allocates_up_to_a_bound),
		T(a_nul_inside_is_garbage),
		T(links_do_not_leave_the_tree),
		T(links_in_the_tree_work_as_under_chroot),
		T(paths_too_long_or_too_deep_are_refused),
		T(no_descriptor_is_left_open),
		T(what_is_no_file_is_not_even_opened),
		T(writes_replace_the_text),
		T(asking_if_writable_changes_nothing),
		cmocka_unit_test(a_root_must_be_a_directory),
	};

	return cmocka_run_group_tests_name("kfile", tests, NULL, NULL);
}
