/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How fast a series is, and how fast beside another one. */
#ifndef ANALYSIS_SPEED_H
#define ANALYSIS_SPEED_H

#include "samples.h"
#include "verdict.h"

/**
 * speed_ns - wall time per call of all threads together, in ns
 * @s: the series
 * @boots: gets how many boots have accepted rate slices; or NULL
 *
 * Return: mean over the boots of the median of its logarithm.
 */
struct estimate speed_ns(const struct series *s, guint *boots);

/**
 * speed_ratio - calls a second of one series over those of another
 * @s: the series
 * @base: the other
 * @boots: gets how many boots have both
 *
 * Within a boot the medians of both are compared: their slices took turns, and
 * only undisturbed ones count, so both were measured under the same conditions.
 * (Pairs of slices of one round would leave out each slice whose partner was
 * disturbed: of a host that is disturbed for half of the time, half of what is
 * left.) Series that share no boot because one is of a host's process are compared
 * as they stand.
 *
 * Return: mean over the boots of the logarithm of the ratio.
 */
struct estimate speed_ratio(const struct series *s, const struct series *base,
			    guint *boots);

#endif /* ANALYSIS_SPEED_H */
