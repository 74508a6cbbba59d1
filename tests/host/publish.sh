#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make publish: what it refuses, what it publishes, and that a refusal changes
# nothing. In a small checkout of its own, with made-up runs and made-up tools
# that write the report and the model.
. "$(dirname "$0")/../tap.sh"
top=$(cd "$(dirname "$0")/../.." && pwd)
unset FORCE
mkdir -p "$scratch/clone/"{analysis,vm,docs} "$scratch/tools"
cp "$top/analysis/publish.sh" "$scratch/clone/analysis/"
cp "$top/vm/lib.sh" "$scratch/clone/vm/"
cat > "$scratch/tools/report" << 'EOF'
#!/bin/bash
run=$1
shift
printf '# Report\n' > "$run/REPORT.md"
printf '## What each step beyond the exercise gained\nfigures of %s\n' \
	"$(jq -r .date_utc "$run/env.json")" >> "$run/REPORT.md"
printf '## Options\n%s\n' "$*" >> "$run/REPORT.md"
EOF
cat > "$scratch/tools/model" << 'EOF'
#!/bin/bash
echo "# exitcost model 1" > "$3"
EOF
cat > "$scratch/tools/invariants" << 'EOF'
#!/bin/bash
[ -s "$1" ] && [ -e "$2/summary.tsv" ] || { echo "no $1 or no table in $2"; exit 1; }
! grep -n "of 666" "$1"
EOF
printf '#!/bin/bash\n:\n' > "$scratch/clone/analysis/plots.sh"
chmod +x "$scratch/tools/"* "$scratch/clone/analysis/plots.sh"
cd "$scratch/clone" || exit 1
printf '<!-- figures: begin -->\nold\n<!-- figures: end -->\n' > docs/exercise.md
printf '/results/*\n!/results/published/\n' > .gitignore
mkdir -p results
git init -q . && git config user.name test && git config user.email test@localhost

# commit: all there is, as its owner does after a publication.
commit()
{
	git add -A && git commit -qm test
	commit=$(git describe --always --dirty --abbrev=10)
}

# table FILE NAME: a table with one row and its end.
table() { printf '# exitcost %s 1\na\n1\n# end 1\n' "$2" > "$1"; }

# make_run FOLDER LANE VERDICT INTERVAL: a made-up run of the newest commit.
make_run()
{
	local dir=results/$1 f
	mkdir -p "$dir/plots"
	for f in raw split-raw scale-1-raw summary verdicts scale-1-verdicts latency; do
		table "$dir/$f.tsv" "$f"
	done
	echo report > "$dir/report.md"
	printf '{ "verdict": "%s" }\n' "$3" > "$dir/quality.json"
	jq -n --arg git "$commit" --arg lane "$2" --arg date "$1" --arg verdict "$3" \
		--argjson interval "$4" '{ git: $git, lane: $lane, date_utc: $date,
		dirty: false, quick: false, quality: { verdict: $verdict,
		why: "made up", median_interval: $interval } }' > "$dir/env.json"
}

# latest FOLDER LANE VERDICT INTERVAL: the same, as the newest run of all.
latest()
{
	make_run "$@"
	ln -sfn "$1" results/latest
}

# edit FILE PROGRAM: changes an env.json.
edit()
{
	jq "$2" "$1" > "$scratch/env.json"
	mv "$scratch/env.json" "$1"
}

publish() { run analysis/publish.sh "$scratch/tools/report"; }

# refuses PATTERN NAME: says why, and leaves all as it was.
refuses()
{
	fails_saying "$1" "host/publish/$2"
	[ -z "$(git status --porcelain)" ] && [ -z "$(find results -name '.published*')" ]
	ok $? "host/publish/$2-changes-nothing"
}

# accepts NAME: succeeds, and the published run is the newest.
accepts()
{
	[ "$status" -eq 0 ] && [ "$(jq -r .date_utc results/published/env.json)" = \
		"$(jq -r .date_utc results/latest/env.json)" ]
	ok $? "host/publish/$1"
}

commit
touch stray
publish
fails_saying "uncommitted changes" host/publish/refuses-a-dirty-tree
rm stray
publish
refuses "no run to publish" needs-a-run

# What a run must be.
latest 1 tcg good 1.04
for f in raw summary verdicts; do
	printf 'x\n' > "results/1/$f.tsv"
	publish
	refuses "results/latest/$f.tsv is truncated" "refuses-a-truncated-$f"
	rm "results/1/$f.tsv"
	publish
	refuses "incomplete, $f.tsv is missing" "refuses-a-run-without-$f"
	table "results/1/$f.tsv" "$f"
