# SPDX-License-Identifier: GPL-2.0-only
set terminal pngcairo size 900,560 font "sans,11" noenhanced
set output output
set datafile separator ","
set title "16 AUX areas of intel_bts in overwrite mode: one block each\n(a quarter of memory is free in runs of 4 pages; half of the 4 MiB blocks have a page that can't be moved)"
set xlabel "such blocks ready before"
set ylabel "areas that could be mapped, in %"
set xrange [16.5:-0.5]
set yrange [0:105]
set xtics 4
set key below
set grid ytics
pick(kernel, bytes) = sprintf("< awk -F, -v OFS=, '$2 == \"must\" && $1 == \"%s\" && $4 == %d && $7 == \"success_percent\" && $6 ~ /; 50%% pinned/ { split($6, words, \" \"); print words[1], $9, $10, $11 }' %s | sort -t, -n", kernel, bytes, results)
sizes = "4096 1024 256"
kib(i) = int(word(sizes, i))
plot for [i = 1:3] pick("stock", 1024 * kib(i)) using 1:2:3:4 with yerrorlines lc 1 dt i pt 5 title sprintf("stock, %d KiB", kib(i)), \
     for [i = 1:3] pick("patched", 1024 * kib(i)) using 1:2:3:4 with yerrorlines lc 2 dt i pt 7 title sprintf("patched, %d KiB", kib(i))
