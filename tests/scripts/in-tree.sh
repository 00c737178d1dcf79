#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The tool and the selftests in a kernel tree: built, installed and cleaned as its
# other tools and selftests are, in the tree and with O= outside of it.
#
# usage: in-tree.sh [HEADERS]		(usr/include of a kernel that was built)

set -u
# shellcheck source=tests/lib/tap
. "$(dirname "$0")/../lib/tap"
top=$(cd "$(dirname "$0")/../.." && pwd)
export LC_ALL=C BASE=${BASE:-7.3}
[ "${ARCH:-$(uname -m)}" = "$(uname -m)" ] || skip_all "programs for $ARCH don't run here"
grep -q '^+++ b/tools/Makefile' "$top/kernel/patches/$BASE"/*.patch ||
	skip_all "the patches for Linux $BASE don't make the tool one of the tree's"
unset KERNEL_SRC MUTANT ARCH CROSS_COMPILE MAKEFLAGS MAKELEVEL MFLAGS V O PREFIX DESTDIR
headers=${1-$top/build/kernel/$BASE-x86_64-plain/usr/include}
patched=$("$top/scripts/build-kernel" patched source) || exit

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/linux

# What the builds need of the tree, sharing the files: nothing may write to them.
mkdir "$tree"
(cd "$patched" && cp -al --parents scripts/subarch.include tools/{Makefile,scripts,build} tools/aux-tune \
	tools/testing/selftests/{Makefile,lib.mk,run_kselftest.sh,kselftest,perf_aux} \
	tools/testing/selftests/*.h "$tree")
[ ! -d "$headers" ] || { mkdir "$tree/usr" && cp -a "$headers" "$tree/usr/include"; }

state() { (cd "$tree" && find . -printf '%p %y %m ' -a \( -type f -printf '%s %T@\n' -o -printf '\n' \) | sort); }
state > "$work/before"
# unchanged DESCRIPTION: the tree is as it was
unchanged() {
	state > "$work/after"
	check "$1" diff "$work/before" "$work/after"
}
# inside DIR: the files below it, in one line
inside() { (cd "$1" 2>/dev/null && find . -type f -printf '%P\n' | sort | xargs); }

# The tool is built three times over.
cc=gcc
if command -v ccache >/dev/null; then
	cc='ccache gcc'
	export CCACHE_NOHASHDIR=1
fi
kmake() { make -s -j2 CC="$cc" "$@"; }
check "the tree knows the tool" test -n "$(sed -n '/^aux-tune[ :].*descend/,$p;/^aux-tune .*FORCE/p' "$tree/tools/Makefile")"
contains "$(make -s -C "$tree/tools" help)" aux-tune "make help lists the tool"

# ----- the tool -----

# installed DIR: whether program, man page and completion are below it
installed() { [ -x "$1/usr/sbin/aux-tune" ] && [ -f "$1/usr/share/bash-completion/completions/aux-tune" ] && [ -f "$1/usr/share/man/man8/aux-tune.8" ]; }
runs() { [[ $("$1" --version) == aux-tune* ]]; }

check "make aux-tune builds it in the tree" kmake -C "$tree/tools" aux-tune
check "it runs" runs "$tree/tools/aux-tune/build/aux-tune"
check "git would ignore what was built" test -z "$(cd "$tree" && git init -q && cp "$patched/.gitignore" . &&
	git -c core.excludesFile= ls-files -o --exclude-standard -- tools/aux-tune | grep -E '/build/|\.[oad]$'; rm -rf .git .gitignore)"
check "make aux-tune_install installs it" kmake -C "$tree/tools" aux-tune_install DESTDIR="$work/root" PREFIX=/usr
check "program, man page and completion are installed" installed "$work/root"
check "make aux-tune_clean cleans up" kmake -C "$tree/tools" aux-tune_clean
unchanged "nothing is left of it in the tree"

mkdir "$work/out"
check "make aux-tune O= builds it elsewhere" kmake -C "$tree/tools" aux-tune O="$work/out"
check "it runs from there" runs "$work/out/aux-tune/aux-tune"
unchanged "the tree stays as it is"
check "make aux-tune_install O= installs that" kmake -C "$tree/tools" aux-tune_install O="$work/out" DESTDIR="$work/root2" PREFIX=/usr
same "$(inside "$work/root2")" "$(inside "$work/root")" "the same is installed from there"
check "make aux-tune_clean O= cleans up there" kmake -C "$tree/tools" aux-tune_clean O="$work/out"
same "$(inside "$work/out")" "" "nothing is left of it there"

# As "make tools/aux-tune" in the tree calls it, without O=.
check "make tools/aux-tune builds beside the sources" kmake -C "$tree/tools" aux-tune O="$tree" subdir=tools LDFLAGS=
check "it runs from beside the sources" runs "$tree/tools/aux-tune/aux-tune"
check "make tools/aux-tune_clean cleans up" kmake -C "$tree/tools" aux-tune_clean O="$tree" subdir=tools
unchanged "no source is taken for something that was built"

# ----- the selftests -----

if [ ! -d "$tree/usr/include" ]; then
	skip "the selftests in the tree" "no headers of this kernel: $headers"
	done_testing
	exit
fi

# selftests ARGUMENTS...: with warnings as errors
selftests() { kmake -C "$tree/tools/testing/selftests" TARGETS=perf_aux USERCFLAGS=-Werror "$@"; }
mapfile -t programs < <(make -s -C "$tree/tools/testing/selftests/perf_aux" emit_tests | sed 's/.*://')
check "the selftests are listed" test ${#programs[@]} -gt 5
# missing DIR TEST...: which of them are not there
missing() {
	local program
	for program in "${@:2}"; do
		[ -x "$1/$program" ] || echo "$program"
	done
}

check "make all builds the selftests in the tree" selftests all
same "$(missing "$tree/tools/testing/selftests/perf_aux" "${programs[@]}")" "" "all of them are there"
check "make install installs them" selftests install INSTALL_PATH="$work/selftests"
same "$(missing "$work/selftests/perf_aux" "${programs[@]}")" "" "all of them are installed"
same "$(grep -c '^perf_aux:' "$work/selftests/kselftest-list.txt")" ${#programs[@]} "the list of tests has all of them"
rm -rf "$tree/tools/testing/selftests/kselftest_install"
check "make clean cleans up" selftests clean
unchanged "nothing is left of the selftests in the tree"

mkdir -p "$work/kselftest/usr"
cp -a "$headers" "$work/kselftest/usr/include"
check "make all O= builds the selftests elsewhere" selftests all O="$work/kselftest"
mapfile -t compiled < <(printf '%s\n' "${programs[@]}" | grep -v '\.sh$')
same "$(missing "$work/kselftest/kselftest/perf_aux" "${compiled[@]}")" "" "all that are compiled are there"
unchanged "the tree stays as it is"
check "make install O= installs them" selftests install O="$work/kselftest" INSTALL_PATH="$work/selftests2"
same "$(missing "$work/selftests2/perf_aux" "${programs[@]}")" "" "all of them are installed from there"
check "make clean O= cleans up" selftests clean O="$work/kselftest"
same "$(inside "$work/kselftest/kselftest/perf_aux")" "" "nothing is left of them there"

done_testing
