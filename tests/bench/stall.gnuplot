# SPDX-License-Identifier: GPL-2.0-only
set terminal pngcairo size 900,560 font "sans,11" noenhanced
set output output
set datafile separator ","
set title "Slowest of 8 mmap()s of 16 MiB by intel_pt in fragmented memory"
set ylabel "million guest instructions (QEMU -icount)"
set style data histograms
set style histogram clustered gap 2
set style fill solid 0.8 border -1
set logscale y
set yrange [1:*]
set key below
set grid ytics
pick(kernel, order) = sprintf("< awk -F, -v OFS=, '$2 == \"stall\" && $1 == \"%s\" && $5 == %d && $7 == \"worst_map\" { print ($6 == \"pinned\" ? \"memory can not be moved\" : \"memory can be moved\"), $9 / 1000000 }' %s", kernel, order, results)
plot pick("stock", 9) using 2:xtic(1) lc 1 title "stock, order 9", \
     pick("patched", 9) using 2 lc 2 title "patched, order 9", \
     pick("stock", 0) using 2 lc 1 fs pattern 4 title "stock, order 0", \
     pick("patched", 0) using 2 lc 2 fs pattern 4 title "patched, order 0"
