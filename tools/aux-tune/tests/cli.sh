#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Usage: cli.sh AUX-TUNE: what the command does as a script sees it: exit status, output, JSON.
set -u
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=tools/aux-tune/tests/harness.sh
. "$here/harness.sh"

begin "help is for everybody and goes to standard output"
fresh patched
run --help
want_status 0
want_out "Usage: aux-tune"
want_out "LIVE-KIB"
want_out "reset  PMU..."
want_silent err
run set --json --help
want_status 0
want_out "Usage: aux-tune"
end

begin "version"
run --version
want_status 0
grep -qE '^aux-tune [0-9]+\.[0-9]+$' "$tmp/out" || fail "no version"
end

begin "list shows the PMUs with an AUX area"
run list
want_status 0
want_out "intel_pt          nice"
want_out "aux_test_must     must          10 4096 "
want_out "intel_pt          nice           0    4     2     8192       17    1 ...▂....▂▄."
[ "$(wc -L < "$tmp/out")" -le 80 ] || fail "wider than 80 columns"
! grep -q software "$tmp/out" || fail "software has no AUX area"
run list --all
want_status 0
want_out "software"
run list 'intel_*' -o pmu,order
want_status 0
printf 'PMU       ORDER\nintel_bts    10\nintel_pt      0\n' | cmp -s - "$tmp/out" ||
	fail "not exactly the columns asked for"
end

begin "list as JSON"
run list --json
want_status 0
want_json '.kernel == "7.3.4-test" and .max_order == 10 and .support == "yes"'
want_json '.pmus | length == 5'
want_json '.pmus[] | select(.pmu == "intel_pt") | .order == 0 and .kind == "nice" and .live_kib == 8192 and .access == "rw"'
want_json 'has("statistics_unavailable") and .statistics_unavailable == null'
want_json '.pmus[] | select(.pmu == "intel_pt") | .area_live == 2 and .chunk_fallback == 17 and .area_fail == 1 and .chunk_live[3] == 64'
# Every counter under the name the kernel gives it.
while read -r counter value; do
	want_json ".pmus[] | select(.pmu == \"intel_pt\") | .statistics.$counter == $value"
done < "$tmp/tree/sys/kernel/debug/perf_aux/intel_pt/stats"
want_json '.pmus[] | select(.pmu == "intel_pt") | .statistics.chunk_alloc == [12,0,0,64,0,0,0,0,5,19,0]'
# Areas, counters and pages agree.
want_json 'all(.pmus[]; .statistics.area_live == (.areas | length))'
want_json 'all(.pmus[]; .statistics.page_live == ([.areas[].pages] | add // 0))'
want_json 'all(.pmus[] | select(.areas != []); .chunk_live == ([.areas[].chunks] | transpose | map(add)))'
# A PMU without counters has no zeros.
rm "$tmp/tree/sys/kernel/debug/perf_aux/intel_bts/stats"
run list --json
want_status 0
want_json '.pmus[] | select(.pmu == "intel_bts") | [.area_live, .live_kib, .chunk_fallback, .area_fail, .chunk_live, .statistics] | all(. == null)'
fresh patched
end

begin "histograms are ASCII where the locale is"
status=0
LC_ALL=C "${tool[@]}" --root "$tmp/tree" list > "$tmp/out" 2> "$tmp/err" || status=$?
want_status 0
want_out "17    1 ...2....25."
end

begin "JSON and table say the same"
run list -o pmu,kind,order,kib,default,access,live-kib
grep -v '^PMU' "$tmp/out" | sed "s/don't care/dont_care/" | awk '{$1=$1; print}' > "$tmp/table"
run list --json -o pmu,kind,order,kib,default,access,live-kib
jq -r '.pmus[] | map(. // "-" | tostring) | join(" ")' "$tmp/out" |
	sed "s/don't care/dont_care/" | cmp -s - "$tmp/table" || fail "they differ"
end

