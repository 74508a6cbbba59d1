// SPDX-License-Identifier: GPL-2.0-or-later
/* Lanes side by side: the same requests at different prices. */
#include <math.h>
#include <string.h>

#include "fmt.h"
#include "names.h"
#include "report.h"

/* The first lane with or without exits; NULL: there is none. */
static const char *find_lane(const struct report *r, bool exits)
{
	for (guint i = 0; i < r->lanes->len; i++)
		if (units_have_exits(r->lanes->pdata[i]) == exits)
			return r->lanes->pdata[i];
	return NULL;
}

static struct stats_interval against_32(const struct report *r,
					const char *lane, const char *variant)
{
	return ratio_of(report_run_of(r, lane)->verdicts, lane, REPORT_SIZE,
			side_of(variant), side_of("32"));
}

static void say_prices(struct report *r, const char *lane)
{
	char *read = text_known(report_price(r, lane, UNIT_MMIO_READ32).mid);
	char *call = text_known(report_price(r, lane, UNIT_SYSCALL).mid);

	say(r,
	    "in lane `%s` a register read costs %s ns by the cost model, being "
	    "%s, and a system call %s ns",
	    lane, read,
	    units_have_exits(lane) ? "an exit"
				   : "a call of a helper function in the "
				     "emulator",
	    call);
	g_free(read);
	g_free(call);
}

/* Why the two kinds of lanes differ, from this report's own figures. */
static void say_why(struct report *r, const char *plain, const char *exits)
{
	const struct row *by32 = rows_path(r->rows, exits, "32", REPORT_SIZE);
	const struct row *by_dma =
		rows_path(r->rows, exits, "dma", REPORT_SIZE);
	char *n32 = fmt_data(row_accesses(by32));
	char *n_dma = fmt_data(row_accesses(by_dma));
	char *here = text_interval(against_32(r, plain, "dma"));
	char *there = text_interval(against_32(r, exits, "dma"));

	say(r,
	    "**Why they differ.** The requests are the same and so are "
	    "their counts (64 KiB are %s register accesses by `32` and %s "
	    "by `dma`); what differs is the price of one: ",
	    n32, n_dma);
	say_prices(r, plain);
	say(r, "; ");
	say_prices(r, exits);
	say(r,
	    ". So having fewer accesses gains `dma` a factor of %s over "
	    "`32` in lane `%s` and of %s in lane `%s`.\n\n",
	    here, plain, there, exits);
	g_free(n32);
	g_free(n_dma);
	g_free(here);
	g_free(there);
}

static bool is_measured(const struct report *r, const char *variant)
{
	for (guint l = 0; l < r->lanes->len; l++)
		if (rows_path(r->rows, r->lanes->pdata[l], variant,
			      REPORT_SIZE))
			return true;
	return false;
}

static void say_table(struct report *r)
{
	say(r, "MB/s by requests of 64 KiB, one thread; each column is a lane "
	       "of its own, so compare down a column, not along a row.\n\n"
	       "| path |");
	for (guint l = 0; l < r->lanes->len; l++)
		say(r, " `%s` | ratio to `32` |", (char *)r->lanes->pdata[l]);
	say(r, "\n| --- |");
	for (guint l = 0; l < r->lanes->len; l++)
		say(r, " ---: | ---: |");
	say(r, "\n");
	for (const struct variant_name *v = variant_names; v->name; v++) {
		if (!v->is_device || !is_measured(r, v->name))
			continue;
		say(r, "| `%s` |", v->name);
		for (guint l = 0; l < r->lanes->len; l++) {
			const char *lane = r->lanes->pdata[l];
			struct stats_interval mbps = row_mbps(
				rows_path(r->rows, lane, v->name, REPORT_SIZE));

			say_cell(r, text_interval(mbps));
			say_cell(r, strcmp(v->name, "32")
					    ? text_interval(against_32(r, lane,
								       v->name))
					    : g_strdup("1"));
		}
		say(r, "\n");
	}
	say(r, "\n");
}

void report_lanes(struct report *r)
{
	const char *plain = find_lane(r, false);
	const char *exits = find_lane(r, true);

	if (r->lanes->len < 2)
		return;
	say(r, "## Lanes side by side\n\n");
	say_plot(r, "throughput", "side-by-side",
		 "Throughput over request size, one panel for each lane");
	if (plain && exits)
		say_why(r, plain, exits);
	say_table(r);
}
