// SPDX-License-Identifier: GPL-2.0-or-later
/* An ioctl that does nothing: prices the way into the driver and back. */
#include "engine.h"

#include <sys/ioctl.h>

#include "my_rng_uapi.h"

static int ioctl0_batch(struct request *r, uint64_t calls)
{
	int fd = r->fd;

	while (calls--) {
		if (ioctl(fd, MY_RNG_IOC_NOP))
			return request_failed(r, -1);
	}
	return 0;
}

const struct engine engine_ioctl0 = {
	.access = "syscall",
	.what = "ioctl MY_RNG_IOC_NOP",
	.sizes = SIZES_NONE,
	.syscalls = 1,
	.open = engine_open_node,
	.batch = ioctl0_batch,
	.close = engine_close_node,
};
