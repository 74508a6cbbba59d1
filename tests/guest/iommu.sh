#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The DMA paths once more, in a guest whose devices are behind an IOMMU: bus
# addresses are not physical ones, and neighbours on the bus are not in memory.
#
# usage: tests/guest/iommu.sh BUILD
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
echo 'exec guest-test --iommu --path dma,dma-msi,dma-zc,dma-zc-msi' > "$scratch/job"
IOMMU=on VMRUN=$here/../../build/host/vmrun "$here/../../vm/guest.sh" run \
	"$build" --job "$scratch/job" --console "$scratch/console" --limit 240 --
