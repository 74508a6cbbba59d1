/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Comparisons of two cells and what may be said of them. One function decides
 * for the whole report, for advice, comparisons of runs and wanted figures.
 */
#ifndef ANALYSIS_VERDICT_H
#define ANALYSIS_VERDICT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "stats.h"

/* Ratios from 1/1.05 to 1.05 are equal for all practical purposes. */
#define VERDICT_MARGIN 1.05

enum verdict {
	VERDICT_UNDECIDED,
	VERDICT_EQUAL,
	VERDICT_FASTER,
	VERDICT_SLOWER,
	VERDICTS
};

/* "undecided", "equal", "faster", "slower" */
extern const char *const verdict_names[VERDICTS];

/**
 * struct estimate - a ratio as it was found, on its logarithmic scale
 * @log: natural logarithm of the ratio; NAN: not measured
 * @se: its standard error, from the bootstrap of boots (boots.h)
 * @df: degrees of freedom of @se: boots less one, and what moderate() adds
 */
struct estimate {
	double log;
	double se;
	double df;
};

/**
 * struct comparison - the speed of one cell over that of another
 * @lane: lane of both
 * @variant: of the cell that the verdict is about
 * @access: of that cell
 * @bytes: of both
 * @threads: of that cell
 * @base_variant: of the cell it is compared with
 * @base_access: of the base
 * @base_threads: of the base
 * @estimate: of calls a second over calls a second of the base
 * @boots: boots that have both
 * @stands_for: pairs that could have been compared in place of this one, had
 *	the measured speeds come out in another order; 1: the pair was fixed
 * @p: two-sided, of "no difference", times @stands_for, corrected by Holm's
 *	method for all comparisons of the same file
 * @verdict: of the cell against its base
 */
struct comparison {
	char *lane;
	char *variant;
	char *access;
	uint64_t bytes;
	uint64_t threads;
	char *base_variant;
	char *base_access;
	uint64_t base_threads;
	struct estimate estimate;
	guint boots;
	double stands_for;
	double p;
	enum verdict verdict;
};

/** verdict_p - two-sided p of "the ratio is 1", uncorrected; NAN: not measured */
double verdict_p(struct estimate e);

/** verdict_interval - the ratio with its 95 % interval (Student's t); NAN all over: not measured */
struct stats_interval verdict_interval(struct estimate e);

/**
 * verdict_decide - what may be said of a ratio
 * @e: the ratio
 * @p: corrected p, see verdict_holm(); of a single comparison verdict_p()
 *
 * EQUAL: the interval lies within VERDICT_MARGIN, also where it leaves out 1.
 * FASTER, SLOWER: @p is below 0.05. Else UNDECIDED.
 */
enum verdict verdict_decide(struct estimate e, double p);

/**
 * verdict_holm - correct for the number of comparisons (Holm, Scandinavian
 * Journal of Statistics 6, 1979)
 * @p: @n values, replaced; NAN ones count for nothing and stay
 * @n: how many
 */
void verdict_holm(double *p, size_t n);

/** verdict_quotient - a / b of two ratios from different boots (Welch's df) */
struct estimate verdict_quotient(struct estimate a, struct estimate b);

enum goal_verdict {
	GOAL_NOT_MEASURED,
	GOAL_REACHED,
	GOAL_MISSED,
	GOAL_UNDECIDED
};

/**
 * verdict_goal - whether a wanted figure was reached
 * @ci: the figure with its interval
 * @wanted: REACHED: the whole interval is at least that; MISSED: all of it is
 *	below; else UNDECIDED
 */
enum goal_verdict verdict_goal(struct stats_interval ci, double wanted);

/** verdicts_new - room for struct comparison pointers, which it owns */
GPtrArray *verdicts_new(void);

/** verdicts_read - comparisons of a verdicts.tsv, freed with g_ptr_array_unref(); or NULL */
GPtrArray *verdicts_read(const char *path, GError **err);

/**
 * verdicts_find - a comparison, in either direction
 * @all: struct comparison pointers
 * @lane: lane of both
 * @variant: the cell that the verdict shall be about
 * @access: its access
 * @bytes: request size of both
 * @threads: its threads
 * @base_variant: the cell it is compared with
 * @base_access: its access
 * @base_threads: its threads
 * @out: gets the comparison as asked for: turned round if it stands the other way;
 *	its strings are owned by @all
 *
 * Return: false if these two were not compared.
 */
bool verdicts_find(const GPtrArray *all, const char *lane, const char *variant,
		   const char *access, uint64_t bytes, uint64_t threads,
		   const char *base_variant, const char *base_access,
		   uint64_t base_threads, struct comparison *out);

#endif /* ANALYSIS_VERDICT_H */