begin "show has counters and areas, known to the tool or not"
run show intel_pt
want_status 0
want_out "memory in them             8192 KiB (2048 pages)"
want_out "mean time to allocate      250.0 us"
want_out "longest time               1234.6 us"
want_out "chunks smaller than asked  17 of 100 handed out (17%)"
want_out "something_new              5"
want_out "        9     2048            2         4096 ████████████████████"
want_out "1 area_fail_setup: the driver refused it"
want_out "4711 perf record  11 4096 rw           9    0 5.1s  1 x 2M, 64 x 32K"
want_out "2m05s"
want_out "USABLE%"
run show intel_pt --json
want_json '.pmus[0].statistics.something_new == 5'
want_json '.pmus[0].areas[0] == {pmu: "intel_pt", cpu: 0, pid: 4711, comm: "perf record", pages: 1024, mode: "rw", max_order: 9, node: 0, age_ms: 125118, chunks: [0,0,0,0,0,0,0,0,2,1,0]}'
want_json '.fragmentation | length == 11'
run show aux_test_must
want_out "lower aux_max_order of other PMUs"
want_out "chunks in live areas: none"
run watch --json --count 1
want_json '.pmus[] | select(.pmu == "aux_test_nice") | .statistics.page_live == 16 and .areas[0].cpu == -1'
end

begin "watch follows the statistics"
eventually() {
	for _ in $(seq 1200); do
		! "$@" || return 0
		sleep 0.1
	done
	return 1
}
reported() { grep -q '"area_fail": *'"$1"'[,}]' "$tmp/out"; }
: > "$tmp/out"
"${tool[@]}" --root "$tmp/tree" watch aux_test_nice -d 0.1 --json > "$tmp/out" 2> "$tmp/err" &
pid=$!
eventually reported 0 || fail "no report"
sed -i 's/^area_fail_no_block .*/area_fail_no_block 9/' \
	"$tmp/tree/sys/kernel/debug/perf_aux/aux_test_nice/stats"
eventually reported 9 || fail "no report of the new counter"
kill $pid
wait $pid
[ "$(jq -s 'first.pmus[0].area_fail, last.pmus[0].area_fail' "$tmp/out" | xargs)" = "0 9" ] ||
	fail "not the new counter"
end

begin "missing statistics are said in one line"
fresh nodebugfs
for args in list show 'watch -n 1'; do
	set -f
	# shellcheck disable=SC2086
	run $args
	want_status 0
	want_err "no statistics: "
	[ "$(wc -l < "$tmp/err")" = 1 ] || fail "$args: not one line"
	! grep -q LIVE "$tmp/out" || fail "$args: a column without a value"
	# shellcheck disable=SC2086
	run $args --json
	set +f
	want_status 0
	want_json '.statistics_unavailable | contains("CONFIG_PERF_AUX_STATS")'
	want_json '.pmus[] | select(.pmu == "intel_pt") | [.area_live, .live_kib, .chunk_fallback, .area_fail, .chunk_live, .statistics, .areas] | all(. == null)'
done
run list --json
want_json '.notes[0] | startswith("no statistics")'
run list --quiet
want_silent err
run list -o pmu,live-kib,histogram
want_status 0
want_out "intel_pt                 - -"
end

begin "statistics only root may read are no failure"
fresh patched
chmod 700 "$tmp/tree/sys/kernel/debug"
run_other list
want_status 0
if [ "$(id -u)" = 0 ]; then
	want_err "without being root"
	run_other list --json
	want_status 0
	want_json '.statistics_unavailable | contains("root")'
	want_json '.pmus[0].area_live == null and .pmus[0].areas == null'
fi
# As the kernel has it: counters for everybody, areas for root.
fresh patched
chmod 400 "$tmp/tree/sys/kernel/debug/perf_aux/areas"
run_other show intel_pt
want_status 0
want_out "areas mapped now           2"
if [ "$(id -u)" = 0 ]; then
	want_out "live areas: Permission denied"
	run_other list --json
	want_json '.areas_unavailable != null and .statistics_unavailable == null'
	want_json 'all(.pmus[]; .areas == null and .statistics.area_live != null)'
fi
end

