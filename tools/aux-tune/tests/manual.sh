#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Usage: manual.sh AUX-TUNE: that the manual page is well-formed, and names what there is: verbs,
# options, keys, exit statuses, and nothing else.
set -u
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=tools/aux-tune/tests/harness.sh
. "$here/harness.sh"
page=$here/../aux-tune.8

# The lines of a section, up to the next one.
section() { # NAME
	sed -n "/^\.S[sh] $1\$/,/^\.S[sh] /{/^\.S[sh] /d;p}" "$page"
}

# Two lists of words, one in each line, that have to be the same.
compare() { # WHAT
	sort -u "$tmp/program" -o "$tmp/program"
	sort -u "$tmp/manual" -o "$tmp/manual"
	[ -s "$tmp/program" ] || fail "no $1 found in the program"
	comm -23 "$tmp/program" "$tmp/manual" > "$tmp/out"
	[ ! -s "$tmp/out" ] || fail "$1 that the manual lacks: $(tr '\n' ' ' < "$tmp/out")"
	comm -13 "$tmp/program" "$tmp/manual" > "$tmp/out"
	[ ! -s "$tmp/out" ] || fail "$1 that are not there: $(tr '\n' ' ' < "$tmp/out")"
}

"${tool[@]}" --help > "$tmp/help"

begin "the page is well-formed"
: > "$tmp/err"
mandoc -T lint -W warning "$page" > "$tmp/out" 2>&1
# How many manuals are installed here is another matter.
sed -i '/mandoc.db/d' "$tmp/out"
want_silent out
mandoc -T utf8 "$page" > "$tmp/out"
want_out "aux_max_order"
end

begin "verbs"
sed -n '/^Verbs/,/^$/s/^  \([a-z]\+\) .*/\1/p' "$tmp/help" > "$tmp/program"
section Verbs | sed -n 's/^\.It Cm \([a-z]*\)$/\1/p' > "$tmp/manual"
compare verbs
section SYNOPSIS | sed -n 's/^\.Cm//p' | grep -o '[a-z]\+' > "$tmp/manual"
compare "verbs of the synopsis"
end

begin "options, long and short"
sed -n '/^Options/,/^$/s/^  \(-.,\)\? *\(--[a-z-]*\).*/\1 \2/p' "$tmp/help" | tr ', ' '[\n*]' |
	sed '/^$/d' > "$tmp/program"
section Options | sed -n 's/^\.It //p' | sed 's/Fl Fl \([a-z-]*\)/--\1/; s/Fl \(.\) ,/-\1/' |
	grep -oE -- '(^| )--?[a-zA-Z-]+' | tr -d ' ' > "$tmp/manual"
compare options
end

begin "keys"
sed -n '/key_rows\[\]/,/^};/s/^\t  { "\([^"]*\)",.*/\1/p' "$here/../keys.c" | tr ' ' '\n' |
	sed '/^\.\.\.$/d' > "$tmp/program"
section Keys | sed -n 's/^\.It Cm //p' | sed 's/\\&//g; s/\\-/-/g; s/ No to Cm / /; s/ , / /g' |
	tr ' ' '\n' > "$tmp/manual"
compare keys
end

begin "exit statuses"
sed -n 's/^\tSTATUS_[A-Z_]* = \([0-9]*\),.*/\1/p' "$here/../status.h" > "$tmp/program"
section "EXIT STATUS" | sed -n 's/^\.It \([0-9]*\)$/\1/p' > "$tmp/manual"
compare "exit statuses"
sed -n '/^Exit status/,$p' "$tmp/help" | tr '\n' ' ' | grep -oE '(: |, )[0-9]' | grep -o '[0-9]' > "$tmp/manual"
compare "exit statuses of --help"
end

begin "files that are installed"
section FILES | grep -q 'aux-tune.schema.json$' || fail "not the schema"
end

finish
