// SPDX-License-Identifier: GPL-2.0-or-later
/* read(2) into memory in huge pages: one run for a device, whatever its size. */
#include "engine.h"

const struct engine engine_read_huge = {
	.access = "read-huge",
	.what = "read into huge pages",
	.sizes = SIZES_BULK,
	.syscalls = 1,
	.huge = true,
	.open = engine_open_node,
	.batch = engine_read_batch,
	.close = engine_close_node,
};
