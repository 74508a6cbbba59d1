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

load1() { cut -d ' ' -f 1 /proc/loadavg; }

# host_facts LOAD_BEFORE: what env.json says of the host, as a JSON object.
host_facts()
{
	local governor=/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor
	jq -n --arg cpu "$(awk -F ': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)" \
		--argjson cpus "$(nproc)" --arg kernel "$(uname -r)" \
		--argjson mem "$(awk '/^MemTotal/ { print $2 }' /proc/meminfo)" \
		--arg governor "$(cat $governor 2> /dev/null || echo unknown)" \
		--argjson before "$1" --argjson after "$(load1)" '{
		cpu: $cpu, cpus: $cpus, kernel: $kernel, mem_kb: $mem,
		governor: $governor, load1_before: $before,
		load1_after: $after }'
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
