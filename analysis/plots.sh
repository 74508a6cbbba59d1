#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Draws all plots of one results folder: SVG and PNG, for every lane in it.
#
# Usage:  analysis/plots.sh RESULTS_DIR
# Reads:  RESULTS_DIR/summary.tsv; latency.tsv and env.json where they exist
# Writes: RESULTS_DIR/plots/{throughput,accesses,latency,variant-NAME}-LANE.{svg,png}
# Needs:  gnuplot 5.4 with cairo (Debian: gnuplot-nox)
# REPORT: the report program (default build/host/report), asked for the name of
#         the generator in the titles; without it they go without that name.
set -eu

die() {
	printf 'plots.sh: %s\n' "$1" >&2
	exit 1
}

[ $# -eq 1 ] || die "expected one results folder; try: analysis/plots.sh results/latest"
results=$1
code=$(dirname "$0")/plots
report=${REPORT:-build/host/report}
summary=$results/summary.tsv
latency=$results/latency.tsv

command -v gnuplot >/dev/null 2>&1 ||
	die "gnuplot is missing; install it: apt-get install gnuplot-nox"
[ -r "$summary" ] ||
	die "$summary is missing; make it first: summarize raw.tsv -o $summary"
[ "$(head -n 1 "$summary")" = "# exitcost summary 1" ] ||
	die "$summary:1: expected \`# exitcost summary 1\`; make it with this version's summarize"
case $(tail -n 1 "$summary") in
"# end "*) ;;
*) die "$summary is truncated: its last line should be \`# end <rows>\`; make it again" ;;
esac
case $results in
*\'*) die "$results: a quote in the folder's name; rename the folder" ;;
esac

generator=
if [ -x "$report" ] && [ -r "$results/env.json" ]; then
	for key in generator guest.generator guest.devices.0.generator; do
		[ -n "$generator" ] ||
			generator=$("$report" --print "$key" "$results" 2>/dev/null) || generator=
	done
fi

# names COLUMN LANE: values of a column in rows (of a lane) that can be drawn:
# read(2) by one thread, with throughput and latency
names() {
	awk -F '\t' -v column="$1" -v lane="$2" '
		FNR > 2 && !/^# end/ && (lane == "" || $1 == lane) &&
		$3 == "read" && $4 > 0 && $5 == 1 && $10 != "-" &&
		!seen[$column]++ { print $column }' "$summary"
}

# draw NAME OUTPUT LANE VARIANT: one plot in both formats, whole or not at all
draw() {
	for type in svg png; do
		out=$results/plots/$2.$type
		gnuplot -e "dir = '$code'; summary = '$summary'; latency = '$latency'; \
			lane = '$3'; variant = '$4'; generator = '$generator'; \
			type = '$type'; out = '$out.part'" "$code/$1.gp" ||
			{
				rm -f "$out.part"
				die "gnuplot failed on $code/$1.gp (messages above); is it version 5.4 with svg and pngcairo?"
			}
		mv "$out.part" "$out"
	done
}

lanes=$(names 1 '')
[ -n "$lanes" ] || die "$summary holds no rows of access \`read\` by one thread: nothing to draw"
mkdir -p "$results/plots"
for lane in $lanes; do
	draw throughput "throughput-$lane" "$lane" ''
	draw accesses "accesses-$lane" "$lane" ''
	if [ -r "$latency" ]; then
		draw latency "latency-$lane" "$lane" ''
	else
		echo "plots.sh: no $latency (summarize --latency makes it): latency plot left out" >&2
	fi
	for variant in $(names 2 "$lane"); do
		case $variant in
		32 | 64 | fifo | fifo-mmio | dma | dma-msi)
			draw variant "variant-$variant-$lane" "$lane" "$variant"
			;;
		esac
	done
done
