# SPDX-License-Identifier: GPL-2.0-or-later
# Shell helpers shared by the scripts of this project; sourced, never run.
# shellcheck shell=bash

# say TEXT: one line of progress for the person at the terminal.
say() { printf 'exitcost: %s\n' "$*" >&2; }

# die TEXT: say what is wrong and how to mend it, and stop.
die()
{
	printf 'exitcost: error: %s\n' "$*" >&2
	exit 1
}

# cache_dir: where downloads and QEMU builds live, outside the checkout.
cache_dir()
{
	printf '%s\n' "${EXITCOST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/exitcost}"
}

# versions KIND: those in vm/versions in one line, the default first.
versions()
{
	awk -v kind="$1" '$1 == kind { printf "%s%s", sep, $2; sep = " " }' \
		"$(dirname "${BASH_SOURCE[0]}")/versions"
}

# version_suite KIND VERSION: the distribution's suite that has it.
version_suite()
{
	awk -v kind="$1" -v version="$2" \
		'$1 == kind && $2 == version { print $3 }' \
		"$(dirname "${BASH_SOURCE[0]}")/versions"
}

# need_space DIR MIB WHAT: refuse early rather than fail half-way.
need_space()
{
	local free
	mkdir -p "$1" || die "cannot create $1"
	free=$(df -Pm "$1" | awk 'NR == 2 { print $4 }')
	[ "$free" -ge "$2" ] ||
		die "$3 needs $2 MiB in $1, only $free MiB are free; make room" \
			"or set EXITCOST_CACHE to a folder on another disk"
}

# with_progress LABEL LOG CMD...: run CMD with its output in LOG and a line
# every 5 s that shows the last thing it printed. On failure: the end of LOG.
with_progress()
{
	local label=$1 log=$2 start=$SECONDS pid rc=0
	shift 2
	set -m # a process group of its own, so that nothing of it stays behind
	"$@" > "$log" 2>&1 < /dev/null &
	pid=$!
	set +m
	# shellcheck disable=SC2064
	trap "kill -- -$pid 2> /dev/null || :; wait $pid 2> /dev/null || :; exit 130" INT TERM HUP
	while :; do
		local n=0
		while [ $n -lt 50 ] && kill -0 "$pid" 2> /dev/null; do
			sleep 0.1
			n=$((n + 1))
		done
		kill -0 "$pid" 2> /dev/null || break
		say "$label: $((SECONDS - start)) s: $(tail -n 1 "$log" |
			tr '\r' '\n' | tail -n 1 | cut -c1-70)"
	done
	wait "$pid" || rc=$?
	trap - INT TERM HUP
	if [ $rc -ne 0 ]; then
		tail -n 15 "$log" >&2
		say "$label failed; its whole output: $log"
	fi
	return $rc
}

# attended CMD...: run CMD in a process group of its own, which a signal to this
# script ends at once: bash itself waits for a CMD in the foreground first.
attended()
{
	local pid rc=0
	set -m
	"$@" < /dev/null &
	pid=$!
	set +m
	# shellcheck disable=SC2064
	trap "kill -- -$pid 2> /dev/null || :; wait $pid 2> /dev/null || :; exit 130" INT TERM HUP
	wait "$pid" || rc=$?
	trap 'exit 130' INT TERM HUP
	return $rc
}

# provenance: which source this is. Sets git, sha and dirty (true or false).
# shellcheck disable=SC2034
provenance()
{
	local top
	top=$(dirname "${BASH_SOURCE[0]}")
	git=$(git -C "$top" describe --always --dirty --abbrev=10 2> /dev/null ||
		echo nogit)
	sha=$(git -C "$top" rev-parse --short=10 HEAD 2> /dev/null || echo nogit)
	dirty=false
	[ -z "$(git -C "$top" status --porcelain 2> /dev/null)" ] || dirty=true
}

