// SPDX-License-Identifier: GPL-2.0-or-later
/* A whole study: slices of all cells in turn, written to raw.tsv. */
#include "study.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "meta.h"
#include "output.h"
#include "plan.h"
#include "progress.h"
#include "rounds.h"
#include "slices.h"

#define LEAST_ROUNDS 5 /* of each group, before the need decides */
#define LATENCY_EACH 8 /* one round in so many also times single calls */

/* Sizes at which single calls are timed */
static const size_t latency_sizes[] = { 0, 4, 64, 4096, 65536 };

/**
 * struct study - what the steps of a study share
 * @o: the command line
 * @plan: all cells
 * @spec: how long a slice takes
 * @raw: raw.tsv
 * @times: times.tsv, open only if it is wanted
 * @meta: guest.json, likewise
 * @slice: the one just taken
 * @at: where the next one stands
 * @start: of measuring
 * @rows: rows of raw.tsv written
 * @times_rows: rows of times.tsv written
 */
struct study {
	const struct options *o;
	struct plan plan;
	struct slice_spec spec;
	struct outfile raw;
	struct outfile times;
	struct outfile meta;
	struct slice slice;
	struct place at;
	uint64_t start;
	size_t rows;
	size_t times_rows;
};

static volatile sig_atomic_t stopped;

static void on_signal(int signal)
{
	stopped = signal;
}

/* Between slices the run looks at @stopped; a read then may come short */
static void catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	stopped = 0;
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	signal(SIGXFSZ, SIG_IGN); /* then write(2) says EFBIG */
}

static unsigned int usable_cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 1;
	return (unsigned int)CPU_COUNT(&set);
}

/* ---- one slice ---- */

static int write_slice(struct study *s, const struct cell *c)
{
	s->rows++;
	raw_row(s->raw.f, &s->at, c, &s->slice);
	if (s->slice.timed) {
		s->times_rows++;
		times_row(s->times.f, &s->at, c, &s->slice);
		if (outfile_check(&s->times))
			return -1;
	}
	return outfile_check(&s->raw);
}

/* How much of the run is done, by time or by rounds */
static double part_done(const struct study *s)
{
	double all = (double)(s->plan.count * s->o->rounds);

	if (s->o->count)
		all = (double)s->plan.count;
	if (all > 0)
		return (double)s->rows / all;
	return (double)(now_ns() - s->start) / NS_PER_SEC / s->o->seconds;
}

static enum visit take(struct study *s, struct cell *c, enum slice_kind kind)
{
	enum taken taken;
	char name[96];

	cell_name(c, name, sizeof(name));
	progress_step(part_done(s), s->rows, name);
	s->at.order++; /* of a counted cell its id, whatever was left out */
	taken = slices_take(c, &s->spec, kind, &s->slice);
	if (stopped) {
		progress_pause();
		log_error("stopped by signal %d: no result written",
			  (int)stopped);
		return VISIT_FAILED;
	}
	if (taken == TAKEN_LEFT_OUT)
		return VISIT_LEFT_OUT;
	if (taken == TAKEN_FAILED || write_slice(s, c))
		return VISIT_FAILED;
	return VISIT_DONE;
}

/* A slice of one long call is that call's latency, or as good as that */
static bool times_calls(const struct study *s, const struct cell *c,
			double ns_call)
{
	if (ns_call > (double)s->spec.slice_ns || s->o->times || s->o->scale ||
	    s->at.round % LATENCY_EACH != 1)
		return false;
	for (size_t i = 0; i < sizeof(latency_sizes) / sizeof(size_t); i++) {
		if (c->bytes == latency_sizes[i])
			return true;
	}
	return false;
}

static enum visit visit(void *data, size_t cell, unsigned int round,
			struct reading *reading)
{
	struct study *s = data;
	struct cell *c = &s->plan.cells[cell];
	enum visit v;

	s->at.round = round;
	v = take(s, c, SLICE_RATE);
	if (v != VISIT_DONE)
		return v;
	reading->ns_call = slice_ns_call(&s->slice, c);
	reading->before = s->slice.before;
	reading->after = s->slice.after;
	return times_calls(s, c, reading->ns_call) ? take(s, c, SLICE_LATENCY)
						   : v;
}

/* ---- all of them ---- */

static uint64_t clock_of(void *data)
{
	(void)data;
	return now_ns();
}

/* What the others of a group are compared with */
static bool is_base(const struct cell *c, const struct options *o)
{
	const char *name = c->target->variant;

	if (o->scale)
		return c->threads == 1;
	if (strcmp(c->engine->access, "read"))
		return false;
	return !strcmp(name, "null") || !strcmp(name, "32") ||
	       !strcmp(name, "copy");
}

