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

/* The verdicts of a pass, and the cells in it. */
struct pass {
	const GPtrArray *rows;
	const GPtrArray *verdicts;
	const char *lane;
};

static struct pass pass_of(const struct report_run *run, const char *lane,
			   enum scale_pass p)
{
	return (struct pass){ run->scale[p], run->scale_verdicts[p], lane };
}

/* Calls a second of so many threads over those of one on one device. */
static struct estimate gain(const struct pass *p, const char *variant,
			    const char *access, uint64_t bytes,
			    uint64_t threads)
{
	const char *one =
		g_str_has_prefix(variant, "2x") ? variant + 2 : variant;
	const struct side over = { variant, access, threads };
	const struct side under = { one, access, 1 };

	return compared(p->verdicts, p->lane, bytes, over, under).estimate;
}

/* The same of two devices with a thread each, at REPORT_SIZE. */
static struct estimate gain_of_two(const struct pass *p,
				   const struct variant_name *v)
{
	char *two = g_strdup_printf("2x%s", v->name);
	struct estimate e = gain(p, two, v->access, REPORT_SIZE, 2);

	g_free(two);
	return e;
}

static void say_gain(struct report *r, const struct pass *p,
		     const char *variant, const char *access, uint64_t bytes,
		     uint64_t threads)
{
	say_cell(r, text_interval(verdict_interval(
			    gain(p, variant, access, bytes, threads))));
}

static void say_row(struct report *r, const struct pass *p, const char *path,
		    const char *access, uint64_t bytes, const char *cpus)
{
	bool in_place = !strcmp(access, "mmap");
	char *two = g_strdup_printf("2x%s", path);
	char *size = bytes ? fmt_size(bytes) : g_strdup("-");

	say(r, "| `%s`%s | %s | %s |", path, in_place ? ", in place" : "", size,
	    cpus);
	say_cell(r, bytes ? text_interval(row_mbps(rows_find(
				    p->rows, p->lane, path, access, bytes, 1)))
			  : g_strdup("-"));
	for (uint64_t threads = 2; threads <= MOST_THREADS; threads *= 2)
		say_gain(r, p, path, access, bytes, threads);
	for (uint64_t threads = 2; threads <= MOST_THREADS; threads *= 2)
		say_gain(r, p, two, access, bytes, threads);
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

		for (guint p = 0; p < SCALE_PASSES; p++) {
			struct pass pass = pass_of(run, lane, p);

			if (pass.rows && rows_find(pass.rows, lane, v->name,
						   access, bytes, 1))
				say_row(r, &pass, v->name, access, bytes,
					passes[p]);
		}
		if (!bytes)
			break;
	}
}

/* Paths of which one thing is known, each with its gain. */
static void say_known(struct report *r, const struct pass *p,
		      enum goal_verdict known, const char *intro)
{
	const char *sep = intro;

	for (const struct variant_name *v = variant_names; v->name; v++) {
		struct stats_interval ci = verdict_interval(gain_of_two(p, v));
		char *text;

		if (isnan(ci.mid) || verdict_goal(ci, ONE_AT_A_TIME) != known)
			continue;
		text = text_interval(ci);
		say(r, "%s`%s` %s", sep, v->name, text);
		sep = ", ";
		g_free(text);
	}
	if (sep != intro)
		say(r, ".\n");
}

/* Two CPUs, two devices, a thread each: nothing of the guest's in between. */
static void say_limits(struct report *r, const struct pass *p)
{
	char *control = text_interval(
		verdict_interval(gain(p, "getppid", "syscall", 0, 2)));

	say(r,
	    "On two CPUs a system call that meets no device does %s times as "
	    "much by two threads as by one. Two threads with a device each, at "
	    "64 KiB, against one thread with one:\n\n",
	    control);
	say_known(r, p, GOAL_MISSED,
		  "- less than 1.25 times as much, so QEMU's big lock serves "
		  "one device at a time: ");
	say_known(r, p, GOAL_REACHED, "- more than that: ");
	say_known(r, p, GOAL_UNDECIDED, "- undecided: ");
	say(r, "\n");
	g_free(control);
}

/* What the big lock is worth: the same with devices that do without it. */
static void say_lockless(struct report *r, const struct pass *with,
			 const struct pass *without)
{
	const char *sep = "";

	say(r,
	    "With *own lock* the device gives words under a lock of its own "
	    "(property `lockless`), where QEMU's version lets it. The gain by "
	    "two threads with a device each, at 64 KiB, is then so many times "
	    "that under the big lock:");
	for (const struct variant_name *v = variant_names; v->name; v++) {
		struct estimate e = verdict_quotient(gain_of_two(without, v),
						     gain_of_two(with, v));
		char *text = text_interval(verdict_interval(e));

		if (!isnan(e.log)) {
			say(r, "%s `%s` %s", sep, v->name, text);
			sep = ",";
		}
		g_free(text);
	}
	if (!strcmp(with->lane, "tcg"))
		say(r, ". In this lane QEMU's emulated CPUs take the big lock "
		       "around each access themselves, whatever the device "
		       "says: the gain is KVM's");
	say(r, ".\n\n");
}

void report_scale(struct report *r, const char *lane)
{
	const struct report_run *run = report_run_of(r, lane);
	struct pass two = pass_of(run, lane, SCALE_TWO_CPUS);
	struct pass lockless = pass_of(run, lane, SCALE_LOCKLESS);

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
	if (two.rows)
		say_limits(r, &two);
	if (two.rows && lockless.rows)
		say_lockless(r, &two, &lockless);
}
