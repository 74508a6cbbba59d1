#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tracing/guest.sh for real: the driver's events, the guest's system calls, what
# strace saw there and what the device counted must all be the same.
#
# usage: tests/host/trace-guest.sh BUILD
. "$(dirname "$0")/../tap.sh"
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$1
guest=$top/tracing/guest.sh
unset ACCEL INITRAMFS

run "$guest"
fails_saying 'no BUILD given' host/trace-guest/build-is-needed
run "$guest" "$build" --size 4x --out "$scratch/none"
fails_saying '--size wants bytes' host/trace-guest/bad-size-is-refused
run "$guest" "$build" --count 0 --out "$scratch/none"
fails_saying '--count wants a number' host/trace-guest/bad-count-is-refused
run "$guest" "$scratch" --out "$scratch/none"
fails_saying 'qemu-system-x86_64 is missing; run make' host/trace-guest/bad-build-is-refused
[ ! -e "$scratch/none" ]
ok $? host/trace-guest/refusal-leaves-nothing

# each TABLE CONDITION: whether it holds in every row of the table, and there
# are rows; CONDITION is awk's, with the columns by name in c[...].
each()
{
	awk -F '\t' '
	NR == 2 { for (i = 1; i <= NF; i++) name[i] = $i }
	NR > 2 && !/^#/ { n++
		for (i = 1; i <= NF; i++) c[name[i]] = $i
		if (!('"$2"')) { print "# not so: " $0; bad = 1 } }
	END { exit bad || !n }' "$1"
}

out=$scratch/out
COST_ROUNDS=1 COST_MS=10 run "$guest" "$build" --count 25 --size 64k --out "$out"
ok "$status" host/trace-guest/runs
# Of a path with a thread 16 MiB are counted, as its counts are random.
each "$out/guest-events.tsv" 'c["requests"] == (c["variant"] ~ /^(dma-q|ring)/ ? 256 : 25) &&
	c["read_begin"] == 1 &&
	c["read_end"] == 1 && c["fill_begin"] == 1 && c["fill_end"] == 1'
ok $? host/trace-guest/one-read-and-one-fill-a-request
each "$out/guest-events.tsv" 'c["syscalls"] == 1 && c["theory_syscalls"] == 1 &&
	c["harness_futexes"] == 2'
ok $? host/trace-guest/one-system-call-a-request
each "$out/guest-events.tsv" 'c["dma_start"] == c["dma_done"] &&
	c["dma_done"] == (c["variant"] ~ /^dma/) &&
	(c["variant"] ~ /^null/ || c["device_dmas"] == c["dma_done"])'
ok $? host/trace-guest/dmas-are-the-devices
each "$out/guest-events.tsv" 'c["irqs"] == (c["variant"] ~ /^dma.*-msi$/) &&
	(c["variant"] ~ /^null/ || c["device_irqs"] == c["irqs"])'
ok $? host/trace-guest/interrupts-are-the-devices
# A request of the queue may be found complete before its interrupt comes.
each "$out/guest-latency.tsv" 'c["n"] == (c["variant"] ~ /^(dma-q|ring)/ ? 256 : 25) ||
	(c["variant"] == "dma-q-msi" && c["part"] == "irq_to_done" &&
	 c["n"] > 0 && c["n"] < 256)'
ok $? host/trace-guest/each-part-of-each-request-is-timed

# A cell is a first call and the counted ones.
cells=$(sed -n 's/^# end //p' "$out/guest-events.tsv")
calls=$(awk -F '\t' 'NR == 2 { for (i = 1; i <= NF; i++) if ($i == "requests") c = i }
	NR > 2 && !/^#/ { n += $c + 1 } END { print n }' "$out/guest-events.tsv")
[ "$(grep -c ': my_rng_read_begin: ' "$out/guest-trace.txt")" -eq $calls ]
ok $? host/trace-guest/trace-has-every-call
if command -v strace > /dev/null; then
	each "$out/guest-strace.tsv" "c[\"syscall\"] == \"read\" && c[\"calls\"] == $calls"
	ok $? host/trace-guest/strace-sees-every-call
	grep -q 'All system calls of userbench' "$out/guest-strace.txt"
	ok $? host/trace-guest/strace-summary-is-kept
	kinds=3
else
	skip "strace is missing; install the package strace" host/trace-guest/strace-sees-every-call
	kinds=2
fi
each "$out/guest-looking.tsv" 'c["n"] == 1 && c["mbps_off"] > 0 && c["ratio"] > 0' &&
	[ "$(tail -n 1 "$out/guest-looking.tsv")" = "# end $((cells * kinds))" ]
ok $? host/trace-guest/looking-is-priced

# More than a chunk, without strace.
case $(basename "$build") in
all | dma)
	STRACE=no-such-strace COST_ROUNDS=0 run "$guest" "$build" --size 1M \
		--variant dma --count 3 --out "$scratch/chunks"
	[ "$status" -eq 0 ] && says 'no-such-strace is missing' &&
		[ ! -e "$scratch/chunks/guest-strace.txt" ]
	ok $? host/trace-guest/works-without-strace
	# The paths that copy have a buffer of 64 KiB, the others need none
	each "$scratch/chunks/guest-events.tsv" '(c["variant"] ~ /zc|-q/ ||
			c["fill_begin"] == 16) &&
		(c["variant"] !~ /zc|-q/ || c["fill_begin"] == 1) &&
		c["dma_done"] == (c["variant"] ~ /-q/ ? 4 : c["fill_begin"]) &&
		c["device_dmas"] == c["dma_done"] &&
		c["device_irqs"] == c["irqs"] && c["syscalls"] == 1'
	ok $? host/trace-guest/chunks-of-64k
	;;
esac

# What only the guest finds wrong; nothing is left.
COST_ROUNDS=0 STRACE=no-such-strace run "$guest" "$build" --variant dmx \
	--out "$scratch/none"
fails_saying 'dmx.*matches no cell' host/trace-guest/unknown-variant-is-refused
[ ! -e "$scratch/none" ]
ok $? host/trace-guest/failure-leaves-nothing

# Ended in the middle: no folder, no machine.
STRACE=no-such-strace "$guest" "$build" --out "$scratch/none" \
	> "$scratch/output" 2>&1 &
pid=$!
for _ in $(seq 300); do
	pgrep -f "$scratch/none/.guest-$pid/image/console" > /dev/null && break
	sleep 0.1
done
kill -TERM $pid
wait $pid
[ $? -eq 130 ] && ! pgrep -f "$scratch/none" > /dev/null
ok $? host/trace-guest/sigterm-leaves-no-process
[ ! -e "$scratch/none" ]
ok $? host/trace-guest/sigterm-leaves-nothing
done_testing
