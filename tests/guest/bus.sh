#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The DMA paths once more, in a guest where bus addresses are not those of the
# memory: translated by an IOMMU, so that neighbours on the bus are none in
# memory; or of bounce buffers, from which the kernel copies.
#
# usage: tests/guest/bus.sh BUILD iommu|bounce
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
case $2 in
iommu)
	export IOMMU=on
	echo 'exec guest-test --iommu --path dma,dma-msi,dma-zc,dma-zc-msi'
	;;
bounce)
	export APPEND=swiotlb=force
	echo 'exec guest-test --path dma,dma-zc'
	;;
*)
	echo "bus.sh: $2: give iommu or bounce" >&2
	exit 2
	;;
esac > "$scratch/job"
VMRUN=$here/../../build/host/vmrun "$here/../../vm/guest.sh" run "$build" \
	--job "$scratch/job" --console "$scratch/console" --limit 240 --
