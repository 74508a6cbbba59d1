// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The C library's memcpy between two resident buffers: what this CPU does
 * without any device. On an emulated CPU the host can be faster than that, so
 * DMA, which is the host's memcpy, may exceed it there.
 */
#include "engine.h"

#include <string.h>

static int memcpy_batch(struct request *r, uint64_t calls)
{
	void *buf = r->buf;
	const void *src = r->src;
	size_t bytes = r->bytes;

	while (calls--) {
		memcpy(buf, src, bytes);
		/* the copy is used: the compiler must not drop or merge it */
		__asm__ volatile("" : : "r"(buf), "r"(src) : "memory");
	}
	return 0;
}

const struct engine engine_memcpy = {
	.access = "memory",
	.what = "memcpy",
	.sizes = SIZES_ALL,
	.batch = memcpy_batch,
};
