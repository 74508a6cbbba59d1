#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Traces one guest under load and leaves a results folder of kind "trace": for
# each tool its raw captures, tables and pictures, and what looking cost.
#
# usage: tracing/trace.sh BUILD
#
# BUILD is build/<variant>; of build/all the path 32 is loaded, or the one that
# LOAD_PATH names. environment:
#
#   TOOL       perf, strace, bpf, qemu, guest, several with commas, or all (the
#              default)
#   SIZE       bytes of a read, k and M allowed (4k)
#   SECONDS_ON how long each tool stays attached (6)
#   LOOK_SECONDS  how long to measure what looking costs (60), PAIRS and others of
#              look.sh; PAIRS=0 leaves it out
#   ACCEL      tcg, kvm, nested, or auto; RESULTS (results)
#
# A tool that cannot be used here (77 is its exit status) is left out, with what
# to install or set; nothing is left out silently. Each tool works alone, too, on
# any QEMU of ours that runs: tracing/perf.sh --pid N.
#
# In the nested lane, where an emulated machine is the host, all of it runs in
# there: minutes, and without what costs too much there (bpf, the flame graph's
# picture, the cost of looking).
#
# Leaves results/<UTC time>-<commit>-<lane>-trace/ with env.json, looking.tsv and
# a folder for each tool; results/latest-trace is the newest.
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
[ $# -eq 1 ] || die "usage: trace.sh BUILD; --help says more"
build=$1
all_tools="perf strace bpf qemu guest"
results=${RESULTS:-$vm_top/results}
variant=$(basename "$build")
path=${LOAD_PATH:-${variant/all/32}}
tools=${TOOL:-all}
[ "$tools" != all ] || tools=$all_tools
tools=${tools//,/ }
for tool in $tools; do
	[[ " $all_tools " == *" $tool "* ]] ||
		die "unknown TOOL '$tool'; choose among: $all_tools all"
done
case $path in
32 | 64 | fifo | fifo-mmio | dma | dma-msi | dma-zc | dma-zc-msi | dma-q | dma-q-msi | window | \
	window-uc | ring) ;;
*) die "unknown LOAD_PATH '$path'; choose one of: 32 64 fifo fifo-mmio dma" \
	"dma-msi dma-zc dma-zc-msi dma-q dma-q-msi window window-uc ring" ;;
esac
size=${SIZE:-4k}
[[ $size =~ ^[1-9][0-9]*[kKmM]?$ ]] ||
	die "SIZE=$size: give bytes from 1 to 1024M, for example 4, 4k or 1M"
if [ -n "${LANE:-}" ]; then # within the nested lane, which has chosen
	lane=$LANE lane_reason="asked for by ACCEL=nested"
elif [ "${ACCEL:-}" = nested ]; then
	lane=nested
else
	choose_linux_lane "$build"
fi
need_space "$results" 400 "a trace"
provenance
. "$here/vm.sh"
date=$(date -u +%Y-%m-%dT%H:%M:%SZ)
name=$(date -u +%Y%m%dT%H%M%SZ)-$sha-$lane-trace
mkdir -p "$results"
run=$(mktemp -d "$results/.unfinished-XXXXXX")
tool_pid=
trap 'cleanup' EXIT
trap 'exit 130' INT TERM HUP
load_before=$(load1)
left_out=()
failed=()

cleanup()
{
	[ -z "$tool_pid" ] || { kill "$tool_pid" && wait "$tool_pid"; } \
		2> /dev/null || :
	vm_stop_all
	rm -rf "$run"
}

# node: the device of the path that is loaded.
node()
{
	case $variant:$path in
	all:64) echo /dev/my_rng1 ;;
	all:fifo*) echo /dev/my_rng2 ;;
	all:dma*) echo /dev/my_rng3 ;;
	all:window*) echo /dev/my_rng4 ;;
	all:ring) echo /dev/my_rng5 ;;
	*) echo /dev/my_rng0 ;;
	esac
}

# capture TOOL: attached, loaded until it has seen enough, folded.
capture()
{
	local tool=$1 log=$run/$1.log rc=0
	: > "$log"
	"$here/$tool.sh" --pid "${vm_qemu[main]}" \
		--seconds "${SECONDS_ON:-6}" --out "$run/$tool" > "$log" 2>&1 &
	tool_pid=$!
	while kill -0 "$tool_pid" 2> /dev/null; do
		if grep -q "$tool: attached" "$log"; then
			vm_load main
			vm_end main
		else
			sleep 0.1
		fi
	done
	wait "$tool_pid" || rc=$?
	tool_pid=
	finished "$tool" $rc
}

