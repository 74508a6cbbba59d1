#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Prices single accesses with the bare-metal guest (vm/baremetal) and leaves one
# complete results folder, or none at all.
#
# usage: vm/exitbench.sh BUILD [--accel tcg|kvm|auto] [--cases LIST]
#                        [--iterations N] [--out DIR]
#
# auto is kvm wherever it can be used, be it one that emulates, else tcg.
# BUILD is build/<variant>. LIST: case, device, or device/case, with commas; a
# wrong one gives the list. N: most samples of a case (10000; where KVM emulates
# every instruction 1000). DIR: the new folder (results/<UTC>-<sha>-exitbench-
# <accel>) for exitbench.tsv, exitbench.log with each case's verdict, env.json.
# environment: ACCEL (tcg), LIMIT in seconds (180), RESULTS (results), and
# those of vm/baremetal/guest.sh
#
# exitbench.tsv, '# exitcost exitbench 1', has one row for each case:
#   lane case device n batch   n samples, each of batch operations
#   cycles_min cycles_p50 cycles_p99   TSC cycles of one operation, less
#   cycles_overhead                    timer and loop, measured in turn with it
#   ns_min ns_p50 ns_p99               the same in nanoseconds
#   cycles_slope   a second estimate of cycles_p50, in which the timer drops out:
#                  (t(2n) - t(n)) / n of batches of 2n and of n operations, less
#                  the same of the empty loop; median of pairs taken in a row
#   kvm            'hardware', or 'emulated' if this KVM emulates every
#                  instruction, so that no figure is a hardware's; '-' for tcg
# From medians the median overhead is subtracted, from the minimum the least one.
# '-' in place of a figure: it cannot be told from the overhead, as it is not
# above the overhead's own spread (its median less its minimum); of cycles_slope
# also: the device cannot take 2n operations in a row. The case 'empty' is the
# loop itself with the timer; nothing is subtracted from it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
. "$here/baremetal/guest.sh"
top=$(dirname "$here")

usage()
{
	die "$* usage: exitbench.sh BUILD [--accel tcg|kvm|auto] [--cases LIST]" \
		"[--iterations N] [--out DIR]"
}

[ $# -ge 1 ] || usage "no BUILD given;"
build=$1
shift
accel=${ACCEL:-tcg} cases='' iterations='' out=''
while [ $# -gt 0 ]; do
	[ $# -ge 2 ] || usage "$1 takes a value;"
	case $1 in
	--accel) accel=$2 ;;
	--cases) cases=$2 ;;
	--iterations) iterations=$2 ;;
	--out) out=$2 ;;
	*) usage "unknown option '$1';" ;;
	esac
	shift 2
done
case $cases$iterations in
*[[:space:]]*) usage "--cases and --iterations take no blanks;" ;;
esac
results=${RESULTS:-$top/results}
limit=${LIMIT:-180}
qemu=$build/qemu-system-x86_64
[ -x "$qemu" ] || die "$qemu is missing; run make"
[ -e "$guest_tools/exitbench.elf" ] ||
	die "$guest_tools/exitbench.elf is missing; run make"
reason="asked for by --accel $accel"
command="vm/exitbench.sh build/$(basename "$build") --accel $accel"
command="$command${cases:+ --cases $cases}${iterations:+ --iterations $iterations}"
case $accel in
tcg) ;;
kvm)
	trouble=$(kvm_trouble "$qemu")
	[ -z "$trouble" ] || die "--accel kvm: $trouble; or use --accel tcg"
	;;
auto)
	trouble=$(kvm_trouble "$qemu")
	accel=kvm
	[ -z "$trouble" ] || accel=tcg
	reason="--accel auto: ${trouble:-KVM can be used}"
	;;
*) die "unknown accelerator '$accel'; choose one of: tcg kvm auto" ;;
esac
provenance
given=$out
out=${given:-$results/$(date -u +%Y%m%dT%H%M%SZ)-$sha-exitbench-$accel}
while [ -z "$given" ] && [ -e "$out" ]; do # two runs in a second
	sleep 1
	out=$results/$(date -u +%Y%m%dT%H%M%SZ)-$sha-exitbench-$accel
done
[ ! -e "$out" ] || die "$out exists already; results are never overwritten"

