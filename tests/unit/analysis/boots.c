// SPDX-License-Identifier: GPL-2.0-or-later
/* Unit tests of analysis/boots.c: the hierarchical bootstrap, worked out. */
#include "boots.h"

#include <math.h>

#include "tap.h"

static bool near(double got, double want, double most, const char *name)
{
	bool held = ok(fabs(got - want) <= most, name);

	if (!held)
		diag("got %.10g, expected %.10g", got, want);
	return held;
}

static struct estimate estimate(const double *x, const guint *boot, guint n)
{
	struct boots *b = boots_new();
	struct estimate e;

	for (guint i = 0; i < n; i++)
		boots_add(b, boot[i], x[i]);
	e = boots_estimate(b, BOOT_SD);
	boots_free(b);
	return e;
}

/* One value a boot: the mean and its usual standard error. */
static void test_plain(void)
{
	const double x[] = { 1, 2, 3, 6 };
	const guint boot[] = { 0, 1, 2, 3 };
	struct estimate e = estimate(x, boot, 4);

	near(e.log, 3, 1e-12, "analysis/boots/mean");
	near(e.se, sqrt(14.0 / 3 / 4), 1e-12, "analysis/boots/standard-error");
	near(e.df, 3, 0, "analysis/boots/degrees-of-freedom");
}

/* A boot stands for its median, however its values lie around it. */
static void test_medians(void)
{
	const double x[] = { 1, 9, 2, 3, 3, 1, 2, 6 };
	const guint boot[] = { 0, 0, 0, 1, 1, 1, 2, 2 };
	struct estimate e = estimate(x, boot, 8);

	/* medians 2, 3, 4 */
	near(e.log, 3, 1e-12, "analysis/boots/mean-of-medians");
	near(e.se, sqrt(1.0 / 3), 1e-12, "analysis/boots/medians-of-boots");
}

/* One boot: the median's own error beside what boots differ by, by hand. */
static void test_one(void)
{
	const double x[] = { 1, 2, 4 };
	const guint boot[] = { 0, 0, 0 };
	double error = 1.2533 * 1.4826 * 1;

	near(estimate(x, boot, 3).se,
	     sqrt(error * error / 3 + BOOT_SD * BOOT_SD), 1e-12,
	     "analysis/boots/one-with-its-noise");
}

/* One and two boots are given what boots differ by. */
static void test_few(void)
{
	const double x[] = { 1, 1 };
	const guint boot[] = { 0, 1 };
	struct estimate one = estimate(x, boot, 1);
	struct estimate two = estimate(x, boot, 2);
	struct estimate none = estimate(x, boot, 0);

	near(one.se, BOOT_SD, 1e-12, "analysis/boots/one");
	near(one.df, BOOT_SD_DF, 0, "analysis/boots/one-of-known-spread");
	near(two.se, BOOT_SD / sqrt(2), 1e-12, "analysis/boots/two");
	ok(isnan(none.log) && isnan(none.se), "analysis/boots/none");
}

static struct boots *values(const double *x, const guint *boot, guint n)
{
	struct boots *b = boots_new();

	for (guint i = 0; i < n; i++)
		boots_add(b, boot[i], x[i]);
	return b;
}

/* Boots 1, 2 and 3 have both: 1, 2 and 5 apart. */
static void test_difference(void)
{
	const double x[] = { 1, 2, 3, 6 }, y[] = { 1, 1, 1, 1 };
	const guint boot_x[] = { 0, 1, 2, 3 }, boot_y[] = { 1, 2, 3, 4 };
	struct boots *a = values(x, boot_x, 4), *b = values(y, boot_y, 4);
	guint boots;
	struct estimate e = boots_difference(a, b, BOOT_SD, &boots);

	near(e.log, 8.0 / 3, 1e-12, "analysis/boots/difference");
	near(e.se, sqrt(26.0 / 3 / 2 / 3), 1e-12,
	     "analysis/boots/difference-error");
	ok(boots == 3 && e.df == 2,
	   "analysis/boots/difference-of-shared-boots");
	near(boots_difference(b, a, BOOT_SD, NULL).log, -8.0 / 3, 1e-12,
	     "analysis/boots/difference-turned-round");
	boots_free(a);
	boots_free(b);
}

/* Of one boot: the variances of both medians add up. */
static void test_difference_within(void)
{
	const double x[] = { 1, 2, 4 }, y[] = { 1, 3, 7 };
	const guint boot[] = { 0, 0, 0 };
	struct boots *a = values(x, boot, 3), *b = values(y, boot, 3);
	double error = 1.2533 * 1.4826;

	near(boots_difference(a, b, BOOT_SD, NULL).se,
	     sqrt(error * error * (1 + 4) / 3 + BOOT_SD * BOOT_SD), 1e-12,
	     "analysis/boots/difference-within");
	boots_free(a);
	boots_free(b);
}

/* One value is no median where other boots have three and more. */
static void test_hardly_any(void)
{
	const double x[] = { 1, 2, 3, 1, 2, 3, 9 };
	const guint boot[] = { 0, 0, 0, 1, 1, 1, 2 };
	struct boots *all = values(x, boot, 7), *late = values(x, boot, 4);

	ok(boots_count(all) == 2, "analysis/boots/hardly-any-does-not-count");
	near(boots_estimate(all, BOOT_SD).log, 2, 1e-12,
	     "analysis/boots/hardly-any-changes-nothing");
	ok(boots_count(late) == 1, "analysis/boots/one-beside-three");
	boots_free(all);
	boots_free(late);
}

/* The bootstrap by random numbers: boots are drawn, their values stay. */
static void test_drawn(void)
{
	const double median[] = { 1, 4, 2, 8, 5, 7, 3 };
	const guint boot[] = { 0, 1, 2, 3, 4, 5, 6 };
	const guint n = G_N_ELEMENTS(median), times = 100000;
	uint64_t state = STATS_SEED;
	double sum = 0, squares = 0, drawn;

	for (guint i = 0; i < times; i++) {
		double mean = 0;

		for (guint j = 0; j < n; j++)
			mean += median[stats_random(&state) % n] / n;
		sum += mean;
		squares += mean * mean;
	}
	drawn = sqrt((squares / times - sum / times * sum / times) * n /
		     (n - 1));
	near(estimate(median, boot, n).se, drawn, 0.01 * drawn,
	     "analysis/boots/drawn");
}

int main(void)
{
	test_plain();
	test_medians();
	test_one();
	test_few();
	test_difference();
	test_difference_within();
	test_hardly_any();
	test_drawn();
	done_testing();
	return exit_status();
}
