// SPDX-License-Identifier: GPL-2.0-or-later
/* One number per ioctl: how the exercise asks. */
#include "engine.h"

#include <sys/ioctl.h>

#include "my_rng_uapi.h"

static int ioctl_batch(struct request *r, uint64_t calls)
{
	int fd = r->fd;
	unsigned int *number = r->buf;

	while (calls--) {
		if (ioctl(fd, MY_RNG_IOC_GET, number))
			return request_failed(r, -1);
	}
	return 0;
}

const struct engine engine_ioctl = {
	.access = "ioctl",
	.what = "ioctl MY_RNG_IOC_GET",
	.sizes = SIZES_WORD,
	.syscalls = 1,
	.open = engine_open_node,
	.batch = ioctl_batch,
	.close = engine_close_node,
};
