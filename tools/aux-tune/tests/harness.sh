# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For scripts that run the tool on captured trees and print TAP. To be sourced with the path
# of the tool as the first argument; the script ends with finish.

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
script=$(basename "$0" .sh)
# A directory anybody can read: some tests run as another user.
tmp=$(mktemp -d)
chmod 755 "$tmp"
trap 'chmod -R u+rwx "$tmp"; rm -rf "$tmp"' EXIT
cp "$1" "$tmp/aux-tune"
read -ra tool <<< "${VALGRIND_COMMAND:-} $tmp/aux-tune"

count=0
failures=0
documents=0

begin() { # NAME
	name=$1
	why=()
}

end() {
	count=$((count + 1))
	if [ ${#why[@]} -eq 0 ]; then
		echo "ok $count - $script: $name"
		return
	fi
	failures=$((failures + 1))
	echo "not ok $count - $script: $name"
	printf '# %s\n' "${why[@]}"
	sed 's/^/#   out: /' "$tmp/out" | head -20
	sed 's/^/#   err: /' "$tmp/err" | head -20
}

fail() {
	why+=("$*")
}

# Everything else is about a tree: fresh KIND makes one, run uses it.
fresh() { # KIND
	[ ! -e "$tmp/tree" ] || chmod -R u+rwx "$tmp/tree"
	rm -rf "$tmp/tree"
	"$here/mktree.sh" "$1" "$tmp/tree"
}

run() {
	status=0
	"${tool[@]}" --root "$tmp/tree" "$@" > "$tmp/out" 2> "$tmp/err" < /dev/null || status=$?
	keep_json "$@"
}

# Everything that was printed as JSON, for check_json.
keep_json() {
	local arg verb=usage json=
	for arg; do
		case $arg in
		--help | --version) return ;;
		--json | -J) json=yes ;;
		list | show | get | set | reset | watch | probe | export | save | unsave | verify)
			[ "$verb" != usage ] || verb=$arg ;;
		esac
	done
	[ -n "$json" ] || return
	mkdir -p "$tmp/json"
	documents=$((documents + 1))
	cp "$tmp/out" "$tmp/json/$documents.$verb"
}

check_json() {
	"$here/validate.py" "$here/../aux-tune.schema.json" "$tmp/json" > "$tmp/out" 2> "$tmp/err" ||
		fail "it could not be checked"
	want_silent out
}

# As somebody who does not own the tree: for root that is nobody.
run_other() {
	status=0
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid 65534 --regid 65534 --clear-groups "${tool[@]}" \
			--root "$tmp/tree" "$@" > "$tmp/out" 2> "$tmp/err" || status=$?
		keep_json "$@"
	else
		chmod 0464 "$tmp"/tree/sys/devices/*/aux_max_order
		run "$@"
	fi
}

want_status() {
	[ "$status" = "$1" ] || fail "exit status $status, wanted $1"
}

want_out() {
	grep -qF -- "$1" "$tmp/out" || fail "standard output lacks: $1"
}

want_err() {
	grep -qF -- "$1" "$tmp/err" || fail "standard error lacks: $1"
}

want_silent() { # out|err
	[ ! -s "$tmp/$1" ] || fail "unexpected on standard $1"
}

want_json() { # FILTER that is true
	jq -e "$1" "$tmp/out" > /dev/null 2>&1 || fail "not true of the JSON: $1"
	want_silent err
}

want_order() { # PMU ORDER
	local order
	order=$(cat "$tmp/tree/sys/bus/event_source/devices/$1/aux_max_order")
	[ "$order" = "$2" ] || fail "$1 has order '$order', wanted '$2'"
}

# Nothing that could be an escape sequence, whatever the names.
want_clean() {
	! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]' "$tmp/out" "$tmp/err" ||
		fail "control characters in the output"
}

finish() {
	echo "1..$count"
	[ "$failures" = 0 ]
}
