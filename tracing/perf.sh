#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Looks at a running QEMU with perf: where its time goes, by thread and layer,
# with a flame graph; software events and KVM's tracepoints; system calls.
#
# usage: tracing/perf.sh --pid N [--seconds S] [--out DIR] [--only PARTS]
#
# S (5) is shared equally by the parts, one after the other, since one disturbs
# the other; PARTS is a list of them with commas (all):
#   sample    call chains, by hardware cycles or else cpu-clock: the least
#             disturbance, below this project's noise
#   stat      perf stat: software events, system calls, all of kvm:*, counted
#             exactly; an exit of KVM gets some 15 % slower
#   syscalls  perf trace -s: calls and their times; an exit of KVM to QEMU gets
#             several times slower. It misses up to three calls in a thousand
#             at times, and does not say so: stat has the exact counts
#   kvmstat   perf kvm stat: exits and their times by reason; needs a KVM with
#             hardware behind it
# A part that cannot run is left out and the line that says so says what to do.
# SIGINT and SIGTERM end the trace early, with what there is.
#
# Leaves in DIR (trace-perf-<UTC time>): perf.tsv (thread by layer), symbols.tsv
# (by function), stacks.txt (folded chains), flame.svg, stat.tsv, syscalls.tsv,
# summary.txt, and what perf wrote: perf.data, stat.csv, syscalls.txt,
# kvmstat.data. Columns:
#   perf.tsv      event thread layer samples pct_thread pct_all
#   symbols.tsv   event thread layer symbol samples pct_all
#   stat.tsv      event count unit per_s pct_counted
#   syscalls.tsv  thread comm tid syscall calls errors ms_total ms_avg ms_max
# environment: PERF (perf), EVENT (chosen), FREQ in Hz (997, less in long
# traces), STACK bytes kept of each sample's stack (8192), PERF_BUFFER (4M),
# FLAMEGRAPH (flamegraph.pl), TOOLS (build/host)
#
# Exit: 0; 77 nothing could be traced for want of perf or a permission; 1.
#
# sample output (tcg, 64 KiB reads by 32-bit register; shortened):
#   == sample, 2.002 s: cpu-clock, 997 Hz; % of the thread, % of all
#   event      thread  layer      samples  pct_thread  pct_all
#   cpu-clock  vcpu    guest      192      15.46       14.98
#   cpu-clock  vcpu    tcg        274      22.06       21.37
#   cpu-clock  vcpu    dispatch   428      34.46       33.39
#   cpu-clock  vcpu    bql        263      21.18       20.51
#   cpu-clock  vcpu    device     69       5.56        5.38
#   cpu-clock  main    kernel     23       57.50       1.79
#
#   == stat, 2.011 s: those that occurred
#   event                     count    unit  per_s    pct_counted
#   task-clock                1409.61  msec  700.95   100.00
#   context-switches          2936     -     1459.97  100.00
#   syscalls:sys_enter_futex  2082     -     1035.31  100.00
#
#   == syscalls, 2.006 s: perf trace -s
#   thread  comm             tid   syscall  calls  errors  ms_total  ms_avg  ms_max
#   main    qemu-system-x86  4787  ppoll    865    0       1759.428  2.034   12.266
#   vcpu    CPU 0/TCG        4789  futex    1126   96      162.856   0.145   8.786
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../vm/lib.sh
. "$here/../vm/lib.sh"
export LC_ALL=C
perf=${PERF:-perf}
tools=${TOOLS:-$here/../build/host}
tracing=/sys/kernel/tracing
ioctls=$tracing/events/syscalls/sys_enter_ioctl
KVM_RUN=$((0xae80))
flamegraph=${FLAMEGRAPH:-/usr/share/perl5/Devel/NYTProf/flamegraph.pl}
parts="sample stat syscalls kvmstat"
# Unwinding takes a fraction of a millisecond a sample: a bound for the fold
samples_max=20000

