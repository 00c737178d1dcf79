#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Usage: mktree.sh KIND DIR: makes a captured tree to use with aux-tune --root.
#   patched  kernel with aux_max_order, three test PMUs, intel_pt, intel_bts; statistics
#   stock    the same PMUs on a kernel without the attribute
#   noaux    kernel with the feature, no PMU with an AUX area
#   hostile  names and contents nobody should ever see
#   many     500 PMUs with the attribute
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
	cat > "$dir/proc/buddyinfo" <<-END
	Node 0, zone      DMA      0      0      0      0      0      0      0      0      1      1      3 
	Node 0, zone    DMA32    331    212    118     74     41     23     12      9      6      4    121 
	Node 0, zone   Normal   4791   2561   2059   1396    799    404    146     33     21      0    397 
	END
}

plain_pmus() {
	pmu breakpoint 5
	pmu cpu 4
	pmu software 1
	pmu tracepoint 2
}

statistics() {
	aux=$dir/sys/kernel/debug/perf_aux
	mkdir -p "$aux/intel_pt" "$aux/aux_test_nice"
	printf 'areas_live 2\npages_live 2048\nareas_failed 1\nfallbacks 17\nsomething_new 5\n' > "$aux/intel_pt/stats"
	printf 'areas_live 1\npages_live 16\nareas_failed 0\nfallbacks 0\n' > "$aux/aux_test_nice/stats"
	cat > "$aux/areas" <<-END
	pmu cpu pid size mode order chunks node age comm
	intel_pt 0 4711 4194304 rw 3 3:128 0 12 perf record
	aux_test_nice 1 4712 65536 overwrite 0 0:16 0 3 traffic
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
*)
	echo "mktree.sh: no tree '$kind'" >&2
	exit 2
	;;
esac
