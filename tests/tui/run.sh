#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Usage: run.sh AUX-TUNE [NAME...]: plays keys to the screen in tmux and compares what a person
# would see with expected/NAME.txt. UPDATE=1 writes those files instead: read them before
# they are committed. Prints TAP.
set -u
here=$(dirname "$(readlink -f "$0")")
mktree=$here/../../tools/aux-tune/tests/mktree.sh
tool=$(readlink -f "$1")
shift
only=" $* "

command -v tmux > /dev/null || { echo "1..0 # SKIP tmux is not installed"; exit 0; }

tmp=$(mktemp -d)
# A server of our own, that knows nothing of the user's.
export TMUX_TMPDIR=$tmp
unset TMUX LINES COLUMNS NO_COLOR
# A server that is told to end may still take a new session along: each run has its own.
runs=0
server() { tmux -f /dev/null -L "tui$runs" "$@" 2> /dev/null; }

cleanup() {
	server kill-server
	rm -rf "$tmp"
}
trap cleanup EXIT

count=0
failures=0
prelude=		# shell commands that run before the tool

# begin NAME KIND COLSxROWS [VAR=VALUE...] [-- OPTION...]: the tool on a fresh tree. Paths are
# relative to a directory of its own, so that they are the same in every run.
begin() {
	local size=$3
	name=$1
	why=()
	[ "$only" = "  " ] || [[ $only = *" $name "* ]] || return 1
	server kill-server
	runs=$((runs + 1))
	rm -rf "$tmp/run"
	mkdir -p "$tmp/run"
	"$mktree" "$2" "$tmp/run/tree"
	shift 3
	environment=(HOME="$tmp" LC_ALL=C.UTF-8 TERM=screen-256color)
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		environment+=("$1")
		shift
	done
	[ $# -eq 0 ] || shift
	cat > "$tmp/run/start" <<-END
	cd $tmp/run
	$prelude
	stty -a > before
	env ${environment[@]} sh -c 'echo \$\$ > pid; exec "\$@"' sh $tool --root tree $* 2> err
	echo \$? > status
	stty -a > after
	echo "-- ended --"
	exec sleep 1000
	END
	server new-session -d -x "${size%x*}" -y "${size#*x}" "exec sh $tmp/run/start"
	server set -g status off
	server set -g window-size manual
	server resize-window -x "${size%x*}" -y "${size#*x}"
}

keys() { server send-keys "$@"; }

screen() { server capture-pane -p; }

pid() { cat "$tmp/run/pid"; }

fail() { why+=("$*"); }

# Waits until the condition, a command, is true.
eventually() {
	for _ in $(seq 2000); do
		"$@" && return 0
		sleep 0.03
	done
	return 1
}

shows() { screen | grep -qF -- "$1"; }
lacks() { ! shows "$1"; }

wait_for() { eventually shows "$1" || { fail "never shows: $1"; screen > "$tmp/got"; }; }
wait_gone() { eventually lacks "$1" || { fail "still shows: $1"; screen > "$tmp/got"; }; }

same() { screen > "$tmp/got"; cmp -s "$tmp/got" "$1"; }

# expect [FILE]: the whole screen, line by line.
expect() {
	local file=$here/expected/${1:-$name}.txt
	if [ "${UPDATE:-0}" = 1 ]; then
		sleep 0.5
		screen > "$file"
	else
		eventually same "$file" || fail "screen differs from $file"
	fi
}

ended() { shows "-- ended --"; }

end() {
	local w
	count=$((count + 1))
	if [ ${#why[@]} -eq 0 ]; then
		echo "ok $count - tui: $name"
	else
		failures=$((failures + 1))
		echo "not ok $count - tui: $name"
		printf '# %s\n' "${why[@]}"
		for w in "${why[@]}"; do
			[ "${w#screen differs from }" = "$w" ] ||
				diff -u "${w#screen differs from }" "$tmp/got" | sed 's/^/#   /'
		done
		[ ! -s "$tmp/got" ] || sed 's/^/#   |/' "$tmp/got"
	fi
	rm -f "$tmp/got"
}

attribute() { echo "$tmp/run/tree/sys/bus/event_source/devices/$1/aux_max_order"; }

# The first screen, at every size people have. With an interval of an hour nothing of it changes
# with time.
for size in 80x24 40x10 200x60; do
	begin "first-$size" patched "$size" -- -d 3600 && { expect; end; }
done

# Statistics of the selected PMU: in words, and where there is room with histogram and areas.
for size in 80x24 200x60 80x60 40x10; do
	begin "stats-$size" patched "$size" -- -d 3600 && {
		wait_for "> aux_test"
		keys End
		wait_for "> intel_pt"
		expect
		end
	}
done

begin stats-ascii-200x60 patched 200x60 LC_ALL=C -- -d 3600 && {
	wait_for "> aux_test"
	keys End
	wait_for "> intel_pt"
	expect
	end
}

begin stats-missing-80x24 nodebugfs 80x24 && {
	wait_for "no statistics: "
	expect
	end
}

begin stats-hostile-200x60 hostile 200x60 -- -d 3600 && {
	wait_for "> *"
	keys Down Down Down Down Down Down Down Down
	wait_for "> good"
	expect
	end
}

begin stats-change-80x24 patched 80x24 -- -d 0.2 && {
	wait_for "> aux_test"
	sed -i 's/^area_fail_setup .*/area_fail_setup 77/' \
		"$tmp/run/tree/sys/kernel/debug/perf_aux/intel_pt/stats"
	wait_for "17   77 ...▂"
	wait_for " !intel_pt"
	end
}

begin stock-80x24 stock 80x24 && {
	expect
	keys Down +
	wait_for "cpu: this kernel has no aux_max_order"
	end
}

begin hostile-80x24 hostile 80x24 && {
	expect
	end
}

begin ascii-80x24 patched 80x24 LC_ALL=C && {
	expect
	end
}

begin change-80x24 patched 80x24 && {
	wait_for "> aux_test_dontcare"
	keys End + Right
	wait_for "intel_pt: order 1 -> 2"
	expect
	[ "$(cat "$(attribute intel_pt)")" = 2 ] || fail "not written"
	keys 5
	wait_for "order 2 -> 5"
	keys -
	wait_for "order 5 -> 4"
	keys Left
	wait_for "order 4 -> 3"
	keys m
	wait_for "order 3 -> 10"
	keys +
	wait_for "out of range: 0 to 10"
	keys d
	wait_for "order 10 -> 0"
	keys d
	wait_for "order is 0 already"
	keys -
	wait_for "out of range"
	end
}

begin undo-80x24 patched 80x24 && {
	wait_for "> aux_test_dontcare"
	keys u
	wait_for "nothing to undo"
	keys End 3 + 
	wait_for "intel_pt: order 3 -> 4"
	keys Up Up 2
	wait_for "aux_test_nice: order 0 -> 2"
	keys u
	wait_for "aux_test_nice: order 2 -> 0 (undone)"
	# Of another PMU than the selected one, which it selects to show what it does.
	keys u
	wait_for "intel_pt: order 4 -> 3 (undone)"
	wait_for ">*intel_pt"
	expect
	keys U
	wait_for "intel_pt: order 3 -> 4 (redone)"
	keys C-r
	wait_for "aux_test_nice: order 0 -> 2 (redone)"
	keys U
	wait_for "nothing to redo"
	# What somebody else has set in the meantime is not overwritten at once.
	echo 7 > "$(attribute aux_test_nice)"
	wait_for "changed by somebody else"
	keys u
	wait_for "aux_test_nice: somebody else has set order 7 since; u again sets 0"
	[ "$(cat "$(attribute aux_test_nice)")" = 7 ] || fail "overwritten"
	# Nor is what is set after the warning.
	echo 5 > "$(attribute aux_test_nice)"
	wait_for "aux_test_nice: order 7 -> 5, changed by somebody else"
	keys u
	wait_for "aux_test_nice: somebody else has set order 5 since; u again sets 0"
	[ "$(cat "$(attribute aux_test_nice)")" = 5 ] || fail "overwritten"
	keys u
	wait_for "aux_test_nice: order 5 -> 0 (undone)"
	# A change of one's own ends what could be redone.
	keys 1
	wait_for "aux_test_nice: order 0 -> 1"
	keys U
	wait_for "nothing to redo"
	mv "$tmp/run/tree/sys/bus/event_source/devices/aux_test_nice" "$tmp/run/"
	wait_for "aux_test_nice has gone away"
	keys u
	wait_for "cannot undo order 0 -> 1: aux_test_nice has gone away"
	end
}

begin filter-80x24 patched 80x24 && {
	wait_for "> aux_test_dontcare"
	keys /
	wait_for "show names with: _"
	keys I N T
	wait_for "show names with: INT_"
	wait_gone "  aux_test_nice"
	wait_for "> intel_bts"
	expect
	keys Enter Down 4
	wait_for "intel_pt: order 0 -> 4"
	wait_gone "aux_test_nice"
	# What is hidden is told of all the same.
	echo 2 > "$(attribute aux_test_nice)"
	wait_for "aux_test_nice: order 0 -> 2, changed by somebody else"
	# While it is typed, no key changes what it happens to select.
	keys F4 Right F8 F7 F9 F2
	wait_for "show names with: INT_"
	keys BSpace T
	wait_for "show names with: INT_"
	[ "$(cat "$(attribute intel_pt)")" = 4 ] || fail "changed while a filter was typed"
	[ ! -e "$tmp/run/tree/etc/udev/rules.d/60-aux-tune.rules" ] ||
		fail "saved while a filter was typed"
	keys BSpace BSpace BSpace x y
	wait_for "no PMU has this in its name"
	keys 5 +
	wait_for "show names with: xy5+_"
	keys Escape
	wait_for ">*intel_pt"
	wait_for "  aux_test_nice"
	keys / 'i*_b' BSpace BSpace 's' C-u '*_bts' Enter
	wait_for "> intel_bts"
	wait_gone "intel_pt"
	keys Escape
	wait_for "  intel_pt"
	end
}

begin function-keys-80x24 patched 80x24 && {
	wait_for "> aux_test_dontcare"
	keys F8
	wait_for "order 0 -> 1"
	keys F7
	wait_for "order 1 -> 0"
	keys 6
	wait_for "order 0 -> 6"
	keys F9
	wait_for "order 6 -> 0"
	keys F1
	wait_for "this page"
	keys Escape
	wait_gone "this page"
	keys F10
	eventually ended || fail "did not end"
	end
}

# As a terminal sends it: button, column and row, each from 32, and from 33 on.
click() { server send-keys -l "$(printf '\033[M%b' "\\x$(printf %x $((32 + $1)))\\x$(printf %x $((33 + $2)))\\x$(printf %x $((33 + $3)))")"; }

begin mouse-80x24 patched 80x24 && {
	wait_for "> aux_test_dontcare"
	row=$(screen | grep -n '  aux_test_nice' | cut -d: -f1)
	click 0 5 $((row - 1))
	wait_for "> aux_test_nice"
	click 65 5 3
	wait_for "> intel_pt"
	click 64 5 3
	wait_for "> aux_test_must"
	click 0 5 1
	keys 3
	wait_for "aux_test_must: read-only"
	end
}

# All about one PMU, on a page that scrolls where it must, and is current.
begin detail-80x24 patched 80x24 -- -d 0.2 && {
	wait_for "> aux_test_dontcare"
	keys End Enter
	wait_for "A LARGER ORDER WOULD"
	keys NPage
	wait_for "(more above)"
	wait_for "4711"
	sed -i 's/^area_fail_setup .*/area_fail_setup 77/' \
		"$tmp/run/tree/sys/kernel/debug/perf_aux/intel_pt/stats"
	wait_for "77 x the driver refused it"
	keys 3
	wait_for "intel_pt: order 0 -> 3"
	keys Home
	wait_for "8 pages, 32 KiB (order 3"
	keys q
	wait_for ">*intel_pt"
	keys End Up i
	wait_for "NOTHING TO CHOOSE"
	keys '?'
	wait_for "this page"
	keys Escape
	wait_for "NOTHING TO CHOOSE"
	keys Escape
	wait_for "> intel_bts"
	end
}

begin detail-200x60 patched 200x60 && {
	wait_for "> aux_test_dontcare"
	keys End Enter
	wait_for "A LARGER ORDER WOULD"
	sed_ages='s/^LAST [0-9]*s /LAST Ns /'
	screen | sed "$sed_ages" | grep -q "LAST Ns" || fail "no time line"
	wait_for "HANDED OUT"
	wait_for "perf record"
	end
}

begin zones-80x24 patched 80x24 && {
	wait_for "> aux_test_dontcare"
	keys z
	wait_for "0 DMA32"
	expect
	keys z
	wait_gone "0 DMA32"
	end
}

# The kernel tells of areas of a PMU that was unregistered while they were mapped.
# Saved for boot, compared with what a boot would set, and forgotten.
begin save-80x24 patched 80x24 -- -d 0.2 && {
	rules="$tmp/run/tree/etc/udev/rules.d/60-aux-tune.rules"
	mkdir -p "${rules%/*}"
	wait_for "> aux_test_dontcare"
	keys End 3 s
	wait_for "intel_pt: order 3 saved for boot in tree/etc/udev/rules.d/60-aux-tune.rules"
	wait_for "$ aux-tune save intel_pt --root tree"
	grep -q 'KERNEL=="intel_pt".*ATTR{aux_max_order}="3"' "$rules" || fail "not saved"
	keys s
	wait_for "intel_pt: order 3 is saved already"
	keys 4
	wait_for "  3!"
	keys v
	wait_for "1 of 5 would have another order after a boot"
	expect
	# On a page without the selected PMU no key changes it.
	keys 7 s d
	sleep 0.2
	[ "$(cat "$(attribute intel_pt)")" = 4 ] || fail "changed on the wrong page"
	keys q
	# A rule that somebody else writes.
	sed -i 's/"3"/"4"/' "$rules"
	wait_gone "  3!"
	wait_for "saved 4)"
	keys v
	wait_for "each PMU would have the order it has now"
	keys Escape S
	wait_for "intel_pt: order 4 is no longer saved"
	! grep -qs intel_pt "$rules" || fail "still saved"
	keys Home Down s
	wait_for "aux_test_must: "
	end
}

# A probe needs the machine itself; in the VM there is one.
begin probe-refused-80x24 patched 80x24 && {
	wait_for "> aux_test_dontcare"
	keys p
	wait_for "an area can be mapped on the running system only"
	end
}

begin orphans-80x24 patched 80x24 -- -d 0.2 && {
	wait_for "> aux_test_dontcare"
	keys End
	mv "$tmp/run/tree/sys/bus/event_source/devices/intel_pt" "$tmp/run/"
	wait_for "intel_pt has gone away"
	keys Up
	sleep 4.5
	shows " xintel_pt" || fail "its row went although areas of it are mapped"
	keys Down
	wait_for "2 AUX areas of it are still mapped, 8.0M"
	expect
	printf 'pmu cpu pid comm pages mode max_order node age_ms chunks\n' > \
		"$tmp/run/tree/sys/kernel/debug/perf_aux/areas"
	keys Up
	wait_gone "xintel_pt"
	wait_for "AUX 0 live"
	end
}

# A tree of a machine with other pages than this one.
begin pages-64k-200x60 64k 200x60 && {
	wait_for "page 64 KiB  max order 13 (524288 KiB)"
	wait_for "usable at order 0"
	end
}

begin memory-change-80x24 patched 80x24 -- -d 0.2 && {
	wait_for "> aux_test_dontcare"
	sed -i 's/4791   2561/4800   2500/' "$tmp/run/tree/proc/buddyinfo"
	wait_for "(-452K since the start)"
	wait_for "change        +9   -61"
	end
}

begin trouble-80x24 patched 80x24 -- -d 0.2 && {
	wait_for "> aux_test_dontcare"
	sed -i 's/^chunk_fallback .*/chunk_fallback 99/' \
		"$tmp/run/tree/sys/kernel/debug/perf_aux/intel_pt/stats"
	wait_for " !intel_pt"
	wait_gone " !intel_pt"
	end
}

begin refused-80x24 patched 80x24 && {
	wait_for "> aux_test_dontcare"
	keys Down 3
	wait_for "read-only: it cannot scatter-gather"
	expect
	[ "$(cat "$(attribute aux_test_must)")" = 10 ] || fail "written all the same"
	end
}

begin readonly-40x10 patched 40x10 -- --readonly && {
	wait_for "> aux_test"
	keys +
	wait_for "--readonly"
	expect
	end
}

begin help-80x24 patched 80x24 && {
	wait_for "> aux_test_dontcare"
	keys '?'
	expect
	keys '?'
	wait_for "> aux_test_dontcare"
	end
}

begin help-40x10 patched 40x10 && {
	wait_for "> aux_test"
	keys h
	wait_for "Keys"
	keys Down Down Down x
	expect
	end
}

begin elsewhere-80x24 patched 80x24 && {
	wait_for "> aux_test_dontcare"
	echo 6 > "$(attribute intel_pt)"
	wait_for "intel_pt: order 0 -> 6, changed by somebody else"
	expect
	# The mark goes by itself, the value stays.
	wait_gone " *intel_pt"
	wait_for "intel_pt          nice           6  256"
	end
}

begin hotplug-80x24 patched 80x24 && {
	wait_for "> aux_test_dontcare"
	keys End Up
	wait_for "> intel_bts"
	mkdir -p "$tmp/run/new/aa_first"
	echo 40 > "$tmp/run/new/aa_first/type"
	echo 1 > "$tmp/run/new/aa_first/aux_max_order"
	mv "$tmp/run/new/aa_first" "$tmp/run/tree/sys/bus/event_source/devices/"
	wait_for "aa_first has appeared"
	# Selected by name: the row that moved down is still the one.
	expect hotplug-new-80x24
	mv "$tmp/run/tree/sys/bus/event_source/devices/intel_bts" "$tmp/run/"
	wait_for "aa_first has appeared; intel_bts has gone away"
	# The selection does not fall on whatever comes next.
	expect hotplug-gone-80x24
	keys 4
	wait_for "intel_bts has gone away"
	[ "$(cat "$(attribute intel_pt)")" = 0 ] || fail "the wrong PMU was changed"
	keys Down
	wait_for "> intel_pt"
	wait_gone "gone    "
	mv "$tmp/run/intel_bts" "$tmp/run/tree/sys/bus/event_source/devices/"
	wait_for " +intel_bts"
	wait_for "intel_bts ha"
	end
}

# With the last PMU that has an AUX area the list turns into one of all PMUs, and back.
begin last-aux-pmu-80x24 noaux 80x24 && {
	wait_for "there is no chunk order to tune"
	mkdir -p "$tmp/run/new/aux_test_nice"
	echo 40 > "$tmp/run/new/aux_test_nice/type"
	echo 1 > "$tmp/run/new/aux_test_nice/aux_max_order"
	mv "$tmp/run/new/aux_test_nice" "$tmp/run/tree/sys/bus/event_source/devices/"
	wait_for "aux_test_nice has appeared"
	wait_gone "  software"
	mv "$tmp/run/tree/sys/bus/event_source/devices/aux_test_nice" "$tmp/run/new/"
	wait_for "aux_test_nice has gone away"
	wait_for "  software"
	! shows " +software" || fail "software is no news"
	end
}

begin all-80x24 patched 80x24 && {
	wait_for "> aux_test_dontcare"
	keys a
	wait_for "  cpu"
	expect
	keys a
	wait_gone "  cpu"
	end
}

begin many-40x10 many 40x10 && {
	wait_for "> pmu_0"
	keys End
	wait_for "> pmu_499"
	expect
	keys PgUp
	wait_for "> pmu_496"
	keys Home
	wait_for "> pmu_0"
	end
}

begin resize patched 80x24 && {
	wait_for "> aux_test_dontcare"
	keys Down Down
	wait_for "> aux_test_nice"
	screen > "$tmp/run/first"
	for size in 40x10 1x1 2x2 300x100 3x40 200x2 10x5 80x24; do
		server resize-window -x ${size%x*} -y ${size#*x}
		sleep 0.1
	done
	eventually same "$tmp/run/first" || fail "not the same screen after resizing"
	server resize-window -x 40 -y 10
	wait_for "> aux_test_nice"
	end
}

begin tiny patched 1x1 && {
	sleep 0.3
	keys Down + '?' q q
	server resize-window -x 80 -y 24
	eventually ended || fail "did not end"
	[ "$(cat "$tmp/run/status")" = 0 ] || fail "exit status $(cat "$tmp/run/status")"
	end
}

# Escape sequences that set one of the eight colours.
coloured() { server capture-pane -pe | grep -qP '\e\[([0-9;]*;)?[34][0-7]m'; }

begin colour patched 80x24 && {
	wait_for "> aux_test_dontcare"
	eventually coloured || fail "no colours where the terminal has them"
	end
}

begin no-colour patched 80x24 NO_COLOR=1 && {
	wait_for "> aux_test_dontcare"
	! coloured || fail "colours in spite of NO_COLOR"
	expect first-80x24
	end
}

begin mono patched 80x24 TERM=vt100 && {
	wait_for "> aux_test_dontcare"
	! coloured || fail "colours on a vt100"
	expect first-80x24
	end
}

begin dumb patched 80x24 TERM=dumb -- -d 0.2 && {
	wait_for "KIND"
	lacks "aux-tune  Linux" || fail "a screen on a dumb terminal"
	grep -q "watch" "$tmp/run/err" || fail "no word on why"
	end
}

begin unknown-terminal patched 80x24 TERM=no-such && {
	eventually ended || fail "did not end"
	grep -q "TERM=no-such" "$tmp/run/err" || fail "no word on why"
	[ "$(cat "$tmp/run/status")" = 1 ] || fail "exit status $(cat "$tmp/run/status")"
	end
}

# However it ends, the terminal is as it was.
for how in q TERM INT HUP QUIT SEGV ABRT; do
	case $how in
	q) want=0 ;;
	*) want=$((128 + $(kill -l $how))) ;;
	esac
	# Address sanitizer has its own way to end on SIGSEGV.
	begin "restored-$how" patched 80x24 ASAN_OPTIONS=handle_segv=0 && {
		wait_for "> aux_test_dontcare"
		[ "$(server display -p '#{alternate_on}')" = 1 ] || fail "no alternate screen"
		case $how in
		q) keys q ;;
		*) kill -$how "$(pid)" ;;
		esac
		eventually ended || fail "did not end"
		[ "$(cat "$tmp/run/status")" = $want ] ||
			fail "exit status $(cat "$tmp/run/status"), wanted $want"
		cmp -s "$tmp/run/before" "$tmp/run/after" || fail "terminal modes differ"
		[ "$(server display -p '#{alternate_on}')" = 0 ] || fail "alternate screen left on"
		[ "$(server display -p '#{cursor_flag}')" = 1 ] || fail "cursor left hidden"
		end
	}
