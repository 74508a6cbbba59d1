#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kvmcount on small traces written here: what it counts, and that it refuses
# whatever does not fit together.
#
# usage: tests/host/kvmcount.sh
. "$(dirname "$0")/../tap.sh"
kvmcount=$(cd "$(dirname "$0")/../.." && pwd)/build/host/kvmcount
cd "$scratch" || exit 1

tabs() { tr ' ' '\t'; }

# raw ROW: raw.tsv; the row is variant, access, bytes, id, calls, ns, counts.
raw()
{
	echo "# exitcost raw 2"
	tabs <<< "lane variant access bytes threads boot round order kind ref_before ref_after calls ns syscalls mmio_reads mmio_writes pio_reads pio_writes dmas irqs lat_calls lat_max lat_hist"
	# shellcheck disable=SC2086
	set -- $1
	tabs <<< "kvm $1 $2 $3 1 1 1 $4 count - - $5 $6 $5 $7 $8 $9 ${10} 0 ${11} - - -"
	echo "# end 1"
}

cat > bars.tsv << EOF
# exitcost bars 1
slot	device	bar	kind	start	end
0:1.0	virtio-rng	4	memory	0xfe000000	0xfe003fff
0:2.0	my_rng	0	memory	0xfeb00000	0xfeb00fff
0:4.0	my_rng	0	memory	0xfeb02000	0xfeb02fff
0:4.0	my_rng	1	io	0xc0c0	0xc0cf
# end 4
EOF

# One line of trace each: PID/TID, then the event.
now=0
event() { now=$((now + 1)); printf ' %s %d.%09d: kvm:%s\n' "$1" 5 $((now * 1000)) "$2"; }
entry() { event 10/11 "kvm_entry: vcpu 0, rip 0x1"; }
exits() { event 10/11 "kvm_exit: vcpu 0 reason $1 rip 0x1 info1 0x0"; }
read_at() { exits npf; event 10/11 "kvm_mmio: mmio read len 4 gpa $1 val 0x5"; entry; }
write_at() { exits npf; event 10/11 "kvm_mmio: mmio write len 4 gpa $1 val $2"; }
mark() { write_at 0xfeb00810 "$1"; event 10/11 "kvm_userspace_exit: reason KVM_EXIT_MMIO (6)"; entry; }
mark2() { write_at 0xfeb02810 "$1"; entry; }

two_reads() { mark 0x1; read_at 0xfeb00000; read_at 0xfeb00000; mark 0x0; }
good_row="32 read 8 1 1 3000 2 0 0 0 0"

# fold: the trace on stdin with the rows in raw.tsv.
fold() { "$kvmcount" --raw raw.tsv --bars bars.tsv -o kvm.tsv; }
folded()
{
	status=0
	rm -f kvm.tsv
	fold < trace > output 2>&1 || status=$?
}
# column N: of the first row of kvm.tsv.
column() { sed -n 3p kvm.tsv 2> /dev/null | cut -f "$1"; }
refuses()
{
	[ "$status" -ne 0 ] && says "$1" && [ ! -e kvm.tsv ]
	ok $? "host/kvmcount/$2"
}

raw "$good_row" > raw.tsv
{ read_at 0xfeb00000; two_reads; read_at 0xfeb00000; } > trace
folded
[ "$status" -eq 0 ] && [ "$(column 6-12 | tr '\t' ' ')" = "1 2 2 0 0 0 0" ]
ok $? host/kvmcount/counts-only-inside-the-marks
[ "$(column 13-17 | tr '\t' ' ')" = "2 0 0 0 0" ]
ok $? host/kvmcount/leaves-out-the-exits-of-the-marks
[ "$(head -n 1 kvm.tsv)" = "# exitcost kvm 1" ] && [ "$(tail -n 1 kvm.tsv)" = "# end 1" ]
ok $? host/kvmcount/writes-a-versioned-file

{ mark 0x1; read_at 0xfeb00904; read_at 0xfeb00000; read_at 0xfeb02000
	read_at 0xfe000000; read_at 0xfeb00000; mark 0x0; } > trace
folded
[ "$status" -eq 0 ] && [ "$(column 8)" = 2 ]
ok $? host/kvmcount/counts-neither-administration-nor-other-devices

{ mark 0x1; read_at 0xfeb00000; event 20/21 "kvm_mmio: mmio read len 4 gpa 0xfeb00000 val 0x1"
	event 20/21 "kvm_exit: reason hlt rip 0x1"; read_at 0xfeb00000; mark 0x0; } > trace
