#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs the bpftrace scripts of tracing/bpf on a QEMU that runs already, and makes
# tables of what they counted.
#
# usage: tracing/bpf.sh --pid N [--seconds S] [--out DIR] [--script NAME]...
#
#   --pid N        the QEMU to look at
#   --seconds S    how long (5); SIGINT or SIGTERM ends it earlier
#   --out DIR      where to leave the results (a new trace-bpf-<UTC time>)
#   --script NAME  device, bql, kvm_user or kvm_run; the default is all of them
#                  that can be used on this process. Each costs the guest time:
#                  name one where that matters.
#
# Leaves of each script NAME.json (raw, as bpftrace printed it), NAME.tsv (a row
# for each key), NAME-hist.tsv (a row for each bucket of its histograms) and
# NAME.txt (NAME.tsv for a person). What the columns mean is said in
# tracing/bpf/NAME.bt; how a histogram becomes columns: bpffold --help.
#
# Needs root, bpftrace 0.17 or later, and tracefs. environment:
# BPFTRACE_MAP_KEYS_MAX (16384), HOSTTOOLS (build/host), BPFTRACE (bpftrace)
#
# sample output (of `userbench --count 4`, columns on the right cut off; lines
# left out are ...):
#   exitcost: bpf: without kvm_run: process 18073 is no KVM guest
#   exitcost: bpf: without kvm_user: process 18073 is no KVM guest
#   exitcost: bpf: attached
#   ...
#   device:
#   cell  device   event        count  bytes   admin  gap_ns_n  gap_ns_avg
#   ...
#   1     rng32    mmio_read    4096   16384   0      4095      9989.8
#   1     rng32    mmio_write   0      0       1      0         -
#   2     rngfifo  fifo_top_up  4      16384   0      0         -
#   2     rngfifo  mmio_write   0      0       1      0         -
#   2     rngfifo  pio_read     4100   16400   0      4099      9038
#   3     rngdma   dma_end      4      262144  0      0         -
#   3     rngdma   mmio_write   4      16      1      3         37268.3
#   4     rngdma   dma_end      4      262144  0      0         -
#   4     rngdma   mmio_write   4      16      1      3         62335.7
#   4     rngdma   msi          4      0       0      0         -
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tool=bpf
usage=$(sed -n '/^# usage:/,/^# sample/ { /^# sample/!s/^# \{0,1\}//p }' "$0")
. "$here/session.sh"
bpftrace=${BPFTRACE:-bpftrace}
exe='' chosen=() running=() names=()

tool_option()
{
	[ "$1" = --script ] || return 1
	[ -e "$here/bpf/$2.bt" ] ||
		bad_usage "no script '$2'; there are: $(scripts)"
	chosen+=("$2")
}

scripts() { (cd "$here/bpf" && printf '%s\n' *.bt | sed 's/\.bt$//' | xargs); }

# needs: what this tool cannot do without.
needs()
{
	command -v "$bpftrace" > /dev/null ||
		skip "$bpftrace is missing; install the package bpftrace"
	[ "$(id -u)" -eq 0 ] ||
		skip "bpftrace needs root; run: sudo tracing/bpf.sh --pid $pid"
	[ -d /sys/kernel/tracing/events ] ||
		mount -t tracefs tracefs /sys/kernel/tracing 2> /dev/null ||
		skip "the kernel's trace events are not mounted; run:" \
			"mount -t tracefs tracefs /sys/kernel/tracing"
	case $(readlink "$exe") in
	*' (deleted)')
		die "$tool: the emulator of process $pid was built again since it" \
			"started, so its probes cannot be found; start it again"
		;;
	esac
	[ -x "$tools/bpffold" ] ||
		die "$tool: $tools/bpffold is missing; run make" \
			"build/host/bpffold in $top"
}

# has_probe NAME: whether the emulator has this USDT probe.
has_probe()
{
	[ -n "${probes:=$("$bpftrace" -l "usdt:$exe:qemu:*" 2> /dev/null)}" ] &&
		grep -q ":qemu:$1\$" <<< "$probes"
}

# bql_address: prints where the big lock of QEMU is; fails if that is not known.
# 7.2 calls it qemu_global_mutex, 9.0 and later bql.
bql_address()
{
	local base offset
	offset=$(nm "$exe" 2> /dev/null |
		awk '$3 == "qemu_global_mutex" || $3 == "bql" { print $1; exit }')
	[ -n "$offset" ] || return 1
	base=0
	if readelf -h "$exe" | grep -q 'Type: *DYN'; then
		base=$(awk -v exe="$(readlink "$exe")" '$3 == "00000000" && $6 == exe {
			sub(/-.*/, ""); print; exit }' "/proc/$pid/maps")
		[ -n "$base" ] || return 1
	fi
	echo $((0x$base + 0x$offset))
}

