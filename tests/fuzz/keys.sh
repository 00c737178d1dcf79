#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Keys to the screen: captured trees of several kinds, and what keys.c does with them.
#
# usage: keys.sh BUILD SECONDS SEED

set -u

here=$(dirname "$(readlink -f "$0")")
mktree=$here/../../tools/aux-tune/tests/mktree.sh
out=$1 seconds=$2 seed=$3
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

trees=()
for kind in patched hostile stock nodebugfs fleet; do
	"$mktree" "$kind" "$tmp/$kind" || exit
	trees+=("$tmp/$kind")
done
mkdir -p "$tmp/patched/etc/udev/rules.d"
echo '# empty' > "$tmp/patched/etc/udev/rules.d/60-aux-tune.rules"
"$out/keys" -s "$seed" -t "$seconds" "$out/screen/aux-tune" "${trees[@]}" 2>&1
