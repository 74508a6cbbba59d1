#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How a guest that misbehaves is reported, and that none stays behind.
#
# usage: tests/host/vmrun.sh BUILD
. "$(dirname "$0")/../tap.sh"
here=$(cd "$(dirname "$0")" && pwd)
build=$1
guest=$here/../../vm/guest.sh

# job LIMIT TEXT: runs TEXT in the guest; sets status.
job()
{
	echo "$2" > "$scratch/job"
	rm -rf "$scratch/out"
	run "$guest" run "$build" --job "$scratch/job" --out "$scratch/out" \
		--console "$scratch/console" --limit "$1" --
}

# survivors: emulators that still use our job file.
survivors() { pgrep -f "file=$scratch/job" > /dev/null; }

job 120 'echo hello from the guest; echo data > /out/file; exit 7'
[ "$status" -eq 7 ]
ok $? host/vmrun/job-status-is-passed-on
says '^hello from the guest$'
ok $? host/vmrun/job-output-arrives
[ "$(cat "$scratch/out/file" 2> /dev/null)" = data ]
ok $? host/vmrun/results-come-back

job 10 'while :; do :; done'
[ "$status" -eq 124 ] && says 'did not finish within 10 s'
ok $? host/vmrun/hang-is-ended
says "last lines of the guest's console"
ok $? host/vmrun/hang-shows-console
[ ! -e "$scratch/out" ]
ok $? host/vmrun/hang-leaves-no-result
! survivors
ok $? host/vmrun/hang-leaves-no-process

job 120 'echo c > /proc/sysrq-trigger; sleep 60'
[ "$status" -eq 122 ] && says 'ended early' && says 'Kernel panic'
ok $? host/vmrun/panic-is-shown

job 120 'poweroff -f; sleep 60'
[ "$status" -eq 122 ] && says 'ended early'
ok $? host/vmrun/early-poweroff-is-a-failure

job 120 'echo "<4>WARNING: CPU: 0 PID: 1 at test" > /dev/kmsg; exit 0'
[ "$status" -eq 121 ] && says "kernel complained"
ok $? host/vmrun/kernel-warning-is-a-failure

run env VMRUN="$VMRUN" "$guest" run "$build" --job "$scratch/nothing" \
	--console "$scratch/console" --
fails_saying "cannot read the job $scratch/nothing" host/vmrun/missing-job-is-named

# Ctrl-C: SIGINT to vmrun while the guest is busy.
echo 'echo started; sleep 600' > "$scratch/job"
"$guest" run "$build" --job "$scratch/job" --console "$scratch/console" \
	--limit 120 -- > "$scratch/output" 2>&1 &
pid=$!
for _ in $(seq 600); do
	says '^started$' && break
	sleep 0.1
done
kill -INT $pid
wait $pid
[ $? -eq 130 ] && says 'stopped by signal 2'
ok $? host/vmrun/ctrl-c-is-reported
! survivors
ok $? host/vmrun/ctrl-c-leaves-no-process

done_testing
