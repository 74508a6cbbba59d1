#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The timed pass: boots the guest and runs the study's benchmark in it, then the
# one that takes requests apart. Nothing is traced meanwhile.
#
# usage: vm/time.sh BUILD OUTDIR
#
# Leaves guest-raw.tsv, guest.json, split-raw.tsv, times.tsv and console.log in
# OUTDIR. environment: that of vm/guest.sh, and LANE (what the rows say, default
# $ACCEL), QUICK, BENCH_ARGS and SPLIT_ARGS (more arguments for userbench, first
# and second time), LIMIT (900 s)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
build=$1 out=$2

job=$(mktemp)
trap 'rm -f "$job"' EXIT
cat > "$job" << EOF
common="--study --lane ${LANE:-${ACCEL:-tcg}} ${QUICK:+--quick}"
userbench \$common --raw /out/guest-raw.tsv --meta /out/guest.json \\
	${BENCH_ARGS:-} || exit
echo "taking requests apart: with the device's modes and the driver's controls"
exec userbench \$common --raw /out/split-raw.tsv --times /out/times.tsv \\
	${SPLIT_ARGS:-}
EOF
"$here/guest.sh" run "$build" --job "$job" --out "$out" \
	--console "$out/console.log" --limit "${LIMIT:-900}" --