begin "get prints the number, names only when there are more"
fresh patched
run get intel_bts
want_status 0
[ "$(cat "$tmp/out")" = 10 ] || fail "not just the number"
run get intel_bts intel_pt
[ "$(cat "$tmp/out")" = $'intel_bts 10\nintel_pt 0' ] || fail "not names and numbers"
run get '*'
want_status 0
[ "$(wc -l < "$tmp/out")" = 5 ] || fail "a pattern means PMUs with an AUX area"
run get intel_pt --json
want_json '.pmus == [{"pmu": "intel_pt", "order": 0, "chunk_kib": 4}]'
end

begin "set writes, and says how to do it by hand"
run set intel_pt 3
want_status 0
want_order intel_pt 3
want_out "order 0 -> 3"
want_out "echo 3 > $tmp/tree/sys/bus/event_source/devices/intel_pt/aux_max_order"
want_silent err
run set intel_pt 3
want_status 0
want_out "order is 3 already"
run set intel_pt 64K
want_order intel_pt 4
run set intel_pt max
want_order intel_pt 10
run set --quiet intel_pt 1
want_status 0
want_order intel_pt 1
want_silent out
end

begin "the command it prints does the same"
run set intel_pt 5 --dry-run
sed -n 's/^  //p' "$tmp/out" > "$tmp/command"
sh "$tmp/command"
want_order intel_pt 5
end

begin "set takes several PMUs and patterns"
fresh patched
run set aux_test_nice intel_pt 2
want_status 0
want_order aux_test_nice 2
want_order intel_pt 2
run set 'aux_test_*' 1
want_status 0
want_order aux_test_nice 1
want_order aux_test_dontcare 1
want_order aux_test_must 10
want_err "aux_test_must: skipped: read-only"
# In order, where standard output and standard error are one file.
"${tool[@]}" --root "$tmp/tree" set 'aux_test_*' 2 > "$tmp/out" 2>&1 < /dev/null
[ "$(grep -o '^aux[^:]*: \(order\|aux_test_must\)' "$tmp/out")" = \
	$'aux_test_dontcare: order\naux-tune: aux_test_must\naux_test_nice: order' ] ||
	fail "not in order"
end

begin "set as JSON"
fresh patched
run set intel_pt 2 --json
want_status 0
want_json '.dry_run == false and (.changes[0] | .state == "done" and .before == 0 and .after == 2 and (.command | startswith("echo 2 > ")))'
run set 'aux_test_*' 2 --json --dry-run
want_json '.dry_run and ([.changes[] | .state] == ["planned", "skipped", "planned"])'
want_order aux_test_nice 0
end

begin "--dry-run writes nothing"
fresh patched
run set intel_pt 2 --dry-run
want_status 0
want_out "would change order 0 -> 2"
want_order intel_pt 0
end

begin "reset goes back to the default"
run set intel_pt 2
run reset intel_pt intel_bts
want_status 0
want_order intel_pt 0
want_out "intel_bts: order is 10 already"
end

begin "no such PMU: 3, with the nearest name"
run get inte_pt
want_status 3
want_err "did you mean intel_pt?"
want_silent out
run set nothing_like_it 3
want_status 3
run list 'x*'
want_status 3
run get inte_pt --json
want_status 3
want_json '.errors == [{"code": "no-such-pmu", "exit": 3, "pmu": "inte_pt", "message": "no such PMU; did you mean intel_pt?"}]'
end

begin "refused: 4, and nothing is written"
fresh patched
run set intel_bts 2
want_status 4
want_err "read-only"
run set intel_pt intel_bts 2
want_status 4
want_err "nothing was changed"
want_order intel_pt 0
want_order intel_bts 10
run set intel_pt 11
want_status 4
want_err "0 to 10"
run set intel_pt 8M
want_status 4
run set software 1
want_status 4
want_err "no AUX area"
run get software
want_status 4
run set --readonly intel_pt 1
want_status 4
want_order intel_pt 0
run set 'intel_b*' 1
want_status 4
end

