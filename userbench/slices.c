// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One slice of one cell.
 *
 * All workers of a slice go through the same steps and meet between any two;
 * worker 0 is the calling thread, which also reads the counters and runs the
 * reference loop while the others wait. A worker that fails sets a flag. From
 * then on all workers go through the meetings without doing anything.
 */
#include "slices.h"

#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "prng.h"
#include "workers.h"

#define BATCHES        4  /* at least, in a slice */
#define LEAD_PART      10 /* of a slice's length is run before it, untimed */
#define LEAD_SLOW      4 /* slices; calls longer than that have none before it */
#define AHEAD_LEAST    4096 /* bytes; smaller calls take less than is made */
#define AHEAD_NS       (10 * NS_PER_MS) /* most time to take what was made ahead */
#define WARM_PART      5 /* warm-up ends at a batch of that part of a slice */
#define CHECK_WINDOW   8 /* bytes looked at by the delivery check */
#define TIMER_READINGS 10001
#define RANDOM_CALLS   1000
#define RANDOM_BYTES   (16u << 20)

#define REFERENCE_PART 12        /* of a slice is as long as a reading */
#define REFERENCE_OLD  NS_PER_MS /* it is not taken for "now" any more */
#define REFERENCE_TRY  64        /* calls, to find how many make a reading */

/**
 * struct part - one worker's part of a cell
 * @request: what the engine sees
 * @ns_call: estimate that sizes the batches; 0 before the first slice
 * @first_ns: time of the first call
 * @calls: made in the slice
 * @start: of the slice
 * @end: of the slice
 * @latency: of single calls, if the slice is for that
 * @opened: the engine is ready
 * @failed: a call of this worker failed; @request says how
 * @undelivered: the call that failed returned success, but no data came
 * @no_mode: what failed is a change of the device's modes
 */
struct part {
	struct request request;
	double ns_call;
	uint64_t first_ns;
	uint64_t calls;
	uint64_t start;
	uint64_t end;
	struct hist *latency;
	bool opened;
	bool failed;
	bool undelivered;
	bool no_mode;
};

/* What is kept of a cell between its slices */
struct kept {
	struct part
		*parts; /* one for each thread; NULL before the first slice */
	unsigned int threads;
	const struct engine *engine;
};

static struct {
	struct kept *kept; /* by id - 1 */
	size_t count;
	struct hist *latency; /* by worker */
	/* the reference loop */
	uint64_t reference_calls;
	double reading;
	uint64_t read_at; /* 0: never */
	/* the slice that runs; constant while it does */
	struct cell *cell;
	struct kept *now;
	const struct slice_spec *spec;
	struct slice *out;
	struct my_rng_stats stats_before;
	struct my_rng_times times_before;
	/* a worker sets it; the others stop at their next step */
	atomic_bool failed;
} run;

/* ---- the reference loop ---- */

static double reference_loop(uint64_t calls)
{
	uint64_t start = now_ns();

	for (uint64_t i = 0; i < calls; i++)
		syscall(SYS_getppid);
	return (double)(now_ns() - start) / (double)calls;
}

static double read_reference(void)
{
	run.reading = reference_loop(run.reference_calls);
	run.read_at = now_ns();
	return run.reading;
}

/* The one after the slice before is one before this, if that was just now */
static double recent_reference(void)
{
	if (run.read_at && now_ns() - run.read_at < REFERENCE_OLD)
		return run.reading;
	return read_reference();
}

/* Lanes of slow exits want long slices and, as a timer tick is long there, readings */
static void size_reference(uint64_t slice_ns)
{
	double ns = reference_loop(REFERENCE_TRY);

	for (int i = 0; i < REFERENCE_TRY; i++)
		ns = fmin(ns, reference_loop(REFERENCE_TRY));
	run.reference_calls =
		(uint64_t)((double)slice_ns / REFERENCE_PART / ns) + 1;
	run.read_at = 0;
}

/* ---- one worker ---- */

static bool out_of_work(void)
{
	return atomic_load(&run.failed) || run.cell->left_out;
}

