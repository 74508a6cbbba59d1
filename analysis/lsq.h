/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Robust regression with prices that cannot be negative. */
#ifndef ANALYSIS_LSQ_H
#define ANALYSIS_LSQ_H

#include <stdbool.h>
#include <stddef.h>

#define LSQ_COLS 24 /* most columns a problem may have */

/*
 * A relative residual below this is as good as none: no timing of ours is more
 * exact. Above it residuals count by their size, not by their square.
 */
#define LSQ_EXACT 0.01

/**
 * struct lsq - y = x b, for b that are not negative
 * @rows: equations
 * @cols: unknowns, LSQ_COLS at most
 * @x: @rows times @cols, row by row, none negative
 * @y: @rows values, all above 0
 */
struct lsq {
	size_t rows;
	size_t cols;
	const double *x;
	const double *y;
};

/**
 * struct lsq_split - which columns the rows can tell apart
 * @kept: has a value of its own
 * @within: [j][k]: column j is not kept, being a combination of some that are,
 *	    k among them with a thousandth or more; all false for a column
 *	    of zeros
 */
struct lsq_split {
	bool kept[LSQ_COLS];
	bool within[LSQ_COLS][LSQ_COLS];
};

/**
 * lsq_separate - find the columns that the rows can tell apart
 * @p: the problem
 * @split: receives them
 *
 * Goes through the columns from the first on and drops each that is zero or,
 * in shares of y, a combination of those kept before it, up to 1 % of it.
 * So put first what should keep its name.
 */
void lsq_separate(const struct lsq *p, struct lsq_split *split);

/**
 * lsq_fit - solve for the columns kept
 * @p: the problem
 * @split: from lsq_separate() of the same x and a similar y
 * @b: receives @p->cols values, 0 or above; 0 for a column not kept
 *
 * Makes the sum of rho((y - x b) / y) least, where rho is Huber's function with
 * its bend at LSQ_EXACT: by reweighting (Huber and Ronchetti, Robust
 * Statistics, 2009, section 7.8), each step by active sets (Lawson and Hanson,
 * Solving Least Squares Problems, 1974, chapter 23). The problem is convex, so
 * there is one answer. A measurement that is too long, as disturbed ones are,
 * pulls by at most its share of the rows.
 */
void lsq_fit(const struct lsq *p, const struct lsq_split *split, double *b);

#endif /* ANALYSIS_LSQ_H */
