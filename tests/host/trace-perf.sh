#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tracing/perf.sh for real: counts that are known exactly (a process with a
# known number of system calls; a guest under KVM whose accesses its devices
# count), the structure of a profile of the guest, how a trace may end, and what
# is refused.
#
# usage: tests/host/trace-perf.sh BUILD
. "$(dirname "$0")/../tap.sh"
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$1
perf_sh=$top/tracing/perf.sh
unset PERF EVENT FREQ STACK PERF_BUFFER FLAMEGRAPH TOOLS QEMU_ARGS LIMIT
export ACCEL=tcg VMRUN=$top/build/host/vmrun
vmrun='' tracer='' fake=''
trap 'kill $vmrun $tracer $fake 2> /dev/null; wait; rm -rf "$scratch"' EXIT

if ! command -v perf > /dev/null; then
	echo "1..0 # SKIP perf is missing: apt-get install linux-perf"
	exit 0
fi
[ "$(id -u)" -ne 0 ] || [ -d /sys/kernel/tracing/events ] ||
	mount -t tracefs tracefs /sys/kernel/tracing 2> /dev/null
tracepoints=
[ ! -r /sys/kernel/tracing/events/raw_syscalls/sys_enter/id ] || tracepoints=1

# until_says FILE PATTERN: waits for it, half a minute at most.
until_says()
{
	local n=0
	until grep -qs "$2" "$1"; do
		n=$((n + 1))
		[ $n -lt 300 ] || return
		sleep 0.1
	done
}

# trace ARGUMENT...: perf.sh in the background until it is attached. Signals
# that this shell ignores in the background are taken by it.
trace()
{
	rm -rf "$scratch/trace" "$scratch/output"
	perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' "$perf_sh" \
		--out "$scratch/trace" "$@" > "$scratch/output" 2>&1 &
	tracer=$!
	until_says "$scratch/output" '^exitcost: perf: attached$'
}

# traced: until it is done; sets status.
traced()
{
	status=0
	wait "$tracer" || status=$?
	tracer=
}

# value FILE KEY COLUMN: of the row whose first field is KEY.
value()
{
	awk -F '\t' -v key="$2" -v name="$3" '
	NR == 2 { for (i = 1; i <= NF; i++) at[$i] = i }
	NR > 2 && $1 == key { print $at[name] }' "$scratch/trace/$1"
}

# is WANTED GOT NAME: exact equality.
is()
{
	[ -n "$1" ] && [ "$1" = "$2" ] ||
		echo "# expected ${1:-something}, got ${2:-nothing}"
	[ -n "$1" ] && [ "$1" = "$2" ]
	ok $? "host/trace-perf/$3"
}

# calls SYSCALL: how many of it perf trace saw in all threads.
calls()
{
	awk -F '\t' -v name="$1" '$4 == name { n += $5 } END { print n + 0 }' \
		"$scratch/trace/syscalls.tsv"
}

# ---- a process that makes 1000 writes, then ends

# count_writes PART: traces it.
count_writes()
{
	mkfifo "$scratch/bytes"
	"$scratch/qemu-system-dd" bs=1 count=1000 status=none \
		< "$scratch/bytes" > /dev/null &
	fake=$!
	exec 9> "$scratch/bytes"
	trace --pid "$fake" --seconds 30 --only "$1"
	head -c 1000 /dev/zero >&9
	exec 9>&-
	wait "$fake"
	fake=
	traced
	rm "$scratch/bytes"
}

cp "$(command -v dd)" "$scratch/qemu-system-dd"
if [ -n "$tracepoints" ]; then
	count_writes stat
	ok "$status" host/trace-perf/stat-ends-with-the-process
	is 1000 "$(value stat.tsv syscalls:sys_enter_write count)" \
		stat-counts-1000-writes
	# The first read had begun before
	is 999 "$(value stat.tsv syscalls:sys_enter_read count)" \
		stat-counts-999-reads
	count_writes syscalls
	ok "$status" host/trace-perf/syscalls-end-with-the-process
	# perf trace was seen to miss 3 in 1000 where other traces run
	n=$(calls write)
	[ "$n" -le 1000 ] && [ "$n" -ge 990 ]
	ok $? host/trace-perf/syscalls-counts-the-writes
else
	skip "no tracepoints: be root, mount tracefs" \
		host/trace-perf/stat-counts-1000-writes
fi

# ---- the guest, reading registers