# merge_tsv OUT FILE...: the rows of several of our tables of one kind, each whole.
merge_tsv()
{
	local to=$1
	shift
	awk 'function refuse(what) { print what > "/dev/stderr"; bad = 1; exit 1 }
	     FNR == 1 { if (NR > 1 && !whole) refuse(file " is truncated")
			file = FILENAME; rows = whole = 0 }
	     FNR <= 2 { if (NR == FNR) { print; head[FNR] = $0 }
			else if ($0 != head[FNR]) refuse(file ": another kind of table")
			next }
	     /^# end / { whole = $3 == rows; next }
	     { print; n++; rows++ }
	     END { if (!bad && !whole) refuse(file " is truncated")
		   if (bad) exit 1
		   print "# end " n + 0 }' "$@" > "$to.part" && mv "$to.part" "$to" || {
		rm -f "$to.part"
		die "cannot make $to (see above); is the disk full?"
	}
}

# guest_progress LABEL LOG: from a guest's output on standard input, all of it to
# LOG, the benchmark's progress to the person. (Also where sed is busybox's.)
guest_progress()
{
	local line
	while IFS= read -r line; do
		printf '%s\n' "$line" >> "$2"
		[[ ! $line =~ ^\ *[0-9]+\ % ]] || printf '%s: %s\n' "$1" "$line"
	done
}

load1() { cut -d ' ' -f 1 /proc/loadavg; }

# host_state: what the speed of an exit depends on, as lines "key<TAB>value". It
# needs awk and tr only, so it runs in the guests too. What is unknown has no
# line. environment: HOST_ROOT stands before /proc and /sys, for tests.
host_state()
{
	local root=${HOST_ROOT:-} cpu f module
	cpu=$root/sys/devices/system/cpu
	host_cpu "$root/proc/cpuinfo"
	host_line kernel "$root/proc/sys/kernel/osrelease"
	host_line smt "$cpu/smt/active" 'active=1 inactive=0'
	host_line governor "$cpu/cpu0/cpufreq/scaling_governor"
	host_line turbo "$cpu/intel_pstate/no_turbo" 'on=0 off=1'
	[ -r "$cpu/intel_pstate/no_turbo" ] ||
		host_line turbo "$cpu/cpufreq/boost" 'on=1 off=0'
	awk '{ if (match($0, /\[[a-z]+\]/)) print "transparent_hugepage\t" \
		substr($0, RSTART + 1, RLENGTH - 2) }' \
		"$root/sys/kernel/mm/transparent_hugepage/enabled" 2> /dev/null || :
	host_options "$root/proc/cmdline"
	for f in "$cpu"/vulnerabilities/*; do
		host_line "vulnerabilities.${f##*/}" "$f"
	done
	for module in kvm kvm_intel kvm_amd; do
		for f in "$root/sys/module/$module/parameters"/*; do
			host_line "kvm_parameters.$module.${f##*/}" "$f"
		done
	done
}

# host_line KEY FILE [WORDS]: a line with the file's text, or with the word of
# WORDS that stands for it; none if the file cannot be read or is empty.
host_line()
{
	local text word
	[ -f "$2" ] && text=$(tr -s '\t\n' ' ' 2> /dev/null < "$2") || return 0
	text=${text% }
	for word in ${3:-}; do
		[ "$text" != "${word#*=}" ] || {
			text=${word%=*}
			break
		}
	done
	[ -z "$text" ] || printf '%s\t%s\n' "$1" "$text"
}

# host_cpu CPUINFO: the first processor's identity.
host_cpu()
{
	awk -F '[ \t]*: *' '
	BEGIN {
		key["model name"] = "cpu"; key["vendor_id"] = "cpu_vendor"
		key["cpu family"] = "cpu_family"; key["model"] = "cpu_model"
		key["stepping"] = "cpu_stepping"; key["microcode"] = "microcode"
	}
	NF < 2 && NR > 1 { exit }
	$1 in key && $2 != "" {
		name = key[$1]
		sub(/^[^:]*: */, "")
		print name "\t" $0
	}' "$1" 2> /dev/null || :
}

