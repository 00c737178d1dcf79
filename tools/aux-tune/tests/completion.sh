#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Usage: completion.sh AUX-TUNE: what bash offers, by calling the completion function as it does,
# and that it offers exactly what the tool takes.
set -u
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=tools/aux-tune/tests/harness.sh
. "$here/harness.sh"
# shellcheck source=tools/aux-tune/aux-tune.bash
. "$here/../aux-tune.bash"

# complete_line WORD...: the last one is being completed; the offers go to "out".
complete_line() {
	COMP_WORDS=("$tmp/aux-tune" "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_aux_tune 2> "$tmp/err"
	printf '%s\n' "${COMPREPLY[@]}" | sed '/^$/d' > "$tmp/out"
	want_silent err
}

want_offers() { # WORD...: exactly these, in any order
	printf '%s\n' "$@" | sed '/^$/d' | sort | cmp -s - <(sort "$tmp/out") ||
		fail "offered: $(xargs -d '\n' < "$tmp/out"), wanted: $*"
}

verbs=$("${tool[@]}" --help | sed -n '/^Verbs/,/^$/s/^  \([a-z]\+\) .*/\1/p')
options=$("${tool[@]}" --help | sed -n '/^Options/,/^$/s/.*--\([a-z-]\+\).*/--\1/p')

begin "all verbs are offered"
complete_line ''
# shellcheck disable=SC2086
want_offers $verbs
complete_line s
want_offers save set show
end

# An option that a verb does not take is a usage error that says so.
begin "exactly the options that a verb takes are offered"
fresh patched
cd "$tmp" || exit
for verb in $verbs; do
	takes=()
	extra=()
	[ "$verb" != watch ] || extra=(--count 1)
	for option in $options; do
		value=1
		[ "$option" != --mode ] || value=rw
		run "$verb" "$option" $value "${extra[@]}"
		grep -q "is not for" "$tmp/err" || takes+=("$option")
	done
	complete_line "$verb" --
	want_offers "${takes[@]}"
done
complete_line --
! grep -qx -- --dry-run "$tmp/out" || fail "the screen takes no --dry-run"
complete_line list --j
want_offers --json
end

begin "PMUs that have an order are offered"
complete_line --root "$tmp/tree" get ''
want_offers aux_test_dontcare aux_test_must aux_test_nice intel_bts intel_pt
complete_line --root = "$tmp/tree" list intel_
want_offers intel_bts intel_pt
complete_line --root "$tmp/tree" -q -o pmu list intel_p
want_offers intel_pt
complete_line --root "$tmp/tree" get nothing
want_offers
fresh stock
complete_line --root "$tmp/tree" probe intel_
want_offers intel_bts intel_pt
complete_line --root /nonexistent get ''
want_offers
end

begin "orders are offered where they can stand"
fresh patched
complete_line --root "$tmp/tree" set intel_pt 1
want_offers 1 10
complete_line --root "$tmp/tree" set intel_pt m
want_offers max
complete_line --root "$tmp/tree" set 1
want_offers
complete_line --root "$tmp/tree" get intel_pt 1
want_offers
complete_line --root "$tmp/tree" probe intel_pt --orders ''
want_offers 0 1 2 3 4 5 6 7 8 9 10
end

begin "values of options"
complete_line probe --mode ''
want_offers rw overwrite
complete_line probe --mode =
want_offers rw overwrite
complete_line probe --size 6
want_offers 64M
complete_line watch --count ''
want_offers
mkdir "$tmp/place"
touch "$tmp/place.prom"
complete_line --root "$tmp/pl"
want_offers "$tmp/place"
complete_line export -f "$tmp/pl"
want_offers "$tmp/place" "$tmp/place.prom"
end

begin "all columns are offered, and each of a list"
complete_line list -o ''
"${tool[@]}" --help | sed -n '/^Columns/,/^$/s/^  \([A-Z][^ ]*\).*/\1/p' | cmp -s - "$tmp/out" ||
	fail "not the columns of --help"
[ -s "$tmp/out" ] || fail "none"
complete_line list -o PMU,ORD
want_offers PMU,ORDER
complete_line list --output = +REA
want_offers +REASON
end

begin "names are offered as words, never run"
fresh hostile
complete_line --root "$tmp/tree" get 'quote'
want_offers "$(printf %q "quote'\"\$(id)\`id\`")"
complete_line --root "$tmp/tree" get 'sp'
want_offers 'sp\ ace\;rm\ -rf'
complete_line --root "$tmp/tree" get '*'
want_offers '\*'
end

finish
