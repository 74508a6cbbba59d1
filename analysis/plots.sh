#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Draws all plots of a results folder: SVG and PNG, for every lane in it. With
# folders of other lanes, theirs too, and all lanes side by side.
#
# Usage:  analysis/plots.sh RESULTS_DIR [OTHER_RESULTS_DIR...]
# Reads:  of each folder summary.tsv; latency.tsv, split.tsv and env.json where they
#         exist
# Writes: RESULTS_DIR/plots/{throughput,accesses,latency,split,space,variant-NAME}-LANE.{svg,png}
#         and, for several lanes, throughput-side-by-side.{svg,png}
# Needs:  gnuplot 5.4 with cairo (Debian: gnuplot-nox)
# REPORT: the report program (default build/host/report), asked for the name of
#         the generator in the titles; without it they go without that name.
set -eu

die() {
	printf 'plots.sh: %s\n' "$1" >&2
	exit 1
}

[ $# -ge 1 ] || die "expected a results folder; try: analysis/plots.sh results/latest"
plots=$1/plots
code=$(dirname "$0")/plots
report=${REPORT:-build/host/report}

command -v gnuplot >/dev/null 2>&1 ||
	die "gnuplot is missing; install it: apt-get install gnuplot-nox"

# check DIR: can its summary be drawn?
check() {
	[ -r "$1/summary.tsv" ] ||
		die "$1/summary.tsv is missing; make it first: summarize raw.tsv -o $1/summary.tsv"
	[ "$(head -n 1 "$1/summary.tsv")" = "# exitcost summary 1" ] ||
		die "$1/summary.tsv:1: expected \`# exitcost summary 1\`; make it with this version's summarize"
	case $(tail -n 1 "$1/summary.tsv") in
	"# end "*) ;;
	*) die "$1/summary.tsv is truncated: its last line should be \`# end <rows>\`; make it again" ;;
	esac
	case $1 in
	*\'*) die "$1: a quote in the folder's name; rename the folder" ;;
	esac
}

# find_generator DIR: its name, or nothing
find_generator() {
	generator=
	[ -x "$report" ] && [ -r "$1/env.json" ] || return 0
	for key in generator guest.generator guest.devices.0.generator; do
		[ -n "$generator" ] ||
			generator=$("$report" --print "$key" "$1" 2>/dev/null) || generator=
	done
}

# lanes_of: lanes with rows that can be drawn: read(2) by one thread
lanes_of() {
	awk -F '\t' 'FNR > 2 && !/^# end/ && $3 == "read" && $4 > 0 &&
		$5 == 1 && $7 != "-" && !seen[$1]++ { print $1 }' "$summary"
}

# paths_of LANE: data paths with such rows: those whose accesses the device counts
# (a second device's, NAME@GENERATOR, are left out)
paths_of() {
	awk -F '\t' -v lane="$1" 'FNR > 2 && !/^# end/ && $1 == lane &&
		$3 == "read" && $4 > 0 && $5 == 1 && $7 != "-" && $16 != "-" &&
		$2 !~ /@/ && !seen[$2]++ { print $2 }' "$summary"
}

# draw NAME OUTPUT LANE VARIANT: one plot in both formats, whole or not at all
draw() {
	for type in svg png; do
		out=$plots/$2.$type
		gnuplot -e "dir = '$code'; summary = '$summary'; latency = '$latency'; split = '$split'; points = '$points'; \
			lane = '$3'; lanes = '$all_lanes'; variant = '$4'; \
			generator = '$generator'; type = '$type'; out = '$out.part'" \
			"$code/$1.gp" ||
			{
				rm -f "$out.part"
				die "gnuplot failed on $code/$1.gp (messages above); is it version 5.4 with svg and pngcairo?"
			}
		mv "$out.part" "$out"
	done
}

# draw_space LANE: from points of its own
draw_space() {
	awk -F '\t' -v lane="$1" -v bytes=65536 -f "$code/space.awk" \
		"$summary" >"$points"
	if grep -q 'path$' "$points"; then
		draw space "space-$1" "$1" ''
	fi
	rm -f "$points"
}

# draw_lane LANE: all plots of one lane
draw_lane() {
	draw_space "$1"
	draw throughput "throughput-$1" "$1" ''
	draw accesses "accesses-$1" "$1" ''
	if [ -r "$latency" ]; then
		draw latency "latency-$1" "$1" ''
	else
		echo "plots.sh: no $latency (summarize --latency makes it): latency plot left out" >&2
	fi
	[ ! -r "$split" ] || draw split "split-$1" "$1" ''
	for variant in $(paths_of "$1"); do
		draw variant "variant-$variant-$1" "$1" "$variant"
	done
}

for results; do
	check "$results"
done
mkdir -p "$plots"
points=$plots/.points-$$
trap 'rm -f "$points" "$plots"/.summary-$$' EXIT
all_lanes=
for results; do
	summary=$results/summary.tsv
	latency=$results/latency.tsv
	split=$results/split.tsv
	find_generator "$results"
	lanes=$(lanes_of)
	[ -n "$lanes" ] || die "$summary holds no rows of access \`read\` by one thread: nothing to draw"
	for lane in $lanes; do
		draw_lane "$lane"
		all_lanes="$all_lanes $lane"
	done
done

# Side by side, from the rows of all folders.
# shellcheck disable=SC2086
set -- "$@" -- $all_lanes
while [ "$1" != -- ]; do
	dirs="${dirs:-}$1/summary.tsv
"
	shift
done
shift
[ $# -gt 1 ] || exit 0
summary=$plots/.summary-$$
printf '%s' "$dirs" | while read -r file; do
	awk -v first="$(printf '%s' "$dirs" | head -n 1)" '
		FNR <= 2 { if (FILENAME == first) print; next }
		!/^# end/' "$file"
done >"$summary"
draw lanes throughput-side-by-side "$1" ''
