// SPDX-License-Identifier: GPL-2.0-or-later
/* Robust regression with prices that cannot be negative. */
#include "lsq.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#define SEPARABLE 0.01 /* least part of a column that is its own */
#define PART      1e-3 /* least part of a column that another explains */
#define RIDGE     1e-12
#define STEPS     200
#define SETTLED   1e-7

/**
 * struct shares - the columns in use, each row over its y, each column of norm 1
 * @rows: rows
 * @n: columns in use
 * @col: which of the problem's columns each of them is
 * @norm: its norm before
 * @z: @n columns of @rows values, column by column
 */
struct shares {
	size_t rows;
	size_t n;
	size_t col[LSQ_COLS];
	double norm[LSQ_COLS];
	double *z;
};

static double dot(const double *a, const double *b, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

static double *column(const struct shares *s, size_t j)
{
	return s->z + j * s->rows;
}

/* Appends a column of the problem; one of zeros is left out. */
static void add_column(struct shares *s, const struct lsq *p, size_t col)
{
	double *z = column(s, s->n);
	double norm;

	for (size_t i = 0; i < p->rows; i++)
		z[i] = p->x[i * p->cols + col] / p->y[i];
	norm = sqrt(dot(z, z, p->rows));
	if (norm == 0)
		return;
	for (size_t i = 0; i < p->rows; i++)
		z[i] /= norm;
	s->col[s->n] = col;
	s->norm[s->n++] = norm;
}

static void start_shares(struct shares *s, const struct lsq *p)
{
	size_t most = p->rows * LSQ_COLS;

	g_assert(p->cols <= LSQ_COLS);
	s->rows = p->rows;
	s->n = 0;
	s->z = g_new(double, most);
}

/* --- telling columns apart: Gram-Schmidt --- */

/**
 * struct basis - the columns kept so far
 * @n: how many
 * @col: which of the problem's columns each of them is
 * @q: orthonormal columns that span the same
 * @r: upper triangle: column k is the sum over i of r[i][k] q[i]
 */
struct basis {
	size_t n;
	size_t col[LSQ_COLS];
	double *q[LSQ_COLS];
	double r[LSQ_COLS][LSQ_COLS];
};

/* Takes the basis out of @v, twice for precision; @part: how much of each. */
static double take_out(const struct basis *b, double *v, size_t rows,
		       double *part)
{
	memset(part, 0, LSQ_COLS * sizeof(*part));
	for (int twice = 0; twice < 2; twice++) {
		for (size_t k = 0; k < b->n; k++) {
			double d = dot(b->q[k], v, rows);

			part[k] += d;
			for (size_t i = 0; i < rows; i++)
				v[i] -= d * b->q[k][i];
		}
	}
	return sqrt(dot(v, v, rows));
}

/* From parts of q to parts of the columns themselves, by back substitution. */
static void name_parts(const struct basis *b, double *part, bool *within)
{
	for (size_t k = b->n; k-- > 0;) {
		part[k] /= b->r[k][k];
		for (size_t i = 0; i < k; i++)
			part[i] -= b->r[i][k] * part[k];
		within[b->col[k]] = fabs(part[k]) > PART;
	}
}

void lsq_separate(const struct lsq *p, struct lsq_split *split)
{
	struct basis b = { 0 };
	struct shares s;

	memset(split, 0, sizeof(*split));
	start_shares(&s, p);
	for (size_t j = 0; j < p->cols; j++) {
		size_t before = s.n;
		double part[LSQ_COLS];
		double rest;

		add_column(&s, p, j);
		if (s.n == before)
			continue;
		rest = take_out(&b, column(&s, before), p->rows, part);
		split->kept[j] = rest > SEPARABLE;
		if (!split->kept[j]) {
			name_parts(&b, part, split->within[j]);
			s.n = before;
			continue;
		}
		for (size_t i = 0; i < p->rows; i++)
			column(&s, before)[i] /= rest;
		for (size_t k = 0; k < b.n; k++)
			b.r[k][b.n] = part[k];
		b.r[b.n][b.n] = rest;
		b.q[b.n] = column(&s, before);
		b.col[b.n++] = j;
	}
	g_free(s.z);
}

/* --- least squares without negative values --- */

/* Normal equations: g b = h */
struct normal {
	size_t n;
	double g[LSQ_COLS][LSQ_COLS];
	double h[LSQ_COLS];
};

static void make_normal(struct normal *e, const struct shares *s,
			const double *weight)
{
	memset(e, 0, sizeof(*e));
	e->n = s->n;
	for (size_t j = 0; j < s->n; j++) {
		const double *a = column(s, j);

		for (size_t k = 0; k <= j; k++) {
			const double *b = column(s, k);

			for (size_t i = 0; i < s->rows; i++)
				e->g[j][k] += weight[i] * a[i] * b[i];
			e->g[k][j] = e->g[j][k];
		}
		for (size_t i = 0; i < s->rows; i++)
			e->h[j] += weight[i] * a[i];
		e->g[j][j] *= 1 + RIDGE;
	}
}

/* Cholesky's method over the free columns alone; the others are 0. */
static void solve_free(const struct normal *e, const bool *is_free, double *b)
{
	double l[LSQ_COLS][LSQ_COLS];
	size_t col[LSQ_COLS] = { 0 };
	size_t n = 0;

	memset(b, 0, LSQ_COLS * sizeof(*b));
	for (size_t j = 0; j < e->n; j++)
		if (is_free[j])
			col[n++] = j;
	for (size_t j = 0; j < n; j++) {
		double rest = e->h[col[j]];

		for (size_t k = 0; k <= j; k++) {
			double sum = e->g[col[j]][col[k]];

			sum -= dot(l[j], l[k], k);
			l[j][k] = k < j ? sum / l[k][k] : sqrt(sum);
		}
		for (size_t k = 0; k < j; k++)
			rest -= l[j][k] * b[col[k]];
		b[col[j]] = rest / l[j][j];
	}
	for (size_t j = n; j-- > 0;) {
		b[col[j]] /= l[j][j];
		for (size_t k = 0; k < j; k++)
			b[col[k]] -= l[j][k] * b[col[j]];
	}
}

/*
 * Goes from @b towards @to until the first free value would be negative, and
 * fixes that one at 0. Return: whether there was one.
 */
static bool step_towards(double *b, const double *to, bool *is_free, size_t n)
{
	double step = 1;
	size_t first = n;

	for (size_t j = 0; j < n; j++) {
		if (!is_free[j] || to[j] > 0)
			continue;
		if (first == n || b[j] / (b[j] - to[j]) < step) {
			step = b[j] > 0 ? b[j] / (b[j] - to[j]) : 0;
			first = j;
		}
	}
	for (size_t j = 0; j < n; j++)
		if (is_free[j])
			b[j] += step * (to[j] - b[j]);
	if (first == n)
		return false;
	b[first] = 0;
	is_free[first] = false;
	return true;
}

/* The fixed value whose release helps most; @e->n: none helps. */
static size_t most_wanted(const struct normal *e, const double *b,
			  const bool *is_free)
{
	size_t best = e->n;
	double most = 1e-10;

	for (size_t j = 0; j < e->n; j++) {
		double pull = (e->h[j] - dot(e->g[j], b, e->n)) / e->g[j][j];

		if (!is_free[j] && pull > most) {
			most = pull;
			best = j;
		}
	}
	return best;
}

static void solve_positive(const struct normal *e, double *b)
{
	bool is_free[LSQ_COLS] = { false };

	memset(b, 0, LSQ_COLS * sizeof(*b));
	for (size_t turn = 0; turn < 4 * e->n; turn++) {
		size_t j = most_wanted(e, b, is_free);
		double to[LSQ_COLS];

		if (j == e->n)
			return;
		is_free[j] = true;
		do
			solve_free(e, is_free, to);
		while (step_towards(b, to, is_free, e->n));
	}
}

/* --- reweighting --- */

/* New weights by the residuals of @b. Return: the largest change of a share. */
static double reweight(const struct shares *s, const double *b, double *share,
		       double *weight)
{
	double moved = 0;

	for (size_t i = 0; i < s->rows; i++) {
		double now = 0;

		for (size_t j = 0; j < s->n; j++)
			now += column(s, j)[i] * b[j];
		moved = fmax(moved, fabs(now - share[i]));
		share[i] = now;
		weight[i] = LSQ_EXACT / fmax(fabs(1 - now), LSQ_EXACT);
	}
	return moved;
}

void lsq_fit(const struct lsq *p, const struct lsq_split *split, double *b)
{
	double *share = g_new0(double, p->rows);
	double *weight = g_new(double, p->rows);
	double value[LSQ_COLS];
	struct normal e;
	struct shares s;

	start_shares(&s, p);
	for (size_t j = 0; j < p->cols; j++)
		if (split->kept[j])
			add_column(&s, p, j);
	for (size_t i = 0; i < p->rows; i++)
		weight[i] = 1;
	for (int step = 0; step < STEPS; step++) {
		make_normal(&e, &s, weight);
		solve_positive(&e, value);
		if (reweight(&s, value, share, weight) < SETTLED)
			break;
	}
	memset(b, 0, p->cols * sizeof(*b));
	for (size_t j = 0; j < s.n; j++)
		b[s.col[j]] = value[j] / s.norm[j];
	g_free(s.z);
	g_free(share);
	g_free(weight);
}