cat > "$scratch/job" << 'JOB'
echo exitcost-ready
read -r go <&3
exec userbench --device /dev/my_rng0 --size 64k --seconds 60
JOB
"$top/vm/guest.sh" run "$build" --job "$scratch/job" --limit 100 \
	--console "$scratch/console" -- > "$scratch/guest" 2>&1 &
vmrun=$!
until_says "$scratch/guest" exitcost-ready
qemu=$(pgrep -P "$vmrun")

trace --pid "$qemu" --seconds 4 --only sample
kill -USR1 "$vmrun"
traced
ok "$status" host/trace-perf/sample-succeeds
samples=$(awk -F '\t' 'NR > 2 && !/^#/ { n += $4 } END { print n }' \
	"$scratch/trace/perf.tsv")
is "$(perf report --stats -i "$scratch/trace/perf.data" 2> /dev/null |
	awk '/SAMPLE events:/ { print $3; exit }')" "$samples" \
	sample-has-all-samples-of-perf
awk -F '\t' 'NR <= 2 || /^#/ { next }
	{ all += $6; thread[$2] += $5 }
	function about100(x) { return x > 99.8 && x < 100.2 }
	END { for (t in thread) bad += !about100(thread[t])
	      exit bad || !about100(all) }' "$scratch/trace/perf.tsv"
ok $? host/trace-perf/sample-shares-sum-to-100

# seen THREAD LAYER: has samples.
seen() { grep -qP "^\S+\t$1\t$2\t[1-9]" "$scratch/trace/perf.tsv"; }

for layer in guest tcg dispatch bql device; do
	seen vcpu $layer
	ok $? "host/trace-perf/sample-finds-$layer-in-a-vcpu"
done
awk -F '\t' '$3 == "other" { n += $6 } END { exit n >= 5 }' \
	"$scratch/trace/perf.tsv"
ok $? host/trace-perf/sample-classifies-95-percent
head -n 2 "$scratch/trace/flame.svg" | grep -q '<?xml' &&
	grep -q memory_region_dispatch_read "$scratch/trace/flame.svg" &&
	[ "$(tail -n 1 "$scratch/trace/flame.svg")" = '</svg>' ]
ok $? host/trace-perf/sample-has-a-flame-graph

if [ -n "$tracepoints" ]; then
	trace --pid "$qemu" --seconds 3
	traced
	[ "$status" -eq 0 ] && says 'kvmstat left out: this QEMU does not use KVM' &&
		[ -s "$scratch/trace/perf.tsv" ] &&
		[ "$(value stat.tsv context-switches count)" -gt 0 ] &&
		[ "$(calls ppoll)" -gt 0 ] &&
		grep -q $'^vcpu\tCPU 0/TCG\t' "$scratch/trace/syscalls.tsv"
	ok $? host/trace-perf/all-parts-share-the-time
