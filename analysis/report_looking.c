// SPDX-License-Identifier: GPL-2.0-or-later
/* What looking costs: throughput with each tool on, over off. */
#include <string.h>

#include "fmt.h"
#include "report.h"
#include "tsv.h"

/* What each tool does to the machine while it is on */
static const struct {
	const char *tool;
	const char *what;
} tools[] = {
	{ "built-in", "everything off, against an emulator without any trace "
		      "event" },
	{ "timing", "the device's own stopwatch (`timing=on`)" },
	{ "perf", "`perf record` with call graphs, `perf stat`, `perf trace`" },
	{ "strace", "`strace -f` on the emulator" },
	{ "bpf", "the bpftrace scripts, USDT probes in the device" },
	{ "qemu", "QEMU's log of the device's trace events" },
	{ "guest-events", "in the guest: the driver's tracepoints" },
	{ "guest-events+syscalls",
	  "in the guest: the driver's tracepoints and those of system calls" },
	{ "guest-strace", "in the guest: `strace -f -c` on the benchmark" },
};

static const char *const columns[] = { "lane",     "variant", "bytes",
				       "tool",     "n",       "mbps_off",
				       "mbps_on",  "ratio",   "ratio_lo",
				       "ratio_hi", NULL };

bool report_add_looking(struct report *r, const char *path, GError **err)
{
	struct tsv *t = tsv_read(path, "looking 1", columns, "make trace", err);

	if (!t)
		return false;
	if (!r->looking)
		r->looking = g_ptr_array_new_with_free_func(
			(GDestroyNotify)tsv_free);
	g_ptr_array_add(r->looking, t);
	return true;
}

static const char *what_of(const char *tool)
{
	for (guint i = 0; i < G_N_ELEMENTS(tools); i++)
		if (!strcmp(tools[i].tool, tool))
			return tools[i].what;
	return "";
}

static void say_row(struct report *r, const struct tsv *t,
		    const struct tsv_row *row)
{
	say(r, "| `%s` | `%s` |", tsv_text(t, row, "lane"),
	    tsv_text(t, row, "variant"));
	say_cell(r, fmt_size(g_ascii_strtoull(tsv_text(t, row, "bytes"), NULL,
					      10)));
	say(r, " `%s` | %s | %s | %s | %s | %s [%s, %s] |\n",
	    tsv_text(t, row, "tool"), what_of(tsv_text(t, row, "tool")),
	    tsv_text(t, row, "n"), tsv_text(t, row, "mbps_off"),
	    tsv_text(t, row, "mbps_on"), tsv_text(t, row, "ratio"),
	    tsv_text(t, row, "ratio_lo"), tsv_text(t, row, "ratio_hi"));
}

/* The aim: what is on or off by itself costs no more than this. */
#define WANTED 0.97

static void say_aim(struct report *r, const struct tsv *t,
		    const struct tsv_row *row)
{
	const struct stats_interval ratio = {
		.mid = g_ascii_strtod(tsv_text(t, row, "ratio"), NULL),
		.lo = g_ascii_strtod(tsv_text(t, row, "ratio_lo"), NULL),
		.hi = g_ascii_strtod(tsv_text(t, row, "ratio_hi"), NULL),
	};

	say(r,
	    "- `built-in`, lane `%s`, path `%s`: %s [%s, %s] (wanted: at least "
	    "%g): %s.\n",
	    tsv_text(t, row, "lane"), tsv_text(t, row, "variant"),
	    tsv_text(t, row, "ratio"), tsv_text(t, row, "ratio_lo"),
	    tsv_text(t, row, "ratio_hi"), WANTED,
	    goal_words(verdict_goal(ratio, WANTED)));
}

static void say_each(struct report *r,
		     void (*say_it)(struct report *r, const struct tsv *t,
				    const struct tsv_row *row),
		     const char *tool)
{
	for (guint i = 0; i < r->looking->len; i++) {
		const struct tsv *t = r->looking->pdata[i];

		for (guint k = 0; k < t->rows->len; k++) {
			const struct tsv_row *row = t->rows->pdata[k];

			if (!tool || !strcmp(tsv_text(t, row, "tool"), tool))
				say_it(r, t, row);
		}
	}
	say(r, "\n");
}

void report_looking(struct report *r)
{
	if (!r->looking)
		return;
	say(r,
	    "## What looking costs\n\n"
	    "Throughput with a tool on over throughput with it off, in pairs "
	    "one right after the other in the same guest: the median ratio "
	    "of the pairs and its 95 %% interval. No time in this report was "
	    "taken with a tool on. `built-in` is what it costs that the "
	    "tools could be switched on at all: 1 would be nothing.\n\n"
	    "| lane | path | request | tool | | pairs | MB/s off | MB/s on "
	    "| on / off |\n"
	    "| --- | --- | ---: | --- | --- | ---: | ---: | ---: | ---: |\n");
	say_each(r, say_row, NULL);
	say_each(r, say_aim, "built-in");
}
