#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# perf record with AUX areas: of intel_pt as it is, and of a test PMU under a name
# that perf knows how to record, whose trace is read back word by word.

DIR="$(dirname "$(readlink -f "$0")")"
# shellcheck source=/dev/null
. "$DIR"/../kselftest/ktap_helpers.sh

TEST_PMU=/sys/kernel/debug/aux_test_pmu
SYSFS=/sys/bus/event_source/devices
SEED=43981	# 0xabcd

ktap_print_header

[ "$(id -u)" -eq 0 ] || { ktap_skip_all "needs root"; exit "$KSFT_SKIP"; }
perf --version > /dev/null 2>&1 || { ktap_skip_all "no perf"; exit "$KSFT_SKIP"; }

tmp=$(mktemp -d)
registered=
cleanup() {
	[ -z "$registered" ] || echo intel_bts > $TEST_PMU/unregister
	rm -rf "$tmp"
}
trap cleanup EXIT

# recorded FILE PMU EVENT...: perf record succeeds, and perf can read what it wrote
record() {
	local data=$1
	shift
	if ! perf record -o "$data" "$@" > "$tmp/record.log" 2>&1; then
		sed 's/^/# /' "$tmp/record.log"
		return 1
	fi
	if ! perf report -D -i "$data" > "$tmp/dump" 2> "$tmp/report.log"; then
		sed 's/^/# /' "$tmp/report.log"
		return 1
	fi
}

pt_record() {
	record "$tmp/pt.data" -e intel_pt//u -- true &&
		grep -q PERF_RECORD_AUXTRACE_INFO "$tmp/dump" &&
		grep -q PERF_RECORD_ITRACE_START "$tmp/dump"
}

# Sizes as perf rounds them, with each order.
pt_record_orders() {
	local order before
	before=$(cat $SYSFS/intel_pt/aux_max_order)
	for order in 0 3 9; do
		echo $order > $SYSFS/intel_pt/aux_max_order &&
			record "$tmp/pt.data" -e intel_pt//u -m,4M -- true || return
	done
	echo "$before" > $SYSFS/intel_pt/aux_max_order
}

pt_record_snapshot() {
	record "$tmp/pt.data" -e intel_pt//u -S4M -- true
}

# The trace in the data file, one 64-bit word per line, in hexadecimal. perf dumps
# it as ".  00000000:  00 11 22 ..." after each PERF_RECORD_AUXTRACE.
words() {
	awk '/PERF_RECORD_AUXTRACE / { n++ }
	     /^\. +[0-9a-f]+: / {
		sub(/^\. +[0-9a-f]+: */, "")
		for (i = 1; i <= NF && i <= 16 && $i ~ /^[0-9a-f][0-9a-f]$/; i++) {
			word = $i word
			if (++bytes == 8) { print word; word = ""; bytes = 0 }
		}
	     }' "$tmp/dump"
}

# test_pmu_record KIND ORDER PERF_OPTION...
test_pmu_record() {
	local kind=$1 order=$2
	shift 2

	echo "intel_bts $kind" > $TEST_PMU/register || return
	registered=yes
	[ "$kind" = must ] || echo "$order" > $SYSFS/intel_bts/aux_max_order

	record "$tmp/test.data" -e "intel_bts/bytes=4104,seed=$SEED,period_us=2000/u" "$@" \
		-- perf bench --format=simple sched messaging -l 20
	local status=$?
	echo intel_bts > $TEST_PMU/unregister
	registered=
	[ $status -eq 0 ] || return

	words | awk -v seed=abcd '
		{ expected = sprintf("%s%012x", seed, NR - 1) }
		$1 != expected { print "# word " NR - 1 ": " $1 ", not " expected; exit }
		END { print "# " NR " words"; exit $1 != expected || NR < 10000 }'
}

ktap_set_plan 6

if [ -d $SYSFS/intel_pt ]; then
	ktap_test_result "perf_record.intel_pt" pt_record
	ktap_test_result "perf_record.intel_pt_snapshot" pt_record_snapshot
	if [ -w $SYSFS/intel_pt/aux_max_order ] &&
	   [ "$(stat -c %a $SYSFS/intel_pt/aux_max_order)" = 644 ]; then
		ktap_test_result "perf_record.intel_pt_orders" pt_record_orders
	else
		ktap_test_skip "perf_record.intel_pt_orders (not writable)"
	fi
else
	ktap_test_skip "perf_record.intel_pt (no intel_pt)"
	ktap_test_skip "perf_record.intel_pt_snapshot (no intel_pt)"
	ktap_test_skip "perf_record.intel_pt_orders (no intel_pt)"
fi

[ -d $TEST_PMU ] || modprobe -q aux_test_pmu
if [ -d $SYSFS/intel_bts ]; then
	reason="there is an intel_bts"
elif ! grep -q GenuineIntel /proc/cpuinfo; then
	reason="perf records intel_bts on Intel CPUs only"
elif ! [ -d $TEST_PMU ]; then
	reason="no module aux_test_pmu"
else
	reason=
fi
for test in "must 0" "nice 0" "nice 4"; do
	name=perf_record.test_pmu_${test/ /_}
	if [ -n "$reason" ]; then
		ktap_test_skip "$name ($reason)"
	else
		# shellcheck disable=SC2086
		ktap_test_result "$name" test_pmu_record $test -m,256K
	fi
done

ktap_finished
