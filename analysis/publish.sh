#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Publishes the newest run: results/published/ and REPORT.md. With it go the
# newest runs of other lanes, of the bare-metal guest and of make trace (one for
# each lane and path), if they are of the same commit, in folders of their own
# below it; of traces without the raw captures.
#
# usage: analysis/publish.sh REPORT-TOOL
#
# Refuses a dirty tree, a run that was made from one, and an incomplete run, so
# that every published figure can be made again from a commit. Refuses also a run
# whose quality is poor, and one that is worse than what is published of its
# lane: a lower verdict (good, usable, poor), or the same one with intervals that
# are more than 1.25 times as far above 1. FORCE=1 publishes both all the same.
#
# The slices (raw.tsv and its like) are published compressed by xz.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../vm/lib.sh"
report=$1
model=$(dirname "$report")/model
invariants=$(dirname "$report")/invariants
cd "$here/.."

# value RUN KEY: of its env.json; nothing if it is not there.
value() { jq -r "$2 // \"\"" "$1/env.json"; }

# why_not RUN: why it cannot be published; nothing if it can.
why_not()
{
	local f
	for f in env.json raw.tsv summary.tsv verdicts.tsv report.md plots; do
		[ -e "$1/$f" ] || { echo "$1 is incomplete, $f is missing"; return; }
	done
	for f in raw.tsv summary.tsv verdicts.tsv; do
		tail -n 1 "$1/$f" | grep -q '^# end [0-9]' ||
			{ echo "$1/$f is truncated"; return; }
	done
	[ "$(jq -r .dirty "$1/env.json")" = false ] ||
		echo "$1 was measured from a tree with uncommitted changes"
	[ "$(jq -r .quick "$1/env.json")" = false ] ||
		echo "$1 is a QUICK run"
}

