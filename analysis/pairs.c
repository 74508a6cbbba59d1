// SPDX-License-Identifier: GPL-2.0-or-later
/* Which cells of a run are compared with which, and what comes of it. */
#include "pairs.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "contest.h"
#include "fmt.h"
#include "moderate.h"
#include "names.h"
#include "samples.h"
#include "speed.h"
#include "verdict.h"

#define FAST "xoshiro256ppx8" /* generator of the study's second dma device */
#define MIB  UINT64_C(1048576)

/**
 * struct pair - two cells of one size and lane, one thread each
 * @variant: the one
 * @access: its access
 * @base_variant: the one it is compared with
 * @base_access: its access
 * @bytes: the only size; 0: every size that both were measured at
 */
struct pair {
	const char *variant;
	const char *access;
	const char *base_variant;
	const char *base_access;
	uint64_t bytes;
};

/* What no rule below brings: the report asks for these by name. */
static const struct pair named[] = {
	{ "dma", "read", "virtio-rng", "hwrng", 0 },
	{ "window", "mmap", "window-uc", "mmap", 0 },
	{ "dma-zc@" FAST, "read-huge", "host-gen-" FAST, "memory", MIB },
	{ "dma-zc@" FAST, "read", "host-gen-" FAST, "memory", MIB },
	{ "dma-zc@" FAST, "read-huge", "dma@" FAST, "read", MIB },
};

/**
 * struct pairing - comparisons being collected
 * @all: the series
 * @comparisons: so far
 * @seen: pairs of series, by the addresses of both, the lower one first
 */
struct pairing {
	const GPtrArray *all;
	GPtrArray *comparisons;
	GHashTable *seen;
};

/* --- collecting --- */

static bool has_rate(const struct series *s)
{
	for (guint i = 0; i < s->slices->len; i++)
		if (series_at(s, i)->kind == SLICE_RATE)
			return true;
	return false;
}

static bool is_new(struct pairing *p, const struct series *a,
		   const struct series *b)
{
	return g_hash_table_add(p->seen,
				g_strdup_printf("%p %p", (void *)MIN(a, b),
						(void *)MAX(a, b)));
}

/* One of @stands_for pairs that the measured speeds choose from */
static void compare_chosen(struct pairing *p, const struct series *s,
			   const struct series *base, double stands_for)
{
	struct comparison *c;

	if (!s || !base || s == base || !has_rate(s) || !has_rate(base) ||
	    !is_new(p, s, base))
		return;
	c = g_new0(struct comparison, 1);
	c->lane = g_strdup(s->lane);
	c->variant = g_strdup(s->variant);
	c->access = g_strdup(s->access);
	c->bytes = s->bytes;
	c->threads = s->threads;
	c->base_variant = g_strdup(base->variant);
	c->base_access = g_strdup(base->access);
	c->base_threads = base->threads;
	c->stands_for = stands_for;
	c->estimate = speed_ratio(s, base, &c->boots);
	g_ptr_array_add(p->comparisons, c);
}

static void compare(struct pairing *p, const struct series *s,
		    const struct series *base)
{
	compare_chosen(p, s, base, 1);
}

/* The series of @s's lane and size, one thread */
static const struct series *beside(const struct pairing *p,
				   const struct series *s, const char *variant,
				   const char *access)
{
	return series_find(p->all, s->lane, variant, access, s->bytes, 1);
}

/* --- rules, each for one series --- */

/* Everything in the guest against the driver alone and the exercise's path */
static void against_base(struct pairing *p, const struct series *s)
{
	if (s->threads != 1 || variant_is_of_host(s->variant))
		return;
	compare(p, s, beside(p, s, "null", "read"));
	compare(p, s, beside(p, s, "32", "read"));
}

static void against_rivals(struct pairing *p, const struct series *s)
{
	const struct variant_name *v = variant_find(s->variant);

	if (!v || s->threads != 1 || strcmp(s->access, v->access))
		return;
	for (const struct contest_pair *c = contest_pairs; c->a; c++)
		if (!strcmp(c->b, s->variant))
			compare(p, s,
				beside(p, s, c->a, variant_find(c->a)->access));
}

