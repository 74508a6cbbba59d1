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
# scale-2-lockless-raw.tsv, and the consoles. environment: that of vm/guest.sh, and
# QUICK, SCALE_ARGS (more arguments for userbench), LIMIT (900 s for each guest)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
build=$1 out=$2

reps=5
[ -z "${QUICK:-}" ] || reps=3
job=$(mktemp)
trap 'rm -f "$job"' EXIT

# scale CPUS NAME WHAT: one guest, its samples by NAME.
scale()
{
	echo "echo 'threads and devices on a guest with $1 CPU(s)$3'
		exec userbench --study --scale --lane ${ACCEL:-tcg} ${QUICK:+--quick} \\
		--reps $reps --raw /out/scale-$2-raw.tsv ${SCALE_ARGS:-}" > "$job"
	SMP=$1 COPIES=2 "$here/guest.sh" run "$build" --job "$job" \
		--out "$out" --console "$out/console-scale-$2.log" \
		--limit "${LIMIT:-900}" --
}

scale 1 1 ""
scale 2 2 ""
case $(basename "$build") in
all) by_register="32 64" ;;
32 | 64) by_register=$(basename "$build") ;;
*) exit 0 ;;
esac
if "$build/qemu-system-x86_64" -device my_rng,help |
	grep -q 'lockless=.*without'; then
	DEVICES=$by_register LOCKLESS=on scale 2 2-lockless \
		", words without the big lock"
fi
