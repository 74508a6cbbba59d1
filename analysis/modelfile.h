/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model.tsv: cost models as a file. */
#ifndef ANALYSIS_MODELFILE_H
#define ANALYSIS_MODELFILE_H

#include <glib.h>
#include <stdint.h>

#include "costmodel.h"
#include "stats.h"

/*
 * Columns of model.tsv, after its first line `# exitcost model 1`:
 *
 * lane      the lane the line is about
 * record    price:     what one unit costs
 *           cell:      a cell that the model was fitted to
 *           crossover: from which size on one path beats another
 *           error:     how wrong the model is
 * name      of a price its unit; of a cell its variant; of a crossover two
 *           variants as b/a; of an error what it is
 * access    of a cell; else -
 * bytes     of a cell; else -
 * value     by the model. Price: ns. Cell: ns per call. Crossover: bytes, the
 *           size from which the winner is ahead, - where it is ahead at every
 *           size. Error median: median over cells of |ratio - 1|. Error
 *           cells-off: number of cells that are off
 * value_lo, value_hi  its 95 % interval
 * measured, measured_lo, measured_hi  the same as measured, with its interval;
 *           of a crossover the sizes measured around it; of cells-off the
 *           number of all cells
 * ratio     of a cell value / measured; else -
 * status    price: known; within (not identifiable: held in the prices that
 *           the note names); absent (no cell has any)
 *           cell: fits; off (the two intervals have nothing in common)
 *           crossover: agree; differ; open (one of both cannot tell); else -
 * note      of a crossover who is ahead at the largest size, by the model and as
 *           measured, - where neither is ahead at any size; else in words,
 *           or -
 */

/**
 * struct model_line - one line of model.tsv; numbers not known are NaN
 * @lane: see above, and so on
 * @record: .
 * @name: .
 * @access: .
 * @bytes: .
 * @value: .
 * @measured: .
 * @ratio: .
 * @status: .
 * @note: .
 */
struct model_line {
	char *lane;
	char *record;
	char *name;
	char *access;
	double bytes;
	struct stats_interval value;
	struct stats_interval measured;
	double ratio;
	char *status;
	char *note;
};

/**
 * model_text - models as model.tsv
 * @models: struct model pointers
 *
 * Return: the whole text of the file.
 */
GString *model_text(const GPtrArray *models);

/**
 * model_lines_read - read a model.tsv
 * @path: the file
 * @err: what is wrong with it
 *
 * Return: struct model_line pointers, freed with g_ptr_array_unref(); or NULL.
 */
GPtrArray *model_lines_read(const char *path, GError **err);

#endif /* ANALYSIS_MODELFILE_H */