fi
for file in "$scratch/trace"/*.tsv; do
	[ "$(tail -n 1 "$file")" = "# end $(($(wc -l < "$file") - 3))" ] ||
		echo "# $file is not whole"
done > "$scratch/output"
[ ! -s "$scratch/output" ]
ok $? host/trace-perf/tables-are-whole

# Long traces take fewer samples a second
export FREQ=997
for signal in INT TERM; do
	trace --pid "$qemu" --seconds 600 --only sample
	sleep 0.5
	kill -$signal "$tracer"
	traced
	[ "$status" -eq 0 ] && seen vcpu '\w+'
	ok $? "host/trace-perf/$signal-ends-it-with-what-there-is"
done

# ---- what is left out or refused, with what to do about it

FLAMEGRAPH=$scratch/none run "$perf_sh" --pid "$qemu" --seconds 0.3 \
	--only sample --out "$scratch/plain"
[ "$status" -eq 0 ] && says 'flame.svg left out: .*install libdevel-nytprof-perl' &&
	[ -s "$scratch/plain/perf.tsv" ] && [ ! -e "$scratch/plain/flame.svg" ]
ok $? host/trace-perf/no-flamegraph-leaves-only-it-out
run "$perf_sh" --pid "$qemu" --out "$scratch/plain"
fails_saying 'exists already' host/trace-perf/never-overwrites

# refused STATUS PATTERN NAME ARGUMENT...
refused()
{
	local want=$1 pattern=$2 name=$3
	shift 3
	run "$perf_sh" --out "$scratch/refused" "$@"
	[ "$status" -eq "$want" ] && says "$pattern" &&
		[ ! -e "$scratch/refused" ] &&
		! ls -d "$scratch"/.unfinished* 2> /dev/null
	ok $? "host/trace-perf/$name"
}

refused 1 'pid takes' needs-a-pid
refused 1 'no process 4194303; .*pgrep' refuses-missing-process --pid 4194303
refused 1 'not a qemu-system' refuses-other-programs --pid $$
refused 1 "above 0, not 'x'" refuses-bad-seconds --pid "$qemu" --seconds x
refused 1 "unknown part 'all'; there are: sample,stat" refuses-unknown-part \
	--pid "$qemu" --only all
PERF=no-such-perf refused 77 'skipped: .*install .*linux-perf' \
	missing-perf-is-skipped --pid "$qemu"
printf '#!/bin/sh\ncase $1 in stat | version) exit;; esac\n%s\nexit 255\n' \
	'echo "Permission error mapping pages." >&2' > "$scratch/perf"
chmod +x "$scratch/perf"
PERF=$scratch/perf refused 77 'left out: .*root.*perf_event_paranoid' \
	forbidden-perf-is-skipped --pid "$qemu" --only sample
if [ "$(id -u)" -eq 0 ]; then
	mkdir "$scratch/small"
	if mount -t tmpfs -o size=1m none "$scratch/small" 2> /dev/null; then
		run "$perf_sh" --pid "$qemu" --out "$scratch/small/out"
		umount "$scratch/small"
		fails_saying 'needs 100 MiB.*make room' \
			host/trace-perf/full-disk-is-refused
	fi
fi

# ---- the guest goes away in the middle

trace --pid "$qemu" --seconds 600 --only sample
sleep 0.5
kill "$vmrun"
wait "$vmrun" 2> /dev/null
vmrun=
traced
[ "$status" -eq 0 ] && seen vcpu '\w+'
ok $? host/trace-perf/emulator-that-ends-leaves-a-trace
# What was told to end may still be at it
for _ in {1..50}; do
	pgrep -af "$scratch" > "$scratch/output" || break
	sleep 0.1
done
[ ! -s "$scratch/output" ]
ok $? host/trace-perf/leaves-no-process

# ---- KVM's tracepoints against the device's own trace

# The guest's reads and writes are those in QEMU's trace. KVM announces a read
# before it is done, so it shows twice; and the firmware writes once to its own
# ROM, which is an exit like any other.
counted_by_kvm()
{
	local bench reads writes
	mkfifo "$scratch/mon.in" "$scratch/mon.out"
	cat "$scratch/mon.out" > "$scratch/mon.log" &
	QEMU_ARGS="-S -chardev pipe,id=mon,path=$scratch/mon -mon mon
		-trace my_rng_mmio_read -trace my_rng_mmio_write
		-D $scratch/accesses" "$top/vm/exitbench.sh" "$build" --accel kvm \
		--cases my_rng/mmio_read32 --iterations 200 \
		--out "$scratch/bench" > "$scratch/bench.log" 2>&1 &
	bench=$!
	exec 9> "$scratch/mon.in"
	# Prompts once the machine is there
	until_says "$scratch/mon.log" '(qemu)'
	qemu=$(pgrep -f "^$build/qemu-system-x86_64 .*path=$scratch/mon ")
	trace --pid "$qemu" --seconds 30 --only stat
	echo cont >&9
	wait "$bench"
	ok $? host/trace-perf/kvm-guest-succeeds
	exec 9>&-
	traced
	reads=$(grep -c my_rng_mmio_read "$scratch/accesses")
	writes=$(grep -c my_rng_mmio_write "$scratch/accesses")
	is "$((2 * reads + writes + 1))" "$(value stat.tsv kvm:kvm_mmio count)" \
		kvm-mmio-is-what-the-device-counted
	is "$(value stat.tsv 'ioctl(KVM_RUN)' count)" \
		"$(value stat.tsv kvm:kvm_userspace_exit count)" \
		every-KVM_RUN-ends-in-an-exit-to-user-space
}

if ! has_kvm; then
	skip "/dev/kvm cannot be opened" host/trace-perf/kvm-guest-succeeds
elif [ ! -d /sys/kernel/tracing/events/kvm ]; then
	skip "no kvm tracepoints" host/trace-perf/kvm-guest-succeeds
elif [ ! -e "$top/build/kernel/firmware/qboot.rom" ]; then
	skip "no qboot.rom, and other firmware has exits of its own" \
		host/trace-perf/kvm-guest-succeeds
else
	counted_by_kvm
fi
done_testing
