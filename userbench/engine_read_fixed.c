// SPDX-License-Identifier: GPL-2.0-or-later
/* read(2) into a registered buffer: pinned and mapped for the device once. */
#include "engine.h"

#include <sys/ioctl.h>

#include "my_rng_uapi.h"

/* The file's end is the registration's */
static int open_registered(struct request *r)
{
	struct my_rng_buf buf = { .addr = (uintptr_t)r->buf, .len = r->bytes };

	if (engine_open_node(r))
		return -1;
	if (ioctl(r->fd, MY_RNG_IOC_BUF_REGISTER, &buf)) {
		request_failed(r, -1);
		engine_close_node(r);
		return -1;
	}
	return 0;
}

const struct engine engine_read_fixed = {
	.access = "read-fixed",
	.what = "read into a registered buffer",
	.sizes = SIZES_BULK,
	.syscalls = 1,
	.open = open_registered,
	.batch = engine_read_batch,
	.close = engine_close_node,
};
