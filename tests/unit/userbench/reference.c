// SPDX-License-Identifier: GPL-2.0-or-later
/* Which slices were measured at the host's undisturbed speed. */
#include <math.h>
#include <stddef.h>

#include "reference.h"
#include "tap.h"

#define MOST 100

/* The undisturbed speed of @n readings 1, 2, ... @n, which are not in order */
static double of_numbers(size_t n)
{
	double ns[MOST];

	for (size_t i = 0; i < n; i++)
		ns[i] = (double)(i * 7 % n + 1);
	return reference_undisturbed(ns, n);
}

/* @n has no divisor 7, so that each number is there once */
static void test_tenth(void)
{
	ok(of_numbers(1) == 1, "unit/reference/one-reading-is-the-undisturbed");
	ok(of_numbers(2) == 1, "unit/reference/two-readings-the-lower-one");
	ok(of_numbers(10) == 1, "unit/reference/ten-readings-the-lowest");
	ok(of_numbers(11) == 2,
	   "unit/reference/eleven-readings-the-second-lowest");
	ok(of_numbers(100) == 10,
	   "unit/reference/a-hundred-readings-the-tenth-lowest");
}

static void test_outliers(void)
{
	double low[20];
	double kept[20];

	/* One reading in twenty is too low, as after a step of the clock */
	for (size_t i = 0; i < 20; i++)
		low[i] = i == 5 ? 1 : i < 12 ? 100 : 200;
	memcpy(kept, low, sizeof(low));
	ok(reference_undisturbed(low, 20) == 100,
	   "unit/reference/lies-in-the-fast-speed");
	ok(!memcmp(kept, low, sizeof(low)),
	   "unit/reference/readings-are-left-as-they-are");
}

static void test_accepts(void)
{
	double most = REFERENCE_SLOW * 80;
	double more = nextafter(most, INFINITY);

	ok(reference_accepts(80, 80, 80), "unit/reference/accepts-undisturbed");
	ok(reference_accepts(most, most, 80),
	   "unit/reference/accepts-the-limit-on-both-sides");
	ok(!reference_accepts(more, 80, 80),
	   "unit/reference/rejects-more-before");
	ok(!reference_accepts(80, more, 80),
	   "unit/reference/rejects-more-after");
	ok(reference_accepts(40, 40, 80),
	   "unit/reference/accepts-what-is-faster");
	ok(REFERENCE_SLOW == 1.15 && reference_accepts(91.99, 91.99, 80) &&
		   !reference_accepts(92.01, 80, 80),
	   "unit/reference/the-limit-is-15-percent");
}

/* An unknown speed accepts nothing */
static void test_unknown(void)
{
	ok(!reference_accepts(80, 80, NAN) && !reference_accepts(NAN, 80, 80) &&
		   !reference_accepts(80, NAN, 80),
	   "unit/reference/rejects-what-is-not-known");
}

int main(void)
{
	test_tenth();
	test_outliers();
	test_accepts();
	test_unknown();
	done_testing();
	return exit_status();
}