static int batch(struct part *p, uint64_t calls)
{
	return run.now->engine->batch(&p->request, calls);
}

/*
 * An engine that leaves the bytes where they arrive: what comes next must differ
 * from what came before, in its first bytes.
 */
static int check_place(struct part *p)
{
	char before[CHECK_WINDOW];
	size_t window = p->request.placed;

	window = window < sizeof(before) ? window : sizeof(before);
	memcpy(before, p->request.place, window);
	if (batch(p, 1))
		return -1;
	if (p->request.placed < window ||
	    memcmp(before, p->request.place, window))
		return 0;
	p->undelivered = true;
	return -1;
}

/*
 * One call that must change the start, the middle and the end of the buffer:
 * they hold noise before, and 8 random bytes equal other 8 once in 2^64 (4
 * bytes: once in 2^32).
 */
static int check_delivery(struct part *p, uint64_t *state)
{
	size_t bytes = p->request.bytes;
	size_t window = bytes < CHECK_WINDOW ? bytes : CHECK_WINDOW;
	size_t at[] = { 0, (bytes - window) / 2, bytes - window };
	uint64_t noise = prng_next(state);
	char *buf = p->request.buf;

	for (size_t i = 0; i < 3; i++)
		memcpy(buf + at[i], &noise, window);
	if (batch(p, 1))
		return -1;
	if (run.cell->target->silent)
		return 0;
	if (p->request.place)
		return check_place(p);
	for (size_t i = 0; i < 3 && window; i++) {
		if (!memcmp(buf + at[i], &noise, window)) {
			p->undelivered = true;
			return -1;
		}
	}
	return 0;
}

/* The first call; a second one where it may just have been unlucky */
static int first_call(struct worker *w, struct part *p)
{
	uint64_t bound = run.spec->too_slow_ns;
	uint64_t ns, start = now_ns();

	if (check_delivery(p, &w->noise))
		return -1;
	p->first_ns = now_ns() - start + 1; /* 0 means: never */
	if (p->first_ns > bound && p->first_ns < 2 * bound) {
		start = now_ns();
		if (batch(p, 1))
			return -1;
		ns = now_ns() - start;
		p->first_ns = ns < p->first_ns ? ns : p->first_ns;
	}
	p->ns_call = (double)p->first_ns;
	return 0;
}

/* Batches twice as long each, until one is long enough to tell ns per call */
static int warm_up(struct worker *w, struct part *p)
{
	uint64_t enough = run.spec->slice_ns / WARM_PART;
	uint64_t calls = 1;
	uint64_t ns, start;

	if (first_call(w, p))
		return -1;
	if (run.out->kind == SLICE_COUNT || p->first_ns > run.spec->slice_ns)
		return 0;
	do {
		start = now_ns();
		if (batch(p, calls))
			return -1;
		ns = now_ns() - start;
		p->ns_call = (double)(ns ? ns : 1) / (double)calls;
		calls *= 2;
	} while (ns < enough);
	return 0;
}

/*
 * Brings caches, the device's registers after another path's calls, and a ring
 * that was filled meanwhile, to where calls keep them
 */
static int lead_in(struct worker *w, struct part *p)
{
	double slice = (double)run.spec->slice_ns;
	double lead = slice / LEAD_PART;
	double ahead = (double)run.cell->target->ahead;

	if (!p->first_ns && warm_up(w, p))
		return -1;
	if (run.out->kind == SLICE_COUNT || p->ns_call > LEAD_SLOW * slice)
		return 0;
	if (ahead > 0 && run.cell->bytes >= AHEAD_LEAST)
		lead = fmax(lead,
			    fmin(AHEAD_NS,
				 ahead / (double)run.cell->bytes * p->ns_call));
	return batch(p, (uint64_t)(lead / p->ns_call) + 1);
}

/*
 * Batches without any clock read inside. The last ones shrink to what is left
 * of the time, so that all workers end within about one call of each other.
 */
