#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# aux-tune probe on a real kernel: what it says was handed out is what the kernel
# says, the setting is put back whatever happens, its diagnoses are right, and
# fragmented memory changes its advice.
#
# seconds: 900
# vm: patched/pt-multi stock/pt-multi

set -u
# shellcheck source=tests/lib/tap
. "$(dirname "$0")/../lib/tap"
devices=/sys/bus/event_source/devices
out=/run/probe.out err=/run/probe.err

# Output and exit status of a probe.
probe() {
	status=0
	aux-tune probe "$@" > $out 2> $err || status=$?
	[[ " $* " != *" --json "* ]] || cp $out "$documents/$((++nr_documents)).probe"
}

documents=/run/documents nr_documents=0
mkdir -p $documents

# Against the schema that the tool ships with; those of other verbs are missing here.
json_is_valid() {
	local tool=$AUX_TOP/tools/aux-tune
	same "$("$tool/tests/validate.py" "$tool/aux-tune.schema.json" $documents 2>&1 | grep -v ': nothing was printed$')" \
		"" "all JSON is as the schema says"
}

json() { jq -c "$1" $out; }

# until_true COMMAND...: within minutes
until_true() {
	local i
	for ((i = 0; i < 10000; i++)); do
		if "$@"; then
			return 0
		fi
		sleep 0.01
	done
	return 1
}

order_is() { [ "$(<$devices/"$1"/aux_max_order)" = "$2" ]; }
order_is_not() { ! order_is "$@"; }
gone() { ! kill -0 "$1" 2>/dev/null; }
nothing_left() { ! compgen -G '/sys/kernel/tracing/instances/aux-tune*' > /dev/null; }

# nobody COMMAND [KIB]: a shell command of somebody without privileges, and RLIMIT_MEMLOCK
nobody() {
	prlimit --memlock="$((${2:-8192} * 1024))" \
		setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all bash -c "$1"
}

# The order of each block an independent observer sees, above order 0: "9:2"
observed() { aux_map "$@" 2>&1 | sed -n 's/^order \([1-9][0-9]*\): /\1:/p' | xargs; }
reported() { jq -r '[.probes[0].steps[0].chunks | to_entries[] | select(.key > 0 and .value > 0) | "\(.key):\(.value)"] | join(" ")' $out; }

if [ "$AUX_KERNEL" = stock ]; then
	probe intel_pt --size 4M --json
	same $status 6 "stock: the exit status says that there is no policy"
	same "$(json '.probes[0].steps | length')" 1 "stock: the area is mapped as the kernel makes it"
	same "$(json '.probes[0].steps[0].source')" '"tracefs"' "stock: tracefs tells what was handed out"
	same "$(reported)" "$(observed intel_pt 4M)" "stock: the blocks are those another observer sees"
	same "$(json '[.probes[0].steps[0].chunks | to_entries[] | .value * pow(2; .key)] | add')" 1024 \
		"stock: all of the area is accounted for"
	check "stock: nothing is left in tracefs" nothing_left
	probe intel_pt --size 4M
	contains "$(cat $out)" "2 x 2M" "stock: it says so in words, too"
	probe intel_bts --size 4M --mode overwrite --json
	same "$(reported)" "10:1" "stock: intel_bts gets one block in overwrite mode"
	probe intel_pt --orders 0-3
	same $status 6 "stock: orders cannot be chosen"
	probe software
	same $status 4 "stock: software has no AUX area"
	# debugfs would offer tracefs, too.
	umount /sys/kernel/tracing
	umount /sys/kernel/debug
	probe intel_pt --size 4M --json
	same "$(json '.probes[0].steps[0] | .source, .chunks, .mapped' | xargs)" "null null true" \
		"stock: without tracefs what was handed out is not known"
	json_is_valid
	done_testing
	exit
fi

modprobe aux_test_pmu
stats() { awk -v name="$2" '$1 == name { print $2 }' /sys/kernel/debug/perf_aux/"$1"/stats; }
all_stats() { grep -E '^(chunk_alloc_order_|chunk_fallback|area_alloc)' /sys/kernel/debug/perf_aux/"$1"/stats; }

