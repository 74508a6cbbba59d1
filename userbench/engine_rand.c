// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The C library's rand(), word by word, in a plain process: what generator "glibc"
 * gives the same numbers as, and the obvious way to get them. hostbench only.
 */
#include "engine.h"

#include <stdlib.h>

static int rand_open(struct request *r)
{
	(void)r;
	srand(1);
	return 0;
}

static int rand_batch(struct request *r, uint64_t calls)
{
	size_t words = r->bytes / sizeof(uint32_t);
	uint32_t *buf = r->buf;

	while (calls--)
		for (size_t i = 0; i < words; i++)
			buf[i] = (uint32_t)rand();
	return 0;
}

const struct engine engine_rand = {
	.access = "memory",
	.what = "rand() in a loop",
	.sizes = SIZES_MIB,
	.open = rand_open,
	.batch = rand_batch,
};
