#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tracing/qemu.sh on a real guest: its events per cell are the device's own
# counts, and it leaves the emulator as it was. And what it refuses.
#
# usage: tests/host/trace-qemu.sh BUILD        BUILD is build/all
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/traced.sh"
build=$1
qemu_sh=$top/tracing/qemu.sh
qmp=$top/build/host/qmp
out=$scratch/out

run "$qemu_sh" --help
[ "$status" -eq 0 ] && says '^usage: tracing/qemu.sh --pid N' && says 'counters.tsv'
ok $? host/trace-qemu/help
run "$qemu_sh"
fails_saying "--pid takes the number of a process, not ''" \
	host/trace-qemu/needs-a-pid
(exec -a qemu-system-fake sleep 100) &
fake=$!
run "$qemu_sh" --pid $fake --seconds 0
fails_saying "--seconds takes a time above 0, not '0'" \
	host/trace-qemu/refuses-zero-seconds
run "$qemu_sh" --pid 999999999
fails_saying "there is no process 999999999" host/trace-qemu/refuses-no-process
run "$qemu_sh" --pid $$
fails_saying "process $$ is 'bash', not a qemu-system" \
	host/trace-qemu/refuses-what-is-no-qemu
run "$qemu_sh" --pid $fake --qmp "$scratch/none"
[ "$status" -eq 77 ] && says "monitor $scratch/none cannot be opened"
ok $? host/trace-qemu/names-a-monitor-that-is-not-there
run "$qemu_sh" --pid $fake
[ "$status" -eq 77 ] && says 'has no QMP monitor.*QMP=SOCKET'
ok $? host/trace-qemu/says-how-to-get-a-monitor
kill $fake

boot "$build" 32/read/4096/1 64/read/4096/1 fifo/read/4096/1 \
	fifo-mmio/read/64/1 dma/read/65536/1 dma-msi/read/65536/1
ok $? host/trace-qemu/guest-boots
attached_run "$qemu_sh" --pid "$pid" --seconds 100 --out "$out"
ok "$status" host/trace-qemu/succeeds
run "$qmp" "$scratch/qmp" query-status
[ "$status" -eq 0 ] && says '"running":true'
ok $? host/trace-qemu/guest-goes-on
run "$qmp" "$scratch/qmp" trace-event-get-state '{"name": "my_rng_*"}'
[ "$status" -eq 0 ] && says disabled && ! says enabled
ok $? host/trace-qemu/events-are-off-again
# QEMU closes it when all its threads have seen the other one
n=0
while readlink "/proc/$pid/fd"/* | grep -q 'qemu.log$' && [ $((n += 1)) -lt 50 ]; do
	sleep 0.1
done
[ $n -lt 50 ]
ok $? host/trace-qemu/log-is-closed
run "$qemu_sh" --pid "$pid" --seconds 100 --out "$out"
fails_saying 'qemu.log exists already; results are never overwritten' \
	host/trace-qemu/never-overwrites
attach "$qemu_sh" --pid "$pid" --seconds 100 --out "$scratch/gone"
end_guest
tool_ends
says 'ended meanwhile'
ok $? host/trace-qemu/process-gone-is-said
! find "$scratch/gone" "$out" -name '.unfinished*' 2> /dev/null | grep .
ok $? host/trace-qemu/leaves-nothing-unfinished

well_formed "$out/qemu.tsv" qemu-trace && well_formed "$out/counters.tsv" qemu-counters
ok $? host/trace-qemu/tables-are-well-formed
for c in mmio_read mmio_write pio_read pio_write; do
	same "$(counted ${c}s)" "$(column "$out/qemu.tsv" count $c)" \
		"host/trace-qemu/${c}s-are-the-devices"
done
same "$(counted dmas)" "$(column "$out/qemu.tsv" count dma_end)" \
	host/trace-qemu/dmas-are-the-devices
same "$(counted irqs)" "$(column "$out/qemu.tsv" count msi)" \
	host/trace-qemu/irqs-are-the-devices
run awk -F '\t' '$1 == 1 && $3 == "accesses" { print "accesses", $4, $5 }' "$out/qemu.tsv"
says '^accesses 4096 16384$'
ok $? host/trace-qemu/32-bit-reads-of-4096-bytes-are-1024-a-call

# More bytes than 31 bits count.
calls=2200
boot "$build" dma/read/1048576/1
attached_run "$qemu_sh" --pid "$pid" --seconds 100 --out "$scratch/many"
ok "$status" host/trace-qemu/counts-beyond-2-gib
end_guest
run awk -F '\t' '$1 == 1 && $3 == "dma_end" { print $4, $5 }' "$scratch/many/qemu.tsv"
says "^$((calls * 16)) $((calls * 1048576))\$"
ok $? host/trace-qemu/bytes-beyond-2-gib-are-exact

done_testing