# same_as_statistics PMU ARGUMENTS...: the sum of the steps is what the counters grew by
same_as_statistics() {
	local pmu=$1 before after
	before=$(all_stats "$pmu")
	probe "$@" --json
	after=$(all_stats "$pmu")
	paste <(echo "$before") <(echo "$after") | awk '{ print $1, $4 - $2 }' > /run/kernel
	jq -r '.probes[0].steps as $steps |
	       ([$steps[] | .chunks | to_entries[]] | group_by(.key) | map({key: "\(.[0].key)", value: map(.value) | add}) | from_entries) as $chunks |
	       "area_alloc \($steps | map(select(.mapped)) | length)",
	       "chunk_fallback \([$steps[].chunk_fallback] | add)",
	       (range(0; .max_order? // 11) | empty),
	       ($chunks | to_entries[] | "chunk_alloc_order_\(.key) \(.value)")' $out > /run/tool
	grep -v ' 0$' /run/kernel | sort > /run/kernel.sorted
	grep -v ' 0$' /run/tool | sort > /run/tool.sorted
	same "$(cat /run/tool.sorted)" "$(cat /run/kernel.sorted)" "$* says what the kernel's statistics say"
	same $status 0 "$* ends well"
}

same_as_statistics aux_test_nice --size 4M
same_as_statistics aux_test_nice --size 4M --mode overwrite --orders 2-9
same_as_statistics intel_pt --size 16M --orders 3-10
same_as_statistics intel_bts --size 8M
same_as_statistics aux_test_must --size 2M --mode overwrite
check "settings are what they were" order_is aux_test_nice 0

# The other way to know: without debugfs, tracefs.
probe aux_test_nice --size 4M --json
json '[.probes[0].steps[] | .chunks]' > /run/from-statistics
umount /sys/kernel/debug
probe aux_test_nice --size 4M --json
same "$(json '[.probes[0].steps[] | .source] | unique')" '["tracefs"]' "without debugfs, tracefs tells"
same "$(json '[.probes[0].steps[] | .chunks]')" "$(cat /run/from-statistics)" "and it tells the same"
same "$(json '[.probes[0].steps[] | .chunk_fallback] | add')" 0 "and no fallback"
check "nothing is left in tracefs" nothing_left
mount -t debugfs debugfs /sys/kernel/debug
echo 5 > $devices/intel_pt/aux_max_order
probe intel_pt --size 4M --orders 5 --json
same "$(reported)" "$(observed intel_pt 4M)" "the blocks are those another observer sees"

# A large area at many orders takes long enough to be interrupted; with debugging
# options, a smaller one does.
large=1G
[ "${AUX_FLAVOUR:-plain}" = plain ] || large=128M
start() {
	echo 2 > $devices/intel_pt/aux_max_order
	# A background job of a script ignores SIGINT otherwise.
	env --default-signal=INT aux-tune probe intel_pt --size $large > $out 2> $err &
	pid=$!
	until_true order_is_not intel_pt 2 && child=$(pgrep -P "$pid")
	result $? "a probe is under way"
}

for signal in TERM INT HUP; do
	start
	kill -$signal "$pid"
	wait "$pid"
	same $? $((128 + $(kill -l $signal))) "SIG$signal ends it"
	check "the setting is as it was" order_is intel_pt 2
	check "the child has gone" gone "$child"
done

start
kill -KILL "$pid"
wait "$pid" 2>/dev/null
check "after SIGKILL the child puts the setting back" until_true order_is intel_pt 2
check "and ends" until_true gone "$child"
same "$(stats intel_pt area_live)" 0 "no area is left"

start
kill -KILL "$child"
wait "$pid"
same $? 1 "a child that is killed is a failure"
check "after which the setting is as it was" order_is intel_pt 2
contains "$(cat $err)" "signal 9" "which is said"

start
status=0
aux-tune probe intel_pt --size 1M > /dev/null 2> $err || status=$?
same $status 1 "a second probe of the same PMU is refused"
contains "$(cat $err)" "another probe" "which is said, too"
kill "$pid" 2>/dev/null
wait "$pid"
check "and does not disturb the first" order_is intel_pt 2

start
echo 7 > $devices/intel_pt/aux_max_order
wait "$pid"
same $? 1 "a change by somebody else ends it"
check "and stays" order_is intel_pt 7
contains "$(cat $err)" "somebody else" "which is said as well"
echo 0 > $devices/intel_pt/aux_max_order

# Diagnoses, and what they advise.
nobody 'aux-tune probe intel_pt --size 32M' > $out 2> $err
same $? 5 "more than a user may lock is a matter of permission"
contains "$(cat $err)" "above the hard limit of 8192" "and of a hard limit"
kib=$(sed -n 's/.*ulimit -l \([0-9]*\).*/\1/p' $err)
mlock=$(sed -n 's/.*perf_event_mlock_kb=\([0-9]*\).*/\1/p' $err)
same "$(nobody "aux-tune probe intel_pt --size 32M" "$kib" > $out 2> $err; echo $?)" 0 \
	"RLIMIT_MEMLOCK as advised ($kib KiB) is enough"
same "$(nobody "aux-tune probe intel_pt --size 32M" $((kib - 4)) > $out 2> $err; echo $?)" 5 \
	"and less is not"
old=$(cat /proc/sys/kernel/perf_event_mlock_kb)
echo "$mlock" > /proc/sys/kernel/perf_event_mlock_kb
same "$(nobody 'aux-tune probe intel_pt --size 32M' 0 > $out 2> $err; echo $?)" 0 \
	"perf_event_mlock_kb as advised ($mlock) is enough"
echo $((mlock - 4)) > /proc/sys/kernel/perf_event_mlock_kb
same "$(nobody 'aux-tune probe intel_pt --size 32M' 0 > $out 2> $err; echo $?)" 5 \
	"and less is not, either"
echo "$old" > /proc/sys/kernel/perf_event_mlock_kb
echo 3 > /proc/sys/kernel/perf_event_paranoid
nobody 'aux-tune probe intel_pt --size 64K' > $out 2> $err
same $? 5 "with perf_event_paranoid=3 nobody may trace"
paranoid=$(sed -n 's/.*perf_event_paranoid=\([0-9]*\).*/\1/p' $err)
echo "$paranoid" > /proc/sys/kernel/perf_event_paranoid
nobody 'aux-tune probe intel_pt --size 64K' > $out 2> $err
same $? 0 "with $paranoid, as advised, everybody may"

probe intel_bts --size 8M --mode overwrite
same $status 1 "one chunk of 8M cannot be had"
limit=$(sed -n 's/.*give --size \([0-9]*[KMG]\) or less.*/\1/p' $err)
probe intel_bts --size "$limit" --mode overwrite
same $status 0 "one of $limit can, as it says"
probe intel_pt --readonly --size 1M --json
same "$(json '.probes[0] | .orders, .writes' | xargs)" "[0] false" "--readonly tries today's order only"
probe software
same $status 4 "software has no AUX area"
probe 'aux_test_*' --size 256K --orders 10 --json
same "$(json '[.probes[].pmu]')" '["aux_test_dontcare","aux_test_must","aux_test_nice"]' "a pattern is several PMUs"
aux_traffic -q intel_pt &
traffic=$!
traced() { [ "$(stats intel_pt area_live)" != 0 ]; }
until_true traced
sleep 1
probe intel_bts --size 64K
same $status 1 "a PMU that excludes others is busy"
contains "$(cat $err)" "in use" "and it says so"
kill $traffic
wait $traffic

# Fragmented memory is another machine.
probe intel_pt --size 16M --json
calm=$(json '.probes[0].advice')
contains "$calm" "1 page of tables" "with free memory, tables decide"
same "$(json '[.probes[0].steps[].chunk_fallback] | add')" 0 "nothing came smaller than asked"
aux_fragment 8 > /run/fragment &
fragment=$!
if until_true grep -q ready /run/fragment; then
	# More than there may be in larger blocks, which is some 10 MiB.
	probe intel_pt --size 64M --json
	contains "$(json '.probes[0].advice')" "too fragmented" "in fragmented memory, that decides"
	same "$(json '[.probes[0].steps[:4][].chunk_fallback] | add')" 0 "blocks that are free are had"
	check "larger ones are not" jq -e '.probes[0].steps[9].chunk_fallback > 100' $out
	contains "$(json '.probes[0].advice')" "Order 3" "the largest that is free is what it advises"
	probe intel_bts --size 4M --mode overwrite
	same $status 1 "and one large chunk cannot be had"
	contains "$(cat $err)" "0 such blocks were free" "with the number there is"
else
	result 1 "memory can be fragmented"
fi
kill $fragment

json_is_valid
done_testing
