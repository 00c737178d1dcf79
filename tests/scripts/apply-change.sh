#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/apply-change and scripts/base-of on a toy project with a toy kernel.

set -u
# shellcheck source=tests/lib/tap
. "$(dirname "$0")/../lib/tap"
real=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
project=$work/project linux=$work/linux

# A project with two patches and a new file for base 1.0, and a tree it fits.
setup() {
	rm -rf "$project" "$linux" "$work"/stock "$work"/patched*
	mkdir -p "$project/scripts" "$project/kernel/patches/1.0" "$project/kernel/events" "$linux/kernel/events"
	cp "$real"/scripts/{apply-change,new-files,base-of} "$project/scripts/"
	printf 'VERSION = %s\nPATCHLEVEL = %s\n' 1 0 > "$linux/Makefile"
	touch "$linux/Kbuild"
	seq 1 20 > "$linux/kernel/events/core.c"
	echo other > "$linux/kernel/events/other.c"
	echo new > "$project/kernel/events/new.c"
	printf 'one\ntwo\n' > "$linux/MAINTAINERS"
	patch_of 0001-five 5 FIVE 'New-file: kernel/events/new.c'
	printf -- '--- a/MAINTAINERS\n+++ b/MAINTAINERS\n@@ -1,2 +1,3 @@\n one\n two\n+three\n' >> "$project/kernel/patches/1.0/0001-five.patch"
	patch_of 0002-fifteen 15 FIFTEEN
}

# patch_of NAME OLD NEW [HEADER]: changes a line of core.c
patch_of() {
	cat > "$project/kernel/patches/1.0/$1.patch" <<-EOF
		From: nobody
		Subject: [PATCH] $1

		---
		${4:-}
		diff --git a/kernel/events/core.c b/kernel/events/core.c
		--- a/kernel/events/core.c
		+++ b/kernel/events/core.c
		@@ -$(($2 - 3)),7 +$(($2 - 3)),7 @@
		$(seq -f ' %g' $(($2 - 3)) $(($2 - 1)))
		-$2
		+$3
		$(seq -f ' %g' $(($2 + 1)) $(($2 + 3)))
	EOF
}

apply() { "$project/scripts/apply-change" 1.0 "$linux" 2>&1; }
# shellcheck disable=SC2012 # names are ours
state() { (cd "$1" && find . -type f | LC_ALL=C sort | xargs sha256sum); }

setup
output=$(apply)
same $? 0 "the change goes into a tree that fits"
same "$(sed -n '5p;15p' "$linux/kernel/events/core.c" | xargs)" "FIVE FIFTEEN" "all patches are applied"
same "$(sed -n 3p "$linux/MAINTAINERS")" three "also to a file at the top"
same "$(cat "$linux/kernel/events/new.c")" new "new files are at their place"

before=$(state "$linux")
output=$(apply)
same "$?, $(state "$linux")" "0, $before" "applying again succeeds and changes nothing"
contains "$output" "already applied" "applying again says so"

echo newer > "$project/kernel/events/new.c"
apply >/dev/null
same "$(cat "$linux/kernel/events/new.c")" newer "new files of an applied change are brought up to date"

setup
sed -i 's/^15$/fifteen/' "$linux/kernel/events/core.c"
before=$(state "$linux")
output=$(apply)
same $? 1 "a hunk that does not fit is an error"
contains "$output" "0002-fifteen.patch: kernel/events/core.c: hunk 1 does not apply to Linux 1.0" \
	"the error names patch, file, hunk and base"
same "$(state "$linux")" "$before" "after a failed hunk the tree is as it was"

setup
sed -i 's/^13$/thirteen/' "$linux/kernel/events/core.c"
apply >/dev/null
same $? 1 "a hunk is not applied with fuzz"

setup
sed -i '1i 0' "$linux/kernel/events/core.c"
apply >/dev/null
same $? 0 "a hunk is applied with an offset"

