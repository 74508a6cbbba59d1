/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cost model of a lane: time of a call from what the call is made of. */
#ifndef ANALYSIS_COSTMODEL_H
#define ANALYSIS_COSTMODEL_H

#include <glib.h>
#include <stdbool.h>

#include "contest.h"
#include "rows.h"
#include "units.h"

/* The model is fitted again this often to find its intervals. */
#define MODEL_RESAMPLES 400

enum price_state {
	PRICE_KNOWN,
	PRICE_WITHIN, /* the cells cannot tell it from others' prices */
	PRICE_ABSENT, /* no cell has any of this unit */
};

/**
 * struct price - what one unit costs
 * @state: whether @ns says so
 * @ns: in ns; 0 unless PRICE_KNOWN
 * @within: PRICE_WITHIN: the units whose prices hold a part of this one
 */
struct price {
	enum price_state state;
	struct stats_interval ns;
	bool within[UNITS];
};

/**
 * struct model_cell - a cell that the model was fitted to
 * @row: what was measured, owned by the rows
 * @x: what a call is made of, by enum unit
 * @ns: time of a call by the model, in ns
 */
struct model_cell {
	const struct row *row;
	double x[UNITS];
	struct stats_interval ns;
};

/**
 * struct model_crossing - from which size on one path beats another
 * @pair: the two
 * @model: by the model; lo and hi are its interval
 * @measured: from contests_last()
 * @sure: nearly all resamples name the winner that the model names
 */
struct model_crossing {
	const struct contest_pair *pair;
	struct crossing model;
	struct crossing measured;
	bool sure;
};

/**
 * struct model - a lane's model
 * @lane: the lane, owned by the rows
 * @exits: from units_have_exits()
 * @price: by enum unit
 * @cells: struct model_cells, in the order of the rows
 * @crossings: struct model_crossings
 */
struct model {
	const char *lane;
	bool exits;
	struct price price[UNITS];
	GArray *cells;
	GArray *crossings;
};

/**
 * model_fit - fit t = sum over the units of price times number
 * @rows: from rows_read(); outlives the model
 * @verdicts: from verdicts_read(), for the measured crossings; or NULL
 * @lane: one of its lanes
 * @controls_only: use the cells without a device only: prices of software
 * @err: there are fewer cells than prices to find
 *
 * Robust and without negative prices, see lsq_fit(). Intervals are those of a
 * wild bootstrap (Davidson and Flachaire, Journal of Econometrics 146, 2008) on
 * the logarithms of times: each resample keeps or turns round the misfit of all
 * cells of a variant together, since a wrong model is wrong in the same way all
 * along a path, and adds noise as wide as each cell's own interval. So they hold
 * the error of measuring and that of the model. The same rows give the same
 * intervals.
 *
 * Return: the model, to be freed with model_free(); or NULL.
 */
struct model *model_fit(const GPtrArray *rows, const GPtrArray *verdicts,
			const char *lane, bool controls_only, GError **err);

/**
 * model_free - free what model_fit() gave
 * @m: the model, or NULL
 */
void model_free(struct model *m);

/**
 * model_cell_at - a cell of a model
 * @m: the model
 * @i: index
 *
 * Return: the cell, owned by @m.
 */
const struct model_cell *model_cell_at(const struct model *m, guint i);

/**
 * model_cell_ratio - the model's time of a cell over the measured one
 * @c: the cell
 *
 * Return: the ratio; 1 where the model is right.
 */
double model_cell_ratio(const struct model_cell *c);

/**
 * model_cell_is_off - is the model wrong by more than can be noise?
 * @c: the cell
 *
 * Return: whether the model's interval and the measured one have nothing in
 * common.
 */
bool model_cell_is_off(const struct model_cell *c);

/**
 * model_error - how wrong the model typically is
 * @m: the model
 *
 * Return: the median over its cells of |ratio - 1|.
 */
double model_error(const struct model *m);

/**
 * enum story - what model and measurement say of two paths
 * @STORY_AGREE: both name the same winner, and places whose intervals touch
 * @STORY_DIFFER: they do not
 * @STORY_OPEN: one of them cannot tell: no measured size has a winner, or the
 *		resamples name different winners
 */
enum story {
	STORY_AGREE,
	STORY_DIFFER,
	STORY_OPEN,
};

/**
 * model_crossing_story - do model and measurement tell the same?
 * @c: the crossing
 *
 * Return: which of the three.
 */
enum story model_crossing_story(const struct model_crossing *c);

#endif /* ANALYSIS_COSTMODEL_H */
