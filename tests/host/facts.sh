#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What env.json says of a host (host_state and host_state_json of vm/lib.sh), on
# made-up folders of /proc and /sys, with the tools of a guest.
#
# usage: tests/host/facts.sh BUSYBOX
. "$(dirname "$0")/../tap.sh"
top=$(cd "$(dirname "$0")/../.." && pwd)
export HOST_ROOT=$scratch/root
cpu=$HOST_ROOT/sys/devices/system/cpu

# put FILE TEXT: a file below the made-up root.
put()
{
	mkdir -p "$(dirname "$HOST_ROOT/$1")"
	printf '%s\n' "$2" > "$HOST_ROOT/$1"
}

# state: the lines, made with nothing but busybox's tools as in a guest.
mkdir "$scratch/bin"
for tool in awk tr; do ln -s "$(realpath "$1")" "$scratch/bin/$tool"; done
state()
{
	status=0
	# shellcheck disable=SC2016
	PATH=$scratch/bin HOST_ROOT=$HOST_ROOT /bin/bash -c \
		'set -eu; . "$0"; host_state' "$top/vm/lib.sh" \
		> "$scratch/output" 2>&1 || status=$?
}

# has KEY VALUE NAME: exactly this line, once.
has()
{
	[ "$(grep -cxF -- "$1"$'\t'"$2" "$scratch/output")" -eq 1 ] &&
		[ "$(grep -c "^$1"$'\t' "$scratch/output")" -eq 1 ]
	ok $? "host/facts/$3"
}

# lacks PATTERN NAME: no key that matches.
lacks()
{
	! grep -qE "^$1"$'\t' "$scratch/output"
	ok $? "host/facts/$2"
}

mkdir "$HOST_ROOT"
state
[ "$status" -eq 0 ] && [ ! -s "$scratch/output" ]
ok $? host/facts/a-host-that-tells-nothing-is-no-error

put proc/cpuinfo "processor	: 0
vendor_id	: GenuineIntel
cpu family	: 6
model		: 143
model name	: Processor: the one  @ 2.70GHz
stepping	: 8
microcode	: 0x2b000603
flags		: fpu vme

processor	: 1
vendor_id	: GenuineIntel
model		: 999"
put proc/sys/kernel/osrelease 6.1.0-13-amd64
put proc/cmdline "root=UUID=secret mitigations=auto,nosmt quiet isolcpus=2,3 nohz_full=2 nosmt intel_pstate=disable kvm-intel.nested=1 hugepages=16 idle=poll token=mitigations spectre_v2=off"
put sys/devices/system/cpu/smt/active 1
put sys/devices/system/cpu/cpu0/cpufreq/scaling_governor powersave
put sys/devices/system/cpu/intel_pstate/no_turbo 0
put sys/devices/system/cpu/vulnerabilities/vmscape "Mitigation: IBPB before exit to userspace"
put sys/devices/system/cpu/vulnerabilities/spectre_v2 "Mitigation: Retpolines; IBPB:	conditional"
put sys/devices/system/cpu/vulnerabilities/l1tf "Not affected"
put sys/kernel/mm/transparent_hugepage/enabled "always [madvise] never"
put sys/module/kvm/parameters/halt_poll_ns 200000
put sys/module/kvm_intel/parameters/ept Y
put sys/module/kvm_other/parameters/thing Y
put sys/module/kvm/parameters/empty ""
state
ok "$status" host/facts/a-host-is-described
has cpu_vendor GenuineIntel vendor
has cpu_family 6 family
has cpu_model 143 model-of-the-first-processor
has cpu "Processor: the one  @ 2.70GHz" name-with-a-colon
has cpu_stepping 8 stepping
has microcode 0x2b000603 microcode
has kernel 6.1.0-13-amd64 kernel
has smt active smt
has governor powersave governor
has turbo on turbo-of-intel_pstate
has transparent_hugepage madvise transparent-hugepage
has vulnerabilities.vmscape "Mitigation: IBPB before exit to userspace" vulnerability
has vulnerabilities.spectre_v2 "Mitigation: Retpolines; IBPB: conditional" tab-in-a-value
has vulnerabilities.l1tf "Not affected" each-vulnerability
has kvm_parameters.kvm.halt_poll_ns 200000 parameter-of-kvm
has kvm_parameters.kvm_intel.ept Y parameter-of-kvm_intel
lacks 'kvm_parameters.kvm_other.*' other-modules-are-left-out
lacks 'kvm_parameters.kvm.empty' empty-values-are-left-out
has kernel_options "mitigations=auto,nosmt isolcpus=2,3 nohz_full=2 nosmt intel_pstate=disable kvm-intel.nested=1 hugepages=16 idle=poll spectre_v2=off" \
	options-that-matter-and-no-others

# shellcheck disable=SC2016
run bash -c '. "$0"; host_state | host_state_json' "$top/vm/lib.sh"
jq -e '.cpu_family == 6 and .cpu_vendor == "GenuineIntel" and
	.microcode == "0x2b000603" and .kernel == "6.1.0-13-amd64" and
	.vulnerabilities.vmscape == "Mitigation: IBPB before exit to userspace" and
	(.vulnerabilities | length) == 3 and
	.kvm_parameters.kvm.halt_poll_ns == "200000" and
	.kvm_parameters.kvm_intel.ept == "Y"' "$scratch/output" > "$scratch/jq"
ok $? host/facts/lines-become-an-object
# shellcheck disable=SC2016
run bash -c '. "$0"; printf "a line without a tab\nx.y\t\"q\\\\ \n" | host_state_json' \
	"$top/vm/lib.sh"
[ "$(jq -c . "$scratch/output")" = '{"x":{"y":"\"q\\ "}}' ]
ok $? host/facts/odd-lines-and-quotes
# shellcheck disable=SC2016
run bash -c '. "$0"; host_state_json < /dev/null' "$top/vm/lib.sh"
[ "$(cat "$scratch/output")" = '{}' ]
ok $? host/facts/no-lines-are-an-empty-object
# shellcheck disable=SC2016
run bash -c '. "$0"; host_facts 0.5' "$top/vm/lib.sh"
jq -e '.cpus > 0 and .mem_kb > 0 and .load1_before == 0.5 and
	.load1_after >= 0 and .cpu == "Processor: the one  @ 2.70GHz" and
	.vulnerabilities.l1tf == "Not affected"' "$scratch/output" > "$scratch/jq"
ok $? host/facts/env-json-has-them-beside-load-and-memory

# The other kinds of processor: amd's boost, no SMT, settings that are off.
rm -r "$cpu/intel_pstate"
put sys/devices/system/cpu/cpufreq/boost 0
put sys/devices/system/cpu/smt/active 0
put sys/kernel/mm/transparent_hugepage/enabled "always madvise [never]"
put proc/cmdline "quiet token=1"
put sys/module/kvm_amd/parameters/avic N
state
has turbo off turbo-of-cpufreq
has smt inactive smt-inactive
has transparent_hugepage never transparent-hugepage-never
has kvm_parameters.kvm_amd.avic N parameter-of-kvm_amd
lacks kernel_options no-option-that-matters
done_testing
