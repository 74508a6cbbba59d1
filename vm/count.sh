#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The counted pass: runs the guest under KVM with KVM's tracepoints on, each
# cell a handful of calls, and adds up per cell what it cost: exits by reason,
# register and port accesses, interrupts. They must be what the device counted.
# Its times are those of a traced machine: vm/time.sh measures time.
#
# usage: vm/count.sh BUILD OUTDIR [record|fold]
#
# record leaves the trace in OUTDIR (perf.data, record.log), to be added up by fold
# on another machine: an emulated CPU takes minutes for that. Without a word, both.
#
# Leaves in OUTDIR: kvm.tsv (per cell), kvm-stat.txt (`perf kvm stat`: exits and
# their times over the whole run, boot included), count-raw.tsv (the device's
# own counters), bars.tsv, console-count.log. environment: that of vm/guest.sh
# with ACCEL=kvm, and LANE (what the rows say, default kvm), COUNT_ARGS (more
# arguments for userbench), COUNT_CALLS (4), PERF (perf), PERF_BUFFER (per CPU,
# 64M), KEEP_TRACE (keep trace.txt), LIMIT (900 s)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
build=$1 out=$2 part=${3:-both}
perf=${PERF:-perf}
kvmcount=${KVMCOUNT:-$(dirname "$here")/build/host/kvmcount}
tracing=/sys/kernel/tracing

# needs: what is missing, and what is lost without it.
needs()
{
	local lost="without it exits cannot be counted"

	command -v "$perf" > /dev/null ||
		die "$perf is missing ($lost); install the package linux-perf"
	[ "$part" != fold ] || return 0
	[ -w /dev/kvm ] ||
		die "/dev/kvm is missing or not writable ($lost);" \
			"use ACCEL=nested, which brings its own"
	[ -d $tracing/events ] || mount -t tracefs tracefs $tracing ||
		die "$tracing cannot be mounted or read ($lost);" \
			"are you root?"
	[ -d $tracing/events/kvm/kvm_mmio ] ||
		die "this kernel has no kvm tracepoints ($lost); is the" \
			"module kvm loaded, and are you root?"
}

# tracepoints: those that are counted, as far as this kernel has them. A read's
# announcement (type 0) is left out: it comes again with its data. A KVM without
# hardware has no exits of the CPU to show, only those to user space.
tracepoints()
{
	local name user=kvm_userspace_exit

	! grep -qwE 'vmx|svm' /proc/cpuinfo || user=
	for name in kvm_exit kvm_entry $user kvm_pio kvm_msi_set_irq \
			kvm_fast_mmio; do
		[ ! -d $tracing/events/kvm/$name ] ||
			printf '%s\n' -e "kvm:$name"
	done
	printf '%s\n' -e kvm:kvm_mmio --filter 'type != 0'
}

# job: in the guest; where the devices are, then the counted cells.
job()
{
	cat << 'EOF'
{
	echo "# exitcost bars 1"
	echo "slot	device	bar	kind	start	end"
	rows=0
	for d in /sys/bus/pci/devices/*; do
		case $(cat $d/vendor):$(cat $d/device) in
		0x1234:0xcafe) name=my_rng ;;
		0x1af4:0x1005 | 0x1af4:0x1044) name=virtio-rng ;;
		*) continue ;;
		esac
		bar=0
		while [ $bar -le 5 ] && read -r start end flags; do
			kind=memory
			[ $((flags & 0x100)) -eq 0 ] || kind=io
			if [ $((flags)) -ne 0 ]; then
				echo "${d##*/}	$name	$bar	$kind	$start	$end"
				rows=$((rows + 1))
			fi
			bar=$((bar + 1))
		done < $d/resource
	done
	echo "# end $rows"
} > /out/bars.tsv
EOF
	printf 'exec userbench --study --lane %s --count %s' \
		"${LANE:-kvm}" "${COUNT_CALLS:-4}"
	printf ' --raw /out/count-raw.tsv %s\n' "${COUNT_ARGS:-}"
}

# record: the guest with everything traced. All of the machine's CPUs are: a
# trace that follows the emulator's threads was seen to hold events twice. The
# emulator stays on one CPU: the clocks of several need not agree, and then the
# order of their events would be guessed.
record()
{
	local -a events
	mapfile -t events <<< "$(tracepoints)"
	"$perf" record -q -a -R -c 1 -m "${PERF_BUFFER:-64M}" \
		-o "$out/perf.data" "${events[@]}" -- taskset 1 \
		"$here/guest.sh" run "$build" --job "$scratch/job" \
		--out "$out" --console "$out/console-count.log" \
		--limit "${LIMIT:-900}" --
}

# script: the trace as text, for kvmcount; lost events are told on stderr too.
script()
{
	"$perf" script -i "$out/perf.data" --ns --show-lost-events \
		-F pid,tid,time,event,trace 2> "$scratch/script.log"
}

keep()
{
	if [ -n "${KEEP_TRACE:-}" ]; then
		tee "$out/trace.txt"
	else
		cat
	fi
}

# reports: what perf itself makes of the whole run.
reports()
{
	local event
	echo "perf kvm stat over the whole traced run, the guest's boot included"
	for event in vmexit mmio ioport; do
		printf '\n== perf kvm stat report --event=%s\n' $event
		"$perf" kvm -i "$out/perf.data" stat report \
			--event=$event 2>&1 < /dev/null
	done
}

# add_up: from the trace to kvm.tsv; a trace that is not whole gives nothing.
add_up()
{
	script | keep | "$kvmcount" --raw "$out/count-raw.tsv" \
		--bars "$out/bars.tsv" -o "$out/kvm.tsv" || {
		cat "$scratch/script.log" >&2
		die "the exits could not be counted; nothing was written"
	}
	if grep -qi 'lost' "$out/record.log" "$scratch/script.log"; then
		cat "$out/record.log" "$scratch/script.log" >&2
		rm -f "$out/kvm.tsv"
		die "perf lost events, so the counts are not exact; try" \
			"PERF_BUFFER=256M"
	fi
	reports > "$out/kvm-stat.txt" || die "perf kvm stat report failed"
}

case $part in
both | record | fold) ;;
*) die "count.sh: unknown part '$part'; give record, fold or neither" ;;
esac
export ACCEL=kvm
needs
mkdir -p "$out"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"; [ "$part" = record ] || rm -f "$out/perf.data" "$out/record.log"' EXIT
start=$SECONDS
if [ "$part" != fold ]; then
	job > "$scratch/job"
	say "counting exits: the guest runs traced"
	record 2> "$out/record.log" ||
		{ rc=$?; cat "$out/record.log" >&2; exit $rc; }
	say "counting exits: $((SECONDS - start)) s, trace of" \
		"$(($(stat -c %s "$out/perf.data") / 1048576)) MiB"
fi
if [ "$part" != record ]; then
	add_up
	say "counting exits: added up in $((SECONDS - start)) s"
fi
