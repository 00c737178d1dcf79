/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rules files udev would read that have to do with aux_max_order, in its order: by name,
 * whatever the directory; of several with one name only that of the first directory.
 */
#ifndef AUX_TUNE_RULEFILES_H
#define AUX_TUNE_RULEFILES_H

#include <stdint.h>

#include "kfile.h"
#include "rules.h"

#define RULES_DIR	"/etc/udev/rules.d"

/* No rules file is larger; what is, is not read. */
#define RULES_FILE_MAX	(1 << 20)

struct rule_file {
	char *path;		/* without the root's prefix */
	struct rules rules;
	int error;		/* why rules is empty: negative errno */
	bool overridden;	/* by a file of the same name: udev does not read it */
};

#define RULES_DIRS	5

struct rule_files {
	struct rule_file *files;
	size_t nr;
	uint64_t stamps[RULES_DIRS];	/* of each directory and its files, when they were read */
};

void rule_files_read(struct rule_files *files, const struct kroot *root);
void rule_files_clear(struct rule_files *files);

/* True when a file has come, gone, been replaced or changed in place since. */
bool rule_files_changed(const struct rule_files *files, const struct kroot *root);

#endif