static int rate(struct part *p)
{
	uint64_t limit = run.spec->slice_ns;
	uint64_t ns = 0;
	uint64_t calls, most;
	double fit;

	p->start = now_ns();
	do {
		most = limit - ns < limit / BATCHES ? limit - ns
						    : limit / BATCHES;
		fit = (double)most / p->ns_call;
		calls = fit < 1 ? 1 : (uint64_t)fit;
		if (batch(p, calls))
			return -1;
		p->calls += calls;
		p->end = now_ns();
		ns = p->end - p->start;
		p->ns_call = (double)(ns ? ns : 1) / (double)p->calls;
	} while (ns < limit);
	return 0;
}

static int latency(struct part *p)
{
	uint64_t start, end;

	p->start = now_ns();
	do {
		start = now_ns();
		if (batch(p, 1))
			return -1;
		end = now_ns();
		hist_add(p->latency, end - start);
		p->calls++;
	} while (end - p->start < run.spec->slice_ns);
	p->end = end;
	return 0;
}

/* So many that a count that is chance says something: 1000 calls or 16 MiB */
static uint64_t random_calls(size_t bytes)
{
	uint64_t calls = bytes ? RANDOM_BYTES / bytes : RANDOM_CALLS;

	return calls < RANDOM_CALLS ? calls : RANDOM_CALLS;
}

/*
 * A count that is not chance is the same for each call: one is enough where a
 * call takes longer than a slice.
 */
static uint64_t calls_to_count(const struct part *p)
{
	uint64_t least = random_calls(run.cell->bytes);

	if (run.cell->target->random)
		return run.spec->count < least ? least : run.spec->count;
	return p->ns_call > (double)run.spec->slice_ns ? 1 : run.spec->count;
}

/* The calls that are counted, in one batch */
static int counted(struct part *p)
{
	p->calls = calls_to_count(p);
	p->start = now_ns();
	if (batch(p, p->calls))
		return -1;
	p->end = now_ns();
	return 0;
}

static void fail(struct part *p)
{
	p->failed = true;
	atomic_store(&run.failed, true);
}

/* ---- what worker 0 does while the others wait ---- */

/* The best first call of any worker counts */
static void judge_speed(void)
{
	uint64_t best = UINT64_MAX;
	char name[96];

	for (unsigned int i = 0; i < run.now->threads; i++) {
		if (run.now->parts[i].first_ns < best)
			best = run.now->parts[i].first_ns;
	}
	if (!run.spec->too_slow_ns || out_of_work() ||
	    best <= run.spec->too_slow_ns)
		return;
	cell_name(run.cell, name, sizeof(name));
	log_note("cell %s left out: one call takes over %.2f s", name,
		 (double)run.spec->too_slow_ns / NS_PER_SEC);
	run.cell->left_out = true;
}

/*
 * The counters are read next to the calls: a ring fills itself during the
 * reference reading as well.
 */
static void before_calls(void)
{
	int device = run.cell->target->device;

	judge_speed();
	if (out_of_work())
		return;
	run.out->timed =
		run.spec->times && !device_times(device, &run.times_before);
	if (run.out->kind != SLICE_COUNT)
		run.out->before = recent_reference();
	run.out->counted = !device_stats(device, &run.stats_before);
	device_mark(device, run.cell->id);
}

static void after_calls(void)
{
	int device = run.cell->target->device;

	device_mark(device, 0);
	run.out->counted =
		run.out->counted && !device_stats(device, &run.out->stats);
	if (run.out->kind != SLICE_COUNT && !out_of_work())
		run.out->after = read_reference();
	run.out->timed =
		run.out->timed && !device_times(device, &run.out->times);
}

static void work(struct worker *w, void *data)
{
	struct part *p = &run.now->parts[w->index];
	int (*const calls[])(struct part *) = { [SLICE_RATE] = rate,
						[SLICE_LATENCY] = latency,
						[SLICE_COUNT] = counted };

	(void)data;
	if (!out_of_work() && lead_in(w, p))
		fail(p);
	workers_meet();
	if (!w->index)
		before_calls();
	p->calls = 0;
	p->request.syscalls = 0;
	workers_meet();
	if (!out_of_work() && calls[run.out->kind](p))
		fail(p);
	workers_meet();
	if (!w->index)
		after_calls();
}

