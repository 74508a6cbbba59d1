// SPDX-License-Identifier: GPL-2.0-or-later
/* predict: another host's throughput from its prices and this one's counts. */
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "costmodel.h"
#include "out.h"
#include "prediction.h"
#include "prices.h"
#include "tsv.h"

static const char help[] =
	"Takes unit prices of some host, as a model.tsv or as the table that "
	"make\n"
	"exitbench printed there, and the exact counts of a run made here, "
	"and\n"
	"predicts that host's throughput by path and request size. Prices "
	"that\n"
	"the file lacks, such as that of a system call, are those of the run\n"
	"made here, and the output says so. With --validate the prediction is\n"
	"held against a measured run of the prices' lane.";

struct options {
	char *output;
	char *prices;
	char *lane;
	char *counts;
	char *software;
	char *validate;
};

/* What is read and made; all owned. */
struct prediction {
	struct price_list *prices;
	GPtrArray *counts;
	GPtrArray *software;
	GPtrArray *measured;
	GArray *cells;
};

static bool usage(GError **err, const char *what)
{
	g_set_error(err, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
		    "expected %s; try: predict --prices model.tsv --counts "
		    "results/latest -o predict.tsv",
		    what);
	return false;
}

static bool parse_options(struct options *o, int *argc, char ***argv,
			  GError **err)
{
	const GOptionEntry entries[] = {
		{ "prices", 'p', 0, G_OPTION_ARG_FILENAME, &o->prices,
		  "unit prices: a model.tsv or an exitbench.tsv", "FILE" },
		{ "lane", 0, 0, G_OPTION_ARG_STRING, &o->lane,
		  "the lane to take, where the file has several", "LANE" },
		{ "counts", 'c', 0, G_OPTION_ARG_FILENAME, &o->counts,
		  "the run whose counts are used", "RESULTS_DIR" },
		{ "software", 's', 0, G_OPTION_ARG_FILENAME, &o->software,
		  "the run that prices system calls and copies where the file "
		  "does not (the one of --counts)",
		  "RESULTS_DIR" },
		{ "validate", 0, 0, G_OPTION_ARG_FILENAME, &o->validate,
		  "a run of the prices' lane to compare with", "RESULTS_DIR" },
		{ "output", 'o', 0, G_OPTION_ARG_FILENAME, &o->output,
		  "where to write predict.tsv (- is standard output)", "FILE" },
		{ NULL },
	};
	bool good = cli_parse(help, entries, argc, argv, err);

	if (!good)
		return false;
	if (!o->prices || !o->counts)
		return usage(err, "--prices FILE and --counts RESULTS_DIR");
	if (!o->output || *argc > 1)
		return usage(err, "-o FILE and nothing but options");
	return true;
}

static GPtrArray *read_run(const char *dir, GError **err)
{
	char *dirs[] = { (char *)dir, NULL };

	return rows_read_runs(dirs, err);
}

/* The model of a run's first lane; NULL: it cannot be made. */
static struct model *model_of(const GPtrArray *rows, bool controls_only)
{
	GPtrArray *lanes = rows_lanes(rows);
	struct model *m = lanes->len ? model_fit(rows, NULL, lanes->pdata[0],
						 controls_only, NULL)
				     : NULL;

	g_ptr_array_unref(lanes);
	return m;
}

/* A gap that is left shows in the cells that need the price. */
static void fill_gaps(struct prediction *p)
{
	struct model *software =
		model_of(p->software ? p->software : p->counts, true);
	struct model *device = model_of(p->counts, false);

	prices_complete(p->prices, software, device);
	model_free(software);
	model_free(device);
}

static bool check_measured(const struct options *o, const struct prediction *p,
			   GError **err)
{
	for (guint i = 0; i < p->measured->len; i++)
		if (!strcmp(((const struct row *)p->measured->pdata[i])->lane,
			    p->prices->lane))
			return true;
	g_set_error(err, TSV_ERROR, 0,
		    "%s: the prices are of lane %s, which this run does not "
		    "hold; name a run of that lane",
		    o->validate, p->prices->lane);
	return false;
}

static bool read_inputs(const struct options *o, struct prediction *p,
			GError **err)
{
	p->prices = prices_read(o->prices, o->lane, err);
	if (p->prices)
		p->counts = read_run(o->counts, err);
	if (p->counts && o->software)
		p->software = read_run(o->software, err);
	if (p->counts && !*err && o->validate)
		p->measured = read_run(o->validate, err);
	return !*err && (!p->measured || check_measured(o, p, err));
}

static bool write_outputs(const struct options *o, const struct prediction *p,
			  guint left_out, GError **err)
{
	GString *text = predict_text(p->prices, p->cells);
	GString *table = predict_table(p->prices, p->cells);
	bool good = out_save(o->output, text, err);

	if (good && strcmp(o->output, "-"))
		good = out_save("-", table, err);
	if (left_out)
		fprintf(stderr,
			"predict: warning: %u cells left out: %s does not hold "
			"the counts they need%s\n",
			left_out, o->counts,
			p->prices->exits ? " (port exits are counted in a KVM "
					   "lane, by ACCEL=nested anywhere)"
					 : "");
	g_string_free(text, TRUE);
	g_string_free(table, TRUE);
	return good;
}

static bool predict(const struct options *o, GError **err)
{
	struct prediction p = { 0 };
	guint left_out;
	bool good = read_inputs(o, &p, err);

	if (good) {
		fill_gaps(&p);
		p.cells = predict_cells(p.prices, p.counts, p.measured,
					&left_out);
		good = write_outputs(o, &p, left_out, err);
		g_array_unref(p.cells);
	}
	prices_free(p.prices);
	if (p.counts)
		g_ptr_array_unref(p.counts);
	if (p.software)
		g_ptr_array_unref(p.software);
	if (p.measured)
		g_ptr_array_unref(p.measured);
	return good;
}

static void free_options(struct options *o)
{
	g_free(o->output);
	g_free(o->prices);
	g_free(o->lane);
	g_free(o->counts);
	g_free(o->software);
	g_free(o->validate);
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	GError *err = NULL;
	bool good = parse_options(&o, &argc, &argv, &err) && predict(&o, &err);

	free_options(&o);
	return cli_end("predict", good, err);
}
