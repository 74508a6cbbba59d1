#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tracing/strace.sh on machines that really run: its counts must be those of
# the device, of the guest's console and of the guest's own lines.
#
# usage: tests/host/trace-strace.sh BUILD
. "$(dirname "$0")/../tap.sh"
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$1
strace=$top/tracing/strace.sh
case_name=my_rng/mmio_read32
unset ACCEL

# What is wrong is said, and nothing is left.
run "$strace" --out "$scratch/none"
fails_saying '--pid wants the number' host/strace/pid-is-needed
run "$strace" --pid 99999999 --out "$scratch/none"
fails_saying 'no process 99999999' host/strace/no-such-process-is-named
run "$strace" --pid $$ --out "$scratch/none"
fails_saying "process $$ is '.*', not a qemu-system" host/strace/other-process-is-refused
run "$strace" --pid 1 --seconds soon
fails_saying '--seconds wants a number' host/strace/bad-seconds-are-refused
STRACE=no-such-strace run "$strace" --pid 1 --out "$scratch/none"
[ "$status" -eq 77 ] && says 'no-such-strace is missing; install'
ok $? host/strace/missing-strace-is-a-skip
[ ! -e "$scratch/none" ]
ok $? host/strace/refusal-leaves-nothing

if ! command -v strace > /dev/null; then
	skip "strace is missing; install the package strace" host/strace/counts
	done_testing
fi

# await PATTERN FILE: up to a minute.
await()
{
	local i
	for ((i = 0; i < 600; i++)); do
		grep -qE -- "$1" "$2" 2> /dev/null && return
		sleep 0.1
	done
	echo "# no '$1' within a minute"
	return 1
}

# attach PID DIR OPTION...: strace.sh in the background; sets tracer.
attach()
{
	local pid=$1 dir=$2
	shift 2
	"$strace" --pid "$pid" --out "$dir" "$@" > "$scratch/trace.log" 2>&1 &
	tracer=$!
	await '^exitcost: strace: attached' "$scratch/trace.log"
}

# count DIR COLUMN CONDITION: a sum over rows of strace.tsv; CONDITION is awk's
# and may use the columns by name, as in syscall == "read".
count()
{
	awk -F '\t' -v want="$2" '
	NR == 2 { for (i = 1; i <= NF; i++) at[$i] = i }
	NR > 2 && !/^#/ { thread = $at["thread"]; syscall = $at["syscall"]
		detail = $at["detail"]
		if ('"$3"') sum += $at[want] }
	END { print sum + 0 }' "$1/strace.tsv"
}

# The log of accesses that no device answers has a name of its own in newer QEMUs
unanswered=guest_errors
! "$build/qemu-system-x86_64" -d help | grep -q '^invalid_mem' ||
	unanswered=invalid_mem

# bare ACCEL N: the bare-metal guest, started only when strace is attached. It
# ends QEMU itself. Leaves the tables in $dir, the device's trace in $dir/trace.
bare()
{
	local args
	dir=$scratch/$1-$2
	mkdir -p "$dir"
	mkfifo "$dir/mon.in" "$dir/mon.out"
	args="-S -monitor pipe:$dir/mon -pidfile $dir/pid"
	[ "$1" != kvm ] || args="$args -D $dir/trace -d $unanswered
		-trace my_rng_mmio_read -trace my_rng_mmio_write"
	QEMU_ARGS=$args LIMIT=60 "$top/vm/exitbench.sh" "$build" --accel "$1" \
		--cases $case_name --iterations "$2" --out "$dir/bench" \
		> "$dir/log" 2>&1 < /dev/null &
	bench=$!
	exec 7<> "$dir/mon.in" 8<> "$dir/mon.out"
	await . "$dir/pid" && attach "$(cat "$dir/pid")" "$dir" --seconds 60 \
		--requests "$2"
	echo cont >&7
	cp "$scratch/trace.log" "$scratch/output"
	wait $bench && wait $tracer
	status=$?
	exec 7>&- 8>&-
	cat "$dir/log" "$scratch/trace.log" > "$scratch/output"
}

# Without KVM an access costs no system call: what the vCPU's thread does is
# its console, a call for each character, and a little memory and locking,
# however many accesses there are.
rest()
{
	echo $(($(count "$1" calls 'thread == "CPU 0/TCG"') -
		$(count "$1" calls 'thread == "CPU 0/TCG" && syscall == "writev"')))
}
bare tcg 200
ok "$status" host/strace/tcg/ends-with-qemu
[ "$(count "$dir" calls 'thread == "CPU 0/TCG" && syscall == "writev"')" -eq \
	"$(cat "$dir/bench/exitbench.log" "$dir/bench/exitbench.tsv" | wc -c)" ]
