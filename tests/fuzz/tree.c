// SPDX-License-Identifier: GPL-2.0-only
/*
 * All of the kernel's files at once, as a captured tree: what is shown of them on a screen of any
 * size, as text and as JSON is safe; and saving an order gets that order at the next boot.
 */
#include <json-c/json.h>
#include <limits.h>
#include <locale.h>
#include <unistd.h>

#include "canvas.h"
#include "cli.h"
#include "fuzz.h"
#include "history.h"
#include "perflimits.h"
#include "replace.h"
#include "saved.h"
#include "scratch.h"
#include "text.h"
#include "view.h"
#include "xalloc.h"

#define PMUS	"/sys/bus/event_source/devices"
#define AUX	"/sys/kernel/debug/perf_aux"

/* A disk that is really written to is for others to test. */
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
	return 0;
}

/* One string of the input for each. */
static const char *const files[] = {
	"/proc/buddyinfo",
	AUX "/areas",
	AUX "/intel_pt/stats",
	"/etc/udev/rules.d/60-aux-tune.rules",
	"/usr/lib/udev/rules.d/70-other.rules",
	PMUS "/intel_pt/aux_max_order",
	PMUS "/intel_pt/type",
	"/proc/sys/kernel/osrelease",
	"/proc/meminfo",
	"/proc/vmstat",
	"/proc/self/status",
	"/proc/sys/kernel/perf_event_paranoid",
	"/proc/sys/kernel/perf_event_mlock_kb",
};

static void make_pmu(const char *name, const char *order, unsigned int mode, const char *stats)
{
	char *file = xasprintf(PMUS "/%s/aux_max_order", name), *stats_file;

	if (strlen(name) > 100)
		goto out;
	scratch_file(file, order);
	scratch_mode(file, mode);
	stats_file = xasprintf(AUX "/%s/stats", name);
	if (stats)
		scratch_file(stats_file, stats);
	free(stats_file);
out:
	free(file);
}

static void make_tree(struct fuzz_input *input)
{
	unsigned int flags = fuzz_byte(input);
	char *stats = NULL;

	scratch_remove("");
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char *text = fuzz_string(input);

		if (*text)
			scratch_file(files[i], text);
		if (!strcmp(files[i], AUX "/intel_pt/stats"))
			stats = xstrdup(text);
		free(text);
	}
	if (flags & 1)
		make_pmu("intel_bts", "10\n", 0444, stats);
	while (input->size) {
		char *name = fuzz_name(input);

		make_pmu(name, "2\n", flags & 2 ? 0644 : 0444, stats);
		free(name);
	}
	free(stats);
}

static void check_canvas(const struct canvas *canvas)
{
	for (int i = 0; i < canvas->rows * canvas->cols; i++) {
		const struct cell *cell = &canvas->cells[i];

		CHECK(cell->role < NR_ROLES);
		if (!cell->ch)
			CHECK(i % canvas->cols);
		else
			CHECK(!text_unsafe(cell->ch) && (canvas->utf8 || cell->ch < 0x80));
	}
}

static void draw(const struct machine *machine, struct fuzz_input *input)
{
	static const struct view_key keys[] = { { "q", "q quit", "quit" } };
	struct view_row *rows = xcalloc(machine->pmus.nr, sizeof(*rows));
	struct history *history = history_new(1000);
	struct canvas canvas = { 0 };
	struct view view = {
		.machine = machine,
		.start = &machine->buddy,
		.history = history,
		.rows = rows,
		.filter = "",
		.result = machine->pmus.nr ? machine->pmus.pmus[0].name : "",
		.command = machine->release,
		.keys = keys,
		.nr_keys = 1,
	};

	for (size_t i = 0; i < machine->pmus.nr; i++) {
		const struct pmu *pmu = &machine->pmus.pmus[i];

		rows[i] = (struct view_row){ pmu->name, i % 4 == 3 ? NULL : pmu, i % 5 };
	}
	view.nr_rows = view.nr_all = machine->pmus.nr;
	history_add(history, machine, 1000);
	history_add(history, machine, 2000);
	for (int i = 0; i < 4; i++) {
		unsigned int what = fuzz_byte(input);

		view.selected = view.nr_rows ? (int)(what % view.nr_rows) : -1;
		view.page = what / 7 % 3;
		view.page_top = what & 64 ? 10000 : 0;
		view.prefer_zones = what & 1;
		canvas_reset(&canvas, fuzz_byte(input) % 70, fuzz_byte(input), what & 2);
		view_draw(&canvas, &view);
		check_canvas(&canvas);
	}
	canvas_free(&canvas);
	history_free(history);
	free(rows);
}

static void run(struct cli *cli, void (*verb)(struct cli *cli, int argc, char **argv), bool json)
{
	json_object *object;
	char *text;

	fuzz_capture();
	cli->options.json = json;
	cli->output = output_open(json);
	verb(cli, 0, NULL);
	CHECK(output_close(cli->output) <= STATUS_DRIFT);
	text = fuzz_captured();
	if (json) {
		CHECK(fuzz_utf8(text));
		object = json_tokener_parse(text);
		CHECK(json_object_is_type(object, json_type_object));
		json_object_put(object);
	} else {
		CHECK(fuzz_printable(text));
	}
	free(text);
}

/* What was planned is what happens, and then it is so. */
static void save(struct machine *machine)
{
	struct saved_change change;

	for (size_t i = 0; i < machine->pmus.nr; i++) {
		struct pmu *pmu = &machine->pmus.pmus[i];
		int order = pmu->order;

		saved_plan(machine, &pmu, 1, false, false, &change);
		CHECK(change.nr == 1);
		if (change.state == POLICY_PLANNED && change.lines[0].state == POLICY_PLANNED) {
			CHECK(saved_apply(machine, &change));
			if (!setters_unsure(&machine->pmus.pmus[i].saved) && !change.lines[0].note)
				CHECK(saved_order(&machine->pmus.pmus[i]) == order);
		}
		saved_change_clear(&change);
	}
	saved_plan_removal(machine, NULL, 0, false, &change);
	if (change.state == POLICY_PLANNED) {
		CHECK(saved_apply(machine, &change));
		for (size_t i = 0; i < change.nr; i++)
			CHECK(change.lines[i].want == ORDER_UNKNOWN);
	}
	saved_change_clear(&change);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size }, sizes = { data, size > 32 ? 32 : size };
	struct cli cli = { .options.all = true };
	struct machine *machine = &cli.machine;
	struct limits limits;
	static FILE *null;
	FILE *err = stderr;

	if (!null) {
		null = xalloc_check(fopen("/dev/null", "w"));
		CHECK(setlocale(LC_CTYPE, "C.UTF-8"));
	}
	make_tree(&input);
	CHECK(!machine_open(machine, scratch_dir()));
	draw(machine, &sizes);
	limits_read(&limits, &machine->root);
	limits_allow(&limits, machine->page_size, 1 << 20);
	limits_memlock_kib(&limits, machine->page_size, 1 << 20);

	stderr = null;
	run(&cli, cmd_list, false);
	run(&cli, cmd_show, false);
	run(&cli, cmd_show, true);
	run(&cli, cmd_export, false);
	run(&cli, cmd_verify, true);
	stderr = err;
	save(machine);
	machine_close(machine);
	return 0;
}
