/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A log-linear histogram of nanoseconds: exact below 128 ns, then buckets no
 * wider than 1/64 (1.6 %) of their lower bound, over the whole 64-bit range.
 * Used by the benchmark to record and by the analysis to read and merge.
 */
#ifndef USERBENCH_HIST_H
#define USERBENCH_HIST_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define HIST_SUB_BITS 6 /* 2^6 buckets per power of two */
#define HIST_SUB      (1u << HIST_SUB_BITS)
#define HIST_BUCKETS  ((64 - HIST_SUB_BITS + 1) * HIST_SUB)

/**
 * struct hist - a histogram
 * @total: values recorded
 * @min: smallest value, ~0 while empty; a bucket bound if it came from text
 * @max: largest value, 0 while empty; a bucket bound if it came from text
 * @count: values per bucket
 */
struct hist {
	uint64_t total;
	uint64_t min;
	uint64_t max;
	uint64_t count[HIST_BUCKETS];
};

/** hist_reset() - make @h empty; needed before first use */
void hist_reset(struct hist *h);

/** hist_index() - the bucket that holds @ns */
size_t hist_index(uint64_t ns);

/** hist_lower() - smallest value of bucket @index */
uint64_t hist_lower(size_t index);

/** hist_upper() - largest value of bucket @index (inclusive) */
uint64_t hist_upper(size_t index);

/** hist_add() - record @ns once */
void hist_add(struct hist *h, uint64_t ns);

/** hist_merge() - add all of @from to @into */
void hist_merge(struct hist *into, const struct hist *from);

/**
 * hist_quantile() - the value below or at which @num/@den of all values lie
 * @h: histogram
 * @num: numerator, 0 < @num <= @den
 * @den: denominator, for example 999/1000 for the 99.9th percentile
 *
 * Nearest rank: the bucket of the ceil(total * num / den)-th smallest value,
 * given as the middle of that bucket (the value itself below 128 ns), and
 * never outside @min and @max. total * num must fit 64 bits. 0 while empty.
 */
uint64_t hist_quantile(const struct hist *h, uint64_t num, uint64_t den);

/**
 * hist_print() - write the text form, `lower_ns:count,...`, buckets ascending
 * @h: histogram
 * @f: open for writing
 *
 * Only buckets that hold something; an empty histogram is `-`. Write errors
 * stay in @f for the caller's ferror().
 */
void hist_print(const struct hist *h, FILE *f);

/**
 * hist_parse() - read the text form into @h, replacing what it held
 * @h: histogram
 * @text: the text form, NUL-terminated
 *
 * Refused: anything but ascending lower bounds of buckets with counts above
 * zero, separated by single commas; a total beyond 64 bits.
 *
 * Return: 0, or -1 and an empty @h.
 */
int hist_parse(struct hist *h, const char *text);

#endif /* USERBENCH_HIST_H */
