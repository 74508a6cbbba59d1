// SPDX-License-Identifier: GPL-2.0-or-later
/* summarize: from the slices of raw.tsv to summary.tsv, one row per cell. */
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "kvm.h"
#include "out.h"
#include "pairs.h"
#include "quality.h"
#include "samples.h"
#include "summary.h"

static const char help[] =
	"Reads the slices that userbench wrote and writes one row per cell:\n"
	"means over the boots of each boot's median, with 95 % intervals, "
	"from\n"
	"slices that the reference loop found undisturbed; latency "
	"percentiles;\n"
	"exact counts per call. Slices of one cell in several files are put\n"
	"together. Comparisons between cells go to --verdicts, how much the\n"
	"run can tell to --quality. Outputs are written whole or not at all.";

struct options {
	char *output;
	char *verdicts;
	char *quality;
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
		{ "verdicts", 'v', 0, G_OPTION_ARG_FILENAME, &o->verdicts,
		  "where to write the comparisons between cells as well",
		  "FILE" },
		{ "quality", 'q', 0, G_OPTION_ARG_FILENAME, &o->quality,
		  "where to write how much the run can tell (JSON) as well",
		  "FILE" },
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

/* Reads kvm.tsv, if it was named, and holds it against the slices. */
static bool read_kvm(const struct options *o, const GPtrArray *all,
		     GPtrArray **kvm, GError **err)
{
	if (!o->kvm)
		return true;
	*kvm = kvm_read(o->kvm, err);
	if (!*kvm)
		return false;
	if (kvm_check(*kvm, all, err))
		return true;
	g_prefix_error(err, "%s: ", o->kvm);
	return false;
}

static bool write_comparisons(const struct options *o, const GPtrArray *all,
			      GError **err)
{
	GPtrArray *comparisons;
	bool good;

	if (!o->verdicts && !o->quality)
		return true;
	comparisons = pairs_compare(all);
	good = (!o->verdicts ||
		save(o->verdicts, pairs_text(comparisons), err)) &&
	       (!o->quality ||
		save(o->quality, quality_text(all, comparisons), err));
	g_ptr_array_unref(comparisons);
	return good;
}

static bool write_outputs(const struct options *o, const GPtrArray *all,
			  const GPtrArray *kvm, GError **err)
{
	GPtrArray *warnings = g_ptr_array_new_with_free_func(g_free);
	bool good = save(o->output, summary_text(all, kvm, warnings), err) &&
		    (!o->latency || save(o->latency, latency_text(all), err)) &&
		    write_comparisons(o, all, err);

	for (guint i = 0; i < warnings->len; i++)
		fprintf(stderr, "summarize: warning: %s\n",
			(char *)warnings->pdata[i]);
	g_ptr_array_unref(warnings);
	return good;
}

static bool summarize(const struct options *o, GError **err)
{
	GPtrArray *all = samples_read(o->raw, err);
	GPtrArray *kvm = NULL;
	bool good = all && read_kvm(o, all, &kvm, err) &&
		    write_outputs(o, all, kvm, err);

	if (kvm)
		g_ptr_array_unref(kvm);
	if (all)
		g_ptr_array_unref(all);
	return good;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	GError *err = NULL;
	bool good =
		parse_options(&o, &argc, &argv, &err) && summarize(&o, &err);

	g_free(o.output);
	g_free(o.verdicts);
	g_free(o.quality);
	g_free(o.latency);
	g_free(o.kvm);
	g_strfreev(o.raw);
	return cli_end("summarize", good, err);
}
