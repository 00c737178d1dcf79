// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "policy.h"
#include "text.h"
#include "xalloc.h"

const char *policy_state_name(enum policy_state state)
{
	switch (state) {
	case POLICY_PLANNED:
		return "planned";
	case POLICY_UNCHANGED:
		return "unchanged";
	case POLICY_REFUSED:
		return "refused";
	case POLICY_DONE:
		return "done";
	case POLICY_FAILED:
		return "failed";
	case POLICY_SKIPPED:
		return "skipped";
	}
	return "unknown";
}

__attribute__((format(printf, 4, 5)))
static void stop(struct policy_change *change, enum policy_state state, enum exit_status status,
		 const char *fmt, ...)
{
	va_list ap;

	free(change->reason);
	va_start(ap, fmt);
	change->reason = xvasprintf(fmt, ap);
	va_end(ap);
	change->state = state;
	change->status = status;
}

static char *shell_command(const struct kroot *root, const struct pmu *pmu, int order)
{
	char *path = pmu_order_path(pmu, root);
	char *word = text_shell(path);
	char *command;

	/* "sudo echo 3 > file" opens the file without sudo, the mistake everybody makes. */
	if (geteuid() && kroot_live(root))
		command = xasprintf("echo %d | sudo tee %s", order, word);
	else
		command = xasprintf("echo %d > %s", order, word);
	free(word);
	free(path);
	return command;
}

/* An error of open() or write() on the attribute, in words. */
static void stop_errno(struct policy_change *change, enum policy_state state, int error)
{
	switch (-error) {
	case EACCES:
	case EPERM:
		stop(change, state, STATUS_NO_PERMISSION,
		     geteuid() ? "no permission to change it: root may (sudo aux-tune, or as shown)"
			       : "no permission to change it, though this is root: a security policy forbids it");
		break;
	case EROFS:
		stop(change, state, STATUS_NO_PERMISSION,
		     "sysfs is mounted read-only here, as in a container: change it on the host");
		break;
	case ENOENT:
	case ENODEV:
	case ENXIO:
		stop(change, state, STATUS_NO_PMU, "the PMU has gone away");
		break;
	case EINVAL:
	case ERANGE:
		stop(change, state, STATUS_REFUSED, "the kernel refused order %d: %s",
		     change->want, strerror(-error));
		break;
	default:
		stop(change, state, STATUS_FAILURE, "order %d could not be written: %s",
		     change->want, strerror(-error));
		break;
	}
}

static void check(const struct machine *machine, const struct pmu *pmu, bool readonly,
		  struct policy_change *change)
{
	char *file;
	int err;

	if (pmu->access == AUX_ACCESS_NONE && machine->support != SUPPORT_YES) {
		stop(change, POLICY_REFUSED, STATUS_NO_ATTRIBUTE, "%s",
		     machine_support_text(machine));
		return;
	}
	if (pmu->access == AUX_ACCESS_NONE) {
		stop(change, POLICY_REFUSED, STATUS_REFUSED,
		     "it has no AUX area, so there is no order to set");
		return;
	}
	if (pmu->access == AUX_ACCESS_RO &&
	    (change->want != pmu->order || pmu->order == ORDER_UNKNOWN)) {
		stop(change, POLICY_REFUSED, STATUS_REFUSED,
		     "read-only: it cannot scatter-gather and always gets the largest chunks (%s)",
		     pmu->kind.reason);
		return;
	}
	if (change->want < 0 && machine->max_order == ORDER_UNKNOWN) {
		stop(change, POLICY_REFUSED, STATUS_REFUSED, "order %d is out of range: 0 or more",
		     change->want);
		return;
	}
	if (change->want < 0 || (machine->max_order != ORDER_UNKNOWN &&
				 change->want > machine->max_order)) {
		stop(change, POLICY_REFUSED, STATUS_REFUSED, "order %d is out of range: 0 to %d",
		     change->want, machine->max_order);
		return;
	}
	if (change->want == pmu->order) {
		change->state = POLICY_UNCHANGED;
		return;
	}
	if (readonly) {
		stop(change, POLICY_REFUSED, STATUS_REFUSED,
		     "aux-tune was started with --readonly");
		return;
	}
	file = pmu_order_file(pmu);
	err = kfile_writable(&machine->root, file);
	free(file);
	if (err)
		stop_errno(change, POLICY_REFUSED, err);
}

void policy_plan(const struct machine *machine, const struct pmu *pmu, int want, bool readonly,
		 struct policy_change *change)
{
	*change = (struct policy_change){
		.pmu = xstrdup(pmu->name),
		.state = POLICY_PLANNED,
		.before = pmu->order,
		.want = want == POLICY_DEFAULT ? pmu->default_order : want,
		.after = pmu->order,
	};
	change->command = shell_command(&machine->root, pmu, change->want);
	check(machine, pmu, readonly, change);
}

bool policy_apply(struct machine *machine, struct policy_change *change)
{
	struct pmu *pmu = pmu_list_find(&machine->pmus, change->pmu);
	char text[16];
	char *file;
	int err;

	if (change->state != POLICY_PLANNED)
		return change->state == POLICY_UNCHANGED;
	if (!pmu) {
		stop_errno(change, POLICY_FAILED, -ENODEV);
		return false;
	}

	snprintf(text, sizeof(text), "%d\n", change->want);
	file = pmu_order_file(pmu);
	err = kfile_write(&machine->root, file, text);
	free(file);
	pmu_read(pmu, &machine->root);
	change->after = pmu->order;
	if (err)
		stop_errno(change, POLICY_FAILED, err);
	else if (pmu->order == ORDER_UNKNOWN)
		stop(change, POLICY_FAILED, STATUS_FAILURE,
		     "order %d was written but cannot be read back: %s", change->want,
		     strerror(-pmu->order_error));
	else if (pmu->order != change->want)
		stop(change, POLICY_FAILED, STATUS_FAILURE,
		     "order %d was written but it reads %d", change->want, pmu->order);
	else
		change->state = POLICY_DONE;
	return change->state == POLICY_DONE;
}

void policy_change_clear(struct policy_change *change)
{
	free(change->pmu);
	free(change->command);
	free(change->reason);
	memset(change, 0, sizeof(*change));
}
