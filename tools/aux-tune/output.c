// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <json-c/json.h>
#include <libsmartcols.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "text.h"
#include "xalloc.h"

#define DEPTH	8

struct output {
	bool json;
	bool quiet;
	bool utf8;
	bool lines;			/* documents are lines of a stream, not one text */
	bool failed;
	int write_error;
	enum exit_status status;
	struct json_object *stack[DEPTH];	/* the document, then what is open inside of it */
	size_t depth;
};

struct output *output_open(bool json)
{
	struct output *output = xcalloc(1, sizeof(*output));

	output->json = json;
	output->utf8 = text_locale_utf8();
	if (json)
		output->stack[output->depth++] = xalloc_check(json_object_new_object());
	return output;
}

void output_set_quiet(struct output *output)
{
	output->quiet = true;
}

bool output_is_quiet(const struct output *output)
{
	return output->quiet;
}

void output_set_text(struct output *output)
{
	if (output->json)
		json_object_put(output->stack[0]);
	output->json = false;
}

/* Right after something was printed: errno is only good then. */
static void check_stdout(struct output *output)
{
	if (!output->failed && ferror(stdout)) {
		output->failed = true;
		output->write_error = errno;
	}
}

static json_object *new_string(const char *s)
{
	char *valid = text_json(s);
	json_object *object = xalloc_check(json_object_new_string(valid));

	free(valid);
	return object;
}

/* Adds to what was opened last; json-c takes over the reference. */
static void add(struct output *output, const char *key, json_object *object)
{
	json_object *parent = output->stack[output->depth - 1];

	if (json_object_is_type(parent, json_type_array)) {
		json_object_array_add(parent, object);
	} else {
		char *valid = text_json(key);

		json_object_object_add(parent, valid, object);
		free(valid);
	}
}

static json_object *chunks_json(const struct chunks *chunks)
{
	json_object *array = xalloc_check(json_object_new_array());

	for (int i = 0; i < chunks->orders; i++)
		json_object_array_add(array,
				      xalloc_check(json_object_new_uint64(chunks->nr[i])));
	return array;
}

static json_object *value_json(const struct value *value)
{
	switch (value->type) {
	case VALUE_UINT:
		return xalloc_check(json_object_new_uint64(value->number));
	case VALUE_INT:
		return xalloc_check(json_object_new_int64((int64_t)value->number));
	case VALUE_CHUNKS:
		return chunks_json(&value->chunks);
	case VALUE_STRING:
		return new_string(value->string);
	case VALUE_NONE:
		break;
	}
	return NULL;
}

static void add_row(json_object *object, const struct machine *machine,
		    const struct selection *selection, const void *row)
{
	for (size_t i = 0; i < selection->nr; i++) {
		struct value value = { 0 };

		selection->columns[i]->get(machine, row, &value);
		json_object_object_add(object, selection->columns[i]->key, value_json(&value));
		value_clear(&value);
	}
}

static void print_table(struct output *output, const struct machine *machine,
			const struct selection *selection, const void *const *rows, size_t nr)
{
	struct libscols_table *table = xalloc_check(scols_new_table());

	scols_table_set_stream(table, stdout);
	/* A cut-off table is no use to a pipe, and to a person less than a wrapped line. */
	scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
	/* value_text() has made the cells safe; encoding them again would garble that. */
	scols_table_enable_noencoding(table, 1);
	for (size_t i = 0; i < selection->nr; i++) {
		const struct column *column = selection->columns[i];
		int flags = value_is_number(column->type) ? SCOLS_FL_RIGHT : 0;

		xalloc_check(scols_table_new_column(table, column->name, 0, flags));
	}
	for (size_t r = 0; r < nr; r++) {
		struct libscols_line *line = xalloc_check(scols_table_new_line(table, NULL));

		for (size_t i = 0; i < selection->nr; i++) {
			struct value value = { 0 };

			selection->columns[i]->get(machine, rows[r], &value);
			if (scols_line_refer_data(line, i, value_text(&value, output->utf8)))
				xalloc_check(NULL);
			value_clear(&value);
		}
	}
	if (nr)
		scols_print_table(table);
	check_stdout(output);
	scols_unref_table(table);
}

void output_table(struct output *output, const char *key, const struct machine *machine,
		  const struct selection *selection, const void *const *rows, size_t nr)
{
	if (!output->json) {
		print_table(output, machine, selection, rows, nr);
		return;
	}
	output_begin_array(output, key);
	for (size_t r = 0; r < nr; r++) {
		output_begin_object(output, NULL);
		output_record(output, machine, selection, rows[r]);
		output_end(output);
	}
	output_end(output);
}

void output_record(struct output *output, const struct machine *machine,
		   const struct selection *selection, const void *row)
{
	if (output->json) {
		add_row(output->stack[output->depth - 1], machine, selection, row);
		return;
	}
	for (size_t i = 0; i < selection->nr; i++) {
		struct value value = { 0 };
		char *text;

		selection->columns[i]->get(machine, row, &value);
		text = value_text(&value, output->utf8);
		printf("%-11s%s\n", selection->columns[i]->name, text);
		free(text);
		value_clear(&value);
	}
}

void output_string(struct output *output, const char *key, const char *value)
{
	if (output->json)
		add(output, key, new_string(value));
}

