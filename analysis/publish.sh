#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Publishes the newest run: results/published/ and REPORT.md.
#
# usage: analysis/publish.sh REPORT-TOOL
#
# Refuses a dirty tree, a run that was made from one, and an incomplete run, so
# that every published figure can be made again from a commit.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../vm/lib.sh"
report=$1
cd "$here/.."

[ -z "$(git status --porcelain)" ] ||
	die "the tree has uncommitted changes; commit them, run 'make study' and" \
		"publish again"
run=results/latest
[ -d "$run" ] || die "there is no run to publish; 'make study' makes one"
for f in env.json raw.tsv summary.tsv report.md plots; do
	[ -e "$run/$f" ] || die "$run is incomplete, $f is missing; 'make study'" \
		"makes a complete one"
done
for f in raw.tsv summary.tsv; do
	tail -n 1 "$run/$f" | grep -q '^# end [0-9]' ||
		die "$run/$f is truncated; 'make study' makes a complete run"
done
[ "$(jq -r .dirty "$run/env.json")" = false ] ||
	die "$run was measured from a tree with uncommitted changes; run" \
		"'make study' again"
[ "$(jq -r .quick "$run/env.json")" = false ] ||
	die "$run is a QUICK run; publish a full one"

new=results/.published-$$
trap 'rm -rf "$new"' EXIT
cp -r "$(realpath "$run")" "$new"
rm -f "$new/latency.tsv" # summarize --latency makes it again from raw.tsv
"$report" "$new" --plots-prefix results/published/plots -o "$new/REPORT.md"
rm -rf results/published
mv "$new" results/published
mv results/published/REPORT.md REPORT.md
say "published $(basename "$(realpath "$run")"): now commit REPORT.md and" \
	"results/published"