done

begin ctrl-c patched 80x24 && {
	wait_for "> aux_test_dontcare"
	keys C-c
	eventually lacks "> aux_test_dontcare" || fail "^C does not end it"
	end
}

# Not even its parent may have noticed yet.
gone() { ! grep -q '^State:.[^ZX]' "/proc/$tool_pid/status" 2> /dev/null; }
stopped() { grep -q 'State:.T' "/proc/$tool_pid/status"; }

# Stopped, and in the foreground again when the shell is told to.
prelude="set -m"
for how in TSTP STOP; do
	begin "suspended-$how" patched 80x24 -- "|| { until [ -e go ]; do sleep 0.1; done; fg > /dev/null; }" && {
		wait_for "> aux_test_dontcare"
		tool_pid=$(pid)
		kill -$how "$tool_pid"
		eventually stopped || fail "not stopped"
		[ $how = STOP ] || [ "$(server display -p '#{alternate_on}')" = 0 ] ||
			fail "terminal not given back"
		touch "$tmp/run/go"
		expect first-80x24
		# It has its modes back: keys are not waited for until the line ends.
		keys "?"
		wait_for "Keys"
		end
	}
done
prelude=

# Where nobody could let it go on, it does not stop.
begin suspended-nowhere patched 80x24 && {
	wait_for "> aux_test_dontcare"
	tool_pid=$(pid)
	kill -TSTP "$tool_pid"
	sleep 0.3
	! stopped || fail "stopped for ever"
	expect first-80x24
	end
}