folded
[ "$status" -eq 0 ] && [ "$(column 8)" = 2 ] && [ "$(column 15)" = 0 ]
ok $? host/kvmcount/leaves-out-other-machines

sed 's/reason npf/reason EPT_MISCONFIG/; s,^ 10/11, CPU 0/KVM 10/11 [001],' < <(two_reads) > trace
folded
[ "$status" -eq 0 ] && [ "$(column 13)" = 2 ]
ok $? host/kvmcount/knows-vmx-names-and-more-fields

two_reads | grep -v 'kvm_exit\|kvm_entry' > trace
sed -i 's/\(.*\)kvm:kvm_mmio: mmio read.*/&\n\1kvm:kvm_userspace_exit: reason KVM_EXIT_MMIO (6)/' trace
folded
[ "$status" -eq 0 ] && [ "$(column 13)" = 2 ]
ok $? host/kvmcount/without-kvm_exit-takes-userspace-exits

raw "fifo read 64 1 1 3000 0 0 17 0 0" > raw.tsv
{ mark2 0x1
	exits io; event 10/11 "kvm_pio: pio_read at 0xc0c4 size 4 count 1 val 0x10 "; entry
	exits io; event 10/11 "kvm_pio: pio_read at 0xc0c0 size 4 count 16 val 0x10 (...)"; entry
	mark2 0x0; } > trace
folded
[ "$status" -eq 0 ] && [ "$(column 10)" = 2 ] && [ "$(column 18)" = 17 ]
ok $? host/kvmcount/counts-port-exits-and-their-words

raw "dma-msi read 64 1 1 3000 0 1 0 0 1" > raw.tsv
msi() { event "$1" "kvm_msi_set_irq: dst 0 vec 37 (Fixed|physical|edge)"; }
{ mark2 0x1; write_at 0xfeb0202c 0x3; msi 10/12; msi 10/11; entry; msi 10/11; mark2 0x0; } > trace
folded
[ "$status" -eq 0 ] && [ "$(column 12)" = 1 ]
ok $? host/kvmcount/counts-only-the-interrupt-of-the-access

raw "virtio-rng hwrng 64 1 1 3000 - - - - -" > raw.tsv
{ mark 0x1; write_at 0xfe003000 0x0; entry; mark 0x0; } > trace
folded
[ "$status" -eq 0 ] && [ "$(column 9)" = 1 ] && [ "$(column 12)" = - ]
ok $? host/kvmcount/counts-virtio-rng-by-its-own-bars

raw "$good_row" > raw.tsv
two_reads | sed '0,/mmio read/{/mmio read/d}' > trace
folded
refuses 'disagree: 1 kvm_mmio reads, but the device counted 2 mmio_reads' \
	refuses-a-trace-that-lacks-a-read
two_reads | sed 's/gpa 0xfeb00000/gpa 0xfeb00008/; s/mmio read/mmio write/' > trace
folded
refuses 'cell 1 .32/read/8/1.: KVM and the device disagree' refuses-writes-for-reads
{ two_reads; two_reads; } > trace
folded
refuses 'is 2 times in the trace, not once' refuses-a-cell-seen-twice
read_at 0xfeb00000 > trace
folded
refuses 'is 0 times in the trace' refuses-a-trace-without-the-cell
{ mark 0x7; mark 0x0; } > trace
folded
refuses 'MARK 7 is no cell' refuses-an-unknown-mark
{ mark 0x1; mark 0x1; } > trace
folded
refuses 'MARK 1 while cell 1 .* runs' refuses-a-mark-within-a-cell
{ two_reads; echo ' 10/11 9.0: PERF_RECORD_LOST lost 12'; } > trace
folded
refuses 'perf lost events' refuses-lost-events
{ two_reads; echo 'something else'; } > trace
folded
refuses "the trace:$(($(two_reads | wc -l) + 1)): no kvm event: 'something else'" names-the-line-it-cannot-read
two_reads | sed 's/reason npf/reason 1024/' > trace
folded
refuses 'exit reason is a number' refuses-reasons-without-names
two_reads | sed 's,10/11,11,' > trace
folded
refuses 'no PID/TID' refuses-a-trace-without-processes
two_reads > trace
raw "32 read 8 1 1 5000000000 2 0 0 0 0" > raw.tsv
folded
refuses "the guest's clock is wrong" refuses-a-clock-that-does-not-tick-right
raw "$good_row" | head -n 3 > raw.tsv
folded
refuses 'raw.tsv' refuses-a-truncated-table

done_testing
