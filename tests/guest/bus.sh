#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The paths that write memory once more, in a guest where bus addresses are not
# those of the memory: translated by an IOMMU, so that neighbours on the bus are
# none in memory; or of bounce buffers, from which the kernel copies. Or where
# nothing can interrupt: nomsi.
#
# usage: tests/guest/bus.sh BUILD iommu|bounce|nomsi VARIANT...
# VARIANT...: those of the build; without any that it is about, a failure
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$1 what=$2
shift 2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
options='' paths=''
# add VARIANT PATH,...: what to test if VARIANT is one of the build's
add()
{
	[[ " $variants " != *" $1 "* ]] || paths=$paths${paths:+,}$2
}
variants=$*
case $what in
iommu)
	export IOMMU=on
	options=--iommu
	add dma dma,dma-msi,dma-zc,dma-zc-msi,dma-q-msi
	add ring ring
	;;
bounce)
	export APPEND=swiotlb=force
	add dma dma,dma-zc,dma-q
	;;
nomsi)
	export APPEND=pci=nomsi
	options=--no-msi
	add ring ring
	;;
*)
	echo "bus.sh: $what: give iommu, bounce or nomsi" >&2
	exit 2
	;;
esac
echo "exec guest-test $options --path $paths" > "$scratch/job"
VMRUN=$here/../../build/host/vmrun "$here/../../vm/guest.sh" run "$build" \
	--job "$scratch/job" --console "$scratch/console" --limit 240 --