# host_options CMDLINE: of the kernel's options those that change what an exit,
# a system call or a page costs. The others may hold what is private.
host_options()
{
	awk -v starts="mitigations nosmt nospec no_spec spec retbleed srbds l1tf \
l1d_flush mds tsx tsa its vmscape bhi indirect_target mmio_stale gather_data \
reg_file kvm pti nopti isolcpus nohz rcu_nocb irqaffinity maxcpus nr_cpus \
preempt threadirqs skew_tick numa_balancing intel_pstate amd_pstate cpufreq \
cpuidle idle intel_idle processor. clocksource tsc lapic nolapic x2apic \
nox2apic hpet no_timer_check hugepages default_hugepages transparent_hugepage \
hugetlb iommu intel_iommu amd_iommu init_on_ page_poison debug_pagealloc" '
	BEGIN { n = split(starts, start, " ") }
	{
		for (w = 1; w <= NF; w++)
			for (i = 1; i <= n; i++)
				if (index($w, start[i]) == 1) {
					text = text " " $w
					break
				}
	}
	END { if (text != "") print "kernel_options\t" substr(text, 2) }
	' "$1" 2> /dev/null || :
}

# host_state_json: such lines from standard input as a JSON object. The first
# dots of "vulnerabilities.NAME" and "kvm_parameters.MODULE.NAME" make objects.
host_state_json()
{
	jq -Rn '
	def path_of: split(".") | if .[0] == "kvm_parameters" then
		[.[0], .[1], (.[2:] | join("."))] else
		[.[0]] + (if length > 1 then [.[1:] | join(".")] else [] end) end;
	def value_of($key): if $key | IN("cpu_family", "cpu_model", "cpu_stepping")
		then tonumber? // . else . end;
	reduce (inputs | select(test("^[^\t]+\t")) | capture("^(?<k>[^\t]+)\t(?<v>.*)$"))
		as {$k, $v} ({}; setpath($k | path_of; $v | value_of($k)))'
}

# host_facts LOAD_BEFORE: what env.json says of the host, as a JSON object.
host_facts()
{
	host_state | host_state_json | jq --argjson cpus "$(nproc)" \
		--argjson mem "$(awk '/^MemTotal/ { print $2 }' /proc/meminfo)" \
		--argjson before "$1" --argjson after "$(load1)" '{
		cpu: .cpu, cpus: $cpus, kernel: .kernel, mem_kb: $mem,
		load1_before: $before, load1_after: $after } + .'
}

# choose_lane BUILD: sets lane and lane_reason from ACCEL. auto is decided by
# the bare-metal guest (vm/probe.sh): a KVM that can run Linux, or else tcg.
# shellcheck disable=SC2034
choose_lane()
{
	lane=${ACCEL:-auto}
	lane_reason="asked for by ACCEL=$lane"
	if [ "$lane" = auto ]; then
		IFS=$'\t' read -r lane lane_reason \
			< <("$(dirname "${BASH_SOURCE[0]}")/probe.sh" "$1") ||
			die "cannot choose a lane; set ACCEL=tcg"
		lane_reason="chosen by ACCEL=auto: $lane_reason"
	fi
}

# choose_linux_lane BUILD: as choose_lane, for a Linux guest, and exports ACCEL. A
# KVM that cannot carry one would only run into the time limit.
choose_linux_lane()
{
	[ "${ACCEL:-}" != kvm ] || {
		ACCEL=auto choose_lane "$1"
		[ "$lane" = kvm ] ||
			die "ACCEL=kvm: ${lane_reason#*: }; use ACCEL=nested for" \
				"exact exit counts, or ACCEL=tcg"
	}
	choose_lane "$1"
	export ACCEL=$lane
}