# published_of LANE: the published run of that lane; nothing if there is none.
published_of()
{
	local folder
	for folder in results/published results/published/*; do
		[ -r "$folder/env.json" ] && [ -e "$folder/summary.tsv" ] || continue
		[ "$(value "$folder" .lane)" != "$1" ] || {
			echo "$folder"
			return
		}
	done
}

# quality RUN: its verdict and how wide its intervals are, for a message.
quality()
{
	jq -r '"\(.quality.verdict), median interval " +
		"\(.quality.median_interval)"' "$1/env.json"
}

# worse RUN OLD: whether RUN's quality is the worse. One that OLD says nothing
# of is not better than any.
worse()
{
	jq -en --slurpfile new "$1/env.json" --slurpfile old "$2/env.json" '
		def class: {"good": 2, "usable": 1, "poor": 0}[.verdict];
		$new[0].quality as $n | $old[0].quality as $o |
		($o | type) == "object" and (($n | class) < ($o | class) or
			(($n | class) == ($o | class) and
			($n.median_interval // 1e9) - 1 > 1.25 * (($o.median_interval // 1e9) - 1)))
		' > /dev/null
}

# why_not_good RUN: why its quality forbids to publish it; nothing if it does not.
why_not_good()
{
	local old
	[ "${FORCE:-}" != 1 ] || return 0
	case $(value "$1" .quality.verdict) in
	good | usable) ;;
	poor)
		echo "$1 is of poor quality ($(value "$1" .quality.why))"
		return
		;;
	*)
		echo "$1 says nothing of its quality"
		return
		;;
	esac
	old=$(published_of "$(value "$1" .lane)")
	[ -z "$old" ] || ! worse "$1" "$old" ||
		echo "$1 is worse ($(quality "$1")) than what is published of its" \
			"lane ($(quality "$old"))"
}

# publish_trace RUN NAME: tables, texts and pictures, unless there is a newer one.
publish_trace()
{
	[ "$(jq -r .dirty "$1/env.json")" = false ] && [ ! -e "$new/$2" ] || return 0
	mkdir "$new/$2"
	(cd "$1" && find . -type f -size -300k \( -name '*.tsv' -o \
		-name '*.svg' -o -name 'env.json' \) ! -name '*-raw.tsv' \
		-exec cp --parents {} "$new_abs/$2" \;)
	for f in looking.tsv guest/guest-looking.tsv; do
		[ ! -e "$new/$2/$f" ] || with+=(--looking "$new/$2/$f")
	done
}

# quote_figures REPORT PAGE: the report's section on the exercise, without its
# heading, between the page's marks.
quote_figures()
{
	awk '
	FNR == NR {
		if (/^## /)
			on = /^## What each step beyond the exercise gained/
		else if (on)
			text = text $0 "\n"
		next
	}
	/<!-- figures: end -->/ { quoting = 0 }
	!quoting { print }
	/<!-- figures: begin -->/ { quoting = 1; printf "%s", text }
	' "$1" "$2" > "$2.tmp"
	mv "$2.tmp" "$2"
}

[ -z "$(git status --porcelain)" ] ||
	die "the tree has uncommitted changes; commit them, run 'make study' and" \
		"publish again"
run=results/latest
[ -d "$run" ] || die "there is no run to publish; 'make study' makes one"
why=$(why_not "$run")
[ -z "$why" ] || die "$why; 'make study' makes a run that can be published"
why=$(why_not_good "$run")
[ -z "$why" ] || die "$why; run 'make study' again on a quieter host, or publish" \
	"it all the same with 'make publish FORCE=1'"

new=results/.published-$$
trap 'rm -rf "$new"' EXIT
cp -r "$(realpath "$run")" "$new"
new_abs=$(realpath "$new")
lanes=" $(value "$run" .lane) "
with=()
folders=("$new")
declare -A passed_over # by lane: why its newest run is not published
# Folders are named by their time: the last ones are the newest.
mapfile -t others < <(find results -mindepth 1 -maxdepth 1 -type d \
	-name '[0-9]*' | sort -r)
for other in "${others[@]}"; do
	[ -r "$other/env.json" ] || continue
	[ "$(value "$other" .git)" = "$(value "$run" .git)" ] || continue
	lane=$(value "$other" .lane)
	if [ "$(value "$other" .kind)" = trace ]; then
		publish_trace "$other" "trace-$lane-$(value "$other" .path)"
	elif [ -e "$other/exitbench.tsv" ]; then
		[ ! -e "$new/exitbench-$lane.tsv" ] || continue
		cp "$other/exitbench.tsv" "$new/exitbench-$lane.tsv"
		with+=(--exitbench "$new/exitbench-$lane.tsv")
	elif [ -n "$lane" ] && [[ $lanes != *" $lane "* ]] &&
			[ -z "$(why_not "$other")" ]; then
		why=$(why_not_good "$other")
		[ -z "$why" ] || {
			passed_over[$lane]=${passed_over[$lane]:-$why}
			continue
		}
		cp -r "$other" "$new/$lane"
		rm -rf "$new/$lane/plots" "$new/$lane/report.md"
		lanes="$lanes$lane "
		with+=(--with "$new/$lane")
		folders+=("$new/$lane")
	fi
done
for lane in "${!passed_over[@]}"; do
	[[ $lanes == *" $lane "* ]] ||
		die "${passed_over[$lane]}; run 'make study ACCEL=$lane' again, or" \
			"publish it all the same with 'make publish FORCE=1'"
	say "lane $lane: an older run is published: ${passed_over[$lane]}"
done
for folder in "${folders[@]}"; do
	"$model" "$folder" -o "$folder/model.tsv"
done
if [ ${#folders[@]} -gt 1 ]; then
	REPORT=$report analysis/plots.sh "${folders[@]}"
fi
# What was published before; of a run that is published again that is itself
for folder in results/published results/published/*; do
	[ -e "$folder/summary.tsv" ] || continue
	for now in "${folders[@]}"; do
		[ "$(value "$now" .date_utc)" != "$(value "$folder" .date_utc)" ] ||
			continue 2
	done
	with+=(--before "$folder")
done
"$report" "$new" "${with[@]}" --plots-prefix results/published/plots \
	-o "$new/REPORT.md"
# REPORT.md says more than this, and summarize --latency makes these again
rm -f "$new/report.md" "$new/latency.tsv" "$new"/*/latency.tsv
find "$new" -name '*raw.tsv' -exec xz -f {} +
quote_figures "$new/REPORT.md" docs/exercise.md
rm -rf results/published
mv "$new" results/published
mv results/published/REPORT.md REPORT.md
"$invariants" REPORT.md "${folders[@]/#$new/results/published}" ||
	die "REPORT.md says what its tables do not support (see above), which is" \
		"a fault of the report program: do not commit it, 'git checkout" \
		"REPORT.md docs results/published' takes it back"
say "published $(basename "$(realpath "$run")") (lanes:${lanes% }): now commit" \
	"REPORT.md, docs/exercise.md and results/published"
