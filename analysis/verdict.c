// SPDX-License-Identifier: GPL-2.0-or-later
/* Comparisons of two cells and what may be said of them. */
#include "verdict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tsv.h"

#define ALPHA 0.05

const char *const verdict_names[VERDICTS] = {
	[VERDICT_UNDECIDED] = "undecided",
	[VERDICT_EQUAL] = "equal",
	[VERDICT_FASTER] = "faster",
	[VERDICT_SLOWER] = "slower",
};

static const char *const columns[] = {
	"lane",    "variant",      "access",      "bytes",
	"threads", "base_variant", "base_access", "base_threads",
	"boots",   "ratio",        "log_se",      "df",
	"p",       "verdict",      NULL,
};

/* --- deciding --- */

double verdict_p(struct estimate e)
{
	if (isnan(e.log) || isnan(e.se))
		return NAN;
	if (!(e.se > 0))
		return e.log == 0 ? 1 : 0;
	return stats_t_two_sided(e.log / e.se, e.df);
}

struct stats_interval verdict_interval(struct estimate e)
{
	double half;

	if (isnan(e.log) || isnan(e.se))
		return (struct stats_interval){ NAN, NAN, NAN };
	half = e.se > 0 ? e.se * stats_t_quantile(STATS_LEVEL, e.df) : 0;
	return (struct stats_interval){ exp(e.log), exp(e.log - half),
					exp(e.log + half) };
}

enum verdict verdict_decide(struct estimate e, double p)
{
	struct stats_interval ci = verdict_interval(e);

	if (ci.lo >= 1 / VERDICT_MARGIN && ci.hi <= VERDICT_MARGIN)
		return VERDICT_EQUAL;
	if (p < ALPHA)
		return e.log > 0 ? VERDICT_FASTER : VERDICT_SLOWER;
	return VERDICT_UNDECIDED;
}

static int by_value(const void *a, const void *b)
{
	double x = **(double *const *)a;
	double y = **(double *const *)b;

	return (x > y) - (x < y);
}

void verdict_holm(double *p, size_t n)
{
	double **sorted = g_new(double *, n);
	double least = 0;
	size_t known = 0;

	for (size_t i = 0; i < n; i++)
		if (!isnan(p[i]))
			sorted[known++] = &p[i];
	if (known)
		qsort(sorted, known, sizeof(*sorted), by_value);
	for (size_t i = 0; i < known; i++) {
		least = fmax(least, *sorted[i] * (double)(known - i));
		*sorted[i] = least = fmin(least, 1);
	}
	g_free(sorted);
}

struct estimate verdict_quotient(struct estimate a, struct estimate b)
{
	double va = a.se * a.se;
	double vb = b.se * b.se;
	double parts = va * va / a.df + vb * vb / b.df;

	return (struct estimate){
		.log = a.log - b.log,
		.se = sqrt(va + vb),
		.df = parts > 0 ? (va + vb) * (va + vb) / parts
				: fmin(a.df, b.df),
	};
}

enum goal_verdict verdict_goal(struct stats_interval ci, double wanted)
{
	if (isnan(ci.mid) || isnan(wanted))
		return GOAL_NOT_MEASURED;
	if (ci.lo >= wanted)
		return GOAL_REACHED;
	return ci.hi < wanted ? GOAL_MISSED : GOAL_UNDECIDED;
}

/* --- verdicts.tsv --- */

static void free_comparison(gpointer data)
{
	struct comparison *c = data;

	g_free(c->lane);
	g_free(c->variant);
	g_free(c->access);
	g_free(c->base_variant);
	g_free(c->base_access);
	g_free(c);
}

GPtrArray *verdicts_new(void)
{
	return g_ptr_array_new_with_free_func(free_comparison);
}

static bool read_verdict(const struct tsv *t, const struct tsv_row *row,
			 enum verdict *verdict, GError **err)
{
	const char *text = tsv_text(t, row, "verdict");