# finished TOOL STATUS: what became of it.
finished()
{
	case $2 in
	0) grep -v '^exitcost: ' "$run/$1.log" || : ;;
	77)
		left_out+=("$1")
		say "$1 is left out: $(tail -n 1 "$run/$1.log" |
			sed 's/^exitcost: //')"
		;;
	*)
		cat "$run/$1.log" >&2
		failed+=("$1")
		say "$1 failed (see above); the other tools go on"
		return
		;;
	esac
	rm -f "$run/$1.log"
}

# in_guest: the guest's own tools, in a guest of their own.
in_guest()
{
	local rc=0
	attended "$here/guest.sh" "$build" --variant "$path" --size "$size" \
		--out "$run/guest" > "$run/guest.log" 2>&1 || rc=$?
	finished guest $rc
}

# looking: what the tools that could be used cost.
looking()
{
	local tool on=()
	for tool in $tools; do
		case " ${left_out[*]-} ${failed[*]-} guest " in
		*" $tool "*) ;;
		*) on+=("$tool") ;;
		esac
	done
	SIZE=$(numfmt --from=iec "${size^^}") LANE=$lane \
		attended "$here/look.sh" "$build" "$run" "$path" built-in timing "${on[@]}"
}

environment()
{
	jq -n --arg git "$git" --argjson dirty "$dirty" --arg date "$date" \
		--arg lane "$lane" --arg reason "$lane_reason" \
		--arg variant "$variant" --arg path "$path" --arg size "$size" \
		--arg tools "$tools" --arg left "${left_out[*]-}" \
		--arg failed "${failed[*]-}" \
		--argjson host "$(host_facts "$load_before")" \
		--arg qversion "$("$build/qemu-system-x86_64" --version | head -n 1)" \
		--argjson seconds "$SECONDS" '{
		schema: "exitcost env 1", kind: "trace", git: $git, dirty: $dirty,
		date_utc: $date, lane: $lane, lane_reason: $reason,
		variant: $variant, path: $path, size: $size,
		tools: ($tools | split(" ")), left_out: ($left | split(" ")),
		failed: ($failed | split(" ")),
		host: $host, qemu: { version: $qversion, accel: $lane },
		seconds: { total: $seconds } }' > "$run/env.json" ||
		die "cannot write env.json; is the disk full?"
}

# publish: the finished folder under its name, and no sooner.
publish()
{
	chmod 755 "$1"
	mv -T "$1" "$results/$name"
	[ -n "${LANE:-}" ] || {
		ln -sfn "$name" "$results/.latest-trace"
		mv -fT "$results/.latest-trace" "$results/latest-trace"
	}
	[ ! -e "$results/$name/looking.tsv" ] ||
		grep -v '^#' "$results/$name/looking.tsv" | column -t -s $'\t'
	say "done in $SECONDS s: results/$name"
}

# nested: all of this in the machine that is a host there; its folder comes back
# without knowing which source it is of.
nested()
{
	local inner
	TOOL=${tools// /,} "$vm_top/vm/nested.sh" "$build" "$run" trace
	inner=$(find "$run" -maxdepth 1 -type d -name '*-trace')
	[ -n "$inner" ] || die "the nested lane left no trace"
	mv "$run"/console*.log "$inner/"
	jq --arg git "$git" --argjson dirty "$dirty" \
		'.git = $git | .dirty = $dirty' "$inner/env.json" \
		> "$run/env.json"
	mv "$run/env.json" "$inner/env.json"
	publish "$inner"
}

[ "$lane" != nested ] || [ -n "${LANE:-}" ] || {
	nested
	exit
}
# expected: how long all of it takes on an idle host of today, in seconds.
expected()
{
	local each=$((${SECONDS_ON:-6} + 6)) n=0 tool
	for tool in $tools; do n=$((n + each)); done
	[ "${PAIRS:-}" = 0 ] || n=$((n + ${LOOK_SECONDS:-60} + 10))
	echo $((n + 5))
}

priced=
[ "${PAIRS:-}" = 0 ] || priced=", ${LOOK_SECONDS:-60} s of it for what looking costs"
[ -n "${LANE:-}" ] || # a nested one has a speed of its own
	say "this takes about $(expected) s$priced"
say "tracing $path, reads of $size, lane $lane ($lane_reason): $tools"
if [ "$tools" != guest ]; then
	vm_start main "$build" "userbench --device $(node) --path $path \\
		--size $size --seconds 1"
fi
for tool in $tools; do
	say "$tool: ${SECONDS} s so far"
	if [ "$tool" = guest ]; then in_guest; else capture "$tool"; fi
done
[ "$tools" = guest ] || vm_stop main
[ "$(wc -w <<< "$tools")" -gt ${#failed[@]} ] || die "nothing was traced and" \
	"nothing is written: ${failed[*]} failed (see above)"
[ "${PAIRS:-}" = 0 ] || looking
environment
publish "$run"
[ ${#failed[@]} -eq 0 ] ||
	die "failed: ${failed[*]}; what they said is in results/$name/TOOL.log," \
		"the other tools' results are complete"
