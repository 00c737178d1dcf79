# SPDX-License-Identifier: GPL-2.0-only
set terminal pngcairo size 900,560 font "sans,11" noenhanced
set output output
set datafile separator ","
set title "Mapping and unmapping an AUX area of intel_pt"
set xlabel "size of the AUX area in MiB"
set ylabel "guest instructions (QEMU -icount) per page"
set logscale x 2
set yrange [0:*]
set key below
set grid ytics
pick(kernel, order) = sprintf("< awk -F, -v OFS=, '$2 == \"map\" && $3 == \"intel_pt\" && $1 == \"%s\" && $5 == %d && ($7 == \"map_per_page\" || $7 == \"unmap_per_page\") { mib = $4 / 1048576; sum[mib] += $9; low[mib] += $10; high[mib] += $11 } END { for (mib in sum) print mib, sum[mib], low[mib], high[mib] }' %s | sort -t, -n", kernel, order, results)
zero = real(system(sprintf("awk -F, '$1 == \"patched\" && $2 == \"costs\" && $7 == \"zero\" { print $9 }' %s", results)))
plot pick("stock", 0) using 1:2:3:4 with yerrorlines lc 1 pt 5 title "stock, order 0", \
     pick("patched", 0) using 1:2:3:4 with yerrorlines lc 2 pt 7 title "patched, order 0", \
     pick("stock", 9) using 1:2:3:4 with yerrorlines lc 1 dt 2 pt 4 title "stock, order 9", \
     pick("patched", 9) using 1:2:3:4 with yerrorlines lc 2 dt 2 pt 6 title "patched, order 9", \
     zero with lines lc 0 dt 3 title "zeroing the page"
