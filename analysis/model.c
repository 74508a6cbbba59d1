// SPDX-License-Identifier: GPL-2.0-or-later
/* model: from the cells of a run to unit prices, model.tsv. */
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "costmodel.h"
#include "modelfile.h"
#include "out.h"
#include "tsv.h"
#include "verdict.h"

static const char help[] =
	"Reads RESULTS_DIR/summary.tsv (and verdicts.tsv, for the measured\n"
	"crossovers) and fits, for each lane, the time of a\n"
	"call as the sum of what it is made of, each at its price: system "
	"calls,\n"
	"device accesses (where there are exits: exits), DMA requests,\n"
	"interrupts, bytes. Writes prices with 95 % intervals, every cell's\n"
	"time by the model beside the measured one, and the request sizes at\n"
	"which paths change places. What the cells cannot tell apart is "
	"called\n"
	"so. The file is written whole or not at all.";

struct options {
	char *output;
	char **dirs;
};

static bool parse_options(struct options *o, int *argc, char ***argv,
			  GError **err)
{
	const GOptionEntry entries[] = {
		{ "output", 'o', 0, G_OPTION_ARG_FILENAME, &o->output,
		  "where to write model.tsv (- is standard output)", "FILE" },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY,
		  &o->dirs, NULL, "RESULTS_DIR..." },
		{ NULL },
	};
	bool good = cli_parse(help, entries, argc, argv, err);

	if (good && (!o->output || !o->dirs)) {
		g_set_error(err, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
			    "expected results folders and -o FILE; try: model "
			    "results/latest -o model.tsv");
		return false;
	}
	return good;
}

static void free_model(gpointer m)
{
	model_free(m);
}

/* The comparisons of all folders; one without verdicts.tsv has none. */
static GPtrArray *read_verdicts(char *const *dirs, GError **err)
{
	GPtrArray *all = verdicts_new();
	bool good = true;

	for (; good && *dirs; dirs++) {
		char *path = g_build_filename(*dirs, "verdicts.tsv", NULL);
		GPtrArray *some = NULL;

		if (g_file_test(path, G_FILE_TEST_EXISTS)) {
			some = verdicts_read(path, err);
			good = some != NULL;
		}
		if (some)
			g_ptr_array_extend_and_steal(all, some);
		g_free(path);
	}
	if (good)
		return all;
	g_ptr_array_unref(all);
	return NULL;
}

static bool fit_lanes(const GPtrArray *rows, const GPtrArray *verdicts,
		      GPtrArray *models, GError **err)
{
	GPtrArray *lanes = rows_lanes(rows);
	bool good = lanes->len > 0;

	if (!good)
		g_set_error(err, TSV_ERROR, 0,
			    "expected rows of a data path of my_rng, found "
			    "none; run the study again");
	for (guint i = 0; good && i < lanes->len; i++) {
		struct model *m =
			model_fit(rows, verdicts, lanes->pdata[i], false, err);

		good = m != NULL;
		if (good)
			g_ptr_array_add(models, m);
	}
	g_ptr_array_unref(lanes);
	return good;
}

static bool make_models(const struct options *o, GError **err)
{
	GPtrArray *rows = rows_read_runs(o->dirs, err);
	GPtrArray *verdicts = rows ? read_verdicts(o->dirs, err) : NULL;
	GPtrArray *models = g_ptr_array_new_with_free_func(free_model);
	bool good = verdicts && fit_lanes(rows, verdicts, models, err);

	if (good) {
		GString *text = model_text(models);

		good = out_save(o->output, text, err);
		g_string_free(text, TRUE);
	}
	g_ptr_array_unref(models);
	if (verdicts)
		g_ptr_array_unref(verdicts);
	if (rows)
		g_ptr_array_unref(rows);
	return good;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	GError *err = NULL;
	bool good =
		parse_options(&o, &argc, &argv, &err) && make_models(&o, &err);

	g_free(o.output);
	g_strfreev(o.dirs);
	return cli_end("model", good, err);
}
