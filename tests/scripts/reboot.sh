#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Saved orders over real reboots, on a disk; and power cuts while they are saved.
# What is saved in the guest is in its /etc, which has its changes on that disk.
#
# usage: reboot.sh KERNEL_BUILD_DIR
#
# Environment: POWER_CUTS=50 (how many)

# shellcheck disable=SC2016 # commands for the guest

set -u
# shellcheck source=tests/lib/tap
. "$(dirname "$0")/../lib/tap"
top=$(cd "$(dirname "$0")/../.." && pwd)
kernel=$1
cuts=${POWER_CUTS:-50}
export VM_CPU=pt-multi VM_MEM=1G VM_TIMEOUT=${VM_TIMEOUT:-900}
unset VM_KEEP VM_APPEND VM_NODES

for command in mkfs.ext4 e2fsck debugfs; do
	command -v $command > /dev/null || PATH=$PATH:/usr/sbin:/sbin
	command -v $command > /dev/null || skip_all "$command is not installed (make deps)"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export VM_DISK=$work/disk
file=/etc/udev/rules.d/60-aux-tune.rules

new_disk() {
	rm -f "$VM_DISK"
	truncate -s 64M "$VM_DISK"
	mkfs.ext4 -q -F "$VM_DISK"
}

# boot COMMAND: the output in out, the exit status in status
boot() {
	out=$("$top/tests/vm/run" -n "$kernel" "devices=/sys/bus/event_source/devices; file=$file; $1" 2> "$work/err")
	status=$?
	[ $status -eq 0 ] || diag "$(tail -n 20 "$work/err")"
}

# ----- the story -----

new_disk
boot 'modprobe aux_test_pmu && udevadm settle && aux-tune set intel_pt aux_test_nice 5 && aux-tune save'
same $status 0 "orders are set and saved in a fresh system"
boot 'aux-tune get intel_pt && modprobe aux_test_pmu && udevadm settle && aux-tune get aux_test_nice &&
	aux-tune verify > /dev/null && cat $file'
same "$(head -n 2 <<< "$out" | xargs)" "5 5" "after a reboot they are back: the one of a built-in PMU, and of one in a module"
contains "$out" 'KERNEL=="intel_pt"' "because of the rules"
boot 'echo 2 > $devices/intel_pt/aux_max_order; aux-tune verify 2>&1; echo "status $?"; cat $devices/intel_pt/aux_max_order
	echo "# a line of mine" >> $file; aux-tune unsave intel_pt > /dev/null; cat $file'
contains "$out" "intel_pt: order is 2, but $file:" "an echo is a drift"
contains "$out" "status 7" "with its own exit status"
contains "$out" "# a line of mine" "unsave leaves the lines of others"
boot 'aux-tune get intel_pt; modprobe aux_test_pmu; udevadm settle; aux-tune get aux_test_nice; aux-tune unsave > /dev/null; cat $file'
same "$(head -n 2 <<< "$out" | xargs)" "0 5" "after a reboot it has its default, and the other one what is still saved"
contains "$out" "# a line of mine" "which is left of the file in the end"

# ----- power cuts -----

# A file of some pages, a few lines of it ours.  Each save makes another generation of
# it: three orders from 0 to 10, which count it in base 11.
cat > "$work/saves" <<'EOS'
modprobe aux_test_pmu
udevadm settle
file=/etc/udev/rules.d/60-aux-tune.rules
devices=/sys/bus/event_source/devices
sync
echo ready
for ((i = $(($(cat /etc/generation 2> /dev/null || echo 0) + 1)); ; i++)); do
	n=$((i % 1331))
	echo $((n % 11)) > $devices/intel_pt/aux_max_order
	echo $((n / 11 % 11)) > $devices/aux_test_nice/aux_max_order
	echo $((n / 121)) > $devices/aux_test_dontcare/aux_max_order
	aux-tune --quiet save intel_pt aux_test_nice aux_test_dontcare || exit
	echo "saved $n"
done
EOS

for ((i = 0; i < 300; i++)); do
	printf 'KERNEL=="somebody-elses-device-%03d", MODE="0600"\n' $i
done > "$work/others"

rule() {
	echo "ACTION==\"add|change\", SUBSYSTEM==\"event_source\", KERNEL==\"$1\", TEST==\"aux_max_order\", ATTR{aux_max_order}=\"$2\""
}

# expected N: the file's text in generation N, however the lines of ours are sorted
expected() {
	cat "$work/others"
	rule aux_test_dontcare $(($1 / 121))
	rule aux_test_nice $(($1 / 11 % 11))
	rule intel_pt $(($1 % 11))
}

# generation FILE: of the file's text; "broken" unless every byte is as it should be
generation() {
	local text orders n
	orders=$(sed -n 's/.*KERNEL=="\(aux_test_dontcare\|aux_test_nice\|intel_pt\)".*"\([0-9]*\)"$/\2/p' "$1" | xargs)
	text=$(expected 0)
	if [[ $orders =~ ^([0-9]+)\ ([0-9]+)\ ([0-9]+)$ ]]; then
		n=$((BASH_REMATCH[1] * 121 + BASH_REMATCH[2] * 11 + BASH_REMATCH[3]))
		text=$(expected $n)
	fi
	if [ "$text" = "$(cat "$1")" ]; then
		echo "${n:-0}"
	else
		echo broken
	fi
}

