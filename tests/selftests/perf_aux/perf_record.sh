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
	local order before status=0
	before=$(cat $SYSFS/intel_pt/aux_max_order)
	for order in 0 3 9; do
		echo $order > $SYSFS/intel_pt/aux_max_order &&
			record "$tmp/pt.data" -e intel_pt//u -m,4M -- true || status=1
	done
	echo "$before" > $SYSFS/intel_pt/aux_max_order
	return $status
}

pt_record_snapshot() {
	record "$tmp/pt.data" -e intel_pt//u -S0x100000 -- true
}

# The trace in the data file is the pattern, from its start, in pieces that each say
# where they are from. perf dumps them as
#	... PERF_RECORD_AUXTRACE size: 0x1008  offset: 0x22110 ...
#	.  00000018:  03 00 00 00 00 00 cd ab ...
trace_is_pattern() {
	awk -v seed=abcd '
	function number(hex,	i, n) {
		sub(/^0x/, "", hex)
		for (i = 1; i <= length(hex); i++)
			n = 16 * n + index("123456789abcdef", substr(hex, i, 1))
		return n + 0
	}
	function wrong(what) {
		print "# byte " pos ": " what
		status = 1
		exit
	}
	/PERF_RECORD_AUXTRACE / {
		for (i = 1; $i != "offset:"; i++)
			if ($i == "size:")
				size = number($(i + 1))
		offset = number($(i + 1))
		if (pos != end)
			wrong("the data is shorter than the record says")
		if (offset != end)
			wrong("the next piece is from " offset)
		end = offset + size
		in_trace = 1
	}
	/^$/ { in_trace = 0 }
	in_trace && /^\. +[0-9a-f]+: / {
		for (i = 3; i + 7 <= NF && i <= 2 + 24 && $i ~ /^[0-9a-f][0-9a-f]$/; i += 8) {
			word = $(i+7) $(i+6) $(i+5) $(i+4) $(i+3) $(i+2) $(i+1) $i
			expected = sprintf("%s%012x", seed, pos / 8)
			if (word != expected)
				wrong(word ", not " expected)
			pos += 8
			nr++
		}
	}
	END {
		print "# " nr " words"
		exit status || pos != end || nr < 5000
	}' "$tmp/dump"
}

# test_pmu_record KIND ORDER
test_pmu_record() {
	local kind=$1 order=$2

	echo "intel_bts $kind" > $TEST_PMU/register || return
	registered=yes
	[ "$kind" = must ] || echo "$order" > $SYSFS/intel_bts/aux_max_order

	# perf has intel_bts follow a thread, not a CPU. It takes the trace for BTS
	# records of 24 bytes, and drops parts of them where it wraps around: write
	# whole ones, and less than the size of the area.
	record "$tmp/test.data" --per-thread -m,4M -e "intel_bts/bytes=1032,seed=$SEED/u" \
		-- bash -c 'for ((i = 0; i < 3000; i++)); do :; done'
	local status=$?
	echo intel_bts > $TEST_PMU/unregister
	registered=
	[ $status -eq 0 ] || return

	trace_is_pattern
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
		ktap_test_result "$name" test_pmu_record $test
	fi
done

ktap_finished
