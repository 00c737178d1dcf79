# SPDX-License-Identifier: GPL-2.0-only
set terminal pngcairo size 900,560 font "sans,11" noenhanced
set output output
set datafile separator ","
set title "Blocks of 2 MiB and more that 16 AUX areas of 4 MiB of intel_pt take\n(64 MiB; 128 MiB are free in runs of 8 pages)"
set ylabel "large blocks lost"
set style data histograms
set style histogram clustered gap 2
set style fill solid 0.8 border -1
set yrange [0:*]
set key below
set grid ytics
pick(kernel, order) = sprintf("< awk -F, -v OFS=, '$2 == \"blocks\" && $1 == \"%s\" && $5 == \"%s\" && $7 == \"large_lost\" { print \"small blocks are \" $6, $9 }' %s", kernel, order, results)
plot pick("stock", "-") using 2:xtic(1) lc 1 title "stock", \
     pick("patched", "-") using 2 lc 2 title "patched (order 0, the default)", \
     pick("patched", "9") using 2 lc 3 title "patched, aux_max_order 9"
