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

static void sort_doubles(double *x, size_t n)
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

/* The high word of the product: uniform in [0, n) up to n / 2^64. */
static size_t random_below(uint64_t *state, size_t n)
{
	return (size_t)(((unsigned __int128)stats_random(state) * n) >> 64);
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
	sort_doubles(sorted, n);
	median = stats_quantile(sorted, n, 0.5);
	g_free(sorted);
	return median;
}

struct stats_interval stats_percentiles(double mid, double *x, size_t n)
{
	const double tail = (1 - STATS_LEVEL) / 2;

	sort_doubles(x, n);
	return (struct stats_interval){
		.mid = mid,
		.lo = fmin(mid, stats_quantile(x, n, tail)),
		.hi = fmax(mid, stats_quantile(x, n, 1 - tail)),
	};
}

struct stats_interval stats_median_interval(const double *x, size_t n)
{
	double *medians = g_new(double, STATS_RESAMPLES);
	double *draw = g_new(double, n);
	uint64_t state = STATS_SEED;
	struct stats_interval ci;

	for (size_t i = 0; i < STATS_RESAMPLES; i++) {
		for (size_t j = 0; j < n; j++)
			draw[j] = x[random_below(&state, n)];
		sort_doubles(draw, n);
		medians[i] = stats_quantile(draw, n, 0.5);
	}
	ci = stats_percentiles(stats_median(x, n), medians, STATS_RESAMPLES);
	g_free(draw);
	g_free(medians);
	return ci;
}
