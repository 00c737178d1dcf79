#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Usage: probe.sh AUX-TUNE: what probe would do, and refuses to do. What it does takes a kernel
# with such PMUs: tests/vm/probe.sh.
set -u
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=tools/aux-tune/tests/harness.sh
. "$here/harness.sh"

begin "a dry run says what would be mapped, and writes nothing"
fresh patched
echo 3 > "$tmp/tree/sys/bus/event_source/devices/intel_pt/aux_max_order"
run probe intel_pt --dry-run
want_status 0
want_out "intel_pt: would map an AUX area of 64M (rw), with aux_max_order 0 to 10, which is 3 again afterwards"
run probe intel_pt --dry-run --json --size 4M --orders 2-4 --mode overwrite
want_status 0
want_json '.probes == [{"pmu": "intel_pt", "kind": "nice", "mode": "overwrite", "size_kib": 4096, "dry_run": true, "writes": true, "orders": [2, 3, 4], "note": null}]'
run probe intel_pt --dry-run --json --orders 3
want_json '.probes[0].writes == false'
want_order intel_pt 3
end

begin "a pattern means PMUs with an AUX area"
run probe '*' --dry-run --json
want_status 0
want_json '[.probes[].pmu] == ["aux_test_dontcare", "aux_test_must", "aux_test_nice", "intel_bts", "intel_pt"]'
run probe 'soft*' --dry-run
want_status 4
run probe software --dry-run
want_status 4
want_err "no AUX area"
run probe nosuch
want_status 3
end

begin "a PMU that is read-only has one order to try"
run probe intel_bts --dry-run --json
want_status 0
want_json '.probes[0].orders == [10] and .probes[0].writes == false'
run probe intel_bts --dry-run --orders 10
want_status 0
run probe intel_bts --dry-run --orders 0-10
want_status 4
want_err "only order 10 can be tried"
end

begin "--readonly changes nothing, so it tries today's order"
run probe intel_pt --readonly --dry-run --json
want_json '.probes[0] | .orders == [3] and .writes == false and (.note | contains("--readonly"))'
run probe intel_pt --readonly --dry-run --orders 4
want_status 4
end

begin "without permission only today's order can be tried"
run_other probe intel_pt --dry-run --json
want_json '.probes[0] | .orders == [3] and (.note | contains("root"))'
run_other probe intel_pt --dry-run --orders 0-10
want_status 5
want_err "sudo"
end

begin "a kernel without the attribute maps areas as it does"
fresh stock
run probe intel_pt --dry-run
want_status 6
want_out "as this kernel makes it"
run probe intel_pt --dry-run --json
want_json '.probes[0].orders == [] and .errors[0].code == "no-attribute"'
run probe intel_pt --dry-run --orders 3
want_status 6
end

begin "sizes, orders and modes that are none"
fresh patched
for bad in 0 3 3M 1000000 -1 64MB 1.5M '' 4K4 99999999999999999999; do
	run probe intel_pt --dry-run --size "$bad"
	want_status 2
	want_silent out
done
for bad in a -1 3- -3 10-0 0-25 1,2 '' 03 0-03 99999999999999999999; do
	run probe intel_pt --dry-run --orders "$bad"
	want_status 2
	want_silent out
done
run probe intel_pt --dry-run --orders 0-11
want_status 4
want_err "0 to 10"
run probe intel_pt --dry-run --mode ro
want_status 2
run probe
want_status 2
run list --size 4M
want_status 2
end

begin "an area that memory does not hold is refused"
printf 'MemTotal: 200000 kB\nMemAvailable:  100000 kB\n' > "$tmp/tree/proc/meminfo"
run probe intel_pt --dry-run
want_status 0
run probe intel_pt --dry-run --size 128M
want_status 4
want_err "128M does not fit: 97M"
end

begin "areas are mapped on the running system only"
run probe intel_pt
want_status 4
want_err "not with --root"
want_order intel_pt 0
end

begin "hostile names"
fresh hostile
for pmu in 'esc*' good garbage empty negative loop '*' nul; do
	run probe "$pmu" --dry-run
	[ "$status" -le 6 ] || fail "$pmu: exit status $status"
	want_clean
	run probe "$pmu" --dry-run --json
	jq -e . "$tmp/out" > /dev/null 2>&1 || fail "$pmu: invalid JSON"
done
end

finish