static int run_rounds(struct study *s)
{
	static const struct rounds_ops ops = { .visit = visit,
					       .now = clock_of };
	const struct rounds_spec spec = {
		.fixed = s->o->rounds,
		.least = LEAST_ROUNDS,
		.budget_ns = (uint64_t)(s->o->seconds * NS_PER_SEC),
		.seed = s->o->seed,
	};
	struct rounds_cell *cells = calloc(s->plan.count + 1, sizeof(*cells));
	int error = -1;

	for (size_t i = 0; cells && i < s->plan.count; i++) {
		cells[i].group = s->plan.cells[i].group;
		cells[i].base = is_base(&s->plan.cells[i], s->o);
	}
	if (cells)
		error = rounds_run(&spec, cells, s->plan.count, &ops, s);
	if (error && errno == ENOMEM)
		log_error("out of memory for the readings");
	free(cells);
	return error;
}

/* Counted cells go by id: a trace is cut in this order */
static int run_counts(struct study *s)
{
	s->at.round = 1;
	for (size_t i = 0; i < s->plan.count; i++) {
		if (take(s, &s->plan.cells[i], SLICE_COUNT) == VISIT_FAILED)
			return -1;
	}
	return 0;
}

static int run_all(struct study *s)
{
	int error;

	progress_start(s->plan.count);
	s->start = now_ns();
	raw_header(s->raw.f);
	if (s->times.f)
		times_header(s->times.f);
	error = s->o->count ? run_counts(s) : run_rounds(s);
	if (error)
		return -1;
	raw_end(s->raw.f, s->rows);
	if (s->times.f)
		raw_end(s->times.f, s->times_rows);
	progress_end(s->rows);
	return 0;
}

/* Buffers for the biggest cell and the most threads */
static int init_slices(struct study *s)
{
	unsigned int threads = 1;
	size_t bytes = 1;

	for (size_t i = 0; i < s->plan.count; i++) {
		const struct cell *c = &s->plan.cells[i];

		threads = c->threads > threads ? c->threads : threads;
		bytes = c->bytes > bytes ? c->bytes : bytes;
	}
	return slices_init(s->plan.count, threads, bytes, s->o->seed);
}

/* All files are whole before the first of them gets its name. */
static int commit_all(struct study *s)
{
	struct outfile *files[] = { &s->raw, &s->times, &s->meta };

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (files[i]->f && outfile_check(files[i]))
			return -1;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (files[i]->f && outfile_commit(files[i]))
			return -1;
	return 0;
}

/* Everything between open result files and committed ones */
static int measure_and_write(struct study *s, struct meta *m)
{
	uint64_t start = now_ns();

	if (init_slices(s))
		return -1;
	m->timer_ns = slices_timer_ns();
	if (run_all(s))
		return -1;
	m->seconds = (double)(now_ns() - start) / NS_PER_SEC;
	if (s->meta.f)
		meta_write(s->meta.f, s->o, &s->plan, m);
	return commit_all(s);
}

static int run_planned(struct study *s, struct meta *m)
{
	int error = outfile_open(&s->raw, s->o->raw);

	if (!error && s->o->times)
		error = outfile_open(&s->times, s->o->times);
	if (!error && s->o->meta)
		error = outfile_open(&s->meta, s->o->meta);
	if (!error) {
		catch_signals();
		error = measure_and_write(s, m);
	}
	outfile_discard(&s->raw);
	outfile_discard(&s->times);
	outfile_discard(&s->meta);
	slices_end();
	return error;
}

int study_run(const struct options *o, const struct target *targets,
	      size_t count, const char *generator)
{
	struct study *s = calloc(1, sizeof(*s));
	struct meta m = { .cpus = usable_cpus(), .generator = generator };
	const struct plan_spec spec = {
		.quick = o->quick,
		.split = o->times,
		.scale = o->scale,
		.touch = o->touch,
		.only = o->only,
		.only_count = o->only_count,
	};
	int error;

	if (!s) {
		log_error("out of memory");
		return -1;
	}
	s->o = o;
	s->at.lane = o->lane;
	s->at.boot = o->boot;
	s->spec.slice_ns = o->slice_ms * NS_PER_MS;
	s->spec.times = o->times;
	s->spec.too_slow_ns = (uint64_t)(o->call_s * NS_PER_SEC);
	s->spec.count = o->count;
	error = plan_build(&s->plan, targets, count, &spec);
	if (!error)
		error = run_planned(s, &m);
	plan_free(&s->plan);
	free(s);
	return error;
}
