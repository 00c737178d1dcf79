// SPDX-License-Identifier: GPL-2.0-only
/* What is printed: JSON with every string as it was, and tables with a line for each row. */
#include <json-c/json.h>
#include <locale.h>
#include <unistd.h>

#include "fuzz.h"
#include "output.h"
#include "text.h"
#include "xalloc.h"

#define STRINGS	4

struct strings {
	char *s[STRINGS];		/* as given */
	char *json[STRINGS];		/* as JSON can have it */
};

static json_object *parse(const char *text)
{
	struct json_tokener *tokener = json_tokener_new();
	json_object *object;

	CHECK(fuzz_utf8(text));
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	object = json_tokener_parse_ex(tokener, text, strlen(text));
	CHECK(object && json_tokener_get_error(tokener) == json_tokener_success);
	text += json_tokener_get_parse_end(tokener);
	CHECK(!text[strspn(text, "\n")]);
	json_tokener_free(tokener);
	return object;
}

static json_object *member(json_object *object, const char *key)
{
	json_object *value;

	CHECK(json_object_object_get_ex(object, key, &value));
	return value;
}

static void same(json_object *value, const char *wanted)
{
	CHECK(json_object_is_type(value, json_type_string));
	CHECK(!strcmp(json_object_get_string(value), wanted));
}

static void check_json(const struct strings *strings, uint64_t number)
{
	json_object *document, *item;
	struct output *output;
	char *text;

	fuzz_capture();
	output = output_open(true);
	output_string(output, "name", strings->s[0]);
	output_number(output, "number", number);
	output_integer(output, "integer", (int64_t)number);
	output_begin_object(output, "object");
	output_string(output, strings->s[1], strings->s[2]);
	output_end(output);
	output_begin_array(output, "array");
	for (int i = 0; i < STRINGS; i++)
		output_string(output, NULL, strings->s[i]);
	output_end(output);
	output_line(output, "%s", strings->s[0]);
	output_note(output, "%s", strings->s[3]);
	output_error(output, STATUS_REFUSED, strings->s[0], "%s", strings->s[1]);
	CHECK(output_close(output) == STATUS_REFUSED);
	text = fuzz_captured();

	document = parse(text);
	same(member(document, "name"), strings->json[0]);
	CHECK(json_object_get_uint64(member(document, "number")) == number);
	CHECK(json_object_get_int64(member(document, "integer")) == (int64_t)number);
	CHECK(json_object_object_length(member(document, "object")) == 1);
	same(member(member(document, "object"), strings->json[1]), strings->json[2]);
	CHECK(json_object_array_length(member(document, "array")) == STRINGS);
	for (int i = 0; i < STRINGS; i++)
		same(json_object_array_get_idx(member(document, "array"), i), strings->json[i]);
	same(json_object_array_get_idx(member(document, "notes"), 0), strings->json[3]);
	item = json_object_array_get_idx(member(document, "errors"), 0);
	same(member(item, "pmu"), strings->json[0]);
	same(member(item, "message"), strings->json[1]);
	same(member(item, "code"), "refused");
	json_object_put(document);
	free(text);
}

static size_t count_lines(const char *text)
{
	size_t nr = 0;

	for (; *text; text++)
		nr += *text == '\n';
	return nr;
}

/* Each name in a line of its own, whatever is in it. */
static void check_table(const struct strings *strings)
{
	struct pmu pmus[STRINGS] = { 0 };
	const void *rows[STRINGS];
	struct machine machine = {
		.page_size = 4096, .max_order = 10, .stats_missing = "none",
		.root = { .fd = -1, .prefix = (char *)"" },
	};
	struct selection selection;
	struct output *output;
	char *text, *rest, *why;

	for (int i = 0; i < STRINGS; i++) {
		pmus[i].name = strings->s[i];
		pmus[i].dir = strings->s[i];
		pmus[i].access = AUX_ACCESS_RW;
		pmus[i].kind = kind_of(strings->s[i], AUX_ACCESS_RW);
		rows[i] = &pmus[i];
	}
	CHECK(selection_parse(&selection, &pmu_columns, "order,pmu,path,kind", false, &why));
	fuzz_capture();
	output = output_open(false);
	output_table(output, "pmus", &machine, &selection, rows, STRINGS);
	output_answer(output, "%s", strings->s[0]);
	CHECK(output_close(output) == STATUS_OK);
	text = fuzz_captured();
	selection_clear(&selection);

	CHECK(fuzz_printable(text));
	CHECK(count_lines(text) == STRINGS + 2);
	rest = text;
	strsep(&rest, "\n");
	for (int i = 0; i < STRINGS; i++) {
		char *safe = text_safe(strings->s[i], true);

		CHECK(strstr(strsep(&rest, "\n"), safe));
		free(safe);
	}
	free(text);
}

/* Columns of -o are any text. */
static void check_columns(const char *list)
{
	struct selection selection;
	char *why;

	if (selection_parse(&selection, &pmu_columns, list, true, &why)) {
		CHECK(selection.nr);
		selection_clear(&selection);
	} else {
		CHECK(fuzz_printable(why));
	}
	free(why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	struct strings strings;
	uint64_t number = 0;
	static bool ready;

	if (!ready) {
		ready = true;
		CHECK(setlocale(LC_CTYPE, "C.UTF-8"));
	}
	for (int i = 0; i < 8; i++)
		number = number << 8 | fuzz_byte(&input);
	for (int i = 0; i < STRINGS; i++) {
		strings.s[i] = fuzz_string(&input);
		strings.json[i] = text_json(strings.s[i]);
	}
	check_json(&strings, number);
	check_table(&strings);
	check_columns(strings.s[0]);
	for (int i = 0; i < STRINGS; i++) {
		free(strings.s[i]);
		free(strings.json[i]);
	}
	return 0;
}
