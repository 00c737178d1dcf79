#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The point of it all: the blocks an AUX area of 4 MiB takes, as counted by the
# kernel's own kmem:mm_page_alloc, with the change and without.  Single pages are
# what is left when the larger blocks are counted, see aux_map.
#
# vm: patched/pt-multi stock/pt-multi

set -u
# shellcheck source=tests/lib/tap
. "$(dirname "$0")/../lib/tap"

blocks() { aux_map "$@" 2>&1 | grep '^order' | xargs; }

if [ "$AUX_KERNEL" = stock ]; then
	same "$(blocks intel_pt 4M)" "order 9: 2" "stock: intel_pt takes two blocks of order 9"
	check "stock: there is no attribute" test ! -e /sys/bus/event_source/devices/intel_pt/aux_max_order
else
	attribute=/sys/bus/event_source/devices/intel_pt/aux_max_order
	same "$(blocks intel_pt 4M)" "order 0: 1024" "intel_pt takes 1024 pages by default"
	echo 3 > $attribute
	same "$(cat $attribute)" 3 "the order can be set"
	same "$(blocks intel_pt 4M)" "order 3: 128" "the order set is the one used"
	echo 10 > $attribute
	same "$(blocks intel_pt 4M)" "order 9: 2" "the old behaviour can be had back"
	echo 0 > $attribute
	same "$(blocks intel_bts 4M overwrite)" "order 10: 1" "intel_bts gets its one block in overwrite mode"
fi

done_testing
