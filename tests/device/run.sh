#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs the device's tests on the emulator whose device has the sanitizers in it. A
# report of theirs fails the suite, whatever became of the process that made it:
# the tests end most emulators by SIGKILL, and expect some to give up.
#
# usage: tests/device/run.sh DEVICE-TEST QEMU VARIANTS
set -u
test=$1 qemu=$2 variants=$3
grep -q __asan_report_load "$qemu" || {
	echo "Bail out! $qemu has no sanitizers in it"
	exit 1
}
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT

# QEMU gives up with status 1, so a report must end it otherwise. QEMU does not tell
# the sanitizer of its coroutines' stacks: no variable may be moved off its stack.
# The rest makes an emulator start sooner.
common=abort_on_error=1:log_path=$reports/report
export ASAN_OPTIONS=$common:detect_leaks=0:detect_stack_use_after_return=0
ASAN_OPTIONS=$ASAN_OPTIONS:quarantine_size_mb=16:malloc_context_size=4
export UBSAN_OPTIONS=$common:print_stacktrace=1
status=0
"$test" --qemu "$qemu" --variants "$variants" || status=$?
# Of coroutines it only warns
for report in $(grep -lE 'ERROR: |runtime error: ' "$reports"/* 2> /dev/null); do
	sed 's/^/# /' "$report"
	status=1
done
exit $status
