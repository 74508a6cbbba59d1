// SPDX-License-Identifier: GPL-2.0-or-later
/* End of the report: method, environment, how to repeat the run. */
#include "env.h"
#include "report.h"

static void say_repetitions(struct report *r)
{
	uint64_t least = G_MAXUINT64;
	uint64_t most = 0;

	for (guint i = 0; i < r->rows->len; i++) {
		const struct row *row = r->rows->pdata[i];

		least = MIN(least, row->n);
		most = MAX(most, row->n);
	}
	if (least == most)
		say(r,
		    "- **Repetitions**: %" G_GUINT64_FORMAT
		    " samples of every cell.\n",
		    most);
	else
		say(r,
		    "- **Repetitions**: %" G_GUINT64_FORMAT
		    " to %" G_GUINT64_FORMAT " samples per cell.\n",
		    least, most);
	if (least < 5)
		say(r, "  **Fewer than 5: the intervals are too narrow.**\n");
}

static void say_clocks(struct report *r)
{
	for (guint i = 0; i < r->runs->len; i++) {
		const struct report_run *run = r->runs->pdata[i];
		const char *ns = env_get(run->env, "guest.timer_overhead_ns");
		const char *clock = env_get(run->env, "guest.clocksource");

		say(r, "%s%s ns ", i ? ", " : "", ns ? ns : "(not recorded)");
		if (r->runs->len > 1)
			say(r, "in lane `%s`", (char *)run->lanes->pdata[0]);
		else
			say(r, "here");
		say(r, " (clock source %s)", clock ? clock : "not recorded");
	}
}

static void say_counting(struct report *r)
{
	bool exits = false;

	for (guint i = 0; i < r->runs->len; i++)
		exits = exits ||
			((const struct report_run *)r->runs->pdata[i])->kvm;
	say(r, "- **Counts** are the device's own counters before and after "
	       "the throughput phase, per call, exact.\n");
	if (exits)
		say(r, "- **Exits** are counted by KVM's own tracepoints in a "
		       "run of its own, cut by cell at the writes of the MARK "
		       "register. Where both count the same thing, KVM and the "
		       "device have to agree, or there is no report.\n");
}

void report_method(struct report *r)
{
	say(r, "## Method\n\n"
	       "- **Cells**: path × access × request size × threads. All paths "
	       "run in one machine, one after the other.\n"
	       "- **Warm-up** of each sample is discarded.\n"
	       "- **Interleaving**: all repetitions of all cells run in one "
	       "random order, so that drift of the host falls on all alike.\n");
	say_repetitions(r);
	say(r,
	    "- **Throughput** comes from a phase without timers inside its "
	    "loop: bytes over wall time, the median over samples.\n"
	    "- **Intervals** are 95 %% percentile-bootstrap intervals of the "
	    "median over samples (%d resamples, fixed seed). Those of ratios "
	    "and differences combine the worst ends of both, and so are "
	    "wider than need be. Where two intervals overlap it is a tie.\n"
	    "- **Latency** comes from a separate phase, one pair of clock "
	    "reads around each call, in a log-linear histogram. Reading the "
	    "clock twice takes ",
	    STATS_RESAMPLES);
	say_clocks(r);
	say(r, "; nothing is subtracted.\n");
	say_counting(r);
	say(r, "- **Tracing was off** in all timed runs.\n\n");
}

/* One entry for each cell of the plan: too many to print. */
#define LONG_LIST "guest.cells."

static void say_environment(struct report *r, const struct report_run *run)
{
	guint left_out = 0;

	say(r, "| what | value |\n| --- | --- |\n");
	for (guint i = 0; i < run->env->len; i++) {
		const struct env_entry *e = run->env->pdata[i];

		if (g_str_has_prefix(e->key, LONG_LIST)) {
			left_out++;
			continue;
		}
		say(r, "|");
		say_cell(r, g_strdup(e->key));
		say_cell(r, g_strdup(e->value));
		say(r, "\n");
	}
	if (left_out)
		say(r,
		    "| guest.cells | %u values (the cells and their MARK "
		    "ids), in env.json |\n",
		    left_out);
	say(r, "\n");
}

void report_environment(struct report *r)
{
	say(r, "## Environment\n\n");
	for (guint i = 0; i < r->runs->len; i++) {
		const struct report_run *run = r->runs->pdata[i];

		if (r->runs->len > 1)
			say(r, "### Of lane `%s`\n\n",
			    (char *)run->lanes->pdata[0]);
		say_environment(r, run);
	}
}

static void say_command(struct report *r, const struct report_run *run)
{
	const char *command = env_get(run->env, "command");
	const char *git = env_get(run->env, "git");
	const char *dirty = env_get(run->env, "dirty");

	say(r, "In a clone of the repository%s%s:\n\n```sh\n%s\n```\n\n",
	    git ? ", at " : "", git ? git : "",
	    command ? command : "make study");
	if (dirty && (!g_strcmp0(dirty, "yes") || !g_strcmp0(dirty, "1")))
		say(r, "The tree had uncommitted changes when this was "
		       "measured.\n\n");
}

void report_repeat(struct report *r)
{
	say(r, "## Repeat it\n\n");
	for (guint i = 0; i < r->runs->len; i++)
		say_command(r, r->runs->pdata[i]);
	say(r, "`raw.tsv` holds every sample, `summary.tsv` every cell, "
	       "`env.json` the table above.\n");
}
