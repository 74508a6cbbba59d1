# SPDX-License-Identifier: GPL-2.0-or-later
# What the scripts that attach to a running QEMU have in common; sourced.
# shellcheck shell=bash
#
# A script sets tool (its name) and usage, sources this, and calls in turn:
#   session_options "$@"   sets pid, seconds, out; checks the process
#   session_open FILE...   makes the folder $work, for these results at least
#   (attaches)
#   session_run            says so, returns when it is time to stop
#   (folds)
#   session_close          moves what is in $work to $out
# What $work holds when the script ends before session_close is removed.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$top/vm/lib.sh"
tool=${tool:?} usage=${usage:?}
# shellcheck disable=SC2034
tools=${HOSTTOOLS:-$top/build/host}
export LC_ALL=C
space_mib=20 # that a trace may take

# skip TEXT: this tool cannot work here; TEXT says what is needed.
skip()
{
	say "$tool: skipped: $*"
	exit 77
}

# bad_usage TEXT: of the command line.
bad_usage() { die "$tool: $*; see tracing/$tool.sh --help"; }

# tool_option OPTION VALUE: takes an option of the script's own; it replaces this.
tool_option() { return 1; }

# session_options ARGUMENT...: the options all scripts have.
session_options()
{
	pid='' seconds=5 out=''
	while [ $# -gt 0 ]; do
		case $1 in
		--help | -h)
			printf '%s\n' "$usage"
			exit 0
			;;
		esac
		[ $# -ge 2 ] || bad_usage "'$1' is unknown or lacks its value"
		case $1 in
		--pid) pid=$2 ;;
		--seconds) seconds=$2 ;;
		--out) out=$2 ;;
		*) tool_option "$1" "$2" || bad_usage "unknown option '$1'" ;;
		esac
		shift 2
	done
	[[ $pid =~ ^[1-9][0-9]*$ ]] ||
		bad_usage "--pid takes the number of a process, not '$pid'"
	[[ $seconds =~ ^[0-9]{1,6}(\.[0-9]{1,3})?$ && ! $seconds =~ ^[0.]*$ ]] ||
		bad_usage "--seconds takes a time above 0, not '$seconds'"
	session_process
}

# session_process: whether it is one that can be looked at.
session_process()
{
	local program
	[ -d "/proc/$pid" ] || die "$tool: there is no process $pid"
	program=$(tr '\0' '\n' < "/proc/$pid/cmdline" 2> /dev/null | head -n 1)
	case ${program##*/} in
	qemu-system-*) ;;
	*) die "$tool: process $pid is '${program##*/}', not a qemu-system" ;;
	esac
}

# alive: whether the process is still there.
alive() { [ -e "/proc/$pid/stat" ] && ! grep -q '^State:	Z' "/proc/$pid/status" 2> /dev/null; }

# session_open FILE...: makes the folder; none of the files may be there.
session_open()
{
	local f
	out=${out:-trace-$tool-$(date -u +%Y%m%dT%H%M%SZ)}
	made='' work=''
	trap session_undo EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	if [ ! -e "$out" ]; then
		mkdir -p "$out" || die "$tool: cannot create $out"
		made=1
	fi
	[ "$(df -Pm "$out" | awk 'NR == 2 { print $4 }')" -ge "$space_mib" ] ||
		die "$tool: less than $space_mib MiB are free in $out; make room" \
			"or choose another --out"
	out=$(cd "$out" && pwd)
	for f; do
		[ ! -e "$out/$f" ] ||
			die "$tool: $out/$f exists already; results are never" \
				"overwritten, choose another --out"
	done
	work=$(mktemp -d "$out/.unfinished-$tool-XXXXXX") ||
		die "$tool: cannot write into $out"
}

# tool_undo: what a script has to end when it ends early; it replaces this.
tool_undo() { :; }

session_undo()
{
	trap '' INT TERM HUP
	tool_undo
	[ -z "$work" ] || rm -rf "$work"
	[ -z "$made" ] || rmdir "$out" 2> /dev/null || :
}

# session_run PID...: until the time is up, a signal comes, the process ends, or
# one of the processes PID that do the work.
session_run()
{
	local end p
	stopped=
	trap 'stopped=1' INT TERM HUP
	say "$tool: attached"
	end=$((${EPOCHREALTIME/./} + $(awk "BEGIN { print $seconds * 1000000 }")))
	while [ -z "$stopped" ] && [ "${EPOCHREALTIME/./}" -lt "$end" ] && alive; do
		for p; do
			kill -0 "$p" 2> /dev/null || return 0
		done
		sleep 0.1 || :
	done
}

# session_close: the results appear.
session_close()
{
	mv -n "$work"/* "$out/" || die "$tool: cannot write to $out"
	say "$tool: results in $out"
}

# show TABLE: for a person; without the columns that hold nothing but 0 or -.
show()
{
	awk -F '\t' '
	/^#/ { next }
	{ n++; for (i = 1; i <= NF; i++) {
		cell[n, i] = $i
		if (n > 1 && $i != "0" && $i != "-") used[i] = 1
		if (NF > most) most = NF
	} }
	END { for (r = 1; r <= n; r++) {
		line = ""
		for (i = 1; i <= most; i++)
			if (used[i]) line = line (line == "" ? "" : "\t") cell[r, i]
		print line
	} }' "$1" | column -t -s $'\t'
}