static void against_read(struct pairing *p, const struct series *s)
{
	if (s->threads == 1)
		compare(p, s, beside(p, s, s->variant, "read"));
}

static void against_named(struct pairing *p, const struct series *s)
{
	for (guint i = 0; i < G_N_ELEMENTS(named); i++)
		if (s->threads == 1 && !strcmp(named[i].variant, s->variant) &&
		    !strcmp(named[i].access, s->access) &&
		    (!named[i].bytes || named[i].bytes == s->bytes))
			compare(p, s,
				beside(p, s, named[i].base_variant,
				       named[i].base_access));
}

/* More threads against one, two devices against one of them. */
static void against_one(struct pairing *p, const struct series *s)
{
	bool two = g_str_has_prefix(s->variant, "2x");

	if (s->threads > 1)
		compare(p, s, beside(p, s, s->variant, s->access));
	if (two)
		compare(p, s, beside(p, s, s->variant + 2, s->access));
}

/* A device with a generator of its own against the study's */
static void against_generator(struct pairing *p, const struct series *s)
{
	char *path = g_strdup(s->variant);

	path[strcspn(path, "@")] = '\0';
	if (s->threads == 1 && strcmp(path, s->variant))
		compare(p, s, beside(p, s, path, s->access));
	g_free(path);
}

/* What was measured twice, under PATH-again, against the first time */
static void against_first(struct pairing *p, const struct series *s)
{
	char *path;

	if (s->threads != 1 || !g_str_has_suffix(s->variant, "-again"))
		return;
	path = g_strndup(s->variant, strlen(s->variant) - strlen("-again"));
	compare(p, s, beside(p, s, path, s->access));
	g_free(path);
}

static void against_rand(struct pairing *p, const struct series *s)
{
	if (g_str_has_prefix(s->variant, "host-gen-"))
		compare(p, s, beside(p, s, "host-rand", s->access));
}

/* --- the fastest --- */

static bool is_in_place(const struct series *s)
{
	return !strcmp(s->access, "mmap");
}

/* A data path that somebody may choose */
static bool is_candidate(const struct series *s)
{
	const struct variant_name *v = variant_find(s->variant);

	return v && v->is_device && s->threads == 1 && s->bytes;
}

/* Whether @s may lead @like: of the same lane, size, and kind of access */
static bool is_rival(const struct series *s, const struct series *like)
{
	return is_candidate(s) && s->bytes == like->bytes &&
	       is_in_place(s) == is_in_place(like) &&
	       !strcmp(s->lane, like->lane);
}

/*
 * The fastest series of @like's lane, size and kind; @but: a variant that is
 * left out, or NULL. NULL: nothing was measured.
 */
static const struct series *leader(const struct pairing *p, const double *ns,
				   const struct series *like, const char *but)
{
	const struct series *best = NULL;
	double least = INFINITY;

	for (guint i = 0; i < p->all->len; i++) {
		const struct series *s = p->all->pdata[i];

		if (!is_rival(s, like) || !(ns[i] < least) ||
		    (but && !strcmp(s->variant, but)))
			continue;
		least = ns[i];
		best = s;
	}
	return best;
}

/*
 * How many pairs of @like's rivals a comparison with their leader stands for.
 * The same speeds that are compared say which one leads, so the leader is
 * likely to have been lucky: each of the n - 1 comparisons with it answers for
 * its share of the n (n - 1) / 2 that there could have been.
 */
static double pairs_each(const struct pairing *p, const struct series *like)
{
	guint n = 0;

	for (guint i = 0; i < p->all->len; i++)
		n += is_rival(p->all->pdata[i], like);
	return n / 2.0;
}