setup
rm "$linux/kernel/events/core.c"
output=$(apply)
same $? 1 "a file that the tree lacks is an error"
contains "$output" "kernel/events/core.c" "the error names the missing file"

setup
echo stray > "$project/kernel/events/stray.c"
output=$(apply)
same $? 1 "a new file that no patch names is an error"
contains "$output" "kernel/events/stray.c" "the error names the file that no patch names"

setup
rm "$project/kernel/events/new.c"
output=$(apply)
same $? 1 "a named file that is missing is an error"

setup
patch_of 0002-fifteen 15 FIFTEEN 'New-file: kernel/events/new.c'
apply >/dev/null
same $? 1 "a new file that two patches name is an error"

# What a directory's name covers is less than what a file's name does.
setup
mkdir -p "$project/tools/aux-tune/tests"
touch "$project"/tools/aux-tune/{main.c,list.c,list.h,tests/list.c}
cat > "$project/kernel/patches/1.0/0003-tool.patch" <<-EOF2
	Subject: [PATCH] tool

	---
	New-file: tools/aux-tune/
EOF2
sed 's|aux-tune/$|aux-tune/list.[ch]|' "$project/kernel/patches/1.0/0003-tool.patch" > "$project/kernel/patches/1.0/0004-list.patch"
same "$("$project/scripts/new-files" 1.0 | sed -n 's|tools.* tools/aux-tune/||p' | xargs)" \
	"0004-list.patch list.c 0004-list.patch list.h 0003-tool.patch main.c 0003-tool.patch tests/list.c" \
	"a file goes to the patch that names it most closely"
output=$(apply)
same $? 0 "a patch may have nothing but new files"
contains "$output" "Applied 4 patches for Linux 1.0 and 5 new files" "it counts as one"
check "its files are at their place" test -f "$linux/tools/aux-tune/tests/list.c"
sed -i 's|list...h.|list.c|' "$project/kernel/patches/1.0/0004-list.patch"
rm "$project/tools/aux-tune/list.c"
output=$(apply)
same $? 1 "a name of which there is no file is an error"
contains "$output" "0004-list.patch: names tools/aux-tune/list.c, which does not exist" "it names the patch"

# A copy of the stock tree, as the build uses it.
setup
cp -a "$linux" "$work/stock"
cp -al "$work/stock" "$work/patched"
into_copy() { "$project/scripts/apply-change" 1.0 "$work/patched" "$work/stock" 2>&1; }
before=$(state "$work/stock")
into_copy
same "$?, $(state "$work/stock")" "0, $before" "the stock tree stays as it is, though its files are shared"
touch -d @1000 "$work"/patched/kernel/events/*
patch_of 0002-fifteen 15 XV
into_copy
same "$(sed -n 15p "$work/patched/kernel/events/core.c")" XV "a changed patch is applied afresh"
same "$(stat -c %Y "$work/patched/kernel/events/new.c")" 1000 "a file that did not change keeps its time stamp"
rm "$project"/kernel/patches/1.0/0001* "$project/kernel/events/new.c"
into_copy
check "what the change no longer adds is removed" test ! -e "$work/patched/kernel/events/new.c"
same "$(sed -n 5p "$work/patched/kernel/events/core.c")" 5 "what the change no longer touches is stock again"

setup
same "$("$project/scripts/base-of" "$linux" 2>&1)" 1.0 "a tree of a known version gets its own patches"
mkdir "$project/kernel/patches/2.0" "$project/kernel/patches/10.0"
printf 'VERSION = 2\nPATCHLEVEL = 7\n' > "$linux/Makefile"
same "$("$project/scripts/base-of" "$linux" 2>/dev/null)" 2.0 "an unknown version gets the nearest older base"
contains "$("$project/scripts/base-of" "$linux" 2>&1 >/dev/null)" "2.7 is not a base" "a note says so"
printf 'VERSION = 0\nPATCHLEVEL = 9\n' > "$linux/Makefile"
same "$("$project/scripts/base-of" "$linux" 2>/dev/null)" 1.0 "a version older than all gets the oldest base"

done_testing
