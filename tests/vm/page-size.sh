#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The tool on pages of any size: orders, their limit, and what they are in KiB are
# those of this kernel, in tables, JSON, the screen, and what a probe finds.
#
# vm: patched/none patched/coresight arm64/coresight
# seconds: 900

set -u
# shellcheck source=tests/lib/tap
. "$(dirname "$0")/../lib/tap"
devices=/sys/bus/event_source/devices
out=/run/page-size.out
export LC_ALL=C.UTF-8 TERM=screen-256color
unset NO_COLOR LINES COLUMNS

page=$(($(getconf PAGESIZE) / 1024))
case $page in
4)  max=10 ;;
16) max=11 ;;
64) max=13 ;;
*)  max=unknown ;;
esac
same "${page}k" "$AUX_PAGE_SIZE" "pages are as large as the kernel was told to have them"
kib() { echo $((page << $1)); }

modprobe aux_test_pmu
order=$devices/aux_test_nice/aux_max_order
same "$(cat $devices/aux_test_must/aux_max_order)" "$max" "MAX_PAGE_ORDER is $max"
check "the largest order can be set" aux-tune set aux_test_nice "$max"
same "$(cat $order)" "$max" "and is set"
check "an order above it is refused" bash -c "! echo $((max + 1)) > $order"
check "by the tool, too" bash -c "! aux-tune set aux_test_nice $((max + 1))"
same "$(cat $order)" "$max" "which leaves it as it was"

# row PMU: its order, and KiB, in the table
row() { aux-tune list | awk -v pmu="$1" '$1 == pmu { print $3, $4 }'; }
json() { aux-tune list --json | jq -c "$1"; }
same "$(json '[.page_size, .max_order]')" "[$((page * 1024)),$max]" \
	"list --json has the size of a page and the largest order"
same "$(aux-tune show --json | jq -c '[.fragmentation[].chunk_kib] | [length, .[0], .[-1]]')" \
	"[$((max + 1)),$page,$(kib "$max")]" "show --json has free memory in blocks of $page to $(kib "$max") KiB"
same "$(row aux_test_must)" "$max $(kib "$max")" "list: order $max of aux_test_must is $(kib "$max") KiB"
for wanted in 0 3 "$max"; do
	aux-tune set aux_test_nice "$wanted" > /dev/null
	same "$(row aux_test_nice)" "$wanted $(kib "$wanted")" "list: order $wanted is $(kib "$wanted") KiB"
	same "$(json '.pmus[] | select(.pmu == "aux_test_nice").chunk_kib')" "$(kib "$wanted")" "list --json: so it is"
	same "$(aux-tune show aux_test_nice | awk '$1 == "KIB" { print $2 }')" "$(kib "$wanted")" "show: so it is"
done
aux-tune set aux_test_nice "$(kib 2)K" > /dev/null
same "$(cat $order)" 2 "set: $(kib 2)K is order 2"
if [ -e $devices/cs_etm ]; then
	same "$(json '.pmus[] | select(.pmu == "cs_etm") | [.kind, .order, .chunk_kib, .access]')" \
		"[\"don't care\",0,$page,\"rw\"]" "cs_etm is listed, with single pages"
fi

# What a probe says was handed out is what the kernel's own tracepoint says.
aux-tune probe aux_test_nice --size "$((page * 64))K" --orders 3 --json > $out
same "$(jq -c '[.probes[0].steps[0].chunks | to_entries[] | select(.value > 0) | [.key, .value]]' $out)" '[[3,8]]' \
	"a probe of 64 pages at order 3 finds 8 chunks"
echo 3 > $order
same "$(aux_map aux_test_nice "$((page * 64))K" 2>&1 | grep '^order' | xargs)" "order 3: 8" \
	"as another observer does"
echo 0 > $order

# Statistics
before=$(awk '$1 == "chunk_alloc_order_'"$max"'" { print $2 }' /sys/kernel/debug/perf_aux/aux_test_must/stats)
aux_map aux_test_must "$(kib "$max")K" overwrite > /dev/null 2>&1
after=$(awk '$1 == "chunk_alloc_order_'"$max"'" { print $2 }' /sys/kernel/debug/perf_aux/aux_test_must/stats)
same $((after - before)) 1 "the largest block there is can be had, and is counted"

# The screen
screen() { tmux -f /dev/null -L page capture-pane -p 2>&1; }
tmux -f /dev/null -L page new-session -d -x 100 -y 30 aux-tune 2>&1
end=$((SECONDS + 150))
until screen | grep -q "? help" || [ $SECONDS -gt $end ]; do
	sleep 0.5
done
contains "$(screen)" "page $page KiB  max order $max ($(kib "$max") KiB)" "the screen says what a page is"
contains "$(screen | grep aux_test_must | tr -s ' ')" " must $max $(kib "$max") " "and what the largest order is"
tmux -f /dev/null -L page kill-server

rmmod aux_test_pmu
done_testing
