/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a command prints: tables and lines for people, or one JSON document. Commands say
 * things once; what the chosen form has no place for is dropped here.
 */
#ifndef AUX_TUNE_OUTPUT_H
#define AUX_TUNE_OUTPUT_H

#include <stdbool.h>

#include "column.h"
#include "status.h"

struct output;

struct output *output_open(bool json);

/* Only answers and errors from here on. */
void output_set_quiet(struct output *output);
bool output_is_quiet(const struct output *output);

/* Text after all: --help is for people. Drops the JSON document. */
void output_set_text(struct output *output);

/*
 * Ends the JSON document and makes sure all of it arrived. Returns the exit status: that
 * of the first error, STATUS_FAILURE when standard output cannot be written.
 */
enum exit_status output_close(struct output *output);

/* A table with a heading; in JSON an array of objects. */
void output_table(struct output *output, const char *key, const struct machine *machine,
		  const struct selection *selection, const void *const *rows, size_t nr);

/* One row as a list of names and values; in JSON members of the object that is open. */
void output_record(struct output *output, const struct machine *machine,
		   const struct selection *selection, const void *row);

/* A member of the JSON document only. */
void output_string(struct output *output, const char *key, const char *value);
void output_number(struct output *output, const char *key, uint64_t value);
void output_integer(struct output *output, const char *key, int64_t value);
void output_chunks(struct output *output, const char *key, const struct chunks *chunks);
void output_bool(struct output *output, const char *key, bool value);
void output_null(struct output *output, const char *key);

/*
 * Nested values. Members go into what was opened last, elements of an array have no key.
 */
void output_begin_object(struct output *output, const char *key);
void output_begin_array(struct output *output, const char *key);
void output_end(struct output *output);

/* A line for people, on standard output; not in JSON, not with --quiet. */
void output_line(struct output *output, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The same, also with --quiet: the answer itself. */
void output_answer(struct output *output, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Text as it is, whatever it holds: for programs. */
void output_text(struct output *output, const char *text);

/* Worth knowing but no failure: on standard error, in JSON in "notes". */
void output_note(struct output *output, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* On standard error, in JSON in "errors". The first one decides the exit status. */
void output_error(struct output *output, enum exit_status status, const char *pmu,
		  const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Writes the JSON document so far as one line and starts a new one; flushes text. */
void output_flush_document(struct output *output);

/* True once standard output failed. */
bool output_failed(const struct output *output);

#endif
