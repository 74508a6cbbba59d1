#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The scaling pass: one, two and four threads ask one device, and two of a kind
# at once (path 32 in place, too), on a guest of one CPU and then on one of two;
# where QEMU can give words without its big lock, on one of two a third time, so.
# Nothing is traced.
#
# usage: vm/scale.sh BUILD OUTDIR
#
# Leaves scale-1-raw.tsv and scale-2-raw.tsv (by the guest's CPUs) in OUTDIR, maybe
# scale-2-lockless-raw.tsv, and the consoles of the last boots. environment: that
# of vm/guest.sh, and QUICK, SCALE_BOOTS (boots of each: 3, quick 2), SCALE_ARGS
# (arguments for userbench, in place of a time budget), LIMIT (900 s for each boot)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
build=$1 out=$2
boots=${SCALE_BOOTS:-$([ -n "${QUICK:-}" ] && echo 2 || echo 3)}
start=$SECONDS
job=$(mktemp) said=$(mktemp)
trap 'rm -f "$job" "$said"' EXIT
mkdir -p "$out"
rm -rf "$out"/scale-[0-9]*/

# scale CPUS NAME WHAT: some boots, their slices by NAME.
scale()
{
	local boot rc
	for boot in $(seq "$boots"); do
		echo "exec userbench --study --scale --lane ${ACCEL:-tcg} \\
			--boot $boot ${QUICK:+--quick} --raw /out/raw.tsv \\
			${SCALE_ARGS:---seconds ${QUICK:+1.}3}" > "$job"
		: > "$said"
		SMP=$1 COPIES=2 "$here/guest.sh" run "$build" --job "$job" \
			--out "$out/scale-$boot" \
			--console "$out/console-scale-$2.log" \
			--limit "${LIMIT:-900}" -- |
			guest_progress "boot $boot" "$said" || {
			rc=$?
			cat "$said"
			return $rc
		}
		say "threads and devices on a guest with $1 CPU(s)$3, boot" \
			"$boot: $((SECONDS - start)) s"
	done
	merge_tsv "$out/scale-$2-raw.tsv" "$out"/scale-[0-9]*/raw.tsv
	rm -rf "$out"/scale-[0-9]*/
}

scale 1 1 ""
scale 2 2 ""
case $(basename "$build") in
all) by_register="32 64" ;;
32 | 64) by_register=$(basename "$build") ;;
*) exit 0 ;;
esac
# (not grep -q, which ends before QEMU has written all: that would be a failure)
if "$build/qemu-system-x86_64" -device my_rng,help |
	grep 'lockless=.*without' > /dev/null; then
	DEVICES=$by_register LOCKLESS=on scale 2 2-lockless \
		", words without the big lock"
fi
