# SPDX-License-Identifier: GPL-2.0-or-later
# A guest under tcg that waits for a tool to be attached, and the tool; sourced
# by tests, after tap.sh.
# shellcheck shell=bash disable=SC2034,SC2154

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
guest=$scratch/guest
vmrun='' pid='' tool_pid=''
trap 'kill "$vmrun" $tool_pid 2> /dev/null; wait; rm -rf "$scratch"' EXIT

# until_seen PATTERN FILE SECONDS: waits for a line.
until_seen()
{
	local end=$((SECONDS + $3))
	until grep -qE "$1" "$2" 2> /dev/null; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

# boot BUILD CELL...: a guest that runs userbench on the cells, $calls calls each
# (4) at the first go, and ends at the second. Sets vmrun and pid; its monitor is
# $scratch/qmp. The slices are long because a call slower than one is made once.
boot()
{
	local build=$1
	shift
	mkdir -p "$guest"
	{
		echo 'echo exitcost-ready; read -r go <&3'
		echo "userbench --study --lane tcg --count ${calls:-4} \\"
		echo '--slice-ms 1000 --raw /out/count-raw.tsv \'
		printf " '%s'" --only "$@"
		printf '\n%s\n' 'echo exitcost-done; read -r go <&3'
	} > "$guest/job"
	ACCEL=tcg QMP=$scratch/qmp "$top/vm/guest.sh" run "$build" \
		--job "$guest/job" --console "$guest/console" --out "$guest/out" \
		--limit 120 -- > "$guest/log" 2>&1 < /dev/null &
	vmrun=$!
	until_seen '^exitcost-ready' "$guest/log" 60 || {
		sed 's/^/# /' "$guest/log"
		return 1
	}
	pid=$(pgrep -P "$vmrun")
}

# go: the guest may do what is next.
go() { kill -USR1 "$vmrun"; }

# end_guest: and its results are in $guest/out.
end_guest()
{
	go
	wait "$vmrun"
	vmrun=
}

# attach TOOL ARGUMENT...: starts it and waits until it is attached.
attach()
{
	rm -f "$scratch/tool.err" # or what the last one said would be seen
	"$@" > "$scratch/tool.out" 2> "$scratch/tool.err" < /dev/null &
	tool_pid=$!
	until_seen ': attached$' "$scratch/tool.err" 60
}

# tool_ends: waits for the tool; sets status, and output for diagnosis.
tool_ends()
{
	status=0
	wait "$tool_pid" || status=$?
	tool_pid=
	cat "$scratch/tool.err" "$scratch/tool.out" > "$scratch/output"
}

# attached_run TOOL ARGUMENT...: the guest's cells while the tool looks at them.
attached_run()
{
	attach "$@" || { tool_ends; return; }
	go
	until_seen '^exitcost-done' "$guest/log" 60
	kill -TERM "$tool_pid"
	tool_ends
}

# counted COLUMN: of the guest's raw.tsv, as lines "CELL N" in order.
counted()
{
	awk -F '\t' -v name="$1" '
	NR == 2 { for (i = 1; i <= NF; i++) at[$i] = i }
	NR > 2 && !/^#/ { print $at["order"], $at[name] }' \
		"$guest/out/count-raw.tsv" | sort -n
}

# column FILE COLUMN [EVENT]: the sum of a column per cell, of rows with that
# event only; for each cell of the guest's raw.tsv, as counted() prints it.
column()
{
	awk -F '\t' -v name="$2" -v event="${3:-}" '
	FILENAME == "-" { n[substr($0, 1, index($0, " ") - 1)] = 0; next }
	FNR == 2 { for (i = 1; i <= NF; i++) at[$i] = i }
	FNR > 2 && !/^#/ && $at["cell"] in n &&
		(event == "" || $at["event"] == event) { n[$at["cell"]] += $at[name] }
	END { for (c in n) print c, n[c] }' - "$1" < <(counted calls) | sort -n
}

# same WANTED GOT NAME: two such lists, which must not be empty.
same()
{
	[ -n "$1" ] && [ "$1" = "$2" ]
	local bad=$?
	[ $bad -eq 0 ] || printf '# %s\n' "wanted: ${1//$'\n'/, }" "got: ${2//$'\n'/, }"
	ok $bad "$3"
}

# well_formed FILE KIND: first line, last line, as many fields everywhere.
well_formed()
{
	[ "$(head -n 1 "$1")" = "# exitcost $2 1" ] && awk -F '\t' '
	NR == 1 { next }
	NR == 2 { n = NF; next }
	/^# end / { end = ($0 == "# end " NR - 3); next }
	NF != n { bad = 1 }
	END { exit !(end && !bad) }' "$1"
}