# The process that runs the guest, for the power to be cut.
qemu_of() {
	local pid
	for pid in $(ps -o pid= --ppid "$1"); do
		case $(ps -o comm= -p "$pid") in
		qemu*) echo "$pid" ;;
		timeout) qemu_of "$pid" ;;
		esac
	done
}


# said PATTERN COUNT: wait until the guest has said it that often; false when it died first
said() {
	while [ "$(grep -c "$1" "$work/said")" -lt "$2" ]; do
		kill -0 "$vm" || return
		sleep 0.05
	done
}

boot_saves() {
	# What the last one said is not for this one, which may take its time to start.
	: > "$work/said"
	"$top/tests/vm/run" -n "$kernel" "$(cat "$work/saves")" > "$work/said" 2> "$work/err" &
	vm=$!
	said ready 1
	begin=$(date +%s%3N)
	said '^saved' 3
	save_ms=$((($(date +%s%3N) - begin) / 3))
	qemu=$(qemu_of $vm)
	[ -n "$qemu" ] && grep -q '^saved' "$work/said"
} 2> /dev/null

# Any moment of the two saves that follow.
wait_random() {
	sleep "$(awk -v ms="$save_ms" -v random=$RANDOM 'BEGIN { print ms / 1000 * 2 * random / 32768 }')"
}

pull_plug() {
	local log
	kill -KILL "$qemu"
	wait $vm
	log=$(sed -n 's/.*(log: \(.*\))$/\1/p' "$work/err")
	[ -z "$log" ] || rm -rf "${log%/*}"
} 2> /dev/null

# on_disk IMAGE PATH: from the guest's file system, as the next boot would find it
on_disk() { debugfs -R "cat /upper$2" "$1" 2> /dev/null; }

broken=() lost=() tries=0

# examine IMAGE: as at the next boot, after the journal has been replayed
examine() {
	local now last
	tries=$((tries + 1))
	e2fsck -fp "$1" > "$work/fsck" 2>&1
	[ $? -le 1 ] || broken+=("try $tries: the file system: $(tail -n 2 "$work/fsck")")
	on_disk "$1" $file > "$work/found"
	now=$(generation "$work/found")
	last=$(sed -n 's/^saved //p' "$work/frozen" | tail -n 1)
	if [ "$now" = broken ]; then
		broken+=("try $tries: $(wc -c < "$work/found") bytes: $(tail -n 3 "$work/found")")
	# What was said to be saved is there, or what came after it.
	elif [ $(((now - last + 1331) % 1331)) -gt 600 ]; then
		lost+=("try $tries: said $last, found $now")
	fi
}

new_disk
expected 0 > "$work/initial"
debugfs -w "$VM_DISK" > /dev/null 2>&1 <<-END
	mkdir upper
	mkdir upper/etc
	mkdir upper/etc/udev
	mkdir upper/etc/udev/rules.d
	write $work/initial upper/etc/udev/rules.d/60-aux-tune.rules
END

# Twice the plug is pulled. Before that, QEMU is stopped at any of its instructions and
# its disk copied: what would be left if it had been killed there.
saves=0
for boot in 1 2; do
	if ! boot_saves; then
		diag "boot $boot: $(tail -n 3 "$work/said" "$work/err")"
		[ -z "$qemu" ] || pull_plug
		break
	fi
	while [ $tries -lt $((cuts * boot / 2 - 1)) ]; do
		wait_random
		kill -STOP "$qemu" || break
		cp "$work/said" "$work/frozen"
		cp --sparse=always "$VM_DISK" "$work/copy"
		kill -CONT "$qemu"
		examine "$work/copy"
	done
	wait_random
	pull_plug
	cp "$work/said" "$work/frozen"
	examine "$VM_DISK"
	saves=$((saves + $(grep -c '^saved' "$work/said")))
	# For the next boot to go on from.
	generation "$work/found" > "$work/generation"
	debugfs -w "$VM_DISK" > /dev/null 2>&1 <<-END
		write $work/generation upper/etc/generation
	END
done
same "$tries" "$cuts" "the power was cut $cuts times while orders were saved ($saves saves)"
check "each time in the middle of something else" [ "$saves" -gt $((cuts / 2)) ]
same "${#broken[@]}" 0 "none left a broken file"
[ ${#broken[@]} -eq 0 ] || diag "${broken[@]}"
same "${#lost[@]}" 0 "none lost what had been saved"
[ ${#lost[@]} -eq 0 ] || diag "${lost[@]}"
# One of the two is a change, and writes.
boot 'for order in 1 2; do aux-tune --quiet set intel_pt $order && aux-tune --quiet save intel_pt || exit; done
	ls -A /etc/udev/rules.d | grep -c "aux-tune\.rules\.new"; true'
same "$out" 0 "what a cut leaves behind is cleared away by the next save"

done_testing
