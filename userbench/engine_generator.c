// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The device's generators in a plain process, no device and no guest around them:
 * what no path can exceed. hostbench only.
 */
#include "engine_generator.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const MyRngGen *generator;

static const MyRngGen *find(const char *name)
{
	const MyRngGen *const *g = my_rng_gens;

	while (name && *g && strcmp((*g)->name, name))
		g++;
	return *g;
}

const MyRngGen *generator_select(const char *name)
{
	generator = find(name);
	return generator;
}

/* The one selected, unless the source names another */
static const MyRngGen *generator_of(const struct source *s)
{
	return s->generator ? find(s->generator) : generator;
}

static int generator_open(struct request *r)
{
	const MyRngGen *gen = generator_of(r->source);

	r->priv = malloc(gen->state_size + 1); /* some have no state */
	if (!r->priv) {
		errno = ENOMEM;
		return request_failed(r, -1);
	}
	gen->seed(r->priv, 1);
	return 0;
}

static int generator_batch(struct request *r, uint64_t calls)
{
	void (*fill)(void *state, uint32_t *dst, size_t n) =
		generator_of(r->source)->fill;
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

const struct engine engine_fill = {
	.access = "memory",
	.what = "generator fill",
	.sizes = SIZES_MIB,
	.open = generator_open,
	.batch = generator_batch,
	.close = generator_close,
};
