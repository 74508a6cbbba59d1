/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the sections of the report share. */
#ifndef ANALYSIS_REPORT_H
#define ANALYSIS_REPORT_H

#include <glib.h>
#include <stdint.h>

#include "kvm.h"
#include "rows.h"
#include "units.h"
#include "verdict.h"

/* Of report_run.scale: guests of one CPU, of two, and without QEMU's big lock */
enum scale_pass {
	SCALE_ONE_CPU,
	SCALE_TWO_CPUS,
	SCALE_LOCKLESS,
	SCALE_PASSES
};

/* The size at which variants are compared by one figure, in bytes. */
#define REPORT_SIZE 65536

/**
 * struct report_run - one results folder
 * @dir: the folder
 * @rows: struct row pointers of its summary.tsv
 * @verdicts: struct comparison pointers of its verdicts.tsv
 * @lanes: lanes with rows, owned by @rows
 * @env: struct env_entry pointers of its env.json
 * @model: struct model_line pointers of its model.tsv; NULL: it has none
 * @kvm: struct kvm_cell pointers of its kvm.tsv; NULL: it has none
 * @split: struct split pointers of its split.tsv; NULL: it has none
 * @scale: struct row pointers of scale-1.tsv and so on, by enum scale_pass; NULL:
 *	it has none
 * @scale_verdicts: struct comparison pointers of scale-1-verdicts.tsv and so on;
 *	NULL: it has none
 */
struct report_run {
	const char *dir;
	GPtrArray *rows;
	GPtrArray *verdicts;
	GPtrArray *lanes;
	GPtrArray *env;
	GPtrArray *model;
	GPtrArray *kvm;
	GPtrArray *split;
	GPtrArray *scale[SCALE_PASSES];
	GPtrArray *scale_verdicts[SCALE_PASSES];
};

/**
 * struct report - a report being written
 * @out: its text so far, Markdown
 * @runs: struct report_run pointers, no lane in two of them
 * @rows: struct row pointers of all runs, owned by these
 * @dir: the first run's folder, which holds all plots
 * @plots: where the plots lie as seen from the report, no slash at the end
 * @lanes: lanes of all runs, owned by these
 * @benches: tables of the bare-metal guest, report_bench.c's own; or NULL
 * @looking: struct tsv pointers of the costs of looking; or NULL
 * @before: earlier runs to compare with, report_before.c's own; or NULL
 * @no_plots: file names of plots that are wanted and not there
 */
struct report {
	GString *out;
	GPtrArray *runs;
	GPtrArray *rows;
	const char *dir;
	const char *plots;
	GPtrArray *lanes;
	GPtrArray *benches;
	GPtrArray *looking;
	GPtrArray *before;
	GPtrArray *no_plots;
};

/* --- report_runs.c --- */

/**
 * report_add_run - read a results folder
 * @r: the report
 * @dir: the folder: summary.tsv, verdicts.tsv and env.json; others if there
 * @err: what is wrong with one of its files, or it has a lane of another run
 *
 * Return: whether it was added to @r.
 */
bool report_add_run(struct report *r, const char *dir, GError **err);

/**
 * report_free_run - free a run
 * @run: struct report_run, as for g_ptr_array_new_with_free_func()
 */
void report_free_run(gpointer run);

/**
 * report_run_of - the run that holds a lane
 * @r: the report
 * @lane: one of its lanes
 *
 * Return: the run, owned by @r.
 */
const struct report_run *report_run_of(const struct report *r,
				       const char *lane);

/**
 * report_price - a unit's price by a lane's model
 * @r: the report
 * @lane: one of its lanes
 * @unit: the unit
 *
 * Return: ns; NaN all over where there is no model or no such price in it.
 */
struct stats_interval report_price(const struct report *r, const char *lane,
				   enum unit unit);

/* --- report_verdict.c --- */

/**
 * struct side - a cell of a comparison, but for its lane and request size
 * @variant: its variant
 * @access: its access
 * @threads: threads asking at once
 */
struct side {
	const char *variant;
	const char *access;
	uint64_t threads;
};

/**
 * side_of - a variant by the access it is compared by, one thread
 * @variant: the variant, known or not
 */
struct side side_of(const char *variant);

/**
 * compared - what a run's verdicts say of two cells
 * @verdicts: from verdicts_read(), or NULL: nothing was compared
 * @lane: lane of both
 * @bytes: request size of both
 * @over: the cell the verdict is about
 * @under: the cell it is compared with
 *
 * Return: the comparison; its estimate is NAN if the two were not compared.
 */
struct comparison compared(const GPtrArray *verdicts, const char *lane,
			   uint64_t bytes, struct side over, struct side under);

/**
 * ratio_of - calls a second of one cell over those of another
 * @verdicts: .
 * @lane: as for compared()
 * @bytes: .
 * @over: .
 * @under: .
 *
 * Where the two were not compared, the quotient of their ratios to `null`,
 * whose interval is wider than theirs would be.
 *
 * Return: the ratio; NAN all over where neither is there.
 */
struct stats_interval ratio_of(const GPtrArray *verdicts, const char *lane,
			       uint64_t bytes, struct side over,
			       struct side under);

/**
 * verdict_words - a verdict for a reader
 * @c: from compared()
 *
 * Return: "faster", "slower", "equal within 5 %", "undecided", "not compared".
 */
const char *verdict_words(const struct comparison *c);

/**
 * goal_words - whether a wanted figure was reached, for a reader
 * @goal: from verdict_goal()
 */
const char *goal_words(enum goal_verdict goal);

/* --- report_counts.c --- */

