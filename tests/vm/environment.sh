#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the test VM promises to whoever runs something in it.
#
# vm: patched/pt-multi patched/pt-single patched/bts patched/none stock/pt-multi stock/none 6.12/pt-multi 6.1/pt-multi arm64/coresight

set -u
# shellcheck source=tests/lib/tap
. "$(dirname "$0")/../lib/tap"
devices=/sys/bus/event_source/devices

case $AUX_KERNEL in
patched) contains "$(uname -r)" -aux "the kernel is our build" ;;
stock)	 contains "$(uname -r)" -stock "the kernel is the stock build" ;;
esac

# registered NAME yes|no
registered() {
	case $2 in
	yes) check "$1 is registered" test -d $devices/"$1" ;;
	no)  check "$1 is not registered" test ! -e $devices/"$1" ;;
	esac
}

case $AUX_CPU in
pt-multi | pt-single) registered intel_pt yes; registered intel_bts yes ;;
bts)		      registered intel_pt no;  registered intel_bts yes ;;
none)		      registered intel_pt no;  registered intel_bts no ;;
esac
if [ "$AUX_ARCH" = arm64 ]; then
	registered cs_etm yes
	sinks=$(ls $devices/cs_etm/sinks 2>&1)
	case $AUX_CPU in
	coresight) same "$sinks" tmc_etr0 "cs_etm has an ETR to trace into" ;;
	none)	   same "$sinks" "" "cs_etm has nothing to trace into" ;;
	esac
fi
case $AUX_CPU in
pt-multi)  same "$(cat $devices/intel_pt/caps/topa_multiple_entries)" 1 "intel_pt has multi-entry ToPA" ;;
pt-single) same "$(cat $devices/intel_pt/caps/topa_multiple_entries)" 0 "intel_pt has single-entry ToPA" ;;
esac

same "$(id -u)" 0 "commands run as root"
check "debugfs is mounted" test -d /sys/kernel/debug/tracing
check "tracefs is mounted" test -e /sys/kernel/tracing/events/kmem/mm_page_alloc
check "udevd runs" udevadm control --ping
check "aux-tune is on PATH" command -v aux-tune
check "perf works" perf stat -e page-faults true
check "modules of this kernel are found" modinfo lkdtm
check "the root file system can be written" touch /usr/written
same "$(stat -f -c %T /)" overlayfs "what is written stays in the guest"

if [ "$AUX_KERNEL" = patched ]; then
	check "the test PMUs' module is found" modinfo aux_test_pmu
	check "the test PMUs are not loaded unasked" test ! -d /sys/module/aux_test_pmu

	# A rule on "add" reaches a PMU that is plugged in later, and coldplug those
	# that have been there since boot.
	mkdir -p /etc/udev/rules.d
	cat > /etc/udev/rules.d/99-test.rules <<-'EOF'
		ACTION=="add", SUBSYSTEM=="event_source", RUN+="/bin/touch /run/seen-$kernel"
	EOF
	udevadm control --reload
	modprobe aux_test_pmu
	udevadm trigger --action=add --subsystem-match=event_source
	udevadm settle
	check "udev sees PMUs that have been there since boot" test -e /run/seen-software
	for device in "$devices"/aux_test*; do
		check "udev sees ${device##*/} come" test -e "/run/seen-${device##*/}"
	done
	rmmod aux_test_pmu
	rm /etc/udev/rules.d/99-test.rules
fi

done_testing
