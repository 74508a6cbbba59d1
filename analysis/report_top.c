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
		    "**Counts are "
		    "exact; times are not those of a host.**" },
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

static double number(const struct report_run *run, const char *key)
{
	const char *value = env_get(run->env, key);

	return value ? g_ascii_strtod(value, NULL) : 0;
}

/* Which of several runs a sentence is about; nothing if there is one. */
static const char *only_lane(const struct report *r,
			     const struct report_run *run)
{
	return r->runs->len > 1 ? run->lanes->pdata[0] : "";
}

/* Others at work on more than a quarter of the host before the run began. */
static void say_noise(struct report *r, const struct report_run *run)
{
	double load = number(run, "host.load1_before");
	double cpus = number(run, "host.cpus");
	const char *lane = only_lane(r, run);

	if (load > cpus / 4)
		say(r,
		    "> **The host was busy%s%s**: a load of %.2f on %.0f CPUs "
		    "before the run. Repeat it on an idle host before quoting "
		    "figures.\n\n",
		    *lane ? " in the run of lane " : "", lane, load, cpus);
}

static void say_origin(struct report *r, const struct report_run *run)
{
	const char *lane = only_lane(r, run);

	if (!env_get(run->env, "date_utc"))
		return;
	say(r, *lane ? "> Lane `%s`: measured " : "> Measured %s", lane);
	say_setting(r, run, "", "date_utc");
	say_setting(r, run, " on ", "host.cpu");
	say_setting(r, run, ", ", "qemu.version");
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
		    "> **Quick run%s%s**: few and short samples, made to see "
		    "that everything works. Do not quote its figures.\n\n",
		    *lane ? " of lane " : "", lane);
	say_noise(r, run);
}

void report_top(struct report *r)
{
	say(r, "# exitcost: what it costs a guest to reach an emulated "
	       "device\n\n");
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
	say(r, "Figures are medians with a 95 %% interval in brackets; where "
	       "two intervals overlap, the report says tie. MB/s is 10^6 bytes "
	       "a second; KiB and MiB are 1024 and 1024² bytes.\n\n");
}

static char *ratio_text(struct stats_interval a, struct stats_interval b)
{
	return text_known(a.mid / b.mid);
}

static void headline_row(struct report *r, const char *lane,
			 const struct variant_name *v)
{
	const struct row *row = rows_path(r->rows, lane, v->name, REPORT_SIZE);
	struct stats_interval by32 =
		row_mbps(rows_path(r->rows, lane, "32", REPORT_SIZE));
	struct stats_interval by_null =
		row_mbps(rows_path(r->rows, lane, "null", REPORT_SIZE));
	double per_kib = row_accesses(row) / (REPORT_SIZE / 1024);
	char *name = g_strdup_printf("`%s`", v->name);

	say(r, "|");
	say_cell(r, name);
	say_cell(r, g_strdup(v->what));
	say_cell(r, text_interval(row_mbps(row)));
	say_cell(r, ratio_text(row_mbps(row), by32));
	say_cell(r, ratio_text(row_mbps(row), by_null));
	if (row && isnan(per_kib))
		say_cell(r, g_strdup("no device of ours"));
	else
		say_cell(r, row ? fmt_data(per_kib) : text_known(NAN));
	say_cell(r, text_known(row_ns_call(row).mid));
	say(r, "\n");
}

void report_headline(struct report *r, const char *lane)
{
	say(r,
	    "### In one table\n\n"
	    "Requests of 64 KiB by one thread, lane `%s`. An access is one "
	    "read or write of a device register or port, as the device "
	    "counted it.\n\n"
	    "| path | what it does | MB/s | ratio to `32` | ratio to `null` "
	    "| accesses per KiB | ns per call |\n"
	    "| --- | --- | ---: | ---: | ---: | ---: | ---: |\n",
	    lane);
	for (const struct variant_name *v = variant_names; v->name; v++)
		if (strcmp(v->name, "getppid") && strcmp(v->name, "ioctl0"))
			headline_row(r, lane, v);
	say(r, "\n");
}
