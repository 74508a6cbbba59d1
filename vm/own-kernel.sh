#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the study's own guest kernel, with the boot-time test of the device in
# it (vm/own/), in the cache: OUTDIR/vmlinuz and OUTDIR/headers (to build the
# driver) are symbolic links to it. Everything is built in, there are no modules.
#
# usage: vm/own-kernel.sh OUTDIR [-debug]
# With -debug, the kernel also checks itself and the driver (vm/own/debug.config).
# environment: KSRC   a kernel source tree to use instead of the distribution's
#                     (6.1 to 6.12); it is copied, never written to
#              EXITCOST_CACHE
#
# A build that was interrupted goes on where it stopped. What the cache holds is
# complete, and found again as long as the source, vm/own/ and the compiler are
# the same.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
kind=${2:-}
case $#,$kind in
1, | 2, | 2,-debug) ;;
*) die "usage: vm/own-kernel.sh OUTDIR [-debug]" ;;
esac
out=$1
own=$here/own
regs=$here/../include/my_rng_regs.h
cache=$(cache_dir)/own-kernel
export LC_ALL=C PATH=/usr/bin:/bin:/usr/sbin:/sbin
# What a make above us, or the user, has set is not meant for the kernel's
unset MAKEFLAGS MFLAGS MAKELEVEL ARCH CROSS_COMPILE KBUILD_OUTPUT

# Where the test goes: its declaration before the one line, its call after the
# other, in init/main.c
function_line='static int __ref kernel_init(void *unused)'
call_line=$'\tdo_sysctl_args();'

# version TREE: of the kernel source, as its Makefile says.
version()
{
	awk '$2 == "=" && /^(VERSION|PATCHLEVEL|SUBLEVEL) / { v = v "." $3 }
	     END { print v == "" ? "of no version" : substr(v, 2) }' "$1/Makefile"
}

# fits TREE: the test has one place to go, or say what is missing.
fits()
{
	local line
	for line in "$function_line" "$call_line"; do
		[ "$(grep -cxF -- "$line" "$1/init/main.c")" = 1 ] ||
			die "the boot-time test does not fit Linux $(version "$1"):" \
				"$1/init/main.c should have exactly one line" \
				"'${line#$'\t'}'; name a tree of Linux 6.1 to 6.12 by" \
				"KSRC=, or leave KSRC= out for the distribution's," \
				"or adapt the lines in vm/own-kernel.sh"
	done
}

# user_source: KSRC, looked at before anything is built. Sets id, state (what
# else the key takes) and broken (to say when it cannot be copied).
user_source()
{
	[ -f "$KSRC/Makefile" ] && [ -f "$KSRC/Kconfig" ] &&
		[ -f "$KSRC/init/main.c" ] ||
		die "KSRC=$KSRC is no Linux source tree (no Makefile, Kconfig or" \
			"init/main.c in it)"
	KSRC=$(realpath "$KSRC")
	fits "$KSRC"
	id=user-$(version "$KSRC")
	broken="cannot copy KSRC=$KSRC (see above); name a whole Linux source tree"
	state=$(find "$KSRC" -name .git -prune -o -type f -printf '%p %s %T@\n' |
		sort | sha256sum)
}

# package_source: the distribution's source package. Sets deb, id, state,
# broken.
package_source()
{
	local package
	deb=$(find "$cache/source" -name 'linux-source-*.deb' 2> /dev/null |
		sort -V | tail -n 1) || : # no folder yet
	if [ -z "$deb" ]; then
		need_space "$cache" 1200 "the guest kernel's source and build"
		package=$("$here/fetch.sh" depends linux-source |
			grep '^linux-source-[0-9]' | head -n 1)
		rm -rf "$cache/source.tmp"
		"$here/fetch.sh" deb "$cache/source.tmp" "$package"
		mv "$cache/source.tmp" "$cache/source"
		deb=$(find "$cache/source" -name 'linux-source-*.deb')
	fi
	id=$(basename "$deb" _all.deb)
	state=
	broken="cannot unpack $deb; remove $cache/source to fetch it again"
}