ok $? host/strace/tcg/one-writev-per-character-of-the-console
few=$(rest "$dir")
bare tcg 5000
[ "$status" -eq 0 ] && [ $((($(rest "$dir") - few) * 20)) -lt 4800 ]
ok $? host/strace/tcg/accesses-cost-no-system-call

# With KVM it is one KVM_RUN each. QEMU's log has every access to the device,
# and those that no device answers: the firmware writes to its own ROM once.
if [ "$("$top/vm/exitbench.sh" "$build" --accel kvm --cases cpuid --iterations 1 \
	--out "$scratch/probe" > /dev/null 2>&1 && echo yes)" = yes ]; then
	bare kvm 200
	ok "$status" host/strace/kvm/ends-with-qemu
	[ "$(count "$dir" calls 'detail == "KVM_RUN"')" -eq \
		"$(count "$dir" errors 'detail == "KVM_RUN"')" ]
	ok $? host/strace/kvm/each-run-ends-with-a-reason-or-an-error
	runs=$(count "$dir" calls 'detail == "KVM_RUN:MMIO"')
	device=$(grep -c '^my_rng_mmio_' "$dir/trace")
	other=$(grep -c '^Invalid ' "$dir/trace")
	echo "# $runs runs for $device accesses to the device, $other to nothing"
	[ "$device" -gt 200 ] && [ "$runs" -eq $((device + other)) ]
	ok $? host/strace/kvm/one-run-for-each-access
else
	skip "the bare-metal guest does not run under KVM here" \
		host/strace/kvm/one-run-for-each-access
fi

# A Linux guest: each line it sends is one sendmsg of QEMU's; strace comes and
# goes without harm.
cat > "$scratch/job" << 'EOF2'
echo exitcost-ready
read -r go <&3
i=0
while [ $i -lt 100 ]; do echo "line $i"; i=$((i + 1)); done
echo sent
read -r go <&3
echo alive
EOF2
ACCEL=tcg "$top/vm/guest.sh" run "$build" --job "$scratch/job" \
	--console "$scratch/console" --limit 120 -- > "$scratch/guest.log" 2>&1 &
vmrun=$!
await '^exitcost-ready' "$scratch/guest.log"
qemu=$(pgrep -P $vmrun)
attach "$qemu" "$scratch/linux" --seconds 60
run "$strace" --pid "$qemu" --out "$scratch/second"
fails_saying "traced already, by process [0-9]+" host/strace/second-tracer-is-told
[ ! -e "$scratch/second" ]
ok $? host/strace/second-tracer-leaves-nothing
kill -USR1 $vmrun
await '^sent' "$scratch/guest.log"
kill -TERM $tracer
wait $tracer
status=$?
cp "$scratch/trace.log" "$scratch/output"
ok "$status" host/strace/sigterm-stops-and-folds
sent=$(($(count "$scratch/linux" calls 'syscall == "sendmsg"') +
	$(count "$scratch/linux" unfinished 'syscall == "sendmsg"')))
[ "$sent" -eq 101 ] || echo "# $sent sendmsg for 101 lines"
[ "$sent" -eq 101 ]
ok $? host/strace/linux/one-sendmsg-for-each-line
[ "$(awk '/^TracerPid:/ { print $2 }' "/proc/$qemu/status")" = 0 ]
ok $? host/strace/linux/lets-go-of-qemu
if [ "$(id -u)" -eq 0 ]; then
	chmod 755 "$scratch"
	mkdir -m 777 "$scratch/nobody"
	run setpriv --reuid 65534 --regid 65534 --clear-groups "$strace" \
		--pid "$qemu" --out "$scratch/nobody/out"
	[ "$status" -eq 77 ] && says 'no permission to trace.*CAP_SYS_PTRACE.*ptrace_scope'
	ok $? host/strace/missing-permission-is-a-skip
	[ -z "$(ls -A "$scratch/nobody")" ]
	ok $? host/strace/missing-permission-leaves-nothing
else
	skip "only root can give permissions away" host/strace/missing-permission-is-a-skip
fi
kill -USR1 $vmrun
wait $vmrun
status=$?
cp "$scratch/guest.log" "$scratch/output"
[ "$status" -eq 0 ] && says '^alive'
ok $? host/strace/linux/guest-goes-on
! find "$scratch" -name '.strace-*' | grep -q .
ok $? host/strace/leaves-no-half-file
done_testing
