#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The timed pass: boots the guest many times; in each boot the study's benchmark
# measures slices of all cells, and those that take requests apart. Nothing is
# traced meanwhile. After the first boots only the comparisons go on that are not
# yet known to 3 % either way, until all are or the time is spent.
#
# usage: vm/time.sh BUILD OUTDIR
#
# Leaves guest-raw.tsv, guest.json (of the first boot), split-raw.tsv, times.tsv
# and console.log (of the last boot) in OUTDIR.
# environment: that of vm/guest.sh, and LANE (what the rows say, default $ACCEL),
# QUICK, BOOTS (so many boots of all cells: 8, quick 4), STUDY_SECONDS (no boot
# begins later than that: 225, quick 40), BENCH_ARGS and SPLIT_ARGS (arguments for
# userbench, first and second time, in place of a time budget; SPLIT_ARGS=none:
# nothing is taken apart), SUMMARIZE (build/host/summarize; empty: no boots beyond
# BOOTS), LIMIT (seconds a boot may take, 900)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
build=$1 out=$2
if [ -n "${QUICK:-}" ]; then
	boots=${BOOTS:-4} seconds=${STUDY_SECONDS:-40} each=8 apart=1.5
else
	boots=${BOOTS:-8} seconds=${STUDY_SECONDS:-225} each=18 apart=2
fi
summarize=${SUMMARIZE-$(dirname "$here")/build/host/summarize}
lane=${LANE:-${ACCEL:-tcg}}

# job BOOT [GLOB...]: in the guest; with globs only these cells, nothing taken
# apart.
job()
{
	local common="--study --lane $lane --boot $1 ${QUICK:+--quick}" glob only=
	shift
	for glob; do only="$only '$glob'"; done
	cat << EOT
userbench $common --raw /out/guest-raw.tsv --meta /out/guest.json \\
	${BENCH_ARGS:---seconds $each} ${only:+--only $only} || exit
EOT
	[ -n "$only" ] || [ "${SPLIT_ARGS:-}" = none ] ||
		echo "exec userbench $common --raw /out/split-raw.tsv" \
			"--times /out/times.tsv ${SPLIT_ARGS:---seconds $apart}"
}

# boot N [GLOB...]: one boot; its files in OUTDIR/boot-N.
boot()
{
	local rc
	job "$@" > "$scratch/job"
	: > "$scratch/said"
	"$here/guest.sh" run "$build" --job "$scratch/job" --out "$out/boot-$1" \
		--console "$out/console.log" --limit "${LIMIT:-900}" -- |
		guest_progress "boot $1" "$scratch/said" || {
		rc=$?
		cat "$scratch/said"
		return $rc
	}
	grep '^userbench: note:' "$scratch/said" >> "$scratch/notes" || :
	say "boot $1: $((SECONDS - start)) s, $(sed -n \
		's/^measured \(.*\) in .*/\1/p' "$scratch/said" | head -n 1)"
}

# not_there: globs of the cells whose comparisons are not known well enough yet.
not_there()
{
	[ -n "$summarize" ] || return 0
	# shellcheck disable=SC2046
	merge_tsv "$scratch/raw.tsv" $(in_order guest-raw.tsv)
	"$summarize" "$scratch/raw.tsv" -o "$scratch/summary.tsv" \
		--verdicts "$scratch/verdicts.tsv" 2> "$scratch/summarize.log" || {
		cat "$scratch/summarize.log" >&2
		return 1
	}
	awk -F '\t' '
	/^#/ || $1 == "lane" { next }
	$NF == "missed" {
		print $2 "/" $3 "/" $4 "/" $5
		print $6 "/" $7 "/" $4 "/" $8
	}' "$scratch/verdicts.tsv" | sort -u
}

# in_order NAME: that file of each boot that has it, by the number of the boot.
in_order()
{
	local i
	for i in $(seq "$n"); do
		[ ! -e "$out/boot-$i/$1" ] || echo "$out/boot-$i/$1"
	done
}

# merge NAME: that file of all boots as one.
merge()
{
	# shellcheck disable=SC2046
	[ ! -e "$out/boot-1/$1" ] || merge_tsv "$out/$1" $(in_order "$1")
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
start=$SECONDS
: > "$scratch/notes"
mkdir -p "$out"
rm -rf "$out"/boot-*
for n in $(seq "$boots"); do
	boot "$n"
done
while [ $((SECONDS - start)) -lt "$seconds" ]; do
	not_there > "$scratch/globs"
	mapfile -t globs < "$scratch/globs"
	[ ${#globs[@]} -gt 0 ] || break
	n=$((n + 1))
	boot "$n" "${globs[@]}"
done
sort -u "$scratch/notes"
mv "$out/boot-1/guest.json" "$out/"
for name in guest-raw.tsv split-raw.tsv times.tsv; do
	merge "$name"
done
rm -rf "$out"/boot-*
