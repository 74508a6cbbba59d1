// SPDX-License-Identifier: GPL-2.0-or-later
/* getrandom(2): the kernel's own generator, no device. */
#include "engine.h"

#include <sys/syscall.h>
#include <unistd.h>

static int getrandom_batch(struct request *r, uint64_t calls)
{
	void *buf = r->buf;
	size_t bytes = r->bytes;
	long got;

	while (calls--) {
		got = syscall(SYS_getrandom, buf, bytes, 0);
		if (got != (long)bytes)
			return request_failed(r, got);
	}
	return 0;
}

const struct engine engine_getrandom = {
	.access = "syscall",
	.what = "getrandom",
	.sizes = SIZES_FEW,
	.syscalls = 1,
	.batch = getrandom_batch,
};