/* ---- opening and closing ---- */

static bool wants_huge(const struct cell *c)
{
	return c->engine->huge || run.spec->huge;
}

/* Others cannot use the device while such a cell is open */
static bool is_exclusive(const struct cell *c)
{
	return c->engine->exclusive || c->target->exclusive;
}

static int open_part(struct part *p, unsigned int index)
{
	const struct cell *c = run.cell;
	const struct worker *w = worker_get(index);
	struct request *r = &p->request;

	memset(r, 0, sizeof(*r));
	r->source = &c->target->source;
	r->index = index;
	r->bytes = c->bytes;
	r->touch = c->touch;
	r->buf = wants_huge(c) ? w->huge.data : w->small.data;
	r->src = w->src.data;
	r->fd = -1;
	p->failed = false;
	p->undelivered = false;
	p->no_mode = false;
	p->latency = &run.latency[index];
	p->opened = !c->engine->open || !c->engine->open(r);
	if (!p->opened && c->engine->close) /* what open() had got so far */
		c->engine->close(r);
	return p->opened ? 0 : -1;
}

static void close_part(const struct kept *k, struct part *p)
{
	if (p->opened && k->engine->close)
		k->engine->close(&p->request);
	p->opened = false;
}

static void close_kept(struct kept *k)
{
	for (unsigned int i = 0; k->parts && i < k->threads; i++)
		close_part(k, &k->parts[i]);
}

static int open_parts(struct kept *k)
{
	for (unsigned int i = 0; i < k->threads; i++) {
		struct part *p = &k->parts[i];

		if (p->opened || !open_part(p, i))
			continue;
		fail(p);
		return -1;
	}
	return 0;
}

/* The cell's parts, open */
static int open_cell(struct cell *c)
{
	struct kept *k = &run.kept[c->id - 1];

	run.now = k;
	if (!k->parts) {
		k->parts = calloc(c->threads, sizeof(*k->parts));
		k->threads = c->threads;
		k->engine = c->engine;
	}
	if (!k->parts) {
		log_error("out of memory for %u threads", c->threads);
		return -1;
	}
	return open_parts(k);
}

/* ---- a slice ---- */

static void collect(struct slice *out)
{
	uint64_t start = UINT64_MAX;
	uint64_t end = 0;

	for (unsigned int i = 0; i < run.now->threads; i++) {
		const struct part *p = &run.now->parts[i];

		out->calls += p->calls;
		out->syscalls += p->request.syscalls;
		start = p->start < start ? p->start : start;
		end = p->end > end ? p->end : end;
		if (out->kind == SLICE_LATENCY)
			hist_merge(&out->latency, p->latency);
	}
	out->ns = end > start ? end - start : 1;
	out->syscalls += out->calls * run.now->engine->syscalls;
	for (size_t i = 0; i < MY_RNG_STAT_COUNT; i++)
		out->stats.count[i] -= run.stats_before.count[i];
	for (size_t i = 0; i < 2 * MY_RNG_TIME_PARTS; i++)
		out->times.count[i] -= run.times_before.count[i];
}

static void explain(const struct part *p)
{
	const struct cell *c = run.cell;
	const struct request *r = &p->request;
	const char *where = r->source->node[0] ? r->source->node : "the kernel";
	char name[96];

	cell_name(c, name, sizeof(name));
	if (!p->opened)
		log_error("cell %s: cannot open %s: %s (errno %d)", name, where,
			  strerror(r->error), r->error);
	else if (p->no_mode)
		log_error("cell %s: cannot change the modes of %s: %s (errno "
			  "%d); that takes root (CAP_SYS_ADMIN)",
			  name, where, strerror(r->error), r->error);
	else if (p->undelivered)
		log_error("cell %s: %s of %zu bytes from %s claims success but "
			  "left part of the buffer untouched",
			  name, c->engine->what, r->bytes, where);
	else if (r->got < 0)
		log_error("cell %s: %s of %zu bytes from %s failed: %s (errno "
			  "%d); see dmesg for the driver's reason",
			  name, c->engine->what, r->bytes, where,
			  strerror(r->error), r->error);
	else
		log_error("cell %s: %s of %zu bytes from %s came short: %lld "
			  "bytes",
			  name, c->engine->what, r->bytes, where, r->got);
}

