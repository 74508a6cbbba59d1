#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The nested lane for real, on a few cells: KVM's own tracepoints must show
# exactly the exits that the data paths are designed for.
#
# usage: tests/host/nested.sh BUILD        BUILD is build/all
. "$(dirname "$0")/../tap.sh"
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$1
unset ACCEL
out=$scratch/out
cells="32/read/4096/1 32/read/65536/1 64/read/4096/1 fifo/read/4096/1
	fifo/read/65536/1 fifo-mmio/read/4096/1 dma/read/4096/1
	dma/read/65536/1 dma-msi/read/4096/1
	dma-zc/read/1048576/1 dma-zc/read-huge/1048576/1
	dma-zc/read-fixed/1048576/1 dma-zc-msi/read/65536/1
	dma-q/read/65536/1 dma-q-msi/read/65536/1 null/read/4096/1
	window/read/4096/1 window/read/65536/1 window/read/1048576/1
	window/mmap/65536/1 window/mmap/1048576/1
	ring/read/4096/1 ring/read/1048576/1 ring/mmap/1048576/1"

if ! command -v perf > /dev/null; then
	echo "1..0 # SKIP perf is missing, without it exits cannot be counted: apt-get install linux-perf"
	exit 0
fi
COUNT_ARGS="--max-call 30 --only ${cells//[$'\n\t']/ }" \
	run "$top/vm/nested.sh" "$build" "$out" count
ok "$status" host/nested/counts-in-a-guest-under-kvm

# is_by ACCESS WANTED COLUMN VARIANT BYTES NAME: a count per call.
is_by()
{
	local got
	got=$(awk -F '\t' -v a="$1" -v v="$4" -v b="$5" -v name="$3" '
	NR == 2 { for (i = 1; i <= NF; i++) at[$i] = i }
	NR > 2 && $at["variant"] == v && $at["access"] == a && $at["bytes"] == b {
		print $at[name] / $at["calls"] }' "$out/kvm.tsv" 2> /dev/null)
	[ "$got" = "$2" ] || echo "# $4, $5 bytes: $3 is '$got' a $1, not $2"
	[ "$got" = "$2" ]
	ok $? "host/nested/$6"
}

# is WANTED COLUMN VARIANT BYTES NAME: the same, of a read.
is() { is_by read "$@"; }

is 1024 exits 32 4096 32-exits-for-each-4-bytes
is 16384 exits 32 65536 32-exits-for-each-4-bytes-of-64k
is 512 exits 64 4096 64-exits-for-each-8-bytes
is 5 exits fifo 4096 fifo-exits-for-each-kib-and-the-level
is 65 exits fifo 65536 fifo-exits-for-each-kib-of-64k-and-the-level
is 1025 exits fifo-mmio 4096 fifo-mmio-exits-for-each-word-and-the-level
is 1 exits dma 4096 dma-exits-once
is 1 exits dma 65536 dma-exits-once-for-64k
is 1 mmio_writes dma 65536 dma-exit-is-the-doorbell
is 0 mmio_reads dma 65536 dma-reads-no-register
is 0 irqs dma 65536 dma-polled-has-no-interrupt
is 1 exits dma-msi 4096 dma-msi-exits-once
is 1 irqs dma-msi 4096 dma-msi-has-one-interrupt
is 1 exits window 4096 window-exits-once
is 1 exits window 65536 window-exits-once-for-64k
is 16 exits window 1048576 window-exits-16-times-a-mib
is 0 mmio_reads window 65536 window-memory-is-no-exit
is_by mmap 1 exits window 65536 window-in-place-exits-once-for-64k
is_by mmap 16 exits window 1048576 window-in-place-exits-16-times-a-mib
is 1 exits dma-zc 1048576 dma-zc-exits-once-for-1m
is_by read-huge 1 exits dma-zc 1048576 dma-zc-exits-once-into-huge-pages
is_by read-fixed 1 exits dma-zc 1048576 dma-zc-exits-once-into-a-registered-buffer
is 1 exits dma-zc-msi 65536 dma-zc-msi-exits-once
is 1 irqs dma-zc-msi 65536 dma-zc-msi-has-one-interrupt

# below WANTED COLUMN VARIANT BYTES NAME: as is(), but fewer than that.
below()
{
	local got access=read
	[ "${3%/mmap}" = "$3" ] || access=mmap
	got=$(awk -F '\t' -v v="${3%/mmap}" -v a=$access -v b="$4" -v name="$2" '
	NR == 2 { for (i = 1; i <= NF; i++) at[$i] = i }
	NR > 2 && $at["variant"] == v && $at["access"] == a && $at["bytes"] == b {
		print $at[name] / $at["calls"] }' "$out/kvm.tsv" 2> /dev/null)
	echo "# $3, $4 bytes: $got $2 a request"
	awk -v got="${got:-none}" -v want="$1" \
		'BEGIN { exit !(got ~ /^[0-9]/ && got < want) }'
	ok $? "host/nested/$5"
}

# A doorbell for almost three quarters of the ring at most, so 0.17 a MiB.
below 1 exits ring 1048576 ring-exits-less-than-once-a-mib
below 1 exits ring/mmap 1048576 ring-in-place-exits-less-than-once-a-mib
below 0.1 exits ring 4096 ring-small-reads-hardly-exit
# One request in flight: a doorbell, unless the thread is awake.
below 1.1 exits dma-q 65536 dma-q-exits-once-at-most
below 1.1 exits dma-q-msi 65536 dma-q-msi-exits-once-at-most

grep -q 'VM-EXIT' "$out/kvm-stat.txt" 2> /dev/null
ok $? host/nested/perf-kvm-stat-is-kept
! find "$out" -name '*.tmp' 2> /dev/null | grep -q .
ok $? host/nested/leaves-no-half-file

# What is missing is said before anything boots.
PERF=no-such-perf run "$top/vm/nested.sh" "$build" "$scratch/none"
fails_saying "no-such-perf is missing, without it exits cannot be counted" \
	host/nested/missing-perf-is-named
mkdir -p "$scratch/kernel/modules/kernel"
KERNELDIR=$scratch/kernel run "$top/vm/nested.sh" "$build" "$scratch/none"
fails_saying "has no module kvm-amd" host/nested/missing-kvm-amd-is-named
[ ! -e "$scratch/none" ]
ok $? host/nested/refusal-leaves-nothing

done_testing
