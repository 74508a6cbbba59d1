#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a request costs inside the guest: boots the study's guest, runs an exact
# number of requests under the guest kernel's own tracing and under strace, and
# prices that looking.
#
# usage: tracing/guest.sh BUILD [--size S] [--variant V] [--count N] [--out DIR]
#
#   BUILD        build/<variant>
#   --size S     bytes of a request (4k): 4, 64, 512, 4k, 64k, 1M, ...
#   --variant V  one variant and its modes (dma: dma and dma-msi); default: all
#                of BUILD, and null
#   --count N    requests counted per cell (100)
#   --out DIR    where to (a new trace-guest-<UTC time> in this folder)
#
# Leaves in DIR: guest-trace.txt (the guest's trace), guest-count-raw.tsv (the
# same run as userbench and the device counted it), guest-events.tsv (events and
# system calls per request), guest-latency.tsv (the parts of a request, by the
# trace's stamps), guest-strace.txt and .tsv (strace -c -f of userbench),
# guest-looking.tsv (throughput with each kind of looking over without; pairs of
# samples in guest-looking-raw.tsv). Fold a trace again:
# ftracefold --raw guest-count-raw.tsv [--latency] < guest-trace.txt
#
# The events of a request, and the parts between them:
#
#   sys_enter ..enter.. read_begin ..lock.. fill_begin ..fill.. fill_end
#   ..copy.. read_end ..leave.. sys_exit
#
# A request of more than 64 KiB is filled in chunks (copy_and_lock lies between
# two of them); a DMA has dma_start .. dma_done in its fill, in the modes dma-q
# several of them. There and in the modes dma-zc nothing is copied: the caller's pages are pinned in "lock" and given back in
# "copy". The counts must be the device's, or nothing is written. The times are
# those of a traced guest: each event costs some of the time in which it is
# written. userbench's two futex calls a cell are told apart: they are its
# threads' meetings.
#
# By hand, in the shell of 'make shell':
#
#   mount -t tracefs t /sys/kernel/tracing
#   echo 1 > /sys/kernel/tracing/events/my_rng/enable
#
# then 'userbench --device /dev/my_rng0 --seconds 0.1' and look at
# /sys/kernel/tracing/trace.
#
# sample (--variant dma, tcg, some columns and rows left out):
#
#   variant  requests  read_begin  dma_done  irqs  syscalls  theory_syscalls
#   dma      100       1           1         0     1         1
#   dma-msi  100       1           1         1     1         1
#
#   variant  part         n    traced_ns_p50  traced_ns_p99
#   dma-msi  request      100  9724.48        16427.8
#   dma-msi  fill         100  4987.43        6923.81
#   dma-msi  copy         100  1957.92        3125.96
#   dma-msi  dma          100  3465.16        5167.9
#   dma-msi  dma_to_irq   100  2063.07        3087.1
#   dma-msi  irq_to_done  100  1402.09        2080.8
#
#   variant  tool                  n  mbps_off  mbps_on  ratio      ratio_lo   ratio_hi
#   dma      guest-events          5  1383.19   528.594  0.38909    0.363068   0.452445
#   dma      guest-strace          5  1383.19   0.512051 0.000395302  0.000230749  0.0158766
#
# environment: that of vm/guest.sh, with ACCEL=tcg by default; LANE (what the
# rows say, default $ACCEL), INITRAMFS (a guest image with strace in it; made
# anew by default), COST_ROUNDS (5; 0: none), COST_MS (50, per sample), STRACE
# (strace), HOSTTOOLS (build/host), LIMIT (300 s)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../vm/lib.sh"
top=$(dirname "$here")
fold=${HOSTTOOLS:-$top/build/host}/ftracefold
summary=${HOSTTOOLS:-$top/build/host}/stracefold
kernel=${KERNELDIR:-$top/build/kernel}
strace=${STRACE:-strace}
size=4k variant='' count=100 out=''

usage() { die "guest: $* usage: tracing/guest.sh BUILD [--size S] [--variant V] [--count N] [--out DIR]"; }

build=
while [ $# -gt 0 ]; do
	case $1 in
	--help | -h)
		sed -n '3,/^set -eu/{/^set/d;s/^# \{0,1\}//;p}' "$0"
		exit 0
		;;
	--size | --variant | --count | --out)
		[ $# -ge 2 ] || usage "$1 takes a value;"
		declare "${1#--}=$2"
		shift 2
		;;
	-*) usage "unknown option '$1';" ;;
	*)
		[ -z "$build" ] || usage "what is '$1'?"
		build=$1
		shift
		;;
	esac
done
[ -n "$build" ] || usage "no BUILD given;"
case $size in
*[!0-9kKmM]* | '' | [!0-9]* | ?*[kKmM]?*) usage "--size wants bytes, such as 4, 4k or 1M;" ;;
*[kK]) bytes=$((${size%?} * 1024)) ;;
*[mM]) bytes=$((${size%?} * 1048576)) ;;
*) bytes=$size ;;
esac
case $count in '' | *[!0-9]* | 0*) usage "--count wants a number above 0;" ;; esac
case $variant in *[!a-z0-9-]*) usage "--variant wants a variant's name;" ;; esac
parts=("$build/my_rng.ko" "$build/userbench")
[ -z "${INITRAMFS:-}" ] || parts=("$INITRAMFS")
for f in "$build/qemu-system-x86_64" "${parts[@]}" "$kernel/vmlinux" "$fold" "$summary" "${fold%/*}/lookcost"; do
	[ -e "$f" ] || die "guest: $f is missing; run make"
