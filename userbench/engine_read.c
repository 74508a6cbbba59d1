// SPDX-License-Identifier: GPL-2.0-or-later
/* read(2) of the wanted size from a character device. */
#include "engine.h"

#include <unistd.h>

int engine_read_batch(struct request *r, uint64_t calls)
{
	int fd = r->fd;
	void *buf = r->buf;
	size_t bytes = r->bytes;
	enum touch touch = r->touch;
	ssize_t got;

	while (calls--) {
		got = read(fd, buf, bytes);
		if (got != (ssize_t)bytes)
			return request_failed(r, got);
		touch_bytes(buf, bytes, touch);
	}
	return 0;
}

const struct engine engine_read = {
	.access = "read",
	.what = "read",
	.sizes = SIZES_ALL,
	.syscalls = 1,
	.open = engine_open_node,
	.batch = engine_read_batch,
	.close = engine_close_node,
};
