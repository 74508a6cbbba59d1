/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two paths against each other over request sizes: where they change places. */
#ifndef ANALYSIS_CONTEST_H
#define ANALYSIS_CONTEST_H

#include <glib.h>
#include <stdint.h>

#include "verdict.h"

/**
 * struct contest_pair - two variants that are compared
 * @a: a variant
 * @b: the one expected to win in the end
 */
struct contest_pair {
	const char *a;
	const char *b;
};

/* What is compared everywhere; ends with a NULL name. */
extern const struct contest_pair contest_pairs[];

/**
 * struct contest - two variants at one size where both were compared
 * @bytes: the size
 * @lead: logarithm of b's throughput over a's
 * @verdict: of b against a
 * @order: 1: b is faster, -1: a is, 0: they are equal, or it is undecided
 */
struct contest {
	uint64_t bytes;
	double lead;
	enum verdict verdict;
	int order;
};

/**
 * struct crossing - who wins in the end, and from which size on
 * @winner: 1: b, -1: a, 0: neither is faster at any size
 * @at: size at which the winner takes the lead; NaN: it never lost it
 * @lo: last size, or end of an interval, where it was not yet so; NaN: none
 * @hi: first size, or end of an interval, from which it is so; NaN: not known
 */
struct crossing {
	int winner;
	double at;
	double lo;
	double hi;
};

/**
 * contests_measured - two variants at all sizes where they were compared
 * @verdicts: from verdicts_read(), or NULL: nothing was compared
 * @lane: the lane
 * @pair: the two
 * @sizes: from rows_sizes()
 *
 * Return: struct contests by ascending size; free it.
 */
GArray *contests_measured(const GPtrArray *verdicts, const char *lane,
			  const struct contest_pair *pair, const GArray *sizes);

/**
 * contest_at - one of them
 * @all: from contests_measured()
 * @i: index
 *
 * Return: the contest, owned by @all.
 */
const struct contest *contest_at(const GArray *all, guint i);

/**
 * contests_place - where between two decided sizes the medians change places
 * @all: from contests_measured()
 * @first: index of a size that one of them won
 * @last: index of a size that the other won; none won between them
 *
 * Return: the size, interpolated on logarithmic axes.
 */
double contests_place(const GArray *all, guint first, guint last);

/**
 * contests_last - the last change of the lead
 * @all: from contests_measured()
 *
 * Return: the winner at the largest decided size and where it took the lead;
 * lo and hi are the sizes measured around that place. Where the lead was never
 * lost, hi is the smallest size that was decided.
 */
struct crossing contests_last(const GArray *all);

#endif /* ANALYSIS_CONTEST_H */