# left_out: what no kernel of ours is compiled from, as patterns for tar; 4 of 5
# files. Kconfig and Makefiles stay everywhere: they are read as a whole.
left_out()
{
	local d
	printf '%s\n' '*/.git' '*/Documentation/*/*' '*/arch/*_defconfig' '*.dts*' \
		'*/tools/perf' '*/tools/testing' '*/net/*/*.c' '*/sound/*.c' \
		'*/samples/*.c' '*/arch/[!x]*/*.[chS]' '*/arch/xtensa/*.[chS]' \
		'*/drivers/misc/*/*.[ch]'
	for d in ata bluetooth clk comedi crypto gpio gpu hid hsi hwmon i2c iio \
		infiniband input isdn leds md media memory mfd mmc mtd net nfc \
		nvme phy pinctrl platform power regulator remoteproc s390 \
		scsi soc spi staging target thermal usb video w1 watchdog; do
		printf '*/drivers/%s/*.[chS]\n' $d
	done
	for d in 9p afs befs btrfs ceph cifs erofs exfat ext2 ext4 f2fs fuse gfs2 \
		hfs hfsplus jffs2 jfs ksmbd nfs nfsd nilfs2 ntfs ntfs3 ocfs2 \
		reiserfs smb ubifs udf ufs xfs; do
		printf '*/fs/%s/*.[ch]\n' $d
	done
}

# unpack DIR: a copy of the source, without what is left out. A tree that was built
# in is cleaned, which takes the Makefiles of the documentation.
unpack()
{
	mkdir -p "$1" && left_out > "$1.left-out" || return
	if [ -n "${KSRC:-}" ]; then
		sed -i '/Documentation/d' "$1.left-out"
		tar -C "$KSRC" -X "$1.left-out" -cf - . | tar -C "$1" -xf - &&
			make -C "$1" mrproper
	else
		dpkg --fsys-tarfile "$deb" |
			tar -xOf - --wildcards './usr/src/linux-source-*.tar.xz' |
			tar -C "$1" -X "$1.left-out" --strip-components=1 -xJf -
	fi
}

# constants: the lines of the register map that the test uses. The whole map
# would have the kernel built anew for every register of some variant.
constants()
{
	local name
	printf '/* SPDX-License-Identifier: GPL-2.0-or-later */\n'
	printf '/* Generated from include/my_rng_regs.h */\n'
	grep -oE '\<MY_RNG_[A-Z0-9_]+' "$own/my_rng_test.c" | sort -u |
		while read -r name; do
			grep -E "^#define ${name}[[:space:]]" "$regs" ||
				die "include/my_rng_regs.h has no $name, which" \
					"vm/own/my_rng_test.c uses"
		done
}

# hook TREE: the test becomes part of the source.
hook()
{
	fits "$1"
	cp "$own/my_rng_test.c" "$1/init/"
	constants > "$1/init/my_rng_regs.h"
	echo 'obj-y += my_rng_test.o' >> "$1/init/Makefile"
	awk -v before="$function_line" -v after="$call_line" '
		$0 == before { print "void my_rng_test(void);\n" }
		{ print }
		$0 == after { print "\tmy_rng_test();" }' "$1/init/main.c" \
		> "$1/init/main.c.new"
	mv "$1/init/main.c.new" "$1/init/main.c"
}

# options TREE: those to set; of the mitigations, those the source knows. The
# kernel's version names its kind: the driver for one must not load in another.
options()
{
	local line name
	grep -h '^[^#]' "${configs[@]}" |
		sed "s/^CONFIG_LOCALVERSION=\"-exitcost/&$kind/"
	grep '^[^#]' "$own/mitigations.config" | while read -r line; do
		name=${line%%=*}
		! grep -qx "config ${name#CONFIG_}" "$1/arch/x86/Kconfig" ||
			echo "$line"
	done
}

