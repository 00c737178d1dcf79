/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Columns: name, help, JSON key and getter in one place, so that help text, -o, tables, JSON
 * and the screen say the same.
 */
#ifndef AUX_TUNE_COLUMN_H
#define AUX_TUNE_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine.h"

enum value_type {
	VALUE_NONE,		/* not known, does not apply: "-" and null */
	VALUE_UINT,
	VALUE_INT,
	VALUE_STRING,
	VALUE_CHUNKS,		/* bars by order, and an array */
};

struct value {
	enum value_type type;
	uint64_t number;	/* VALUE_INT: cast to int64_t */
	char *string;
	struct chunks chunks;
};

struct column {
	const char *name;	/* heading, and what -o takes */
	const char *key;	/* JSON; stable */
	enum value_type type;
	const char *help;
	bool common;		/* shown unless -o says otherwise */
	bool stats;		/* has a value only where the kernel has statistics */
	void (*get)(const struct machine *machine, const void *row, struct value *value);
};

struct column_set {
	const struct column *columns;
	size_t nr;
};

/* True for what is set at the right end of its column. */
bool value_is_number(enum value_type type);

/* Row of an area: index into machine->areas. */
extern const struct column_set area_columns;

/* Rows: struct pmu, struct policy_change, int (a page order). */
extern const struct column_set pmu_columns;
extern const struct column_set change_columns;
extern const struct column_set order_columns;

/* Row: struct probe_step. */
extern const struct column_set probe_columns;

/* Some columns of a set, in the order they are shown. */
struct selection {
	const struct column **columns;
	size_t nr;
};

/* The common columns; all of them when @all. @stats: with those that need statistics. */
void selection_common(struct selection *selection, const struct column_set *set, bool all,
		      bool stats);

/*
 * "NAME,ORDER", "+REASON" to add to the common ones; case does not matter. Returns false
 * with *@why set, the caller's to free, when a name is unknown.
 */
bool selection_parse(struct selection *selection, const struct column_set *set, const char *list,
		     bool stats, char **why);
void selection_clear(struct selection *selection);

/*
 * A character for each order: how much of the memory is in chunks of it. Bars, or without
 * @utf8 tenths from 1 to 9; '.' for none. The caller frees it.
 */
char *chunks_text(const struct chunks *chunks, bool utf8);

/* "2 x 2M, 1 x 4K": chunks in words, the largest first. The caller frees it. */
char *chunks_words(const struct chunks *chunks, size_t page_size);

/* The value as table cell or screen text, fit for a terminal; the caller frees it. */
char *value_text(const struct value *value, bool utf8);
void value_clear(struct value *value);

#endif
