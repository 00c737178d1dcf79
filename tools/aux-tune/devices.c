// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <libudev.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "devices.h"
#include "xalloc.h"

#define SUBSYSTEM	"event_source"

/* A storm of uevents must not lose one for want of room: what is lost is found by a rescan. */
#define MONITOR_BUFFER	(1 << 20)

struct devices {
	const struct kroot *root;
	struct udev *udev;		/* live system only */
	struct udev_monitor *monitor;
	int inotify;			/* captured tree only */
};

struct devices *devices_open(const struct kroot *root)
{
	struct devices *devices = xcalloc(1, sizeof(*devices));

	devices->root = root;
	devices->inotify = -1;
	if (kroot_live(root)) {
		devices->udev = udev_new();
		if (!devices->udev) {
			free(devices);
			return NULL;
		}
	}
	return devices;
}

void devices_close(struct devices *devices)
{
	if (!devices)
		return;
	if (devices->monitor)
		udev_monitor_unref(devices->monitor);
	if (devices->udev)
		udev_unref(devices->udev);
	if (devices->inotify >= 0)
		close(devices->inotify);
	free(devices);
}

static int scan_udev(struct devices *devices, struct pmu_list *list)
{
	struct udev_enumerate *enumerate = udev_enumerate_new(devices->udev);
	struct udev_list_entry *entry;
	int err;

	if (!enumerate)
		return -ENOMEM;
	err = udev_enumerate_add_match_subsystem(enumerate, SUBSYSTEM);
	if (!err)
		err = udev_enumerate_scan_devices(enumerate);
	if (err >= 0) {
		udev_list_entry_foreach(entry, udev_enumerate_get_list_entry(enumerate)) {
			const char *dir = udev_list_entry_get_name(entry);
			const char *slash = strrchr(dir, '/');

			/* Not udev's sysname: that has '/' where sysfs and perf have '!'. */
			pmu_list_add(list, slash ? slash + 1 : dir, dir);
		}
		err = 0;
	}
	udev_enumerate_unref(enumerate);
	return err;
}

static void add_entry(const char *name, void *arg)
{
	char *dir = xasprintf(PMU_DEVICES "/%s", name);

	pmu_list_add(arg, name, dir);
	free(dir);
}

int devices_scan(struct devices *devices, struct pmu_list *list)
{
	int err;

	if (devices->udev)
		err = scan_udev(devices, list);
	else
		err = kfile_list(devices->root, PMU_DEVICES, add_entry, list);
	pmu_list_sort(list);
	return err;
}

/*
 * udev's own events come after its rules ran, so a PMU is first seen with the order that
 * was saved for it; without a running udevd only the kernel's arrive.
 */
static int watch_udev(struct devices *devices)
{
	const char *source = access("/run/udev/control", F_OK) ? "kernel" : "udev";
	struct udev_monitor *monitor;
	int err;

	monitor = udev_monitor_new_from_netlink(devices->udev, source);
	if (!monitor)
		return -errno;
	err = udev_monitor_filter_add_match_subsystem_devtype(monitor, SUBSYSTEM, NULL);
	if (err >= 0) {
		udev_monitor_set_receive_buffer_size(monitor, MONITOR_BUFFER);
		err = udev_monitor_enable_receiving(monitor);
	}
	if (err < 0) {
		udev_monitor_unref(monitor);
		return err;
	}
	devices->monitor = monitor;
	return udev_monitor_get_fd(monitor);
}

static int watch_tree(struct devices *devices)
{
	int dir = kfile_open(devices->root, PMU_DEVICES, O_PATH | O_DIRECTORY);
	char path[32];
	int err = 0;

	if (dir < 0)
		return dir;
	devices->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	/* By descriptor: a path would follow the tree's links out of it. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", dir);
	if (devices->inotify < 0 ||
	    inotify_add_watch(devices->inotify, path,
			      IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO) < 0)
		err = -errno;
	close(dir);
	return err ? err : devices->inotify;
}

int devices_watch(struct devices *devices)
{
	return devices->udev ? watch_udev(devices) : watch_tree(devices);
}

bool devices_changed(struct devices *devices)
{
	struct udev_device *device;
	bool changed = false;
	char events[4096];

	if (devices->monitor) {
		do {
			errno = 0;
			device = udev_monitor_receive_device(devices->monitor);
			changed |= device || errno == ENOBUFS;
			udev_device_unref(device);
		} while (device);
	}
	if (devices->inotify >= 0)
		while (read(devices->inotify, events, sizeof(events)) > 0)
			changed = true;
	return changed;
}
