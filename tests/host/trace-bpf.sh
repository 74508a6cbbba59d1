#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tracing/bpf.sh on real guests: what its scripts count is what the device
# counts, on a Linux guest under tcg and, where there is a /dev/kvm, on the
# bare-metal guest. And what it refuses.
#
# usage: tests/host/trace-bpf.sh BUILD        BUILD is build/all
#        tests/host/trace-bpf.sh --parse QEMU...   no guest: every script parses,
#        with the probes of the first of the emulators that is there
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/traced.sh"
. "$top/vm/baremetal/guest.sh"
bpf_sh=$top/tracing/bpf.sh
qmp=$top/build/host/qmp
out=$scratch/out
trap 'kill "$vmrun" "$machine" $tool_pid 2> /dev/null; wait; rm -rf "$scratch"' EXIT
machine=''

# parses SCRIPT QEMU: the script, and whether all its USDT probes are there.
parses()
{
	local p missing=''
	case $(basename "$1") in
	kvm_*)
		[ -d /sys/kernel/tracing/events/kvm ] || {
			skip "no kvm trace events" "host/trace-bpf/parses-$(basename "$1")"
			return
		}
		;;
	esac
	run bpftrace -d "$1" 1 "$2" 1
	grep ERROR "$scratch/output" | grep -v RLIMIT > "$scratch/errors"
	mv "$scratch/errors" "$scratch/output"
	for p in $(grep -o '^usdt:$2:qemu:[a-z_]*' "$1" | cut -d : -f 4); do
		grep -q ":qemu:$p\$" <<< "$probes" || missing="$missing $p"
	done
	[ -z "$missing" ] || echo "no probes:$missing" >> "$scratch/output"
	[ "$status" -eq 0 ] && [ -z "$missing" ]
	ok $? "host/trace-bpf/parses-$(basename "$1")"
}

