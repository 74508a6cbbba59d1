#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What looking costs: the throughput of one path with a tool on over the same
# with it off, measured in pairs, one right after the other in the same guest.
# First what it costs that the tools could be switched on: this emulator, with
# everything off, against one built without any trace event (`built-in`).
#
# usage: tracing/look.sh BUILD OUTDIR PATH[,PATH...] TOOL...
#
# BUILD is build/<variant>; build/bare/<variant> lies beside it. PATH: 32, 64,
# fifo, dma. TOOL: built-in, timing (the device's own stopwatch), perf, strace,
# bpf, qemu. environment: SIZE (65536 bytes a read), PAIRS (5), BARE_PAIRS (60: a
# percent has to show), BOOTS (6, that these are spread over), PIECE (seconds of
# load a measurement, 0.5), ACCEL
#
# Leaves looking-raw.tsv and looking.tsv in OUTDIR. Sample:
#
#   lane  variant  bytes  tool      n   mbps_off  mbps_on  ratio  ratio_lo  ratio_hi
#   tcg   32       65536  built-in  60  79.7      79.6     0.998  0.990     1.003
#   tcg   32       65536  strace    5   73.1      72.6     0.994  0.981     1.010
set -eu
here=$(cd "$(dirname "$0")" && pwd)
vm_top=$(dirname "$here")
. "$vm_top/vm/lib.sh"

case ${1:-} in
--help | -h)
	sed -n '3,/^set -eu/{/^set -eu/d;s/^# \{0,1\}//;p}' "$0"
	exit 0
	;;
esac
[ $# -ge 4 ] || die "usage: look.sh BUILD OUTDIR PATH[,PATH...] TOOL...;" \
	"--help says more"
build=$1 out=$2 paths=${3//,/ }
shift 3
. "$here/vm.sh"
bare=$vm_top/build/bare/$(basename "$build")
size=${SIZE:-65536} lane=${LANE:-${ACCEL:-tcg}}
raw=$out/looking-raw.tsv
rows=0
tool_pid=
trap 'detach; vm_stop_all; rm -f "$raw.part"' EXIT
trap 'exit 130' INT TERM HUP

# node_of PATH: its device in the guest.
node_of()
{
	case $(basename "$build"):$1 in
	all:64) echo /dev/my_rng1 ;;
	all:fifo*) echo /dev/my_rng2 ;;
	all:dma*) echo /dev/my_rng3 ;;
	*) echo /dev/my_rng0 ;;
	esac
}

# rate MACHINE: one piece of load; sets rate.
rate()
{
	vm_load "$1"
	vm_end "$1"
	rate=${vm_rate[$1]}
}

# pair PATH TOOL REP OFF ON: a row.
pair()
{
	printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$lane" "$1" "$size" "$2" "$3" \
		"$4" "$5" >> "$raw.part"
	rows=$((rows + 1))
}

# attach TOOL: returns 77 if the tool cannot be used here.
attach()
{
	local log=$vm_scratch/$1.log rc=0
	rm -rf "$vm_scratch/$1.out"
	: > "$log"
	if [ "$1" = timing ]; then
		timing true
		return
	fi
	"$here/$1.sh" --pid "${vm_qemu[on]}" --seconds 600 \
		--out "$vm_scratch/$1.out" > "$log" 2>&1 &
	tool_pid=$!
	while ! grep -q "$1: attached" "$log"; do
		if ! kill -0 "$tool_pid" 2> /dev/null; then
			wait "$tool_pid" || rc=$?
			tool_pid=
			tail -n 3 "$log" >&2
			[ $rc -eq 77 ] || die "$1.sh did not attach (see above)"
			return 77
		fi
		sleep 0.1
	done
}

detach()
{
	if [ -n "$tool_pid" ]; then
		kill "$tool_pid" 2> /dev/null || :
		wait "$tool_pid" 2> /dev/null || :
		tool_pid=
	fi
	[ "${1:-}" != timing ] || timing false
}

# timing true|false: the stopwatch of all my_rng devices.
timing()
{
	local id
	for id in $("$vm_top/build/host/qmp" "$vm_scratch/on.qmp" qom-list \
		'{"path": "/machine/peripheral"}' |
		grep -oE 'rng(32|64|fifo|dma)'); do
		"$vm_top/build/host/qmp" "$vm_scratch/on.qmp" qom-set \
			"{\"path\": \"/machine/peripheral/$id\",
			\"property\": \"timing\", \"value\": $1}" > /dev/null
	done
}

# look_built_in PATH LOAD: a second machine, without trace events; each idles while
# the other is measured, first one first, then the other. Several boots: which
# pages a machine gets can make a percent, as long as it runs.
look_built_in()
{
	local boot rep=0 boots=${BOOTS:-6} on pairs=${BARE_PAIRS:-60}
	for boot in $(seq "$boots"); do
		[ "$boot" -eq 1 ] || {
			vm_stop on
			vm_start on "$build" "$2"
		}
		vm_start bare "$bare" "$2"
		while [ $rep -lt $((pairs * boot / boots)) ]; do
			rep=$((rep + 1))
			if [ $((rep % 2)) -eq 0 ]; then rate bare; else rate on; fi
			on=$rate
			if [ $((rep % 2)) -eq 0 ]; then
				rate on
				pair "$1" built-in $rep "$on" "$rate"
			else
				rate bare
				pair "$1" built-in $rep "$rate" "$on"
			fi
		done
		vm_stop bare
	done
}

# look PATH TOOL: pairs with a tool off and on.
look()
{
	local rep off
	for rep in $(seq "${PAIRS:-5}"); do
		rate on
		off=$rate
		attach "$2" || {
			say "$2 is left out"
			return 0
		}
		rate on
		detach "$2"
		pair "$1" "$2" "$rep" "$off" "$rate"
	done
}

mkdir -p "$out"
printf '# exitcost looking-raw 1\nlane\tvariant\tbytes\ttool\trep\toff\ton\n' \
	> "$raw.part"
start=$SECONDS
for path in $paths; do
	load="userbench --device $(node_of "$path") --path $path --size $size \\
		--seconds ${PIECE:-0.5}"
	vm_start on "$build" "$load"
	for tool in "$@"; do
		say "cost of looking: $path, $tool, $((SECONDS - start)) s"
		if [ "$tool" = built-in ]; then
			look_built_in "$path" "$load"
		else
			look "$path" "$tool"
		fi
	done
	vm_stop on
done
printf '# end %s\n' $rows >> "$raw.part"
mv "$raw.part" "$raw"
"$vm_top/build/host/lookcost" < "$raw" > "$out/looking.tsv.part"
mv "$out/looking.tsv.part" "$out/looking.tsv"
