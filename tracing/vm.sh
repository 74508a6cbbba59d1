# SPDX-License-Identifier: GPL-2.0-or-later
# A guest that runs one piece of load each time the host says so; sourced by
# tracing/trace.sh and tracing/look.sh after vm/lib.sh.
# shellcheck shell=bash
#
# A machine is known by a name; several can run at once, all but one idle. By
# name: vm_qemu, the process of QEMU; of the last piece of load vm_rate, its MB/s,
# and vm_reference, what a call of the benchmark's reference loop took in ns.

vm_top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
vm_scratch=$(mktemp -d)
# shellcheck disable=SC2034
declare -A vm_pid vm_fd vm_qemu vm_rate vm_reference

# vm_start NAME BUILD LOAD: boots BUILD's guest, waits until it is ready. LOAD is
# a shell command in the guest; its lines "throughput N MB/s" and "reference N ns"
# are noted.
vm_start()
{
	vm_launch "$@"
	vm_ready "$1"
}

# vm_launch NAME BUILD LOAD, vm_ready NAME: the two halves of it, so that several
# can boot at once.
vm_launch()
{
	local name=$1 build=$2 fifo=$vm_scratch/$1.fifo fd
	mkfifo "$fifo"
	cat > "$vm_scratch/$name.job" << EOF
echo exitcost-ready
while read -r word <&3; do
	$3
	echo "exitcost-done \$?"
done
EOF
	QMP=$vm_scratch/$name.qmp "$vm_top/vm/guest.sh" run "$build" \
		--job "$vm_scratch/$name.job" \
		--console "$vm_scratch/$name.console" \
		--limit "${LIMIT:-1800}" -- > "$fifo" 2> "$vm_scratch/$name.err" &
	vm_pid[$name]=$!
	exec {fd}< "$fifo"
	vm_fd[$name]=$fd
}
vm_ready()
{
	vm_expect "$1" exitcost-ready 120
	# shellcheck disable=SC2034
	vm_qemu[$1]=$(vm_child "${vm_pid[$1]}")
}

# vm_child PID: its only child. (A guest of the nested lane has no pgrep.)
vm_child()
{
	awk -v parent="$1" '{ sub(/.*\) /, "") } $2 == parent { print FILENAME }' \
		/proc/[0-9]*/stat 2> /dev/null | sed 's,/proc/,,; s,/.*,,'
}

# vm_expect NAME WORD SECONDS: reads the guest's lines up to one that starts with
# WORD; sets vm_line. A guest that ends or says nothing ends the script.
vm_expect()
{
	local name=$1 word=$2
	while :; do
		if ! IFS= read -r -t "$3" vm_line <&"${vm_fd[$name]}"; then
			kill "${vm_pid[$name]}" 2> /dev/null || :
			wait "${vm_pid[$name]}" || :
			cat "$vm_scratch/$name.err" >&2
			tail -n 20 "$vm_scratch/$name.console" >&2 || :
			die "the guest '$name' ended or hung while" \
				"'$word' was expected (see above)"
		fi
		case $vm_line in
		"$word"*) return ;;
		throughput*)
			read -r _ "vm_rate[$name]" _ <<< "$vm_line"
			;;
		reference*)
			read -r _ "vm_reference[$name]" _ <<< "$vm_line"
			;;
		"userbench: "*) say "guest: $vm_line" ;;
		esac
	done
}

# vm_load NAME: starts one piece of load; vm_end NAME waits for its end.
vm_load() { kill -USR1 "${vm_pid[$1]}"; }
vm_end()
{
	vm_expect "$1" exitcost-done "${2:-120}"
	[ "$vm_line" = "exitcost-done 0" ] ||
		die "the load failed in the guest: $vm_line"
}

# vm_stop NAME, vm_stop_all: for the exit trap too.
vm_stop()
{
	[ -n "${vm_pid[$1]:-}" ] || return 0
	kill "${vm_pid[$1]}" 2> /dev/null || :
	wait "${vm_pid[$1]}" 2> /dev/null || :
	local fd=${vm_fd[$1]}
	exec {fd}<&-
	rm -f "$vm_scratch/$1.fifo" "$vm_scratch/$1.qmp"
	unset "vm_pid[$1]"
}
vm_stop_all()
{
	local name
	for name in "${!vm_pid[@]}"; do vm_stop "$name"; done
	rm -rf "$vm_scratch"
}
