// SPDX-License-Identifier: GPL-2.0-or-later
/* Top of the report: lanes and what they mean, the table to read first. */
#include <math.h>
#include <string.h>

#include "env.h"
#include "fmt.h"
#include "names.h"
#include "report.h"

struct lane_meaning {
	const char *lane;
	const char *meaning;
};

static const struct lane_meaning lane_meanings[] = {
	{ "tcg",
	  "QEMU's software CPU. **All times are those of an emulated CPU and "
	  "never the cost of an exit**: a device access is a call of a helper "
	  "function here, some tens of nanoseconds, while a system call costs "
	  "hundreds, so system calls dominate. Under KVM it is the other way "
	  "round. Counts of accesses hold in every lane." },
	{ "nested", "KVM inside a machine that QEMU's software CPU emulates. "
		    "**Counts hold on every host; times do not.**" },
	{ "kvm", "Hardware virtualization: the times are those of this host." },
};

static const char *lane_meaning(const char *lane)
{
	for (guint i = 0; i < G_N_ELEMENTS(lane_meanings); i++)
		if (!strcmp(lane_meanings[i].lane, lane))
			return lane_meanings[i].meaning;
	return "A lane this version of the report knows nothing about.";
}

static void say_setting(struct report *r, const struct report_run *run,
			const char *label, const char *key)
{
	const char *value = env_get(run->env, key);

	if (value && *value)
		say(r, "%s%s", label, value);
}

/* Which of several runs a sentence is about; nothing if there is one. */
static const char *only_lane(const struct report *r,
			     const struct report_run *run)
{
	return r->runs->len > 1 ? run->lanes->pdata[0] : "";
}

/* What a processor is weak against, in short: mitigated or vulnerable */
static void say_weak(struct report *r, const struct report_run *run,
		     const char *prefix, const char *label, const char *starts)
{
	const char *sep = label;

	for (guint i = 0; i < run->env->len; i++) {
		const struct env_entry *e = run->env->pdata[i];

		if (!g_str_has_prefix(e->key, prefix) ||
		    !g_str_has_prefix(e->value, starts))
			continue;
		say(r, "%s%s", sep, e->key + strlen(prefix));
		sep = ", ";
	}
}

/* What the price of an exit hangs on; @host: "host" or, of nested, "host_l1" */
static void say_host(struct report *r, const struct report_run *run,
		     const char *host)
{
	static const char *const facts[][2] = {
		{ "cpu", "" },
		{ "cpu_family", ", family " },
		{ "cpu_model", " model " },
		{ "cpu_stepping", " stepping " },
		{ "microcode", ", microcode " },
		{ "smt", ", SMT " },
		{ "governor", ", governor " },
		{ "turbo", ", turbo " },
		{ "kernel", ", Linux " },
		{ "kernel_options", " with " },
	};
	char *weak = g_strdup_printf("%s.vulnerabilities.", host);

	for (guint i = 0; i < G_N_ELEMENTS(facts); i++) {
		char *key = g_strdup_printf("%s.%s", host, facts[i][0]);
		const char *value = env_get(run->env, key);

		if (value && *value && strcmp(value, "unknown"))
			say(r, "%s%s", facts[i][1], value);
		g_free(key);
	}
	say_weak(r, run, weak, "; mitigated: ", "Mitigation");
	say_weak(r, run, weak, "; vulnerable: ", "Vulnerable");
	g_free(weak);
}

/* What every run's figures were measured on. */
static void say_origin(struct report *r, const struct report_run *run)
{
	const char *lane = only_lane(r, run);

	if (!env_get(run->env, "date_utc"))
		return;
	say(r, *lane ? "> Lane `%s`: measured " : "> Measured %s", lane);
	say_setting(r, run, "", "date_utc");
	say(r, " on ");
	say_host(r, run, "host");
	if (env_get(run->env, "host_l1.cpu")) {
		say(r, "; its KVM ran on ");
		say_host(r, run, "host_l1");
	}
	say_setting(r, run, "; ", "qemu.version");
	say_setting(r, run, ", source ", "git");
	say_setting(r, run, "; lane chosen because: ", "lane_reason");
	say(r, ".\n");
}

static void say_caveats(struct report *r, const struct report_run *run)
{
	const char *quick = env_get(run->env, "quick");
	const char *lane = only_lane(r, run);

	if (quick && (!strcmp(quick, "yes") || !strcmp(quick, "1")))
		say(r,
		    "> **Quick run%s%s**: few boots, made to see "
		    "that everything works. Do not quote its figures.\n\n",
		    *lane ? " of lane " : "", lane);
}

void report_top(struct report *r)
{
	for (guint i = 0; i < r->lanes->len; i++)
		say(r, "> **Lane `%s`.** %s\n>\n", (char *)r->lanes->pdata[i],
		    lane_meaning(r->lanes->pdata[i]));
	for (guint i = 0; i < r->runs->len; i++) {
		say(r, i ? ">\n" : "");
		say_origin(r, r->runs->pdata[i]);
	}
	say(r, "\n");
	for (guint i = 0; i < r->runs->len; i++)
		say_caveats(r, r->runs->pdata[i]);
	say(r, "Figures are medians of what boots of the guest gave, with a "
	       "95 %% interval in brackets. Two cells are compared by the "
	       "interval of their ratio, measured side by side: *faster*, "
	       "*slower*, *equal within 5 %%* or *undecided*. MB/s is 10^6 "
	       "bytes a second; KiB and MiB are 1024 and 1024² bytes.\n\n");
}

static void say_ratio(struct report *r, const char *lane,
		      const struct variant_name *v, const char *base)
{
	struct stats_interval ratio =
		ratio_of(report_run_of(r, lane)->verdicts, lane, REPORT_SIZE,
			 side_of(v->name), side_of(base));

	if (!strcmp(v->name, base))
		say_cell(r, g_strdup("1"));
	else
		say_cell(r, isnan(ratio.mid) ? g_strdup("not compared")
					     : text_interval(ratio));
}

static void headline_row(struct report *r, const char *lane,
			 const struct variant_name *v)
{
	const struct row *row = rows_path(r->rows, lane, v->name, REPORT_SIZE);
	char *name = g_strdup_printf("`%s`", v->name);

	if (row) {
		say(r, "|");
		say_cell(r, g_strdup(name));
		say_cell(r, g_strdup(v->what));
		say_cell(r, text_interval(row_mbps(row)));
		say_ratio(r, lane, v, "32");
		say_ratio(r, lane, v, "null");
		say_cell(r, text_row_count(row, row_accesses(row)));
		say_cell(r, text_known(row_ns_call(row).mid));
		say(r, "\n");
	}
	g_free(name);
}

void report_headline(struct report *r, const char *lane)
{
	say(r,
	    "### In one table\n\n"
	    "Requests of 64 KiB by one thread, lane `%s`. An access is one "
	    "read or write of a device register or port, as the device "
	    "counted it; `-`: not one of ours. What is not in the table was "
	    "not measured.\n\n"
	    "| path | what it does | MB/s | ratio to `32` | ratio to `null` "
	    "| accesses per request | ns per call |\n"
	    "| --- | --- | ---: | ---: | ---: | ---: | ---: |\n",
	    lane);
	for (const struct variant_name *v = variant_names; v->name; v++)
		if (strcmp(v->name, "getppid") && strcmp(v->name, "ioctl0"))
			headline_row(r, lane, v);
	say(r, "\n");
}
