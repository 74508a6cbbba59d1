#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The programs that fold captures, on captures of real runs: for each file
# golden/TOOL/NAME.in, what TOOL makes of it must be golden/TOOL/NAME.out; for
# NAME.bad, TOOL must refuse it with the message in NAME.out and write nothing.
# NAME.args, if there, holds its arguments.
#
# usage: tests/host/fold.sh TOOLS-FOLDER
# environment: RECORD_GOLDENS=1 writes the .out files anew (look at the diff)
. "$(dirname "$0")/../tap.sh"
golden=$(cd "$(dirname "$0")/golden" && pwd)
tools=$1

# fold TOOL CASE: runs TOOL on the case; output and message in $scratch/got.
fold()
{
	local args=()
	[ ! -e "${2%.*}.args" ] || read -ra args < "${2%.*}.args"
	status=0
	"$tools/$1" "${args[@]}" < "$2" > "$scratch/got" 2>&1 || status=$?
}

for case in "$golden"/*/*.in "$golden"/*/*.bad; do
	[ -e "$case" ] || continue
	tool=$(basename "$(dirname "$case")")
	name=host/fold/$tool/$(basename "${case%.*}")
	fold "$tool" "$case"
	[ -z "${RECORD_GOLDENS:-}" ] || cp "$scratch/got" "${case%.*}.out"
	case $case in
	*.in) [ "$status" -eq 0 ] ;;
	*) [ "$status" -ne 0 ] ;;
	esac && diff -u "${case%.*}.out" "$scratch/got" > "$scratch/output"
	ok $? "$name"
done
done_testing
