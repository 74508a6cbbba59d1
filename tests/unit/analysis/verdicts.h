/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Test input: a verdicts.tsv for a summary, as if each two cells were compared. */
#ifndef TESTS_UNIT_ANALYSIS_VERDICTS_H
#define TESTS_UNIT_ANALYSIS_VERDICTS_H

#include <glib.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "verdict.h"

#define VERDICTS_HEAD                                                        \
	"# exitcost verdicts 1\n"                                            \
	"lane\tvariant\taccess\tbytes\tthreads\tbase_variant\tbase_access\t" \
	"base_threads\tboots\tratio\tratio_lo\tratio_hi\tlog_se\tdf\tp\t"    \
	"verdict\ttarget\n"

/* Columns of a summary by their place */
enum {
	AT_LANE,
	AT_VARIANT,
	AT_ACCESS,
	AT_BYTES,
	AT_THREADS,
	AT_NS = 22
};

static inline double verdicts_number(char **cell, int column)
{
	return g_ascii_strtod(cell[column], NULL);
}

/* Eight boots whose error is what the intervals of both cells say, or 0.2 %. */
static inline struct estimate verdicts_estimate(char **a, char **b)
{
	struct estimate e = { .df = 7 };
	char **const both[] = { a, b };

	for (int i = 0; i < 2; i++) {
		double width = log(verdicts_number(both[i], AT_NS + 2) /
				   verdicts_number(both[i], AT_NS + 1));

		e.se += pow(width / 2 / 2.365, 2);
		e.log += (i ? 1 : -1) *
			 log(verdicts_number(both[i], AT_NS) /
			     verdicts_number(both[i], AT_THREADS));
	}
	e.se = fmax(sqrt(e.se), 0.002);
	return e;
}

static inline void verdicts_add(GString *out, char **a, char **b, double p,
				enum verdict verdict)
{
	struct estimate e = verdicts_estimate(a, b);
	struct stats_interval ci = verdict_interval(e);
	const double numbers[] = { ci.mid, ci.lo, ci.hi, e.se, e.df, p };

	g_string_append_printf(out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t8",
			       a[AT_LANE], a[AT_VARIANT], a[AT_ACCESS],
			       a[AT_BYTES], a[AT_THREADS], b[AT_VARIANT],
			       b[AT_ACCESS], b[AT_THREADS]);
	for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++) {
		char text[G_ASCII_DTOSTR_BUF_SIZE];

		g_ascii_formatd(text, sizeof(text), "%.9f", numbers[i]);
		g_string_append_printf(out, "\t%s", text);
	}
	g_string_append_printf(out, "\t%s\tmet\n", verdict_names[verdict]);
}

static inline bool verdicts_are_comparable(char **a, char **b)
{
	return a != b && !strcmp(a[AT_LANE], b[AT_LANE]) &&
	       !strcmp(a[AT_BYTES], b[AT_BYTES]) && !strcmp(b[AT_THREADS], "1");
}

/* The cells of a summary, each a strv */
static inline GPtrArray *verdicts_cells(const char *summary)
{
	GPtrArray *cells =
		g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
	char **lines = g_strsplit(summary, "\n", -1);

	for (char **l = lines + 2; lines[0] && lines[1] && *l; l++)
		if (**l && !g_str_has_prefix(*l, "#"))
			g_ptr_array_add(cells, g_strsplit(*l, "\t", -1));
	g_strfreev(lines);
	return cells;
}

/* Every two cells of one size, the base by one thread; none twice. */
static inline char *verdicts_of(const char *summary)
{
	GPtrArray *cells = verdicts_cells(summary);
	GString *out = g_string_new(VERDICTS_HEAD);
	guint n = 0;

	for (guint i = 0; i < cells->len; i++) {
		for (guint j = 0; j < cells->len; j++) {
			char **a = cells->pdata[i];
			char **b = cells->pdata[j];
			double p;

			if (!verdicts_are_comparable(a, b) ||
			    (j > i && !strcmp(a[AT_THREADS], "1")))
				continue;
			p = verdict_p(verdicts_estimate(a, b));
			p = fmin(1, p * 100);
			verdicts_add(out, a, b, p,
				     verdict_decide(verdicts_estimate(a, b),
						    p));
			n++;
		}
	}
	g_string_append_printf(out, "# end %u\n", n);
	g_ptr_array_unref(cells);
	return g_string_free(out, FALSE);
}

#endif /* TESTS_UNIT_ANALYSIS_VERDICTS_H */
