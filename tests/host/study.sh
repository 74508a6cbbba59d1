#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A short real study: what it leaves, that its counts are exact, and what
# happens when it is interrupted, short of space, or fed a truncated file.
#
# usage: tests/host/study.sh BUILD
. "$(dirname "$0")/../tap.sh"
here=$(cd "$(dirname "$0")" && pwd)
top=$here/../..
build=$1
tools=$top/build/host
export ACCEL=${ACCEL:-tcg} QUICK=1 RESULTS=$scratch/results
export BOOTS=2 STUDY_SECONDS=0 BENCH_ARGS="--rounds 2" SPLIT_ARGS="--rounds 6"
export SCALE_BOOTS=1 SCALE_ARGS="--rounds 2 --only 32 2x32 getppid"
export HOST_ARGS="--rounds 2"

# column FILE VARIANT ACCESS BYTES NAME [THREADS]: one figure of summary.tsv.
column()
{
	awk -F '\t' -v v="$2" -v a="$3" -v b="$4" -v name="$5" -v t="${6:-1}" '
	NR == 2 { for (i = 1; i <= NF; i++) if ($i == name) c = i }
	NR > 2 && $2 == v && $3 == a && $4 == b && $5 == t { print $c }' "$1"
}

# is_by ACCESS WANTED COLUMN VARIANT BYTES NAME: an exact count of one call.
is_by()
{
	local got
	got=$(column "$RESULTS/latest/summary.tsv" "$4" "$1" "$5" "$3")
	[ "$got" = "$2" ] || echo "# $4 $1 $5 bytes: $3 is '$got', not $2"
	[ "$got" = "$2" ]
	ok $? "host/study/$6"
}

# is WANTED COLUMN VARIANT BYTES NAME: the same, of a read.
is() { is_by read "$@"; }

run "$top/vm/study.sh" study "$build"
ok "$status" host/study/succeeds
run_dir=$RESULTS/latest
for f in env.json raw.tsv summary.tsv split-raw.tsv times.tsv split.tsv \
	verdicts.tsv scale-1-verdicts.tsv quality.json \
	scale-1.tsv scale-2.tsv report.md console.log; do
	[ -s "$run_dir/$f" ]
	ok $? "host/study/leaves-$f"
done
[ "$(head -n 1 "$run_dir/summary.tsv")" = "# exitcost summary 1" ]
ok $? host/study/summary-has-schema-line
[ "$(sed -n 2p "$run_dir/summary.tsv" | cut -f 1-21 | tr '\t' ' ')" = \
	"lane variant access bytes threads n mbps mbps_lo mbps_hi ns_p50 ns_p90 ns_p99 ns_p999 ns_max syscalls mmio_reads mmio_writes pio_reads pio_writes dmas irqs" ]
ok $? host/study/summary-has-the-published-columns
svg=$(find "$run_dir/plots" -name '*.svg' -size +1k | wc -l)
png=$(find "$run_dir/plots" -name '*.png' -size +1k | wc -l)
[ "$svg" -ge 4 ] && [ "$svg" -eq "$png" ]
ok $? host/study/draws-each-plot-as-svg-and-png
run jq -e --arg lane "$ACCEL" '.lane == $lane and .guest.timer_overhead_ns > 0 and .host.cpus > 0' \
	"$run_dir/env.json"
ok "$status" host/study/environment-is-recorded

