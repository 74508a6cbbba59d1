#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The nested lane: KVM's exits counted on a host without KVM. A machine of
# QEMU's software CPU, which emulates AMD's virtualization (L1), boots the
# guest's kernel with kvm-amd and runs in it, under KVM, what the kvm lane runs
# on a host: vm/time.sh and vm/count.sh with the study's guest (L2), or
# tracing/trace.sh.
#
# usage: vm/nested.sh BUILD OUTDIR [PASS...]     PASS: time, count, trace
#
# Leaves in OUTDIR what the passes (time and count, unless named) leave, and
# console-l1.log and host-l1.tsv (what kind of host L1 is, see host_state). Lines from inside start with [L1], from the guest within with
# [L1] [L2]. environment: that of tracing/trace.sh, and
# BENCH_ARGS, SPLIT_ARGS, COUNT_ARGS (userbench's arguments for the passes; the
# defaults fit the lane's speed), COUNT_CALLS, KEEP_TRACE, GENERATOR, KERNELDIR,
# PERF, LIMIT (900 s for all of it)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
top=$(dirname "$here")
build=$1 out=$2
shift 2
passes=${*:-time count}
kernel=${KERNELDIR:-$top/build/kernel}
tools=$top/build/host
perf=${PERF:-perf}
variant=$(basename "$build")

# L1 has one CPU: with two, each in a thread of its own, emulated virtualization
# of QEMU 7.2 went wrong about once a minute (L2 or L1 died of page faults that
# made no sense); one takes no longer. Its CPU does without what KVM hands on
# half only: AVX state has another size in L2 than its kernel expects.
l1_cpu=max,la57=off,pku=off,xsave=off,avx=off

needs()
{
	local module
	command -v "$perf" > /dev/null ||
		die "$perf is missing, without it exits cannot be counted;" \
			"install the package linux-perf"
	[ ! -e "$kernel/modules" ] && return # all built in, as far as we know
	module=$(find -L "$kernel/modules/kernel/arch/x86/kvm" \
		-name 'kvm-amd.ko*' 2> /dev/null | head -n 1 || :)
	[ -n "$module" ] ||
		die "the guest's kernel package has no module kvm-amd (in" \
			"$(realpath "$kernel/modules")), so there is no nested" \
			"lane and no count of exits on a host without KVM; use" \
			"a kernel with CONFIG_KVM_AMD (KERNEL=, KDIR=," \
			"KMODULES=), or ACCEL=kvm or tcg"
}

# long_reads: globs of reads of 64 KiB, without those of thousands of exits, each of
# which takes 1 to 3 s here.
long_reads()
{
	printf '%s ' 'null*/read/65536/1'
	case $variant in
	all | fifo) printf '%s ' fifo/read/65536/1 ;;
	esac
	case $variant in
	all | dma) printf '%s ' 'dma*/read/65536/1' ;;
	esac
	case $variant in
	all | window) printf '%s ' 'window*/read/65536/1' ;;
	esac
	case $variant in
	all | ring) printf '%s ' ring/read/65536/1 ;;
	esac
}

# timed: cells of the timed pass, as globs. The lane is there for its counts: times
# are taken of what the model and the split need.
timed()
{
	printf '%s ' '*/read/4/1' '*/read/4096/1' '*/ioctl/*/1' getppid ioctl0 \
		virtio-rng/hwrng/4096/1 'memcpy/*/65536/1'
	if [ -n "${QUICK:-}" ]; then
		long_reads
	else
		printf '%s ' '*/read/65536/1' null/read/1048576/1
	fi
	case $variant in
	all | dma) printf '%s ' dma/read/1048576/1 'dma-zc/read*/1048576/1' ;;
	esac
	case $variant in
	all | window) printf '%s ' window/read/1048576/1 ;;
	esac
}