static void fail_mode(struct part *p)
{
	request_failed(&p->request, -1);
	p->no_mode = true;
	fail(p);
}

/* Modes are the device's: they hold while this slice runs and no longer */
static void run_in_modes(void)
{
	struct part *p = &run.now->parts[0];

	if (source_enter(p->request.source, p->request.fd)) {
		fail_mode(p);
		return;
	}
	workers_run(run.now->threads, work, NULL);
	if (source_leave(p->request.source, p->request.fd))
		fail_mode(p);
}

static enum taken finish(struct cell *c, struct slice *out)
{
	bool failed = atomic_load(&run.failed);

	for (unsigned int i = 0; failed && i < run.now->threads; i++) {
		if (run.now->parts[i].failed) {
			explain(&run.now->parts[i]);
			break;
		}
	}
	if (!failed && !c->left_out)
		collect(out);
	if (failed || c->left_out || is_exclusive(c))
		close_kept(run.now);
	if (failed)
		return TAKEN_FAILED;
	return c->left_out ? TAKEN_LEFT_OUT : TAKEN;
}

enum taken slices_take(struct cell *c, const struct slice_spec *spec,
		       enum slice_kind kind, struct slice *out)
{
	char name[96];

	memset(out, 0, sizeof(*out));
	hist_reset(&out->latency);
	out->kind = kind;
	out->before = NAN;
	out->after = NAN;
	run.cell = c;
	run.spec = spec;
	run.out = out;
	if (!run.reference_calls && kind != SLICE_COUNT)
		size_reference(spec->slice_ns);
	atomic_store(&run.failed, false);
	if (wants_huge(c) && !workers_have_huge(c->threads)) {
		cell_name(c, name, sizeof(name));
		log_note("cell %s left out: no huge pages to be had here",
			 name);
		c->left_out = true;
		return TAKEN_LEFT_OUT;
	}
	for (unsigned int i = 0; kind == SLICE_LATENCY && i < c->threads; i++)
		hist_reset(&run.latency[i]);
	if (!open_cell(c))
		run_in_modes();
	else if (!atomic_load(&run.failed))
		return TAKEN_FAILED;
	return finish(c, out);
}

double slice_ns_call(const struct slice *s, const struct cell *c)
{
	return (double)s->ns * c->threads / (double)s->calls;
}

/* ---- before and after ---- */

int slices_init(size_t cells, unsigned int threads, size_t bytes, uint64_t seed)
{
	slices_end();
	if (workers_init(threads, bytes, seed))
		return -1;
	run.kept = calloc(cells, sizeof(*run.kept));
	run.latency = calloc(threads, sizeof(*run.latency));
	if (!run.kept || !run.latency) {
		log_error("out of memory for %zu cells", cells);
		slices_end();
		return -1;
	}
	run.count = cells;
	return 0;
}

void slices_end(void)
{
	for (size_t i = 0; i < run.count; i++) {
		close_kept(&run.kept[i]);
		free(run.kept[i].parts);
	}
	free(run.kept);
	free(run.latency);
	run.kept = NULL;
	run.latency = NULL;
	run.count = 0;
	run.reference_calls = 0;
	workers_end();
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

uint64_t slices_timer_ns(void)
{
	static uint64_t gap[TIMER_READINGS];
	uint64_t last = now_ns();

	for (size_t i = 0; i < TIMER_READINGS; i++) {
		uint64_t now = now_ns();

		gap[i] = now - last;
		last = now;
	}
	qsort(gap, TIMER_READINGS, sizeof(gap[0]), by_value);
	return gap[TIMER_READINGS / 2];
}