if [ "$(basename "$build")" = all ]; then
	is 16384 mmio_reads 32 65536 32-reads-a-quarter-per-byte
	is 8192 mmio_reads 64 65536 64-reads-an-eighth-per-byte
	is 16385 pio_reads fifo 65536 fifo-reads-words-and-one-level
	is 0 mmio_reads fifo 65536 fifo-touches-no-mmio-register
	is 16385 mmio_reads fifo-mmio 65536 fifo-mmio-reads-words-and-one-level
	is 1 mmio_writes dma 65536 dma-rings-one-doorbell
	is 0 mmio_reads dma 65536 dma-reads-no-register
	is 1 dmas dma 65536 dma-moves-once
	is 0 irqs dma 65536 dma-polled-has-no-interrupt
	is 1 irqs dma-msi 65536 dma-msi-has-one-interrupt
	is 1 mmio_writes window 65536 window-rings-one-doorbell
	is 16 mmio_writes window 1048576 window-rings-for-each-64k
	is 0 mmio_reads window 65536 window-reads-no-register
	is 1 mmio_writes window-uc 65536 window-uc-rings-one-doorbell
	is_by mmap 1 mmio_reads window 65536 window-in-place-reads-one-register
	is_by mmap 0 mmio_writes window 65536 window-in-place-writes-none
	is_by mmap 0 syscalls window 65536 window-in-place-has-no-syscall
	is_by mmap 16384 mmio_reads 32 65536 32-in-place-reads-a-quarter-per-byte
	is_by mmap 8192 mmio_reads 64 65536 64-in-place-reads-an-eighth-per-byte
	is_by mmap 16385 mmio_reads fifo-mmio 65536 fifo-in-place-reads-words-and-one-level
	is 1 mmio_writes dma-zc 65536 dma-zc-rings-one-doorbell
	is 1 dmas dma-zc 1048576 dma-zc-moves-once-a-mebibyte
	is 0 irqs dma-zc 1048576 dma-zc-polled-has-no-interrupt
	is 1 irqs dma-zc-msi 1048576 dma-zc-msi-has-one-interrupt
	is_by read-fixed 1 mmio_writes dma-zc 4096 registered-reads-ring-one-doorbell
	is_by read-huge 1 mmio_writes dma-zc 65536 huge-pages-need-one-doorbell
	is 4 dmas dma-q 1048576 dma-q-moves-in-four-requests
	is 0 irqs dma-q 1048576 dma-q-polled-has-no-interrupt
	is 1 irqs dma-q-msi 1048576 dma-q-msi-has-one-interrupt
	is - mmio_reads null 65536 null-has-no-device
	is 1 syscalls 32 65536 one-syscall-a-request
fi

if [ "$(basename "$build")" = all ] && [ "$ACCEL" = tcg ]; then
	for row in 'dma@xoshiro256ppx8 read' 'dma-zc@xoshiro256ppx8 read-huge'; do
		# shellcheck disable=SC2086
		[ -n "$(column "$run_dir/summary.tsv" $row 1048576 mbps)" ]
		ok $? "host/study/measures-${row// /-}"
	done
	grep -Eq '^\| 1 MiB, zero-copy into huge pages, .* (\*\*(reached|missed)\*\*|undecided|not measured) \|$' \
		"$run_dir/report.md"
	ok $? host/study/report-says-what-was-wanted-and-reached
fi

# One path: two sizes by 1, 2 and 4 threads, by read(2) and in place; two devices
# by 2 and 4, and getppid
for cpus in 1 2; do
	scale=$run_dir/scale-$cpus.tsv
	[ "$(grep -cv '^#\|^lane' "$scale")" -eq 19 ]
	ok $? "host/study/scale-on-$cpus-cpus-has-every-cell"
	for threads in 1 2 4; do
		[ "$(column "$scale" 32 mmap 4096 mmio_reads $threads)" = 1024 ] &&
			[ "$(column "$scale" 32 mmap 65536 syscalls $threads)" = 0 ]
		ok $? "host/study/$threads-threads-in-place-on-$cpus-cpus-read-their-words"
	done
done
grep -q '^### Threads, CPUs and devices' "$run_dir/report.md"
ok $? host/study/report-has-the-scaling

