#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A walk through the screen of aux-tune on a real kernel: perf maps AUX areas while
# their order is tuned, somebody else changes it, a PMU is unplugged, memory is
# fragmented, the terminal shrinks. Each screen is compared, line by line, with the
# one in Documentation/admin-guide/perf/aux-tune-screens: numbers and lengths of
# bars may differ, everything else may not.
#
# Usage: screens.sh [record]: prints the screens instead, see scripts/record-screens.
#
# vm: patched/pt-multi/screens
# seconds: 900

set -u
# shellcheck source=tests/lib/tap
. "$(dirname "$0")/../lib/tap"

screens=$(dirname "$(readlink -f "$0")")/../../Documentation/admin-guide/perf/aux-tune-screens
devices=/sys/bus/event_source/devices
record=${1-}
tmp=$(mktemp -d)
export LC_ALL=C.UTF-8 TERM=screen-256color
unset NO_COLOR LINES COLUMNS

# A server that is told to end may still take a new session along: each window has its own.
windows=0
server() { tmux -f /dev/null -L "walk$windows" "$@" 2> /dev/null; }
keys() { server send-keys "$@"; }
screen() { server capture-pane -p; }

jobs_of_ours=()
cleanup() {
	server kill-server
	[ ${#jobs_of_ours[@]} -eq 0 ] || kill "${jobs_of_ours[@]}" 2> /dev/null
	rm -rf "$tmp"
}
trap cleanup EXIT

# window COLSxROWS COMMAND: a terminal of this size that runs it
window() {
	server kill-server
	windows=$((windows + 1))
	server new-session -d -x "${1%x*}" -y "${1#*x}" "exec sh -c '$2; echo -- ended --; exec sleep 1000'"
	server set -g status off
	server set -g window-size manual
	server resize-window -x "${1%x*}" -y "${1#*x}"
	sees "? help"
}

eventually() {
	local end=$((SECONDS + 150 * ${PERF_AUX_PATIENCE:-4} / 4))
	while [ $SECONDS -lt $end ]; do
		if "$@"; then
			return 0
		fi
		sleep 0.1
	done
	return 1
}

shows() { screen | grep -qF -- "$1"; }
lacks() { ! shows "$1"; }
matches() { screen | grep -qE -- "$1"; }

# sees TEXT: the screen shows it, sooner or later
sees() {
	if ! eventually shows "$1"; then
		result 1 "the screen shows '$1'"
		screen | sed 's/^/#   |/'
	fi
}

# The longer name of a debug kernel takes the place of other things in the first line.
heading=
[ "${AUX_FLAVOUR:-plain}" = plain ] || heading='/max order [0-9]+ \(/d'

# What of a screen is the same in each run.
skeleton() {
	sed -E -e "$heading" -e 's/[▁▂▃▄▅▆▇█▏▎▍▌▋▊▉]+/#/g' -e 's/Linux [^ ]*/Linux N/' \
		-e 's/\[([0-9]+)\]/\1/' -e 's/^([> ])[*+!]/\1 /' \
		-e 's/[-+]?[0-9]+(m[0-9]+s|[.0-9]*[KMGTs%]?)/N/g' \
		-e 's/^change.*/change/' -e 's/ \(the task was being killed\)//' -e 's/ +/ /g' -e 's/ $//' \
		-e ':again; s/(#|N) \1( |$)/\1\2/; t again'
}

# take NAME DESCRIPTION: the screen as it is now
take() {
	sleep 0.3
	screen | sed 's/ *$//' > "$tmp/$1.txt"
	if [ "$record" = record ]; then
		echo "=== $1"
		cat "$tmp/$1.txt"
		return
	fi
	if diff -u <(skeleton < "$screens/$1.txt") <(skeleton < "$tmp/$1.txt") > "$tmp/diff" 2>&1; then
		result 0 "$2"
	else
		result 1 "$2"
		diag "$(cat "$tmp/diff" "$tmp/$1.txt")"
	fi
}

# Traces with intel_pt, an AUX area of 4 MiB for each CPU, until it is stopped.
trace() {
	perf record -o "$tmp/perf.data" -e intel_pt//u -m,4M -- sleep 1000 > "$tmp/perf.log" 2>&1 &
	perf=$!
	jobs_of_ours+=("$perf")
}
stop_tracing() {
	pkill -INT -P "$perf" sleep
	wait "$perf" 2> /dev/null
}
gone() { ! kill -0 "$1" 2> /dev/null; }

modprobe aux_test_pmu
aux_traffic -q -m 0 aux_test_nice aux_test_must > "$tmp/traffic.log" 2>&1 &
jobs_of_ours+=($!)

# The list: what is there, with two PMUs at work.
window 80x24 aux-tune
sees "> aux_test_dontcare"
eventually matches 'aux_test_must .* 4\.0M'
eventually matches 'aux_test_nice .* 4\.0M'
take list "the list shows PMUs at work"

# Tune intel_pt while perf maps areas: the next area has the chunks asked for.
keys End
sees "> intel_pt"
trace
eventually matches 'intel_pt .* 8\.0M'
sees "made of 2048 x 4K"
keys 3
sees "intel_pt: order 0 -> 3"
sees "made of 2048 x 4K"
eventually lacks "*intel_pt"
take tuned "an order that is set leaves live areas alone"
stop_tracing
sees "none live"
trace
sees "made of 256 x 32K"
take chunks "the next area has chunks of that order"
keys Enter
sees "A LARGER ORDER WOULD"
server resize-window -x 120 -y 50
sees "128 x 32K"
eventually matches '^LAST [1-9]'
take detail "all about it is a page"
keys Escape
server resize-window -x 80 -y 24

keys u
sees "intel_pt: order 3 -> 0 (undone)"
[ "$record" ] || same "$(cat $devices/intel_pt/aux_max_order)" 0 "undo has put the order back"
eventually lacks "*intel_pt"
take undo "undo shows what it did"

# What another shell writes arrives by itself, without waiting for a refresh.
echo 5 > $devices/intel_pt/aux_max_order
sees "intel_pt: order 0 -> 5, changed by somebody else"
take elsewhere "an echo elsewhere is seen"
stop_tracing

# For the next boot, and what that boot would set.
keys s
sees "intel_pt: order 5 saved for boot"
echo 0 > $devices/intel_pt/aux_max_order
sees "order 5 -> 0, changed by somebody else"
keys v
sees "would have another order after a boot"
take verify "what the next boot would set is a page"
keys Escape S
sees "no longer saved"

keys p
sees "Probe of intel_pt"
sees "The order is 0, as before."
[ "$record" ] || same "$(cat $devices/intel_pt/aux_max_order)" 0 "a probe puts the order back"
take probe "a probe is a page"
keys Escape
# One that is stopped puts it back, too.
keys p Escape
sees "stopped after"
[ "$record" ] || same "$(cat $devices/intel_pt/aux_max_order)" 0 "so does one that is stopped"
keys Escape

# A PMU that is unplugged while its area is mapped, by a process that does not get to know: all
# is said, and the next key hits nothing else.
keys Home
sees "> aux_test_dontcare"
keys Down Down
sees "> aux_test_nice"
pkill -STOP aux_traffic
echo aux_test_nice > /sys/kernel/debug/aux_test_pmu/unregister
sees "aux_test_nice has gone away"
sees "1 AUX area of it is still mapped, 4.0M"
keys 4
sees "aux_test_nice has gone away"
take unplugged "a PMU that is unplugged keeps its row while its area is mapped"
sleep 5
keys Up
[ "$record" ] || check "even when it is not selected" shows "xaux_test_nice"
pkill -CONT aux_traffic
[ "$record" ] || check "and then it goes" eventually lacks "xaux_test_nice"
printf '%s\n' "aux_test_nice nice" > /sys/kernel/debug/aux_test_pmu/register
printf '%s\n' "aux_test_other nice" > /sys/kernel/debug/aux_test_pmu/register
sees "aux_test_nice and aux_test_other have appeared"
at_work() { screen | grep -q 'aux_test_nice .*█'; }
eventually at_work
take plugged "all PMUs that have come are named"
echo aux_test_other > /sys/kernel/debug/aux_test_pmu/unregister
keys q

# Fragmented memory: the bars fall off.
aux_fragment 8 > "$tmp/fragment" &
fragment=$!
jobs_of_ours+=("$fragment")
eventually grep -q ready "$tmp/fragment"
window 80x24 aux-tune
keys End
sees "> intel_pt"
keys 3
sees "intel_pt: order 0 -> 3"
keys d
sees "intel_pt: order 3 -> 0"
eventually lacks "*intel_pt"
take fragmented "fragmented memory can be seen"
keys q
kill "$fragment"
eventually gone "$fragment"

# Small terminals.
window 80x24 aux-tune
keys End
sees "> intel_pt"
server resize-window -x 40 -y 10
eventually matches '^max order'
take small "a small terminal is useful"
[ "$record" ] || check "the selection survives" shows "> intel_pt"
server resize-window -x 1 -y 1
sleep 0.3
server resize-window -x 80 -y 24
sees "> intel_pt"
keys q

# Somebody without privileges sees what can be seen, and is told how to get the rest.
window 80x24 "exec setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all aux-tune"
sees "not root"
keys End 3
sees "no permission"
take unprivileged "without privileges it shows what there is, and says what is missing"
keys q

# Without debugfs.
window 80x24 "exec unshare -m sh -c \"umount -l /sys/kernel/debug; exec aux-tune --readonly\""
sees "no statistics: debugfs is not mounted"
keys End +
sees "started with --readonly"
take nodebugfs "without debugfs it says how to mount it"
keys q

[ "$record" ] || done_testing
