#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs a measurement in the guest and leaves one complete results folder, or
# none at all.
#
# usage: vm/study.sh study|bench|shell BUILD
#
# study: measure, summarize, plot, report. bench: measure and summarize only,
# and print the table. shell: the same machine with a shell instead.
# BUILD is build/<variant>. environment: ACCEL, QUICK, GENERATOR (the device's
# own default: glibc), RESULTS (results), BOOTS, STUDY_SECONDS, BENCH_ARGS and
# SPLIT_ARGS (see vm/time.sh), SCALE_BOOTS and SCALE_ARGS (vm/scale.sh), HOST_ARGS
# (for hostbench, in place of a time budget), LIMIT (seconds a guest may take, 900)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
top=$(dirname "$here")
mode=$1 build=$2
tools=$top/build/host
results=${RESULTS:-$top/results}
export GENERATOR=${GENERATOR:-glibc}
variant=$(basename "$build")
# What a second dma device has, to see how near memory's speed a path comes
fast=xoshiro256ppx8

choose_linux_lane "$build"
[ "$mode" != shell ] || exec "$here/guest.sh" shell "$build"

# Steal and idle time so far, in ticks: how noisy the host was.
cpu_ticks() { awk '$1 == "cpu" { print $9, $2+$3+$4+$5+$6+$7+$8+$9 }' /proc/stat; }

steal_percent()
{
	awk -v a="$1" -v b="$(cpu_ticks)" 'BEGIN {
		split(a, x); split(b, y); d = y[2] - x[2]
		printf "%.2f", (d > 0 ? 100 * (y[1] - x[1]) / d : 0) }'
}

# environment: env.json from what this script knows and guest.json.
environment()
{
	local q=$build/qemu-system-x86_64 l1={}
	[ ! -e "$run/host-l1.tsv" ] || l1=$(host_state_json < "$run/host-l1.tsv")
	jq -n --argjson l1 "$l1" --arg git "$git" --argjson dirty "$dirty" --arg date "$date" \
		--arg lane "$lane" --arg reason "$lane_reason" --arg variant "$variant" \
		--arg generator "$GENERATOR" \
		--argjson quick "$([ -n "${QUICK:-}" ] && echo true || echo false)" \
		--arg command "make $mode VARIANT=$variant ACCEL=$lane${QUICK:+ QUICK=1}" \
		--argjson host "$(host_facts "$load_before")" \
		--argjson steal "$(steal_percent "$ticks")" \
		--arg qversion "$("$q" --version | head -n 1)" \
		--arg qsource "${QEMU_SRC:-distribution package}" \
		--arg smp "${SMP:-2}" \
		--arg qcmd "$(FAST=$(case $lane in tcg | kvm) echo $fast ;; esac) ACCEL=${lane/nested/kvm} "$here/guest.sh" print "$build" |
			sed "s,$top/,,g")" \
		--argjson seconds "$((SECONDS))" \
		--slurpfile quality "$run/quality.json" \
		--slurpfile guest "$run/guest.json" '{
		schema: "exitcost env 1", git: $git, dirty: $dirty,
		date_utc: $date, lane: $lane,
		lane_reason: $reason, variant: $variant,
		generator: $generator, quick: $quick, command: $command,
		host: ($host + { steal_pct: $steal }), host_l1: $l1,
		qemu: { version: $qversion, source: $qsource, accel: $lane,
			machine: "q35", smp: ($smp | tonumber), cmdline: $qcmd },
		quality: $quality[0], guest: $guest[0], seconds: { total: $seconds } }' \
		> "$run/env.json" || die "cannot write env.json"
}

# passes: what a lane measures. Times are never taken with a trace on, so exits
# are counted in a pass of their own.
passes()
{
	case $lane in
	tcg) FAST=$fast "$here/time.sh" "$build" "$run" && "$here/scale.sh" "$build" "$run" ;;
	kvm) FAST=$fast "$here/time.sh" "$build" "$run" && "$here/count.sh" "$build" "$run" &&
		"$here/scale.sh" "$build" "$run" ;;
	nested) "$here/nested.sh" "$build" "$run" ;;
	esac
}

# host_limits: what a process of the host can do, in some starts of it.
host_limits()
{
	local n
	for n in 1 2 3; do
		"$tools/hostbench" --lane "$lane" ${QUICK:+--quick} --boot $n \
			--generator "$GENERATOR" --raw "$run/host-$n.tsv" \
			${HOST_ARGS:---seconds ${QUICK:+1.}3} > /dev/null
	done
	merge_tsv "$run/host-raw.tsv" "$run"/host-[0-9].tsv
	rm "$run"/host-[0-9].tsv
}

# merge: the guest's slices and the host's roofs in one raw.tsv.
merge()
{
	merge_tsv "$run/raw.tsv" "$run/guest-raw.tsv" "$run/host-raw.tsv"
	rm "$run/guest-raw.tsv" "$run/host-raw.tsv"
}

# published: as the report's options, the published runs to compare with.
published()
{
	find "$top/results/published" -maxdepth 2 -name summary.tsv -printf '--before\n%h\n' \
		2> /dev/null || :
}

need_space "$results" 100 "a results folder"
provenance
date=$(date -u +%Y-%m-%dT%H:%M:%SZ)
name=$(date -u +%Y%m%dT%H%M%SZ)-$sha-$lane
run=$results/.unfinished-$$
trap 'rm -rf "$run"' EXIT
trap 'exit 130' INT TERM HUP
mkdir -p "$run"
load_before=$(load1)
ticks=$(cpu_ticks)

say "measuring VARIANT=$variant in the guest, lane $lane ($lane_reason)"
rc=0
attended passes || rc=$?
if [ $rc -ne 0 ]; then
	mkdir -p "$build/failed"
	cp "$run"/console*.log "$build/failed/" 2> /dev/null || :
	say "no result; the guest's consoles are in $build/failed"
	exit $rc
fi
say "measuring the host's own limits"
attended host_limits
merge
kvm=()
[ ! -e "$run/kvm.tsv" ] || kvm=(--kvm "$run/kvm.tsv")
"$tools/summarize" "$run/raw.tsv" -o "$run/summary.tsv" \
	--verdicts "$run/verdicts.tsv" --quality "$run/quality.json" \
	--latency "$run/latency.tsv" "${kvm[@]}"
for raw in "$run"/scale-*-raw.tsv; do
	[ ! -e "$raw" ] || "$tools/summarize" "$raw" -o "${raw%-raw.tsv}.tsv" \
		--verdicts "${raw%-raw.tsv}-verdicts.tsv"
done
environment
rm -f "$run/guest.json" "$run/host-l1.tsv"
"$tools/model" "$run" -o "$run/model.tsv" ||
	say "the run goes without a cost model: its cells do not tell one (see above)"
"$tools/split" "$run" -o "$run/split.tsv"
if [ "$mode" = study ]; then
	say "drawing the plots"
	"$top/analysis/plots.sh" "$run"
	mapfile -t before < <(published)
	"$tools/report" "$run" ${before[@]+"${before[@]}"} -o "$run/report.md"
fi
mv -T "$run" "$results/$name"
ln -sfn "$name" "$results/.latest"
mv -fT "$results/.latest" "$results/latest"
if [ "$mode" = bench ]; then
	column -t -s $'\t' < <(grep -v '^#' "$results/$name/summary.tsv")
else
	say "report: results/$name/report.md"
fi
say "done in $SECONDS s: results/$name"
