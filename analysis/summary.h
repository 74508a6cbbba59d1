/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Series of slices to the text of summary.tsv and latency.tsv. */
#ifndef ANALYSIS_SUMMARY_H
#define ANALYSIS_SUMMARY_H

#include <glib.h>

/**
 * summary_text - summary.tsv: one row of statistics per cell
 * @all: from samples_read()
 * @kvm: from kvm_read(): gives the exits; or NULL
 * @warnings: receives one line (char *, owned) for every count that differs
 *	      per call between slices of a cell, where the ratio written is the
 *	      pooled one; not for counts that are a matter of chance or of how
 *	      requests are gathered into batches
 *
 * Return: the whole text of the file.
 */
GString *summary_text(const GPtrArray *all, const GPtrArray *kvm,
		      GPtrArray *warnings);

/**
 * latency_text - latency.tsv: the merged latency histogram of every cell
 * @all: from samples_read()
 *
 * One row per bucket that is not empty: its lower edge in ns, the calls in it,
 * the calls in it and below, and the calls of the cell.
 *
 * Return: the whole text of the file.
 */
GString *latency_text(const GPtrArray *all);

#endif /* ANALYSIS_SUMMARY_H */
