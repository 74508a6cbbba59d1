#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Starts the study's guest: one place for the machine's command line.
#
# usage: vm/guest.sh run BUILD VMRUN-OPTION... -- QEMU-ARGUMENT...
#        vm/guest.sh shell BUILD [QEMU-ARGUMENT...]     a shell on the console
#        vm/guest.sh print BUILD [QEMU-ARGUMENT...]     the command line only
#
# BUILD is build/<variant>; the machine has one my_rng for each variant of the
# build, in the order 32, 64, fifo, dma, window, ring, and stock virtio-rng.
# environment:
# DEVICES (variants to have a my_rng for, instead; empty: none), COPIES (so many
# of each: 1), COPY_ARGS (more properties of all but the first), ACCEL (tcg, kvm, or auto, the default),
# GENERATOR (the device's default: glibc), FAST (a generator: one more device, of
# variant dma, that has it),
# LOCKLESS (on: the variants 32 and 64 give words without QEMU's big lock; off),
# PVH (off: boot the packed kernel, which can sleep; a shell always does),
# SMP (2), MEM in MiB (512), IOMMU (on: the devices' addresses are translated by
# an emulated Intel one; off), APPEND (more kernel parameters), KERNELDIR
# (build/kernel), VMRUN (build/host/vmrun),
# QMP (a socket for QEMU's monitor, as tracing/qemu.sh needs; the shell always
# has one, BUILD/qmp-shell.sock), INITRAMFS (BUILD/initramfs.cpio.gz)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
top=$(dirname "$here")
mode=$1 build=$2
shift 2
kernel=${KERNELDIR:-$top/build/kernel}
vmrun=${VMRUN:-$top/build/host/vmrun}

choose_lane "$build"
case $lane in
tcg)
	accel_args="-accel tcg,thread=multi"
	;;
kvm)
	[ -w /dev/kvm ] || die "ACCEL=kvm: /dev/kvm is missing or not writable;" \
		"load kvm-intel or kvm-amd, or use ACCEL=tcg or ACCEL=nested"
	accel_args="-accel kvm -cpu host"
	;;
*)
	die "the study's guest runs in lane tcg or kvm, not $lane"
	;;
esac

# tsc=reliable: the emulated TSC is the host's, and the watchdog that compares
# it with a slow emulated timer would give it up for one.
append="console=ttyS0 quiet loglevel=5 tsc=reliable no_timer_check panic=-1"
append="$append random.trust_cpu=on"
# Probing 256 empty buses takes some 60,000 port accesses: seconds, nested.
append="$append pci=noearly,lastbus=0${APPEND:+ $APPEND}"

# The guest's memory is there before it starts, in huge pages where the host has
# them: what is behind it then differs less from boot to boot.
memory=("-object" "memory-backend-ram,id=ram0,size=${MEM:-512}M,prealloc=on")

# Unpacked, the kernel is started by its PVH entry, in half the time; but firmware
# does not wake a machine that was started so (S3: it resets).
image=vmlinux
[ "$mode" != shell ] && [ "${PVH:-on}" = on ] || image=vmlinuz

machine=q35 iommu=()
case ${IOMMU:-off} in
on) # before the devices behind it; in the lane kvm it wants its own irqchip
	machine=q35,kernel-irqchip=split
	iommu=("-device" "intel-iommu")
	append="$append intel_iommu=on"
	;;
off) ;;
*) die "IOMMU=$IOMMU: give on or off" ;;
esac

variants=${DEVICES-$(basename "$build")}
[ "$variants" != all ] || variants="32 64 fifo dma window ring"
devices=("-object" "rng-builtin,id=rng0" "-device" "virtio-rng-pci,rng=rng0")
for n in $(seq "${COPIES:-1}"); do
	for v in $variants; do
		args=my_rng,variant=$v,generator=${GENERATOR:-glibc},id=rng$v${n#1}
		case $v in
		32 | 64) args=$args${LOCKLESS:+,lockless=$LOCKLESS} ;;
		esac
		[ "$n" -eq 1 ] || args=$args${COPY_ARGS:+,$COPY_ARGS}
		devices+=("-device" "$args")
	done
done

[ -z "${FAST:-}" ] || [[ " $variants " != *" dma "* ]] || devices+=("-device"
	"my_rng,variant=dma,generator=$FAST,id=rngfast")

# shellcheck disable=SC2206
cmd=("$build/qemu-system-x86_64" -M "$machine,memory-backend=ram0" $accel_args -smp "${SMP:-2}"
	-m "${MEM:-512}" "${memory[@]}" -L "$kernel/firmware" -nodefaults
	-display none
	-name debug-threads=on
	-kernel "$kernel/$image"
	-initrd "${INITRAMFS:-$build/initramfs.cpio.gz}"
	"${iommu[@]}" "${devices[@]}")
[ "$mode" != shell ] || QMP=${QMP:-$build/qmp-shell.sock}
if [ -n "${QMP:-}" ]; then
	[ ${#QMP} -lt 108 ] || die "QMP=$QMP: a socket's path has at most 107 bytes"
	cmd+=("-qmp" "unix:$QMP,server=on,wait=off")
fi

case $mode in
run)
	opts=()
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		opts+=("$1")
		shift
	done
	shift
	exec "$vmrun" "${opts[@]}" -- "${cmd[@]}" -append "$append" "$@"
	;;
shell)
	say "a shell in the guest; 'poweroff -f' or Ctrl-a x ends it"
	exec "${cmd[@]}" -append "$append exitcost=shell" -no-reboot \
		-serial mon:stdio "$@"
	;;
print)
	printf '%s ' "${cmd[@]}" "-append '$append'" "$@"
	printf '\n'
	;;
*)
	die "guest.sh: unknown mode '$mode'"
	;;
esac
