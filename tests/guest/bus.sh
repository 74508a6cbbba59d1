#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The paths that write memory once more, in a guest where bus addresses are not
# those of the memory: translated by an IOMMU, so that neighbours on the bus are
# none in memory; or of bounce buffers, from which the kernel copies. Or where
# nothing can interrupt: nomsi. Or each device behind a port
# that can reset it; or with words of the host's.
#
# usage: tests/guest/bus.sh BUILD iommu|bounce|nomsi|reset|host VARIANT...
# VARIANT...: those of the build; without any that it is about, a failure
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$1 what=$2
shift 2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
options='' paths='' devices=()
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
reset)
	export DEVICES=
	options=--root-port
	add 32 32
	add 64 64
	add fifo fifo
	add dma dma,dma-msi,dma-zc,dma-q-msi
	add window window
	add ring ring
	for v in $variants; do
		devices+=("-device" "pcie-root-port,id=port$v,chassis=$((${#devices[@]} + 1))"
			"-device" "my_rng,variant=$v,bus=port$v")
	done
	;;
host)
	export GENERATOR=host
	options=--host
	paths=null
	;;
*)
	echo "bus.sh: $what: give iommu, bounce, nomsi, reset or host" >&2
	exit 2
	;;
esac
echo "exec guest-test $options --path $paths" > "$scratch/job"
VMRUN=$here/../../build/host/vmrun "$here/../../vm/guest.sh" run "$build" \
	--job "$scratch/job" --console "$scratch/console" --limit 240 -- "${devices[@]}"
