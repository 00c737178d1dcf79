#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The check that every symbol of every fragment is in the final configuration.

set -u
# shellcheck source=tests/lib/tap
. "$(dirname "$0")/../lib/tap"
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat > "$work/config" <<'EOF'
CONFIG_YES=y
CONFIG_MODULE=m
CONFIG_NUMBER=60
CONFIG_STRING="two words"
# CONFIG_OFF is not set
EOF

# fragment LINE...: the check's verdict on a fragment with these lines
verdict() {
	printf '%s\n' "$@" > "$work/fragment"
	"$top/scripts/merge-config" --check "$work/config" "$work/fragment" 2>&1
}

check "what is as wanted passes" verdict CONFIG_YES=y CONFIG_MODULE=m CONFIG_NUMBER=60 \
	'CONFIG_STRING="two words"' '# CONFIG_OFF is not set' '# CONFIG_ABSENT is not set' CONFIG_ABSENT=n '' '# a comment'

refused() {
	local line=$1 wanted=$2 got=$3 symbol=$4 output
	output=$(verdict "$line")
	same $? 1 "'$line' is refused"
	contains "$output" "$symbol: fragment fragment wants $wanted, the kernel has $got" \
		"'$line': the error names symbol, wanted and actual value"
}

refused CONFIG_ABSENT=y y n CONFIG_ABSENT
refused CONFIG_OFF=y y n CONFIG_OFF
refused CONFIG_MODULE=y y m CONFIG_MODULE
refused CONFIG_NUMBER=6 6 60 CONFIG_NUMBER
refused 'CONFIG_STRING="two"' '"two"' '"two words"' CONFIG_STRING
refused '# CONFIG_YES is not set' n y CONFIG_YES

# The real fragments agree with each other, so that each one can be checked.
for flavour in '' debug kcsan; do
	doubled=$(cd "$top/Kconfig.fragments" && sed -nE 's/^# (CONFIG_[A-Za-z0-9_]+) is not set/\1=n/p; /^CONFIG_/p' \
		feature vm vm-x86_64 test $flavour | sort -u | cut -d= -f1 | uniq -d | xargs)
	same "$doubled" "" "no symbol has two values in the fragments of FLAVOUR=${flavour:-plain}"
done

done_testing
