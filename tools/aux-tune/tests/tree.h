/* SPDX-License-Identifier: GPL-2.0-only */
/* Small captured trees, made and removed by a test. */
#ifndef AUX_TUNE_TESTS_TREE_H
#define AUX_TUNE_TESTS_TREE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"

#define BUDDY_LINE "Node 0, zone Normal 100 50 25 12 6 3 1 0 0 0 2\n"

/* An empty directory; tree_remove() frees the name too. */
char *tree_new(void);
void tree_remove(char *dir);

/* Writes a file, with the directories it is in. */
void tree_file(const char *dir, const char *path, const char *text);

/* A PMU as the bus directory has it; @order is the attribute's text, NULL for none. */
void tree_pmu(const char *dir, const char *name, const char *type, const char *order,
	      unsigned int mode);

/* The text of a PMU's attribute; the caller frees it. */
char *tree_order(const char *dir, const char *name);

/* Opens the tree as a machine, and must succeed. */
void tree_open(struct machine *machine, const char *dir);

#endif
