/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How often something happens that was counted. */
#ifndef ANALYSIS_POISSON_H
#define ANALYSIS_POISSON_H

#include <stdint.h>

#include "stats.h"

/**
 * poisson_interval - a count with the 95 % interval of its expectation
 * @count: how often it happened
 *
 * Exact, by Garwood (Biometrika 28, 1936): the ends are those expectations of
 * which @count is just the 2.5 % extreme. Of 0 the lower end is 0, the upper
 * one 3.69.
 *
 * Return: the interval, in counts.
 */
struct stats_interval poisson_interval(uint64_t count);

#endif /* ANALYSIS_POISSON_H */
