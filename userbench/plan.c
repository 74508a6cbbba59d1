// SPDX-License-Identifier: GPL-2.0-or-later
/* The cells of a study, and which of them are compared. */
#include "plan.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

#define END ((size_t)-1)

static const size_t none[] = { 0, END };
static const size_t word[] = { 4, END };
static const size_t mib[] = { 1048576, END };
static const size_t all[] = { 4, 64, 512, 4096, 16384, 65536, 1048576, END };
static const size_t all_quick[] = { 4, 4096, 65536, 1048576, END };
static const size_t all_split[] = { 4, 4096, 65536, END };
static const size_t all_scale[] = { 4096, 65536, END };
static const size_t few[] = { 4, 4096, 65536, END };
static const size_t in_place[] = { 64, 4096, 65536, 1048576, END };
static const size_t bulk[] = { 4096, 65536, 1048576, END };

static const size_t *const sizes[][2] = {
	[SIZES_NONE] = { none, none },
	[SIZES_WORD] = { word, word },
	[SIZES_MIB] = { mib, mib },
	[SIZES_ALL] = { all, all_quick },
	[SIZES_IN_PLACE] = { in_place, in_place },
	[SIZES_BULK] = { bulk, bulk },
	[SIZES_FEW] = { few, few },
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

static const size_t *sizes_of(const struct engine *e,
			      const struct plan_spec *spec)
{
	if (e->sizes == SIZES_ALL && spec->split)
		return all_split;
	if (spec->scale &&
	    (e->sizes == SIZES_ALL || e->sizes == SIZES_IN_PLACE))
		return all_scale;
	return sizes[e->sizes][spec->quick];
}

/* By one, two and four threads; two devices are for two threads or more */
static int add_threads(struct plan *p, struct cell c,
		       const struct plan_spec *spec)
{
	unsigned int most = spec->scale ? 4 : 1;

	for (c.threads = c.target->source.twin[0] ? 2 : 1; c.threads <= most;
	     c.threads *= 2) {
		if (add(p, c, spec))
			return -1;
	}
	return 0;
}

static int add_engine(struct plan *p, const struct target *t,
		      const struct engine *e, const struct plan_spec *spec)
{
	struct cell c = { .target = t, .engine = e };

	c.touch = cell_touch(e, spec->touch);
	for (const size_t *s = sizes_of(e, spec); *s != END; s++) {
		c.bytes = *s;
		if (*s < t->least || (t->most && *s > t->most))
			continue;
		if (add_threads(p, c, spec))
			return -1;
	}
	return 0;
}

/* What is compared: cells of one size; of more and more threads, one path's */
static bool same_group(const struct cell *a, const struct cell *b, bool scale)
{
	if (scale)
		return a->bytes == b->bytes &&
		       !strcmp(a->target->source.path, b->target->source.path);
	return a->bytes == b->bytes || (a->bytes <= 4 && b->bytes <= 4);
}

static void form_groups(struct plan *p, bool scale)
{
	p->groups = 0;
	for (size_t i = 0; i < p->count; i++) {
		size_t j = 0;

		while (j < i && !same_group(&p->cells[j], &p->cells[i], scale))
			j++;
		p->cells[i].group = j < i ? p->cells[j].group : p->groups++;
	}
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
	form_groups(p, spec->scale);
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