/**
 * text_count - a count per request
 * @variant: where a thread of the device's serves it, the count is an estimate
 * @each: how often per request; NAN: not counted
 * @requests: in so many requests; NAN: not recorded
 *
 * Return: exactly, such as "16384"; of an estimate "12/4000: 0.00300 [0.00155,
 * 0.00524]", or "0 of 4000 (below 0.000922)"; "-" of what was not counted. To be
 * freed with g_free().
 */
char *text_count(const char *variant, double each, double requests);

/** text_row_count - text_count() of a row, @each being one of its counts or a sum */
char *text_row_count(const struct row *row, double each);

/**
 * text_bytes_per - bytes per access or exit
 * @variant: .
 * @bytes: of a request
 * @each: as for text_count(), and so on
 * @requests: .
 * @what: "access" or "exit"
 *
 * Return: such as "4096"; where there was none, "no exit in 12 requests".
 */
char *text_bytes_per(const char *variant, uint64_t bytes, double each,
		     double requests, const char *what);

/**
 * count_interval - a count per request with its interval
 * @variant: .
 * @each: as for text_count()
 * @requests: .
 *
 * Return: an exact count has no width.
 */
struct stats_interval count_interval(const char *variant, double each,
				     double requests);

/**
 * kvm_each - how often per request, as KVM counted
 * @c: the cell
 * @count: what
 *
 * Return: the number; NAN where it was not counted.
 */
double kvm_each(const struct kvm_cell *c, enum kvm_count count);

/**
 * report_kvm_cell - what KVM counted for a cell of one thread
 * @r: the report
 * @lane: one of its lanes
 * @variant: the path
 * @access: how user space asked
 * @bytes: request size
 *
 * Return: the counts; NULL where KVM did not count it.
 */
const struct kvm_cell *report_kvm_cell(const struct report *r, const char *lane,
				       const char *variant, const char *access,
				       uint64_t bytes);

/* --- report_bench.c --- */

/**
 * report_add_bench - read a table of the bare-metal guest
 * @r: the report
 * @path: an exitbench.tsv
 * @err: what is wrong with it
 *
 * Return: whether it was added to @r.
 */
bool report_add_bench(struct report *r, const char *path, GError **err);

/* --- report_before.c --- */

/**
 * report_add_before - read an earlier run to compare with
 * @r: the report
 * @dir: its results folder: env.json, and verdicts.tsv if it has one
 * @err: what is wrong with one of them
 *
 * Return: whether it was added to @r.
 */
bool report_add_before(struct report *r, const char *dir, GError **err);

/* --- report_looking.c --- */

/**
 * report_add_looking - read a table of what looking costs
 * @r: the report
 * @path: a looking.tsv
 * @err: what is wrong with it
 *
 * Return: whether it was added to @r.
 */
bool report_add_looking(struct report *r, const char *path, GError **err);

/* --- report_text.c --- */

/**
 * say - append to the report, printf style
 * @r: the report
 * @format: as for printf()
 */
void say(struct report *r, const char *format, ...) G_GNUC_PRINTF(2, 3);

/**
 * say_cell - append one cell of a table, ` text |`
 * @r: the report
 * @text: freed by this; characters that would end the cell are escaped
 */
void say_cell(struct report *r, char *text);

/**
 * text_interval - `mid [lo, hi]` for a reader, or "not measured"
 * @ci: the interval, in any unit; NaN if it was not measured
 *
 * With as many digits as show that it has a width; one value has no interval.
 *
 * Return: text to be freed with g_free().
 */
char *text_interval(struct stats_interval ci);

/**
 * text_known - a number for a reader, or "not measured"
 * @x: the number, in any unit; NaN if it was not measured
 *
 * Return: text to be freed with g_free().
 */
char *text_known(double x);

/**
 * text_about - a size that lies between measured ones: two digits, a unit
 * @bytes: the size, whole or not
 *
 * Return: text to be freed with g_free().
 */
char *text_about(double bytes);

/**
 * say_plot - embed a plot, or note in @r->no_plots that it is not there
 * @r: the report
 * @name: its name without lane and type, such as "throughput"
 * @lane: its lane
 * @alt: what it shows, for those who do not see it
 */
void say_plot(struct report *r, const char *name, const char *lane,
	      const char *alt);

/* --- sections; those that take a lane are written once for each --- */

void report_top(struct report *r);
void report_quality(struct report *r);
void report_lanes(struct report *r);
void report_choose(struct report *r);
void report_headline(struct report *r, const char *lane);
void report_split(struct report *r, const char *lane);
void report_crossovers(struct report *r, const char *lane);
void report_prices(struct report *r, const char *lane);
void report_model(struct report *r, const char *lane);
void report_goals(struct report *r, const char *lane);
void report_aims(struct report *r, const char *lane);
void report_harness(struct report *r, const char *lane);
void report_before(struct report *r, const char *lane);
void report_throughput(struct report *r, const char *lane);
void report_in_place(struct report *r, const char *lane);
void report_exits(struct report *r, const char *lane);
void report_accesses(struct report *r, const char *lane);
void report_latency(struct report *r, const char *lane);
void report_controls(struct report *r, const char *lane);
void report_generators(struct report *r, const char *lane);
void report_threads(struct report *r, const char *lane);
void report_scale(struct report *r, const char *lane);
void report_variants(struct report *r, const char *lane);
void report_exercise(struct report *r);
void report_looking(struct report *r);
void report_bench(struct report *r);
void report_peers(struct report *r);
void report_method(struct report *r);
void report_environment(struct report *r);
void report_repeat(struct report *r);

#endif /* ANALYSIS_REPORT_H */
