#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Switches on the device's trace events in a QEMU that runs already, through its
# monitor, and makes a table of what QEMU's log backend wrote.
#
# usage: tracing/qemu.sh --pid N [--seconds S] [--out DIR] [--qmp SOCKET]
#
#   --pid N       the QEMU to look at
#   --seconds S   how long (5); SIGINT or SIGTERM ends it earlier
#   --out DIR     where to leave the results (a new trace-qemu-<UTC time>)
#   --qmp SOCKET  QEMU's monitor; by default that of its -qmp or -mon option
#
# Leaves qemu.log (raw, a line for each event, some 60 bytes), qemu.tsv (per MARK
# cell and device: events, bytes; the rows are explained by qtracefold --help),
# qemu.txt (the same for a person), and counters.tsv: the device's own counters
# before and after, beside what was traced. If these disagree there is no result.
#
# The guest is stopped for a moment at begin and end, so that both count the
# same. Meanwhile whatever else QEMU logs (-d) goes to qemu.log too. Each event
# costs the guest a write(2), some microseconds: counts are exact, times are not
# to be trusted. Needs the programs of 'make' and jq; root only for the QEMU of
# somebody else. environment: HOSTTOOLS (build/host)
#
# sample output (of `userbench --count 4`; lines left out are ...):
#   cell  device   event        count  bytes
#   ...
#   1     rng32    mmio_read    4096   16384
#   1     rng32    mark         1      -
#   1     rng32    accesses     4096   16384
#   1     rng32    admin        1      -
#   2     rngfifo  pio_read     4100   16400
#   2     rngfifo  fifo_top_up  4      16384
#   ...
#   4     rngdma   mmio_write   4      16
#   4     rngdma   dma_start    4      -
#   4     rngdma   dma_end      4      262144
#   4     rngdma   msi          4      -
#   ...
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tool=qemu
usage=$(sed -n '/^# usage:/,/^# sample/ { /^# sample/!s/^# \{0,1\}//p }' "$0")
. "$here/session.sh"
space_mib=300
socket='' devices=() tracing='' stopped_vm=''
counters=(mmio-reads mmio-writes pio-reads pio-writes dmas dma-bytes irqs admin)

tool_option()
{
	[ "$1" = --qmp ] || return 1
	socket=$2
}

# qmp COMMAND [ARGUMENTS]: on the process's monitor; without: from stdin.
qmp() { "$tools/qmp" "$socket" "$@"; }

# arguments: of the process, one per line.
arguments() { tr '\0' '\n' < "/proc/$pid/cmdline"; }

# value KEY: of a list KEY=VALUE,... on standard input.
value() { tr ',' '\n' | sed -n "s/^$1=//p" | head -n 1; }

