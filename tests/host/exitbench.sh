#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The bare-metal benchmark: every case passes with exact counts, what it leaves,
# selection of cases, what it refuses, and the probe that chooses a lane.
#
# usage: tests/host/exitbench.sh BUILD
. "$(dirname "$0")/../tap.sh"
here=$(cd "$(dirname "$0")" && pwd)
top=$here/../..
build=$1
export RESULTS=$scratch/results
unset ACCEL QEMU_ARGS LIMIT
columns="lane case device n batch cycles_min cycles_p50 cycles_p99 cycles_overhead ns_min ns_p50 ns_p99 cycles_slope kvm"

bench() { run "$top/vm/exitbench.sh" "$build" "$@"; }

# passed FILE: the cases the log says passed, as device/case.
passed() { sed -n 's/^PASS \([^:]*\):.*/\1/p' "$1"; }

# in_table FILE: the cases that have a row, as device/case.
in_table() { awk -F '\t' '!/^#/ && $1 != "lane" { print $3 "/" $2 }' "$1"; }

# well_formed FILE LANE: fourteen columns, whole counts, figures with two
# decimals of which none is below zero, or '-', in the order of their size, the end.
well_formed()
{
	[ "$(head -n 1 "$1")" = "# exitcost exitbench 1" ] &&
		[ "$(sed -n 2p "$1" | tr '\t' ' ')" = "$columns" ] &&
		awk -F '\t' -v lane="$2" '
		NR <= 2 { next }
		/^# end / { end = ($0 == "# end " n); next }
		{ n++ }
		NF != 14 || $1 != lane || $4 !~ /^[1-9][0-9]*$/ ||
			$5 !~ /^[1-9][0-9]*$/ || $9 == "-" { bad = 1 }
		{ for (i = 6; i <= 13; i++)
			if ($i !~ /^([0-9]+\.[0-9][0-9]|-)$/) bad = 1
		  for (i = 0; i < 3; i++)
			if (($(6 + i) == "-") != ($(10 + i) == "-")) bad = 1
		  if ($6 != "-" && ($7 == "-" || $6 + 0 > $7 + 0)) bad = 1
		  if ($7 != "-" && ($8 == "-" || $7 + 0 > $8 + 0)) bad = 1
		  if (lane == "kvm" ? $14 !~ /^(hardware|emulated)$/ : $14 != "-")
			bad = 1 }
		END { exit !(end && n && !bad) }' "$1"
}

