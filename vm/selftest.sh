#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How often the study's verdicts are right on this machine: short studies in which
# the answer is known, with and without a noisy neighbour on the host.
#
# usage: vm/selftest.sh BUILD     BUILD: build/<variant> with the variant dma
#
# Each study boots a guest with two dma devices of a kind. First nothing tells them
# apart (A/A); then the second one wastes a tenth of the time of a 64 KiB read in
# its doorbell (the device's property waste-ns). Prints a line for each case: how
# many comparisons were found faster, slower, equal or undecided, and in how many
# the 95 % interval holds the true ratio (of the tenth: as known from the study
# before). Nothing is judged by time: the exit status
# is 0 once all studies are made. Takes some 4 minutes.
# environment: STUDIES (2 of each case), BOOTS (4 of each), SECONDS_EACH (3 of
# measuring in a boot), ACCEL
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
top=$(dirname "$here")
[ $# -eq 1 ] || die "usage: selftest.sh BUILD"
build=$1
case $(basename "$build") in
all | dma) ;;
*) die "selftest compares two dma devices; use VARIANT=all or dma" ;;
esac
choose_linux_lane "$build"
summarize=$top/build/host/summarize
scratch=$(mktemp -d)
neighbours=()
trap 'quiet; rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM HUP
start=$SECONDS

# neighbour: one more user of a CPU, by fits and starts of 0.1 to 1.9 s.
neighbour()
{
	while :; do
		timeout --foreground "$((RANDOM % 19 + 1))e-1" bash -c 'while :; do :; done' || :
		sleep "$((RANDOM % 19 + 1))e-1"
	done
}

noisy()
{
	local n
	for n in $(seq "$(nproc)"); do
		setsid bash -c "$(declare -f neighbour); neighbour" &
		neighbours+=($!)
	done
}

quiet()
{
	local pid
	for pid in "${neighbours[@]}"; do
		kill "$pid" -- "-$pid" 2> /dev/null || :
		wait "$pid" 2> /dev/null || :
	done
	neighbours=()
}

# study OUT WASTE: some boots of two devices; leaves OUT/verdicts.tsv.
study()
{
	mkdir -p "$1"
	DEVICES=dma COPIES=2 COPY_ARGS=${2:+waste-ns=$2} \
		BOOTS=${BOOTS:-4} STUDY_SECONDS=0 SUMMARIZE="" SPLIT_ARGS=none \
		BENCH_ARGS="--again --seconds ${SECONDS_EACH:-3} --only \
		'null*/read/4096/1' 'null*/read/65536/1' 'dma/read/4096/1' \
		'dma-again/read/4096/1' 'dma/read/65536/1' 'dma-again/read/65536/1'" \
		"$here/time.sh" "$build" "$1" > "$scratch/log" 2>&1 || {
		cat "$scratch/log" >&2
		die "a study failed (see above)"
	}
	"$summarize" "$1/guest-raw.tsv" -o "$1/summary.tsv" \
		--verdicts "$1/verdicts.tsv" --quality "$1/quality.json"
}

# tally WHAT TRUE-RATIO FILTER FILE...: one line of the table.
tally()
{
	local what=$1 ratio=$2 filter=$3
	shift 3
	awk -F '\t' -v what="$what" -v ratio="$ratio" -v filter="$filter" '
	/^#/ { next }
	FNR == 2 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	$at["variant"] "/" $at["bytes"] ~ filter &&
	$at["base_variant"] "-again" == $at["variant"] {
		n++
		count[$at["verdict"]]++
		holds += $at["ratio_lo"] <= ratio && ratio <= $at["ratio_hi"]
	}
	END { if (!n) exit 1
		printf "%-34s %5s %11d %7d %7d %6d %10d %6d\n", what, ratio, n,
		count["faster"], count["slower"], count["equal"],
		count["undecided"], holds }' "$@"
}

# both NAME WHAT: the two cases, as the host is now.
both()
{
	local n ns
	for n in $(seq "${STUDIES:-2}"); do
		study "$scratch/$1-aa-$n" ""
		say "$2, A/A, study $n: $((SECONDS - start)) s"
		ns=$(awk -F '\t' '$2 == "dma" && $4 == 65536 { print int($23 / 10) }' \
			"$scratch/$1-aa-$n/summary.tsv")
		[ "${ns:-0}" -gt 0 ] || die "the host disturbed all slices of a" \
			"study, so there is no tenth to waste; try again later"
		study "$scratch/$1-waste-$n" "$ns"
		say "$2, $ns ns wasted, study $n: $((SECONDS - start)) s"
	done
	tally "A/A, $2" 1 '.' "$scratch/$1"-aa-*/verdicts.tsv >> "$scratch/table"
	tally "a tenth wasted, $2" 0.909 '^dma-again/65536$' \
		"$scratch/$1"-waste-*/verdicts.tsv >> "$scratch/table"
}

printf '%-34s %5s %11s %7s %7s %6s %10s %6s\n' case true comparisons faster \
	slower equal undecided holds > "$scratch/table"
both quiet "host as it is"
noisy
both noisy "with noisy neighbours"
quiet
cat "$scratch/table"
