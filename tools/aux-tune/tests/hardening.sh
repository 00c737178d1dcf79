#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Usage: hardening.sh AUX-TUNE: reads the ELF file: how it is hardened, and that nothing in it
# could start a shell.
set -u
binary=$1
count=0
failed=0

check() { # DESCRIPTION COMMAND...
	local description=$1
	shift
	count=$((count + 1))
	if "$@"; then
		echo "ok $count - hardening: $description"
	else
		failed=1
		echo "not ok $count - hardening: $description"
	fi
}

for command in readelf nm; do
	command -v $command > /dev/null || { echo "1..0 # SKIP $command is not installed"; exit 0; }
done
# Theirs is another kind of hardening.
if grep -q __asan_init "$binary"; then
	echo "1..0 # SKIP built with sanitizers"
	exit 0
fi

elf=$(readelf -W -h -l -d "$binary") || exit
imports=$(nm -D --undefined-only "$binary" | awk '{ sub(/@.*/, "", $2); print $2 }') || exit

# shellcheck disable=SC2317 # check calls them
has() { grep -qE -- "$1" <<< "$elf"; }
# shellcheck disable=SC2317
lacks() { ! has "$1"; }
# shellcheck disable=SC2317
imported() { grep -qxE -- "$1" <<< "$imports"; }
# shellcheck disable=SC2317
not_imported() {
	local found
	found=$(grep -xE -- "$1" <<< "$imports")
	[ -z "$found" ] || { echo "# $found"; return 1; }
}

check "its addresses are random (PIE)" has '\(FLAGS_1\).*PIE'
check "the file is of that type" has 'Type: *DYN'
check "relocations are read-only (RELRO)" has '^ *GNU_RELRO'
check "all of them, as symbols are bound at start (now)" has '\(FLAGS_1\).*NOW'
check "no stack is executable" has '^ *GNU_STACK .* RW '
check "no segment is writable and executable" lacks '^ *LOAD .* RWE'
check "its code has no relocations" lacks TEXTREL
check "libraries come from where the system has them" lacks '\((RPATH|RUNPATH)\)'
check "stack protector" imported '__stack_chk_fail'
check "FORTIFY" imported '__(v?asprintf|fprintf|snprintf|memcpy|read)_chk'

# posix_spawn() takes a path and arguments; the others search, or have a shell read what they get,
# or run after a fork(), which a probe does for itself.
check "no shell, no program by a name to be searched for" not_imported \
	'system|popen|wordexp|posix_spawnp|exec[vl].*|fexecve|dlopen'
check "one way to start a program" imported posix_spawn

echo "1..$count"
exit $failed
