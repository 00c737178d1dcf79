#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Usage: run.sh AUX-TUNE TEST-PROGRAM...: runs them, the command line tests and, where they
# are part of the tree, the screen tests; with UNITS=1 only the programs. Prints TAP; fails when
# any test does.
set -u
here=$(dirname "$(readlink -f "$0")")
tool=$(readlink -f "$1")
shift
failed=0

export CMOCKA_MESSAGE_OUTPUT=tap LC_ALL=C.UTF-8
unset NO_COLOR LINES COLUMNS
unset G_DEBUG G_SLICE

# umockdev's library has to come after that of the address sanitizer.
preload=libumockdev-preload.so.0
if grep -q __asan_init "$tool"; then
	preload="$(${CC:-cc} -print-file-name=libasan.so) $preload"
fi

valgrind=()
if [ "${VALGRIND:-0}" = 1 ]; then
	valgrind=(valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite
		  --errors-for-leak-kinds=definite)
	export VALGRIND_COMMAND="${valgrind[*]}"
fi

# A program that dies says nothing of the tests it did not get to.
report() { # STATUS NAME OUTPUT
	[ "$1" = 0 ] && return
	failed=1
	grep -q '^not ok' "$3" || echo "not ok - $2 ended with status $1"
}

out=$(mktemp)
trap 'rm -f "$out"' EXIT
for program; do
	name=$(basename "$program")
	case $name in
	test_devices)
		LD_PRELOAD=$preload timeout 900 "${valgrind[@]}" "$program" 2>&1 | tee "$out" ;;
	*)
		timeout 900 "${valgrind[@]}" "$program" 2>&1 | tee "$out" ;;
	esac
	report "${PIPESTATUS[0]}" "$name" "$out"
done

scripts=("$here"/{cli,export,probe,completion,manual,hardening,hostile}.sh)
screens=$here/../../../tests/tui/run.sh
[ -x "$screens" ] && scripts+=("$screens")
[ "${UNITS:-0}" = 0 ] || scripts=()
for script in "${scripts[@]}"; do
	timeout 1800 "$script" "$tool" 2>&1 | tee "$out"
	report "${PIPESTATUS[0]}" "$(basename "$(dirname "$script")")/$(basename "$script")" "$out"
done
exit $failed
