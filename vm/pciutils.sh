#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Provides lspci for the guest: OUT, a symbolic link to a folder of the cache
# that vm/image.sh takes as OVERLAY (bin/lspci, share/pci.ids). Built static from
# the distribution's source package: the packaged one would bring five megabytes
# of libraries into every guest. Of the names of all devices in the world only
# the ones that QEMU emulates go along.
#
# usage: vm/pciutils.sh OUT
# environment: EXITCOST_CACHE
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
out=$1
cache=$(cache_dir)
# What is made depends on this script and the compiler only
key=$({ cat "$0"; gcc --version | head -n 1; } | sha256sum | cut -c1-12)
dir=$cache/pciutils-$key

# emulated: all classes, all of Red Hat's devices, and of other vendors those
# that are said to be part of a QEMU machine (subsystem 1af4:1100).
emulated()
{
	awk '
	/^(#|$)/ { next }
	/^C / { classes = 1 }
	classes { print; next }
	/^[0-9a-f]/ { vendor = $0; said = all = $1 == "1af4" || $1 == "1b36" }
	all { print; next }
	/^\t[0-9a-f]/ { device = $0 }
	/^\t\t1af4 1100 / {
		if (!said++) print vendor
		print device
		print
	}' "$1"
}

# compile DIR: not with the flags of the make that called this script.
compile()
{
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -C "$1" lib/libpci.a lspci PREFIX=/ IDSDIR=/share SHARED=no \
		ZLIB=no DNS=no LIBKMOD=no HWDB=no OPT=-O2 LDFLAGS="-static -s"
}

build()
{
	local files=$cache/debs/pciutils tree
	need_space "$cache" 20 "lspci"
	rm -rf "$files" "$dir.tmp"
	"$here/fetch.sh" source "$files" pciutils
	mkdir -p "$dir.tmp/root/bin" "$dir.tmp/root/share"
	tree=$dir.tmp/src
	dpkg-source --no-check --no-copy -x "$files"/*.dsc "$tree" \
		> "$dir.tmp/log" || die "cannot unpack the source of pciutils"
	with_progress "building lspci" "$dir.tmp/log" compile "$tree" ||
		die "lspci did not build"
	cp "$tree/lspci" "$dir.tmp/root/bin/"
	emulated "$tree/pci.ids" > "$dir.tmp/root/share/pci.ids"
	mv "$dir.tmp/root" "$dir"
	rm -rf "$files" "$dir.tmp"
}

mkdir -p "$cache" "$(dirname "$out")"
exec 9> "$cache/pciutils.lock"
flock -n 9 || { say "waiting for another build of lspci"; flock 9; }
[ -d "$dir" ] || build
ln -sfn "$dir" "$out"
