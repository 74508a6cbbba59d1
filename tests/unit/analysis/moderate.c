// SPDX-License-Identifier: GPL-2.0-or-later
/* Unit tests of analysis/moderate.c: errors of many comparisons. */
#include "moderate.h"

#include <math.h>

#include "tap.h"
#include "verdict.h"

#define MANY  400
#define BOOTS 8

/* Variances of boots as they come out where the true ones are @variance[i % n] */
static GPtrArray *measured(guint count, const double *variance, guint n)
{
	GPtrArray *all = verdicts_new();
	uint64_t state = STATS_SEED;

	for (guint i = 0; i < count; i++) {
		struct comparison *c = g_new0(struct comparison, 1);
		double sum = 0;

		for (guint k = 0; k < BOOTS - 1; k++)
			sum += pow(stats_normal(&state), 2);
		c->boots = BOOTS;
		c->estimate.se =
			sqrt(variance[i % n] * sum / (BOOTS - 1) / BOOTS);
		c->estimate.df = BOOTS - 1;
		g_ptr_array_add(all, c);
	}
	return all;
}

static const struct comparison *at(const GPtrArray *all, guint i)
{
	return all->pdata[i];
}

/* Mean square of the logarithm of the error over the true one */
static double wrong(const GPtrArray *all, double variance)
{
	double sum = 0;

	for (guint i = 0; i < all->len; i++)
		sum += pow(
			log(at(all, i)->estimate.se / sqrt(variance / BOOTS)),
			2);
	return sum / all->len;
}

static void test_alike(void)
{
	const double variance = 0.0009;
	GPtrArray *all = measured(MANY, &variance, 1);
	double before = wrong(all, variance), after;

	moderate(all);
	after = wrong(all, variance);
	if (!ok(after < before / 3, "analysis/moderate/errors-get-steadier"))
		diag("%g, %g before", after, before);
	ok(at(all, 0)->estimate.df == 2 * (BOOTS - 1),
	   "analysis/moderate/counts-for-no-more-than-its-own-boots");
	g_ptr_array_unref(all);
}

/* Variances 100 times apart have nothing in common. */
static void test_unlike(void)
{
	const double variance[] = { 0.01, 0.0001 };
	GPtrArray *all = measured(MANY, variance, 2);
	double se = at(all, 0)->estimate.se;

	moderate(all);
	if (!ok(at(all, 0)->estimate.se > 0.85 * se &&
			at(all, 0)->estimate.df < BOOTS + 1,
		"analysis/moderate/keeps-what-is-not-alike"))
		diag("se %g of %g, df %g", at(all, 0)->estimate.se, se,
		     at(all, 0)->estimate.df);
	g_ptr_array_unref(all);
}

static void test_left_alone(void)
{
	const double variance = 0.0009;
	GPtrArray *few = measured(MODERATE_LEAST - 1, &variance, 1);
	GPtrArray *all = measured(MANY, &variance, 1);
	struct comparison *one = all->pdata[0];
	struct comparison *host = all->pdata[1];
	struct comparison *none = all->pdata[2];
	double se = at(few, 0)->estimate.se;

	moderate(few);
	ok(at(few, 0)->estimate.se == se &&
		   at(few, 0)->estimate.df == BOOTS - 1,
	   "analysis/moderate/few-comparisons-stay");
	one->boots = 1;
	one->estimate = (struct estimate){ 0, 0.03, 1000 };
	host->estimate = (struct estimate){ 0, 0.03, 9.5 };
	none->boots = 0;
	none->estimate = (struct estimate){ NAN, NAN, NAN };
	moderate(all);
	ok(one->estimate.se == 0.03 && one->estimate.df == 1000,
	   "analysis/moderate/a-single-boot-stays");
	ok(host->estimate.se == 0.03 && host->estimate.df == 9.5,
	   "analysis/moderate/boots-not-in-common-stay");
	ok(isnan(none->estimate.se), "analysis/moderate/nothing-stays-nothing");
	g_ptr_array_unref(few);
	g_ptr_array_unref(all);
}

int main(void)
{
	test_alike();
	test_unlike();
	test_left_alone();
	done_testing();
	return exit_status();
}