begin "what is no order: 2, with what would be right"
for bad in '' ' ' '3 4' ' 3' '3 ' +1 0x3 1e3 03 three 48K 5k 4KB $'3\n' 1,2; do
	run set intel_pt "$bad"
	want_status 2
	grep -qE "or 'max'|would do" "$tmp/err" || fail "'$bad': no word on what would be right"
	want_silent out
done
for bad in 99999999999999999999 18446744073709551616 4294967296 "$(printf '%04096d' 0 | tr 0 9)"; do
	run set intel_pt "$bad"
	want_status 4
done
run set intel_pt -1
want_status 2
want_err "not negative"
run set intel_pt -- -1
want_status 2
want_order intel_pt 0
end

begin "usage errors: 2, and a hint"
for args in bogus 'set' 'set intel_pt' 'get' 'reset' '--bogus' '-z list' 'list --dry-run' \
	    'get intel_pt -a' 'list -o nope' 'watch -n 0' 'watch -n x' 'watch -d 0' 'watch -d 1e3' \
	    'watch -d -1' '--dry-run' 'set --count 3 intel_pt 1' 'list -o'; do
	# shellcheck disable=SC2086
	run $args
	want_status 2
	want_silent out
done
want_err "try 'aux-tune --help'"
# The option itself, not the word before it.
while read -r wrong args; do
	# shellcheck disable=SC2086
	run $args
	want_status 2
	want_err "$wrong"
done <<-EOF
	'-x' --readonly -qx
	'-f' --readonly -qf
	'--file' --readonly --file
	'--json=3' --quiet --json=3
	'--bogus' list --bogus
EOF
run bogus --json
want_status 2
want_json '.errors[0].code == "usage"'
for args in '--json --bogus' '-qJ bogus' '--js bogus' 'bogus -o pmu -J'; do
	# shellcheck disable=SC2086
	run $args
	want_status 2
	want_json '.errors[0].exit == 2'
done
# Here it is the value of another option.
for args in 'list -o --json' 'list -o -J'; do
	# shellcheck disable=SC2086
	run $args
	want_status 2
	want_silent out
	want_err "-"
done
end

begin "no permission: 5, and how to get it"
fresh patched
run_other set intel_pt 3
want_status 5
want_err "sudo"
want_silent out
run_other set intel_pt 3 --json
want_status 5
want_json '.errors[0].code == "no-permission" and .changes[0].state == "refused"'
want_order intel_pt 0
end

begin "looking needs no permission"
run_other list
want_status 0
run_other show intel_pt
want_status 0
end

begin "a kernel without the attribute: 6, and what can be seen"
fresh stock
run list
want_status 6
want_out "intel_pt"
want_out "USABLE%"
want_err "this kernel has no aux_max_order"
[ "$(wc -l < "$tmp/err")" = 1 ] || fail "not one sentence"
run show intel_pt
want_status 6
for verb in "get intel_pt" "set intel_pt 1" "reset intel_pt" "watch -n 1"; do
	# shellcheck disable=SC2086
	run $verb
	want_status 6
	want_silent out
done
run get intel_pt --json
want_json '.support == "no-attribute" and .errors[0].code == "no-attribute"'
run get nosuch
want_status 3
fresh noaux
run list
want_status 6
want_err "no PMU of this machine has an AUX area"
end

begin "standard output that is full, closed or gone is an error"
fresh patched
status=0
"${tool[@]}" --root "$tmp/tree" list > /dev/full 2> "$tmp/err" || status=$?
want_status 1
want_err "No space left"
status=0
"${tool[@]}" --root "$tmp/tree" list --json >&- 2> "$tmp/err" || status=$?
want_status 1
"${tool[@]}" --root "$tmp/tree" watch -d 0.1 2> "$tmp/err" | head -1 > /dev/null
status=${PIPESTATUS[0]}
want_status 1
want_err "Broken pipe"
end

begin "watch reports at intervals, one line of JSON each"
run watch -d 0.1 -n 3 --json intel_pt
want_status 0
[ "$(wc -l < "$tmp/out")" = 3 ] || fail "not three lines"
while read -r line; do
	jq -e '.time | test("^20[0-9-]+T[0-9:.]+Z$")' <<< "$line" > /dev/null || fail "no time"
