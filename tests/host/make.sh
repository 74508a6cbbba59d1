#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The front door, in a copy of the sources: what make says to wrong input, that it
# builds each variant, and what it rebuilds.
. "$(dirname "$0")/../tap.sh"
cd "$(dirname "$0")/../.." || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL VARIANT ACCEL

mkdir "$scratch/tree"
find . -mindepth 1 -maxdepth 1 ! -name build ! -name results ! -name .git \
	-exec cp -a -t "$scratch/tree" {} +
cd "$scratch/tree" || exit 1

run make VARIANT=bogus
fails_saying "unknown VARIANT 'bogus'; choose one of: 32 64 fifo dma window ring all" \
	host/make/unknown-variant-lists-names
[ ! -e build ]
ok $? host/make/unknown-variant-builds-nothing

run make ACCEL=bogus study
fails_saying "unknown ACCEL 'bogus'" host/make/unknown-accel-lists-names

run env KERNEL=/nonexistent/vmlinuz make study QUICK=1
fails_saying "KERNEL=/nonexistent/vmlinuz does not exist; name a bootable" \
	host/make/missing-kernel-is-named
[ ! -e results ]
ok $? host/make/missing-kernel-leaves-no-result

run env KERNEL=/etc/hostname make
fails_saying "KERNEL= needs KDIR=" host/make/kernel-needs-kdir

run env KERNEL=own KDIR=/etc make
fails_saying "KERNEL=own brings its own headers" host/make/kernel-own-takes-no-kdir

run env QEMU_SRC="$scratch" make
fails_saying "is no QEMU source tree" host/make/wrong-qemu-src-is-named

# The wrong choices above must not stick.
run make
ok "$status" host/make/builds-again-after-wrong-choices

run make -d
! says 'Must remake target .build/all/(qemu-system-x86_64|my_rng.ko|userbench)'
ok $? host/make/second-make-builds-nothing

for v in 32 64 fifo dma window ring; do
	run make VARIANT=$v
	[ "$status" -eq 0 ] && [ -x "build/$v/qemu-system-x86_64" ] &&
		[ -f "build/$v/my_rng.ko" ] && [ -x "build/$v/userbench" ] &&
		! says 'building qemu'
	ok $? "host/make/variant-$v-builds-without-rebuilding-qemu"
	# A tool that wants them all can attach to any build.
	[ "$(readelf -n "build/$v/qemu-system-x86_64" 2> /dev/null |
		sed -n 's/^ *Name: \(my_rng_.*\)/\1/p' | sort -u)" = \
		"$(sed -n 's/^\(my_rng_[a-z_]*\)(.*/\1/p' device/trace-events | sort -u)" ]
	ok $? "host/make/variant-$v-has-the-probes-of-every-event"
done

run make help
ok "$status" host/make/help-succeeds
for target in study bench exitbench shell plots report predict publish kernel-test \
	check check-debug grade matrix lint install uninstall clean distclean; do
	says "make $target " || break
done
ok $? host/make/help-lists-every-target

done_testing
