// SPDX-License-Identifier: GPL-2.0-or-later
/* Unit tests of analysis/lsq.c: prices from sums, robustly. */
#include "lsq.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "stats.h"
#include "tap.h"

#define ROWS 40
#define COLS 3

static const double truth[COLS] = { 500, 40, 2 };

/* Is every price within @part of the truth? */
static bool are_near(const double *b, double part)
{
	bool all = true;

	for (int j = 0; j < COLS; j++) {
		if (fabs(b[j] - truth[j]) <= part * truth[j])
			continue;
		diag("price %d: got %g, expected %g", j, b[j], truth[j]);
		all = false;
	}
	return all;
}

/* Requests of growing size: a call, its accesses, its bytes. */
static void make_rows(double *x, double *y)
{
	for (int i = 0; i < ROWS; i++) {
		double size = pow(2, i % 16);

		x[i * COLS] = 1;
		x[i * COLS + 1] = i < 20 ? size : 1;
		x[i * COLS + 2] = 4 * size;
		y[i] = 0;
		for (int j = 0; j < COLS; j++)
			y[i] += x[i * COLS + j] * truth[j];
	}
}

static void fit(const double *x, const double *y, double *b)
{
	const struct lsq p = { ROWS, COLS, x, y };
	struct lsq_split split;

	lsq_separate(&p, &split);
	lsq_fit(&p, &split, b);
}

static void test_exact(void)
{
	double x[ROWS * COLS], y[ROWS], b[COLS];

	make_rows(x, y);
	fit(x, y, b);
	ok(are_near(b, 1e-6), "analysis/lsq/exact-data-gives-exact-prices");
}

static void test_noise(void)
{
	double x[ROWS * COLS], y[ROWS], b[COLS];
	uint64_t state = STATS_SEED;

	make_rows(x, y);
	for (int i = 0; i < ROWS; i++)
		y[i] *= exp(0.03 * stats_normal(&state));
	fit(x, y, b);
	ok(are_near(b, 0.1),
	   "analysis/lsq/noise-of-3-percent-moves-prices-little");
}

/* Every seventh measurement took three times as long. */
static void test_outliers(void)
{
	double x[ROWS * COLS], y[ROWS], b[COLS];

	make_rows(x, y);
	for (int i = 0; i < ROWS; i += 7)
		y[i] *= 3;
	fit(x, y, b);
	ok(are_near(b, 0.02), "analysis/lsq/outliers-do-not-pull");
}

/* Left to itself the second price would be -1. */
static void test_not_negative(void)
{
	const double x[] = { 1, 1, 1, 2, 1, 3, 1, 4 };
	const double y[] = { 9, 8, 7, 6 };
	const struct lsq p = { 4, 2, x, y };
	struct lsq_split split;
	double b[2];

	lsq_separate(&p, &split);
	lsq_fit(&p, &split, b);
	ok(b[1] == 0, "analysis/lsq/no-negative-price");
	ok(b[0] >= 6 && b[0] <= 9, "analysis/lsq/the-other-takes-its-place");
}

static void test_separate(void)
{
	/* call, reads, bytes (4 a read), zeros, call + reads */
	static const double x[] = {
		1, 1,   4,    0, 2,  /* */
		1, 16,  64,   0, 17, /* */
		1, 64,  256,  0, 65, /* */
		1, 256, 1024, 0, 257,
	};
	static const double y[] = { 1, 2, 3, 4 };
	const struct lsq p = { 4, 5, x, y };
	struct lsq_split s;
	double b[5];

	lsq_separate(&p, &s);
	ok(s.kept[0] && s.kept[1], "analysis/lsq/keeps-what-stands-apart");
	ok(!s.kept[2] && s.within[2][1] && !s.within[2][0],
	   "analysis/lsq/names-the-column-that-holds-another");
	ok(!s.kept[3] && !memchr(s.within[3], 1, sizeof(s.within[3])),
	   "analysis/lsq/zeros-are-in-no-other-column");
	ok(!s.kept[4] && s.within[4][0] && s.within[4][1],
	   "analysis/lsq/names-both-columns-of-a-sum");
	lsq_fit(&p, &s, b);
	ok(b[2] == 0 && b[3] == 0 && b[4] == 0,
	   "analysis/lsq/invents-no-price-for-a-dropped-column");
}

int main(void)
{
	test_exact();
	test_noise();
	test_outliers();
	test_not_negative();
	test_separate();
	done_testing();
	return exit_status();
}