for g in glibc xoshiro256ss pcg64 mt19937 chacha20 xoshiro256ppx8 host; do
	case $(column "$run_dir/summary.tsv" "host-gen-$g" memory 1048576 mbps) in
	-) figure="not measured" ;; # each of its slices was disturbed
	*) figure="[0-9]" ;;
	esac
	grep -q "^| \`$g\` | $figure" "$run_dir/report.md"
	ok $? "host/study/generator-$g-is-measured-by-itself"
done

# The stopwatch stamps exactly the accesses that the device counts, and the parts
# of a split add up to its total.
awk -F '\t' '/^#/ { next }
FNR == 2 { for (i = 1; i <= NF; i++) at[FILENAME, $i] = i; next }
FILENAME == ARGV[1] {
	if ($2 ~ /timed/)
		n[$2, $4, $6, $7] = $at[FILENAME, "mmio_reads"] + \
			$at[FILENAME, "mmio_writes"] + $at[FILENAME, "pio_reads"]
	next
}
$2 ~ /timed/ {
	rows++
	if ($at[FILENAME, "callback_n"] != n[$2, $4, $6, $7]) { print; bad = 1 }
}
END { exit bad || !rows }' "$run_dir/split-raw.tsv" "$run_dir/times.tsv" \
	> "$scratch/output"
ok $? host/study/split-stamps-every-access-once
awk -F '\t' 'NR < 3 || /^#/ { next }
$5 == "total" { if ((sum - $6) ^ 2 > ($6 / 1000) ^ 2) { print; bad = 1 }
	sum = 0; next }
{ sum += $6 }
END { exit bad }' "$run_dir/split.tsv" > "$scratch/output"
ok $? host/study/split-adds-up-to-the-total
# Every cell must have accepted slices in both boots, else a path may be missing.
run "$tools/summarize" "$run_dir/split-raw.tsv" -o "$scratch/split-summary.tsv"
disturbed=$(awk -F '\t' 'NR == 2 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	NR > 2 && !/^#/ && $at["boots"] < 2' "$scratch/split-summary.tsv" | wc -l)
if [ "$disturbed" -gt 0 ]; then
	skip "the host disturbed all slices of $disturbed cells in a boot" \
		host/study/split-has-every-path-at-its-sizes
else
	[ "$(basename "$build")" != all ] ||
		[ "$(grep -c total "$run_dir/split.tsv")" -eq 22 ]
	ok $? host/study/split-has-every-path-at-its-sizes
	case $(basename "$build") in
	all | dma)
		awk -F '\t' '$2 == "dma-zc" && $3 == 65536 { ns[$5] = $6 }
			END { exit !(ns["pin"] && ns["generator"] && ns["copy"] == 0) }' \
			"$run_dir/split.tsv"
		ok $? host/study/split-prices-the-pinning
		;;
	esac
fi
grep -q '^### Where each nanosecond goes' "$run_dir/report.md"
ok $? host/study/split-is-in-the-report
run "$tools/invariants" "$run_dir/report.md" "$run_dir"
[ "$status" -eq 0 ] || head -n 20 "$scratch/output" | sed 's/^/# /'
ok "$status" host/study/report-keeps-the-invariants
sed -n 3p "$run_dir/report.md" | grep -q '^> \*\*Run quality of lane `[a-z]*`: \(the harness is broken, \)\{0,1\}\(good\|usable\|poor\)\.\*\* [0-9]'
ok $? host/study/report-says-its-quality-first

# A truncated file is refused, and the summary beside it stays.
cp -r "$(realpath "$run_dir")" "$scratch/broken"
head -c 3000 "$run_dir/raw.tsv" > "$scratch/broken/raw.tsv"
run "$tools/summarize" "$scratch/broken/raw.tsv" -o "$scratch/broken/summary.tsv"
fails_saying "raw.tsv" host/study/truncated-raw-is-refused
cmp -s "$run_dir/summary.tsv" "$scratch/broken/summary.tsv"
ok $? host/study/truncated-raw-spares-the-summary