# explain STATUS: says why there is no result, and stops.
explain()
{
	local log=$build/exitbench-failed.log last
	cat "$run/qemu.log" "$run/log" > "$log" 2> /dev/null || :
	last=$(tail -n 1 "$log" 2> /dev/null)
	case $1 in
	"$GUEST_USAGE")
		die "$(sed -n 's/^ERROR //p' "$run/log")"
		;;
	"$GUEST_FAILED")
		grep '^FAIL' "$run/log" >&2
		die "a case failed, so nothing was written; the log: $log"
		;;
	124 | 137)
		die "the guest did not finish within $limit s and was ended" \
			"(LIMIT=SECONDS gives it longer); it last said:" \
			"${last:-nothing}"
		;;
	*)
		die "the guest ended without a summary (QEMU's status $1);" \
			"it last said: ${last:-nothing}; the log: $log"
		;;
	esac
}

# complete: whether the guest said all it had to say.
complete()
{
	local rows
	grep -q '^SUMMARY: [1-9][0-9]* passed, 0 failed, ' "$run/log" || return
	rows=$(grep -c '^PASS ' "$run/log")
	[ "$(tail -n 1 "$run/table")" = "# end $rows" ] &&
		[ "$(wc -l < "$run/table")" -eq $((rows + 3)) ]
}

# environment: env.json, with the keys of a study's where they apply.
environment()
{
	jq -n --arg git "$git" \
		--argjson dirty "$dirty" --arg date "$date" --arg lane "$accel" \
		--arg reason "$reason" --arg variant "$(basename "$build")" \
		--arg generator "$guest_generator" \
		--arg command "$command" \
		--argjson host "$(host_facts "$load")" \
		--arg version "$("$qemu" --version | head -n 1)" \
		--arg source "${QEMU_SRC:-distribution package}" \
		--arg cmdline "$(echo "${guest_cmd[*]}" | sed "s,$top/,,g")" \
		--argjson khz "$khz" --argjson seconds "$SECONDS" \
		--argjson loop "$(machine_value "$run" loop_cycles)" \
		--argjson step "$(machine_value "$run" tsc_step)" \
		--argjson emulated "$(machine_value "$run" emulated)" \
		--arg summary "$(tail -n 1 "$run/log")" '{
		schema: "exitcost env 1", git: $git, dirty: $dirty,
		date_utc: $date, lane: $lane, lane_reason: $reason,
		variant: $variant, generator: $generator, command: $command,
		host: ($host + { tsc_khz: $khz }),
		qemu: { version: $version, source: $source, accel: $lane,
			machine: "q35", smp: 1, cmdline: $cmdline },
		guest: { loop_cycles: $loop, tsc_step: $step,
			emulated: ($emulated == 1), summary: $summary },
		seconds: { total: $seconds } }' > "$run/env.json" ||
		die "cannot write env.json"
}

mkdir -p "$(dirname "$out")" || die "cannot create $(dirname "$out")"
need_space "$(dirname "$out")" 10 "a results folder"
run=$(dirname "$out")/.unfinished-$$
trap 'guest_stop; rm -rf "$run"' EXIT
trap 'exit 130' INT TERM HUP
mkdir -p "$run"

date=$(date -u +%Y-%m-%dT%H:%M:%SZ)
load=$(load1)
khz=$(tsc_khz)
khz=${khz:-0}
guest_command "$build" "$accel"
say "pricing single accesses with the bare-metal guest, lane $accel"
rc=0
options="lane=$accel tsc_khz=$khz${cases:+ cases=$cases}"
guest_run "$limit" "$run" "$options${iterations:+ iterations=$iterations}" ||
	rc=$?
[ $rc -eq "$GUEST_PASSED" ] && complete || explain $rc
grep '^SKIP' "$run/log" >&2 || :
if [ "$(machine_value "$run" emulated)" = 1 ]; then
	emulates="this KVM has no hardware behind it and emulates every instruction"
	reason="$reason; $emulates"
	say "$emulates: these are not a hardware's prices"
fi
mv "$run/table" "$run/exitbench.tsv"
environment
mv "$run/log" "$run/exitbench.log"
rm "$run/qemu.log"
mv -T "$run" "$out"
grep -v '^#' "$out/exitbench.tsv" | column -t -s $'\t'
tail -n 1 "$out/exitbench.log"
say "done in $SECONDS s: ${out#"$top"/}"
