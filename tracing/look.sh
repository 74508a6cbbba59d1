#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What looking costs: the throughput of one path with a tool on over the same
# with it off, measured in pairs that alternate in the same guest. First what it
# costs that the tools could be switched on: this emulator, with everything off,
# against one built without any trace event (`built-in`).
#
# usage: tracing/look.sh BUILD OUTDIR PATH[,PATH...] TOOL...
#
# BUILD is build/<variant>; build/bare/<variant> lies beside it. PATH: 32, 64,
# fifo, dma. TOOL: built-in, timing (the device's own stopwatch), perf, strace,
# bpf, qemu. environment: SIZE (65536 bytes a read), LOOK_SECONDS (60: about so
# long for each path), BLOCKS (3: boots of both machines for built-in, attachments
# of a tool, at least; of a tool 8 at most), PAIRS (8 a boot, 4 an attachment),
# PIECE (seconds of load a measurement, 0.15), ACCEL
#
# What a pair shares with others, they do not show: a boot of the machines, which
# decides on the pages behind them, an attachment of a tool. So pairs come in
# blocks. A tool that takes longer to be attached than its share of the time is
# attached once: then only a large cost can be told. A piece of load is the benchmark's; of its slices those count that the host
# did not disturb, and a piece counts if its reference loop was as fast as in others.
#
# Leaves looking-raw.tsv and looking.tsv in OUTDIR; verdict is of the throughput
# with the tool on: slower, equal (within 5 %), undecided, or faster. Sample:
#
#   lane  variant  bytes  tool      n   mbps_off  mbps_on  ratio  ratio_lo  ratio_hi  blocks  verdict
#   tcg   32       4096   built-in  24  79.7      79.6     0.998  0.980     1.016     3       equal
#   tcg   32       4096   strace    16  73.1      70.2     0.961  0.930     0.992     4       undecided
#   tcg   32       4096   bpf       4   73.3      0.4      0.005  0.004     0.006     1       slower
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
whole=${LOOK_SECONDS:-60} least=${BLOCKS:-3}
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

# now: milliseconds.
now() { echo $((${EPOCHREALTIME/./} / 1000)); }

# piece MACHINE: one piece of load.
piece()
{
	vm_rate[$1]='' vm_reference[$1]=-
	vm_load "$1"
	vm_end "$1"
}

# row PATH TOOL BLOCK MACHINE ON: a row of a piece; ON: 1 with the tool, or 0. None
# if the host left no slice of it undisturbed.
row()
{
	piece "$4"
	[[ ${vm_rate[$4]} =~ ^[0-9.]*[1-9] ]] || return 0
	printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$lane" "$1" "$size" "$2" "$3" \
		"$5" "${vm_rate[$4]}" "${vm_reference[$4]}" >> "$raw.part"
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

# boot LOAD: both machines anew, at the same time. The first piece of each warms it
# up.
boot()
{
	vm_stop on
	vm_stop bare
	vm_launch on "$build" "$1"
	vm_launch bare "$bare" "$1"
	vm_ready on
	vm_ready bare
	piece on
	piece bare
}

# look_built_in PATH LOAD SHARE: a second machine, without trace events; each idles
# while the other is measured, first one first, then the other.
look_built_in()
{
	local boot=0 i start last
	start=$(now)
	while :; do
		last=$(now)
		boot=$((boot + 1))
		boot "$2"
		for i in $(seq "${PAIRS:-8}"); do
			[ $((i % 2)) -eq 0 ] || row "$1" built-in $boot on 1
			row "$1" built-in $boot bare 0
			[ $((i % 2)) -ne 0 ] || row "$1" built-in $boot on 1
		done
		[ $boot -lt "$least" ] || more "$start" "$last" "$3" || break
	done
	vm_stop bare
}

# more START LAST SHARE: whether the time lasts for one more block that is as long
# as the one which began at LAST.
more()
{
	local now
	now=$(now)
	[ $((2 * now - $1 - $2)) -lt $(($3 * 1000)) ]
}

# look PATH TOOL SHARE: blocks of off, on, off: the tool is attached once in each.
look()
{
	local block=0 i start last pairs=${PAIRS:-4}
	start=$(now)
	while :; do
		last=$(now)
		block=$((block + 1))
		for i in $(seq $(((pairs + 1) / 2))); do row "$1" "$2" $block on 0; done
		attach "$2" || {
			say "$2 is left out"
			return 0
		}
		for i in $(seq "$pairs"); do row "$1" "$2" $block on 1; done
		detach "$2"
		for i in $(seq $((pairs / 2))); do row "$1" "$2" $block on 0; done
		[ $(($(now) - last)) -lt $(($3 * 1000)) ] || break
		[ $block -lt "$least" ] || {
			[ $block -lt 8 ] && more "$start" "$last" "$3" || break
		}
	done
}

mkdir -p "$out"
printf '# exitcost looking-raw 2\nlane\tvariant\tbytes\ttool\tblock\ton\tmbps\treference\n' \
	> "$raw.part"
start=$SECONDS
# Half of the time is for built-in, whose blocks are boots.
share=$((whole / 2))
others=$(printf '%s\n' "$@" | grep -cvx built-in || :)
[ "$others" -eq $# ] || whole=$((whole - share))
[ "$others" -eq 0 ] || whole=$((whole / others))
say "cost of looking: about ${LOOK_SECONDS:-60} s for each of: $paths"
for path in $paths; do
	load="userbench --device $(node_of "$path") --path $path --size $size \\
		--seconds ${PIECE:-0.15}"
	for tool in "$@"; do
		say "cost of looking: $path, $tool, $((SECONDS - start)) s"
		if [ "$tool" = built-in ]; then
			look_built_in "$path" "$load" $share
			continue
		fi
		[ -n "${vm_pid[on]:-}" ] || {
			vm_start on "$build" "$load"
			piece on
		}
		look "$path" "$tool" $whole
	done
	vm_stop on
done
printf '# end %s\n' $rows >> "$raw.part"
mv "$raw.part" "$raw"
"$vm_top/build/host/lookcost" < "$raw" > "$out/looking.tsv.part"
mv "$out/looking.tsv.part" "$out/looking.tsv"