# whole_run ACCEL: all cases, and what they leave.
whole_run()
{
	local accel=$1 dir=$scratch/$1 n
	bench --accel "$accel" --out "$dir"
	ok "$status" "host/exitbench/$accel/succeeds"
	[ "$status" -eq 0 ] || return # there is nothing to look at
	[ -s "$dir/exitbench.log" ] &&
		! grep -vE '^(TRY|PASS|SKIP|MACHINE|SUMMARY)' "$dir/exitbench.log" > "$scratch/output"
	ok $? "host/exitbench/$accel/no-case-fails"
	n=$(grep -c . < <(passed "$dir/exitbench.log"))
	[ "$(tail -n 1 "$dir/exitbench.log")" = \
		"SUMMARY: $n passed, 0 failed, $(grep -c '^SKIP' "$dir/exitbench.log") skipped" ]
	ok $? "host/exitbench/$accel/summary-is-right"
	well_formed "$dir/exitbench.tsv" "$accel"
	ok $? "host/exitbench/$accel/table-is-well-formed"
	[ "$n" -gt 0 ] && [ "$(in_table "$dir/exitbench.tsv")" = \
		"$(passed "$dir/exitbench.log")" ]
	ok $? "host/exitbench/$accel/a-row-for-each-case-passed"
	if [ "$(basename "$build")" = all ]; then
		[ "$n" -eq 20 ] && ! grep '^SKIP' "$dir/exitbench.log"
		ok $? "host/exitbench/$accel/runs-all-twenty-cases"
	fi
	# Of those that are long enough on any host. The FIFO has no room for
	# twice 64 KiB.
	awk -F '\t' '$2 ~ /^(insl_1k|dma_4k|insl_64k)$/ &&
		($13 == "-") != ($2 == "insl_64k") { bad = 1 } END { exit bad }' \
		"$dir/exitbench.tsv"
	ok $? "host/exitbench/$accel/twice-as-many-operations-are-a-second-estimate"
	[ "$(jq -r 'if .guest.emulated then "emulated" elif .lane == "kvm" then
		"hardware" else "-" end' "$dir/env.json")" = \
		"$(awk -F '\t' 'NR == 3 { print $14 }' "$dir/exitbench.tsv")" ]
	ok $? "host/exitbench/$accel/rows-say-what-kind-of-kvm"
	[ "$(grep -cE '^PASS my_rng/.*, counted exactly$' "$dir/exitbench.log")" = \
		"$(passed "$dir/exitbench.log" | grep -c '^my_rng/')" ]
	ok $? "host/exitbench/$accel/my_rng-counted-every-operation"
	run jq -e --arg a "$accel" '.lane == $a and .host.tsc_khz > 100000 and
		.guest.loop_cycles > 0' "$dir/env.json"
	ok "$status" "host/exitbench/$accel/environment-is-recorded"
}

# without_big_lock ACCEL: where QEMU can, words read by a guest; "READS UNLOCKED",
# by the device's counters. A machine that stops instead of ending is asked.
without_big_lock()
{
	local only=$scratch/64 dir=$scratch/lockless-$1 qmp=$scratch/qmp.sock
	mkdir -p "$only" "$dir"
	ln -sf "$(realpath "$build/qemu-system-x86_64")" "$only/"
	(
		. "$top/vm/baremetal/guest.sh"
		guest_command "$only" "$1"
		QEMU_ARGS="-global my_rng.lockless=on -no-shutdown
			-qmp unix:$qmp,server=on,wait=off" \
			guest_run 60 "$dir" "lane=$1 cases=my_rng iterations=100"
	) &
	machine=$!
	for _ in $(seq 300); do
		"$top/build/host/qmp" "$qmp" query-status 2> /dev/null |
			grep -q '"shutdown"' && break
		kill -0 "$machine" 2> /dev/null || break
		sleep 0.1
	done
	for property in stat-mmio-reads stat-unlocked; do
		"$top/build/host/qmp" "$qmp" qom-get "{\"path\":
			\"/machine/peripheral/rng64\", \"property\": \"$property\"}"
	done | xargs
	"$top/build/host/qmp" "$qmp" quit > /dev/null
	wait "$machine"
}

# Emulated CPUs take the lock themselves, KVM's do not.
lockless()
{
	local reads unlocked
	read -r reads unlocked < <(without_big_lock "$1")
	[ "${reads:-0}" -gt 100 ] && case $1 in
	kvm) [ "$unlocked" = "$reads" ] ;;
	*) [ "$unlocked" = 0 ] ;;
	esac
	ok $? "host/exitbench/$1/words-without-the-big-lock"
}

whole_run tcg
can_lockless=
"$build/qemu-system-x86_64" -device my_rng,help | grep -q 'lockless=.*without' &&
	[[ " all 64 " == *" $(basename "$build") "* ]] && can_lockless=yes
[ -z "$can_lockless" ] || lockless tcg
if has_kvm; then
	whole_run kvm
	[ -z "$can_lockless" ] || lockless kvm
else
	skip "/dev/kvm cannot be opened" host/exitbench/kvm/succeeds
fi

# The device's own trace against what the guest says it did: the operations,
# and one in each of the five rounds that tries the case out.
mark=0x6578626d
QEMU_ARGS="-trace my_rng_mark -D $scratch/trace" \
	bench --cases my_rng/mmio_write32 --iterations 50 --out "$scratch/traced"
ops=$(sed -n 's/^PASS my_rng\/mmio_write32: \([0-9]*\) .*/\1/p' \
	"$scratch/traced/exitbench.log")
[ "$status" -eq 0 ] && [ "${ops:-0}" -ge 50 ] &&
	[ "$(grep -c "$mark" "$scratch/trace")" -eq $((ops + 5)) ]
ok $? host/exitbench/trace-shows-the-same-count

