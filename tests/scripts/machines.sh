#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Architectures and page sizes that there are not: each is refused with a word on
# what there is, before anything is fetched or built.

set -u
# shellcheck source=tests/lib/tap
. "$(dirname "$0")/../lib/tap"
cd "$(dirname "$0")/../.." || exit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export BASE=7.3 FLAVOUR=plain XDG_CACHE_HOME=$work/cache
unset KERNEL_SRC ARCH PAGE_SIZE VM_CPU

# refused MESSAGE COMMAND...
refused() {
	local message=$1 output status=0
	shift
	output=$("$@" 2>&1 < /dev/null) || status=$?
	check "$* fails" [ $status -ne 0 ]
	contains "$output" "$message" "and says '$message'"
}

refused "ARCH=sparc: x86_64 or arm64" env ARCH=sparc scripts/build-kernel patched
refused "PAGE_SIZE=8k: 4k, and on arm64 also 16k or 64k" env ARCH=arm64 PAGE_SIZE=8k scripts/build-kernel patched
refused "PAGE_SIZE=16k: 4k, and on arm64 also 16k or 64k" env PAGE_SIZE=16k scripts/build-kernel patched
refused "sparc: no packages are known for it" scripts/build-root sparc
refused "not BASE/ARCH/PAGE_SIZE" tests/matrix 7.3/x86_64/64k
refused "not BASE/ARCH/PAGE_SIZE" tests/matrix 7.3/arm64
refused "no patches for this base" tests/matrix 7.3/arm64/4k 5.4/arm64/4k

mkdir "$work/kernel"
touch "$work/kernel/vmlinux"
printf 'AUX_ARCH=sparc\nAUX_PAGE_SIZE=8k\n' > "$work/kernel/aux-build"
refused "a kernel for 'sparc', which has no VM" tests/vm/run -n "$work/kernel" true
check "nothing was fetched" [ ! -e "$work/cache" ]

done_testing
