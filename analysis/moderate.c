// SPDX-License-Identifier: GPL-2.0-or-later
/* Steadier errors for many comparisons that rest on a few boots each. */
#include "moderate.h"

#include <math.h>
#include <stdbool.h>

#include "boots.h"
#include "names.h"
#include "verdict.h"

#define ASYMPTOTIC 20  /* from there on the series below are exact enough */
#define MOST_DF    1e6 /* the variances do not differ at all beyond chance */

/* The logarithmic derivative of the gamma function (DLMF 5.5.2, 5.11.2) */
static double digamma(double x)
{
	double sum = 0;

	for (; x < ASYMPTOTIC; x++)
		sum -= 1 / x;
	return sum + log(x) - 1 / (2 * x) - 1 / (12 * x * x) +
	       1 / (120 * pow(x, 4));
}

/* Its derivative */
static double trigamma(double x)
{
	double sum = 0;

	for (; x < ASYMPTOTIC; x++)
		sum += 1 / (x * x);
	return sum + 1 / x + 1 / (2 * x * x) + 1 / (6 * pow(x, 3)) -
	       1 / (30 * pow(x, 5));
}

/* The df of which trigamma(df / 2) is @y; trigamma falls */
static double df_of(double y)
{
	double lo = 1e-3, hi = MOST_DF;

	if (!(y > trigamma(hi / 2)))
		return hi;
	for (int i = 0; i < 60; i++) {
		double df = sqrt(lo * hi);

		if (trigamma(df / 2) > y)
			lo = df;
		else
			hi = df;
	}
	return sqrt(lo * hi);
}

/* Processes of the host are no boots of the guest. */
static bool takes_part(const struct comparison *c)
{
	return c->boots >= BOOTS_FEW && c->estimate.se > 0 &&
	       c->estimate.df == c->boots - 1 &&
	       !variant_is_of_host(c->variant) &&
	       !variant_is_of_host(c->base_variant);
}

/* Of one boot, in place of the mean of all */
static double variance_of(const struct comparison *c)
{
	return c->estimate.se * c->estimate.se * c->boots;
}

/**
 * struct prior - what is common to all comparisons
 * @variance: the typical one
 * @df: how much it is worth
 */
struct prior {
	double variance;
	double df;
};

/* False: too few comparisons. */
static bool find_prior(const GPtrArray *comparisons, struct prior *p)
{
	double sum = 0, squares = 0, chance = 0, n = 0, mean, spread;

	for (guint i = 0; i < comparisons->len; i++) {
		const struct comparison *c = comparisons->pdata[i];
		double half = c->estimate.df / 2;
		double e;

		if (!takes_part(c))
			continue;
		e = log(variance_of(c)) - digamma(half) + log(half);
		sum += e;
		squares += e * e;
		chance += trigamma(half);
		n++;
	}
	if (n < MODERATE_LEAST)
		return false;
	mean = sum / n;
	spread = (squares - n * mean * mean) / (n - 1);
	p->df = df_of(spread - chance / n);
	p->variance = exp(mean + digamma(p->df / 2) - log(p->df / 2));
	return true;
}

void moderate(const GPtrArray *comparisons)
{
	struct prior p;

	if (!find_prior(comparisons, &p))
		return;
	for (guint i = 0; i < comparisons->len; i++) {
		struct comparison *c = comparisons->pdata[i];
		double df = c->estimate.df;
		double common = fmin(p.df, df);
		double variance;

		if (!takes_part(c))
			continue;
		variance = (common * p.variance + df * variance_of(c)) /
			   (common + df);
		c->estimate.se = sqrt(variance / c->boots);
		c->estimate.df = common + df;
	}
}
