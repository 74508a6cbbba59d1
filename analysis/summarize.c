// SPDX-License-Identifier: GPL-2.0-or-later
/* summarize: from raw.tsv samples to summary.tsv, one row per cell. */
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "kvm.h"
#include "out.h"
#include "samples.h"
#include "summary.h"

static const char help[] =
	"Reads the samples that userbench wrote and writes one row per cell:\n"
	"medians over samples with 95 % percentile-bootstrap intervals (2000\n"
	"resamples, fixed seed), latency percentiles of the merged "
	"histograms,\n"
	"exact counts per call. Samples of one cell in several files are put\n"
	"together. An output is written whole or not at all.";

struct options {
	char *output;
	char *latency;
	char *kvm;
	char **raw;
};

static bool parse_options(struct options *o, int *argc, char ***argv,
			  GError **err)
{
	const GOptionEntry entries[] = {
		{ "output", 'o', 0, G_OPTION_ARG_FILENAME, &o->output,
		  "where to write summary.tsv (- is standard output)", "FILE" },
		{ "latency", 'l', 0, G_OPTION_ARG_FILENAME, &o->latency,
		  "where to write the merged latency histograms as well",
		  "FILE" },
		{ "kvm", 'k', 0, G_OPTION_ARG_FILENAME, &o->kvm,
		  "kvm.tsv of the same cells: fills the exits, and has to "
		  "agree with the device's counters",
		  "FILE" },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY,
		  &o->raw, NULL, "RAW.tsv..." },
		{ NULL },
	};
	bool good = cli_parse(help, entries, argc, argv, err);

	if (good && (!o->output || !o->raw)) {
		g_set_error(err, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
			    "expected raw files and -o FILE; try: summarize "
			    "raw.tsv -o summary.tsv");
		return false;
	}
	return good;
}

/* Takes @text. */
static bool save(const char *path, GString *text, GError **err)
{
	bool good = out_save(path, text, err);

	g_string_free(text, TRUE);
	return good;
}

/* Reads kvm.tsv, if it was named, and holds it against the samples. */
static bool read_kvm(const struct options *o, const GPtrArray *cells,
		     GPtrArray **kvm, GError **err)
{
	if (!o->kvm)
		return true;
	*kvm = kvm_read(o->kvm, err);
	if (!*kvm)
		return false;
	if (kvm_check(*kvm, cells, err))
		return true;
	g_prefix_error(err, "%s: ", o->kvm);
	return false;
}

static bool write_outputs(const struct options *o, const GPtrArray *cells,
			  const GPtrArray *kvm, GError **err)
{
	GPtrArray *warnings = g_ptr_array_new_with_free_func(g_free);
	bool good = save(o->output, summary_text(cells, kvm, warnings), err) &&
		    (!o->latency || save(o->latency, latency_text(cells), err));

	for (guint i = 0; i < warnings->len; i++)
		fprintf(stderr, "summarize: warning: %s\n",
			(char *)warnings->pdata[i]);
	g_ptr_array_unref(warnings);
	return good;
}

static bool summarize(const struct options *o, GError **err)
{
	GPtrArray *cells = samples_read(o->raw, err);
	GPtrArray *kvm = NULL;
	bool good = cells && read_kvm(o, cells, &kvm, err) &&
		    write_outputs(o, cells, kvm, err);

	if (kvm)
		g_ptr_array_unref(kvm);
	if (cells)
		g_ptr_array_unref(cells);
	return good;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	GError *err = NULL;
	bool good =
		parse_options(&o, &argc, &argv, &err) && summarize(&o, &err);

	g_free(o.output);
	g_free(o.latency);
	g_free(o.kvm);
	g_strfreev(o.raw);
	return cli_end("summarize", good, err);
}
