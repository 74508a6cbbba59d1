/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reference loop tells how fast the host is at the moment. A short slice of
 * it runs before and after each slice that is measured; the slice counts only if
 * both ran at the host's undisturbed speed. The benchmark plans and the analysis
 * decides by this rule. Only the analysis knows the readings of a whole boot.
 */
#ifndef USERBENCH_REFERENCE_H
#define USERBENCH_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>

/* A reading above so many times the undisturbed one is a slow one */
#define REFERENCE_SLOW 1.15

/**
 * reference_undisturbed() - what a call of the reference loop takes undisturbed
 * @ns: readings of one boot in ns per call, in any order; left as they are
 * @n: how many, at least 1
 *
 * The lower tenth of the readings: it lies in the host's fast speed as long as
 * that lasts for more than a tenth of the time.
 *
 * Return: ns per call; NAN without memory.
 */
double reference_undisturbed(const double *ns, size_t n);

/**
 * reference_accepts() - whether a slice was measured at undisturbed speed
 * @before: reading before the slice, ns per call
 * @after: reading after it
 * @undisturbed: from reference_undisturbed() of the same boot; of a boot that is
 *	slow all the time from other boots of the machine
 */
bool reference_accepts(double before, double after, double undisturbed);

#endif /* USERBENCH_REFERENCE_H */
