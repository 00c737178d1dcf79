/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where PMUs come from: libudev on the live system, the directory of a captured tree (which
 * libudev cannot be pointed at) under --root. Both tell when a PMU comes or goes.
 */
#ifndef AUX_TUNE_DEVICES_H
#define AUX_TUNE_DEVICES_H

#include "kfile.h"
#include "pmu.h"

struct devices;

/* @root stays the caller's and must live as long. NULL, errno set, when out of resources. */
struct devices *devices_open(const struct kroot *root);
void devices_close(struct devices *devices);

/* Fills an empty list with names, sorted. Returns 0 or a negative errno. */
int devices_scan(struct devices *devices, struct pmu_list *list);

/* Starts watching; returns a descriptor that becomes readable, or a negative errno. */
int devices_watch(struct devices *devices);

/*
 * Takes what has been reported. True when PMUs may have come or gone; also when reports
 * were lost. To be followed by devices_scan().
 */
bool devices_changed(struct devices *devices);

#endif
