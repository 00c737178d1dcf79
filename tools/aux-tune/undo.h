/* SPDX-License-Identifier: GPL-2.0-only */
/* Changes that were made, to go back and forth in. */
#ifndef AUX_TUNE_UNDO_H
#define AUX_TUNE_UNDO_H

#include <stdbool.h>
#include <stddef.h>

/* Not an order, and not one that is unknown. */
#define UNDO_UNWARNED	(-2)

struct undo_step {
	char *pmu;
	int before;
	int after;
	int warned;		/* the order that the user knows somebody else has set since */
};

struct undo {
	struct undo_step *steps;
	size_t nr;
	size_t done;		/* the first so many are in effect, the rest was undone */
};

/* A change that was made; what was undone before it can't be redone any more. */
void undo_record(struct undo *undo, const char *pmu, int before, int after);

/* What undo or redo would be about, NULL when there is nothing. */
struct undo_step *undo_peek(struct undo *undo, bool redo);

/* That step has been taken. */
void undo_moved(struct undo *undo, bool redo);

/* That step can never be taken. */
void undo_drop(struct undo *undo, bool redo);

void undo_clear(struct undo *undo);

#endif
