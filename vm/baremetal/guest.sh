# SPDX-License-Identifier: GPL-2.0-or-later
# Starting the bare-metal guest; sourced by vm/exitbench.sh and vm/probe.sh.
# shellcheck shell=bash
#
# environment: HOSTTOOLS (build/host), KERNELDIR (build/kernel), KVM_DEVICE
# (/dev/kvm), GENERATOR (xoshiro256ss), QEMU_ARGS (more arguments for QEMU)

guest_top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
guest_tools=${HOSTTOOLS:-$guest_top/build/host}
guest_generator=${GENERATOR:-xoshiro256ss}

# QEMU's exit status of each end of the guest, see text.h.
# shellcheck disable=SC2034
GUEST_PASSED=33 GUEST_FAILED=35 GUEST_USAGE=37

# kvm_trouble QEMU: prints what keeps QEMU from using KVM; nothing if it can.
kvm_trouble()
{
	local dev=${KVM_DEVICE:-/dev/kvm}
	if [ ! -e "$dev" ]; then
		echo "$dev is missing: no kvm-intel or kvm-amd module is loaded"
	elif ! { : <> "$dev"; } 2> /dev/null; then
		echo "$dev cannot be opened for writing: join the group kvm"
	elif ! timeout 10 "$1" -accel help 2> /dev/null | grep -qx kvm; then
		echo "$1 is built without KVM"
	fi
}

# guest_command BUILD ACCEL: sets the array guest_cmd, the machine. One my_rng
# for each data path; the 64-bit one serves the 32-bit register too.
guest_command()
{
	local build=$1 v variants
	local firmware=${KERNELDIR:-$guest_top/build/kernel}/firmware
	variants=$(basename "$build")
	[ "$variants" != all ] || variants="64 fifo dma"
	# shellcheck disable=SC2054
	guest_cmd=("$build/qemu-system-x86_64" -M q35 -accel "$2" -smp 1 -m 64
		-L "$firmware" -nodefaults -display none -no-reboot
		-name debug-threads=on
		-kernel "$guest_tools/exitbench.elf"
		-device isa-debug-exit,iobase=0xf4,iosize=4)
	# Seconds faster than the default firmware under a KVM that emulates.
	[ ! -e "$firmware/qboot.rom" ] || guest_cmd+=(-bios qboot.rom)
	for v in $variants; do
		guest_cmd+=(-device
			"my_rng,variant=$v,generator=$guest_generator,id=rng$v")
	done
	guest_cmd+=(-device edu -device pci-testdev)
}

# guest_run LIMIT DIR OPTIONS: runs guest_cmd for at most LIMIT seconds with the
# guest's OPTIONS; leaves DIR/log, DIR/table and DIR/qemu.log (QEMU's own
# messages). Returns QEMU's status, or 124 or 137 after LIMIT. The machine ends
# with this script, however that ends.
guest_run()
{
	local limit=$1 dir=$2 rc=0
	# shellcheck disable=SC2086
	setpriv --pdeathsig KILL timeout -k 2 "$limit" \
		setpriv --pdeathsig KILL "${guest_cmd[@]}" -append "$3" \
		-chardev "file,id=log,path=$dir/log" \
		-device isa-debugcon,iobase=0xe9,chardev=log \
		-chardev "file,id=table,path=$dir/table" \
		-device isa-debugcon,iobase=0xe8,chardev=table \
		${QEMU_ARGS:-} > "$dir/qemu.log" 2>&1 < /dev/null &
	guest_pid=$!
	wait "$guest_pid" || rc=$?
	guest_pid=
	return $rc
}

# guest_stop: for the caller's exit trap.
guest_stop() { [ -z "${guest_pid:-}" ] || kill "$guest_pid" 2> /dev/null || :; }

# tsc_khz: rate of the TSC; where it cannot be measured, the processor's clock.
tsc_khz()
{
	"$guest_tools/tsckhz" 2> /dev/null ||
		awk '/^cpu MHz/ { printf "%.0f\n", $4 * 1000; exit }' /proc/cpuinfo
}

# machine_value DIR KEY: a figure of the guest's MACHINE line.
machine_value()
{
	sed -n "s/^MACHINE .*\\b$2=\\([^ ]*\\).*/\\1/p" "$1/log" 2> /dev/null
}
