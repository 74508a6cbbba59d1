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

void report_method(struct report *r)
{
	const char *overhead = env_get(r->env, "guest.timer_overhead_ns");
	const char *clock = env_get(r->env, "guest.clocksource");

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
	    "clock twice takes %s ns here (clock source %s); nothing is "
	    "subtracted.\n"
	    "- **Counts** are the device's own counters before and after the "
	    "throughput phase, per call, exact.\n"
	    "- **Tracing was off** in all timed runs.\n\n",
	    STATS_RESAMPLES, overhead ? overhead : "(not recorded)",
	    clock ? clock : "not recorded");
}

/* One entry for each cell of the plan: too many to print. */
#define LONG_LIST "guest.cells."

void report_environment(struct report *r)
{
	guint left_out = 0;

	say(r, "## Environment\n\n| what | value |\n| --- | --- |\n");
	for (guint i = 0; i < r->env->len; i++) {
		const struct env_entry *e = r->env->pdata[i];

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

void report_repeat(struct report *r)
{
	const char *command = env_get(r->env, "command");
	const char *git = env_get(r->env, "git");
	const char *dirty = env_get(r->env, "dirty");

	say(r,
	    "## Repeat it\n\nIn a clone of the repository%s%s:\n\n"
	    "```sh\n%s\n```\n\n",
	    git ? ", at " : "", git ? git : "",
	    command ? command : "make study");
	if (dirty && (!g_strcmp0(dirty, "yes") || !g_strcmp0(dirty, "1")))
		say(r, "The tree had uncommitted changes when this was "
		       "measured.\n\n");
	say(r, "`raw.tsv` holds every sample, `summary.tsv` every cell, "
	       "`env.json` the table above.\n");
}