usage() { sed -n '3,/^# Exit:/s/^# \{0,1\}//p' "$0"; }
misused() { die "$*; see tracing/perf.sh --help"; }

skip()
{
	say "skipped: $*"
	exit 77
}

# options ARGUMENT...: sets pid, seconds, out and parts.
options()
{
	local only=''
	pid='' seconds=5 out=''
	while [ $# -gt 0 ]; do
		case $1 in
		--help | -h)
			usage
			exit 0
			;;
		--pid | --seconds | --out | --only)
			[ $# -ge 2 ] || misused "$1 takes a value"
			;;
		*) misused "unknown option '$1'" ;;
		esac
		case $1 in
		--pid) pid=$2 ;;
		--seconds) seconds=$2 ;;
		--out) out=$2 ;;
		--only) only=${2//,/ } ;;
		esac
		shift 2
	done
	[[ $pid =~ ^[1-9][0-9]*$ ]] || misused "--pid takes QEMU's process id"
	[[ $seconds =~ ^[0-9]+(\.[0-9]+)?$ && $seconds =~ [1-9] ]] ||
		misused "--seconds takes a number above 0, not '$seconds'"
	local part
	for part in $only; do
		[[ " $parts " == *" $part "* ]] ||
			misused "unknown part '$part'; there are: ${parts// /,}"
	done
	parts=${only:-$parts}
	out=${out:-trace-perf-$(date -u +%Y%m%dT%H%M%SZ)}
	[ ! -e "$out" ] || die "$out exists already; nothing is overwritten"
}

# alive: without a child, see follow.
alive()
{
	local stat=
	{ read -r stat < "/proc/$pid/stat"; } 2> /dev/null || return
	# After the name, which may hold anything
	[[ ${stat##*) } != [ZX]* ]]
}

# check_process: it must be there, and a QEMU.
check_process()
{
	local exe
	alive || die "there is no process $pid; 'pgrep -a qemu-system' lists" \
		"those of QEMU"
	exe=$(readlink "/proc/$pid/exe" 2> /dev/null ||
		cat "/proc/$pid/comm" 2> /dev/null || :)
	case ${exe##*/} in
	qemu-system-*) ;;
	*) die "process $pid is ${exe:-unknown}, not a qemu-system;" \
		"'pgrep -a qemu-system' lists those" ;;
	esac
	kvm=
	case $(ls -l "/proc/$pid/fd" 2> /dev/null || :) in
	*anon_inode:kvm-vcpu*) kvm=1 ;;
	esac
	[ "$(cat "/proc/$pid/task/"*/comm | sort -u | wc -l)" -gt 1 ] ||
		say "perf: QEMU's threads have no names, so only vCPUs are told" \
			"apart; start it with -name NAME,debug-threads=on"
}

# left_out PART REASON: says so, here and in the summary.
left_out()
{
	local part=$1
	shift
	say "perf: $part left out: $*"
	echo "$part left out: $*" >> "$tmp/left-out"
}

# obstacle PART: what keeps this part from running, if anything is known.
obstacle()
{
	local mount="mount -t tracefs tracefs $tracing"
	case $1 in
	syscalls | kvmstat)
		[ -d $tracing/events/raw_syscalls ] || {
			echo "it needs root and tracefs: $mount"
			return
		}
		;;
	esac
	[ "$1" = kvmstat ] || return 0
	if [ -z "$kvm" ]; then
		echo "this QEMU does not use KVM"
	elif [ ! -d $tracing/events/kvm/kvm_exit ]; then
		echo "this kernel has no tracepoint kvm:kvm_exit"
	elif ! grep -qwE 'vmx|svm' /proc/cpuinfo; then
		echo "this KVM has no hardware behind it and never reports" \
			"kvm_exit; stat has its exits to user space"
	fi
}