done < "$tmp/out"
run watch -d 0.1 -n 2
want_status 0
[ "$(grep -c ^PMU "$tmp/out")" = 2 ] || fail "not two tables"
[ "$(grep -c '^$' "$tmp/out")" = 1 ] || fail "no empty line between them"
! grep -qF "\\\\" "$tmp/out" || fail "an escape sequence"
end

begin "watch shows what is saved meanwhile"
fresh patched
"${tool[@]}" --root "$tmp/tree" watch -d 0.1 --json intel_pt -o pmu,saved > "$tmp/out" 2> "$tmp/err" &
pid=$!
eventually test -s "$tmp/out"
"${tool[@]}" --root "$tmp/tree" save intel_pt > /dev/null 2>&1
saved_shown() { tail -n 1 "$tmp/out" | jq -e '.pmus[0].saved_order == 0' > /dev/null 2>&1; }
eventually saved_shown || fail "it never shows"
kill $pid
wait $pid 2> /dev/null
fresh patched
end

begin "watch reports a change at once"
rm "$tmp/out"
"${tool[@]}" --root "$tmp/tree" watch -d 3000 -n 2 --json intel_pt > "$tmp/out" 2> "$tmp/err" &
pid=$!
eventually test -s "$tmp/out"
echo 7 > "$tmp/tree/sys/bus/event_source/devices/intel_pt/aux_max_order"
ended() { ! kill -0 $pid 2> /dev/null; }
eventually ended || fail "it did not notice"
kill $pid 2> /dev/null
wait $pid
[ "$(tail -1 "$tmp/out" | jq '.pmus[0].order')" = 7 ] || fail "not the new order"
end

# Orders that outlive a reboot.
want_rules() { # TEXT, without the header
	[ "$(grep -v '^# Written by' "$tmp/tree/etc/udev/rules.d/60-aux-tune.rules")" = "$1" ] ||
		fail "not the rules wanted"
}

rule() { # PMU ORDER
	printf '%s' "ACTION==\"add|change\", SUBSYSTEM==\"event_source\", KERNEL==\"$1\", TEST==\"aux_max_order\", ATTR{aux_max_order}=\"$2\""
}

begin "save, verify, unsave"
fresh patched
run verify
want_status 0
run set intel_pt 3
run verify
want_status 7
want_err "intel_pt: order is 3 and not saved: after a reboot it is 0"
run save --dry-run
want_status 0
want_out "intel_pt: order 3 would be saved"
want_out "+$(rule intel_pt 3)"
[ ! -e "$tmp/tree/etc" ] || fail "it wrote"
run save
want_status 0
want_rules "$(rule intel_pt 3)"
want_silent err
run verify
want_status 0
want_out "60-aux-tune.rules:2"
run set intel_pt 5
run verify
want_status 7
want_out "aux_test_nice"
run verify --quiet
want_status 7
want_silent out
want_err "order is 5, but $tmp/tree/etc/udev/rules.d/60-aux-tune.rules:2 sets 3"
run verify intel_bts
want_status 0
run unsave
want_status 0
[ ! -e "$tmp/tree/etc/udev/rules.d/60-aux-tune.rules" ] || fail "the file is still there"
run set intel_pt 3
run save
run unsave --dry-run
want_out "intel_pt: order 3 would no longer be saved"
run unsave
run unsave
want_status 0
want_out "nothing is saved"
end

begin "save, verify and unsave as JSON"
fresh patched
run set intel_pt 3
run save intel_pt aux_test_nice --json
want_status 0
want_json '.state == "done" and (.file | endswith("/60-aux-tune.rules")) and ([.changes[] | [.pmu, .state, .want]] == [["aux_test_nice", "done", 0], ["intel_pt", "done", 3]])'
want_json '.changes[1].rule | startswith("ACTION==")'
run set intel_pt 4
run verify --json
want_status 7
want_json '.pmus[] | select(.pmu == "intel_pt") | .order == 4 and .saved_order == 3 and .default_order == 0 and .drift == "changed" and (.saved_by | endswith(":3"))'
want_json '.errors == [{"code": "drift", "exit": 7, "pmu": "intel_pt", "message": .errors[0].message}]'
want_json '.absent == []'
run list --json
want_json '.pmus[] | select(.pmu == "intel_pt") | .saved_order == 3 and .drift == "changed"'
run unsave intel_pt --json
want_json '.changes == [.changes[0]] and .changes[0].before == 3 and .changes[0].want == null'
end

