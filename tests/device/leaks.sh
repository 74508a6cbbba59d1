#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Devices that were refused, and devices that were unplugged, leave none of their
# memory behind. The sanitizer looks for leaks when QEMU ends by itself, as it does
# here; of what it finds, that counts which the device's own code allocated.
#
# usage: tests/device/leaks.sh QEMU VARIANT...      QEMU with the sanitizers in it
. "$(dirname "$0")/../tap.sh"
qemu=$1
shift
variants=$*

# tell COMMAND [ARGUMENTS]: a QMP command; sets answer.
tell()
{
	echo "{\"execute\": \"$1\", \"arguments\": {${2:-}}}" >&"${machine[1]}"
	while read -r -t 60 -u "${machine[0]}" answer; do
		case $answer in
		*'"event": "DEVICE_DELETED"'*'"device":'*) gone=$((gone + 1)) ;;
		*'"return":'* | *'"error":'*) return ;;
		esac
	done
	answer="no answer to $1"
}

# plug VARIANT PROPERTIES
plug() { tell device_add "\"driver\": \"my_rng\", \"variant\": \"$1\", $2"; }

# What each variant refuses, as late as it can
declare -A wrong=([32]='"generator": "none-such"' [64]='"generator": "none-such"'
	[fifo]='"fifo-depth": 0' [window]='"window-size": 3'
	[dma]='"queue-poll-ns": 4294967295' [ring]='"ring-poll-ns": 4294967295')

truncate -s 64K "$scratch/bios"
log=$scratch/log
gone=0 accepted=0 refused=0
coproc machine {
	ASAN_OPTIONS=detect_leaks=1:fast_unwind_on_malloc=0:detect_stack_use_after_return=0 \
		"$qemu" -machine pc,accel=qtest -nodefaults -display none \
		-no-user-config -bios "$scratch/bios" -m 32M -qmp stdio 2> "$log"
}
# shellcheck disable=SC2154
pid=$machine_PID
tell qmp_capabilities
for v in $variants; do
	plug "$v" "${wrong[$v]}"
	[[ $answer != *'"error":'* ]] || refused=$((refused + 1))
	plug "$v" "\"id\": \"rng$v\""
	[[ $answer != *'"return":'* ]] || accepted=$((accepted + 1))
done
for v in $variants; do tell device_del "\"id\": \"rng$v\""; done
tell system_reset # without a guest, that is what lets go of them
for _ in {1..100}; do
	[ $gone -lt $# ] || break
	sleep 0.1
	tell query-status
done
tell quit
wait "$pid"
cp "$log" "$scratch/output"
[ $accepted -eq $# ] && [ $refused -eq $# ] && [ $gone -eq $# ]
ok $? device/leaks/devices-come-and-go

# A paragraph for each leak, with where it was allocated
awk 'BEGIN { RS = "" } / leak of / && /\/device\/[a-z0-9_]*\.[ch]:/ { print; bad = 1 }
     /LeakSanitizer has encountered/ { print; bad = 1 } END { exit bad }' "$log" \
	> "$scratch/output"
ok $? device/leaks/nothing-of-the-device-is-left
done_testing
