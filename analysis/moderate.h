/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Steadier errors for many comparisons that rest on a few boots each. */
#ifndef ANALYSIS_MODERATE_H
#define ANALYSIS_MODERATE_H

#include <glib.h>

/* Fewer comparisons than that tell nothing of what is common to them */
#define MODERATE_LEAST 10

/**
 * moderate - let what is common to all comparisons steady each one's error
 * @comparisons: struct comparison pointers; se and df of their estimates change
 *
 * A variance of eight boots is itself known to a factor of two only, and Student's
 * t pays for that: of hundreds of comparisons, corrected for their number, few
 * would be decided. But the boots are the same ones, and most cells differ between
 * boots about as much. So each variance is drawn towards the typical one, and
 * counts as if it rested on more boots, by the empirical Bayes method of Smyth
 * (Statistical Applications in Genetics and Molecular Biology 3, 2004, sections
 * 3 and 6.2): the less the variances differ beyond chance, the more. What is
 * common never counts for more than a comparison's own boots, so that a cell
 * noisier than others is not believed too much.
 *
 * Comparisons that do not go by boots in common, or rest on fewer than BOOTS_FEW,
 * stay as they are, and so do all where there are less than MODERATE_LEAST.
 */
void moderate(const GPtrArray *comparisons);

#endif /* ANALYSIS_MODERATE_H */
