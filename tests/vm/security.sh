#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What those without privileges see and do, in the places where they are: as nobody,
# as root of a user namespace or of a container, and when the kernel is locked down.
# What is shown to those who have them has no addresses in it. Locks the kernel down,
# so it needs a VM of its own.
#
# seconds: 900
# vm: patched/pt-multi/security

set -u
# shellcheck source=tests/lib/tap
. "$(dirname "$0")/../lib/tap"
devices=/sys/bus/event_source/devices
debugfs=/sys/kernel/debug/perf_aux
tracing=/sys/kernel/tracing
out=/run/security.out err=/run/security.err

modprobe aux_test_pmu
pmus=(aux_test_must aux_test_nice aux_test_dontcare intel_pt intel_bts)
writable=(aux_test_nice aux_test_dontcare intel_pt)

nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all bash -c "$1"; }

# attempt COMMAND...: keeps output, what it says, and its exit status
attempt() {
	status=0
	"$@" > $out 2> $err < /dev/null || status=$?
}

orders() { cat $devices/{aux_test_must,aux_test_nice,aux_test_dontcare,intel_pt,intel_bts}/aux_max_order | xargs; }
defaults=$(orders)

# refused WHO COMMAND...: to write any of them fails, and changes nothing
refused() {
	local who=$1 pmu wrote=''
	shift
	for pmu in "${pmus[@]}"; do
		! "$@" "echo 3 > $devices/$pmu/aux_max_order" 2> $err || wrote+=" $pmu"
	done
	same "$wrote" "" "$who can't write aux_max_order"
	same "$(orders)" "$defaults" "and has not"
}

