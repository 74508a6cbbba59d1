#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The version matrix: for each pair of a QEMU and a guest kernel, builds all
# there is, runs the device and guest tests and a short study, and prints a
# table. A pair that fails does not stop the others.
#
# usage: tests/matrix.sh
# environment: MATRIX    only these pairs, QEMU/LINUX, with blanks between
#              QEMU_SRC  a source tree that takes part as the QEMU named "src"
#              ACCEL     lane of the guests (tcg unless it is kvm)
#              MATRIX_DIR    where to work (build/matrix)
#
# Each pair is worked on in a copy of the sources, MATRIX_DIR/QEMU-LINUX, with
# a build/ and results/ of its own, so that the user's stay as they are. Leaves
# MATRIX_DIR/matrix.tsv, '# exitcost matrix 1', a row for each pair:
#   qemu linux              as named in vm/versions
#   qemu_version linux_version    what the binaries say they are
#   build                   ok, failed
#   device_passed device_failed guest_passed guest_failed    tests
#   mbps_32 mbps_dma        median of 64 KiB reads, in the short study
#   result                  ok, or what failed
#   seconds log             the log is of what failed, or -
# A figure that could not be had is "-". Exit status 1 if any pair failed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$here")
. "$here/../vm/lib.sh"
root=$(realpath -m "${MATRIX_DIR:-$top/build/matrix}")
build_limit=3600 suite_limit=900 # seconds
header="qemu	linux	qemu_version	linux_version	build	device_passed	\
device_failed	guest_passed	guest_failed	mbps_32	mbps_dma	result	seconds	log"

# pairs: all there are to run, one a line.
pairs()
{
	local q l
	for q in $(versions qemu) ${QEMU_SRC:+src}; do
		for l in $(versions linux); do
			echo "$q/$l"
		done
	done
}

# chosen: those of MATRIX, or all.
chosen()
{
	local all pair
	all=$(pairs)
	for pair in ${MATRIX:-$all}; do
		grep -qxF -- "$pair" <<< "$all" ||
			die "unknown pair '$pair' in MATRIX; choose from:" \
				"$(xargs <<< "$all") (src/... with QEMU_SRC=)"
		echo "$pair"
	done
}

# snapshot CELL: the sources as they are now; times kept, so that only what
# changed since the last time is built again.
snapshot()
{
	mkdir -p "$1"
	find "$1" -mindepth 1 -maxdepth 1 ! -name build ! -name results \
		-exec rm -rf {} + &&
		find "$top" -mindepth 1 -maxdepth 1 ! -name build \
			! -name results ! -name .git -exec cp -a -t "$1" {} + ||
		die "cannot copy the sources to $1; is the disk full?"
}

# step NAME LIMIT CMD...: one step of the pair at hand, its output in a log.
# timeout passes on a signal to all that CMD started.
step()
{
	local name=$1 limit=$2 rc=0
	shift 2
	log=$cell/$name.log
	with_progress "matrix: $pair: $name" "$log" \
		env -C "$cell" timeout -k 20 "$limit" "$@" || rc=$?
	[ $rc -ne 124 ] || say "matrix: $pair: $name: ended after $limit s"
	return $rc
}

# build: for this pair and no other choice of the user's.
build()
{
	local src=''
	[ "$qemu" != src ] || src=$QEMU_SRC
	step build $build_limit make VARIANT=all KERNEL= KDIR= \
		KMODULES= QEMU_VERSION="${qemu/src/$default}" LINUX="$linux" \
		QEMU_SRC="$src" matrix-cell
}

# suite NAME COMMAND: runs tests; sets counts: passed, tab, failed.
suite()
{
	local rc=0
	step "$1" $suite_limit tests/run.pl "$1=$2" || rc=$?
	counts=$(sed -nE \
		's/^([0-9]+) passed, ([0-9]+) failed, .*/\1\t\2/p' "$log" |
		tail -n 1)
	counts=${counts:--	-}
	return $rc
}

