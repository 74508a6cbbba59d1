#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Provides a configured and built QEMU tree without my_rng: build/qemu/src and
# build/qemu/bld (symbolic links into the cache). The device is compiled and
# linked on top of it per variant (device/build.mk), so this tree stays as its
# authors made it and is built once.
#
# usage: vm/qemu.sh OUTDIR
# environment: QEMU_SRC   use this source tree instead of the distribution's;
#                         it is built out of tree and never written to
#              EXITCOST_CACHE
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
out=$1
cache=$(cache_dir)

# Only what the study needs: one system emulator with tcg and kvm. Without trace
# events of its own: switched off, those around its locks and its memory core
# make a register read dearer. The device's events bring their own backends.
configure_args="--target-list=x86_64-softmmu --without-default-features
	--enable-tcg --enable-kvm --enable-trace-backends=nop --disable-docs
	--disable-tools --disable-guest-agent --disable-werror"

# fetch_source: the distribution's source package, unpacked. Sets src, ver.
fetch_source()
{
	local dsc files=$cache/source
	dsc=$(find "$files" -name 'qemu_*.dsc' 2> /dev/null | sort | tail -n 1)
	if [ -z "$dsc" ]; then
		need_space "$cache" 2500 "QEMU's source and build"
		rm -rf "$files.tmp"
		"$here/fetch.sh" source "$files.tmp" qemu
		mv "$files.tmp" "$files"
		dsc=$(find "$files" -name 'qemu_*.dsc')
	fi
	ver=$(basename "$dsc" .dsc)
	src=$cache/$ver/src
	[ ! -d "$src" ] || return 0
	mkdir -p "$cache/$ver"
	rm -rf "$src.tmp"
	with_progress "unpacking $ver" "$cache/$ver/unpack.log" \
		dpkg-source --no-check --no-copy -x "$dsc" "$src.tmp" ||
		die "cannot unpack $dsc; remove $files and try again"
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

# configure_tree BLD: the compiler must be the system's, python too: another
# one early in PATH lacks the modules that configure looks for.
configure_tree()
{
	local args=$configure_args
	if grep -q -- --with-git-submodules "$src/configure"; then
		args="$args --with-git-submodules=ignore --meson=/usr/bin/meson"
	else
		args="$args --disable-download"
	fi
	# shellcheck disable=SC2086
	(cd "$1" && "$src/configure" $args)
}

# compile BLD: ninja goes on where an interrupted build stopped.
compile()
{
	ninja -C "$1" qemu-system-x86_64
}

if [ -n "${QEMU_SRC:-}" ]; then
	user_source
else
	fetch_source
fi
key=$(printf '%s\n' "$configure_args" "$(gcc --version | head -n 1)" |
	sha256sum | cut -c1-12)
bld=$cache/$ver/bld-$key
mkdir -p "$bld" "$out"
export PATH=/usr/bin:/bin:/usr/sbin:/sbin PYTHONDONTWRITEBYTECODE=1

exec 9> "$cache/$ver/lock"
flock -n 9 || { say "waiting for another build of $ver"; flock 9; }

if [ ! -f "$bld/build.ninja" ]; then
	need_space "$bld" 1500 "QEMU's build"
	with_progress "configuring $ver" "$bld/exitcost-configure.log" \
		configure_tree "$bld" ||
		{ rm -f "$bld/build.ninja"; die "QEMU's configure failed"; }
fi
if [ -n "${QEMU_SRC:-}" ] || [ ! -f "$bld/exitcost-complete" ]; then
	say "building $ver (once; about 2 to 4 minutes on 2 cores)"
	with_progress "building $ver" "$bld/exitcost-build.log" compile "$bld" ||
		die "QEMU did not build"
	touch "$bld/exitcost-complete"
fi
ln -sfn "$src" "$out/src"
ln -sfn "$bld" "$out/bld"
