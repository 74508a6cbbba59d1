#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Provides a configured and built QEMU tree without my_rng: build/qemu/src and
# build/qemu/bld (symbolic links into the cache). The device is compiled and
# linked on top of it per variant (device/build.mk), so this tree knows nothing of
# it and is built once. A distribution's tree gets the patches of
# vm/patches/qemu-<version>, which mend QEMU itself, and says so in its version.
#
# usage: vm/qemu.sh OUTDIR
# environment: QEMU_VERSION   one of vm/versions (default: the first, 7.2)
#              QEMU_SRC   use this source tree instead of the distribution's;
#                         it is built out of tree and never written to
#              EXITCOST_CACHE
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
out=$1
cache=$(cache_dir)

# Only what the study needs: one system emulator with tcg and kvm. Without trace
# events of its own: switched off, those around its locks and its memory core
# make a register read dearer. The device's events bring their own backends. A
# distribution's tree is built without debug information and with the devices of
# vm/qemu-devices.mak only, which shortens the build.
configure_args="--target-list=x86_64-softmmu --without-default-features
	--enable-tcg --enable-kvm --enable-trace-backends=nop --disable-docs
	--disable-tools --disable-guest-agent --disable-werror"

# unpack VERSION DSC DIR: with our patches.
unpack()
{
	local patch
	dpkg-source --no-check --no-copy -x "$2" "$3" || return
	for patch in "$here/patches/qemu-$1"/*.patch; do
		[ -f "$patch" ] || continue
		patch -d "$3" -p1 < "$patch" || {
			echo "$patch does not fit this version of QEMU"
			return 1
		}
	done
}

# patched VERSION: sets patches, which tells one set of them from another, and
# mark, which names them in QEMU's version; both stay empty if there are none.
patched()
{
	local dir=$here/patches/qemu-$1
	[ -d "$dir" ] || return 0
	patches=$(cat "$dir"/*.patch | sha256sum | cut -c1-12)
	mark=$(basename -s .patch "$dir"/*.patch | paste -sd,)
	mark=--with-pkgversion=exitcost:$mark
}

# few_devices: only those of vm/qemu-devices.mak, as far as this tree has them.
# Changes configure_args.
few_devices()
{
	local to=$src/configs/devices/x86_64-softmmu/exitcost.mak
	find "$src" -name 'Kconfig*' -exec sed -n 's/^config /CONFIG_/p' {} + |
		awk -F = 'NR == FNR { known[$1] = 1; next } $1 in known' \
			- "$here/qemu-devices.mak" > "$to.$$"
	cmp -s "$to.$$" "$to" && rm "$to.$$" || mv "$to.$$" "$to"
	devices=$(sha256sum < "$to")
	configure_args="$configure_args --with-devices-x86_64=exitcost
		--disable-debug-info"
}

# fetch_source VERSION: the distribution's source package, unpacked. Sets src,
# ver, patches, mark. The default version's is in $cache/source.
fetch_source()
{
	local dsc suite files=$cache/source
	suite=$(version_suite qemu "$1")
	[ "$1" = "$default" ] || files=$cache/source-$1
	exec 9> "$files.lock"
	flock -n 9 || { say "waiting for another fetch of QEMU $1"; flock 9; }
	dsc=$(find "$files" -name 'qemu_*.dsc' 2> /dev/null | sort | tail -n 1)
	if [ -z "$dsc" ]; then
		need_space "$cache" 2500 "QEMU's source and build"
		rm -rf "$files.tmp"
		"$here/fetch.sh" --suite "$suite" source "$files.tmp" qemu
		[ -n "$(find "$files.tmp" -name "qemu_$1[.+]*.dsc")" ] ||
			die "Debian's suite $suite has no QEMU $1 but" \
				"$(basename "$files.tmp"/*.dsc .dsc); use QEMU_SRC="
		mv "$files.tmp" "$files"
		dsc=$(find "$files" -name 'qemu_*.dsc')
	fi
	ver=$(basename "$dsc" .dsc)
	patched "$1"
	src=$cache/$ver/src${patches:+-$patches}
	[ ! -d "$src" ] || return 0
	mkdir -p "$cache/$ver"
	rm -rf "$src.tmp"
	with_progress "unpacking $ver" "$cache/$ver/unpack.log" \
		unpack "$1" "$dsc" "$src.tmp" ||
		die "cannot unpack or patch $dsc (see above); if it is damaged," \
			"remove $files and try again"
	mv "$src.tmp" "$src"
}

# user_source: QEMU_SRC, looked at before anything is built. Sets src, ver.
user_source()
{
	[ -f "$QEMU_SRC/VERSION" ] && [ -x "$QEMU_SRC/configure" ] ||
		die "QEMU_SRC=$QEMU_SRC is no QEMU source tree (no VERSION or" \
			"configure in it)"
	src=$(realpath "$QEMU_SRC")
	ver=user-$(printf '%s' "$src" | sha256sum | cut -c1-12)
}

# wanted MODULE: the version of a Python module that this tree's build always
# wants; nothing where it wants none.
wanted()
{
	sed -n '/^\[\(meson\|tooling\)\]/,/^$/p' "$src/pythondeps.toml" \
		2> /dev/null |
		sed -n "s/^\"*$1\"* = .*accepted = \">=\([0-9.]*\)\".*/\1/p"
}