begin "save with names and patterns, as set"
fresh patched
run save intel_bts
want_status 4
want_err "nothing to save"
run save intel_pt intel_bts
want_status 4
want_err "nothing was changed"
run save '*'
want_status 0
want_err "intel_bts: skipped"
want_rules "$(rule aux_test_dontcare 0; echo; rule aux_test_nice 0; echo; rule intel_pt 0)"
run save 'intel_b*'
want_status 4
want_err "intel_bts: skipped"
want_err "no PMU the pattern matches can be saved"
want_silent out
run save nothing_like_it
want_status 3
run unsave nothing_like_it
want_status 3
run unsave 'aux_*'
want_rules "$(rule intel_pt 0)"
run unsave 'aux_*'
want_status 0
want_out "aux_*: nothing is saved for it"
run save --readonly intel_pt
want_status 0
run unsave --readonly
want_status 4
run save intel_pt -o pmu
want_status 2
fresh stock
run save
want_status 6
run verify
want_status 6
end

begin "a rule for a read-only PMU is a drift"
fresh patched
mkdir -p "$tmp/tree/etc/udev/rules.d"
rule intel_bts 10 > "$tmp/tree/etc/udev/rules.d/60-aux-tune.rules"
run verify
want_status 7
want_err "intel_bts: the kernel refuses what"
end

begin "what cannot be written leaves the file whole, and says why"
fresh patched
run set intel_pt 3
run save
cp "$tmp/tree/etc/udev/rules.d/60-aux-tune.rules" "$tmp/before"
run set intel_pt 4
status=0
: > "$tmp/out"
# valgrind writes files of its own.
if [ -z "${VALGRIND_COMMAND:-}" ]; then
	(ulimit -f 0; exec "${tool[@]}" --root "$tmp/tree" save 2>&1) | cat > "$tmp/err"
	status=${PIPESTATUS[0]}
	want_status 4
	want_err "the file is as it was"
fi
chmod 555 "$tmp/tree/etc/udev/rules.d"
run_other save
want_status 5
want_err "no permission to write"
chmod 755 "$tmp/tree/etc/udev/rules.d"
cmp -s "$tmp/before" "$tmp/tree/etc/udev/rules.d/60-aux-tune.rules" || fail "the file is another one"
[ "$(ls -A "$tmp/tree/etc/udev/rules.d")" = 60-aux-tune.rules ] || fail "something is left behind"
end

begin "hostile names in rules"
fresh hostile
run save "quote'\"\$(id)\`id\`" '*'
want_status 0
want_clean
# Nothing in the file is a rule that runs anything.
! grep -qE 'RUN|PROGRAM|IMPORT' "$tmp/tree/etc/udev/rules.d/60-aux-tune.rules" || fail "injected"
for args in 'save' 'save esc*' 'save new*' 'save --dry-run' verify 'unsave *'; do
	set -f
	# shellcheck disable=SC2086
	run $args --json
	set +f
	[ "$status" -le 7 ] || fail "$args: exit status $status"
	jq -e . "$tmp/out" > /dev/null 2>&1 || fail "$args: invalid JSON"
done
end