# apart: cells of what is taken apart, as globs: reads of 64 KiB only where they are
# no thousands of exits.
apart()
{
	printf '%s ' '*/read/4/1' '*/read/4096/1' getppid ioctl0 'copy/*'
	case $variant in
	all | fifo) printf '%s ' fifo/read/65536/1 'fifo+*/read/65536/1' ;;
	esac
	case $variant in
	all | dma) printf '%s ' 'dma*/read/65536/1' 'ram-zc/*' ;;
	esac
	case $variant in
	all | window) printf '%s ' 'window*/read/65536/1' ;;
	esac
}

# cells: those of the counted pass, as globs. An access to a register is an exit of
# some 0.1 ms here: 64 KiB by 32-bit reads take 1 to 3 s a call, and 1 MiB is
# left to the paths where that is not half a minute.
cells()
{
	local size sizes="4 4096"
	[ -n "${QUICK:-}" ] || sizes="$sizes 64 512 16384 65536"
	for size in $sizes; do printf '%s ' "*/read/$size/1"; done
	[ -z "${QUICK:-}" ] || long_reads
	printf '%s ' '*/ioctl/*/1' getppid ioctl0 null/read/1048576/1 \
		virtio-rng/hwrng/4/1 virtio-rng/hwrng/4096/1
	case $variant in
	all | dma) printf '%s ' dma/read/1048576/1 \
		dma-msi/read/1048576/1 'dma-zc*/read*/1048576/1' \
		dma-q/read/1048576/1 ;;
	esac
	[ "$variant" = dma ] || printf '%s ' '*/mmap/4096/1'
	[ "$variant" = dma ] || [ -n "${QUICK:-}" ] || printf '%s ' '*/mmap/65536/1'
	case $variant in
	all | window)
		printf '%s ' window/read/1048576/1 window/mmap/1048576/1
		;;
	esac
	case $variant in
	all | ring) printf '%s ' ring/read/1048576/1 ring/mmap/1048576/1 ;;
	esac
}

# only GLOB...: as an option of userbench; quoted, for the guest's shell.
only()
{
	printf -- '--only'
	printf " '%s'" "$@"
}

# tree: this checkout as L1 sees it, in /exitcost: only what the passes need.
tree()
{
	local to=$1/exitcost
	mkdir -p "$to/vm" "$to/build/$variant" "$to/build/host" \
		"$to/build/kernel/firmware"
	cp "$here"/{lib,guest,time,count}.sh "$to/vm/"
	if [[ $passes == *trace* ]]; then # a profile wants the symbols
		cp -r "$top/tracing" "$to/"
		find "$tools" -maxdepth 1 -type f -perm -u+x \
			-exec cp -t "$to/build/host" {} +
		cp "$build/qemu-system-x86_64" "$to/build/$variant/"
	else
		strip -o "$to/build/$variant/qemu-system-x86_64" \
			"$build/qemu-system-x86_64"
	fi
	cp "$build/initramfs.cpio.gz" "$to/build/$variant/"
	cp "$tools/vmrun" "$to/build/host/"
	cp -L "$kernel/vmlinux" "$to/build/kernel/"
	cp -L "$kernel"/firmware/{bios*,kvmvapic,linuxboot*,pvh}*.bin \
		"$to/build/kernel/firmware/"
}

