// SPDX-License-Identifier: GPL-2.0-or-later
/* report: from a results folder to report.md. */
#include "cli.h"
#include "report.h"

#include <stdio.h>
#include <stdlib.h>

#include "env.h"
#include "out.h"

static const char help[] =
	"Reads summary.tsv, verdicts.tsv and env.json of RESULTS_DIR, and "
	"model.tsv,\n"
	"kvm.tsv, split.tsv and scale-*.tsv where they exist, and writes a "
	"report in\n"
	"Markdown, whole or not at all. Runs of other lanes are put in by "
	"--with.\n"
	"Plots found in RESULTS_DIR/plots are embedded: draw them before, for "
	"all runs.";

struct options {
	char *output;
	char *plots;
	char *print;
	char **with;
	char **benches;
	char **looking;
	char **before;
	char **dirs;
};

/* In the order of the report. */
static void (*const lane_sections[])(struct report *r, const char *lane) = {
	report_headline,   report_split,    report_crossovers,
	report_model,      report_prices,   report_goals,
	report_aims,       report_before,   report_harness,
	report_throughput, report_in_place, report_exits,
	report_accesses,   report_latency,  report_controls,
	report_generators, report_threads,  report_scale,
	report_variants,
};

static void (*const end_sections[])(struct report *r) = {
	report_exercise, report_looking,     report_bench,  report_peers,
	report_method,   report_environment, report_repeat,
};

static bool usage(GError **err, const char *what)
{
	g_set_error(err, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
		    "expected %s; try: report results/latest -o report.md",
		    what);
	return false;
}

static bool parse_options(struct options *o, int *argc, char ***argv,
			  GError **err)
{
	const GOptionEntry entries[] = {
		{ "output", 'o', 0, G_OPTION_ARG_FILENAME, &o->output,
		  "where to write the report (- is standard output)", "FILE" },
		{ "plots-prefix", 0, 0, G_OPTION_ARG_STRING, &o->plots,
		  "folder of the plots as seen from the report (plots)",
		  "PATH" },
		{ "print", 0, 0, G_OPTION_ARG_STRING, &o->print,
		  "print one value of env.json, such as guest.generator, "
		  "and stop",
		  "KEY" },
		{ "with", 'w', 0, G_OPTION_ARG_FILENAME_ARRAY, &o->with,
		  "a run of another lane to put in as well; may be repeated",
		  "RESULTS_DIR" },
		{ "exitbench", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->benches,
		  "a table of the bare-metal guest; may be repeated", "FILE" },
		{ "looking", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->looking,
		  "a looking.tsv of make trace; may be repeated", "FILE" },
		{ "before", 'b', 0, G_OPTION_ARG_FILENAME_ARRAY, &o->before,
		  "an earlier run to compare with; may be repeated, one for "
		  "each lane",
		  "RESULTS_DIR" },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY,
		  &o->dirs, NULL, "RESULTS_DIR" },
		{ NULL },
	};
	bool good = cli_parse(help, entries, argc, argv, err);

	if (!good)
		return false;
	if (!o->dirs || o->dirs[1])
		return usage(err, "one results folder");
	if (!o->output && !o->print)
		return usage(err, "-o FILE");
	return true;
}

static void write_sections(struct report *r)
{
	report_quality(r);
	report_top(r);
	report_lanes(r);
	report_choose(r);
	for (guint l = 0; l < r->lanes->len; l++) {
		const char *lane = r->lanes->pdata[l];

		say(r, "## Lane `%s`\n\n", lane);
		for (guint i = 0; i < G_N_ELEMENTS(lane_sections); i++)
			lane_sections[i](r, lane);
	}
	for (guint i = 0; i < G_N_ELEMENTS(end_sections); i++)
		end_sections[i](r);
}

static bool read_runs(struct report *r, const struct options *o, GError **err)
{
	bool good = report_add_run(r, o->dirs[0], err);

	for (char **dir = o->with; good && dir && *dir; dir++)
		good = report_add_run(r, *dir, err);
	for (char **dir = o->before; good && dir && *dir; dir++)
		good = report_add_before(r, *dir, err);
	for (char **path = o->benches; good && path && *path; path++)
		good = report_add_bench(r, *path, err);
	for (char **path = o->looking; good && path && *path; path++)
		good = report_add_looking(r, *path, err);
	return good;
}

/* Once for all, and not in the report: a reader of it cannot draw them. */
static void warn_of_plots(const struct report *r)
{
	char *names;

	if (!r->no_plots->len)
		return;
	g_ptr_array_add(r->no_plots, NULL);
	names = g_strjoinv(", ", (char **)r->no_plots->pdata);
	fprintf(stderr,
		"report: without the plots %s: draw them with "
		"analysis/plots.sh, then write the report again\n",
		names);
	g_free(names);
}

static void free_report(struct report *r)
{
	GPtrArray *const all[] = { r->benches, r->looking, r->before,  r->lanes,
				   r->rows,    r->runs,    r->no_plots };

	g_string_free(r->out, TRUE);
	for (guint i = 0; i < G_N_ELEMENTS(all); i++)
		if (all[i])
			g_ptr_array_unref(all[i]);
}

static bool make_report(const struct options *o, GError **err)
{
	struct report r = {
		.dir = o->dirs[0],
		.plots = o->plots ? o->plots : "plots",
		.out = g_string_new(NULL),
		.runs = g_ptr_array_new_with_free_func(report_free_run),
		.rows = g_ptr_array_new(),
		.lanes = g_ptr_array_new(),
		.no_plots = g_ptr_array_new_with_free_func(g_free),
	};
	bool good = read_runs(&r, o, err);

	if (good) {
		write_sections(&r);
		good = out_save(o->output, r.out, err);
	}
	if (good)
		warn_of_plots(&r);
	free_report(&r);
	return good;
}

static bool print_value(const struct options *o, GError **err)
{
	char *path = g_build_filename(o->dirs[0], "env.json", NULL);
	GPtrArray *env = env_read(path, err);
	const char *value = env ? env_get(env, o->print) : NULL;

	if (value)
		g_print("%s\n", value);
	else if (env)
		g_set_error(err, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
			    "%s: no value named `%s`", path, o->print);
	if (env)
		g_ptr_array_unref(env);
	g_free(path);
	return !*err;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	GError *err = NULL;
	bool good = parse_options(&o, &argc, &argv, &err) &&
		    (o.print ? print_value(&o, &err) : make_report(&o, &err));

	g_free(o.output);
	g_free(o.plots);
	g_free(o.print);
	g_strfreev(o.with);
	g_strfreev(o.benches);
	g_strfreev(o.looking);
	g_strfreev(o.before);
	g_strfreev(o.dirs);
	return cli_end("report", good, err);
}
