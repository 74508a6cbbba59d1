#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The exercise's boot-time test: boots the study's own kernel (vm/own-kernel.sh)
# with one device and without any, and prints what the test in it wrote to the
# kernel's log. Exit status 0 if the numbers are those of the exercise, the test
# without a device said so, and both guests went on to run programs.
#
# usage: vm/kernel-test.sh BUILD VARIANT
#
# BUILD is build/<variant>, VARIANT the device's. environment: that of
# vm/guest.sh (KERNELDIR, INITRAMFS), with ACCEL=tcg by default; LIMIT (120 s a
# boot)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
[ $# -eq 2 ] || die "usage: vm/kernel-test.sh BUILD VARIANT"
build=$1 variant=$2
# glibc's rand() after srand(0x42): what the exercise prints, each round anew
numbers="286129175 1594929109 971802288 222134722 1335014133"

ACCEL=${ACCEL:-tcg} choose_linux_lane "$build"
run=$(mktemp -d)
trap 'rm -rf "$run"' EXIT
trap 'exit 130' INT TERM HUP

# What the guest runs: to come here is half of the test.
cat > "$run/job" << 'EOF'
dmesg > /out/log
echo "a program runs in the guest, Linux $(uname -r)"
EOF

# boot DEVICES: what the test printed, rules and all, is left in $run/test.
boot()
{
	DEVICES=$1 "$here/guest.sh" run "$build" --job "$run/job" \
		--out "$run/out" --console "$run/console" \
		--limit "${LIMIT:-120}" -- ||
		die "the guest did not come to run programs (see above)"
	sed 's/^\[ *[0-9.]*\] //' "$run/out/log" | awk '
		/^-+$/ { rule = $0 }
		/^BEGIN MY-RNG TEST$/ { print rule; inside = 1 }
		inside
		/^END MY-RNG TEST$/ { inside = 0; print rule }' > "$run/test"
	[ -s "$run/test" ] ||
		die "the guest's kernel log has no MY-RNG TEST in it; is it our" \
			"kernel? run make kernel-test"
	cat "$run/test"
}

# expected: the ten lines.
expected()
{
	local round n i
	for round in 0 1; do
		i=0
		for n in $numbers; do
			echo "Round $round number $i: $n"
			i=$((i + 1))
		done
	done
}

say "booting with a device, VARIANT=$variant"
boot "$variant"
grep -E '^(Round|ERROR)' "$run/test" > "$run/numbers" || :
expected | diff - "$run/numbers" > "$run/diff" || {
	sed 's/^</exercise:/; s/^>/device:  /' "$run/diff" | grep : >&2
	die "the device's numbers are not those of the exercise; it takes a" \
		"generator of glibc's rand() (generator=glibc) and SEED at 4"
}
say "booting without a device"
boot ""
[ "$(grep -E '^(Round|ERROR)' "$run/test")" = \
	"ERROR: cannot map device registers" ] ||
	die "without a device the test should say that it cannot map one"
say "the boot-time test passed: ten numbers with a device, an error without"
