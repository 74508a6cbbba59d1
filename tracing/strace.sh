#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The system calls of a running QEMU, thread by thread: how many, how long, and
# for ioctl(KVM_RUN) why it came back.
#
# usage: tracing/strace.sh --pid N [--seconds S] [--out DIR] [--requests N]
#
#   --pid N       the QEMU process
#   --seconds S   how long (5); SIGINT, SIGTERM or QEMU's end stop it earlier
#   --out DIR     where to (a new trace-strace-<UTC time> in this folder)
#   --requests N  how many requests the guest makes meanwhile: writes the
#                 system calls per request beside what theory expects
#
# Leaves in DIR: strace.log (the capture), strace-threads.tsv (names of the
# threads), strace.tsv (calls, errors and times per thread and system call),
# strace-summary.txt (strace's own table), strace-requests.tsv. Fold a capture
# again: stracefold --threads strace-threads.tsv [--requests N] < strace.log
#
# One attachment serves both the counts and the latencies (strace -C): the two
# are of the same calls, and must agree. Counts are exact. Every system call
# stops its thread twice, so QEMU is slowed down a lot (KVM_RUN of a register
# loop: 10 times) and the times hold these stops: compare them with each other,
# not with those of an untraced QEMU.
#
# Theory: without KVM an access to a device is a function call, so a vCPU's
# thread makes no system call for it; with KVM each exit to QEMU is one KVM_RUN.
#
# sample (KVM without hardware, bare-metal guest, 295 accesses to my_rng and one
# of the firmware; the ports are its console; the first rows of the vCPU):
#
#   thread     syscall  detail        calls  errors  traced_us_total  traced_us_p50
#   CPU 0/KVM  ioctl    KVM_RUN:IO    821    0       138517           29
#   CPU 0/KVM  futex    -             13     3       103665           26
#   CPU 0/KVM  ioctl    KVM_RUN:MMIO  296    0       25575            61
#   CPU 0/KVM  writev   -             393    0       3639             9
#
# environment: STRACE (strace), HOSTTOOLS (build/host)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../vm/lib.sh"
strace=${STRACE:-strace}
fold=${HOSTTOOLS:-$here/../build/host}/stracefold
pid='' seconds=5 out='' requests=''

# skip TEXT: this tool cannot be used here.
skip()
{
	say "strace: skipped: $*"
	exit 77
}

usage() { die "strace: $* usage: tracing/strace.sh --pid N [--seconds S] [--out DIR] [--requests N]"; }

while [ $# -gt 0 ]; do
	case $1 in
	--help | -h)
		sed -n '3,/^set -eu/{/^set/d;s/^# \{0,1\}//;p}' "$0"
		exit 0
		;;
	--pid | --seconds | --out | --requests)
		[ $# -ge 2 ] || usage "$1 takes a value;"
		declare "${1#--}=$2"
		shift 2
		;;
	*) usage "unknown option '$1';" ;;
	esac
done
case $pid in '' | *[!0-9]*) usage "--pid wants the number of a QEMU process;" ;; esac
case $seconds in '' | *[!0-9.]* | . | *.*.*) usage "--seconds wants a number;" ;; esac
case $requests in *[!0-9]* | 0) usage "--requests wants a number above 0;" ;; esac

command -v "$strace" > /dev/null ||
	skip "$strace is missing; install the package strace"
"$strace" -e kvm=vcpu -V > /dev/null 2>&1 ||
	skip "$strace is too old to tell why KVM_RUN returns; install strace" \
		"4.26 or later"
[ -x "$fold" ] || die "strace: $fold is missing; run make"
[ -d "/proc/$pid" ] || die "strace: there is no process $pid"
IFS= read -r -d '' name < "/proc/$pid/cmdline" || :
case ${name##*/} in
qemu-system-*) ;;
*) die "strace: process $pid is '$name', not a qemu-system" ;;
esac

made=
[ -n "$out" ] || out=trace-strace-$(date -u +%Y%m%dT%H%M%SZ)
[ -d "$out" ] || made=yes
mkdir -p "$out" || die "strace: cannot create $out"
need_space "$out" 20 "a capture of system calls"
run=$out/.strace-$$
tracer='' sleeper=''