void output_number(struct output *output, const char *key, uint64_t value)
{
	if (output->json)
		add(output, key, xalloc_check(json_object_new_uint64(value)));
}

void output_integer(struct output *output, const char *key, int64_t value)
{
	if (output->json)
		add(output, key, xalloc_check(json_object_new_int64(value)));
}

void output_chunks(struct output *output, const char *key, const struct chunks *chunks)
{
	if (output->json)
		add(output, key, chunks_json(chunks));
}

void output_bool(struct output *output, const char *key, bool value)
{
	if (output->json)
		add(output, key, xalloc_check(json_object_new_boolean(value)));
}

void output_null(struct output *output, const char *key)
{
	if (output->json)
		add(output, key, NULL);
}

static void begin(struct output *output, const char *key, json_object *object)
{
	if (output->depth == DEPTH)
		abort();
	add(output, key, object);
	output->stack[output->depth++] = object;
}

void output_begin_object(struct output *output, const char *key)
{
	if (output->json)
		begin(output, key, xalloc_check(json_object_new_object()));
}

void output_begin_array(struct output *output, const char *key)
{
	if (output->json)
		begin(output, key, xalloc_check(json_object_new_array()));
}

void output_end(struct output *output)
{
	if (output->json)
		output->depth--;
}

static void flush_stdout(struct output *output)
{
	if (output->failed)
		return;
	errno = 0;
	if (fflush(stdout) || ferror(stdout)) {
		output->failed = true;
		output->write_error = errno;
	}
}

/* Messages hold names and file contents: nothing unsafe may reach the terminal. */
static void print_safe(struct output *output, FILE *stream, const char *prefix,
		       const char *text)
{
	char *safe = text_safe(text, output->utf8);

	/* Where both are one file, lines come in order. */
	if (stream == stderr)
		flush_stdout(output);
	fprintf(stream, "%s%s\n", prefix, safe);
	free(safe);
}

void output_line(struct output *output, const char *fmt, ...)
{
	va_list ap;
	char *text;

	if (output->json || output->quiet)
		return;
	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	print_safe(output, stdout, "", text);
	free(text);
}

void output_answer(struct output *output, const char *fmt, ...)
{
	va_list ap;
	char *text;

	if (output->json)
		return;
	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	print_safe(output, stdout, "", text);
	free(text);
}

void output_text(struct output *output, const char *text)
{
	if (output->json)
		return;
	fputs(text, stdout);
	check_stdout(output);
}

/* An array of the document itself, made when it is first needed. */
static json_object *top_array(struct output *output, const char *key)
{
	json_object *array;

	if (!json_object_object_get_ex(output->stack[0], key, &array)) {
		array = xalloc_check(json_object_new_array());
		json_object_object_add(output->stack[0], key, array);
	}
	return array;
}

void output_note(struct output *output, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	if (output->json)
		json_object_array_add(top_array(output, "notes"), new_string(text));
	else if (!output->quiet)
		print_safe(output, stderr, "aux-tune: ", text);
	free(text);
}

void output_error(struct output *output, enum exit_status status, const char *pmu,
		  const char *fmt, ...)
{
	json_object *error;
	char *text, *line;
	va_list ap;

	if (output->status == STATUS_OK)
		output->status = status;
	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	if (output->json) {
		error = xalloc_check(json_object_new_object());
		json_object_object_add(error, "code", new_string(status_code(status)));
		json_object_object_add(error, "exit", json_object_new_int(status));
		json_object_object_add(error, "pmu", pmu ? new_string(pmu) : NULL);
		json_object_object_add(error, "message", new_string(text));
		json_object_array_add(top_array(output, "errors"), error);
	} else {
		line = pmu ? xasprintf("%s: %s", pmu, text) : xstrdup(text);
		print_safe(output, stderr, "aux-tune: ", line);
		free(line);
	}
	free(text);
}

static void print_document(struct output *output)
{
	int flags = JSON_C_TO_STRING_NOSLASHESCAPE;

	flags |= output->lines ? JSON_C_TO_STRING_PLAIN
			       : JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED;
	puts(xalloc_check((void *)json_object_to_json_string_ext(output->stack[0], flags)));
	check_stdout(output);
	json_object_put(output->stack[0]);
	output->depth = 0;
}

void output_flush_document(struct output *output)
{
	output->lines = true;
	if (output->json) {
		print_document(output);
		output->stack[output->depth++] = xalloc_check(json_object_new_object());
	}
	flush_stdout(output);
}

bool output_failed(const struct output *output)
{
	return output->failed;
}

enum exit_status output_close(struct output *output)
{
	enum exit_status status;
	bool empty;

	if (output->json) {
		/* A stream ended with its last line, unless an error came after it. */
		empty = output->lines && !json_object_object_length(output->stack[0]);
		if (empty)
			json_object_put(output->stack[0]);
		else
			print_document(output);
	}
	flush_stdout(output);
	/* A full disk may tell only here. */
	if (!output->failed && close(STDOUT_FILENO) && errno != EBADF) {
		output->failed = true;
		output->write_error = errno;
	}
	status = output->status;
	if (output->failed) {
		fprintf(stderr, "aux-tune: standard output: %s\n",
			output->write_error ? strerror(output->write_error) : "write error");
		status = STATUS_FAILURE;
	}
	free(output);
	return status;
}
