// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <unistd.h>

#include "replace.h"
#include "ruleline.h"
#include "saved.h"
#include "text.h"
#include "textdiff.h"
#include "udevreload.h"
#include "xalloc.h"

static void find_setters(struct machine *machine)
{
	for (size_t i = 0; i < machine->pmus.nr; i++) {
		struct pmu *pmu = &machine->pmus.pmus[i];

		setters_clear(&pmu->saved);
		if (pmu->access != AUX_ACCESS_NONE)
			setters_find(&pmu->saved, &machine->rules, &machine->root, pmu->name);
	}
}

void saved_read(struct machine *machine)
{
	rule_files_clear(&machine->rules);
	rule_files_read(&machine->rules, &machine->root);
	find_setters(machine);
}

bool saved_refresh(struct machine *machine)
{
	if (!rule_files_changed(&machine->rules, &machine->root))
		return false;
	saved_read(machine);
	return true;
}

/* ----- drift ----- */

const char *saved_drift_name(enum saved_drift drift)
{
	switch (drift) {
	case DRIFT_NONE:
		return "none";
	case DRIFT_CHANGED:
		return "changed";
	case DRIFT_UNSAVED:
		return "unsaved";
	case DRIFT_REFUSED:
		return "refused";
	case DRIFT_UNSURE:
		return "unsure";
	}
	return "unknown";
}

/* The kernel takes this value for some PMU. */
static bool valid_order(const struct machine *machine, int order)
{
	return order != ORDER_UNKNOWN &&
	       (machine->max_order == ORDER_UNKNOWN || order <= machine->max_order);
}

int saved_order(const struct pmu *pmu)
{
	const struct setter *setter = setters_certain(&pmu->saved);

	return setter ? setter->order : ORDER_UNKNOWN;
}

static enum saved_drift drift_of(const struct machine *machine, const struct pmu *pmu,
				 const struct setter *setter, const struct setter *unsure)
{
	if (pmu->access == AUX_ACCESS_NONE)
		return DRIFT_NONE;
	if (setter && (pmu->access == AUX_ACCESS_RO || !valid_order(machine, setter->order)))
		return DRIFT_REFUSED;
	if (pmu->order == (setter ? setter->order : pmu->default_order))
		return DRIFT_NONE;
	if (unsure && pmu->access == AUX_ACCESS_RW)
		return DRIFT_UNSURE;
	return setter ? DRIFT_CHANGED : DRIFT_UNSAVED;
}

enum saved_drift saved_drift(const struct machine *machine, const struct pmu *pmu)
{
	return drift_of(machine, pmu, setters_certain(&pmu->saved), setters_unsure(&pmu->saved));
}

static char *refused_text(const struct pmu *pmu, const struct setter *setter, const char *place)
{
	if (pmu->access == AUX_ACCESS_RO)
		return xasprintf("the kernel refuses what %s sets: this PMU is read-only", place);
	return xasprintf("the kernel refuses '%s', which %s sets", setter->value, place);
}

char *saved_drift_text(const struct machine *machine, const struct pmu *pmu)
{
	const struct setter *unsure = setters_unsure(&pmu->saved);
	const struct setter *setter = setters_certain(&pmu->saved);
	char *place = setter ? setter_place(setter) : NULL;
	char *maybe = unsure ? setter_place(unsure) : NULL;
	char *text = NULL;

	switch (drift_of(machine, pmu, setter, unsure)) {
	case DRIFT_NONE:
		if (setter)
			text = xasprintf("order %d, as %s sets it", pmu->order, place);
		else if (pmu->order == ORDER_UNKNOWN)
			text = xstrdup("no order");
		else
			text = xasprintf("order %d, its default", pmu->order);
		break;
	case DRIFT_CHANGED:
		text = pmu->order == ORDER_UNKNOWN ?
			xasprintf("its order cannot be read; %s sets %d", place, setter->order) :
			xasprintf("order is %d, but %s sets %d", pmu->order, place, setter->order);
		break;
	case DRIFT_UNSAVED:
		text = pmu->order == ORDER_UNKNOWN ?
			xasprintf("its order cannot be read; nothing is saved") :
			xasprintf("order is %d and not saved: after a reboot it is %d", pmu->order,
				  pmu->default_order);
		break;
	case DRIFT_REFUSED:
		text = refused_text(pmu, setter, place);
		break;
	case DRIFT_UNSURE:
		text = pmu->order == ORDER_UNKNOWN ?
			xasprintf("its order cannot be read; %s may set it: %s", maybe,
				  unsure->why) :
			xasprintf("order is %d, which %s may have set: %s", pmu->order, maybe,
				  unsure->why);
		break;
	}
	free(place);
	free(maybe);
	return text;
}