# The shell's terminal is left alone from the background, where the tool can be ended as well.
prelude="set -m"
begin background-start patched 80x24 -- "2> err &" && {
	eventually ended || fail "the shell does not go on"
	tool_pid=$(pid)
	eventually stopped || fail "not stopped"
	[ "$(server display -p '#{alternate_on}')" = 0 ] || fail "took the shell's terminal"
	kill -TERM "$tool_pid"
	kill -CONT "$tool_pid"
	eventually gone || { fail "cannot be ended"; kill -9 "$tool_pid"; }
	end
}

for how in TSTP STOP; do
	begin "background-$how" patched 80x24 && {
		wait_for "> aux_test_dontcare"
		tool_pid=$(pid)
		kill -$how "$tool_pid"
		eventually test -s "$tmp/run/after" || fail "the shell does not go on"
		eventually stopped || fail "not stopped"
		for _ in 1 2 3; do
			kill -CONT "$tool_pid"
			eventually stopped || fail "went on in the background"
		done
		kill -TERM "$tool_pid"
		kill -CONT "$tool_pid"
		eventually gone || { fail "cannot be ended"; kill -9 "$tool_pid"; }
		# What the shell wrote meanwhile went where the tool had left it.
		[ $how = STOP ] || eventually ended || fail "the screen is not as it was"
		[ "$(server display -p '#{alternate_on}')" = 0 ] || fail "alternate screen left on"
		[ "$(server display -p '#{cursor_flag}')" = 1 ] || fail "cursor left hidden"
		end
	}
