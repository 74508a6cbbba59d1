// SPDX-License-Identifier: GPL-2.0-or-later
/* How often something happens that was counted. */
#include "poisson.h"

#include <math.h>

#define TAIL ((1 - STATS_LEVEL) / 2)

/*
 * The regularized lower incomplete gamma function by its series: how likely a
 * Poisson number of expectation @x is @a or more.
 */
static double reaches(double a, double x)
{
	double term = exp(a * log(x) - x - lgamma(a + 1));
	double sum = 0;

	for (double n = 1; term > sum * 1e-15 || n < x - a; n++) {
		sum += term;
		term *= x / (a + n);
	}
	return sum;
}

/* The expectation with which @a or more is as likely as @p. */
static double expectation(double a, double p)
{
	double lo = 0;
	double hi = a + 10 * sqrt(a) + 20;

	for (int i = 0; i < 60; i++) {
		double mid = (lo + hi) / 2;

		if (reaches(a, mid) < p)
			lo = mid;
		else
			hi = mid;
	}
	return (lo + hi) / 2;
}

struct stats_interval poisson_interval(uint64_t count)
{
	double k = (double)count;

	return (struct stats_interval){
		.mid = k,
		.lo = count ? expectation(k, TAIL) : 0,
		.hi = expectation(k + 1, 1 - TAIL),
	};
}
