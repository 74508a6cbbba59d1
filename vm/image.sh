#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes the guest's initramfs: busybox, /init, the kernel modules the guest
# needs, our driver and our programs.
#
# usage: vm/image.sh OUT.cpio.gz KERNELDIR MY_RNG.ko PROGRAM...
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
out=$1 kernel=$2 module=$3
shift 3

root=$(mktemp -d)
trap 'rm -rf "$root" "$out.tmp"' EXIT
mkdir -p "$root"/{bin,lib,dev,proc,sys,tmp,root,out}
cp -L "$kernel/busybox" "$root/bin/busybox"
cp "$here/init" "$root/init"
chmod 755 "$root/init"
cp "$module" "$root/lib/my_rng.ko"
cp "$@" "$root/bin/"
# modules: what the guest loads, dependencies first, named in /lib/modules.list.
modules()
{
	local dir base name word file
	dir=$(realpath "$kernel/modules")
	base=${dir%/lib/modules/*}
	for name in virtio_pci virtio_console virtio-rng qemu_fw_cfg; do
		modprobe -d "${base:-/}" -S "${dir##*/}" --show-depends "$name" ||
			die "no module $name in $dir; the guest needs it"
	done | while read -r word file; do
		[ "$word" = insmod ] || continue # built in
		name=$(basename "$file")
		[ ! -e "$root/lib/${name%.xz}" ] || continue
		cp "$file" "$root/lib/"
		case $name in *.xz) xz -d "$root/lib/$name" ;; esac
		echo "/lib/${name%.xz}"
	done > "$root/lib/modules.list"
}
[ ! -e "$kernel/modules" ] || modules
(cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet) |
	gzip -1 > "$out.tmp" || die "cannot write $out; is the disk full?"
mv "$out.tmp" "$out"