done
edit results/1/env.json '.dirty = true'
publish
refuses "measured from a tree with uncommitted changes" refuses-a-dirty-run
edit results/1/env.json '.dirty = false | .quick = true'
publish
refuses "is a QUICK run" refuses-a-quick-run
edit results/1/env.json '.quick = false | del(.quality)'
publish
refuses "says nothing of its quality.*FORCE=1" refuses-a-run-without-a-verdict

# Quality.
latest 1 tcg poor 1.60
publish
refuses "poor quality \(made up\).*make publish FORCE=1" refuses-a-poor-run
FORCE=1 publish
accepts force-publishes-a-poor-run
commit
latest 2 tcg usable 1.21
publish
accepts a-better-run-replaces-a-poor-one
commit
latest 3 tcg usable 1.27
publish
refuses "worse \(usable, median interval 1.27\) than .*\(usable, median interval 1.21\).*FORCE=1" \
	refuses-intervals-too-wide
latest 3 tcg usable 1.26
publish
accepts intervals-a-little-wider-are-accepted
commit
latest 4 tcg good 1.04
publish
accepts a-good-run
commit
publish
accepts a-run-can-be-published-again
git checkout -q .
latest 5 tcg usable 1.04
publish
refuses "worse \(usable, .*\) than .*\(good" refuses-a-lower-verdict
FORCE=0 publish
refuses "worse" force-is-1-only
latest 5 kvm usable 1.20
publish
accepts another-lane-is-no-measure
git checkout -q . && git clean -qfd
# A run from before there were verdicts says nothing, so it forbids nothing.
edit results/published/env.json 'del(.quality)'
commit
latest 6 tcg usable 1.20
publish
accepts an-older-kind-of-run-is-replaced

# What is published.
commit
latest 7 tcg good 1.05
make_run 701 nested usable 1.20
mkdir results/702
echo bench > results/702/exitbench.tsv
cp results/7/env.json results/702/
publish
accepts another-lane-goes-with-it
for f in env.json quality.json summary.tsv verdicts.tsv scale-1-verdicts.tsv raw.tsv.xz \
	split-raw.tsv.xz scale-1-raw.tsv.xz nested/verdicts.tsv nested/raw.tsv.xz \
	exitbench-tcg.tsv model.tsv; do
	[ -s "results/published/$f" ]
	ok $? "host/publish/publishes-$f"
done
[ -z "$(find results/published -name '*raw.tsv')" ] &&
	[ ! -e results/published/latency.tsv ] && [ ! -e results/published/report.md ]
ok $? host/publish/leaves-out-what-can-be-made-again
cmp -s <(xz -dc results/published/raw.tsv.xz) results/7/raw.tsv
ok $? host/publish/slices-come-back-as-they-were
[ -s results/7/raw.tsv ] && [ -s results/7/latency.tsv ]
ok $? host/publish/the-run-itself-stays-whole
grep -q -- '--with [^ ]*/nested' REPORT.md &&
	grep -q -- '--exitbench [^ ]*/exitbench-tcg.tsv' REPORT.md &&
	grep -q -- '--before results/published' REPORT.md
ok $? host/publish/report-gets-all-of-them
[ "$(sed -n 2p docs/exercise.md)" = "figures of 7" ]
ok $? host/publish/quotes-the-figures
commit

# A report that its tables do not support is told.
latest 666 tcg good 1.05
publish
fails_saying "fault of the report program: do not commit" \
	host/publish/untrue-report-is-told
git checkout -q . && git clean -qfd && rm -r results/666

# Of another lane the newest that may be published is taken, or none.
latest 8 tcg good 1.05
make_run 801 nested good 1.03
make_run 802 nested poor 1.90
publish
accepts another-lane-that-is-poor-is-passed-over
[ "$(jq -r .date_utc results/published/nested/env.json)" = 801 ]
ok $? host/publish/an-older-run-of-that-lane-is-taken
commit
latest 9 tcg good 1.05
make_run 901 nested poor 1.90
publish
refuses "results/901 is of poor quality.*ACCEL=nested.*FORCE=1" \
	a-lane-without-any-good-run-is-said
FORCE=1 publish
accepts force-publishes-all-lanes
[ "$(jq -r .quality.verdict results/published/nested/env.json)" = poor ]
ok $? host/publish/force-takes-the-poor-lane-too
done_testing
