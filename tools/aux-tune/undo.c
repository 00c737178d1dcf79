// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "undo.h"
#include "xalloc.h"

static void remove_from(struct undo *undo, size_t first)
{
	for (size_t i = first; i < undo->nr; i++)
		free(undo->steps[i].pmu);
	undo->nr = first;
}

static void forget_warnings(struct undo *undo)
{
	for (size_t i = 0; i < undo->nr; i++)
		undo->steps[i].warned = UNDO_UNWARNED;
}

void undo_record(struct undo *undo, const char *pmu, int before, int after)
{
	remove_from(undo, undo->done);
	forget_warnings(undo);
	undo->steps = xreallocarray(undo->steps, undo->nr + 1, sizeof(*undo->steps));
	undo->steps[undo->nr++] = (struct undo_step){ xstrdup(pmu), before, after, UNDO_UNWARNED };
	undo->done = undo->nr;
}

struct undo_step *undo_peek(struct undo *undo, bool redo)
{
	if (redo)
		return undo->done < undo->nr ? &undo->steps[undo->done] : NULL;
	return undo->done ? &undo->steps[undo->done - 1] : NULL;
}

void undo_moved(struct undo *undo, bool redo)
{
	forget_warnings(undo);
	undo->done += redo ? 1 : -1;
}

void undo_drop(struct undo *undo, bool redo)
{
	size_t i = redo ? undo->done : undo->done - 1;

	free(undo->steps[i].pmu);
	memmove(&undo->steps[i], &undo->steps[i + 1], (undo->nr - i - 1) * sizeof(*undo->steps));
	undo->nr--;
	undo->done = i;
}

void undo_clear(struct undo *undo)
{
	remove_from(undo, 0);
	free(undo->steps);
	memset(undo, 0, sizeof(*undo));
}
