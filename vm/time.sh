#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The timed pass: boots the guest and runs the study's benchmark in it. Nothing
# is traced meanwhile.
#
# usage: vm/time.sh BUILD OUTDIR
#
# Leaves guest-raw.tsv, guest.json and console.log in OUTDIR. environment: that
# of vm/guest.sh, and LANE (what the rows say, default $ACCEL), QUICK,
# BENCH_ARGS (more arguments for userbench), LIMIT (900 s)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
build=$1 out=$2

job=$(mktemp)
trap 'rm -f "$job"' EXIT
cat > "$job" << EOF
exec userbench --study --lane ${LANE:-${ACCEL:-tcg}} ${QUICK:+--quick} \\
	--raw /out/guest-raw.tsv --meta /out/guest.json ${BENCH_ARGS:-}
EOF
"$here/guest.sh" run "$build" --job "$job" --out "$out" \
	--console "$out/console.log" --limit "${LIMIT:-900}" --
