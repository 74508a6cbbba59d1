// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * perfstat: makes a table of what `perf stat -x ';'` counted.
 */
#include <glib.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "fmt.h"
#include "out.h"
#include "tsv.h"

static const char help[] =
	"Reads what `perf stat -x ';'` prints; writes events, counts and rates "
	"as TSV.";

/* Columns of perf stat; those that follow are derived from these */
enum {
	COUNT,
	UNIT,
	EVENT,
	RUN_NS,
	PERCENT,
	COLUMNS
};

struct fold {
	GString *rows;
	unsigned int n;
	unsigned int line;
	double seconds;
};

static bool add_row(struct fold *f, char **field, GError **err)
{
	const char *count = field[COUNT];
	char *end, *rate;
	double n = g_ascii_strtod(count, &end);

	/* "<not counted>", "<not supported>" */
	if (g_str_has_prefix(count, "<not ")) {
		count = "-";
		n = NAN;
	} else if (end == count || *end) {
		g_set_error(err, TSV_ERROR, 0,
			    "line %u: '%s' is no count of %s", f->line, count,
			    field[EVENT]);
		return false;
	}
	rate = fmt_data(n / f->seconds);
	g_string_append_printf(f->rows, "%s\t%s\t%s\t%s\t%s\n", field[EVENT],
			       count, *field[UNIT] ? field[UNIT] : "-", rate,
			       isnan(n) ? "-" : field[PERCENT]);
	g_free(rate);
	f->n++;
	return true;
}

static bool fold_line(struct fold *f, char *line, GError **err)
{
	char **field;
	bool good;

	if (!strchr(line, '\n')) {
		g_set_error(err, TSV_ERROR, 0,
			    "line %u ends in the middle: the output of perf "
			    "stat was cut",
			    f->line);
		return false;
	}
	g_strchomp(line);
	if (!*line || *line == '#')
		return true;
	field = g_strsplit(line, ";", -1);
	good = g_strv_length(field) >= COLUMNS;
	if (!good)
		g_set_error(err, TSV_ERROR, 0,
			    "line %u: '%.100s' is no line of perf stat -x ';'",
			    f->line, line);
	good = good && add_row(f, field, err);
	g_strfreev(field);
	return good;
}

static bool fold_text(struct fold *f, FILE *in, GError **err)
{
	char *line = NULL;
	size_t room = 0;
	bool good = true;

	while (good && getline(&line, &room, in) >= 0) {
		f->line++;
		good = fold_line(f, line, err);
	}
	free(line);
	if (good && !f->n) {
		g_set_error(err, TSV_ERROR, 0,
			    "no event was counted; is this the output of perf "
			    "stat -x ';'?");
		return false;
	}
	return good;
}

static bool parse_options(double *seconds, int *argc, char ***argv,
			  GError **err)
{
	const GOptionEntry entries[] = {
		{ "seconds", 0, 0, G_OPTION_ARG_DOUBLE, seconds,
		  "how long was counted, for the rates", "S" },
		{ NULL },
	};
	GOptionContext *context = g_option_context_new("< PERF-STAT");
	bool good;

	g_option_context_set_summary(context, help);
	g_option_context_add_main_entries(context, entries, NULL);
	good = g_option_context_parse(context, argc, argv, err);
	g_option_context_free(context);
	if (good && (*argc > 1 || !(*seconds > 0))) {
		g_set_error(err, TSV_ERROR, 0,
			    "expected --seconds above 0 and the counts on "
			    "standard input; see --help");
		return false;
	}
	return good;
}

int main(int argc, char **argv)
{
	struct fold f = { .rows = g_string_new("# exitcost perfstat 1\n"
					       "event\tcount\tunit\tper_s\t"
					       "pct_counted\n") };
	GError *err = NULL;
	bool good = parse_options(&f.seconds, &argc, &argv, &err) &&
		    fold_text(&f, stdin, &err);

	if (good) {
		g_string_append_printf(f.rows, "# end %u\n", f.n);
		good = out_save("-", f.rows, &err);
	}
	g_string_free(f.rows, TRUE);
	return cli_end("perfstat", good, err);
}
