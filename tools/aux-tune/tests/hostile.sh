#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Usage: hostile.sh AUX-TUNE: that nothing in a captured tree or in the environment makes it hang,
# crash, leave the tree or print what a terminal would obey.
set -u
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=tools/aux-tune/tests/harness.sh
. "$here/harness.sh"

secret=$tmp/secret
echo 'CANARY 1 2 3' > "$secret"
cp "$secret" "$tmp/secret.before"

# Ends in time and with a documented status, whatever is in the way; prints nothing unsafe.
attempt() { # WHAT ARGUMENT...
	local what=$1
	shift
	status=0
	timeout -k 5 240 "${tool[@]}" --root "$tmp/tree" "$@" > "$tmp/out" 2> "$tmp/err" < /dev/null ||
		status=$?
	[ "$status" -le 7 ] || fail "$what: $*: exit status $status"
	[[ " $* " != *" --json "* ]] || jq -e . "$tmp/out" > /dev/null 2>&1 || fail "$what: $*: no JSON"
	! grep -q CANARY "$tmp/out" "$tmp/err" || fail "$what: $*: shows what is outside of the tree"
	! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]' "$tmp/out" "$tmp/err" ||
		fail "$what: $*: control characters"
}

attempts() { # WHAT
	attempt "$1" show --json
	attempt "$1" export
	attempt "$1" set intel_pt 3
	attempt "$1" save intel_pt
	attempt "$1" verify --json
}

pmu=sys/devices/intel_pt
aux=sys/kernel/debug/perf_aux
rules=etc/udev/rules.d/60-aux-tune.rules
files=("$pmu/type" "$pmu/aux_max_order" "$aux/areas" "$aux/intel_pt/stats" proc/buddyinfo proc/meminfo
       proc/vmstat proc/sys/kernel/osrelease "$rules" etc/udev/rules.d/.60-aux-tune.rules.new)
dirs=(sys/bus/event_source/devices "$pmu" "$aux" "$aux/intel_pt" etc/udev/rules.d proc)

# in_place_of FILE KIND: fails where this user may not make one.
in_place_of() {
	local path=$tmp/tree/$1
	rm -rf "$path"
	case $2 in
	fifo)		mkfifo "$path" ;;
	directory)	mkdir "$path" ;;
	file)		echo 1 > "$path" ;;
	socket)		python3 -c 'import os, socket, sys
os.chdir(os.path.dirname(sys.argv[1]))
socket.socket(socket.AF_UNIX).bind(os.path.basename(sys.argv[1]))' "$path" ;;
	link-outside)	ln -s "$secret" "$path" ;;
	link-up)	ln -s "../../../../../../../../../../../../../..$secret" "$path" ;;
	link-proc)	ln -s /proc/self/root"$secret" "$path" ;;
	loop)		ln -s "${path##*/}" "$path" ;;
	unreadable)	: > "$path" && chmod 0 "$path" ;;
	empty)		: > "$path" ;;
	huge)		truncate -s 1T "$path" 2> /dev/null || truncate -s 10G "$path" ;;
	device)		mknod "$path" c 1 5 2> /dev/null ;;
	esac
}

# Copied, as they are many.
fresh patched
mkdir -p "$tmp/tree/etc/udev/rules.d"
echo '# mine' > "$tmp/tree/$rules"
mv "$tmp/tree" "$tmp/template"
fresh_with_rules() {
	rm -rf "$tmp/tree" 2> /dev/null || { chmod -R u+rwx "$tmp/tree"; rm -rf "$tmp/tree"; }
	cp -a "$tmp/template" "$tmp/tree"
}

kinds=(fifo directory socket link-outside link-up link-proc loop unreadable empty huge device)
dir_kinds=(fifo file link-outside loop unreadable)
# What takes some ms takes a second there.
if [ -n "${VALGRIND_COMMAND:-}" ]; then
	kinds=(fifo)
	dir_kinds=(file)
fi
for kind in "${kinds[@]}"; do
	begin "each file of a tree as $kind"
	for file in "${files[@]}"; do
		fresh_with_rules
		in_place_of "$file" "$kind" || continue
		attempts "$file"
	done
	cmp -s "$secret" "$tmp/secret.before" || fail "the file outside was written"
	end
done