begin "hostile trees: no control characters, no crash, valid JSON"
fresh hostile
for args in list 'list --all -o pmu,type,kind,reason,path' show 'get *' 'set good 2' \
	    'set garbage 1' 'set empty 1' 'reset esc*' 'get fifo' 'get directory' 'get nul' \
	    'get outside' 'get large' 'get loop' 'get missing' 'get plain_file'; do
	set -f
	# shellcheck disable=SC2086
	run $args
	set +f
	[ "$status" -le 6 ] || fail "$args: exit status $status"
	want_clean
	set -f
	# shellcheck disable=SC2086
	run $args --json
	set +f
	jq -e . "$tmp/out" > /dev/null 2>&1 || fail "$args: invalid JSON"
	iconv -f UTF-8 -t UTF-8 "$tmp/out" > /dev/null 2>&1 || fail "$args: JSON is not UTF-8"
done
run get 'esc*'
want_status 0
end

begin "hostile statistics"
run show good
want_status 0
want_clean
want_out '\x1b[31mred\x07'
want_out "area_fail_new: not known to this version"
run show good --json
want_status 0
want_json '.pmus[0].areas | length == 3'
want_json '.pmus[0].areas[0].comm == "\u001b[31mred\u0007" and .pmus[0].areas[1].comm == ""'
want_json '.pmus[0].chunk_live | length == 25'
iconv -f UTF-8 -t UTF-8 "$tmp/out" > /dev/null 2>&1 || fail "JSON is not UTF-8"
end

begin "names with shell characters are quoted in the command"
run set "quote'\"\$(id)\`id\`" 1 --dry-run
want_status 0
want_out "quote'\\''\"\$(id)\`id\`/aux_max_order'"
end

begin "a PMU named like a pattern is that PMU"
run set '*' 1
want_status 0
want_order '*' 1
want_order good 2
end

begin "a captured tree is never left"
run set outside 1
[ "$status" != 0 ] || fail "it wrote through a link"
run --root /nonexistent list
want_status 1
end

begin "500 PMUs"
fresh many
run list --json
want_status 0
want_json '.pmus | length == 500'
want_json '[.pmus[0, 2, 10].pmu] == ["pmu_0", "pmu_2", "pmu_10"]'
run set 'pmu_*' 1
want_status 0
want_order pmu_499 1
end

begin "without a terminal the screen says what to use instead"
run
want_status 1
want_err "aux-tune list"
end

begin "an empty root"
rm -rf "$tmp/tree"
mkdir "$tmp/tree"
run list
want_status 1
want_err "PMUs cannot be listed"
run list --json
jq -e '.errors | length > 0' "$tmp/out" > /dev/null || fail "no error in the JSON"
for args in verify save 'save intel_pt' watch export; do
	# shellcheck disable=SC2086
	run $args
	want_status 1
	want_err "PMUs cannot be listed"
	[ "$(wc -l < "$tmp/err")" = 1 ] || fail "$args: more than one line"
done
end

begin "all verbs fail when standard output is full or closed"
fresh patched
for args in list show 'get intel_pt' 'set intel_pt 1' 'reset intel_pt' 'watch -n 1' 'save intel_pt' \
	    verify 'unsave intel_pt' 'probe intel_pt --dry-run' export --help --version; do
	for json in '' --json; do
		# For people only, or for programs only.
		case $args$json in
		export--json | --help--json | --version--json) continue ;;
		esac
		# shellcheck disable=SC2086
		status=0
		# shellcheck disable=SC2086
		"${tool[@]}" --root "$tmp/tree" $args $json > /dev/full 2> "$tmp/err" || status=$?
		[ "$status" = 1 ] || fail "$args $json: exit status $status with a full disk"
		grep -q "No space left" "$tmp/err" || fail "$args $json: nothing on the full disk"
		status=0
		# shellcheck disable=SC2086
		"${tool[@]}" --root "$tmp/tree" $args $json >&- 2> "$tmp/err" || status=$?
		[ "$status" = 1 ] || fail "$args $json: exit status $status without standard output"
	done
done
end

begin "all JSON is as the schema says, from all verbs"
fresh patched
for args in 'reset intel_pt' 'save intel_pt' verify 'unsave intel_pt' 'watch -n 2 -d 0.1' \
	    'probe intel_* --dry-run' "export -f $tmp/metrics.prom" 'show --all'; do
	set -f
	# shellcheck disable=SC2086
	run $args --json
	set +f
	want_status 0
done
check_json
end

finish
