#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A udev rule that sets aux_max_order when a PMU is added: the default must be in
# place by then, and stay out of its way.

DIR="$(dirname "$(readlink -f "$0")")"
# shellcheck source=/dev/null
. "$DIR"/../kselftest/ktap_helpers.sh

PMU=aux_test_udev
RULES=/run/udev/rules.d/60-perf_aux_selftest.rules
TEST_PMU=/sys/kernel/debug/aux_test_pmu
SYSFS=/sys/bus/event_source/devices
NR_TURNS=3

ktap_print_header

[ "$(id -u)" -eq 0 ] || { ktap_skip_all "needs root"; exit "$KSFT_SKIP"; }
[ -d $TEST_PMU ] || modprobe -q aux_test_pmu
[ -d $TEST_PMU ] || {
	ktap_skip_all "no module aux_test_pmu (CONFIG_PERF_AUX_TEST_PMU)"
	exit "$KSFT_SKIP"
}
udevadm control --ping --timeout=10 2>/dev/null || {
	ktap_skip_all "no udevd runs"
	exit "$KSFT_SKIP"
}

unregister() {
	echo $PMU > $TEST_PMU/unregister
} 2>/dev/null

cleanup() {
	unregister
	rm -f $RULES
	udevadm control --reload
}
trap cleanup EXIT

# The first rule matches the default: it is there when udev looks. The second one
# is the one that administrators write.
mkdir -p "$(dirname $RULES)"
cat > $RULES <<-EOF
	ACTION=="add", KERNEL=="$PMU", ATTR{aux_max_order}=="0", ENV{AUX_DEFAULT}="0"
	ACTION=="add", SUBSYSTEM=="event_source", KERNEL=="$PMU", ATTR{aux_max_order}="5"
EOF
udevadm control --reload

# value KIND: what the attribute is once udev is done
value() {
	unregister
	echo "$PMU $1" > $TEST_PMU/register || return
	udevadm settle --timeout=20
	cat $SYSFS/$PMU/aux_max_order
}

# each_time KIND EXPECTED
each_time() {
	local i seen
	for ((i = 0; i < NR_TURNS; i++)); do
		seen=$(value "$1")
		[ "$seen" = "$2" ] || { ktap_print_msg "turn $i: $seen, not $2"; return 1; }
	done
}

default_is_there() {
	value nice > /dev/null
	udevadm info --path=$SYSFS/$PMU | grep -qx 'E: AUX_DEFAULT=0' || {
		# shellcheck disable=SC2046
		ktap_print_msg $(udevadm info --path=$SYSFS/$PMU)
		return 1
	}
}

max=$(cat $SYSFS/aux_test_must/aux_max_order)

ktap_set_plan 5
ktap_test_result "udev.nice_set_on_add" each_time nice 5
ktap_test_result "udev.dontcare_set_on_add" each_time dontcare 5
ktap_test_result "udev.must_stays" each_time must "$max"
ktap_test_result "udev.default_there_on_add" default_is_there

# As "udevadm trigger" does for rules that came later.
sed -i 's/ACTION=="add"/ACTION=="add|change"/; s/="5"/="7"/' $RULES
udevadm control --reload
change_applies() {
	value nice > /dev/null
	echo 1 > $SYSFS/$PMU/aux_max_order
	udevadm trigger --action=change --settle $SYSFS/$PMU
	[ "$(cat $SYSFS/$PMU/aux_max_order)" = 7 ]
}
ktap_test_result "udev.set_on_change" change_applies

ktap_finished
