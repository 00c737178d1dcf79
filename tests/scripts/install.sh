#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make install and uninstall of the tool: what goes where, that nothing is active,
# and that nothing is left.

set -u
# shellcheck source=tests/lib/tap
. "$(dirname "$0")/../lib/tap"
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# tool TARGET VARIABLE=...
tool() { make -s -C "$top/tools/aux-tune" O="$top/build/tool" DESTDIR="$work/installed" "$@" > "$work/out" 2>&1; }

files() { (cd "$work/installed" && find . -type f -o -type l) | sort; }

check "it installs" tool install
same "$(files | grep -v '^./usr/local/')" "" "everything is below /usr/local by default"
check "the program runs from there" "$work/installed/usr/local/sbin/aux-tune" --version
same "$(files | grep -E 'rules\.d|\.wants/')" "" "no rule and no unit is active"
contains "$(files)" share/doc/aux-tune/examples/50-intel-pt-large-chunks.rules "the example is among the documentation"
contains "$(cat "$work/installed/usr/local/lib/systemd/system/aux-tune-verify.service")" \
	"ExecStart=/usr/local/sbin/aux-tune " "the unit knows where the program is"
before=$(files)
check "it installs over itself" tool install
same "$(files)" "$before" "and that changes nothing"
check "it uninstalls" tool uninstall
same "$(files)" "" "and nothing is left"
same "$(cd "$work/installed" && find . -name '*aux-tune*')" "" "no directory either"

units=$(pkg-config --silence-errors --variable=systemdsystemunitdir systemd)
check "it installs with PREFIX=/usr" tool install PREFIX=/usr
if [ -n "$units" ]; then
	check "units are where systemd's pkg-config file says" test -f "$work/installed$units/aux-tune-verify.timer"
else
	same "$(files | grep systemd)" "" "without systemd there are no units"
fi
check "it uninstalls from there" tool uninstall PREFIX=/usr
same "$(files)" "" "and nothing is left there"

done_testing
