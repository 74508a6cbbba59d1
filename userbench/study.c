// SPDX-License-Identifier: GPL-2.0-or-later
/* A whole study: all cells, repeated, interleaved, written to raw.tsv. */
#include "study.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "measure.h"
#include "meta.h"
#include "output.h"
#include "plan.h"
#include "progress.h"

#define LATENCY_CALLS 2000

/**
 * struct study - what the steps of a study share
 * @o: the command line
 * @plan: all cells
 * @spec: how long a sample takes
 * @raw: raw.tsv
 * @times: times.tsv, not open if nobody wants it
 * @meta: guest.json, likewise
 * @sample: the one just taken
 * @rows: samples written
 * @times_rows: rows of times.tsv written
 * @done: samples measured or left out
 */
struct study {
	const struct options *o;
	struct plan plan;
	struct measure_spec spec;
	struct outfile raw;
	struct outfile times;
	struct outfile meta;
	struct sample sample;
	size_t rows;
	size_t times_rows;
	size_t done;
};

static volatile sig_atomic_t stopped;

static void on_signal(int signal)
{
	stopped = signal;
}

/* Between samples the run looks at @stopped; a read then may come short */
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

static int run_cell(struct study *s, struct cell *c, unsigned int rep)
{
	enum measured m = MEASURE_LEFT_OUT;
	char name[96];

	cell_name(c, name, sizeof(name));
	progress_step(s->done, name);
	if (!c->left_out)
		m = measure_cell(c, &s->spec, &s->sample);
	s->done++;
	if (stopped) {
		progress_pause();
		log_error("stopped by signal %d: no result written",
			  (int)stopped);
		return -1;
	}
	if (m == MEASURE_FAILED)
		return -1;
	if (m == MEASURE_LEFT_OUT)
		return 0;
	s->rows++;
	raw_row(s->raw.f, s->o->lane, c, rep, s->done, &s->sample);
	if (s->sample.timed) {
		s->times_rows++;
		times_row(s->times.f, s->o->lane, c, &s->sample, rep);
		if (outfile_check(&s->times))
			return -1;
	}
	return outfile_check(&s->raw);
}

static int run_all(struct study *s)
{
	size_t *order = calloc(s->plan.count, sizeof(*order));
	uint64_t prng = s->o->seed;
	int error = order ? 0 : -1;

	progress_start(s->plan.count * s->o->reps, s->plan.count);
	raw_header(s->raw.f);
	if (s->times.f)
		times_header(s->times.f);
	for (unsigned int rep = 1; rep <= s->o->reps && !error; rep++) {
		/* Counted cells go by id: a trace is cut in this order */
		for (size_t i = 0; i < s->plan.count; i++)
			order[i] = i;
		if (!s->o->count)
			plan_order(&s->plan, &prng, order);
		for (size_t i = 0; i < s->plan.count && !error; i++)
			error = run_cell(s, &s->plan.cells[order[i]], rep);
	}
	if (!error) {
		raw_end(s->raw.f, s->rows);
		if (s->times.f)
			raw_end(s->times.f, s->times_rows);
		progress_end(s->done);
	}
	free(order);
	return error;
}

/* Buffers for the biggest cell and the most threads */
static int init_measure(struct study *s)
{
	unsigned int threads = 1;
	size_t bytes = 1;

	for (size_t i = 0; i < s->plan.count; i++) {
		const struct cell *c = &s->plan.cells[i];

		threads = c->threads > threads ? c->threads : threads;
		bytes = c->bytes > bytes ? c->bytes : bytes;
	}
	return measure_init(threads, bytes, s->o->seed);
}

/* Everything between open result files and committed ones */
static int measure_and_write(struct study *s, struct meta *m)
{
	uint64_t start = now_ns();

	if (init_measure(s))
		return -1;
	m->timer_ns = measure_timer_ns();
	if (run_all(s))
		return -1;
	m->seconds = (double)(now_ns() - start) / NS_PER_SEC;
	if (s->meta.f) {
		meta_write(s->meta.f, s->o, &s->plan, m);
		if (outfile_check(&s->meta))
			return -1;
	}
	if (outfile_commit(&s->raw) ||
	    (s->times.f && outfile_commit(&s->times)))
		return -1;
	return s->meta.f ? outfile_commit(&s->meta) : 0;
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
	measure_end();
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
		.cpus = m.cpus,
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
	s->spec.sample_ns = o->sample_ms * NS_PER_MS;
	s->spec.latency_ns = s->spec.sample_ns / 2;
	s->spec.latency_calls = o->count || o->times ? 1 : LATENCY_CALLS;
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
