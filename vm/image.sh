#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes a guest's initramfs: busybox, /init, the kernel modules the guest
# needs, our driver, programs, and the shared libraries these want.
#
# usage: vm/image.sh OUT.cpio[.gz] KERNELDIR MY_RNG.ko|- PROGRAM...
#
# environment: MODULES (more kernel modules to load), OVERLAY (a folder whose
# content is put on top)
set -euo pipefail
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
[ "$module" = - ] || cp "$module" "$root/lib/my_rng.ko"
cp "$@" "$root/bin/"
[ -z "${OVERLAY:-}" ] || cp -r "$OVERLAY/." "$root/"
# plain FILE: the content of a kernel module that may be compressed.
plain()
{
	case $1 in
	*.xz) xz -dc "$1" ;;
	*.zst) zstd -qdc "$1" ;;
	*.gz) gzip -dc "$1" ;;
	*) cat "$1" ;;
	esac
}
# modules: what the guest loads, dependencies first, named in /lib/modules.list.
modules()
{
	local dir base name word file
	dir=$(realpath "$kernel/modules")
	base=${dir%/lib/modules/*}
	# shellcheck disable=SC2086
	for name in virtio_pci virtio_console virtio-rng qemu_fw_cfg \
			${MODULES:-}; do
		modprobe -d "${base:-/}" -S "${dir##*/}" --show-depends "$name" ||
			die "no module $name in $dir; the guest needs it"
	done | while read -r word file; do
		[ "$word" = insmod ] || continue # built in
		name=$(basename "$file")
		base=${name%.ko*}.ko
		[ ! -e "$root/lib/$base" ] || continue
		plain "$file" > "$root/lib/$base" ||
			die "cannot unpack $file; is ${name##*.} installed?"
		echo "/lib/$base"
	done > "$root/lib/modules.list"
}
# libraries: those of all programs, at the paths they have on this host.
libraries()
{
	local lib
	find "$root" -type f -perm -u+x -exec ldd {} \; 2> /dev/null |
		awk '$3 ~ /^\// { print $3 } $1 ~ /^\// { print $1 }' | sort -u |
		while read -r lib; do
			mkdir -p "$root${lib%/*}"
			cp -L "$lib" "$root$lib"
		done
}

# An image of many megabytes unpacks faster than it would decompress.
case $out in
*.gz) pack="gzip -1" ;;
*) pack="cat" ;;
esac
[ ! -e "$kernel/modules" ] || modules
libraries
(cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet) |
	$pack > "$out.tmp" || die "cannot write $out; is the disk full?"
mv "$out.tmp" "$out"