# lend MODULE PACKAGE: for this build alone, from the suite of vm/versions; not
# where the tree brings it itself.
lend()
{
	local suite dir=$cache/$1 debs=$cache/debs/$1
	[ -z "$(find "$src/python/wheels" -name "${1/./_}-*.whl" 2> /dev/null)" ] ||
		return 0
	suite=$(version_suite "$1" "$(versions "$1")")
	exec 7> "$dir.lock"
	flock 7
	if [ ! -d "$dir" ]; then
		rm -rf "$debs" "$dir.tmp"
		"$here/fetch.sh" --suite "$suite" deb "$debs" "$2"
		dpkg -x "$debs/$2"_*.deb "$dir.tmp" ||
			die "cannot unpack $2; remove $debs and try again"
		mv "$dir.tmp" "$dir"
		rm -rf "$debs"
	fi
	exec 7>&-
	PYTHONPATH=${PYTHONPATH:+$PYTHONPATH:}$dir/usr/lib/python3/dist-packages
	export PYTHONPATH
}

# python_modules: those that a tree newer than the system wants of its build.
python_modules()
{
	local meson
	meson=$(wanted meson)
	if dpkg --compare-versions "$(/usr/bin/meson --version)" lt "${meson:-0}"
	then
		lend meson meson
	fi
	[ -z "$(wanted pycotap)" ] || lend pycotap python3-pycotap
	[ -z "$(wanted qemu.qmp)" ] || lend qemu.qmp python3-qemu-qmp
}

# configure_tree BLD: the compiler must be the system's, python too: another
# one early in PATH lacks the modules that configure looks for.
configure_tree()
{
	local args="$configure_args $mark"
	if grep -q -- --with-git-submodules "$src/configure"; then
		args="$args --with-git-submodules=ignore --meson=/usr/bin/meson"
	else
		# Debian's tree has no firmware, which the guest brings anyway
		args="$args --disable-download --disable-install-blobs"
	fi
	# shellcheck disable=SC2086
	(cd "$1" && "$src/configure" $args)
}

# compile BLD: ninja goes on where an interrupted build stopped.
compile()
{
	ninja -C "$1" qemu-system-x86_64
}

patches='' mark='' devices=''
known=$(versions qemu)
default=${known%% *}
version=${QEMU_VERSION:-$default}
mkdir -p "$cache"
if [ -n "${QEMU_SRC:-}" ]; then
	user_source
elif [ -n "$(version_suite qemu "$version")" ]; then
	fetch_source "$version"
	few_devices
else
	die "unknown QEMU_VERSION '$version'; choose one of: $known"
fi
key=$(printf '%s\n' "$configure_args${patches:+ $patches}" "$devices" \
	"$(gcc --version | head -n 1)" |
	sha256sum | cut -c1-12)
bld=$cache/$ver/bld-$key
mkdir -p "$bld" "$out"
export PATH=/usr/bin:/bin:/usr/sbin:/sbin PYTHONDONTWRITEBYTECODE=1
unset PYTHONPATH

exec 9> "$cache/$ver/lock"
flock -n 9 || { say "waiting for another build of $ver"; flock 9; }
python_modules

if [ ! -f "$bld/build.ninja" ]; then
	need_space "$bld" 1500 "QEMU's build"
	with_progress "configuring $ver" "$bld/exitcost-configure.log" \
		configure_tree "$bld" ||
		{ rm -f "$bld/build.ninja"; die "QEMU's configure failed"; }
fi
if [ -n "${QEMU_SRC:-}" ] || [ ! -f "$bld/exitcost-complete" ]; then
	say "building $ver (once; about 2 to 5 minutes on 2 cores)"
	with_progress "building $ver" "$bld/exitcost-build.log" compile "$bld" ||
		die "QEMU did not build"
	touch "$bld/exitcost-complete"
fi
ln -sfn "$src" "$out/src"
ln -sfn "$bld" "$out/bld"
