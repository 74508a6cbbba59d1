#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes sure the host has the packages a job needs.
#
# usage: vm/deps.sh JOB...        JOB: build plot check lint count trace
#                                 kernel
#
# As root, missing packages are installed through apt-get, said first in one
# line; otherwise the command to run is printed and the exit status is 1.
# Nothing is asked of the network when nothing is missing.
set -eu
. "$(dirname "$0")/lib.sh"

packages=
for job in "$@"; do
	case $job in
	build)
		packages="$packages gcc gcc-12 libc6-dev make ninja-build meson
			python3 pkg-config libglib2.0-dev libjson-glib-dev
			libpixman-1-dev libfdt-dev zlib1g-dev liburing-dev libelf1 flex bison
			dpkg-dev xz-utils cpio jq kmod bsdextrautils
			systemtap-sdt-dev"
		;;
	plot) packages="$packages gnuplot-nox" ;;
	check) packages="$packages gnuplot-nox perl procps dkms groff-base" ;;
	lint)
		packages="$packages clang-format sparse cppcheck shellcheck
			perl"
		;;
	count) packages="$packages linux-perf" ;;
	trace)
		# libdevel-nytprof-perl carries flamegraph.pl
		packages="$packages linux-perf bpftrace strace perl
			libdevel-nytprof-perl gnuplot-nox"
		;;
	kernel) packages="$packages bc libelf-dev zlib1g-dev perl" ;;
	*) die "deps.sh: unknown job '$job'; known: build plot check lint" \
		"count trace kernel" ;;
	esac
done

command -v dpkg-query > /dev/null ||
	die "this is not a Debian system; install the equivalents of:" $packages

# shellcheck disable=SC2086
installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $packages \
	2> /dev/null | awk '$2 == "installed" { print $1 }')
missing=
for p in $packages; do
	grep -qx -- "$p" <<< "$installed" || missing="$missing $p"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
	die "missing packages; run: apt-get install --no-install-recommends$missing"
fi
say "installing:$missing"
# One at a time: make asks for several jobs at once
exec 9< "$0"
flock 9
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
# A machine that never ran 'apt-get update' knows no package at all.
# shellcheck disable=SC2086
apt-cache show $missing > /dev/null 2>&1 ||
	with_progress "apt-get update" "$log" apt-get update ||
	die "apt-get update failed; check the network and /etc/apt"
install()
{
	# shellcheck disable=SC2086
	with_progress "apt-get install" "$log" \
		apt-get install -y --no-install-recommends $missing
}
# A stale index names package versions that are gone from the archive.
install || { apt-get update > /dev/null 2>&1 && install; } ||
	die "could not install:$missing (see above)"
