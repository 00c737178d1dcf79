// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "effect.h"
#include "order.h"
#include "setters.h"
#include "xalloc.h"

static void add(struct setters *setters, struct setter setter)
{
	setters->setters = xreallocarray(setters->setters, setters->nr + 1, sizeof(setter));
	setters->setters[setters->nr++] = setter;
}

static void add_effects(struct setters *setters, const struct rule_file *file, const char *path,
			const char *pmu)
{
	struct effects effects;

	effects_find(&effects, &file->rules, pmu);
	for (size_t i = 0; i < effects.nr; i++) {
		const struct effect *effect = &effects.effects[i];

		add(setters, (struct setter){
			.file = xstrdup(path),
			.line = effect->number,
			.certain = effect->verdict == RULE_YES,
			.order = effect->order,
			.value = xstrdup(effect->value),
			.why = effect->why ? xstrdup(effect->why) : NULL,
		});
	}
	effects_clear(&effects);
}

void setters_find(struct setters *setters, const struct rule_files *files,
		  const struct kroot *root, const char *pmu)
{
	memset(setters, 0, sizeof(*setters));
	for (size_t i = 0; i < files->nr; i++) {
		const struct rule_file *file = &files->files[i];
		char *path = xasprintf("%s%s", root->prefix, file->path);

		if (file->error)
			add(setters, (struct setter){
				.file = xstrdup(path),
				.order = ORDER_UNKNOWN,
				.why = xasprintf("it cannot be read: %s", strerror(-file->error)),
			});
		else if (!file->overridden)
			add_effects(setters, file, path, pmu);
		free(path);
	}
}

void setters_clear(struct setters *setters)
{
	for (size_t i = 0; i < setters->nr; i++) {
		free(setters->setters[i].file);
		free(setters->setters[i].value);
		free(setters->setters[i].why);
	}
	free(setters->setters);
	memset(setters, 0, sizeof(*setters));
}

const struct setter *setters_certain(const struct setters *setters)
{
	for (size_t i = setters->nr; i--; )
		if (setters->setters[i].certain)
			return &setters->setters[i];
	return NULL;
}

const struct setter *setters_unsure(const struct setters *setters)
{
	if (setters->nr && !setters->setters[setters->nr - 1].certain)
		return &setters->setters[setters->nr - 1];
	return NULL;
}

char *setter_place(const struct setter *setter)
{
	if (!setter->line)
		return xstrdup(setter->file);
	return xasprintf("%s:%u", setter->file, setter->line);
}
