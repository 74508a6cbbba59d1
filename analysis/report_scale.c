// SPDX-License-Identifier: GPL-2.0-or-later
/* What more threads, CPUs and devices give, and what stands in their way. */
#include <math.h>
#include <string.h>

#include "fmt.h"
#include "names.h"
#include "report.h"

#define MOST_THREADS 4

/* What the lanes' lock lets through: one at a time, or more */
#define ONE_AT_A_TIME 1.25

static const uint64_t sizes[] = { 4096, REPORT_SIZE };

/* Calls a second of all threads together; NaN all over where not measured. */
static struct stats_interval calls(const GPtrArray *rows, const char *lane,
				   const char *variant, uint64_t bytes,
				   uint64_t threads)
{
	const struct variant_name *v = variant_find(
		g_str_has_prefix(variant, "2x") ? variant + 2 : variant);
	const struct row *row = rows_find(
		rows, lane, variant, v ? v->access : "read", bytes, threads);
	struct stats_interval ns = row_ns_call(row);
	double scale = 1e9 * (double)threads;

	return (struct stats_interval){ scale / ns.mid, scale / ns.hi,
					scale / ns.lo };
}

static void say_gain(struct report *r, const GPtrArray *rows, const char *lane,
		     const char *variant, uint64_t bytes, uint64_t threads)
{
	const char *one =
		g_str_has_prefix(variant, "2x") ? variant + 2 : variant;

	say_cell(r, text_interval(interval_ratio(
			    calls(rows, lane, variant, bytes, threads),
			    calls(rows, lane, one, bytes, 1))));
}

static void say_row(struct report *r, const GPtrArray *rows, const char *lane,
		    const char *path, uint64_t bytes, guint cpus)
{
	char *two = g_strdup_printf("2x%s", path);
	char *size = bytes ? fmt_size(bytes) : g_strdup("-");
	double each = calls(rows, lane, path, bytes, 1).mid;

	say(r, "| `%s` | %s | %u |", path, size, cpus);
	say_cell(r, text_known(bytes ? each * (double)bytes / 1e6 : NAN));
	for (uint64_t threads = 2; threads <= MOST_THREADS; threads *= 2)
		say_gain(r, rows, lane, path, bytes, threads);
	for (uint64_t threads = 2; threads <= MOST_THREADS; threads *= 2)
		say_gain(r, rows, lane, two, bytes, threads);
	say(r, "\n");
	g_free(size);
	g_free(two);
}

static void say_path(struct report *r, const struct report_run *run,
		     const char *lane, const struct variant_name *v)
{
	for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
		uint64_t bytes = v->is_device ? sizes[i] : 0;

		for (guint cpus = 0; cpus < SCALE_CPUS; cpus++)
			if (run->scale[cpus] &&
			    !isnan(calls(run->scale[cpus], lane, v->name, bytes,
					 1)
					   .mid))
				say_row(r, run->scale[cpus], lane, v->name,
					bytes, cpus + 1);
		if (!bytes)
			break;
	}
}

/* Two CPUs, two devices, a thread each: nothing of the guest's in between. */
static void say_limits(struct report *r, const struct report_run *run,
		       const char *lane)
{
	const GPtrArray *rows = run->scale[1];
	GString *stuck = g_string_new(NULL);
	GString *free_paths = g_string_new(NULL);
	char *control;

	for (const struct variant_name *v = variant_names; v->name; v++) {
		char *two = g_strdup_printf("2x%s", v->name);
		double gain = calls(rows, lane, two, REPORT_SIZE, 2).mid /
			      calls(rows, lane, v->name, REPORT_SIZE, 1).mid;
		GString *list = gain < ONE_AT_A_TIME ? stuck : free_paths;

		if (!isnan(gain))
			g_string_append_printf(list, "%s`%s` (%.2f)",
					       list->len ? ", " : "", v->name,
					       gain);
		g_free(two);
	}
	control = text_known(calls(rows, lane, "getppid", 0, 2).mid /
			     calls(rows, lane, "getppid", 0, 1).mid);
	say(r,
	    "On two CPUs a system call that meets no device does %s times as "
	    "much by two threads as by one. Two threads with a device each, "
	    "at 64 KiB",
	    control);
	if (stuck->len)
		say(r,
		    ", do no more than %.2f times as much by %s: QEMU's big "
		    "lock serves one device at a time, whichever it is",
		    ONE_AT_A_TIME, stuck->str);
	if (free_paths->len)
		say(r, "%s do more by %s", stuck->len ? ". They" : ",",
		    free_paths->str);
	say(r, ".\n\n");
	g_free(control);
	g_string_free(stuck, TRUE);
	g_string_free(free_paths, TRUE);
}

void report_scale(struct report *r, const char *lane)
{
	const struct report_run *run = report_run_of(r, lane);

	if (!run->scale[0] && !run->scale[1])
		return;
	say(r,
	    "### Threads, CPUs and devices\n\n"
	    "Lane `%s`. MB/s of one thread that asks one device, and by what "
	    "factor all together do more: threads that share the device, and "
	    "threads that share two of a kind. `getppid` moves no bytes; its "
	    "factors are of calls.\n\n"
	    "| path | request | CPUs | one thread, MB/s | 2 threads | 4 "
	    "threads | 2 threads, 2 devices | 4 threads, 2 devices |\n"
	    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
	    lane);
	for (const struct variant_name *v = variant_names; v->name; v++)
		if (v->is_device || !strcmp(v->name, "getppid"))
			say_path(r, run, lane, v);
	say(r, "\n");
	if (run->scale[1])
		say_limits(r, run, lane);
}
