/* SPDX-License-Identifier: GPL-2.0-only */
/* Paths in a captured tree, resolved as if the tree were the root directory. */
#ifndef AUX_TUNE_INROOT_H
#define AUX_TUNE_INROOT_H

/*
 * open() below @root, which no "..", no symbolic link and no race with somebody who changes
 * the tree can leave. openat2(RESOLVE_IN_ROOT) does the same, but captured trees are
 * looked at on older kernels, too. Returns a descriptor or a negative errno; without O_PATH
 * -EINVAL for what is neither a regular file nor a directory, which then was not even opened.
 */
int inroot_open(int root, const char *path, int flags);

#endif