# why_not SCRIPT: prints why it cannot be used on this process, if so.
why_not()
{
	case $1 in
	kvm_*)
		if ! readlink "/proc/$pid/fd"/* 2> /dev/null | grep -q kvm-vcpu; then
			echo "process $pid is no KVM guest"
		elif [ ! -d /sys/kernel/tracing/events/kvm ]; then
			echo "this kernel has no kvm trace events"
		fi
		;;
	device)
		has_probe my_rng_mark ||
			echo "this QEMU has no USDT probes of my_rng; use ours," \
				"which 'make' builds"
		;;
	bql)
		{ bql_address && nm "$exe" | grep -q ' qemu_mutex_lock_impl$'; } \
			> /dev/null ||
			echo "nm does not find the big lock in this QEMU; is it" \
				"stripped, or is the package binutils missing?"
		;;
	esac
}

# choose: sets names, the scripts to run.
choose()
{
	local s reason
	[ ${#chosen[@]} -gt 0 ] || read -ra chosen <<< "$(scripts)"
	for s in "${chosen[@]}"; do
		reason=$(why_not "$s")
		if [ -n "$reason" ]; then
			say "$tool: without $s: $reason"
		else
			names+=("$s")
		fi
	done
	[ ${#names[@]} -gt 0 ] || skip "no script can be used on process $pid"
}

# start SCRIPT: in the background; its output in $work/SCRIPT.json. -k tells of
# every count that could not be kept.
start()
{
	local args=("$pid" "$exe")
	[ "$1" != bql ] || args+=("$(bql_address)")
	BPFTRACE_MAP_KEYS_MAX=${BPFTRACE_MAP_KEYS_MAX:-16384} \
		setpriv --pdeathsig INT "$bpftrace" -f json -k -p "$pid" \
		"$here/bpf/$1.bt" "${args[@]}" \
		> "$work/$1.json" 2> "$work/$1.err" < /dev/null &
	running+=("$!")
}

# failed SCRIPT: says what bpftrace complained of, and stops.
failed()
{
	grep -v RLIMIT_MEMLOCK "$work/$1.err" | tail -n 5 >&2
	alive || die "$tool: process $pid ended before it could be looked at"
	die "$tool: bpftrace could not run tracing/bpf/$1.bt (see above)"
}

# attach: starts all scripts. bpftrace hands on what a script prints only when
# all its probes are in place.
attach()
{
	local i deadline=$((SECONDS + 60))
	for i in "${names[@]}"; do start "$i"; done
	for i in "${!names[@]}"; do
		while ! grep -q 'exitcost table' "$work/${names[i]}.json"; do
			kill -0 "${running[i]}" 2> /dev/null || failed "${names[i]}"
			[ $SECONDS -lt $deadline ] ||
				die "$tool: ${names[i]} is not attached after 60 s"
			sleep 0.1
		done
	done
}

# detach: ends the scripts, which print their maps then. bpftrace 0.17 sees a
# signal only if that comes while it waits for events: who goes on waiting for a
# second has missed it. While it prints, another one would kill it.
detach()
{
	local i p missed deadline=$((SECONDS + 30))
	for p in "${running[@]}"; do kill -INT "$p" 2> /dev/null || :; done
	for i in "${!names[@]}"; do
		missed=0
		while kill -0 "${running[i]}" 2> /dev/null; do
			[ $SECONDS -lt $deadline ] ||
				die "$tool: ${names[i]} does not end"
			sleep 0.1
			case $(cat "/proc/${running[i]}/wchan" 2> /dev/null) in
			*poll*) missed=$((missed + 1)) ;;
			*) missed=0 ;;
			esac
			[ $missed -lt 10 ] || {
				kill -INT "${running[i]}" 2> /dev/null || :
				missed=0
			}
		done
		wait "${running[i]}" || failed "${names[i]}"
	done
	running=()
}

tool_undo()
{
	local p
	for p in "${running[@]}"; do kill -KILL "$p" 2> /dev/null || :; done
	wait 2> /dev/null
}

# fold: the tables.
fold()
{
	local s
	for s in "${names[@]}"; do
		"$tools/bpffold" < "$work/$s.json" > "$work/$s.tsv" &&
			"$tools/bpffold" --hist < "$work/$s.json" \
				> "$work/$s-hist.tsv" &&
			show "$work/$s.tsv" > "$work/$s.txt" ||
			die "$tool: $s gave no table (see above)"
		rm "$work/$s.err"
	done
}

session_options "$@"
exe=/proc/$pid/exe
needs
choose
session_open "${names[@]/%/.tsv}"
attach
session_run "${running[@]}"
detach
fold
session_close
for s in "${names[@]}"; do
	printf '\n%s:\n' "$s"
	head -n 40 "$out/$s.txt"
	[ "$(wc -l < "$out/$s.txt")" -le 40 ] || echo "... (more in $s.txt)"
done
