#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Usage: export.sh AUX-TUNE: that the exported text is what Prometheus' own library reads, says
# what JSON says, and replaces a file as a whole or not at all.
set -u
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=tools/aux-tune/tests/harness.sh
. "$here/harness.sh"

# Samples as the parser sees them.
parse() { # FILE
	"$here/openmetrics.py" "$1" > "$tmp/samples" 2> "$tmp/parser" ||
		fail "not valid: $(tail -n 1 "$tmp/parser")"
}

want_sample() {
	grep -qxF -- "$1" "$tmp/samples" || fail "no sample: $1"
}

begin "the text is valid, and has the numbers of the tree"
fresh patched
run export
want_status 0
want_silent err
parse "$tmp/out"
want_sample "perf_aux_supported{} 1"
want_sample "perf_aux_statistics_available{} 1"
want_sample "perf_aux_pmu{access='ro',kind='must',pmu='intel_bts'} 1"
want_sample "perf_aux_max_order{pmu='intel_bts'} 10"
want_sample "perf_aux_default_order{pmu='intel_pt'} 0"
want_sample "perf_aux_areas{pmu='intel_pt'} 2"
want_sample "perf_aux_area_bytes{pmu='aux_test_nice'} 65536"
want_sample "perf_aux_chunks{order='3',pmu='intel_pt'} 64"
want_sample "perf_aux_chunks_allocated_total{order='9',pmu='intel_pt'} 19"
want_sample "perf_aux_areas_allocated_total{pmu='intel_pt'} 14"
want_sample "perf_aux_chunk_fallbacks_total{pmu='intel_pt'} 17"
want_sample "perf_aux_area_failures_total{cause='no_block',pmu='aux_test_must'} 5"
want_sample "perf_aux_alloc_seconds_total{pmu='aux_test_nice'} 2.15e-05"
want_sample "perf_aux_alloc_max_seconds{pmu='aux_test_must'} 0.0025"
want_sample "perf_aux_free_blocks{node='0',order='10',zone='Normal'} 397"
! grep -q software "$tmp/samples" || fail "software has no AUX area"
end

begin "it says what JSON says"
run list --json
jq -r '.pmus[] | .pmu as $pmu | .statistics | .chunk_live, .chunk_alloc | length' "$tmp/out" |
	sort -u > "$tmp/orders"
[ "$(cat "$tmp/orders")" = 11 ] || fail "not 11 orders"
jq -r '.pmus[] | .pmu as $pmu | .statistics.chunk_alloc | to_entries[] |
	"perf_aux_chunks_allocated_total{order='\''\(.key)'\'',pmu='\''\($pmu)'\''} \(.value)"' "$tmp/out" |
	sort > "$tmp/json-samples"
grep ^perf_aux_chunks_allocated_total "$tmp/samples" | sort | cmp -s - "$tmp/json-samples" ||
	fail "chunks differ"
end

begin "what is saved is exported, and whether it is what runs"
run set intel_pt 3
run save intel_pt
run set intel_pt 4
run export intel_pt
parse "$tmp/out"
want_sample "perf_aux_saved_order{pmu='intel_pt'} 3"
want_sample "perf_aux_order_drift{pmu='intel_pt'} 1"
want_sample "perf_aux_max_order{pmu='intel_pt'} 4"
! grep -q intel_bts "$tmp/samples" || fail "more PMUs than asked for"
end

begin "what is not known is left out, not 0"
fresh nodebugfs
run export
want_status 0
want_err "no statistics"
parse "$tmp/out"
want_sample "perf_aux_statistics_available{} 0"
! grep -qE 'areas|chunks|seconds' "$tmp/samples" || fail "numbers without a source"
fresh stock
run export
want_status 6
parse "$tmp/out"
want_sample "perf_aux_supported{} 0"
want_sample "perf_aux_pmu{access='none',kind='nice',pmu='intel_pt'} 1"
end

begin "hostile names and numbers are valid text, too"
fresh hostile
run export
want_status 0
want_clean
parse "$tmp/out"
want_sample "perf_aux_pmu{access='rw',kind='unknown',pmu='quote\\'\"\$(id)\`id\`'} 1"
want_sample "perf_aux_pmu{access='rw',kind='unknown',pmu='new\\nline'} 1"
want_sample "perf_aux_pmu{access='rw',kind='unknown',pmu='bad\\\\xffutf8'} 1"
want_sample "perf_aux_areas{pmu='good'} 3"
want_sample "perf_aux_area_failures_total{cause='new',pmu='good'} 2"
iconv -f UTF-8 -t UTF-8 "$tmp/out" > /dev/null 2>&1 || fail "not UTF-8"
end

begin "500 PMUs"
fresh many
run export
want_status 0
parse "$tmp/out"
[ "$(grep -c ^perf_aux_max_order "$tmp/samples")" = 500 ] || fail "not all of them"
end

begin "--file replaces the file as a whole"
fresh patched
echo old > "$tmp/metrics.prom"
before=$(stat -c %i "$tmp/metrics.prom")
run export --file "$tmp/metrics.prom"
want_status 0
want_out "samples in"
parse "$tmp/metrics.prom"
want_sample "perf_aux_supported{} 1"
[ "$(stat -c %i "$tmp/metrics.prom")" != "$before" ] || fail "it was written in place"
[ "$(stat -c %a "$tmp/metrics.prom")" = 644 ] || fail "not readable for node_exporter"
[ -z "$(find "$tmp" -name '.*.new')" ] || fail "something is left behind"
(cd "$tmp" && "${tool[@]}" --root tree export -f relative.prom --quiet) > "$tmp/out"
want_silent out
parse "$tmp/relative.prom"
ln -s metrics.prom "$tmp/link.prom"
run export -f "$tmp/link.prom"
[ -L "$tmp/link.prom" ] || fail "the link was replaced"
rm "$tmp/link.prom"
run export -f "$tmp/metrics.prom" --json
want_json '.samples == 221 and (.file | endswith("metrics.prom"))'
end

begin "a file that cannot be written is left as it was"
mkdir "$tmp/dir"
for file in "$tmp/dir" "$tmp/missing/x.prom" /dev/full /dev/stdout /proc/self/fd/1 ""; do
	run export -f "$file"
	want_status 1
	[ -s "$tmp/err" ] || fail "$file: not a word"
done
if [ "$(id -u)" = 0 ]; then
	echo old > "$tmp/dir/x.prom"
	run_other export -f "$tmp/dir/x.prom"
	want_status 5
	[ "$(cat "$tmp/dir/x.prom")" = old ] || fail "it was changed"
	# A full disk.
	mkdir "$tmp/small"
	if mount -t tmpfs -o size=8k tmpfs "$tmp/small" 2> /dev/null; then
		echo old > "$tmp/small/x.prom"
		run export -f "$tmp/small/x.prom"
		want_status 1
		want_err "No space left"
		[ "$(cat "$tmp/small/x.prom")" = old ] || fail "a full disk cost the old contents"
		[ "$(ls -A "$tmp/small")" = x.prom ] || fail "something is left on the full disk"
		umount "$tmp/small"
	fi
fi
end

begin "it is text, or a report as JSON"
run export --json
want_status 2
want_json '.errors[0].code == "usage"'
run export nosuch
want_status 3
want_silent out
end

finish