# choose_event: sets event, of which samples are taken.
choose_event()
{
	event=${EVENT:-}
	[ -z "$event" ] || return 0
	# G: in the guest too, which perf leaves out unless asked for it
	event=cycles${kvm:+:GH}
	! "$perf" stat -x , -e "$event" -- true 2>&1 | grep -qE '^[0-9]' ||
		return 0
	event="cpu-clock"
	say "perf: no hardware counters here; the event is cpu-clock"
}

# stat_events: what perf stat counts, as far as there is leave to.
stat_events()
{
	local list name
	list=task-clock,context-switches,cpu-migrations,page-faults,major-faults
	if [ -d $tracing/events/raw_syscalls ]; then
		list=$list,raw_syscalls:sys_enter
		for name in ioctl ppoll poll futex read write; do
			[ ! -d $tracing/events/syscalls/sys_enter_$name ] ||
				list=$list,syscalls:sys_enter_$name
		done
	else
		say "perf: stat goes without tracepoints; as root:" \
			"mount -t tracefs tracefs $tracing"
	fi
	[ -z "$kvm" ] || [ ! -d $tracing/events/kvm ] || list="$list,kvm:*"
	printf '%s\n' "$list"
}

# command_for PART: sets the array command.
command_for()
{
	local buffer=()
	[ "$(id -u)" -ne 0 ] || buffer=(-m "${PERF_BUFFER:-4M}")
	case $1 in
	sample)
		command=("$perf" record -q -N -e "$event" -F "$freq"
			--call-graph "dwarf,${STACK:-8192}" "${buffer[@]}"
			-o "$tmp/perf.data")
		! "$perf" version --build-options 2> /dev/null |
			grep -q 'zstd: \[ on' || command+=(-z)
		;;
	stat)
		command=("$perf" stat -x ';' -o "$tmp/stat.csv"
			-e "$(stat_events)")
		# Last, and again: those that are KVM_RUN
		[ -z "$kvm" ] || [ ! -d $ioctls ] ||
			command+=(-e syscalls:sys_enter_ioctl
				--filter "cmd == $KVM_RUN")
		;;
	syscalls)
		command=("$perf" trace -s "${buffer[@]}"
			-o "$tmp/syscalls.txt")
		;;
	kvmstat)
		command=("$perf" kvm stat record -o "$tmp/kvmstat.data")
		;;
	esac
	command+=(-p "$pid")
}

# attach COMMAND...: starts a perf. It counts when it starts the program it is
# given, which says so by a file and then waits for the end: time, or a line to
# stop. (A line that comes when a read of bash times out is lost.)
attach()
{
	rm -f "$tmp/attached"
	# shellcheck disable=SC2016
	setsid "$@" -- bash -c 'begin=$EPOCHREALTIME
		: > "$1"
		read -r -t "$2" <> "$3" || :
		echo "$begin $EPOCHREALTIME" > "$4"' exitcost \
		"$tmp/attached" "$share" "$tmp/stop" "$tmp/times" \
		> "$tmp/log" 2>&1 < /dev/null &
	tool=$!
	while [ ! -e "$tmp/attached" ]; do
		kill -0 "$tool" 2> /dev/null || return
		read -r -t 0.1 <&6 || :
	done
	if [ -z "${announced:-}" ]; then
		say "perf: attached"
		announced=1
	fi
}