/* ----- names without a PMU ----- */

static const struct rule_file *our_file(const struct machine *machine)
{
	for (size_t i = 0; i < machine->rules.nr; i++)
		if (!strcmp(machine->rules.files[i].path, SAVED_FILE))
			return &machine->rules.files[i];
	return NULL;
}

static bool has_name(const struct saved_names *names, const char *name)
{
	for (size_t i = 0; i < names->nr; i++)
		if (!strcmp(names->names[i], name))
			return true;
	return false;
}

static void add_name(struct saved_names *names, const char *name)
{
	names->names = xreallocarray(names->names, names->nr + 1, sizeof(*names->names));
	names->names[names->nr++] = xstrdup(name);
}

/* Each PMU that has a line of ours, once. */
static void find_names(struct saved_names *names, const struct rules *rules)
{
	memset(names, 0, sizeof(*names));
	for (size_t i = 0; i < rules->nr; i++) {
		char *name;
		int order;

		if (!ruleline_parse(rules, &rules->rules[i], &name, &order))
			continue;
		if (!has_name(names, name))
			add_name(names, name);
		free(name);
	}
}

void saved_absent(const struct machine *machine, struct saved_names *absent)
{
	const struct rule_file *file = our_file(machine);
	struct saved_names all = { 0 };

	memset(absent, 0, sizeof(*absent));
	if (file)
		find_names(&all, &file->rules);
	for (size_t i = 0; i < all.nr; i++)
		if (!pmu_list_find(&machine->pmus, all.names[i]))
			add_name(absent, all.names[i]);
	saved_names_clear(&all);
}

void saved_names_clear(struct saved_names *names)
{
	for (size_t i = 0; i < names->nr; i++)
		free(names->names[i]);
	free(names->names);
	memset(names, 0, sizeof(*names));
}

/* ----- what udev would do with another text in our file ----- */

struct preview {
	struct rule_files files;	/* all but .own belongs to the machine */
	struct rule_file own;
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void preview_make(struct preview *preview, const struct machine *machine, const char *text)
{
	const struct rule_files *now = &machine->rules;
	bool placed = ruleline_empty(text), shown = !placed;

	memset(preview, 0, sizeof(*preview));
	preview->own.path = (char *)SAVED_FILE;
	rules_parse(&preview->own.rules, text);
	preview->files.files = xcalloc(now->nr + 1, sizeof(*now->files));
	for (size_t i = 0; i < now->nr; i++) {
		struct rule_file file = now->files[i];
		int order = strcmp(base_name(file.path), base_name(SAVED_FILE));

		if (!strcmp(file.path, SAVED_FILE))
			continue;
		if (order >= 0 && !placed) {
			preview->files.files[preview->files.nr++] = preview->own;
			placed = true;
		}
		/* Of the same name: read only if ours is not there, and then only the first. */
		if (!order) {
			file.overridden = shown;
			shown = true;
		}
		preview->files.files[preview->files.nr++] = file;
	}
	if (!placed)
		preview->files.files[preview->files.nr++] = preview->own;
}

static void preview_clear(struct preview *preview)
{
	free(preview->files.files);
	rules_clear(&preview->own.rules);
}

static void preview_setters(const struct machine *machine, const char *text, const char *pmu,
			    struct setters *setters)
{
	struct preview preview;

