#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What tests/count-results makes of good, bad and truncated test output.

set -u
# shellcheck source=tests/lib/tap
. "$(dirname "$0")/../lib/tap"
top=$(cd "$(dirname "$0")/../.." && pwd)

# counts OUTPUT WANTED DESCRIPTION
# shellcheck disable=SC2059 # the output is a format for its newlines
counts() { same "$(printf "$1" | "$top/tests/count-results" | tail -n1)" "$2" "$3"; }

counts 'TAP version 13\n1..2\nok 1 a\nok 2 b\n' '2 0 0' "passed tests count"
counts 'TAP version 13\n1..2\nok 1 a\nnot ok 2 b\n' '1 1 0' "failed tests count"
counts '1..2\nok 1 a # SKIP no such PMU\nok 2 b\n' '1 0 1' "skipped tests count"
counts '1..0 # SKIP nothing to do\n' '0 0 1' "a skipped program counts"
counts 'ok 1 a\n1..1\n' '1 0 0' "the plan may come last"
counts '' '0 1 0' "no output is a failure"
counts 'hello\nworld\n' '0 1 0' "output without results is a failure"
counts 'ok 1 a\n' '1 1 0' "no plan is a failure"
counts '1..3\nok 1 a\n' '1 1 0' "too few results are a failure"
counts '1..1\nok 1 a\nok 2 b\n' '2 1 0' "too many results are a failure"
counts '1..1\nok 1 a\nBail out! no memory\n' '1 1 0' "bailing out is a failure"
counts '1..1\nok 1 a\nTAP version 13\n1..2\nok 1 b\n' '2 1 0' "each of several documents has its own plan"
counts 'ok 1 a\n1..1\nok 1 b\nok 2 c\n1..2\n' '3 0 0' "wherever each has it"
counts 'ok 1 a\nok 1 b\nok 2 c\n1..2\n' '3 1 0' "even when one has none"
counts '1..1\n    1..2\n    ok 1 x\n    ok 2 y\nok 1 a\n' '2 0 0' "of nested results only the innermost count"
counts '1..1\n    1..2\n    ok 1 x\n    not ok 2 y\nnot ok 1 a\n' '1 1 0' "a failure counts once"
counts '1..1\n    1..1\n    ok 1 x\nnot ok 1 a # exit status 139\n' '1 1 0' "a crash after the last result is a failure"
counts '1..1\n    1..3\n    ok 1 x\nnot ok 1 a\n' '1 1 0' "a crash in between is a failure"
counts '1..2\n    1..1\n    ok 1 x\nok 1 a\n' '1 1 0' "a missing subtest is a failure"
counts '1..1\n    1..1\n    ok 1 x' '1 1 0' "output that ends within a subtest is a failure"
counts '1..1\n    KTAP version 1\n    # Subtest: p\n    ok 1 x\n    ok 2 y\nok 1 a\n' '2 0 0' \
	"KUnit's parameters come without a plan"
counts '1..1\n    1..0 # SKIP no PMU\nok 1 a # SKIP\n' '0 0 1' "a skipped subtest counts once"

done_testing