# follow: until the perf ends; ends it when asked to or when QEMU is gone. No
# child is waited for meanwhile: a SIGINT that comes then may get lost in bash.
follow()
{
	local told='' last=$((SECONDS + 10#${share%.*} + 60))
	while kill -0 "$tool" 2> /dev/null; do
		if [ -z "$told" ] && { [ -n "$stop" ] || ! alive; }; then
			echo >&5
			told=1
		fi
		[ "$SECONDS" -le "$last" ] || kill -KILL "$tool" 2> /dev/null || :
		read -r -t 0.1 <&6 || :
	done
}

# why_failed PART: of a perf that ended with an error; stops where all would.
why_failed()
{
	local paranoid
	alive || return 0
	! grep -q 'No space left' "$tmp/log" ||
		die "the disk is full: make room for $(dirname "$out")"
	if grep -qiE 'permission|not permitted|paranoid|operations is limited|CAP_' \
			"$tmp/log"; then
		paranoid=$(cat /proc/sys/kernel/perf_event_paranoid)
		left_out "$1" "perf may not look at process $pid: be root, or" \
			"own it and set sysctl kernel.perf_event_paranoid=-1" \
			"(it is $paranoid)"
	else
		left_out "$1" "perf failed:" \
			"$(grep -v '^ *$' "$tmp/log" | tail -n 1)"
	fi
}

# end_program: a perf whose process has ended does not always end its program.
end_program() { kill -TERM -- "-$tool" 2> /dev/null || :; }

# take PART: one part's time. Its seconds are in $tmp/PART.seconds.
take()
{
	local begin=$EPOCHREALTIME rc=0
	command_for "$1"
	rm -f "$tmp/times"
	attach "${command[@]}" || :
	[ "$1" = "$first" ] || say "perf: $1"
	follow
	wait "$tool" || rc=$?
	end_program
	tool=
	if [ $rc -ne 0 ] && alive; then
		why_failed "$1"
		return
	fi
	# An emulator that ended took perf and its program with it
	[ -s "$tmp/times" ] || echo "$begin $EPOCHREALTIME" > "$tmp/times"
	awk '{ s = $2 - $1; printf "%.3f\n", (s > 0 ? s : 0.001) }' \
		"$tmp/times" > "$tmp/$1.seconds"
}

# fold PROGRAM INPUT OUTPUT [ARGUMENT...]; status 1 when it refuses.
fold()
{
	local program=$1 input=$2 output=$3
	shift 3
	"$tools/$program" "$@" < "$tmp/$input" > "$tmp/$output" \
		2> "$tmp/log" && return
	rm -f "$tmp/$output"
	! grep -q 'No space left' "$tmp/log" ||
		die "the disk is full: make room for $(dirname "$out")"
	return 1
}

fold_sample()
{
	local n guest=()
	# Samples taken in a KVM guest are dropped, silently, without this
	! "$perf" script -h 2>&1 | grep -q -e --guest-code ||
		guest=(--guest-code)
	"$perf" script --no-inline "${guest[@]}" -i "$tmp/perf.data" \
		-F comm,pid,tid,event,ip,sym,dso > "$tmp/script" \
		2> "$tmp/log" || return
	n=$("$perf" report --stats -i "$tmp/perf.data" 2> /dev/null |
		awk '/SAMPLE events:/ { print $3; exit }')
	fold perffold script perf.tsv --samples "${n:-0}" &&
		fold perffold script symbols.tsv --symbols &&
		fold perffold script stacks.txt --stacks || return
	rm "$tmp/script"
	flame
}

flame()
{
	[ -e "$flamegraph" ] && command -v perl > /dev/null || {
		left_out "flame.svg" "no $flamegraph; install" \
			"libdevel-nytprof-perl, or set FLAMEGRAPH"
		return 0
	}
	perl "$flamegraph" --title "QEMU by $event, $freq Hz" \
		--countname samples "$tmp/stacks.txt" > "$tmp/flame.svg" \
		2> "$tmp/log" || {
		rm -f "$tmp/flame.svg"
		left_out "flame.svg" "$(tail -n 1 "$tmp/log")"
	}
}

fold_stat()
{
	awk -F ';' -v OFS=';' '
	$3 == "syscalls:sys_enter_ioctl" && n++ { $3 = "ioctl(KVM_RUN)" }
	{ print }' "$tmp/stat.csv" > "$tmp/named" &&
		mv "$tmp/named" "$tmp/stat.csv" &&
		fold perfstat stat.csv stat.tsv --seconds "$(cat "$tmp/stat.seconds")"
}

fold_syscalls() { fold perfsys syscalls.txt syscalls.tsv --pid "$pid"; }

fold_kvmstat()
{
	local kind
	for kind in vmexit mmio ioport; do
		printf '\n== perf kvm stat report --event=%s\n' $kind
		"$perf" kvm -i "$tmp/kvmstat.data" stat report \
			--event=$kind 2>&1 < /dev/null || return
	done > "$tmp/kvmstat.txt"
}

# table FILE: its rows as columns, without what was never seen.
table()
{
	awk -F '\t' '!/^#/ && $2 != "0"' "$1" | column -t -s $'\t'
}

summary()
{
	local part
	for part in $done_parts; do
		printf '== %s, %s s' "$part" "$(cat "$tmp/$part.seconds")"
		case $part in
		sample)
			printf ': %s, %s Hz; %% of the thread, %% of all\n' \
				"$event" "$freq"
			table "$tmp/perf.tsv"
			printf '\n-- by function\n'
			table "$tmp/symbols.tsv" | head -n 41
			;;
		stat)
			printf ': those that occurred\n'
			table "$tmp/stat.tsv"
			;;
		syscalls)
			printf ': perf trace -s\n'
			table "$tmp/syscalls.tsv"
			;;
		kvmstat) cat "$tmp/kvmstat.txt" ;;
		esac
		echo
	done
	cat "$tmp/left-out" 2> /dev/null || :
}

