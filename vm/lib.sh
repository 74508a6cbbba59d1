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
	"$@" > "$log" 2>&1 < /dev/null &
	pid=$!
	# shellcheck disable=SC2064
	trap "kill $pid 2> /dev/null; wait $pid 2> /dev/null; exit 130" INT TERM
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
	trap - INT TERM
	if [ $rc -ne 0 ]; then
		tail -n 15 "$log" >&2
		say "$label failed; its whole output: $log"
	fi
	return $rc
}
