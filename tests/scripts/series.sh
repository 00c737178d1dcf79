#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The patches that scripts/series writes: that they are the same each time, and
# make of a clean tree what scripts/apply-change makes of it.

set -u
# shellcheck source=tests/lib/tap
. "$(dirname "$0")/../lib/tap"
top=$(cd "$(dirname "$0")/../.." && pwd)
export LC_ALL=C BASE=${BASE:-7.3}
unset KERNEL_SRC MUTANT
[ -f "$top/kernel/patches/$BASE/cover-letter" ] || skip_all "the patches for Linux $BASE are not mailed"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

stock=$("$top/scripts/build-kernel" stock source) || exit
patched=$("$top/scripts/build-kernel" patched source) || exit

# Elsewhere, with settings and a clock of its own.
mkdir -p "$work/home"
printf '[core]\n\tabbrev = 7\n[format]\n\tsignature = mine\n\tsubjectPrefix = RFC\n[diff]\n\tnoprefix = true\n' > "$work/home/.gitconfig"
"$top/scripts/series" "$work/first" > "$work/first.log" 2>&1 &
(cd "$work/home" && TZ=Asia/Tokyo HOME=$work/home GIT_AUTHOR_NAME=me "$top/scripts/series" "$work/second") > "$work/second.log" 2>&1
same $? 0 "the series can be written" || cat "$work/second.log"
wait $!
same $? 0 "it can be written twice at a time"
check "it is the same each time" diff -r "$work/first" "$work/second"

mails=("$work"/first/*.patch)
# header FILE NAME: its value, unfolded
header() { awk -v name="$2: " '/^$/ { exit } index($0, name) == 1 { on = 1 } on && !/^[ \t]/ && index($0, name) != 1 { on = 0 } on' "$1" | tr -d '\n'; }
for mail in "${mails[@]}"; do
	for name in From To Cc Subject Date; do
		[ -n "$(header "$mail" $name)" ] || echo "${mail##*/}: no $name"
	done
done > "$work/missing"
same "$(< "$work/missing")" "" "each mail says from whom, to whom, when and what"
same "$(find "$work/first" -mindepth 1 ! -name '[0-9][0-9][0-9][0-9]-*.patch')" "" "there are mails and nothing else"
contains "$(header "$work"/first/0000-cover-letter.patch Cc)" "$(header "${mails[-1]}" Cc | sed 's/.*,//; s/\t//')" \
	"the cover letter goes to those who get a patch"
same "$(grep -lE '^(Change-Id|commit [0-9a-f]{40})|/(root|home|tmp)/' "${mails[@]}")" "" "no name of the machine or the project's commits is in it"

# Of the tree, only the files concerned: git takes minutes for all of it.
git() { command git -c user.name=test -c user.email=test -C "$work/linux" "$@"; }
mkdir "$work/linux"
git init -q
sed -n 's|^+++ b/||p' "$top/kernel/patches/$BASE"/*.patch | sort -u > "$work/touched"
(cd "$stock" && xargs cp --parents -p -t "$work/linux" < "$work/touched")
git add -f .
git commit -qm stock
check "git am takes it" git am -q --empty=drop "${mails[@]}"
same "$(git rev-list HEAD | wc -l)" "${#mails[@]}" "each mail but the cover letter is a commit"
same "$(git log --format=%aN%ae%s%b | grep -c 'Signed-off-by: ')" $((${#mails[@]} - 1)) "each commit is signed off"

sort "$patched.manifest" > "$work/manifest"
git ls-files | sort > "$work/files"
check "it makes the files that apply-change makes" diff "$work/manifest" "$work/files"
while read -r path; do
	cmp "$work/linux/$path" "$patched/$path"
	[ "$(stat -c %a "$work/linux/$path")" = "$(stat -c %a "$patched/$path")" ] || echo "$path: other permissions"
done < "$work/manifest" > "$work/different" 2>&1
same "$(< "$work/different")" "" "each of them is the same, byte for byte"

# ----- what would not do is refused, on a copy of the project -----

copy=$work/project
mkdir "$copy"
(cd "$top" && cp -r --parents kernel Documentation tools/aux-tune/[a-z]*.[ch] tools/aux-tune/{Makefile,.gitignore,aux-tune.8,aux-tune.bash,tests} tests/selftests scripts "$copy")
mkdir -p "$copy/build/src/$BASE"
ln -s "$stock" "$copy/build/src/$BASE/stock"
ln -s "$patched" "$copy/build/src/$BASE/patched"
# The trees are there: nothing to prepare.
echo "echo '${stock%/stock}'/\$1" > "$copy/scripts/build-kernel"
refused() {	# PATTERN DESCRIPTION
	local output
	output=$("$copy/scripts/series" "$work/third" 2>&1)
	same $? 1 "$2 is refused"
	contains "$output" "$1" "the error says which"
	check "nothing is written" test ! -e "$work/third"
}
echo stray > "$copy/Documentation/admin-guide/perf/stray.rst"
refused Documentation/admin-guide/perf/stray.rst "a new file that no patch names"
rm "$copy/Documentation/admin-guide/perf/stray.rst"

patch=$(grep -l '^Fixes: ' "$copy/kernel/patches/$BASE"/*.patch | head -n1)
sed -i.orig '/^Signed-off-by: /d' "$patch"
refused "${patch##*/}: not signed off" "a patch that is not signed off"
sed '/^Fixes: /{h;d};/^Signed-off-by: /{G}' "$patch.orig" > "$patch"
refused "${patch##*/}: Fixes: comes too late" "a patch with its tags out of order"

done_testing