parse_all()
{
	local s probes
	probes=$(bpftrace -l "usdt:$1:qemu:*" 2> /dev/null)
	for s in "$top"/tracing/bpf/*.bt; do parses "$s" "$1"; done
}

need()
{
	echo "1..0 # SKIP $*"
	exit 0
}

command -v bpftrace > /dev/null ||
	need "bpftrace is missing: apt-get install bpftrace"
[ "$(id -u)" -eq 0 ] || need "bpftrace needs root"
[ -d /sys/kernel/tracing/events ] ||
	need "run: mount -t tracefs tracefs /sys/kernel/tracing"
if [ "$1" = --parse ]; then
	for q; do
		[ -x "$q" ] && parse_all "$q" && done_testing
	done
	need "no emulator is built"
fi
build=$1

# ---- what it refuses ----

run "$bpf_sh" --help
[ "$status" -eq 0 ] && says '^usage: tracing/bpf.sh --pid N' && says -- '--script NAME'
ok $? host/trace-bpf/help
run "$bpf_sh" --pid $$ --script nope
fails_saying "no script 'nope'; there are: bql device kvm_run kvm_user" \
	host/trace-bpf/refuses-unknown-script
run "$bpf_sh" --pid $$ --colour red
fails_saying "unknown option '--colour'" host/trace-bpf/refuses-unknown-option
run "$bpf_sh" --pid $$
fails_saying "process $$ is 'bash', not a qemu-system" \
	host/trace-bpf/refuses-what-is-no-qemu
(exec -a qemu-system-fake sleep 100) &
fake=$!
BPFTRACE=no-such-bpftrace run "$bpf_sh" --pid $fake
[ "$status" -eq 77 ] && says 'no-such-bpftrace is missing; install the package'
ok $? host/trace-bpf/missing-bpftrace-is-named
run "$bpf_sh" --pid $fake --out "$scratch/none"
[ "$status" -eq 77 ] && says 'without device: this QEMU has no USDT probes of my_rng' &&
	says 'without kvm_run: process [0-9]+ is no KVM guest' && [ ! -e "$scratch/none" ]
ok $? host/trace-bpf/says-why-each-script-is-left-out
if setpriv --reuid 65534 --clear-groups test -x "$bpf_sh"; then
	run setpriv --reuid 65534 --clear-groups "$bpf_sh" --pid $fake
	[ "$status" -eq 77 ] && says 'bpftrace needs root; run: sudo'
	ok $? host/trace-bpf/without-root-says-what-is-needed
else
	skip "nobody cannot read this checkout" \
		host/trace-bpf/without-root-says-what-is-needed
fi
kill $fake

# ---- Linux, tcg ----

boot "$build" 32/read/4096/1 64/read/4096/1 fifo/read/4096/1 \
	dma/read/65536/1 dma-msi/read/65536/1
ok $? host/trace-bpf/guest-boots
attached_run "$bpf_sh" --pid "$pid" --seconds 100 --out "$out"
ok "$status" host/trace-bpf/succeeds-under-tcg
attach "$bpf_sh" --pid "$pid" --seconds 100 --out "$scratch/gone" --script device
end_guest
tool_ends
[ "$status" -eq 0 ] && well_formed "$scratch/gone/device.tsv" bpf-device
ok $? host/trace-bpf/process-gone-ends-it
for t in device bql; do
	well_formed "$out/$t.tsv" bpf-$t && well_formed "$out/$t-hist.tsv" bpf-$t-hist
	ok $? "host/trace-bpf/tables-of-$t-are-well-formed"
done
for c in mmio_read mmio_write pio_read pio_write; do
	same "$(counted ${c}s)" "$(column "$out/device.tsv" count $c)" \
		"host/trace-bpf/${c}s-are-the-devices"
done
same "$(counted dmas)" "$(column "$out/device.tsv" count dma_end)" \
	host/trace-bpf/dmas-are-the-devices
same "$(counted dmas)" "$(column "$out/device.tsv" dma_ns_n dma_end)" \
	host/trace-bpf/each-dma-is-timed
same "$(counted irqs)" "$(column "$out/device.tsv" count msi)" \
	host/trace-bpf/irqs-are-the-devices
run awk -F '\t' '$1 == 1 && $3 == "mmio_read" { print "reads", $4, $5, $8 }' \
	"$out/device.tsv"
says '^reads 4096 16384 4095$'
ok $? host/trace-bpf/32-bit-reads-of-4096-bytes-are-1024-a-call

# Under tcg each access takes the big lock once
accesses()
{
	paste -d ' ' <(counted mmio_reads) <(counted mmio_writes) \
		<(counted pio_reads) <(counted pio_writes) |
		awk '{ print $1, $2 + $4 + $6 + $8 }'
}
same "$(accesses)" "$(column "$out/bql.tsv" my_rng)" \
	host/trace-bpf/each-access-takes-the-big-lock-once
awk -F '\t' '
NR == 2 { for (i = 1; i <= NF; i++) at[$i] = i; next }
NR < 2 || /^#/ { next }
{ n++ }
$at["contended"] > $at["acquired"] || $at["contended"] != $at["contended_ns_n"] ||
	$at["my_rng"] > $at["acquired"] || $at["wait_ns_n"] > $at["acquired"] { bad = 1 }
END { exit !(n && !bad) }' "$out/bql.tsv"
ok $? host/trace-bpf/the-counts-of-the-big-lock-fit-together

# ---- bare-metal guest, KVM ----

# start_machine: the guest of exitbench, stopped, without the device that would
# end it. Sets machine.
start_machine()
{
	local a command=()
	guest_command "$build" kvm
	for a in "${guest_cmd[@]}"; do
		case $a in
		isa-debug-exit,*) unset 'command[-1]' ;;
		*) command+=("$a") ;;
		esac
	done
	"${command[@]}" -append "lane=kvm iterations=100 cases=my_rng" \
		-chardev "file,id=log,path=$scratch/kvm.log" \
		-device isa-debugcon,iobase=0xe9,chardev=log \
		-chardev null,id=table \
		-device isa-debugcon,iobase=0xe8,chardev=table \
		-S -qmp "unix:$scratch/kvm.qmp,server=on,wait=off" \
		> "$scratch/kvm.out" 2>&1 < /dev/null &
	machine=$!
	until [ -S "$scratch/kvm.qmp" ]; do
		kill -0 "$machine" 2> /dev/null || return 1
		sleep 0.1
	done
}

# halts: waits until the guest has nothing more to do.
halts()
{
	local n=0
	until "$qmp" "$scratch/kvm.qmp" hmp 'info registers' | grep -q 'HLT=1' ||
		[ $((n += 1)) -gt 100 ]; do
		sleep 0.1
	done
}

# stat DEVICE COUNTER: as the device has it.
stat()
{
	"$qmp" "$scratch/kvm.qmp" qom-get \
		"{\"path\": \"/machine/peripheral/$1\", \"property\": \"stat-$2\"}"
}

# bar DEVICE NUMBER: where the guest put it, in hexadecimal.
bar()
{
	"$qmp" "$scratch/kvm.qmp" query-pci | jq -r --arg id "$1" --argjson n "$2" '
		[.. | objects | select(.qdev_id? == $id)][0].regions[] |
		select(.bar == $n).address' | xargs printf '%x'
}

# exits KIND FIRST SIZE: the exits kvm_user.bt saw in this range.
exits()
{
	local first=$((0x$2)) access address count n=0
	while IFS=$'\t' read -r access address count _; do
		[ "$access" = "$1" ] && [ $((address)) -ge $first ] &&
			[ $((address)) -lt $((first + $3)) ] && n=$((n + count))
	done < "$out/kvm_user.tsv"
	echo "$n"
}

# equal WANTED GOT NAME
equal()
{
	[ -n "$1" ] && [ "$1" != 0 ] && [ "$1" = "$2" ]
	local bad=$?
	[ $bad -eq 0 ] || echo "# wanted $1, got $2"
	ok $bad "host/trace-bpf/kvm/$3"
}

# ioctls REASON: how many KVM_RUN ended so.
ioctls() { awk -F '\t' -v r="$1" '$2 == r { print $3 }' "$out/kvm_run.tsv"; }

# all_exits PREFIX: those of all addresses.
all_exits()
{
	awk -F '\t' -v p="$1" 'index($1, p) == 1 { n += $3 } END { print n + 0 }' \
		"$out/kvm_user.tsv"
}

on_kvm()
{
	local d bar0
	out=$scratch/kvm
	start_machine
	ok $? host/trace-bpf/kvm/machine-starts
	attach "$bpf_sh" --pid "$machine" --seconds 100 --out "$out" \
		--script kvm_user --script kvm_run --script device
	ok $? host/trace-bpf/kvm/attaches
	"$qmp" "$scratch/kvm.qmp" cont > /dev/null
	until_seen '^SUMMARY' "$scratch/kvm.log" 60
	ok $? host/trace-bpf/kvm/guest-ends
	halts # its last words may still be on their way
	kill -TERM "$tool_pid"
	tool_ends
	ok "$status" host/trace-bpf/kvm/succeeds
	for d in rng64 rngfifo rngdma; do
		bar0=$(bar $d 0)
		# Below 2048, the data path
		equal "$(stat $d mmio-reads)" "$(exits mmio_read "$bar0" 2048)" \
			"exits-of-reads-are-those-of-$d"
		equal "$(stat $d mmio-writes)" \
			"$(exits mmio_write "$bar0" 2048)" "exits-of-writes-are-those-of-$d"
	done
	equal "$(($(awk -F '\t' '$2 == "rngfifo" && $3 == "pio_read" { n += $4 }
		END { print n }' "$out/device.tsv")))" "$(stat rngfifo pio-reads)" \
		port-reads-seen-by-usdt-are-the-devices
	equal "$(ioctls MMIO)" "$(all_exits mmio_)" each-mmio-exit-has-an-address
	equal "$(ioctls IO)" "$(all_exits pio_)" each-port-exit-has-a-port
	"$qmp" "$scratch/kvm.qmp" quit > /dev/null
	wait "$machine"
	machine=
}

trouble=$(kvm_trouble "$build/qemu-system-x86_64")
if [ -n "$trouble" ]; then
	skip "$trouble" host/trace-bpf/kvm
elif [ ! -d /sys/kernel/tracing/events/kvm ]; then
	skip "no kvm trace events in this kernel" host/trace-bpf/kvm
else
	on_kvm
fi
! pgrep -f "bpftrace .*$scratch|bpftrace .*$top/tracing/bpf/" > /dev/null
ok $? host/trace-bpf/leaves-no-process
done_testing
