#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Provides the guest's kernel and userland: OUTDIR/vmlinuz, OUTDIR/modules,
# OUTDIR/headers (to build the driver), OUTDIR/busybox and OUTDIR/firmware
# (symbolic links into the cache), and OUTDIR/vmlinux, what guests boot: the
# kernel unpacked where it can be. Nothing is installed on the host.
#
# usage: vm/kernel.sh OUTDIR
# environment: LINUX     the distribution's kernel series, one of vm/versions
#                        (default: the first, 6.1)
#              KERNEL    "own": the study's own kernel (vm/own-kernel.sh, KSRC),
#                        "own-debug": the same with the kernel's own checks,
#                        or a kernel image of your own (bzImage), with
#              KDIR      its build folder or headers, and
#              KMODULES  its lib/modules/VERSION folder, if virtio is modular
#              EXITCOST_CACHE
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
out=$1
cache=$(cache_dir)

# unpack DIR DEB...: into a folder that appears only when it is complete.
unpack()
{
	local dir=$1 deb
	shift
	rm -rf "$dir.tmp"
	mkdir -p "$dir.tmp"
	for deb in "$@"; do
		dpkg -x "$deb" "$dir.tmp" || die "cannot unpack $deb"
	done
}

# distribution_kernel SERIES: image and matching headers. Sets dir. The default
# series is in $cache/kernel.
distribution_kernel()
{
	local image release kbuild suite name=kernel debs
	suite=$(version_suite linux "$1")
	[ "$1" = "${known%% *}" ] || name=kernel-$1
	dir=$cache/$name debs=$cache/debs/$name
	[ ! -d "$dir" ] || return 0
	need_space "$cache" 900 "the guest's kernel"
	image=$("$here/fetch.sh" --suite "$suite" depends linux-image-amd64 |
		grep '^linux-image-[0-9]' | head -n 1)
	release=${image#linux-image-}
	[[ $release == "$1".* ]] ||
		die "Debian's suite $suite has no Linux $1 but" \
			"${release:-none}; use KERNEL= and KDIR="
	kbuild=$("$here/fetch.sh" --suite "$suite" \
		depends "linux-headers-$release" | grep -m 1 '^linux-kbuild-')
	rm -rf "$debs"
	"$here/fetch.sh" --suite "$suite" deb "$debs" "$image" \
		"linux-headers-$release" \
		"linux-headers-${release%-amd64}-common" "$kbuild"
	say "unpacking Linux $release"
	unpack "$dir" "$debs"/*.deb
	# The headers refer to one another by the path of an installed package.
	sed -i "s,/usr/src/,$dir/usr/src/," \
		"$dir.tmp/usr/src/linux-headers-$release/Makefile"
	ln -s "usr/src/linux-headers-$release" "$dir.tmp/headers"
	ln -s "boot/vmlinuz-$release" "$dir.tmp/vmlinuz"
	ln -s "lib/modules/$release" "$dir.tmp/modules"
	depmod -b "$dir.tmp" "$release" || die "depmod failed; is kmod installed?"
	mv "$dir.tmp" "$dir"
	rm -rf "$debs"
}

# userland: busybox for the guest, firmware for the machine. Sets user.
userland()
{
	local debs=$cache/debs/userland
	user=$cache/userland
	[ ! -d "$user" ] || return 0
	rm -rf "$debs"
	"$here/fetch.sh" deb "$debs" busybox-static seabios qemu-system-data
	unpack "$user" "$debs"/*.deb
	mkdir "$user.tmp/firmware"
	cp "$user.tmp"/usr/share/seabios/*.bin "$user.tmp/firmware/"
	cp "$user.tmp"/usr/share/qemu/*.bin "$user.tmp"/usr/share/qemu/*.rom \
		"$user.tmp/firmware/"
	mv "$user.tmp" "$user"
	rm -rf "$debs"
}

# field FILE OFFSET BYTES: a little-endian number.
field() { od -An -t "u$3" -j $(($2)) -N "$3" "$1" | tr -d ' '; }

# unpack_kernel IMAGE OUT: what the compressed image holds, which QEMU starts by
# the PVH entry: an emulated CPU would take seconds to decompress it in each boot.
# Offsets: Linux, Documentation/x86/boot.rst. Any other image is linked.
unpack_kernel()
{
	local image=$1 at length tool
	rm -f "$2"
	at=$((($(field "$image" 0x1f1 1) + 1) * 512 +
		$(field "$image" 0x248 4) + 1))
	length=$(field "$image" 0x24c 4)
	for tool in xz gzip zstd; do
		{ tail -c "+$at" "$image" || :; } | head -c $((length - 4)) |
			{ $tool -dc || :; } > "$2.tmp" 2> /dev/null
		# XEN_ELFNOTE_PHYS32_ENTRY: the PVH entry
		if readelf -n "$2.tmp" 2> /dev/null | grep -q 0x00000012; then
			mv "$2.tmp" "$2"
			return
		fi
	done
	rm -f "$2.tmp"
	ln -s "$(realpath "$image")" "$2"
}

known=$(versions linux)
series=${LINUX:-${known%% *}}
[ -n "$(version_suite linux "$series")" ] ||
	die "unknown LINUX '$series'; choose one of: $known"
mkdir -p "$out" "$cache"
exec 9> "$cache/lock"
flock -n 9 || { say "waiting for another fetch"; flock 9; }

own=
case ${KERNEL:-} in
own | own-debug) own=$KERNEL ;;
esac
if [ -n "$own" ]; then
	[ -z "${KDIR:-}${KMODULES:-}" ] ||
		die "KERNEL=$own brings its own headers and has no modules; leave" \
			"KDIR= and KMODULES= out"
elif [ -n "${KERNEL:-}" ]; then
	[ -f "$KERNEL" ] ||
		die "KERNEL=$KERNEL does not exist; name a bootable kernel image" \
			"(bzImage or vmlinuz), own, or own-debug"
	[ -n "${KDIR:-}" ] ||
		die "KERNEL= needs KDIR=, the build folder or headers of the same" \
			"kernel, to build the driver for it"
fi
if [ -n "${KDIR:-}" ] && [ ! -f "$KDIR/Makefile" ]; then
	die "KDIR=$KDIR is no kernel build folder (no Makefile in it)"
fi
if [ -n "${KMODULES:-}" ] && [ ! -d "$KMODULES" ]; then
	die "KMODULES=$KMODULES does not exist; name a lib/modules/VERSION folder"
fi

userland
if [ -n "$own" ]; then
	exec 9>&- # a program it leaves behind must not hold the lock
	"$here/own-kernel.sh" "$out" "${own#own}"
	rm -f "$out/modules"
elif [ -n "${KERNEL:-}" ]; then
	ln -sfn "$(realpath "$KERNEL")" "$out/vmlinuz"
	ln -sfn "$(realpath "$KDIR")" "$out/headers"
	if [ -n "${KMODULES:-}" ]; then
		ln -sfn "$(realpath "$KMODULES")" "$out/modules"
	else
		rm -f "$out/modules"
	fi
else
	distribution_kernel "$series"
	ln -sfn "$dir/vmlinuz" "$out/vmlinuz"
	ln -sfn "$dir/modules" "$out/modules"
	ln -sfn "$(realpath "${KDIR:-$dir/headers}")" "$out/headers"
fi
ln -sfn "$user/bin/busybox" "$out/busybox"
ln -sfn "$user/firmware" "$out/firmware"
unpack_kernel "$out/vmlinuz" "$out/vmlinux"
