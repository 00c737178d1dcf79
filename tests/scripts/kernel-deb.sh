#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make kernel-deb, as far as the configuration: Debian's own, with the change.
# The build takes hours.

set -u
# shellcheck source=tests/lib/tap
. "$(dirname "$0")/../lib/tap"
top=$(cd "$(dirname "$0")/../.." && pwd)
export BASE=${BASE:-7.3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset KERNEL_CONFIG

[ "${ARCH:-x86_64}" = x86_64 ] || skip_all "only for x86_64"

"$top/scripts/build-kernel-deb" config > "$work/path" 2> "$work/err"
same $? 0 "Debian's configuration takes the change"
config=$(<"$work/path")
[ -f "$config" ] || { diag "$(<"$work/err")"; done_testing; exit; }
check "the statistics are in" grep -qx CONFIG_PERF_AUX_STATS=y "$config"
check "the test PMUs are not" grep -qx '# CONFIG_PERF_AUX_TEST_PMU is not set' "$config"
check "it is a kernel for real machines" grep -qx CONFIG_SATA_AHCI=m "$config"
check "the PMUs of Intel are in" grep -qx CONFIG_CPU_SUP_INTEL=y "$config"
check "its name tells it from Debian's" grep -qx 'CONFIG_LOCALVERSION="-aux"' "$config"
check "it has no key that is only Debian's" grep -qx 'CONFIG_SYSTEM_TRUSTED_KEYS=""' "$config"
contains "$(<"$work/err")" "differences to where it came from" "what is different is told"

KERNEL_CONFIG=$work/missing "$top/scripts/build-kernel-deb" config > /dev/null 2> "$work/err"
same $? 1 "a configuration that is not there is an error"
contains "$(<"$work/err")" "$work/missing: no such file" "which names it"
"$top/scripts/build-kernel-deb" nonsense > /dev/null 2>&1
same $? 2 "wrong usage has its own status"

done_testing
