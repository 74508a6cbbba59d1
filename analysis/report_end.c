// SPDX-License-Identifier: GPL-2.0-or-later
/* End of the report: method, environment, how to repeat the run. */
#include "env.h"
#include "report.h"

/* How many boots each run has. */
static void say_boots(struct report *r)
{
	for (guint i = 0; i < r->runs->len; i++) {
		const struct report_run *run = r->runs->pdata[i];
		const char *boots = env_get(run->env, "quality.boots");

		say(r, "%s%s boots", i ? ", " : "",
		    boots ? boots : "an unrecorded number of");
		if (r->runs->len > 1)
			say(r, " in lane `%s`", (char *)run->lanes->pdata[0]);
	}
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
	say(r, "- **Counts** are the device's own counters, of all slices, as "
	       "they do not depend on the host's speed. They are exact, but "
	       "for paths that a thread of the device's serves: those are "
	       "estimates with a 95 %% Poisson interval (Garwood). Counts of "
	       "two passes are never subtracted from each other.\n");
	if (exits)
		say(r, "- **Exits** are counted by KVM's own tracepoints in a "
		       "run of its own, cut by cell at the writes of the MARK "
		       "register. Where both count the same thing, KVM and the "
		       "device have to agree, or there is no report.\n");
}

static void say_measuring(struct report *r)
{
	say(r, "- **Cells**: path × access × request size × threads. Cells of "
	       "one request size form a group.\n"
	       "- **Slices**: a cell is measured in slices of some "
	       "milliseconds. A round visits each cell of a group once, in "
	       "random order, so what is compared ran side by side. The open "
	       "device is the same from slice to slice.\n"
	       "- **Reference**: before and after each slice a loop of empty "
	       "system calls shows how fast the host is. A slice whose "
	       "reference is slower than 1.15 times the undisturbed speed of "
	       "its boot is rejected; of a boot that is slower than that from "
	       "its start to its end, the other boots' speed counts. A slice's "
	       "own time never rejects it. In lane `nested` none is rejected: "
	       "its times are not those of a host.\n"
	       "- **Boots**: the guest is booted anew (");
	say_boots(r);
	say(r, "), as boots differ more than slices do. After a first round "
	       "the time goes to the comparisons whose intervals are widest "
	       "against the target, 3 %% either way.\n");
}

static void say_deciding(struct report *r)
{
	say(r,
	    "- **Throughput** is the median of a boot's accepted slices, over "
	    "boots. **Ratios** are, in each boot, the median of one cell's "
	    "accepted slices over that of the other's, and the mean over boots "
	    "of its logarithm.\n"
	    "- **Intervals** are 95 %% intervals by Student's t on the "
	    "logarithm; the standard error is that of a bootstrap that draws "
	    "whole boots (worked out, not drawn) and has boots less one "
	    "degrees of freedom. As few boots tell little of "
	    "it, the error of each ratio is drawn towards what is typical of "
	    "the run, which adds degrees of freedom (Smyth 2004). With fewer "
	    "than 3 boots what boots usually differ by is added.\n"
	    "- **Verdicts**: *equal within 5 %%* if the interval lies between "
	    "1/%.2f and %.2f; else *faster* or *slower* if p is below 0.05 "
	    "after Holm's correction for all comparisons of the run; else "
	    "*undecided*. A wanted figure is reached or missed if the whole "
	    "interval is on that side of it. Ratios of two cells that were "
	    "not compared are quotients of their ratios to `null`; their "
	    "intervals are wider than need be.\n"
	    "- **Not claimed**: that *undecided* means equal; that a figure of "
	    "one lane, host or boot holds for another; absolute MB/s of "
	    "different runs are not compared, only ratios are.\n",
	    VERDICT_MARGIN, VERDICT_MARGIN);
}

void report_method(struct report *r)
{
	say(r, "## Method\n\n");
	say_measuring(r);
	say_deciding(r);
	say(r, "- **Latency** comes from slices of its own, one pair of clock "
	       "reads around each call, in a log-linear histogram; accepted "
	       "slices only, and a percentile only where ten calls lie beyond "
	       "it. Reading the clock twice takes ");
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
	say(r, "`raw.tsv` holds every slice, `summary.tsv` every cell, "
	       "`verdicts.tsv` every comparison, `env.json` the table "
	       "above.\n");
}
