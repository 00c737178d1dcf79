/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef AUX_TUNE_UDEVRELOAD_H
#define AUX_TUNE_UDEVRELOAD_H

#include <stdbool.h>

/* True when there is a udevd on this machine, with its control socket. */
bool udevd_runs(void);

/*
 * Has udevd read its rules again, with udevadm. udevd looks for changes by itself before it
 * handles an event, but at most every three seconds. Returns 0 or a negative errno.
 */
int udev_reload(void);

#endif