# monitor_path: prints the socket named on the process's command line.
monitor_path()
{
	local a last='' mode='' chardev='' path=''
	while IFS= read -r a; do
		case $last in
		-qmp) [[ $a != unix:* ]] || path=${a#unix:} ;;
		-mon | --mon)
			mode=$(value mode <<< "$a")
			[ "$mode" != control ] || chardev=$(value chardev <<< "$a")
			;;
		esac
		last=$a
	done < <(arguments)
	if [ -z "$path" ] && [ -n "$chardev" ]; then
		path=$(arguments | grep "^socket,.*id=$chardev\b" | value path)
	fi
	path=${path%%,*}
	[ -n "$path" ] || return 1
	case $path in
	/*) echo "$path" ;;
	*) echo "$(readlink "/proc/$pid/cwd")/$path" ;;
	esac
}

# needs: what this tool cannot do without.
needs()
{
	local t
	for t in qmp qtracefold; do
		[ -x "$tools/$t" ] ||
			die "$tool: $tools/$t is missing; run make in $top"
	done
	command -v jq > /dev/null || skip "jq is missing; install the package jq"
	[ -n "$socket" ] || socket=$(monitor_path) ||
		skip "process $pid has no QMP monitor, so nothing can be switched" \
			"on in it; start it with -qmp" \
			"unix:SOCKET,server=on,wait=off (vm/guest.sh run with" \
			"QMP=SOCKET; 'make shell' has one)"
	[ -r "$socket" ] && [ -w "$socket" ] ||
		skip "the monitor $socket cannot be opened; run this as root or" \
			"as the user of process $pid"
}

# find_devices: sets devices, the my_rng with an id=. The others are traced too.
find_devices()
{
	local states list
	states=$(qmp trace-event-get-state '{"name": "my_rng_*"}') ||
		die "$tool: the monitor of process $pid does not answer"
	jq -e 'any(.state != "unavailable")' <<< "$states" > /dev/null ||
		skip "this QEMU has no trace events my_rng_*; use ours, which" \
			"'make' builds"
	list=$(qmp qom-list '{"path": "/machine/peripheral"}')
	mapfile -t devices < <(jq -r 'sort_by(.name)[] | select(.type == "child<my_rng>").name' \
		<<< "$list")
}

# ask_counters: the commands that read all counters.
ask_counters()
{
	local d c
	for d in "${devices[@]}"; do
		for c in "${counters[@]}"; do
			printf 'qom-get {"path": "/machine/peripheral/%s", "property": "stat-%s"}\n' \
				"$d" "$c"
		done
	done
}

# set_events BOOL: the command that switches the events.
set_events()
{
	printf 'trace-event-set-state {"name": "my_rng_*", "enable": %s}\n' "$1"
}

# while_stopped FILE COMMAND-LINES: reads the counters into FILE and executes the
# commands, with the guest stopped in between if it runs.
while_stopped()
{
	local running answers
	running=$(qmp query-status | jq .running) || return 1
	[ "$running" != true ] || stopped_vm=1
	answers=$({
		[ -z "$stopped_vm" ] || echo stop
		ask_counters
		printf '%s\n' "$2"
		[ -z "$stopped_vm" ] || echo cont
	} | qmp) || return 1
	stopped_vm=
	grep -E '^[0-9]+$' <<< "$answers" > "$1" || :
	# Whatever the human monitor has to say is a complaint
	! grep -vE '^(\{\}|[0-9]+)$' <<< "$answers" >&2
}

attach()
{
	tracing=1
	while_stopped "$work/before" "hmp logfile \"$work/qemu.log\"
$(set_events true)" ||
		die "$tool: cannot switch the trace events on (see above)"
}

# log_before: where QEMU's log went; a socket cannot be opened again.
log_before()
{
	local file
	file=$(arguments | sed -n '/^-D$/ { n; p }' | tail -n 1)
	case $file$(readlink "/proc/$pid/fd/2") in
	socket:*) file=/dev/null ;;
	esac
	echo "${file:-/dev/stderr}"
}

detach()
{
	if alive; then
		while_stopped "$work/after" "$(set_events false)
hmp logfile \"$(log_before)\"" && tracing= && return
		alive && die "$tool: cannot switch the trace events off (see above)"
	fi
	tracing=
	say "$tool: process $pid ended meanwhile: the counters at the end are" \
		"not known, the log is not checked"
}

tool_undo()
{
	alive || return 0
	[ -z "$tracing" ] || {
		set_events false
		echo "hmp logfile \"$(log_before)\""
	} | qmp > /dev/null 2>&1 || :
	[ -z "$stopped_vm" ] || qmp cont > /dev/null 2>&1 || :
}

# traced: what the table says of a device and its counters, as DEVICE COUNTER N.
traced()
{
	awk -F '\t' '
	BEGIN {
		split("mmio_read mmio-reads mmio_write mmio-writes pio_read " \
			"pio-reads pio_write pio-writes dma_end dmas " \
			"msi irqs admin admin", w, " ")
		for (i = 1; i in w; i += 2) of[w[i]] = w[i + 1]
	}
	$3 in of { sum[$2 "\t" of[$3]] += $4 }
	$3 == "dma_end" { sum[$2 "\tdma-bytes"] += $5 }
	END { for (k in sum) printf "%s\t%.0f\n", k, sum[k] }' "$work/qemu.tsv"
}

# check: counters.tsv, and whether all agree.
check()
{
	local d c
	{
		printf '# exitcost qemu-counters 1\n'
		printf 'device\tcounter\tbefore\tafter\ttraced\n'
		for d in "${devices[@]}"; do
			for c in "${counters[@]}"; do printf '%s\t%s\n' "$d" "$c"; done
		done | paste - "$work/before" "$work/after" |
			awk -F '\t' 'NR == FNR { n[$1 "\t" $2] = $3; next }
			{ printf "%s\t%.0f\n", $0, n[$1 "\t" $2] }
			END { print "# end " FNR }' <(traced) -
	} > "$work/counters.tsv"
	rm "$work/before" "$work/after"
	if grep -q '	reset	' "$work/qemu.tsv"; then
		say "$tool: the guest was reset, and its counters with it: the" \
			"log is not checked"
		return
	fi
	# Bytes without a request are a ring's, whose thread has no event for them
	awk -F '\t' '$2 == "dmas" { requests[$1] = $4 - $3 }
	$2 == "dma-bytes" && !requests[$1] && !$5 { next }
	NF == 5 && NR > 2 && $4 - $3 != $5 {
		print $1 ": counted " $4 - $3 " " $2 ", traced " $5; bad = 1 }
	END { exit bad }' "$work/counters.tsv" >&2 ||
		die "$tool: log and counters of the device disagree (see above);" \
			"is the disk full, or QEMU built without its log backend?"
}

fold()
{
	[ -s "$work/qemu.log" ] || die "$tool: nothing was traced: the guest did not" \
		"use the device, or QEMU cannot write to $out"
	"$tools/qtracefold" < "$work/qemu.log" > "$work/qemu.tsv" ||
		die "$tool: no table (see above)"
	if [ -e "$work/after" ]; then
		check
	else
		rm "$work/before"
	fi
	show "$work/qemu.tsv" > "$work/qemu.txt"
}

session_options "$@"
needs
session_open qemu.log qemu.tsv qemu.txt counters.tsv
find_devices
attach
session_run
detach
fold
session_close
cat "$out/qemu.txt"