cleanup()
{
	if [ -n "${tool:-}" ]; then
		echo >&5 || :
		kill -TERM "$tool" 2> /dev/null || :
		wait "$tool" 2> /dev/null || :
		end_program
	fi
	rm -rf "$tmp"
}

options "$@"
command -v "$perf" > /dev/null ||
	skip "$perf is missing; install the package linux-perf"
check_process
for program in perffold perfstat perfsys; do
	[ -x "$tools/$program" ] || die "$tools/$program is missing; run make" \
		"build/host/$program"
done
need_space "$(dirname "$out")" 100 "a trace"
tmp=$(dirname "$out")/.unfinished-perf-$$
mkdir "$tmp" || die "cannot create $tmp"
trap cleanup EXIT
stop=
trap 'stop=1' INT TERM HUP
mkfifo "$tmp/stop" "$tmp/never"
exec 5<> "$tmp/stop" 6<> "$tmp/never"

[ -d $tracing/events ] || [ "$(id -u)" -ne 0 ] ||
	mount -t tracefs tracefs $tracing 2> /dev/null || :
wanted=
for part in $parts; do
	trouble=$(obstacle "$part")
	if [ -n "$trouble" ]; then
		left_out "$part" "$trouble"
	else
		wanted="$wanted $part"
	fi
done
[ -n "$wanted" ] || exit 77
# shellcheck disable=SC2086
set -- $wanted
share=$(awk -v s="$seconds" -v n=$# 'BEGIN { printf "%.3f", s / n }')
freq=${FREQ:-$(awk -v s="$share" -v most=$samples_max 'BEGIN {
	f = int(most / s); print (f > 997 ? 997 : f < 19 ? 19 : f) }')}
[[ " $* " != *" sample "* ]] || choose_event

first=$1
for part; do
	[ -z "$stop" ] && alive || {
		left_out "$part" "the trace ended before its turn"
		continue
	}
	take "$part"
done
# Whoever is impatient now gets nothing, rather than half
trap 'exit 130' INT TERM HUP

done_parts=
for part; do
	[ -e "$tmp/$part.seconds" ] || continue
	if "fold_$part"; then
		done_parts="$done_parts $part"
	else
		left_out "$part" "$(tail -n 1 "$tmp/log")"
	fi
done
[ -n "$done_parts" ] || exit 77
summary > "$tmp/summary.txt" || die "cannot write; is the disk full?"
rm -f "$tmp"/{attached,stop,never,times,log,script,left-out} "$tmp"/*.seconds
mv -T "$tmp" "$out" || die "cannot move the trace to $out"
sed '/^-- by function/,/^$/d' "$out/summary.txt"
say "perf: $out: $(cd "$out" && echo -- * | cut -c4-)"
