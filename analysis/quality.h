/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much a run can tell: quality.json. */
#ifndef ANALYSIS_QUALITY_H
#define ANALYSIS_QUALITY_H

#include <glib.h>

/**
 * quality_text - judge a run
 * @all: from samples_read()
 * @comparisons: from pairs_compare() of these
 *
 * good: 6 boots or more, half of the ratios to `null` known to within a factor
 * of 1.06 from one end of the interval to the other, 60 % of all slices rejected
 * at most, and `null` measured twice neither faster nor slower than itself.
 * usable: that factor is 1.25 at most, and the same of `null`. Else poor. A run
 * in which `null` was not measured twice is usable at most. A run of lane nested is
 * usable whatever that factor is: its counts are exact, and its times are not those
 * of a host anyway.
 *
 * Return: the whole text of quality.json; what was not measured is null in it.
 */
GString *quality_text(const GPtrArray *all, const GPtrArray *comparisons);

#endif /* ANALYSIS_QUALITY_H */
