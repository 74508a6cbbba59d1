#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The quality target: one short run, with one generator that must fail and one
# that must not, and what it says to wrong input.
#
# usage: tests/host/quality.sh BUILD VARIANT
. "$(dirname "$0")/../tap.sh"
here=$(cd "$(dirname "$0")" && pwd)
build=$1 variant=$2
export ACCEL=${ACCEL:-tcg} MIB=2 TESTS=rngtest GENERATOR="glibc chacha20"
table=$build/quality.tsv
rm -f "$table"

# field GENERATOR COLUMN: of the table.
field()
{
	awk -F '\t' -v g="$1" -v c="$2" '$1 == g { print $c }' "$table"
}

quality() { "$here/../quality.sh" "$build" "$variant"; }

MIB=0 run quality
fails_saying "MIB=0: give a number" host/quality/refuses-a-size
TESTS="rngtest bogus" run quality
fails_saying "'bogus' is not one of: rngtest dieharder" \
	host/quality/refuses-an-unknown-test
GENERATOR="glibc bogus" run quality
fails_saying "no generator 'bogus'; there are: glibc " \
	host/quality/lists-the-generators
[ ! -e "$table" ]
ok $? host/quality/refused-leaves-no-table

run quality
ok "$status" host/quality/passes
[ "$(field chacha20 10)" = passes ]
ok $? host/quality/a-good-generator-passes
[ "$(field glibc 10)" = "fails, as it must" ]
ok $? host/quality/glibc-fails-as-it-must
# 2 MiB are 838 blocks and the 32 bits that rngtest starts with
[ "$(field chacha20 4)" = 838 ] && [ "$(field glibc 4)" = 838 ]
ok $? host/quality/every-block-was-tested
[ -z "$(find "$build" -maxdepth 1 -name 'quality.??????')" ]
ok $? host/quality/leaves-no-scratch

# Ctrl-C while the guest runs (set -m: a background job would ignore it otherwise)
before=$(cat "$table")
set -m
"$here/../quality.sh" "$build" "$variant" > "$scratch/output" 2>&1 < /dev/null &
pid=$!
set +m
for _ in $(seq 300); do
	[ -n "$(find "$build" -path '*/quality.??????/log' 2> /dev/null)" ] && break
	sleep 0.1
done
kill -INT -- -$pid
wait $pid
[ $? -eq 130 ]
ok $? host/quality/ctrl-c-is-a-failure
[ -z "$(find "$build" -maxdepth 1 -name 'quality.??????')" ] &&
	[ "$before" = "$(cat "$table")" ] && ! pgrep -g $pid > /dev/null
ok $? host/quality/ctrl-c-leaves-all-as-it-was

done_testing
