/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Robust statistics of small samples: medians, quantiles, intervals. */
#ifndef ANALYSIS_STATS_H
#define ANALYSIS_STATS_H

#include <stddef.h>
#include <stdint.h>

/* What every interval in a summary is made with. */
#define STATS_LEVEL 0.95
#define STATS_SEED  UINT64_C(0x6d795f726e67)

/**
 * struct stats_interval - an estimate and where it plausibly lies
 * @mid: the estimate
 * @lo: lower end of the interval, <= @mid
 * @hi: upper end of the interval, >= @mid
 */
struct stats_interval {
	double mid;
	double lo;
	double hi;
};

/** stats_sort - sort @n values, ascending */
void stats_sort(double *x, size_t n);

/**
 * stats_quantile - quantile of sorted values, linear between neighbours
 * @sorted: @n values in ascending order
 * @n: how many, at least 1
 * @q: 0 (the smallest) to 1 (the largest)
 *
 * Hyndman and Fan's definition 7 (The American Statistician 50, 1996), the
 * default of R and NumPy: position (n - 1) * q, counted from 0.
 *
 * Return: the quantile, in the unit of the values.
 */
double stats_quantile(const double *sorted, size_t n, double q);

/**
 * stats_median - median of values in any order
 * @x: @n values, left as they are
 * @n: how many, at least 1
 *
 * Return: the middle value, or the mean of the two in the middle.
 */
double stats_median(const double *x, size_t n);

/**
 * stats_percentiles - an estimate with the percentile interval of its resamples
 * @mid: the estimate
 * @x: the estimate made again from @n resamples; sorted by this
 * @n: how many, at least 1
 *
 * Return: @mid and the central STATS_LEVEL of @x, widened to hold @mid.
 */
struct stats_interval stats_percentiles(double mid, double *x, size_t n);

/**
 * stats_random - next 64 random bits
 * @state: of the generator; any value is a good seed, STATS_SEED is ours
 *
 * Return: the bits; the same on every machine.
 */
uint64_t stats_random(uint64_t *state);

/**
 * stats_normal - a deviate of mean 0 and variance 1, near enough to normal
 * @state: as for stats_random()
 *
 * The sum of twelve uniform numbers less six: needs no function of the maths
 * library, so it is the same on every machine; never beyond -6 and 6.
 *
 * Return: the deviate.
 */
double stats_normal(uint64_t *state);

/**
 * stats_t_two_sided - how likely chance alone gives as much as this
 * @t: a value of Student's t, of any sign
 * @df: degrees of freedom, above 0, whole or not
 *
 * By the regularized incomplete beta function: p = I_x(df/2, 1/2) with
 * x = df / (df + t^2) (Abramowitz and Stegun, 26.7.1 and 26.5.27).
 *
 * Return: the probability of a value beyond @t or -@t.
 */
double stats_t_two_sided(double t, double df);

/**
 * stats_t_quantile - how many standard errors an interval reaches to each side
 * @level: probability inside of the interval, such as STATS_LEVEL
 * @df: degrees of freedom, above 0, whole or not
 *
 * Return: t, such that @level of Student's distribution lies from -t to t.
 */
double stats_t_quantile(double level, double df);

#endif /* ANALYSIS_STATS_H */
