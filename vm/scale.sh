#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The scaling pass: one, two and four threads ask one device, and two of a kind
# at once, on a guest of one CPU and then on one of two. Nothing is traced.
#
# usage: vm/scale.sh BUILD OUTDIR
#
# Leaves scale-1-raw.tsv and scale-2-raw.tsv (by the guest's CPUs) in OUTDIR, and
# the consoles. environment: that of vm/guest.sh, and QUICK, SCALE_ARGS (more
# arguments for userbench), LIMIT (900 s for each guest)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
build=$1 out=$2

reps=5
[ -z "${QUICK:-}" ] || reps=3
job=$(mktemp)
trap 'rm -f "$job"' EXIT
for cpus in 1 2; do
	echo "echo 'threads and devices on a guest with $cpus CPU(s)'
		exec userbench --study --scale --lane ${ACCEL:-tcg} ${QUICK:+--quick} \\
		--reps $reps --raw /out/scale-$cpus-raw.tsv ${SCALE_ARGS:-}" > "$job"
	SMP=$cpus COPIES=2 "$here/guest.sh" run "$build" --job "$job" \
		--out "$out" --console "$out/console-scale-$cpus.log" \
		--limit "${LIMIT:-900}" --
done
