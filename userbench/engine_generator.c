// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The device's generator in a plain process, no device and no guest around it:
 * what no path can exceed. hostbench only.
 */
#include "engine_generator.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const MyRngGen *generator;

const MyRngGen *generator_select(const char *name)
{
	const MyRngGen *const *g = my_rng_gens;

	while (name && *g && strcmp((*g)->name, name))
		g++;
	generator = *g;
	return generator;
}

static int generator_open(struct request *r)
{
	r->priv = malloc(generator->state_size);
	if (!r->priv) {
		errno = ENOMEM;
		return request_failed(r, -1);
	}
	generator->seed(r->priv, 1);
	return 0;
}

static int generator_batch(struct request *r, uint64_t calls)
{
	void (*fill)(void *state, uint32_t *dst, size_t n) = generator->fill;
	size_t words = r->bytes / sizeof(uint32_t);

	while (calls--)
		fill(r->priv, r->buf, words);
	return 0;
}

static void generator_close(struct request *r)
{
	free(r->priv);
	r->priv = NULL;
}

const struct engine engine_generator = {
	.access = "memory",
	.what = "generator fill",
	.sizes = SIZES_ALL,
	.open = generator_open,
	.batch = generator_batch,
	.close = generator_close,
};
