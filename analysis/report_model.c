// SPDX-License-Identifier: GPL-2.0-or-later
/* The cost model of a lane: unit prices, crossovers, where it is wrong. */
#include <math.h>
#include <string.h>

#include "fmt.h"
#include "modelfile.h"
#include "report.h"

#define WORST 10 /* cells that are listed */

typedef void (*say_line)(struct report *r, const struct model_line *l,
			 const char *lane);

/* Calls @say for every line of a kind. Return: how many there are. */
static guint each_line(struct report *r, const char *lane, const char *record,
		       say_line say_it)
{
	const GPtrArray *lines = report_run_of(r, lane)->model;
	guint n = 0;

	for (guint i = 0; i < lines->len; i++) {
		const struct model_line *l = lines->pdata[i];

		if (strcmp(l->lane, lane) || strcmp(l->record, record))
			continue;
		if (say_it)
			say_it(r, l, lane);
		n++;
	}
	return n;
}

static const char *what_is(const char *name, const char *lane)
{
	bool exits = units_have_exits(lane);

	for (int u = 0; u < UNITS; u++)
		if (!strcmp(unit_name(u, exits), name))
			return unit_what(u, exits);
	return name;
}

static char *price_text(const struct model_line *l)
{
	if (!strcmp(l->status, "within"))
		return g_strdup("not identifiable");
	return text_interval(l->value);
}

static void say_price(struct report *r, const struct model_line *l,
		      const char *lane)
{
	if (!strcmp(l->status, "absent"))
		return;
	say(r, "| %s |", what_is(l->name, lane));
	say_cell(r, price_text(l));
	say_cell(r, g_strdup_printf("`%s`", l->name));
	say_cell(r, g_strdup(strcmp(l->note, "-") ? l->note : ""));
	say(r, "\n");
}

/* Which path is faster, and from which size on. */
static char *story(const char *winner, struct stats_interval at)
{
	char *mid = text_about(at.mid);
	char *lo = text_about(at.lo);
	char *hi = text_about(at.hi);
	char *text;

	if (!strcmp(winner, "-"))
		text = g_strdup("neither at any size");
	else if (!isnan(at.mid))
		text = g_strdup_printf("`%s` from %s on [%s, %s]", winner, mid,
				       lo, hi);
	else if (!isnan(at.hi))
		text = g_strdup_printf("`%s`, never slower, first faster at %s",
				       winner, hi);
	else
		text = g_strdup_printf("`%s` at every size", winner);
	g_free(mid);
	g_free(lo);
	g_free(hi);
	return text;
}

static void say_crossover(struct report *r, const struct model_line *l,
			  const char *lane)
{
	char **pair = g_strsplit(l->name, "/", 2);
	char **winners = g_strsplit(l->note, " ", 2);

	(void)lane;
	if (g_strv_length(pair) == 2 && g_strv_length(winners) == 2) {
		say(r, "| `%s` against `%s` |", pair[0], pair[1]);
		say_cell(r, story(winners[0], l->value));
		say_cell(r, story(winners[1], l->measured));
		if (!strcmp(l->status, "differ"))
			say_cell(r, g_strdup("**differ**"));
		else
			say_cell(r, g_strdup(strcmp(l->status, "open")
						     ? l->status
						     : "cannot tell"));
		say(r, "\n");
	}
	g_strfreev(pair);
	g_strfreev(winners);
}

/* How far off, whichever way: 2 for half and for twice the measured time. */
static double factor(const struct model_line *l)
{
	return fmax(l->ratio, 1 / l->ratio);
}

static gint by_factor(gconstpointer a, gconstpointer b)
{
	double x = factor(*(struct model_line *const *)a);
	double y = factor(*(struct model_line *const *)b);

	return (x < y) - (x > y);
}

static void say_off(struct report *r, const struct model_line *l)
{
	say(r, "| `%s` | %s |", l->name, l->access);
	say_cell(r,
		 l->bytes > 0 ? fmt_size((uint64_t)l->bytes) : g_strdup("-"));
	say_cell(r, text_interval(l->value));
	say_cell(r, text_interval(l->measured));
	say_cell(r, fmt_human(l->ratio));
	say(r, "\n");
}

static void say_worst(struct report *r, const char *lane)
{
	const GPtrArray *lines = report_run_of(r, lane)->model;
	GPtrArray *off = g_ptr_array_new();

	for (guint i = 0; i < lines->len; i++) {
		struct model_line *l = lines->pdata[i];

		if (!strcmp(l->lane, lane) && !strcmp(l->status, "off"))
			g_ptr_array_add(off, l);
	}
	g_ptr_array_sort(off, by_factor);
	if (off->len)
		say(r,
		    "The model is wrong by more than its interval in these "
		    "cells%s, times in ns per call:\n\n"
		    "| path | access | request | by the model | measured "
		    "| ratio |\n| --- | --- | ---: | ---: | ---: | ---: |\n",
		    off->len > WORST ? ", of which the worst are listed" : "");
	for (guint i = 0; i < MIN(off->len, WORST); i++)
		say_off(r, off->pdata[i]);
	if (off->len)
		say(r, "\n");
	g_ptr_array_unref(off);
}

static void say_error(struct report *r, const struct model_line *l,
		      const char *lane)
{
	(void)lane;
	if (!strcmp(l->name, "median"))
		say(r,
		    "**Error**: half of all cells are within %.0f %% of the "
		    "model. ",
		    100 * l->value.mid);
	if (!strcmp(l->name, "cells-off"))
		say(r,
		    "In %.0f of %.0f cells the interval of the model and the "
		    "measured one have nothing in common.\n\n",
		    l->value.mid, l->measured.mid);
}

void report_model(struct report *r, const char *lane)
{
	say(r, "### Cost model: what one unit costs\n\n");
	if (!report_run_of(r, lane)->model ||
	    !each_line(r, lane, "price", NULL)) {
		say(r, "No model of this lane: `model.tsv` is not there. The "
		       "program `model` makes it from `summary.tsv`.\n\n");
		return;
	}
	say(r,
	    "The time of a call in lane `%s`, taken apart: a sum of what the "
	    "call is made of, each unit at one price for all paths and sizes, "
	    "none negative, fitted robustly to the cells of one thread. "
	    "%s An interval holds the error of measuring and that of the "
	    "model; not identifiable means that the cells cannot tell this "
	    "price from others, and so it is held in theirs.\n\n"
	    "| unit | ns | name in `model.tsv` | |\n"
	    "| --- | ---: | --- | --- |\n",
	    lane,
	    units_have_exits(lane)
		    ? "An access of a register leaves the guest: it is an exit."
		    : "**There are no exits in this lane**: an access is a "
		      "call of a helper function in the emulator.");
	each_line(r, lane, "price", say_price);
	say(r, "\nWhich path is faster, and from which request size on: by the "
	       "model "
	       "with the interval of that size, and by the verdicts with the "
	       "sizes measured around it.\n\n"
	       "| paths | by the model | measured | |\n"
	       "| --- | --- | --- | --- |\n");
	each_line(r, lane, "crossover", say_crossover);
	say(r, "\n");
	each_line(r, lane, "error", say_error);
	say_worst(r, lane);
}
