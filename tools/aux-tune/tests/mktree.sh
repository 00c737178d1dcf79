#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Usage: mktree.sh KIND DIR: makes a captured tree to use with aux-tune --root.
#   patched  kernel with aux_max_order, three test PMUs, intel_pt, intel_bts; statistics
#   stock    the same PMUs on a kernel without the attribute
#   64k      a machine with larger pages than usual
#   noaux    kernel with the feature, no PMU with an AUX area
#   hostile  names and contents nobody should ever see
#   many     500 PMUs with the attribute
#   fleet    200 PMUs with statistics, an area each
set -eu
umask 022
kind=$1 dir=$2
devices=$dir/sys/bus/event_source/devices

# As in sysfs: the bus directory has links to the devices.
pmu() { # NAME TYPE [ORDER [MODE]]
	mkdir -p "$dir/sys/devices/$1" "$devices"
	ln -sfn "../../../devices/$1" "$devices/$1"
	echo "$2" > "$dir/sys/devices/$1/type"
	[ $# -lt 3 ] || printf '%s\n' "$3" > "$dir/sys/devices/$1/aux_max_order"
	[ $# -lt 4 ] || chmod "$4" "$dir/sys/devices/$1/aux_max_order"
}

proc() {
	mkdir -p "$dir/proc/sys/kernel"
	echo 7.3.4-test > "$dir/proc/sys/kernel/osrelease"
	# Each line ends with a space.
	sed 's/$/ /' > "$dir/proc/buddyinfo" <<-END
	Node 0, zone      DMA      0      0      0      0      0      0      0      0      1      1      3
	Node 0, zone    DMA32    331    212    118     74     41     23     12      9      6      4    121
	Node 0, zone   Normal   4791   2561   2059   1396    799    404    146     33     21      0    397
	END
	# In KiB and in pages, which is how a tree tells its page size.
	printf 'MemTotal:        3145728 kB\nMemFree:         2441076 kB\n' > "$dir/proc/meminfo"
	printf 'nr_free_pages 610000\nnr_free_pages_blocks 0\n' > "$dir/proc/vmstat"
}

plain_pmus() {
	pmu breakpoint 5
	pmu cpu 4
	pmu software 1
	pmu tracepoint 2
}

# stats PMU NAME=VALUE...: as the kernel prints them, 0 for what is not given.
stats() {
	mkdir -p "$aux/$1"
	stats_file=$aux/$1/stats
	shift
	{
		for name in area_live page_live area_alloc area_fail_max_order \
			    area_fail_page_array area_fail_no_block area_fail_setup \
			    area_fail_interrupted chunk_fallback; do
			echo "$name 0"
		done
		for name in chunk_live chunk_alloc; do
			for order in 0 1 2 3 4 5 6 7 8 9 10; do
				echo "${name}_order_$order 0"
			done
		done
		echo "alloc_ns_total 0"
		echo "alloc_ns_max 0"
	} > "$stats_file"
	for counter; do
		sed -i "s/^${counter%=*} .*/${counter%=*} ${counter#*=}/" "$stats_file"
	done
}

statistics() {
	aux=$dir/sys/kernel/debug/perf_aux
	mkdir -p "$aux"
	stats aux_test_dontcare
	stats aux_test_must area_alloc=3 area_fail_max_order=2 area_fail_no_block=5 \
		chunk_alloc_order_10=3 alloc_ns_total=4500000 alloc_ns_max=2500000
	stats aux_test_nice area_live=1 page_live=16 area_alloc=1 chunk_live_order_0=16 \
		chunk_alloc_order_0=16 alloc_ns_total=21500 alloc_ns_max=21500
	stats intel_bts
	stats intel_pt area_live=2 page_live=2048 area_alloc=14 area_fail_setup=1 \
		chunk_fallback=17 chunk_live_order_3=64 chunk_live_order_8=2 \
		chunk_live_order_9=2 chunk_alloc_order_0=12 chunk_alloc_order_3=64 \
		chunk_alloc_order_8=5 chunk_alloc_order_9=19 alloc_ns_total=3500000 \
		alloc_ns_max=1234567
	# From a kernel that is newer than the tool.
	echo "something_new 5" >> "$aux/intel_pt/stats"
	cat > "$aux/areas" <<-'END'
	pmu cpu pid comm pages mode max_order node age_ms chunks
	intel_pt 0 4711 perf\040record 1024 rw 9 0 125118 8:2,9:1
	aux_test_nice -1 4712 traffic 16 overwrite 0 -1 3004 0:16
	intel_pt 11 4711 perf\040record 1024 rw 9 0 5118 3:64,9:1
	END
}

case $kind in
patched|nodebugfs)
	proc
	plain_pmus
	pmu aux_test_dontcare 12 0
	pmu aux_test_must 10 10 444
	pmu aux_test_nice 11 0
	pmu intel_bts 9 10 444
	pmu intel_pt 8 0
	[ "$kind" = nodebugfs ] || statistics
	;;
stock)
	proc
	plain_pmus
	pmu intel_bts 9
	pmu intel_pt 8
	;;
