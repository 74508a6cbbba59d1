/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unit prices of some host: from a model.tsv or an exitbench.tsv. */
#ifndef ANALYSIS_PRICES_H
#define ANALYSIS_PRICES_H

#include <glib.h>
#include <stdbool.h>

#include "costmodel.h"
#include "stats.h"
#include "units.h"

/**
 * struct price_list - a price for each unit
 * @lane: lane the prices are of
 * @exits: from units_have_exits()
 * @ns: by enum unit; NaN where there is none
 * @origin: where each comes from, in words; NULL where there is none
 */
struct price_list {
	char *lane;
	bool exits;
	struct stats_interval ns[UNITS];
	char *origin[UNITS];
};

/**
 * prices_read - read the unit prices of a lane
 * @path: a model.tsv, or an exitbench.tsv of the bare-metal guest
 * @lane: lane to take from it; NULL: the only one in it
 * @err: what is wrong with the file, or it holds several lanes or not this one
 *
 * Of an exitbench.tsv the medians of my_rng's cases are taken, as they are, so
 * their intervals have no width. A price that a model holds within others is 0.
 *
 * Return: the prices, to be freed with prices_free(); or NULL.
 */
struct price_list *prices_read(const char *path, const char *lane,
			       GError **err);

/**
 * prices_complete - fill gaps with the prices of another host's model
 * @list: the prices
 * @software: model of cells without a device, for prices of software; or NULL
 * @device: model of all cells, for the others; used where an access means the
 *	    same in both lanes; or NULL
 */
void prices_complete(struct price_list *list, const struct model *software,
		     const struct model *device);

/**
 * prices_free - free what prices_read() gave
 * @list: the prices, or NULL
 */
void prices_free(struct price_list *list);

#endif /* ANALYSIS_PRICES_H */
