// SPDX-License-Identifier: GPL-2.0-or-later
/* Unit tests of analysis/stats.c: median, quantiles, random numbers. */
#include "stats.h"

#include "tap.h"

#define COUNT(x) (sizeof(x) / sizeof((x)[0]))

static void test_median(void)
{
	const double odd[] = { 5, 1, 9 };
	const double even[] = { 8, 2, 4, 100 };
	const double one[] = { 7.5 };

	ok(stats_median(odd, COUNT(odd)) == 5, "analysis/stats/median-odd");
	ok(stats_median(even, COUNT(even)) == 6, "analysis/stats/median-even");
	ok(stats_median(one, 1) == 7.5, "analysis/stats/median-of-one");
	ok(odd[0] == 5 && odd[1] == 1 && odd[2] == 9,
	   "analysis/stats/median-leaves-its-input");
}

static void test_quantile(void)
{
	const double x[] = { 10, 20, 30, 40, 50 };

	ok(stats_quantile(x, 5, 0) == 10, "analysis/stats/quantile-0");
	ok(stats_quantile(x, 5, 1) == 50, "analysis/stats/quantile-1");
	ok(stats_quantile(x, 5, 0.25) == 20,
	   "analysis/stats/quantile-at-value");
	ok(stats_quantile(x, 5, 0.125) == 15,
	   "analysis/stats/quantile-between");
	ok(stats_quantile(x, 1, 0.9) == 10, "analysis/stats/quantile-of-one");
}

static void test_random(void)
{
	uint64_t a = STATS_SEED, b = STATS_SEED;
	double sum = 0, squares = 0;

	ok(stats_random(&a) == stats_random(&b) && a == b,
	   "analysis/stats/random-numbers-repeat");
	for (int i = 0; i < 10000; i++) {
		double x = stats_normal(&a);

		sum += x;
		squares += x * x;
	}
	ok(sum / 10000 > -0.05 && sum / 10000 < 0.05,
	   "analysis/stats/normal-has-mean-0");
	ok(squares / 10000 > 0.95 && squares / 10000 < 1.05,
	   "analysis/stats/normal-has-variance-1");
}

static void test_percentiles(void)
{
	double x[] = { 40, 10, 30, 20, 50 };
	struct stats_interval ci = stats_percentiles(30, x, COUNT(x));
	struct stats_interval wide = stats_percentiles(70, x, COUNT(x));

	ok(ci.mid == 30 && ci.lo > 10 && ci.lo < 12 && ci.hi > 48 && ci.hi < 50,
	   "analysis/stats/percentiles-cut-both-tails");
	ok(wide.hi == 70, "analysis/stats/percentiles-hold-the-estimate");
}

int main(void)
{
	test_median();
	test_quantile();
	test_random();
	test_percentiles();
	done_testing();
	return exit_status();
}