	preview_make(&preview, machine, text);
	setters_find(setters, &preview.files, &machine->root, pmu);
	preview_clear(&preview);
}

/* What a boot gives the PMU for certain, with this text in our file; -1 when nothing is. */
static int preview_order(const struct machine *machine, const char *text, const struct pmu *pmu)
{
	const struct setter *setter;
	struct setters setters;
	int order;

	preview_setters(machine, text, pmu->name, &setters);
	setter = setters_certain(&setters);
	if (setters_unsure(&setters))
		order = ORDER_UNKNOWN;
	else
		order = setter ? setter->order : pmu->default_order;
	setters_clear(&setters);
	return order;
}

/* ----- planning ----- */

__attribute__((format(printf, 4, 5)))
static void stop_line(struct saved_line *line, enum policy_state state, enum exit_status status,
		      const char *fmt, ...)
{
	va_list ap;

	free(line->reason);
	va_start(ap, fmt);
	line->reason = xvasprintf(fmt, ap);
	va_end(ap);
	line->state = state;
	line->status = status;
}

__attribute__((format(printf, 4, 5)))
static void stop_change(struct saved_change *change, enum policy_state state,
			enum exit_status status, const char *fmt, ...)
{
	va_list ap;

	free(change->reason);
	va_start(ap, fmt);
	change->reason = xvasprintf(fmt, ap);
	va_end(ap);
	change->state = state;
	change->status = status;
}

static void stop_errno(struct saved_change *change, enum policy_state state, int error)
{
	static const char as_it_was[] = "the file is as it was";
	const char *file = change->file;

	switch (-error) {
	case EACCES:
	case EPERM:
		stop_change(change, state, STATUS_NO_PERMISSION,
			    geteuid() ? "no permission to write %s: root may (sudo aux-tune)"
				      : "no permission to write %s, though this is root: a security policy or an attribute of the file forbids it",
			    file);
		break;
	case EROFS:
		stop_change(change, state, STATUS_NO_PERMISSION,
			    "%s is on a file system that is mounted read-only", file);
		break;
	case ENOSPC:
	case EDQUOT:
		stop_change(change, state, STATUS_FAILURE, "no space left to write %s: %s", file,
			    as_it_was);
		break;
	case ELOOP:
		stop_change(change, state, STATUS_REFUSED,
			    "%s, or a directory it is in, is a symbolic link, and nothing is written through one: remove the link first",
			    file);
		break;
	case EINVAL:
		stop_change(change, state, STATUS_REFUSED, "%s is no regular file", file);
		break;
	case EILSEQ:
		stop_change(change, state, STATUS_REFUSED,
			    "%s has a NUL in it, so it is no rules file", file);
		break;
	case EFBIG:
		stop_change(change, state, STATUS_REFUSED,
			    "%s is too large, or files may not get as large as it would: %s", file,
			    as_it_was);
		break;
	case EBUSY:
		stop_change(change, state, STATUS_FAILURE,
			    "another aux-tune has been writing %s for too long", file);
		break;
	default:
		stop_change(change, state, STATUS_FAILURE, "%s could not be written: %s: %s", file,
			    strerror(-error), as_it_was);
		break;
	}
}

static struct saved_line *add_line(struct saved_change *change, const char *pmu)
{
	struct saved_line line = {
		.pmu = xstrdup(pmu),
		.state = POLICY_PLANNED,
		.before = ORDER_UNKNOWN,
		.want = ORDER_UNKNOWN,
	};