bench --cases edu,cpuid,pci-testdev/port_write8 --iterations 20 \
	--out "$scratch/some"
[ "$status" -eq 0 ] && [ "$(in_table "$scratch/some/exitbench.tsv" | tr '\n' ' ')" = \
	"cpu/cpuid edu/mmio_read32 edu/mmio_read64 edu/mmio_write32 pci-testdev/port_write8 " ]
ok $? host/exitbench/selects-by-case-device-and-both
bench --cases cpuid,mmio_raed32
fails_saying "unknown case 'mmio_raed32'; the cases are: .*cpu/empty.*pci-testdev/port_write8_ioeventfd" \
	host/exitbench/refuses-unknown-case-with-the-list
bench --iterations x
fails_saying "iterations=x" host/exitbench/refuses-iterations-that-are-no-number
KVM_DEVICE=$scratch/none bench --accel auto --cases cpuid --out "$scratch/auto"
[ "$status" -eq 0 ] && run jq -e '.lane == "tcg" and
	(.lane_reason | test("none is missing"))' "$scratch/auto/env.json"
ok "$status" host/exitbench/auto-without-kvm-is-tcg
bench --accel xen
fails_saying "unknown accelerator 'xen'.*tcg kvm" \
	host/exitbench/refuses-unknown-accelerator
bench --out "$scratch/some"
fails_saying "exists already" host/exitbench/never-overwrites
KVM_DEVICE=$scratch/none bench --accel kvm
fails_saying "none is missing.*use --accel tcg" \
	host/exitbench/says-what-kvm-lacks

case $(basename "$build") in
all | fifo)
	QEMU_ARGS="-global my_rng.fifo-depth=100" bench --cases my_rng
	fails_saying "FAIL my_rng/port_read32: FIFO depth 100" \
		host/exitbench/a-wrong-device-fails-its-case
	;;
esac

# Emulators that only pretend to be one.
fake=$scratch/tcg-fake
mkdir -p "$fake"
printf '#!/bin/sh\nexit 33\n' > "$fake/qemu-system-x86_64"
chmod +x "$fake/qemu-system-x86_64"
run "$top/vm/exitbench.sh" "$fake"
fails_saying "ended without a summary" host/exitbench/missing-summary-fails
printf '#!/bin/sh\nexec sleep 60\n' > "$fake/qemu-system-x86_64"
LIMIT=1 run "$top/vm/exitbench.sh" "$fake"
fails_saying "did not finish within 1 s" host/exitbench/hanging-guest-is-ended
[ -z "$(ls -A "$RESULTS" 2> /dev/null)" ]
ok $? host/exitbench/failures-leave-no-results

touch "$scratch/kvm-device"

# probed LANES PATTERN NAME: the probe's one line names a lane and a reason.
probed()
{
	[ "$status" -eq 0 ] && [ "$(wc -l < "$scratch/output")" -eq 1 ] &&
		grep -qP "^($1)\t.*$2" "$scratch/output"
	ok $? "$3"
}

run "$top/vm/probe.sh" "$build"
if has_kvm; then
	probed 'kvm|tcg' '(loop takes [0-9.]+ cycles, cpuid ([0-9.]+|-)|did not finish under KVM)' \
		host/probe/measures-kvm
else
	probed tcg . host/probe/no-kvm-means-tcg
fi
KVM_DEVICE=$scratch/none run "$top/vm/probe.sh" "$build"
probed tcg 'none is missing' host/probe/missing-kvm-means-tcg
printf '#!/bin/sh\necho tcg\n' > "$fake/qemu-system-x86_64"
KVM_DEVICE=$scratch/kvm-device run "$top/vm/probe.sh" "$fake"
probed tcg 'is built without KVM' host/probe/emulator-without-kvm-means-tcg
printf '#!/bin/sh\n[ "$2" != help ] || { echo kvm; exit; }\nexec sleep 60\n' \
	> "$fake/qemu-system-x86_64"
LIMIT=1 KVM_DEVICE=$scratch/kvm-device run "$top/vm/probe.sh" "$fake"
probed tcg 'did not finish under KVM within 1 s' \
	host/probe/hanging-kvm-means-tcg
done_testing