	for (int i = 0; i < VERDICTS; i++) {
		if (!strcmp(text, verdict_names[i])) {
			*verdict = i;
			return true;
		}
	}
	tsv_complain(t, row, err,
		     "verdict: expected undecided, equal, faster or slower, "
		     "found `%.40s`; run summarize again",
		     text);
	return false;
}

static bool read_comparison(const struct tsv *t, const struct tsv_row *row,
			    struct comparison *c, GError **err)
{
	uint64_t boots;
	double ratio;

	c->lane = g_strdup(tsv_text(t, row, "lane"));
	c->variant = g_strdup(tsv_text(t, row, "variant"));
	c->access = g_strdup(tsv_text(t, row, "access"));
	c->base_variant = g_strdup(tsv_text(t, row, "base_variant"));
	c->base_access = g_strdup(tsv_text(t, row, "base_access"));
	if (!tsv_uint(t, row, "bytes", 0, &c->bytes, err) ||
	    !tsv_uint(t, row, "threads", 1, &c->threads, err) ||
	    !tsv_uint(t, row, "base_threads", 1, &c->base_threads, err) ||
	    !tsv_uint(t, row, "boots", 0, &boots, err) ||
	    !tsv_real(t, row, "ratio", &ratio, err) ||
	    !tsv_real(t, row, "log_se", &c->estimate.se, err) ||
	    !tsv_real(t, row, "df", &c->estimate.df, err) ||
	    !tsv_real(t, row, "p", &c->p, err))
		return false;
	c->estimate.log = log(ratio);
	c->boots = (guint)boots;
	return read_verdict(t, row, &c->verdict, err);
}

GPtrArray *verdicts_read(const char *path, GError **err)
{
	struct tsv *t = tsv_read(path, "verdicts 1", columns, "summarize", err);
	GPtrArray *all = verdicts_new();
	bool good = t != NULL;

	for (guint i = 0; good && i < t->rows->len; i++) {
		struct comparison *c = g_new0(struct comparison, 1);

		g_ptr_array_add(all, c);
		good = read_comparison(t, t->rows->pdata[i], c, err);
	}
	tsv_free(t);
	if (good)
		return all;
	g_ptr_array_unref(all);
	return NULL;
}

static struct comparison turned_round(const struct comparison *c)
{
	struct comparison t = *c;

	t.variant = c->base_variant;
	t.access = c->base_access;
	t.threads = c->base_threads;
	t.base_variant = c->variant;
	t.base_access = c->access;
	t.base_threads = c->threads;
	t.estimate.log = -c->estimate.log;
	if (c->verdict == VERDICT_FASTER)
		t.verdict = VERDICT_SLOWER;
	if (c->verdict == VERDICT_SLOWER)
		t.verdict = VERDICT_FASTER;
	return t;
}

/* Whether a comparison is of these two, in this order */
static bool is_of(const struct comparison *c, const struct comparison *wanted)
{
	return c->bytes == wanted->bytes && c->threads == wanted->threads &&
	       c->base_threads == wanted->base_threads &&
	       !strcmp(c->variant, wanted->variant) &&
	       !strcmp(c->base_variant, wanted->base_variant) &&
	       !strcmp(c->access, wanted->access) &&
	       !strcmp(c->base_access, wanted->base_access) &&
	       !strcmp(c->lane, wanted->lane);
}

bool verdicts_find(const GPtrArray *all, const char *lane, const char *variant,
		   const char *access, uint64_t bytes, uint64_t threads,
		   const char *base_variant, const char *base_access,
		   uint64_t base_threads, struct comparison *out)
{
	const struct comparison wanted = {
		.lane = (char *)lane,
		.variant = (char *)variant,
		.access = (char *)access,
		.bytes = bytes,
		.threads = threads,
		.base_variant = (char *)base_variant,
		.base_access = (char *)base_access,
		.base_threads = base_threads,
	};

	for (guint i = 0; i < all->len; i++) {
		const struct comparison *c = all->pdata[i];
		struct comparison round = turned_round(c);

		if (is_of(c, &wanted))
			*out = *c;
		else if (is_of(&round, &wanted))
			*out = round;
		else
			continue;
		return true;
	}
	return false;
}
