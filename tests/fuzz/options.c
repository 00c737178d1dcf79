// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command lines, run by the tool's own main() on a captured tree: it ends with a status that is
 * documented, and what is to be JSON is.
 */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <unistd.h>

#include "cli.h"
#include "fuzz.h"
#include "replace.h"
#include "scratch.h"
#include "status.h"
#include "xalloc.h"

#define ARGS_MAX	16

int aux_tune_main(int argc, char **argv);

/* --wrap: whatever --root says, or if it isn't there, it is the tree. */
int __real_kroot_open(struct kroot *root, const char *dir);
int __wrap_kroot_open(struct kroot *root, const char *dir);
int __wrap_kroot_open(struct kroot *root, const char *dir)
{
	return __real_kroot_open(root, scratch_dir());
}

/* export --file is the one that would leave the tree. */
int __real_replace_begin(struct replace *replace, const struct kroot *root, const char *path);
int __wrap_replace_begin(struct replace *replace, const struct kroot *root, const char *path);
int __wrap_replace_begin(struct replace *replace, const struct kroot *root, const char *path)
{
	return kroot_live(root) ? -EROFS : __real_replace_begin(replace, root, path);
}

/* It would follow the tree for as long as it was told to. */
void __wrap_cmd_watch(struct cli *cli, int argc, char **argv);
void __wrap_cmd_watch(struct cli *cli, int argc, char **argv)
{
	CHECK(cli->options.interval_ms >= 100 && cli->options.interval_ms <= 3600000);
	CHECK(cli->options.count <= 1000000000);
}

static void make_tree(void)
{
	static const char *const pmus[] = { "intel_pt", "intel_bts", "cpu", "a*b" };

	scratch_remove("");
	scratch_file("/proc/buddyinfo", "Node 0, zone Normal 100 50 25 12 6 3 1 0 0 0 2\n");
	scratch_file("/proc/sys/kernel/osrelease", "7.3.4\n");
	for (size_t i = 0; i < sizeof(pmus) / sizeof(pmus[0]); i++) {
		char *dir = xasprintf("/sys/bus/event_source/devices/%s", pmus[i]);
		char *type = xasprintf("%s/type", dir), *order = xasprintf("%s/aux_max_order", dir);

		scratch_file(type, "8\n");
		if (strcmp(pmus[i], "cpu"))
			scratch_file(order, "3\n");
		if (!strcmp(pmus[i], "intel_bts"))
			scratch_mode(order, 0444);
		free(dir);
		free(type);
		free(order);
	}
}

static bool is_json(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], "--json") || !strcmp(argv[i], "-J"))
			return true;
	return false;
}

static void check_json(const char *text, int status)
{
	json_object *object, *errors;

	/* --help and --version are for people. */
	if (!strncmp(text, "Usage: ", 7) || !strncmp(text, "aux-tune ", 9))
		return;
	CHECK(fuzz_utf8(text));
	object = json_tokener_parse(text);
	CHECK(json_object_is_type(object, json_type_object));
	if (json_object_object_get_ex(object, "errors", &errors)) {
		json_object *first = json_object_array_get_idx(errors, 0), *exit_status;

		CHECK(json_object_object_get_ex(first, "exit", &exit_status));
		CHECK(json_object_get_int(exit_status) == status);
	} else {
		CHECK(status == STATUS_OK || status == STATUS_DRIFT);
	}
	json_object_put(object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	static FILE *null;
	FILE *err = stderr;
	char *argv[ARGS_MAX + 2] = { xstrdup("aux-tune") }, *text;
	char *copy[ARGS_MAX + 1];
	int argc = 1, status;

	while (input.size && argc <= ARGS_MAX)
		argv[argc++] = fuzz_string(&input);
	memcpy(copy, argv, sizeof(copy));
	if (!null) {
		null = xalloc_check(fopen("/dev/null", "r+"));
		dup2(fileno(null), STDIN_FILENO);
	}
	make_tree();
	fuzz_capture();
	/* Reports of the sanitizers go to the descriptor. */
	stderr = null;
	optind = 0;
	status = aux_tune_main(argc, argv);
	stderr = err;
	text = fuzz_captured();
	CHECK(status >= STATUS_OK && status <= STATUS_DRIFT);
	/* Abbreviated, or behind what is missing its value: it says itself what it is. */
	if ((is_json(argc, copy) && *text) || *text == '{')
		check_json(text, status);
	else
		CHECK(fuzz_printable(text));
	free(text);
	for (int i = 0; i < argc; i++)
		free(copy[i]);
	return 0;
}
