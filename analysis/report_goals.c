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
 * @wanted: the ratio
 * @above: the ratio has to be exceeded, not just reached
 */
struct goal {
	const char *lane;
	const char *over;
	const char *under;
	double wanted;
	bool above;
};

static const struct goal goals[] = {
	{ "tcg", "64", "32", 2.0, false },
	{ "tcg", "fifo", "32", 1.0, true },
	{ "tcg", "dma", "32", 25, false },
	{ "tcg", "dma", "null", 1.5, false },
	{ "tcg", "dma", "virtio-rng", 500, false },
	{ "nested", "fifo", "32", 50, false },
	{ "nested", "dma", "32", 1000, false },
};

/* Wanted of `32` where an empty system call costs SYSCALL_NS: in MB/s. */
#define BASE_MBPS  90
#define SYSCALL_NS 400

/* The verdict goes by the median; an interval that holds @wanted is noise. */
static char *verdict(struct stats_interval ci, double wanted, bool above)
{
	bool reached = above ? ci.mid > wanted : ci.mid >= wanted;
	bool sure = ci.lo > wanted || ci.hi < wanted || ci.lo == ci.hi;

	if (isnan(ci.mid) || isnan(wanted))
		return g_strdup("not measured");
	return g_strdup_printf("**%s**%s", reached ? "reached" : "missed",
			       sure ? "" : ", within noise");
}

static void ratio_goal(struct report *r, const char *lane, const struct goal *g)
{
	struct stats_interval ratio = interval_ratio(
		row_mbps(rows_path(r->rows, lane, g->over, REPORT_SIZE)),
		row_mbps(rows_path(r->rows, lane, g->under, REPORT_SIZE)));

	say(r, "| `%s` against `%s` |", g->over, g->under);
	say_cell(r, g_strdup_printf("%s %.1f", g->above ? "above" : "at least",
				    g->wanted));
	say_cell(r, text_interval(ratio));
	say_cell(r, verdict(ratio, g->wanted, g->above));
	say(r, "\n");
}

/* The absolute figure, scaled by how fast this guest's system calls are. */
static void base_goal(struct report *r, const char *lane)
{
	struct stats_interval mbps =
		row_mbps(rows_path(r->rows, lane, "32", REPORT_SIZE));
	double syscall =
		row_ns_call(rows_path(r->rows, lane, "getppid", 0)).mid;
	double wanted = (double)BASE_MBPS * SYSCALL_NS / syscall;
	char *least = fmt_human(wanted);
	char *ns = fmt_human(syscall);

	say(r, "| `32` itself, MB/s |");
	if (isnan(wanted))
		say_cell(r, g_strdup("needs `getppid`"));
	else
		say_cell(r, g_strdup_printf("at least %s (%d where an empty "
					    "system call costs %d ns; here %s)",
					    least, BASE_MBPS, SYSCALL_NS, ns));
	say_cell(r, text_interval(mbps));
	say_cell(r, verdict(mbps, wanted, false));
	say(r, "\n");
	g_free(least);
	g_free(ns);
}

void report_goals(struct report *r, const char *lane)
{
	bool any = false;

	say(r, "### Wanted and reached\n\n");
	for (guint i = 0; i < G_N_ELEMENTS(goals); i++) {
		if (strcmp(goals[i].lane, lane))
			continue;
		if (!any)
			say(r,
			    "Throughput by requests of 64 KiB, lane `%s`. "
			    "The verdict goes by the median; within noise "
			    "means that the interval holds the wanted "
			    "figure.\n\n"
			    "| what | wanted | measured | |\n"
			    "| --- | --- | --- | --- |\n",
			    lane);
		any = true;
		ratio_goal(r, lane, &goals[i]);
	}
	if (!strcmp(lane, "tcg"))
		base_goal(r, lane);
	if (!any)
		say(r, "No figures were set for this lane.\n");
	say(r, "\n");
}

/* Explains a ratio above 2 by accesses: their number, then their price. */
static void explain(struct report *r, const struct row *by32,
		    const struct row *by64, double ratio)
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
	else if (ratio <= counts * 1.02)
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
		    n32, n64, counts, ratio / counts, ns32, ns64);
	g_free(n32);
	g_free(n64);
	g_free(ns32);
	g_free(ns64);
}

void report_harness(struct report *r, const char *lane)
{
	const struct row *by32 = rows_path(r->rows, lane, "32", REPORT_SIZE);
	const struct row *by64 = rows_path(r->rows, lane, "64", REPORT_SIZE);
	struct stats_interval ratio =
		interval_ratio(row_mbps(by64), row_mbps(by32));
	char *text;

	say(r, "### Is the harness right?\n\n");
	if (!by32 || !by64) {
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
	if (ratio.mid > 2)
		explain(r, by32, by64, ratio.mid);
	else
		say(r, "Nothing to explain.\n\n");
	g_free(text);
}
