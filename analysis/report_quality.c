// SPDX-License-Identifier: GPL-2.0-or-later
/* How good the runs are, before anything else; and on what host they ran. */
#include <math.h>
#include <string.h>

#include "env.h"
#include "fmt.h"
#include "report.h"

static double number(const struct report_run *run, const char *key)
{
	const char *value = env_get(run->env, key);
	char *end = NULL;
	double x = value ? g_ascii_strtod(value, &end) : NAN;

	return value && end != value ? x : NAN;
}

static void say_percent(struct report *r, const struct report_run *run,
			const char *key)
{
	double share = number(run, key);

	if (isnan(share))
		say(r, "an unknown share");
	else
		say(r, "%.0f %%", 100 * share);
}

/* One cell under two names differs from itself: nothing else can be believed. */
static bool is_broken(const struct report_run *run)
{
	const char *verdict = env_get(run->env, "quality.aa_verdict");

	return !g_strcmp0(verdict, "faster") || !g_strcmp0(verdict, "slower");
}

static void say_control(struct report *r, const struct report_run *run)
{
	const struct stats_interval ratio = {
		.mid = number(run, "quality.aa_ratio"),
		.lo = number(run, "quality.aa_lo"),
		.hi = number(run, "quality.aa_hi"),
	};
	const char *verdict = env_get(run->env, "quality.aa_verdict");
	char *text = text_interval(ratio);

	say(r, "`null` against itself: %s%s%s", text, verdict ? ", " : "",
	    verdict ? verdict : "");
	if (is_broken(run))
		say(r,
		    ". **The harness is broken**: it calls one cell %s than "
		    "itself, so believe no comparison of this run",
		    verdict);
	g_free(text);
}

static void say_speed(struct report *r, const struct report_run *run)
{
	say(r, "the host was slow in ");
	say_percent(r, run, "quality.slow_start");
	say(r, " of the reference readings of the first third, ");
	say_percent(r, run, "quality.slow_middle");
	say(r, " of the second, ");
	say_percent(r, run, "quality.slow_end");
	say(r, " of the last; ");
}

static void say_quality(struct report *r, const struct report_run *run)
{
	const char *verdict = env_get(run->env, "quality.verdict");
	const char *why = env_get(run->env, "quality.why");
	const char *lane = run->lanes->pdata[0];

	say(r, "> **Run quality of lane `%s`: %s%s.** ", lane,
	    is_broken(run) ? "the harness is broken, " : "",
	    verdict ? verdict : "not known");
	if (!verdict) {
		say(r, "`env.json` does not say it.\n");
		return;
	}
	if (why && *why)
		say(r, "%s; ", why);
	say_speed(r, run);
	say_control(r, run);
	say(r, ".\n");
}

void report_quality(struct report *r)
{
	say(r, "# exitcost: what it costs a guest to reach an emulated "
	       "device\n\n");
	for (guint i = 0; i < r->runs->len; i++) {
		say(r, i ? ">\n" : "");
		say_quality(r, r->runs->pdata[i]);
	}
	say(r, "\n");
}
