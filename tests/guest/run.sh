#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Boots the guest with one device per variant of the build and runs guest-test
# in it; its TAP comes out on stdout.
#
# usage: tests/guest/run.sh BUILD
# environment: LIMIT (240 seconds), and that of vm/guest.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# A kernel that checks its locks stops that at the first complaint, or when it has
# too many of them to follow
cat > "$scratch/job" << 'EOF'
guest-test
status=$?
if grep -qs 'debug_locks: *0' /proc/lockdep_stats; then
	echo "# the kernel no longer checks its locks"
	status=1
fi
exit $status
EOF
# It sleeps, too
PVH=off VMRUN=$here/../../build/host/vmrun "$here/../../vm/guest.sh" run "$build" \
	--job "$scratch/job" --console "$scratch/console" --limit "${LIMIT:-240}" --
