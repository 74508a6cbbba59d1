# SPDX-License-Identifier: GPL-2.0-or-later
# TAP for test scripts; sourced. Call done_testing at the end.
# shellcheck shell=bash
set -u
tap_n=0
tap_bad=0

# ok STATUS NAME: one result; STATUS 0 passes.
ok()
{
	tap_n=$((tap_n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_n - $2"
	else
		echo "not ok $tap_n - $2"
		tap_bad=$((tap_bad + 1))
		[ ! -s "${scratch:-/nonexistent}/output" ] ||
			sed 's/^/# /' "$scratch/output" | tail -n 30
	fi
}

skip()
{
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $2 # SKIP $1"
}

# run CMD...: runs it with its output in $scratch/output; sets status.
run()
{
	status=0
	"$@" > "$scratch/output" 2>&1 < /dev/null || status=$?
}

# says PATTERN: whether the last run printed it.
says() { grep -qE -- "$1" "$scratch/output"; }

# fails_saying PATTERN NAME: the last run failed and said why.
fails_saying()
{
	[ "$status" -ne 0 ] && says "$1"
	ok $? "$2"
}

# has_kvm: whether /dev/kvm is there and may be opened. (<> alone would make a file.)
has_kvm() { [ -c /dev/kvm ] && { : <> /dev/kvm; } 2> /dev/null; }

done_testing()
{
	echo "1..$tap_n"
	[ "$tap_bad" -eq 0 ]
	exit
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