	change->lines = xreallocarray(change->lines, change->nr + 1, sizeof(line));
	change->lines[change->nr] = line;
	return &change->lines[change->nr++];
}

/* The order in our line of this PMU, ORDER_UNKNOWN without one. */
static int line_order(const char *text, const char *pmu)
{
	int order = ORDER_UNKNOWN;
	struct rules rules;

	rules_parse(&rules, text);
	for (size_t i = 0; i < rules.nr; i++) {
		char *name;
		int one;

		if (!ruleline_parse(&rules, &rules.rules[i], &name, &one))
			continue;
		if (!strcmp(name, pmu))
			order = one;
		free(name);
	}
	rules_clear(&rules);
	return order;
}

/* Whoever else sets the PMU for certain and in a file of the administrator's, NULL if nobody. */
static char *set_elsewhere(const struct machine *machine, const char *text, const struct pmu *pmu,
			   int order)
{
	char *etc = xasprintf("%s" RULES_DIR "/", machine->root.prefix), *place = NULL;
	const struct setter *setter;
	struct setters setters;

	preview_setters(machine, text, pmu->name, &setters);
	setter = setters_certain(&setters);
	if (setter && !setters_unsure(&setters) && setter->order == order &&
	    !strncmp(setter->file, etc, strlen(etc)))
		place = setter_place(setter);
	setters_clear(&setters);
	free(etc);
	return place;
}

/* After the edit: does our line win? */
static void check_winner(const struct machine *machine, const char *text, const struct pmu *pmu,
			 struct saved_line *line)
{
	const struct setter *setter, *unsure;
	struct setters setters;
	char *place;

	preview_setters(machine, text, pmu->name, &setters);
	setter = setters_certain(&setters);
	unsure = setters_unsure(&setters);
	if (setter && setter->order != line->want) {
		place = setter_place(setter);
		stop_line(line, POLICY_REFUSED, STATUS_REFUSED,
			  "%s is read after it and sets '%s': change that line", place,
			  setter->value);
		free(place);
	} else if (unsure) {
		place = setter_place(unsure);
		line->note = xasprintf("%s may set it to something else: %s", place, unsure->why);
		free(place);
	}
	setters_clear(&setters);
}

static char *make_rule(const char *pmu, int order)
{
	const char *why;

	return ruleline_make(pmu, order, &why);
}

/* One more line in *@text. */
static void plan_line(const struct machine *machine, const struct pmu *pmu, bool only_needed,
		      struct saved_line *line, char **text)
{
	char *edited, *without, *why, *place;

