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

static const char *const passes[SCALE_PASSES] = {
	[SCALE_ONE_CPU] = "1",
	[SCALE_TWO_CPUS] = "2",
	[SCALE_LOCKLESS] = "2, own lock",
};

static const uint64_t sizes[] = { 4096, REPORT_SIZE };

/* Calls a second of all threads together; NaN all over where not measured. */
static struct stats_interval calls_by(const GPtrArray *rows, const char *lane,
				      const char *variant, const char *access,
				      uint64_t bytes, uint64_t threads)
{
	const struct row *row =
		rows_find(rows, lane, variant, access, bytes, threads);
	struct stats_interval ns = row_ns_call(row);
	double scale = 1e9 * (double)threads;

	return (struct stats_interval){ scale / ns.mid, scale / ns.hi,
					scale / ns.lo };
}

/* The same of calls made as a path's are unless said otherwise. */
static struct stats_interval calls(const GPtrArray *rows, const char *lane,
				   const char *variant, uint64_t bytes,
				   uint64_t threads)
{
	const struct variant_name *v = variant_find(
		g_str_has_prefix(variant, "2x") ? variant + 2 : variant);

	return calls_by(rows, lane, variant, v ? v->access : "read", bytes,
			threads);
}

static void say_gain(struct report *r, const GPtrArray *rows, const char *lane,
		     const char *variant, const char *access, uint64_t bytes,
		     uint64_t threads)
{
	const char *one =
		g_str_has_prefix(variant, "2x") ? variant + 2 : variant;

	say_cell(r,
		 text_interval(interval_ratio(
			 calls_by(rows, lane, variant, access, bytes, threads),
			 calls_by(rows, lane, one, access, bytes, 1))));
}

static void say_row(struct report *r, const GPtrArray *rows, const char *lane,
		    const char *path, const char *access, uint64_t bytes,
		    const char *pass)
{
	bool in_place = !strcmp(access, "mmap");
	char *two = g_strdup_printf("2x%s", path);
	char *size = bytes ? fmt_size(bytes) : g_strdup("-");
	double each = calls_by(rows, lane, path, access, bytes, 1).mid;

	say(r, "| `%s`%s | %s | %s |", path, in_place ? ", in place" : "", size,
	    pass);
	say_cell(r, text_known(bytes ? each * (double)bytes / 1e6 : NAN));
	for (uint64_t threads = 2; threads <= MOST_THREADS; threads *= 2)
		say_gain(r, rows, lane, path, access, bytes, threads);
	for (uint64_t threads = 2; threads <= MOST_THREADS; threads *= 2)
		say_gain(r, rows, lane, two, access, bytes, threads);
	say(r, "\n");
	g_free(size);
	g_free(two);
}

static void say_path(struct report *r, const struct report_run *run,
		     const char *lane, const struct variant_name *v,
		     const char *access)
{
	for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
		uint64_t bytes = v->is_device ? sizes[i] : 0;

		for (guint p = 0; p < SCALE_PASSES; p++)
			if (run->scale[p] &&
			    !isnan(calls_by(run->scale[p], lane, v->name,
					    access, bytes, 1)
					   .mid))
				say_row(r, run->scale[p], lane, v->name, access,
					bytes, passes[p]);
		if (!bytes)
			break;
	}
}

/* Two CPUs, two devices, a thread each: nothing of the guest's in between. */
static void say_limits(struct report *r, const struct report_run *run,
		       const char *lane)
{
	const GPtrArray *rows = run->scale[SCALE_TWO_CPUS];
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

/* What the big lock is worth: the same with devices that do without it. */
static void say_lockless(struct report *r, const struct report_run *run,
			 const char *lane)
{
	const GPtrArray *rows = run->scale[SCALE_LOCKLESS];
	const char *sep = "";

	say(r,
	    "With *own lock* the device gives words under a lock of its own "
	    "(property `lockless`), where QEMU's version lets it. Two threads "
	    "with a device each, at 64 KiB, then do so many times as much as "
	    "under the big lock:");
	for (const struct variant_name *v = variant_names; v->name; v++) {
		char *two = g_strdup_printf("2x%s", v->name);
		char *gain = text_interval(
			interval_ratio(calls(rows, lane, two, REPORT_SIZE, 2),
				       calls(run->scale[SCALE_TWO_CPUS], lane,
					     two, REPORT_SIZE, 2)));

		if (rows_find(rows, lane, two, v->access, REPORT_SIZE, 2)) {
			say(r, "%s `%s` %s", sep, v->name, gain);
			sep = ",";
		}
		g_free(gain);
		g_free(two);
	}
	if (!strcmp(lane, "tcg"))
		say(r, ". In this lane QEMU's emulated CPUs take the big lock "
		       "around each access themselves, whatever the device "
		       "says: the gain is KVM's");
	say(r, ".\n\n");
}

void report_scale(struct report *r, const char *lane)
{
	const struct report_run *run = report_run_of(r, lane);

	if (!run->scale[SCALE_ONE_CPU] && !run->scale[SCALE_TWO_CPUS])
		return;
	say(r,
	    "### Threads, CPUs and devices\n\n"
	    "Lane `%s`. MB/s of one thread that asks one device, and by what "
	    "factor all together do more: threads that share the device, and "
	    "threads that share two of a kind. In place: mapped registers, "
	    "without a system call. `getppid` moves no bytes; its factors are "
	    "of calls.\n\n"
	    "| path | request | CPUs | one thread, MB/s | 2 threads | 4 "
	    "threads | 2 threads, 2 devices | 4 threads, 2 devices |\n"
	    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
	    lane);
	for (const struct variant_name *v = variant_names; v->name; v++) {
		if (!v->is_device && strcmp(v->name, "getppid"))
			continue;
		say_path(r, run, lane, v, v->access);
		say_path(r, run, lane, v, "mmap");
	}
	say(r, "\n");
	if (run->scale[SCALE_TWO_CPUS])
		say_limits(r, run, lane);
	if (run->scale[SCALE_TWO_CPUS] && run->scale[SCALE_LOCKLESS])
		say_lockless(r, run, lane);
}
