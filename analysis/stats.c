// SPDX-License-Identifier: GPL-2.0-or-later
/* Robust statistics of small samples: medians, quantiles, intervals. */
#include "stats.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

void stats_sort(double *x, size_t n)
{
	qsort(x, n, sizeof(*x), compare_doubles);
}

/* splitmix64 (Steele, Lea, Flood, OOPSLA 2014): any state is a good state. */
uint64_t stats_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

double stats_normal(uint64_t *state)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += (double)(stats_random(state) >> 11) * 0x1p-53;
	return sum;
}

double stats_quantile(const double *sorted, size_t n, double q)
{
	double at = (double)(n - 1) * q;
	size_t below = (size_t)floor(at);
	double part = at - (double)below;

	if (below + 1 >= n)
		return sorted[n - 1];
	return sorted[below] + part * (sorted[below + 1] - sorted[below]);
}

double stats_median(const double *x, size_t n)
{
	double *sorted = g_new(double, n);
	double median;

	memcpy(sorted, x, n * sizeof(*x));
	stats_sort(sorted, n);
	median = stats_quantile(sorted, n, 0.5);
	g_free(sorted);
	return median;
}

struct stats_interval stats_percentiles(double mid, double *x, size_t n)
{
	const double tail = (1 - STATS_LEVEL) / 2;

	stats_sort(x, n);
	return (struct stats_interval){
		.mid = mid,
		.lo = fmin(mid, stats_quantile(x, n, tail)),
		.hi = fmax(mid, stats_quantile(x, n, 1 - tail)),
	};
}

/* --- Student's t --- */

#define FRACTION_TERMS 500
#define FRACTION_GOOD  1e-15
#define FRACTION_TINY  1e-300

/* Coefficient @i, from 1, of the continued fraction of the incomplete beta */
static double beta_term(int i, double a, double b, double x)
{
	double m = floor(i / 2.0);
	double below = (a + i - 1) * (a + i);

	if (i % 2)
		return -(a + m) * (a + b + m) * x / below;
	return m * (b - m) * x / below;
}

static double away_from_0(double x)
{
	return fabs(x) < FRACTION_TINY ? FRACTION_TINY : x;
}

/*
 * The continued fraction of DLMF 8.17.22, evaluated forwards by the method of
 * Lentz as Thompson and Barnett modified it (Journal of Computational Physics
 * 64, 1986). It converges fast for x < (a + 1) / (a + b + 2).
 */
static double beta_fraction(double a, double b, double x)
{
	double value = 1, above = 1, below = 0;

	for (int i = 1; i <= FRACTION_TERMS; i++) {
		double term = beta_term(i, a, b, x);
		double factor;

		below = 1 / away_from_0(1 + term * below);
		above = away_from_0(1 + term / above);
		factor = above * below;
		value *= factor;
		if (fabs(factor - 1) < FRACTION_GOOD)
			break;
	}
	return 1 / value;
}

/* The regularized incomplete beta function I_x(a, b); @y: 1 - @x */
static double incomplete_beta(double a, double b, double x, double y)
{
	double front;

	if (x <= 0)
		return 0;
	if (x > (a + 1) / (a + b + 2)) /* I_x(a, b) = 1 - I_y(b, a) */
		return 1 - incomplete_beta(b, a, y, x);
	front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) +
		    b * log(y));
	return front * beta_fraction(a, b, x) / a;
}

double stats_t_two_sided(double t, double df)
{
	double all = df + t * t;

	return incomplete_beta(df / 2, 0.5, df / all, t * t / all);
}

double stats_t_quantile(double level, double df)
{
	double lo = 0, hi = 1;

	while (stats_t_two_sided(hi, df) > 1 - level)
		hi *= 2;
	for (int i = 0; i < 60; i++) {
		double t = (lo + hi) / 2;

		if (stats_t_two_sided(t, df) > 1 - level)
			lo = t;
		else
			hi = t;
	}
	return (lo + hi) / 2;
}
