#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Chooses the lane for ACCEL=auto: prints one line, "kvm" or "tcg", a tab, and
# the reason with what was measured. Takes a few seconds at most; exit status 0
# whenever it could choose.
#
# usage: vm/probe.sh BUILD
# environment: LIMIT in seconds (5), and those of vm/baremetal/guest.sh
#
# sample output:
#   kvm	hardware KVM: a turn of an empty loop takes 1.01 cycles, cpuid 1180.00
#   tcg	KVM emulates every instruction here, too slow for Linux: a turn of ...
#
# A KVM without hardware behind it runs the kernel mode of a guest instruction
# by instruction, thousands of cycles each: Linux would take hours to come up.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
. "$here/baremetal/guest.sh"
[ $# -eq 1 ] || die "usage: probe.sh BUILD"
build=$1
limit=${LIMIT:-5}
[ -x "$build/qemu-system-x86_64" ] && [ -e "$guest_tools/exitbench.elf" ] ||
	die "probe.sh: no emulator in $build, or no exitbench.elf; run make"

choose()
{
	printf '%s\t%s\n' "$1" "${*:2}"
	exit 0
}

trouble=$(kvm_trouble "$build/qemu-system-x86_64")
[ -z "$trouble" ] || choose tcg "$trouble"

run=$(mktemp -d)
trap 'guest_stop; rm -rf "$run"' EXIT
trap 'exit 130' INT TERM HUP
guest_command "$build" kvm
rc=0
guest_run "$limit" "$run" "lane=kvm cases=cpuid iterations=100 budget_ms=50" ||
	rc=$?
case $rc in
"$GUEST_PASSED") ;;
124 | 137) choose tcg "the bare-metal guest did not finish under KVM within $limit s" ;;
*) choose tcg "the bare-metal guest does not run under KVM: $(
	cat "$run/qemu.log" "$run/log" 2> /dev/null | tail -n 1)" ;;
esac
loop=$(machine_value "$run" loop_cycles)
cpuid=$(awk -F '\t' '$2 == "cpuid" { print $7 }' "$run/table")
measured="a turn of an empty loop takes $loop cycles, cpuid $cpuid"
if [ "$(machine_value "$run" emulated)" = 0 ]; then
	choose kvm "hardware KVM: $measured"
fi
choose tcg "KVM emulates every instruction here, too slow for Linux: $measured" \
	"(hardware: a few, and one to two thousand)"