# cleanup: strace goes first, so that QEMU is never left stopped.
cleanup()
{
	[ -z "$sleeper" ] || kill "$sleeper" 2> /dev/null || :
	if [ -n "$tracer" ]; then
		kill "$tracer" 2> /dev/null || :
		wait "$tracer" 2> /dev/null || :
	fi
	rm -rf "$run"
	[ -z "$made" ] || rmdir "$out" 2> /dev/null || :
}
trap cleanup EXIT
trap 'exit 129' HUP
mkdir "$run"

# thread_names: adds those that are there now to $run/names.
thread_names()
{
	local t comm
	for t in "/proc/$pid/task/"*; do
		{ read -r comm < "$t/comm"; } 2> /dev/null || continue
		printf '%s\t%s\n' "${t##*/}" "${comm//$'\t'/ }"
	done >> "$run/names"
}

# threads: strace-threads.tsv; the name that a thread had last counts.
threads()
{
	awk -F '\t' -v OFS='\t' '{ name[$1] = $2 }
	END {
		print "# exitcost threads 1"; print "tid", "thread"
		for (t in name) { print t, name[t] | "sort -n"; n++ }
		close("sort -n")
		print "# end " n + 0
	}' "$run/names" > "$run/strace-threads.tsv"
}

# refused: why strace did not attach, and how to mend it.
refused()
{
	local why scope=/proc/sys/kernel/yama/ptrace_scope tracing_pid
	why=$(tail -n 1 "$run/messages")
	tracing_pid=$(awk '/^TracerPid:/ { print $2 }' "/proc/$pid/status" \
		2> /dev/null || :)
	[ "${tracing_pid:-0}" = 0 ] ||
		die "strace: process $pid is traced already, by process" \
			"$tracing_pid; end that one first"
	case $why in
	*"not permitted"*)
		skip "no permission to trace process $pid: run as root (with" \
			"CAP_SYS_PTRACE), or as QEMU's user with 'sysctl" \
			"kernel.yama.ptrace_scope=0' (now:" \
			"$(cat $scope 2> /dev/null || echo no such setting))"
		;;
	esac
	die "strace: cannot attach to process $pid: ${why:-no reason given}"
}

# Numbers instead of decoded arguments keep each stop short and the file small;
# only an ioctl's name is wanted.
attach()
{
	setpriv --pdeathsig TERM "$strace" -C -f -T -ttt -s 0 -e raw='!ioctl' \
		-e kvm=vcpu -o "$run/strace.log" -p "$pid" \
		2> "$run/messages" < /dev/null &
	tracer=$!
	until grep -q "Process $pid attached" "$run/messages"; do
		kill -0 "$tracer" 2> /dev/null || {
			wait "$tracer" || :
			tracer=
			refused
		}
		sleep 0.05
	done
}

# until_stopped: returns after the time, at a signal, or when QEMU is gone.
until_stopped()
{
	sleep "$seconds" &
	sleeper=$!
	[ -n "$stopped" ] || wait -n "$tracer" "$sleeper" || :
	kill "$sleeper" 2> /dev/null || :
	sleeper=
	[ ! -d "/proc/$pid" ] || thread_names
	kill "$tracer" 2> /dev/null || :
	wait "$tracer" 2> /dev/null || :
	tracer=
}

stopped=
trap 'stopped=yes; [ -z "$sleeper" ] || kill "$sleeper" 2> /dev/null || :' INT TERM
thread_names
attach
say "strace: attached"
until_stopped
trap 'exit 130' INT TERM

threads
fold_into()
{
	local table=$1
	shift
	"$fold" --threads "$run/strace-threads.tsv" "$@" < "$run/strace.log" \
		> "$run/$table" || die "strace: the capture cannot be folded" \
		"(see above); is there space left in $out?"
}
fold_into strace.tsv
[ -z "$requests" ] || fold_into strace-requests.tsv --requests "$requests"
sed -n '/^% time/,$p' "$run/strace.log" > "$run/strace-summary.txt"
rm -f "$run/names" "$run/messages"
mv "$run"/* "$out/" || die "strace: cannot write to $out"
made=
for table in strace.tsv ${requests:+strace-requests.tsv}; do
	grep -v '^#' "$out/$table" | column -t -s $'\t'
done
echo "The times hold strace's own stops, two a call."
say "strace: tables and capture in $out"