traffic=''
start_traffic() {
	aux_traffic -q "${writable[@]}" &
	traffic=$!
	for _ in {1..5000}; do
		[ "$(grep -c . $debugfs/areas)" -le ${#writable[@]} ] || return 0
		sleep 0.05
	done
	result 1 "there is traffic"
}
stop_traffic() {
	kill "$traffic"
	wait "$traffic"
}

# ----- modes -----

mode_of() { stat -c '%a %U' "$1"; }
for pmu in "${writable[@]}"; do
	same "$(mode_of $devices/"$pmu"/aux_max_order)" "644 root" "$pmu: everybody may read the order, root may write it"
done
for pmu in aux_test_must intel_bts; do
	same "$(mode_of $devices/"$pmu"/aux_max_order)" "444 root" "$pmu: nobody may write it"
done
same "$(mode_of /sys/kernel/debug)" "700 root" "debugfs is root's"
same "$(mode_of $debugfs/areas)" "400 root" "who has areas is for root only, wherever debugfs is mounted"
same "$(stat -c %a $debugfs/*/stats | sort -u)" 444 "counters are read-only"
same "$(find $debugfs -perm /0222 -type f)" "" "nothing in debugfs can be written"

# ----- nobody -----

for pmu in "${pmus[@]}"; do
	check "nobody reads the order of $pmu" nobody "cat $devices/$pmu/aux_max_order"
done
refused nobody nobody
check "nobody sees no statistics" nobody "! cat $debugfs/intel_pt/stats"
check "nor who has areas" nobody "! cat $debugfs/areas"
check "nor trace events" nobody "! cat $tracing/events/perf_aux/perf_aux_alloc/format"

mount -o remount,mode=755 /sys/kernel/debug
check "where debugfs is open to all, nobody sees statistics" nobody "cat $debugfs/intel_pt/stats"
check "but not who has areas" nobody "! cat $debugfs/areas"
mount -o remount,mode=700 /sys/kernel/debug

attempt nobody "aux-tune list"
same $status 0 "aux-tune list works as nobody"
contains "$(cat $out)" "aux_test_nice" "and lists the PMUs"
attempt nobody "aux-tune get intel_pt"
same "$status $(cat $out)" "0 0" "so does get"
attempt nobody "aux-tune export"
same $status 0 "and export"
attempt nobody "aux-tune set intel_pt 3"
same $status 5 "aux-tune set says with its exit status that permission is missing"
contains "$(cat $err)" "root" "and who has it"
attempt nobody "aux-tune set intel_pt 3 --json"
same "$(jq -r '[.. | strings] | join(" ")' < $out | grep -c -i -e root -e permi)" 1 "so does its JSON"
echo 1 > $devices/intel_pt/aux_max_order
attempt nobody "aux-tune save"
echo 0 > $devices/intel_pt/aux_max_order
same $status 5 "aux-tune save is refused as well"
check "and has written nothing" test ! -e /etc/udev/rules.d/99-aux-tune.rules
attempt nobody "aux-tune show intel_pt"
same $status 0 "aux-tune show works as nobody"
same "$(orders)" "$defaults" "all that changed no order"

# More than anybody may have is refused without a word in the log.
lines() { dmesg | wc -l; }
before=$(lines)
old=$(cat /proc/sys/kernel/perf_event_paranoid)
echo -1 > /proc/sys/kernel/perf_event_paranoid		# no limit at all
for size in 8M 64G 4T; do
	for mode in rw overwrite; do
		attempt nobody "aux-tune probe aux_test_must --size $size --mode $mode"
	done
	attempt nobody "aux-tune probe aux_test_nice --size $size"
done
echo "$old" > /proc/sys/kernel/perf_event_paranoid
same "$(lines)" "$before" "areas that nobody can have don't fill the kernel's log"

# ----- namespaces -----

as_root_of_userns() { nobody "unshare --user --map-root-user bash -c '$1'"; }
check "nobody can have a user namespace" as_root_of_userns "test \$UID = 0"
refused "root of a user namespace" as_root_of_userns
check "sysfs mounted there doesn't help" \
	nobody "unshare --user --map-root-user --net --mount bash -c \
		'mount -t sysfs sysfs /mnt && ! echo 3 > /mnt/bus/event_source/devices/intel_pt/aux_max_order'"
same "$(orders)" "$defaults" "nor has it been written"
check "debugfs can't be mounted there" \
	nobody "unshare --user --map-root-user --mount bash -c '! mount -t debugfs debugfs /mnt'"
attempt as_root_of_userns "aux-tune set intel_pt 3"
same $status 5 "aux-tune set is refused there, too"
attempt as_root_of_userns "aux-tune probe aux_test_nice --size 64M"
same $status 5 "and so is more memory than a user may lock"

start_traffic
check "root sees who has areas" grep -q " $(pgrep -P $traffic | head -n1) aux_traffic " $debugfs/areas
pids=$(unshare --pid --fork --mount-proc cat $debugfs/areas | awk 'NR > 1 { print $3 }' | sort -u)
same "$pids" 0 "from another PID namespace, none of these processes has a PID"

in_container() { unshare --mount bash -c "mount -o remount,bind,ro /sys && { $1; }"; }
attempt in_container "echo 3 > $devices/intel_pt/aux_max_order"
contains "$(cat $err)" "Read-only file system" "where sysfs is read-only, root can't write it either"
attempt in_container "aux-tune set intel_pt 3"
same $status 5 "aux-tune set says so"
contains "$(cat $err)" "ead-only" "by name"
attempt in_container "aux-tune list"
same $status 0 "aux-tune list works there"
attempt in_container "aux-tune set intel_pt 3 --json"
check "JSON says so, too" grep -qi read-only $out
same "$(orders)" "$defaults" "no order has changed"

# ----- no addresses -----

echo 1 > $tracing/events/perf_aux/enable
: > $tracing/trace
stop_traffic
start_traffic
echo -ne '\033[31m\a x' > /proc/$$/comm
aux-tune probe aux_test_must --size 1M > /dev/null
echo bash > /proc/$$/comm
cat $debugfs/areas $debugfs/*/stats > $out
cat $tracing/events/perf_aux/*/format > $out.format
cat $tracing/trace > $out.trace
echo 0 > $tracing/events/perf_aux/enable
stop_traffic

# Addresses of the kernel, and what %p makes of them.
has_addresses() { grep -Eq '(^|[^0-9a-f])(0x)?(ffff[0-9a-f]{12}|0{8}[0-9a-f]{8}|[0-9a-f]{16})([^0-9a-f]|$)' "$@"; }
has_no_addresses() { ! has_addresses "$@"; }
check "addresses would be noticed" has_addresses /proc/kallsyms
check "there were events" grep -q 'perf_aux_alloc: .*outcome=allocated' $out.trace
check "there are no addresses in statistics" has_no_addresses $out
check "nor in the trace" has_no_addresses <(sed -n '/perf_aux/s/.*: perf_aux/perf_aux/p' $out.trace)
same "$(grep -E '\*|unsigned long' <(grep 'field:' $out.format))" "" "nor can there be any in events"
same "$(LC_ALL=C grep -nP '[^\x20-\x7e\n]' $out)" "" "there is nothing but text in statistics"

# ----- lockdown -----

mount -t securityfs securityfs /sys/kernel/security 2>/dev/null
lockdown=/sys/kernel/security/lockdown
if [ ! -w $lockdown ]; then
	skip "the kernel can be locked down" "no CONFIG_SECURITY_LOCKDOWN_LSM"
	done_testing
	exit
fi
for level in integrity confidentiality; do
	echo $level > $lockdown
	contains "$(cat $lockdown)" "[$level]" "the kernel is locked down for $level"
	check "$level: debugfs is closed where it can be written" \
		bash -c "! echo aux_test_more nice > /sys/kernel/debug/aux_test_pmu/register"
	check "$level: statistics can be read" cat $debugfs/intel_pt/stats
	check "$level: who has areas can be read" cat $debugfs/areas
	check "$level: an order can be set" bash -c "echo 2 > $devices/intel_pt/aux_max_order"
	attempt aux-tune list --json
	same "$status $(jq -r '.pmus[] | select(.pmu == "intel_pt") | .order' $out)" "0 2" "$level: aux-tune shows it"
	attempt aux-tune probe intel_pt --size 1M
	same $status 0 "$level: areas can be mapped"
	echo 0 > $devices/intel_pt/aux_max_order
done
check "confidentiality: the trace can't be read" bash -c "! cat $tracing/trace"

done_testing
