#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest that patches its own code on one CPU while it runs on the other: QEMU
# 7.2 as distributed hangs in it before the rounds are over (vm/patches/qemu-7.2).
#
# usage: tests/host/qemu-patch.sh BUILD
. "$(dirname "$0")/../tap.sh"
top=$(cd "$(dirname "$0")/../.." && pwd)
rounds=150

# Each switch of a group writes a jump where every event of it is, and back
cat > "$scratch/job" << EOF
t=/sys/kernel/tracing
mount -t tracefs t \$t
echo 4 > \$t/buffer_size_kb
echo 0 > \$t/tracing_on
while :; do
	dd if=/dev/zero of=/dev/null bs=512 count=2000 2> /dev/null
done &
n=0
while [ \$n -lt $rounds ]; do
	for on in 1 0; do
		for group in raw_syscalls syscalls; do
			echo \$on > \$t/events/\$group/enable || exit 1
		done
	done
	n=\$((n + 1))
done
echo "\$n rounds"
EOF
run env ACCEL=tcg DEVICES='' SMP=2 "$top/vm/guest.sh" run "$1" \
	--job "$scratch/job" --console "$scratch/console" --limit 120 --
[ "$status" -eq 0 ] && says "^$rounds rounds$"
ok $? host/qemu-patch/guest-that-patches-itself-goes-on
done_testing
