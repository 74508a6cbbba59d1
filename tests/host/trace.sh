#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make trace's frame for real: a guest under load, a tool attached, what looking
# costs; bad input, a tool that cannot be used, and an interruption.
#
# usage: tests/host/trace.sh BUILD
. "$(dirname "$0")/../tap.sh"
here=$(cd "$(dirname "$0")" && pwd)
top=$here/../..
build=$1
export ACCEL=tcg RESULTS=$scratch/results SECONDS_ON=1 PAIRS=2 BLOCKS=1
export PIECE=0.1 LOOK_SECONDS=1

TOOL=bogus run "$top/tracing/trace.sh" "$build"
fails_saying "unknown TOOL 'bogus'; choose among: perf strace bpf" \
	host/trace/unknown-tool-lists-the-tools
SIZE=4q run "$top/tracing/trace.sh" "$build"
fails_saying "SIZE=4q: give bytes" host/trace/bad-size-is-refused
LOAD_PATH=bogus run "$top/tracing/trace.sh" "$build"
fails_saying "unknown LOAD_PATH 'bogus'" host/trace/unknown-path-is-refused
run "$top/tracing/trace.sh" --help
[ "$status" -eq 0 ] && says 'usage: tracing/trace.sh BUILD'
ok $? host/trace/help
[ ! -e "$RESULTS" ]
ok $? host/trace/refusal-leaves-nothing

TOOL=strace run "$top/tracing/trace.sh" "$build"
ok "$status" host/trace/succeeds
run_dir=$RESULTS/latest-trace
[ "$(jq -r '.kind + " " + .lane + " " + (.tools | join(","))' "$run_dir/env.json")" = \
	"trace tcg strace" ]
ok $? host/trace/environment-says-what-was-traced
[ -s "$run_dir/strace/strace.tsv" ] && [ -s "$run_dir/strace/strace.log" ]
ok $? host/trace/leaves-table-and-capture
says 'this takes about [0-9]+ s, 1 s of it for what looking costs'
ok $? host/trace/says-how-long-it-takes
[ "$(cut -f 4 "$run_dir/looking.tsv" | grep -cE '^(built-in|timing|strace)$')" -eq 3 ]
ok $? host/trace/prices-the-tool-and-the-instrumentation
awk -F '\t' '/^#/ { next }
NR == 2 { for (i = 1; i <= NF; i++) at[$i] = i
	if ($NF != "verdict") bad = 1; next }
$at["verdict"] !~ /^(faster|slower|equal|undecided)$/ || $at["n"] < 1 ||
	$at["blocks"] != 1 { bad = 1 }
END { exit bad }' "$run_dir/looking.tsv"
ok $? host/trace/says-what-may-be-said-of-each-price
awk -F '\t' '!/^#/ && NR > 2 && $8 !~ /^[0-9.]*[1-9]/ { bad = 1 }
END { exit bad || NR < 8 }' "$run_dir/looking-raw.tsv"
ok $? host/trace/notes-the-reference-of-each-measurement
[ ! -e "$RESULTS/latest" ]
ok $? host/trace/is-not-the-latest-study

# The device under load may be any, also the last and the one without accesses.
load=
[ "$(basename "$build")" != all ] || load=ring
TOOL=strace,qemu PAIRS=0 STRACE=no-such-strace LOAD_PATH=$load SIZE=64k \
	run "$top/tracing/trace.sh" "$build"
[ "$status" -eq 0 ] && says "strace is left out: .*install the package strace" &&
	[ "$(jq -r '.left_out | join(",")' "$run_dir/env.json")" = strace ]
ok $? host/trace/a-missing-tool-is-left-out-and-said
if [ -n "$load" ]; then
	grep -q "rngring.ring_sleep" "$run_dir"/qemu/*.tsv
	ok $? host/trace/traces-a-load-of-ring
fi

# A tool that fails takes no other's results with it.
printf '#!/bin/sh\ncase "$*" in *-V) exit 0 ;; esac\necho no luck >&2; exit 1\n' > "$scratch/broken"
chmod +x "$scratch/broken"
TOOL=strace,qemu PAIRS=0 STRACE=$scratch/broken run "$top/tracing/trace.sh" "$build"
fails_saying 'failed: strace; .*complete' host/trace/a-tool-that-fails-is-a-failure
[ -s "$run_dir/strace.log" ] && ls "$run_dir"/qemu/*.tsv > "$scratch/output" &&
	[ "$(jq -r '.failed | join(",")' "$run_dir/env.json")" = strace ]
ok $? host/trace/a-tool-that-fails-spares-the-others
before=$(ls -A "$RESULTS")
TOOL=strace PAIRS=0 STRACE=$scratch/broken run "$top/tracing/trace.sh" "$build"
fails_saying 'nothing was traced' host/trace/all-tools-failed-is-said
[ "$before" = "$(ls -A "$RESULTS")" ]
ok $? host/trace/all-tools-failed-leaves-nothing

# Ctrl-C while a tool is attached.
before=$(ls -A "$RESULTS")
set -m
TOOL=strace SECONDS_ON=60 "$top/tracing/trace.sh" "$build" \
	> "$scratch/output" 2>&1 < /dev/null &
pid=$!
set +m
for _ in $(seq 600); do
	grep -q attached "$RESULTS"/.unfinished-*/strace.log 2> /dev/null && break
	sleep 0.1
done
kill -INT -- -$pid
wait $pid
[ $? -ne 0 ]
ok $? host/trace/ctrl-c-is-a-failure
[ "$before" = "$(ls -A "$RESULTS")" ]
ok $? host/trace/ctrl-c-leaves-results-as-they-were
for _ in $(seq 50); do
	pgrep -f "$RESULTS" > /dev/null || break
	sleep 0.1
done
! pgrep -f "$RESULTS" > /dev/null
ok $? host/trace/ctrl-c-leaves-no-process

done_testing