# configure TREE: allnoconfig and our options; each must have come to be.
configure()
{
	local lost
	options "$1" > "$1/exitcost.config" &&
		make -C "$1" KCONFIG_ALLCONFIG=exitcost.config allnoconfig || return
	lost=$(grep -vxF -f "$1/.config" "$1/exitcost.config" | tr '\n' ' ') || :
	[ -z "$lost" ] || {
		mv "$1/.config" "$1/.config.lost"
		die "Linux $(version "$1") takes no ${lost% }: an option of another" \
			"name, or one that needs another option; correct" \
			"vm/own/*.config, or name another tree by KSRC="
	}
}

# compile TREE: make goes on where an interrupted build stopped.
compile()
{
	exec nice make -C "$1" -j"$(nproc)" KBUILD_BUILD_USER=exitcost \
		KBUILD_BUILD_HOST=exitcost KBUILD_BUILD_VERSION=1 \
		KBUILD_BUILD_TIMESTAMP="$(date -u -r "$1/Makefile")" \
		bzImage modules
}

# keep TREE DIR: the image, and what modules are built with, is all that stays.
keep()
{
	local headers
	mkdir -p "$2/headers" && headers=$(realpath "$2/headers") &&
		cp "$1/arch/x86/boot/bzImage" "$2/vmlinuz" && cd "$1" || return
	{
		printf '%s\n' .config Module.symvers System.map Makefile Kbuild \
			Kconfig tools/objtool/objtool
		find arch/x86 -maxdepth 1 -name 'Makefile*'
		find include scripts arch/x86/include -type f ! -name '*.o' ! -name '.*.cmd'
	} | cpio -pdm --quiet "$headers"
}

# build DIR: all of it, in DIR.work until it is complete.
build()
{
	local tree=$1.work/tree log=$1.work
	"$here/deps.sh" kernel
	need_space "$cache" 900 "the guest kernel's build"
	mkdir -p "$log"
	if [ ! -d "$tree" ]; then
		rm -rf "$tree.tmp"
		with_progress "unpacking $id" "$log/unpack.log" unpack "$tree.tmp" ||
			die "$broken"
		hook "$tree.tmp"
		mv "$tree.tmp" "$tree"
	fi
	[ -f "$tree/.config" ] ||
		with_progress "configuring $id" "$log/configure.log" \
			configure "$tree" || die "the guest's kernel cannot be configured"
	say "building $id (once; about 3 to 5 minutes on 2 cores)"
	with_progress "building $id" "$log/build.log" compile "$tree" ||
		die "the guest's kernel did not build"
	rm -rf "$1.tmp"
	(keep "$tree" "$1.tmp") || die "cannot write $1.tmp; is the disk full?"
	mv "$1.tmp" "$1"
	rm -rf "$cache"/*.work # ours, and what older interrupted builds left
}

configs=("$own/kernel.config")
[ -z "$kind" ] || configs+=("$own/debug.config")
if [ -n "${KSRC:-}" ]; then
	user_source
fi
mkdir -p "$out" "$cache" || die "cannot create $out and $cache"
exec 9> "$cache/lock"
flock -n 9 || { say "waiting for another build of the guest's kernel"; flock 9; }
[ -n "${KSRC:-}" ] || package_source
# Stated as its own step: a failure in it must not become a part of the key
used=$(constants)
key=$({
	printf '%s\n' "$id $state $used" "$(gcc --version | head -n 1)"
	cat "${configs[@]}" "$own"/mitigations.config "$own"/my_rng_test.c
	left_out
} | sha256sum | cut -c1-12)
dir=$cache/$id$kind-$key
[ -d "$dir" ] || build "$dir"
ln -sfn "$dir/vmlinuz" "$out/vmlinuz"
ln -sfn "$dir/headers" "$out/headers"
