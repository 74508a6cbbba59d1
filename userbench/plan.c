// SPDX-License-Identifier: GPL-2.0-or-later
/* The cells of a study, and the order they run in. */
#include "plan.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "prng.h"

#define END ((size_t)-1)

static const size_t none[] = { 0, END };
static const size_t word[] = { 4, END };
static const size_t mib[] = { 1048576, END };
static const size_t all[] = { 4,    8,     16,    64,     256,     512, 1024,
			      4096, 16384, 65536, 262144, 1048576, END };
static const size_t all_quick[] = { 4, 64, 512, 4096, 65536, 1048576, END };
static const size_t all_split[] = { 4, 4096, 65536, END };
static const size_t large_split[] = { 65536, END };
static const size_t all_scale[] = { 4096, 65536, END };
static const size_t bulk[] = { 4096, 16384, 65536, 262144, 1048576, END };
static const size_t bulk_quick[] = { 4096, 65536, 1048576, END };
static const size_t large[] = { 65536, 1048576, END };
static const size_t threaded[] = { 4096, 65536, END };
static const size_t threaded_quick[] = { 65536, END };

static const size_t *const sizes[][2] = {
	[SIZES_NONE] = { none, none },       [SIZES_WORD] = { word, word },
	[SIZES_MIB] = { mib, mib },          [SIZES_ALL] = { all, all_quick },
	[SIZES_BULK] = { bulk, bulk_quick },
};

void cell_name(const struct cell *c, char *name, size_t size)
{
	snprintf(name, size, "%s/%s/%zu/%u", c->target->variant,
		 c->engine->access, c->bytes, c->threads);
}

enum touch cell_touch(const struct engine *e, enum touch asked)
{
	enum touch touch = asked == TOUCH_DEFAULT ? e->touch : asked;

	return touch == TOUCH_DEFAULT ? TOUCH_NONE : touch;
}

static bool matches(const struct cell *c, const char *glob)
{
	char name[96];

	cell_name(c, name, sizeof(name));
	return !fnmatch(glob, name, 0) || !fnmatch(glob, c->target->variant, 0);
}

static bool wanted(const struct cell *c, const struct plan_spec *spec)
{
	for (size_t i = 0; i < spec->only_count; i++) {
		if (matches(c, spec->only[i]))
			return true;
	}
	return !spec->only_count;
}

/* Appends if wanted; the array grows one by one: plans are small */
static int add(struct plan *p, struct cell c, const struct plan_spec *spec)
{
	struct cell *longer;

	if (!wanted(&c, spec))
		return 0;
	longer = realloc(p->cells, (p->count + 1) * sizeof(*p->cells));
	if (!longer) {
		log_error("out of memory for %zu cells", p->count + 1);
		return -1;
	}
	p->cells = longer;
	c.id = p->count + 1;
	p->cells[p->count++] = c;
	return 0;
}

/* By one, two and four threads; two devices are for two threads or more */
static int add_scale(struct plan *p, struct cell c,
		     const struct plan_spec *spec)
{
	const size_t *sz = c.engine->sizes == SIZES_ALL
				   ? all_scale
				   : sizes[c.engine->sizes][0];

	for (; *sz != END; sz++) {
		c.bytes = *sz;
		for (c.threads = c.target->source.twin[0] ? 2 : 1; c.threads <= 4;
		     c.threads *= 2) {
			if (add(p, c, spec))
				return -1;
		}
	}
	return 0;
}

static int add_engine(struct plan *p, const struct target *t,
		      const struct engine *e, const struct plan_spec *spec)
{
	const size_t *s = sizes[e->sizes][spec->quick];
	struct cell c = { .target = t, .engine = e, .threads = 1 };

	c.touch = cell_touch(e, spec->touch);
	if (t->large)
		s = spec->split ? large_split : large;
	else if (spec->split && e->sizes == SIZES_ALL)
		s = all_split;
	if (spec->scale)
		return t->large ? 0 : add_scale(p, c, spec);
	for (; *s != END; s++) {
		c.bytes = *s;
		if (add(p, c, spec))
			return -1;
	}
	if (!e->threads || spec->cpus < 2 || spec->split || t->large)
		return 0;
	c.threads = 2;
	for (s = spec->quick ? threaded_quick : threaded; *s != END; s++) {
		c.bytes = *s;
		if (add(p, c, spec))
			return -1;
	}
	return 0;
}

/* A glob that selects nothing is a mistake, not an empty wish */
static int check_globs(const struct plan *p, const struct plan_spec *spec)
{
	for (size_t g = 0; g < spec->only_count; g++) {
		size_t i = 0;

		while (i < p->count && !matches(&p->cells[i], spec->only[g]))
			i++;
		if (i == p->count) {
			log_error("--only %s matches no cell here; a cell is "
				  "VARIANT/ACCESS/BYTES/THREADS, for example "
				  "memcpy/memory/4096/1",
				  spec->only[g]);
			return -1;
		}
	}
	return 0;
}

int plan_build(struct plan *p, const struct target *targets, size_t count,
	       const struct plan_spec *spec)
{
	memset(p, 0, sizeof(*p));
	for (size_t i = 0; i < count; i++) {
		const struct target *t = &targets[i];

		for (size_t e = 0; e < TARGET_ENGINES && t->engines[e]; e++) {
			if (add_engine(p, t, t->engines[e], spec))
				goto fail;
		}
	}
	if (!check_globs(p, spec))
		return 0;
fail:
	plan_free(p);
	return -1;
}

void plan_free(struct plan *p)
{
	free(p->cells);
	memset(p, 0, sizeof(*p));
}

void plan_order(const struct plan *p, uint64_t *prng, size_t *order)
{
	for (size_t i = 0; i < p->count; i++) {
		size_t j = prng_below(prng, i + 1);

		order[i] = i;
		order[i] = order[j];
		order[j] = i;
	}
}