64k)
	# An arm64 kernel with pages of 64 KiB and blocks up to order 13.
	proc
	echo 'Node 0, zone Normal 12 9 7 5 3 2 1 1 0 2 1 0 0 3' > "$dir/proc/buddyinfo"
	printf 'nr_free_pages 38141\n' > "$dir/proc/vmstat"
	plain_pmus
	pmu arm_spe_0 9 0
	pmu cs_etm 8 2
	;;
noaux)
	proc
	plain_pmus
	mkdir -p "$dir/sys/kernel/debug/perf_aux"
	;;
hostile)
	proc
	printf 'Node 0, zone Normal 1 2 99999999999999999999 4\nNode\n\nNode 0, zone x 1 2 3\n\377\376\n' > "$dir/proc/buddyinfo"
	pmu good 20 1
	pmu garbage 21 "$(printf 'one\033[2J')"
	pmu huge 22 99999999999999999999
	pmu negative 99999999999999999999 -1
	pmu empty '' ''
	pmu "$(printf 'esc\033[31mape')" 23 2
	pmu "quote'\"\$(id)\`id\`" 24 0
	pmu 'sp ace;rm -rf' 25 0
	pmu "$(printf 'bad\377utf8')" 26 0
	pmu "$(printf 'bidi\342\200\256name')" 27 0
	pmu "$(printf 'new\nline')" 28 0
	pmu '*' 29 0
	pmu 'long_________________________________________________________________________________________________________________________________________________________________________________________________________________________________________name' 30 0
	pmu fifo 31
	mkfifo "$dir/sys/devices/fifo/aux_max_order"
	pmu directory 32
	mkdir "$dir/sys/devices/directory/aux_max_order"
	aux=$dir/sys/kernel/debug/perf_aux
	mkdir -p "$aux/good" "$aux/huge/stats"
	printf 'area_live 3\narea_live 4\npage_live 18446744073709551615\narea_fail_setup 18446744073709551615\narea_fail_new 2\nchunk_live_order_0 18446744073709551615\nchunk_live_order_24 18446744073709551615\nchunk_live_order_25 1\nchunk_live_order_-1 1\nchunk_live_order_01 1\n\033[2J 5\nalloc_ns_max 18446744073709551615\narea_alloc 0\nalloc_ns_total 1' > "$aux/good/stats"
	cat > "$aux/areas" <<-'END'
	pmu cpu pid comm pages mode max_order node age_ms chunks new
	good 0 1 \033[31mred\007 16 rw 0 0 3 0:16 \033]0;x\007
	good 0 0 - 9223372036854775807 rw 0 0 9223372036854775807 24:18446744073709551615 \000
	good -1 2 \377\134\342\200\256 16 rw 0 -1 3 0:16 x
	good 1 3 torn 16 rw
	good one 4 number 16 rw 0 0 3 0:16 x
	good 1 5 chunks 16 rw 0 0 3 0:16,25:1 x
	good 1 6 two words 16 rw 0 0 3 0:16 x
	END
	printf 'good 0 7 end 16 rw 0 0 3 0:1' >> "$aux/areas"
	pmu outside 33
	ln -s /etc/hostname "$dir/sys/devices/outside/aux_max_order"
	pmu large 34
	head -c 100000 /dev/zero | tr '\0' 7 > "$dir/sys/devices/large/aux_max_order"
	pmu nul 35
	printf '1\0002' > "$dir/sys/devices/nul/aux_max_order"
	ln -s loop "$devices/loop"
	ln -s ../../../devices/missing "$devices/missing"
	: > "$devices/plain_file"
	;;
many)
	proc
	i=0
	while [ $i -lt 500 ]; do
		pmu "pmu_$i" $((100 + i)) $((i % 11))
		i=$((i + 1))
	done
	;;
fleet)
	proc
	statistics
	stats fleet_0 area_live=1 page_live=1024 area_alloc=7 chunk_live_order_3=128 \
		chunk_alloc_order_3=896 alloc_ns_total=3500000 alloc_ns_max=1234567
	sed -n 1p "$aux/areas" > "$aux/areas.new"
	i=0
	while [ $i -lt 200 ]; do
		pmu "fleet_$i" $((100 + i)) 3
		[ $i = 0 ] || cp -r "$aux/fleet_0" "$aux/fleet_$i"
		echo "fleet_$i 0 $((4000 + i)) perf 1024 rw 3 0 125118 3:128" >> "$aux/areas.new"
		i=$((i + 1))
	done
	mv "$aux/areas.new" "$aux/areas"
	;;
*)
	echo "mktree.sh: no tree '$kind'" >&2
	exit 2
	;;
esac
