/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A throughput table from one host's prices and another's counts. */
#ifndef ANALYSIS_PREDICTION_H
#define ANALYSIS_PREDICTION_H

#include <glib.h>

#include "prices.h"
#include "rows.h"

/*
 * Columns of predict.tsv, after its first line `# exitcost predict 1`:
 *
 * lane      the lane the prices are of
 * record    price, cell, or error
 * name      of a price its unit; of a cell its variant; of an error what it is
 * access, bytes  of a cell; else -
 * value, value_lo, value_hi  price: ns. Cell: ns per call, - where a price is
 *           missing. Error: the median over cells of |ratio - 1|
 * mbps, mbps_lo, mbps_hi  of a cell: 10^6 bytes a second
 * measured, measured_lo, measured_hi  of a cell, when validating: ns per call
 * ratio     value / measured
 * note      price: where it comes from. Cell: the unit that has no price
 */

/**
 * struct predicted - one cell
 * @row: the cell whose counts were used, owned by the rows
 * @ns: time of a call in ns; NaN: a price is missing
 * @missing: the unit that has no price, where @ns is NaN
 * @measured: the same cell measured, or NULL
 */
struct predicted {
	const struct row *row;
	struct stats_interval ns;
	enum unit missing;
	const struct row *measured;
};

/**
 * predict_cells - time of every cell whose units were counted
 * @prices: the prices
 * @counts: rows whose counts are used; their times are not
 * @measured: rows of lane @prices->lane to compare with, or NULL
 * @left_out: receives how many cells of my_rng lack counts
 *
 * Intervals are those of the prices, all at their worst together.
 *
 * Return: struct predicted, in the order of @counts; free it.
 */
GArray *predict_cells(const struct price_list *prices, const GPtrArray *counts,
		      const GPtrArray *measured, guint *left_out);

/**
 * predicted_mbps - throughput of a predicted cell
 * @p: the cell
 *
 * Return: 10^6 bytes a second; NaN where there are no bytes or no price.
 */
struct stats_interval predicted_mbps(const struct predicted *p);

/**
 * predict_error - how wrong the prediction typically is
 * @cells: from predict_cells()
 * @devices_only: leave out cells without a device
 *
 * Return: the median of |predicted / measured - 1|; NaN: nothing to compare.
 */
double predict_error(const GArray *cells, bool devices_only);

/**
 * predict_text - a prediction as predict.tsv
 * @prices: the prices
 * @cells: from predict_cells()
 *
 * Return: the whole text of the file.
 */
GString *predict_text(const struct price_list *prices, const GArray *cells);

/**
 * predict_table - the same for a reader: MB/s by size and path
 * @prices: the prices
 * @cells: from predict_cells()
 *
 * Return: lines of text; with measured cells their ratio beside each.
 */
GString *predict_table(const struct price_list *prices, const GArray *cells);

#endif /* ANALYSIS_PREDICTION_H */