# job: in L1. Its exit status is that of the first pass that failed.
job()
{
	# Each pass gets less than half, so that a hung L2 is ended, and shown, by
	# L1 before L1 itself is.
	local cells timed apart limit=$((${LIMIT:-900} * 2 / 5))
	local -A runs=([time]="vm/time.sh build/$variant /out"
		[count]="vm/count.sh build/$variant /out record"
		[trace]="tracing/trace.sh build/$variant")
	set -f
	cells=$(cells)
	timed=$(timed)
	apart=$(apart)
	cat << EOF
[ -e /dev/kvm ] || {
	echo "L1's kernel has no usable kvm-amd: /dev/kvm is missing, so nothing"
	echo "can run under KVM in it; see its console"
	exit 1
}
cd /exitcost
bash -c '. vm/lib.sh; host_state' > /out/host-l1.tsv
# One CPU for L2: with two, QEMU's emulated SVM was seen to hang or reset it.
export SMP=1 ACCEL=kvm LANE=nested GENERATOR='${GENERATOR:-glibc}' LIMIT=$limit
export COUNT_CALLS='${COUNT_CALLS:-}' KEEP_TRACE='${KEEP_TRACE:-}'
export QUICK='${QUICK:-}'
export BOOTS='${BOOTS:-1}' STUDY_SECONDS=0 SUMMARIZE=
export BENCH_ARGS="${BENCH_ARGS---max-call 10 --slice-ms 20 --seconds $([ -n "${QUICK:-}" ] && echo 15 || echo 45) $(only $timed)}"
export SPLIT_ARGS="${SPLIT_ARGS---max-call 10 --slice-ms 20 --seconds $([ -n "${QUICK:-}" ] && echo 10 || echo 25) $(only $apart)}"
export TOOL='${TOOL:-all}' SIZE='${SIZE:-4k}' SECONDS_ON='${SECONDS_ON:-}'
export LOAD_PATH='${LOAD_PATH:-}' RESULTS=/tmp/results PAIRS=0
export INITRAMFS=\$PWD/build/$variant/initramfs.cpio.gz
export COUNT_ARGS="${COUNT_ARGS---max-call 10 $(only $cells)}"
exec bash -c '
set -o pipefail
pass()
{
	"\$@" 2>&1 | while IFS= read -r line; do
		case \$line in
		"exitcost: "*) echo "\$line" ;;
		*) echo "[L2] \$line" ;;
		esac
	done
}
$(for pass in $passes; do
	echo "echo \"pass: $pass\" && pass ${runs[$pass]} || exit"
done)
[ ! -d /tmp/results ] || cp -r /tmp/results/. /out/
'
EOF
}

needs
mkdir -p "$out"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
start=$SECONDS
mkdir "$scratch/overlay"
tree "$scratch/overlay"
programs=(/bin/bash "$(command -v "$perf")")
[[ $passes != *trace* ]] ||
	programs+=("$(command -v jq)" "$(command -v setpriv)" "$(command -v column)"
		"$(command -v sort)" "$(command -v strace || echo /bin/true)")
OVERLAY=$scratch/overlay MODULES="kvm-amd" "$here/image.sh" \
	"$scratch/l1.cpio" "$kernel" - ${programs[@]+"${programs[@]}"}
job > "$scratch/job"
say "nested lane: booting L1, a software machine with KVM in it"
rc=0
"$tools/vmrun" --job "$scratch/job" --out "$out" \
	--console "$out/console-l1.log" --limit "${LIMIT:-900}" -- \
	"$build/qemu-system-x86_64" -M q35 -cpu $l1_cpu \
	-accel tcg -smp 1 -m 3072 -L "$kernel/firmware" \
	-nodefaults -display none \
	-kernel "$kernel/vmlinux" \
	-initrd "$scratch/l1.cpio" \
	-append "console=ttyS0 quiet loglevel=5 tsc=reliable no_timer_check \
panic=-1 random.trust_cpu=on pci=noearly,lastbus=0" |
	sed -u 's/^/[L1] /' || rc=$?
if [ $rc -ne 0 ]; then
	say "nested lane: failed after $((SECONDS - start)) s (status $rc);" \
		"the guest's (L2) last words are above"
	# vmrun shows L1's console when L1 itself failed (120 and above)
	if [ $rc -lt 120 ]; then
		say "L1's console, which may say more, ends:"
		tail -n 10 "$out/console-l1.log" >&2 || :
	fi
	exit $rc
fi
[[ $passes != *count* ]] || "$here/count.sh" "$build" "$out" fold
say "nested lane: done in $((SECONDS - start)) s"
