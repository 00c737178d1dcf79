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
server() { tmux -f /dev/null -L tui "$@" 2> /dev/null; }

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
	for _ in $(seq 150); do
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

# The first screen, at every size people have.
for size in 80x24 40x10 200x60; do
	begin "first-$size" patched "$size" && { expect; end; }
done

# Statistics of the selected PMU: in words, and where there is room with histogram and areas.
for size in 80x24 200x60 80x60 40x10; do
	begin "stats-$size" patched "$size" && {
		wait_for "> aux_test"
		keys End
		wait_for "> intel_pt"
		expect
		end
	}
done

begin stats-ascii-200x60 patched 200x60 LC_ALL=C && {
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

begin stats-hostile-200x60 hostile 200x60 && {
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
	wait_for "17    77  ...▂"
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
	keys Down Down Down
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
	wait_for "intel_pt           nice            6   256"
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
	wait_for "intel_bts has gone away"
	# The selection does not fall on whatever comes next.
	expect hotplug-gone-80x24
	keys 4
	wait_for "intel_bts has gone away"
	[ "$(cat "$(attribute intel_pt)")" = 0 ] || fail "the wrong PMU was changed"
	keys Down
	wait_for "> intel_pt"
	wait_gone "gone    "
	mv "$tmp/run/intel_bts" "$tmp/run/tree/sys/bus/event_source/devices/"
	wait_for "intel_bts has appeared"
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
	eventually test -s "$tmp/run/after" || true
	eventually lacks "> aux_test_dontcare" || fail "^C does not end it"
	end
}

begin suspended patched 80x24 && {
	wait_for "> aux_test_dontcare"
	tool_pid=$(pid)
	kill -TSTP "$tool_pid"
	stopped() { grep -q 'State:.T' "/proc/$tool_pid/status"; }
	eventually stopped || fail "not stopped"
	[ "$(server display -p '#{alternate_on}')" = 0 ] || fail "terminal not given back"
	kill -CONT "$tool_pid"
	expect first-80x24
	end
}

# As under nohup: no signal tells of the end.
for prelude in "" "trap '' HUP"; do
	begin "vanished-terminal${prelude:+-nohup}" patched 80x24 && {
		wait_for "> aux_test_dontcare"
		tool_pid=$(pid)
		server kill-server
		gone() { ! kill -0 "$tool_pid" 2> /dev/null; }
		eventually gone || { fail "still there without its terminal"; kill -9 "$tool_pid"; }
		end
	}
done
prelude=

begin idle patched 80x24 && {
	wait_for "> aux_test_dontcare"
	tool_pid=$(pid)
	ticks() { awk '{ print $14 + $15 }' "/proc/$tool_pid/stat"; }
	before=$(ticks)
	sleep 3
	after=$(ticks)
	# A tick is 10 ms: 2 of 300.
	[ $((after - before)) -le 2 ] || fail "$((after - before)) ticks in 3 s of doing nothing"
	end
}

echo "1..$count"
[ $failures = 0 ]