done
prelude=

# Curses would wait for the rest of what the mouse did, without a terminal as well.
for how in TERM vanished; do
	begin "half-of-a-click-$how" patched 80x24 && {
		wait_for "> aux_test_dontcare"
		tool_pid=$(pid)
		keys -l $'\033[M'
		sleep 0.3
		case $how in
		TERM)		kill -TERM "$tool_pid" ;;
		vanished)	server kill-server ;;
		esac
		eventually gone || { fail "still there"; kill -9 "$tool_pid"; }
		end
	}
done

# As under nohup: no signal tells of the end.
for prelude in "" "trap '' HUP"; do
	begin "vanished-terminal${prelude:+-nohup}" patched 80x24 && {
		wait_for "> aux_test_dontcare"
		tool_pid=$(pid)
		server kill-server
		eventually gone || { fail "still there without its terminal"; kill -9 "$tool_pid"; }
		end
	}
done
prelude=

# How often it woke up, which a busy machine makes no more of; what that costs is measured by
# `make bench`. Once a second is what was asked for, some more is the terminal's.
wakeups() { awk '/^voluntary_ctxt_switches/ { print $2 }' "/proc/$tool_pid/status"; }

for tree in patched fleet; do
	begin "idle-$tree" "$tree" 80x24 && {
		case $tree in
		fleet)	wait_for "> fleet_0" ;;		# 200 PMUs, each with an area
		*)	wait_for "> aux_test_dontcare" ;;
		esac
		tool_pid=$(pid)
		before=$(wakeups)
		sleep 3
		after=$(wakeups)
		[ $((after - before)) -le 12 ] || fail "woke up $((after - before)) times in 3 s of doing nothing"
		# It did look at the PMUs meanwhile: otherwise that proves nothing.
		[ $((after - before)) -ge 1 ] || fail "never woke up in 3 s"
		end
	}
done

echo "1..$count"
[ $failures = 0 ]
