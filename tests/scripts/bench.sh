#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The benchmark works: each of its cases measures something on both kernels. What it
# measures is not judged.
#
# usage: bench.sh STOCK_BUILD_DIR PATCHED_BUILD_DIR
# shellcheck disable=SC2016 # awk's dollars

set -u
# shellcheck source=tests/lib/tap
. "$(dirname "$0")/../lib/tap"
top=$(cd "$(dirname "$0")/../.." && pwd)
bench=$top/tests/bench
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# ----- the arithmetic -----

cat > "$work/raw.csv" <<EOF
round,kernel,case,pmu,bytes,order,state,metric,value
1,stock,map,intel_pt,4096,0,-,cost,100
1,patched,map,intel_pt,4096,0,-,cost,9
2,patched,map,intel_pt,4096,0,-,cost,11
2,stock,map,intel_pt,4096,0,-,cost,20
3,stock,map,intel_pt,4096,0,-,cost,3.5
EOF
same "$("$bench/summarize" "$work/raw.csv")" "kernel,case,pmu,bytes,order,state,metric,samples,median,min,max
stock,map,intel_pt,4096,0,-,cost,3,20,3.5,100
patched,map,intel_pt,4096,0,-,cost,2,10,9,11" "results are medians, minima and maxima"

echo '3,stock,map,intel_pt' >> "$work/raw.csv"
if "$bench/summarize" "$work/raw.csv" > /dev/null 2>&1; then status=1; else status=0; fi
result $status "a line that is cut off is an error"

# ----- the whole of it, in small -----

out=$top/build/bench/quick
rm -rf "$out"
"$bench/run" --quick "$1" "$2" > "$work/table" 2> "$work/err"
status=$?
result $status "the quick benchmark runs"
[ $status -eq 0 ] || diag "$(tail -n 20 "$work/err")"

# shellcheck disable=SC2317 # called by check
measured() {
	awk -F, -v kernel="$1" -v name="$2" -v metric="$3" '
		$1 == kernel && $2 == name && $7 == metric { n++ }
		END { exit !n }' "$out/results.csv"
}
while read -r name metric; do
	for kernel in stock patched; do
		[ "$kernel-$name" != stock-tool ] || continue
		check "$name: $metric is measured on the $kernel kernel" measured $kernel "$name" "$metric"
	done
done <<-EOF
	costs zero
	costs alloc_bulk
	map map_per_page
	map unmap_per_page
	map alloc_per_page
	map free_per_page
	topa tables
	topa build
	topa reset_markers
	blocks large_lost
	blocks huge_pages_during
	stall worst_map
	stall compact_stall
	must success_percent
	tool instructions_per_update
	tool resident_kib
EOF

# With QEMU's 8 bytes per instruction; the loop and the call around it are few more.
check "the clock of the guest counts instructions" awk -F, '
	$2 == "costs" && $7 == "zero" { n++; if ($9 < 512 || $9 > 600) bad = 1 }
	END { exit bad || n != 2 }' "$out/results.csv"
check "mapping a page takes more than zeroing it" awk -F, '
	$7 == "map_per_page" { n++; if ($9 < 520 || $9 > 100000) bad = 1 }
	END { exit bad || !n }' "$out/results.csv"

for plot in map blocks must stall; do
	same "$(head -c 4 "$out/$plot.png" 2>/dev/null | tail -c 3)" PNG "$plot.png is a plot"
done
check "the page has a table of each case" awk '/^==*  =/ { n++ } END { exit n != 8 * 3 }' "$out/report.rst"
check "no figure is missing from the page" awk '/(^|[ -])(nan|inf)( |$)/ { exit 1 }' "$out/report.rst"

done_testing
