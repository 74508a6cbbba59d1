// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * read(2) from /dev/hwrng. Which device answers is the kernel's rng_current;
 * targets.c selects virtio-rng there before the run.
 */
#include "engine.h"

const struct engine engine_hwrng = {
	.access = "hwrng",
	.what = "read",
	.sizes = SIZES_FEW,
	.syscalls = 1,
	.open = engine_open_node,
	.batch = engine_read_batch,
	.close = engine_close_node,
};