	line->before = saved_order(pmu);
	line->want = pmu->order;
	if (pmu->access == AUX_ACCESS_NONE) {
		stop_line(line, POLICY_REFUSED, machine->support == SUPPORT_YES ?
			  STATUS_REFUSED : STATUS_NO_ATTRIBUTE, "%s",
			  machine->support == SUPPORT_YES ?
			  "it has no AUX area, so there is no order to save" :
			  machine_support_text(machine));
		return;
	}
	if (pmu->access == AUX_ACCESS_RO) {
		stop_line(line, POLICY_REFUSED, STATUS_REFUSED,
			  "read-only: the kernel gives it the largest chunks at each boot, there is nothing to save");
		return;
	}
	if (pmu->order == ORDER_UNKNOWN) {
		stop_line(line, POLICY_REFUSED, STATUS_FAILURE,
			  "its order cannot be read: %s", strerror(-pmu->order_error));
		return;
	}
	without = ruleline_edit(*text, pmu->name, ORDER_UNKNOWN, &why);
	free(why);
	if (only_needed && preview_order(machine, without, pmu) == pmu->order)
		line->want = ORDER_UNKNOWN;
	place = line_order(*text, pmu->name) == ORDER_UNKNOWN ?
		set_elsewhere(machine, *text, pmu, pmu->order) : NULL;
	if (line->want == ORDER_UNKNOWN || place) {
		edited = without;
	} else {
		free(without);
		edited = ruleline_edit(*text, pmu->name, pmu->order, &why);
		if (!edited) {
			stop_line(line, POLICY_REFUSED, STATUS_REFUSED, "%s", why);
			free(why);
			return;
		}
		check_winner(machine, edited, pmu, line);
	}
	if (line->state != POLICY_REFUSED && !strcmp(edited, *text)) {
		if (place)
			stop_line(line, POLICY_UNCHANGED, STATUS_OK, "%s sets %d already", place,
				  pmu->order);
		else if (line->want == ORDER_UNKNOWN)
			stop_line(line, POLICY_UNCHANGED, STATUS_OK,
				  "a boot gives it order %d without being told", pmu->order);
		else
			stop_line(line, POLICY_UNCHANGED, STATUS_OK, "order %d is saved already",
				  pmu->order);
	} else if (line->state != POLICY_REFUSED) {
		line->rule = make_rule(pmu->name, line->want == ORDER_UNKNOWN ?
				       line_order(*text, pmu->name) : line->want);
		free(*text);
		*text = edited;
		edited = NULL;
	}
	free(edited);
	free(place);
}

/* Takes @note, and keeps what was noted before. */
static void add_note(struct saved_change *change, char *note)
{
	char *both;

	if (change->note) {
		both = xasprintf("%s; %s", change->note, note);
		free(change->note);
		free(note);
		note = both;
	}
	change->note = note;
}

/* A file of this name elsewhere has no effect any more once ours is there. */
static void note_overridden(const struct machine *machine, struct saved_change *change)
{
	for (size_t i = 0; i < machine->rules.nr; i++) {
		const struct rule_file *file = &machine->rules.files[i];

		if (!file->overridden && strcmp(file->path, SAVED_FILE) &&
		    !strcmp(base_name(file->path), base_name(SAVED_FILE)))
			add_note(change, xasprintf("%s%s has the same name: udev stops reading it",
						   machine->root.prefix, file->path));
	}
}

/* True when the last of what was saved is taken out, and so the file. */
static bool goes(const char *before, const char *after)
{
	return ruleline_empty(after) && (!before || !ruleline_empty(before));
}

static bool dir_exists(const struct machine *machine)
{
	mode_t mode;

	return !kfile_mode(&machine->root, RULES_DIR, &mode);
}

static char *commands(const struct machine *machine, const struct saved_change *change,
		      const struct textdiff *diff, const char *before, const char *after)
{
	const char *sudo = geteuid() && kroot_live(&machine->root) ? "sudo " : "";
	char *file = text_shell(change->file), *text, *longer;

	if (goes(before, after)) {
		text = xasprintf("%srm %s", sudo, file);
	} else if (!before || !*before) {
		text = xstrdup("printf '%s\\n'");
		for (size_t i = 0; i < diff->nr; i++) {
			char *word = text_shell(diff->lines[i].text);

			longer = xasprintf("%s %s", text, word);
			free(word);
			free(text);
			text = longer;
		}
		longer = *sudo ? xasprintf("%s | sudo tee %s", text, file) :
				 xasprintf("%s > %s", text, file);
		free(text);
		text = longer;
	} else {
		char *arguments = textdiff_sed(diff);

		text = xasprintf("%ssed -i %s %s", sudo, arguments, file);
		free(arguments);
	}
	free(file);
	if (!before && !dir_exists(machine)) {
		char *dir = xasprintf("%s" RULES_DIR, machine->root.prefix);
		char *word = text_shell(dir);

		longer = xasprintf("%smkdir -p %s\n%s", sudo, word, text);
		free(word);
		free(dir);
		free(text);
		text = longer;
	}
	if (!kroot_live(&machine->root))
		return text;
	longer = xasprintf("%s\n%sudevadm control --reload", text, sudo);
	free(text);
	return longer;
}

static void start_change(const struct machine *machine, struct saved_change *change, char **text)
{
	int err;

	*change = (struct saved_change){ .state = POLICY_UNCHANGED };
	change->file = xasprintf("%s" SAVED_FILE, machine->root.prefix);
	err = replace_look(&machine->root, SAVED_FILE, text, RULES_FILE_MAX);
	if (err)
		stop_errno(change, POLICY_REFUSED, err);
}

static void finish_change(const struct machine *machine, struct saved_change *change,
			  const char *before, const char *after, bool readonly)
{
	struct textdiff diff;
	int err;

	textdiff_make(&diff, before ?: "", goes(before, after) ? "" : after);
	change->diff = textdiff_text(&diff);
	change->command = diff.nr ? commands(machine, change, &diff, before, after) : xstrdup("");
	textdiff_clear(&diff);
	if (change->state == POLICY_REFUSED || !*change->diff)
		return;
	change->state = POLICY_PLANNED;
	if (!before)
		note_overridden(machine, change);
	if (readonly) {
		stop_change(change, POLICY_REFUSED, STATUS_REFUSED,
			    "aux-tune was started with --readonly");
		return;
	}
	err = replace_possible(&machine->root, SAVED_FILE);
	if (err)
		stop_errno(change, POLICY_REFUSED, err);
}

void saved_plan(const struct machine *machine, struct pmu *const *pmus, size_t nr,
		bool only_needed, bool readonly, struct saved_change *change)
{
	char *before, *text, *why;

	start_change(machine, change, &before);
	/* The header comes with the first line; without a line it is not there either. */
	text = ruleline_edit(before, "", ORDER_UNKNOWN, &why);
	for (size_t i = 0; i < nr && change->state != POLICY_REFUSED; i++)
		plan_line(machine, pmus[i], only_needed, add_line(change, pmus[i]->name), &text);
	finish_change(machine, change, before, text, readonly);
	free(text);
	free(before);
}

static void plan_removal(struct saved_line *line, char **text)
{
	char *edited, *why;

	line->before = line_order(*text, line->pmu);
	if (line->before == ORDER_UNKNOWN) {
		stop_line(line, POLICY_UNCHANGED, STATUS_OK, "nothing is saved for it");
		return;
	}
	line->rule = make_rule(line->pmu, line->before);
	edited = ruleline_edit(*text, line->pmu, ORDER_UNKNOWN, &why);
	free(*text);
	*text = edited;
}

/* Rules of other people that set the PMU all the same. */
static void note_left(const struct machine *machine, const char *text, struct saved_line *line)
{
	struct setters setters;
	char *place;

	preview_setters(machine, text, line->pmu, &setters);
	if (setters.nr) {
		const struct setter *last = &setters.setters[setters.nr - 1];

		place = setter_place(last);
		line->note = last->certain ?
			xasprintf("%s still sets it, to '%s'", place, last->value) :
			xasprintf("%s may still set it: %s", place, last->why);
		free(place);
	}
	setters_clear(&setters);
}

/* Those of @all that @names mean; what means none stays, to be told. */
static void select_names(const struct saved_names *all, const char *const *names, size_t nr,
			 struct saved_names *selected)
{
	memset(selected, 0, sizeof(*selected));
	for (size_t i = 0; i < nr; i++) {
		bool found = has_name(all, names[i]);

		if (found && !has_name(selected, names[i]))
			add_name(selected, names[i]);
		for (size_t j = 0; !has_name(all, names[i]) && j < all->nr; j++) {
			if (fnmatch(names[i], all->names[j], 0))
				continue;
			found = true;
			if (!has_name(selected, all->names[j]))
				add_name(selected, all->names[j]);
		}
		if (!found)
			add_name(selected, names[i]);
	}
}

void saved_plan_removal(const struct machine *machine, const char *const *names, size_t nr,
			bool readonly, struct saved_change *change)
{
	struct saved_names all, selected;
	char *before, *text, *why;
	struct rules rules;

	start_change(machine, change, &before);
	text = ruleline_edit(before, "", ORDER_UNKNOWN, &why);
	rules_parse(&rules, text);
	find_names(&all, &rules);
	rules_clear(&rules);
	select_names(&all, nr ? names : (const char *const *)all.names, nr ? nr : all.nr,
		     &selected);
	for (size_t i = 0; i < selected.nr && change->state != POLICY_REFUSED; i++)
		plan_removal(add_line(change, selected.names[i]), &text);
	for (size_t i = 0; i < change->nr; i++)
		note_left(machine, text, &change->lines[i]);
	finish_change(machine, change, before, text, readonly);
	saved_names_clear(&selected);
	saved_names_clear(&all);
	free(text);
	free(before);
}

/* ----- doing it ----- */

/* The edits once more, on what the file has now that nobody else can change it. */
static int write_lines(struct saved_change *change, struct replace *replace)
{
	char *before, *text, *edited, *why;
	int err;

	err = replace_read(replace, &before, RULES_FILE_MAX);
	if (err)
		return err;
	text = ruleline_edit(before, "", ORDER_UNKNOWN, &why);
	for (size_t i = 0; i < change->nr && !err; i++) {
		struct saved_line *line = &change->lines[i];

		if (line->state != POLICY_PLANNED)
			continue;
		edited = ruleline_edit(text, line->pmu, line->want, &why);
		if (edited) {
			free(text);
			text = edited;
		} else {
			stop_line(line, POLICY_FAILED, STATUS_REFUSED, "%s", why);
			free(why);
			err = -EAGAIN;
		}
	}
	if (!err && goes(before, text))
		err = before ? replace_remove(replace) : 0;
	else if (!err && (!before || strcmp(before, text)))
		err = replace_write(replace, text);
	free(before);
	free(text);
	return err;
}

static bool all_accepted(const struct saved_change *change)
{
	for (size_t i = 0; i < change->nr; i++)
		if (change->lines[i].state == POLICY_REFUSED)
			return false;
	return true;
}

static void tell_udev(const struct machine *machine, struct saved_change *change)
{
	int err;

	if (!kroot_live(&machine->root))
		return;
	if (!udevd_runs()) {
		add_note(change, xstrdup("no udevd runs here: it is applied where one does"));
		return;
	}
	err = udev_reload();
	if (err)
		add_note(change, xasprintf("udevadm control --reload failed (%s): udevd finds out with the next event",
					   strerror(-err)));
}

bool saved_apply(struct machine *machine, struct saved_change *change)
{
	struct replace replace;
	bool renamed;
	int err;

	if (change->state != POLICY_PLANNED || !all_accepted(change))
		return change->state == POLICY_UNCHANGED && all_accepted(change);
	err = replace_begin(&replace, &machine->root, SAVED_FILE);
	if (err) {
		stop_errno(change, POLICY_FAILED, err);
		return false;
	}
	err = write_lines(change, &replace);
	renamed = !replace.temp_name;
	replace_end(&replace);
	saved_read(machine);
	if (err == -EAGAIN) {
		stop_change(change, POLICY_FAILED, STATUS_FAILURE,
			    "%s has been changed at the same time: it is left as it is now",
			    change->file);
		return false;
	}
	if (err && renamed) {
		stop_change(change, POLICY_FAILED, STATUS_FAILURE,
			    "%s is written, but may not outlive a power cut: %s", change->file,
			    strerror(-err));
		return false;
	}
	if (err) {
		stop_errno(change, POLICY_FAILED, err);
		return false;
	}
	change->state = POLICY_DONE;
	for (size_t i = 0; i < change->nr; i++)
		if (change->lines[i].state == POLICY_PLANNED)
			change->lines[i].state = POLICY_DONE;
	tell_udev(machine, change);
	return true;
}

void saved_change_clear(struct saved_change *change)
{
	for (size_t i = 0; i < change->nr; i++) {
		struct saved_line *line = &change->lines[i];

		free(line->pmu);
		free(line->rule);
		free(line->reason);
		free(line->note);
	}
	free(change->lines);
	free(change->reason);
	free(change->note);
	free(change->file);
	free(change->diff);
	free(change->command);
	memset(change, 0, sizeof(*change));
}
