// SPDX-License-Identifier: GPL-2.0-or-later
/* Figures this project set itself, and the check of the harness by counts. */
#include <math.h>
#include <string.h>

#include "fmt.h"
#include "names.h"
#include "report.h"

/**
 * struct goal - a ratio of throughputs at REPORT_SIZE that is wanted
 * @lane: the lane it is wanted in
 * @over: the variant that should be faster
 * @under: the one it is compared with
 * @wanted: at least this ratio
 */
struct goal {
	const char *lane;
	const char *over;
	const char *under;
	double wanted;
};

static const struct goal goals[] = {
	{ "tcg", "64", "32", 2.0 },          { "tcg", "fifo", "32", 1.0 },
	{ "tcg", "dma", "32", 25 },          { "tcg", "dma", "null", 1.5 },
	{ "tcg", "dma", "virtio-rng", 500 }, { "nested", "fifo", "32", 50 },
	{ "nested", "dma", "32", 1000 },
};

static struct stats_interval reached(const struct report *r, const char *lane,
				     const char *over, const char *under)
{
	return ratio_of(report_run_of(r, lane)->verdicts, lane, REPORT_SIZE,
			side_of(over), side_of(under));
}

static void say_goal(struct report *r, const struct goal *g)
{
	struct stats_interval ratio = reached(r, g->lane, g->over, g->under);

	say(r, "| `%s` against `%s` |", g->over, g->under);
	say_cell(r, g_strdup_printf("at least %.1f", g->wanted));
	say_cell(r, text_interval(ratio));
	say(r, " %s |\n", goal_words(verdict_goal(ratio, g->wanted)));
}

void report_goals(struct report *r, const char *lane)
{
	bool any = false;

	for (guint i = 0; i < G_N_ELEMENTS(goals); i++) {
		if (strcmp(goals[i].lane, lane))
			continue;
		if (!any)
			say(r,
			    "### Wanted and reached\n\n"
			    "Throughput by requests of 64 KiB, lane `%s`. "
			    "Reached: the whole interval is at least the "
			    "wanted figure; missed: all of it is below; else "
			    "it is undecided.\n\n"
			    "| what | wanted | measured | |\n"
			    "| --- | --- | --- | --- |\n",
			    lane);
		any = true;
		say_goal(r, &goals[i]);
	}
	if (any)
		say(r, "\n");
}

/* Explains a ratio above 2 by accesses: their number, then their price. */
static void explain(struct report *r, const struct row *by32,
		    const struct row *by64, struct stats_interval ratio)
{
	double counts = row_accesses(by32) / row_accesses(by64);
	char *n32 = fmt_data(row_accesses(by32));
	char *n64 = fmt_data(row_accesses(by64));
	char *ns32 = fmt_human(by32->ns_call.mid / row_accesses(by32));
	char *ns64 = fmt_human(by64->ns_call.mid / row_accesses(by64));

	if (isnan(counts))
		say(r, "Accesses were not counted, so nothing explains it: "
		       "**take the harness for wrong until it is "
		       "explained.**\n\n");
	else if (ratio.lo <= counts)
		say(r,
		    "The counts say why: %s accesses a call by `32`, %s by "
		    "`64`, a factor of %.2f.\n\n",
		    n32, n64, counts);
	else
		say(r,
		    "The counts (%s accesses a call by `32`, %s by `64`) "
		    "say why a factor of %.2f. **The rest, a factor of "
		    "%.2f, they do not explain**: it is time per access, "
		    "%s ns of a call for each access by `32`, %s ns by `64`. "
		    "Candidates, for a profile to decide: the guest's "
		    "accessor (`ioread32` is a function that first asks "
		    "whether it was given a port, `readq` is one "
		    "instruction) and the generator (one step of it may "
		    "give two words).\n\n",
		    n32, n64, counts, ratio.mid / counts, ns32, ns64);
	g_free(n32);
	g_free(n64);
	g_free(ns32);
	g_free(ns64);
}

void report_harness(struct report *r, const char *lane)
{
	const struct row *by32 = rows_path(r->rows, lane, "32", REPORT_SIZE);
	const struct row *by64 = rows_path(r->rows, lane, "64", REPORT_SIZE);
	struct stats_interval ratio = reached(r, lane, "64", "32");
	char *text;

	say(r, "### Is the harness right?\n\n");
	if (!by32 || !by64 || isnan(ratio.mid)) {
		say(r, "The check compares `64` with `32` at 64 KiB; not "
		       "measured in this run.\n\n");
		return;
	}
	text = text_interval(ratio);
	say(r,
	    "The 64-bit path makes half the accesses of the 32-bit one, so "
	    "more than twice its throughput needs an explanation. Measured "
	    "at 64 KiB, lane `%s`: %s times. ",
	    lane, text);
	if (verdict_goal(ratio, 2) == GOAL_REACHED)
		explain(r, by32, by64, ratio);
	else
		say(r, "So it is not known to be more than twice: nothing to "
		       "explain.\n\n");
	g_free(text);
}