for kind in "${dir_kinds[@]}"; do
	begin "each directory of a tree as $kind"
	for dir in "${dirs[@]}"; do
		fresh_with_rules
		in_place_of "$dir" "$kind" || continue
		attempts "$dir"
	done
	cmp -s "$secret" "$tmp/secret.before" || fail "the file outside was written"
	end
done

# A tree whose directories lead to a place that is not part of it.
begin "directories that are links out of the tree"
for dir in "${dirs[@]}"; do
	fresh_with_rules
	rm -rf "$tmp/elsewhere"
	mkdir -p "$tmp/elsewhere"
	cp -a "$tmp/tree/$dir/." "$tmp/elsewhere"
	chmod -R u+w "$tmp/elsewhere"
	rm -rf "${tmp:?}/tree/$dir"
	ln -s "$tmp/elsewhere" "$tmp/tree/$dir"
	find "$tmp/elsewhere" -type f -exec cksum {} + > "$tmp/sums"
	attempts "$dir"
	find "$tmp/elsewhere" -type f -exec cksum {} + | cmp -s - "$tmp/sums" || fail "$dir: written outside"
done
end

# Nobody has such an environment, until he who starts it as root wants to see what happens.
long=$(printf '%0100000d' 0)
environments=(
	LC_ALL=xx_YY.nonsense LANG=../../../../etc/passwd LC_ALL=C LANGUAGE=%s%n "LC_CTYPE=$long"
	COLUMNS=-1 COLUMNS=0 COLUMNS=99999999999999999999 LINES=x NO_COLOR=%n "PATH=" "PATH=$tmp" HOME=
	"TERM=$long" TERM=%s%s%n TERM=../../etc/passwd TERMINFO=/proc/self TERMCAP=xterm:tc=xterm:
	LIBSMARTCOLS_DEBUG=nothing "LS_COLORS=$long" TZ=/proc/self/environ TMPDIR=/nonexistent
	G_MESSAGES_DEBUG=all UDEV_LOG=debug ESCDELAY=-5 NCURSES_NO_UTF8_ACS=x POSIXLY_CORRECT=1
)
begin "commands in a hostile environment"
fresh patched
run list
cp "$tmp/out" "$tmp/list"
for variable in "${environments[@]}"; do
	status=0
	env "$variable" "${tool[@]}" --root "$tmp/tree" list > "$tmp/out" 2> "$tmp/err" || status=$?
	[ "$status" = 0 ] || fail "${variable:0:40}: exit status $status"
	# Histograms are in the characters of the locale, the rest is the same.
	diff <(sed 's/  *[^ ]*$//' "$tmp/list") <(sed 's/  *[^ ]*$//' "$tmp/out") > "$tmp/diff" ||
		fail "${variable:0:40}: another list"
done
status=0
env -i "${tool[@]}" --root "$tmp/tree" show --json > "$tmp/out" 2> "$tmp/err" || status=$?
want_status 0
want_json '.pmus | length == 5'
end

# Through script(1), which gives it a terminal; and it has to be told to end.
if command -v script > /dev/null; then
	begin "the screen in a hostile environment"
	# Nothing is typed, and that does not end.
	mkfifo "$tmp/silence"
	exec 3<> "$tmp/silence"
	for variable in TERM=xterm "${environments[@]}" LINES=1 COLUMNS=1; do
		status=0
		[ "${#variable}" -lt 1000 ] || continue
		[ "$variable" != "PATH=" ] || continue
		begun=$SECONDS
		# The shell of some would make a job in the background of it: exec and --foreground.
		env TERM=xterm-256color "$variable" /usr/bin/timeout -k 5 240 /usr/bin/script -qec \
			"exec /usr/bin/timeout --foreground -k 120 -s TERM 1 $tmp/aux-tune --root $tmp/tree" \
			/dev/null \
			> "$tmp/out" 2> "$tmp/err" <&3 || status=$?
		# Ended by timeout, with the screen or without one: a TERM that nobody knows.
		case $status in
		124)	case $variable in
			LINES=* | COLUMNS=*) ;;
			*) grep -q aux_test_dontcare "$tmp/out" || fail "$variable: no screen" ;;
			esac ;;
		1) grep -q "no terminal of the type TERM" "$tmp/out" || fail "$variable: exit status 1" ;;
		*) fail "$variable: exit status $status after $((SECONDS - begun)) s" ;;
		esac
	done
	end
fi

finish
