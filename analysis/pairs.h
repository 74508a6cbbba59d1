/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which cells of a run are compared with which, and what comes of it. */
#ifndef ANALYSIS_PAIRS_H
#define ANALYSIS_PAIRS_H

#include <glib.h>

/* An interval that reaches no further than that from its ratio is narrow */
#define PAIRS_TARGET 1.03

/* What `null` is called that is measured once more, as a control */
#define NULL_AGAIN "null-again"

/**
 * pairs_compare - make all comparisons that the report asks for
 * @all: struct series pointers from samples_read()
 *
 * All at the same size and in the same lane, each pair once, none where one of
 * the two was never measured for its rate. Two accesses are alike if both put
 * the bytes into a buffer, or both let them be read in place. The fastest path of
 * a size is chosen by the same speeds that are then compared with it; the
 * correction counts every pair that could have been chosen.
 *
 * Return: struct comparison pointers with p corrected over all of them, freed
 * with g_ptr_array_unref().
 */
GPtrArray *pairs_compare(const GPtrArray *all);

/**
 * pairs_text - comparisons as verdicts.tsv
 * @comparisons: from pairs_compare()
 *
 * Return: the whole text of the file.
 */
GString *pairs_text(const GPtrArray *comparisons);

#endif /* ANALYSIS_PAIRS_H */