/* The boots' medians, as in summary.tsv, say which series leads. */
static void against_leaders(struct pairing *p)
{
	double *ns = g_new(double, p->all->len + 1);

	for (guint i = 0; i < p->all->len; i++)
		ns[i] = speed_ns(p->all->pdata[i], NULL).log;
	for (guint i = 0; i < p->all->len; i++) {
		const struct series *s = p->all->pdata[i];

		if (is_candidate(s))
			compare_chosen(p, s, leader(p, ns, s, NULL),
				       pairs_each(p, s));
	}
	/* The report holds dma against the best, and ring in place too. */
	for (guint i = 0; i < p->all->len; i++) {
		const struct series *s = p->all->pdata[i];

		if (!is_candidate(s))
			continue;
		if (leader(p, ns, s, NULL) == s)
			compare(p, s, beside(p, s, "dma", "read"));
		if (leader(p, ns, s, "ring") == s)
			compare(p, beside(p, s, "ring", "mmap"), s);
	}
	g_free(ns);
}

/* --- all --- */

static void decide(GPtrArray *comparisons)
{
	double *p = g_new(double, comparisons->len + 1);

	moderate(comparisons);
	for (guint i = 0; i < comparisons->len; i++) {
		const struct comparison *c = comparisons->pdata[i];

		p[i] = verdict_p(c->estimate) * c->stands_for;
	}
	verdict_holm(p, comparisons->len);
	for (guint i = 0; i < comparisons->len; i++) {
		struct comparison *c = comparisons->pdata[i];

		c->p = p[i];
		c->verdict = verdict_decide(c->estimate, c->p);
	}
	g_free(p);
}

GPtrArray *pairs_compare(const GPtrArray *all)
{
	static void (*const rules[])(struct pairing *,
				     const struct series *) = {
		against_base, against_rivals,    against_read,  against_named,
		against_one,  against_generator, against_first, against_rand,
	};
	struct pairing p = {
		.all = all,
		.comparisons = verdicts_new(),
		.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					      NULL),
	};

	for (guint i = 0; i < all->len; i++)
		for (guint r = 0; r < G_N_ELEMENTS(rules); r++)
			rules[r](&p, all->pdata[i]);
	against_leaders(&p);
	decide(p.comparisons);
	g_hash_table_unref(p.seen);
	return p.comparisons;
}

/* --- verdicts.tsv --- */

static bool is_narrow(struct stats_interval ci)
{
	return ci.hi <= ci.mid * PAIRS_TARGET && ci.lo >= ci.mid / PAIRS_TARGET;
}

static void add_numbers(GString *out, const struct comparison *c)
{
	struct stats_interval ci = verdict_interval(c->estimate);
	const double number[] = { ci.mid,         ci.lo,          ci.hi,
				  c->estimate.se, c->estimate.df, c->p };

	for (guint i = 0; i < G_N_ELEMENTS(number); i++) {
		char *text = fmt_data(number[i]);

		g_string_append_printf(out, "\t%s", text);
		g_free(text);
	}
	g_string_append_printf(out, "\t%s\t%s\n", verdict_names[c->verdict],
			       is_narrow(ci) ? "met" : "missed");
}

GString *pairs_text(const GPtrArray *comparisons)
{
	GString *out = g_string_new(
		"# exitcost verdicts 1\n"
		"lane\tvariant\taccess\tbytes\tthreads\tbase_variant\t"
		"base_access\tbase_threads\tboots\tratio\tratio_lo\tratio_hi\t"
		"log_se\tdf\tp\tverdict\ttarget\n");

	for (guint i = 0; i < comparisons->len; i++) {
		const struct comparison *c = comparisons->pdata[i];

		g_string_append_printf(out,
				       "%s\t%s\t%s\t%" PRIu64 "\t%" PRIu64
				       "\t%s\t%s\t%" PRIu64 "\t%u",
				       c->lane, c->variant, c->access, c->bytes,
				       c->threads, c->base_variant,
				       c->base_access, c->base_threads,
				       c->boots);
		add_numbers(out, c);
	}
	g_string_append_printf(out, "# end %u\n", comparisons->len);
	return out;
}