done
ACCEL=${ACCEL:-tcg} choose_lane "$build"
export ACCEL=$lane

made=
[ -n "$out" ] || out=trace-guest-$(date -u +%Y%m%dT%H%M%SZ)
[ -d "$out" ] || made=yes
mkdir -p "$out" || die "guest: cannot create $out"
need_space "$out" 100 "a guest's trace"
run=$out/.guest-$$
guest=

cleanup()
{
	if [ -n "$guest" ]; then
		kill "$guest" 2> /dev/null || :
		wait "$guest" 2> /dev/null || :
	fi
	rm -rf "$run"
	[ -z "$made" ] || rmdir "$out" 2> /dev/null || :
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP
mkdir "$run" "$run/image"

# cells: what userbench shall run, as its globs.
cells()
{
	local v names=$variant
	[ -n "$names" ] || names=$(basename "$build")
	[ "$names" != all ] || names="32 64 fifo dma window ring"
	[ -n "$variant" ] || names="$names null"
	for v in $names; do
		printf "'%s*/read/%s/1' " "$v" "$bytes"
	done
}

# image: the guest's own, with strace in it.
image()
{
	local tools=()
	if command -v "$strace" > /dev/null; then
		cp "$(command -v "$strace")" "$run/image/strace"
		tools=("$run/image/strace")
	else
		say "guest: $strace is missing, so the guest has none; install" \
			"the package strace"
	fi
	"$top/vm/image.sh" "$run/image/initramfs.cpio" "$kernel" \
		"$build/my_rng.ko" "$build/userbench" "${tools[@]}"
}

# job: what the guest does. The clock x86-tsc has full resolution, but counts in
# ticks: the kernel's own calibration goes along.
job()
{
	cat << EOF
lane=${LANE:-$lane} count=$count rounds=${COST_ROUNDS:-5} ms=${COST_MS:-50}
only="--only $(cells)"
EOF
	cat << 'EOF'
t=/sys/kernel/tracing
mount -t tracefs t $t && [ -d $t/events/my_rng ] || {
	echo "the guest's kernel has no tracing (CONFIG_FTRACE, tracefs)"
	exit 1
}
[ -e $t/events/raw_syscalls/filter ] || {
	echo "the guest's kernel has no raw_syscalls events (CONFIG_FTRACE_SYSCALLS)"
	exit 1
}
mhz=$(dmesg | sed -n 's/.*tsc: Detected \([0-9.]*\) MHz.*/\1/p
	s/.*Refined TSC clocksource calibration: \([0-9.]*\) MHz.*/\1/p' | tail -n 1)
clock=local
[ -z "$mhz" ] || ! grep -q x86-tsc $t/trace_clock || clock=x86-tsc
echo $clock > $t/trace_clock
[ $clock = local ] || clock="$clock $mhz MHz"

# bench WRAP ARGUMENT...: userbench, only its system calls being traced (if they
# are at all); WRAP is strace's command line or nothing.
bench()
{
	wrap=$1
	shift
	eval "sh -c 'echo common_pid==\$\$ > $t/events/raw_syscalls/filter
		exec $wrap userbench --study --lane $lane \"\$@\"' sh $* $only" \
		> /tmp/bench.log 2>&1 || {
		cat /tmp/bench.log
		exit 1
	}
}

# tracing KB DRIVER SYSCALLS: an empty trace, and which events go into it.
tracing()
{
	echo 0 > $t/tracing_on
	echo $2 > $t/events/my_rng/enable
	echo $3 > $t/events/raw_syscalls/enable
	echo $1 > $t/buffer_size_kb
	echo > $t/trace
	echo 1 > $t/tracing_on
}

echo "counting $count requests a cell, traced"
tracing 32768 1 1
bench '' --count $count --slice-ms 1000 --raw /out/guest-count-raw.tsv
echo 0 > $t/tracing_on
{
	echo "# clock: $clock"
	cat $t/trace
} > /out/guest-trace.txt

if [ -e /bin/strace ]; then
	echo "counting under strace"
	nodes=$(for n in /dev/my_rng[0-9]* /dev/my_rng_null; do echo -P $n; done)
	tracing 32768 1 0
	bench "strace -qq -f -c -e trace=read $(echo $nodes) -o /out/strace-device.txt" \
		--count $count --slice-ms 1000 --raw /tmp/raw.tsv
	echo 0 > $t/tracing_on
	grep -c ' my_rng_read_begin: ' $t/trace > /out/strace-read-begin.txt
	tracing 1024 0 0
	bench "strace -qq -f -c -o /out/strace-all.txt" \
		--count $count --slice-ms 1000 --raw /tmp/raw.tsv
fi

# What looking costs: the same slices, each kind in turn in each round.
i=1
while [ $i -le $rounds ]; do
	echo "pricing, round $i of $rounds"
	for how in off events events+syscalls strace; do
		with=
		case $how in
		off) tracing 4096 0 0 ;;
		events) tracing 4096 1 0 ;;
		events+syscalls) tracing 4096 1 1 ;;
		strace)
			[ -e /bin/strace ] || continue
			tracing 4096 0 0
			with="strace -qq -f -c -o /tmp/strace.txt"
			;;
		esac
		bench "$with" --rounds 1 --slice-ms $ms --raw /out/cost-$i-$how.tsv
	done
	i=$((i + 1))