# Files of several boots become one only if each is whole and of the same kind.
cp "$run_dir/raw.tsv" "$scratch/whole.tsv"
merge()
{
	# shellcheck disable=SC2016
	run bash -c '. "$0"; merge_tsv "$@"' "$top/vm/lib.sh" "$scratch/merged.tsv" "$@"
}
merge "$scratch/whole.tsv" "$scratch/whole.tsv"
[ "$status" -eq 0 ] && [ "$(tail -n 1 "$scratch/merged.tsv")" = \
	"# end $((2 * $(grep -c "^$ACCEL" "$scratch/whole.tsv")))" ]
ok $? host/study/merges-the-rows-of-whole-files
rm "$scratch/merged.tsv"
merge "$scratch/whole.tsv" "$scratch/broken/raw.tsv"
fails_saying "broken/raw.tsv is truncated" host/study/merges-no-truncated-file
merge "$scratch/whole.tsv" "$run_dir/split.tsv"
fails_saying "split.tsv: another kind of table" host/study/merges-no-other-table
[ -z "$(find "$scratch" -name 'merged*')" ]
ok $? host/study/a-refused-merge-leaves-nothing

# Ctrl-C in the middle: no new folder, the old one untouched, no process left.
# (set -m: a background job of a script would ignore SIGINT otherwise)
before=$(ls -A "$RESULTS")
set -m
"$top/vm/study.sh" study "$build" > "$scratch/output" 2>&1 < /dev/null &
pid=$!
set +m
for _ in $(seq 600); do
	[ -s "$(find "$RESULTS" -path '*unfinished*/console.log' 2> /dev/null)" ] && break
	sleep 0.1
done
kill -INT -- -$pid
wait $pid
[ $? -ne 0 ]
ok $? host/study/ctrl-c-is-a-failure
[ "$before" = "$(ls -A "$RESULTS")" ]
ok $? host/study/ctrl-c-leaves-results-as-they-were
! pgrep -f "$RESULTS" > /dev/null
ok $? host/study/ctrl-c-leaves-no-process

# SIGTERM to the script alone ends the guest, too, before its first boot is over.
"$top/vm/study.sh" study "$build" > "$scratch/output" 2>&1 < /dev/null &
pid=$!
for _ in $(seq 600); do
	[ -s "$(find "$RESULTS" -path '*unfinished*/console.log' 2> /dev/null)" ] && break
	sleep 0.1
done
kill -TERM $pid
wait $pid
[ $? -ne 0 ] && ! grep -q 'boot 1: [0-9]* s, ' "$scratch/output"
ok $? host/study/sigterm-ends-it-at-once
[ "$before" = "$(ls -A "$RESULTS")" ] && ! pgrep -f "$RESULTS" > /dev/null
ok $? host/study/sigterm-leaves-nothing

# A full disk.
mkdir "$scratch/small"
if mount -t tmpfs -o size=256k tmpfs "$scratch/small" 2> /dev/null; then
	RESULTS=$scratch/small/results run "$top/vm/study.sh" study "$build"
	fails_saying "needs .* MiB in .*small" host/study/full-disk-is-refused-first
	[ -z "$(find "$scratch/small" -name '*.tsv')" ]
	ok $? host/study/full-disk-leaves-no-result
	umount "$scratch/small"
else
	skip "cannot mount a tmpfs" host/study/full-disk-is-refused-first
	skip "cannot mount a tmpfs" host/study/full-disk-leaves-no-result
fi

# A lane that cannot be had is refused before anything boots.
before=$(ls -A "$RESULTS")
KVM_DEVICE=/nonexistent/kvm ACCEL=kvm run "$top/vm/study.sh" study "$build"
fails_saying "ACCEL=kvm: /nonexistent/kvm is missing.*use ACCEL=nested" \
	host/study/missing-kvm-is-named
[ "$before" = "$(ls -A "$RESULTS")" ]
ok $? host/study/missing-kvm-leaves-no-result

done_testing