# study: every path and control, briefly; then the whole way to the tables.
study()
{
	export BOOTS=2 STUDY_SECONDS=0 BENCH_ARGS="--rounds 5" HOST_ARGS="--rounds 2"
	export SPLIT_ARGS="--rounds 2" SCALE_BOOTS=1 SCALE_ARGS="--rounds 2"
	QUICK=1 step study $suite_limit vm/study.sh bench build/all
}

# mbps VARIANT: of 64 KiB reads by one thread.
mbps()
{
	awk -F '\t' -v variant="$1" '
	NR == 2 { for (i = 1; i <= NF; i++) at[$i] = i }
	NR > 2 && $at["variant"] == variant && $at["access"] == "read" &&
		$at["bytes"] == 65536 && $at["threads"] == 1 {
			print $at["mbps"]; found = 1 }
	END { exit !found }' "$cell/results/latest/summary.tsv"
}

# variants: of the build at hand.
variants()
{
	sed -n 's/^KNOWN_VARIANTS := //p' "$cell/Makefile"
}

# failed WHAT: notes it for the result, and the log of the first.
failed()
{
	[ "$result" != ok ] || { result=failed: badlog=$log; }
	result="$result $1"
}

# run_pair: all of a pair; sets the columns of its row. What does not build is
# not run; the study comes even if tests failed.
run_pair()
{
	result=ok badlog=- qemu_version=- linux_version=-
	device='-	-' guest='-	-' mbps_32=- mbps_dma=-
	rm -rf "$cell/results" "$cell"/*.log
	snapshot "$cell"
	build || { failed build; return; }
	qemu_version=$("$cell/build/all/qemu-system-x86_64" --version |
		sed -n '1s/.*version \([0-9.]*\).*/\1/p')
	linux_version=$(basename "$(realpath "$cell/build/kernel/modules")")
	suite device "build/tests/device-test --qemu \
build/all/qemu-system-x86_64 --variants '$(variants)'" || failed device
	device=$counts
	suite guest "tests/guest/run.sh build/all" || failed guest
	guest=$counts
	study && mbps_32=$(mbps 32) && mbps_dma=$(mbps dma) || failed study
}

row()
{
	local built=ok
	[ "$result" != "failed: build" ] || built=failed
	printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' \
		"$qemu" "$linux" "$qemu_version" "$linux_version" "$built" \
		"$device" "$guest" "$mbps_32" "$mbps_dma" "$result" "$1" \
		"${badlog#"$top/"}"
}

# What make chose for the user's own build is not for the pairs.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL VARIANT KERNEL KDIR KMODULES
unset BENCH_ARGS SPLIT_ARGS RESULTS GENERATOR LINUX QEMU_VERSION
[ "${ACCEL:-}" = kvm ] || ACCEL=tcg
# One package client state for all of them
export ACCEL EXITCOST_APT=${EXITCOST_APT:-$top/build/apt}
default=$(versions qemu)
default=${default%% *}
[ -z "${QEMU_SRC:-}" ] || QEMU_SRC=$(realpath "$QEMU_SRC") ||
	die "QEMU_SRC does not exist"
list=$(chosen)
need_space "$root" 600 "the version matrix"
exec 6> "$root/lock"
flock -n 6 || die "another make matrix runs in $root"
table=$root/matrix.tsv
trap 'rm -f "$table.tmp"' EXIT
trap 'exit 130' INT TERM HUP
printf '# exitcost matrix 1\n%s\n' "$header" > "$table.tmp"
bad=0 n=0
for pair in $list; do
	qemu=${pair%/*} linux=${pair#*/} start=$SECONDS
	cell=$root/$qemu-$linux
	run_pair
	[ "$result" = ok ] || bad=$((bad + 1))
	n=$((n + 1))
	say "matrix: $pair: $result ($((SECONDS - start)) s)"
	row $((SECONDS - start)) >> "$table.tmp"
done
echo "# end $n" >> "$table.tmp"
mv "$table.tmp" "$table"
grep -v '^#' "$table" | column -t -s $'\t'
echo "${table#"$top/"}: $n pairs, $bad failed"
[ $bad -eq 0 ]
