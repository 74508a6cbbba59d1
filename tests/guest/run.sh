#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Boots the guest with one device per variant of the build and runs guest-test
# in it; its TAP comes out on stdout.
#
# usage: tests/guest/run.sh BUILD
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
echo 'exec guest-test' > "$scratch/job"
# It sleeps, too
PVH=off VMRUN=$here/../../build/host/vmrun "$here/../../vm/guest.sh" run "$build" \
	--job "$scratch/job" --console "$scratch/console" --limit 240 --