done
EOF
}

# boot: runs the job; what it left comes to $run.
boot()
{
	local rc=0
	setpriv --pdeathsig TERM "$top/vm/guest.sh" run "$build" \
		--job "$run/image/job" --out "$run" \
		--console "$run/image/console" --limit "${LIMIT:-300}" -- >&2 &
	guest=$!
	wait "$guest" || rc=$?
	guest=
	[ $rc -eq 0 ] || die "guest: the guest's job failed (status $rc, see above)"
}

# strace_tables: what strace counted; the driver must have seen the same.
strace_tables()
{
	local reads events
	[ -e "$run/strace-all.txt" ] || return 0
	events=$(cat "$run/strace-read-begin.txt")
	"$summary" --summary < "$run/strace-device.txt" > "$run/guest-strace.tsv" ||
		die "guest: strace's table cannot be read"
	reads=$(awk -F '\t' '$1 == "read" { print $2 }' "$run/guest-strace.tsv")
	[ "$reads" = "$events" ] ||
		die "guest: strace saw $reads reads of the device, the driver" \
			"$events; nothing was written"
	{
		echo "Reads of /dev/my_rng*, warm-up and latency calls among them"
		echo "(strace -f -c -P); my_rng_read_begin events meanwhile: $events"
		echo
		cat "$run/strace-device.txt"
		echo
		echo "All system calls of userbench, preparations among them (strace -f -c)"
		echo
		cat "$run/strace-all.txt"
	} > "$run/guest-strace.txt"
	rm "$run"/strace-*.txt
}

# pairs: of each round, each kind of looking beside the same cell without any. A
# round is a block: its pairs share what the host did meanwhile. Some of this
# slows the reference loop itself, so the loop cannot tell what the host disturbed.
pairs()
{
	local f how round
	printf '# exitcost looking-raw 2\nlane\tvariant\tbytes\ttool\tblock\ton\tmbps\treference\n'
	for f in "$run"/cost-*-*.tsv; do
		how=${f##*/cost-*-} how=${how%.tsv} round=${f##*/cost-}
		[ "$how" != off ] || continue
		awk -F '\t' -v OFS='\t' -v how="guest-$how" -v round="${round%%-*}" '
		FNR == 2 { for (i = 1; i <= NF; i++) at[$i] = i }
		FNR < 3 || /^#/ || $at["kind"] != "rate" { next }
		{ mbps = 1000 * $at["calls"] * $at["bytes"] / $at["ns"] }
		NR == FNR { off[$at["variant"]] = mbps; next }
		{
			row = $at["lane"] OFS $at["variant"] OFS $at["bytes"] OFS how
			print row, round, 0, off[$at["variant"]], "-"
			print row, round, 1, mbps, "-"
		}' \
			"$run/cost-${round%%-*}-off.tsv" "$f"
	done | sort -k 4,4 -k 2,2 -k 5,5n -k 6,6n
}

# costs: guest-looking.tsv, throughput with each kind of looking over without.
costs()
{
	[ -e "$run/cost-1-off.tsv" ] || return 0
	pairs > "$run/guest-looking-raw.tsv"
	printf '# end %s\n' \
		"$(($(wc -l < "$run/guest-looking-raw.tsv") - 2))" \
		>> "$run/guest-looking-raw.tsv"
	"${HOSTTOOLS:-$top/build/host}/lookcost" < "$run/guest-looking-raw.tsv" \
		> "$run/guest-looking.tsv"
	rm "$run"/cost-*.tsv
}

job > "$run/image/job"
if [ -z "${INITRAMFS:-}" ]; then
	say "guest: making an image with strace"
	image
	export INITRAMFS=$run/image/initramfs.cpio
fi
say "guest: booting, lane $lane"
boot
for table in events latency; do
	more=()
	[ $table = events ] || more=(--latency)
	"$fold" --raw "$run/guest-count-raw.tsv" "${more[@]}" \
		< "$run/guest-trace.txt" > "$run/guest-$table.tsv" ||
		die "guest: the trace cannot be folded (see above); is there" \
			"space left in $out?"
done
strace_tables
costs
rm -r "$run/image"
mv "$run"/* "$out/" || die "guest: cannot write to $out"
made=
for table in events latency looking; do
	[ -e "$out/guest-$table.tsv" ] || continue
	grep -v '^#' "$out/guest-$table.tsv" | column -t -s $'\t'
	echo
done
echo "Counts are per request; times are those of a traced guest."
say "guest: tables and traces in $out"
