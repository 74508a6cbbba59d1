// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Running one sample of one cell.
 *
 * All workers of a sample go through the same phases with a barrier between
 * any two; worker 0 is the calling thread. A worker that fails sets the team's
 * flag and goes on through the barriers without doing anything.
 */
#include "measure.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "clock.h"
#include "log.h"
#include "prng.h"

#define BATCHES        8  /* at least, in a throughput phase */
#define WARMUP_PART    20 /* warm-up ends at a batch of 1/20 of a sample */
#define LONG_PART      4  /* one call of 1/4 of a sample is warm-up enough */
#define CHECK_WINDOW   8  /* bytes looked at by the delivery check */
#define TIMER_READINGS 10001

/**
 * struct worker - one thread of a sample
 * @index: also selects its CPU
 * @thread: not of worker 0
 * @request: what the engine sees
 * @src: its source, from init to end
 * @small: its destination in ordinary pages, likewise
 * @huge: its destination in huge pages, from the first cell that wants it on
 * @noise: state for buffer contents
 * @ns_call: estimate that sizes the batches
 * @first_ns: time of the first timed call of the warm-up, 0 without one
 * @calls: made in the throughput phase
 * @syscalls: of those, beside engine.syscalls for each
 * @start: of the throughput phase
 * @end: of the throughput phase
 * @failed: a call of this worker failed; @request says how
 * @opened: the engine is ready
 * @undelivered: the call that failed returned success, but no data came
 * @latency: of single calls
 */
struct worker {
	unsigned int index;
	pthread_t thread;
	struct request request;
	struct buffer src;
	struct buffer small;
	struct buffer huge;
	uint64_t noise;
	double ns_call;
	uint64_t first_ns;
	uint64_t calls;
	uint64_t syscalls;
	uint64_t start;
	uint64_t end;
	bool failed;
	bool opened;
	bool undelivered;
	struct hist latency;
};

/* One team: a process measures one cell at a time */
static struct {
	struct worker *workers;
	unsigned int max;
	size_t buffer_bytes;
	cpu_set_t cpus; /* allowed at start */
	bool pinned;
	bool locked;
	/* for the sample that runs, constant while it does */
	struct cell *cell;
	const struct measure_spec *spec;
	struct my_rng_stats before;
	struct my_rng_stats after;
	bool counted;
	struct my_rng_times times_before;
	struct my_rng_times times_after;
	bool timed;
	pthread_barrier_t barrier;
	/* held while threads are made; protects @incomplete */
	pthread_mutex_t start;
	bool incomplete;
	/* set by any worker; read by all after the next barrier */
	atomic_bool failed;
	/* set by worker 0 between two barriers */
	bool left_out;
} team = { .start = PTHREAD_MUTEX_INITIALIZER };

/* ---- one worker ---- */

static int pin(unsigned int index)
{
	unsigned int nth = index % CPU_COUNT(&team.cpus);
	cpu_set_t one;
	int cpu = 0;

	for (; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &team.cpus) && !nth--)
			break;
	}
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	return sched_setaffinity(0, sizeof(one), &one);
}

static bool out_of_work(void)
{
	return atomic_load(&team.failed) || team.left_out;
}

static int batch(struct worker *w, uint64_t calls)
{
	return team.cell->engine->batch(&w->request, calls);
}

/*
 * An engine that leaves the bytes where they arrive: what comes next must differ
 * from what came before, in its first bytes.
 */
static int check_place(struct worker *w)
{
	char before[CHECK_WINDOW];
	size_t window = w->request.placed;

	window = window < sizeof(before) ? window : sizeof(before);
	memcpy(before, w->request.place, window);
	if (batch(w, 1))
		return -1;
	if (w->request.placed < window ||
	    memcmp(before, w->request.place, window))
		return 0;
	w->undelivered = true;
	return -1;
}

/*
 * One call that must change the start, the middle and the end of the buffer:
 * they hold noise before, and 8 random bytes equal other 8 once in 2^64 (4
 * bytes: once in 2^32).
 */
static int check_delivery(struct worker *w)
{
	size_t bytes = w->request.bytes;
	size_t window = bytes < CHECK_WINDOW ? bytes : CHECK_WINDOW;
	size_t at[] = { 0, (bytes - window) / 2, bytes - window };
	uint64_t noise = prng_next(&w->noise);
	char *buf = w->request.buf;

	for (size_t i = 0; i < 3; i++)
		memcpy(buf + at[i], &noise, window);
	if (batch(w, 1))
		return -1;
	if (team.cell->target->silent)
		return 0;
	if (w->request.place)
		return check_place(w);
	for (size_t i = 0; i < 3 && window; i++) {
		if (!memcmp(buf + at[i], &noise, window)) {
			w->undelivered = true;
			return -1;
		}
	}
	return 0;
}

/* The first call; a second one where it may just have been unlucky */
static int first_call(struct worker *w)
{
	uint64_t bound = team.spec->too_slow_ns;
	uint64_t ns, start = now_ns();

	if (check_delivery(w))
		return -1;
	w->first_ns = now_ns() - start;
	if (w->first_ns > bound && w->first_ns < 2 * bound) {
		start = now_ns();
		if (batch(w, 1))
			return -1;
		ns = now_ns() - start;
		w->first_ns = ns < w->first_ns ? ns : w->first_ns;
	}
	w->ns_call = (double)w->first_ns;
	return 0;
}

/* Batches twice as long each, until one is long enough to tell ns per call */
static int warm_up(struct worker *w)
{
	double sample_ns = (double)team.spec->sample_ns;
	uint64_t calls = 1;
	uint64_t ns, start;

	w->first_ns = 0;
	w->ns_call = team.cell->ns_call;
	if (w->ns_call > sample_ns)
		return 0;
	if (first_call(w))
		return -1;
	if (team.spec->count || w->ns_call > sample_ns / LONG_PART)
		return 0;
	do {
		start = now_ns();
		if (batch(w, calls))
			return -1;
		ns = now_ns() - start;
		w->ns_call = (double)(ns ? ns : 1) / (double)calls;
		calls *= 2;
	} while (ns < team.spec->sample_ns / WARMUP_PART);
	return 0;
}

/*
 * Batches without any clock read inside. The last ones shrink to what is left
 * of the time, so that all workers end within about one call of each other.
 */
static int throughput(struct worker *w)
{
	uint64_t limit = team.spec->sample_ns;
	uint64_t ns = 0;
	uint64_t calls, most;
	double fit;

	w->calls = 0;
	w->request.syscalls = 0;
	w->start = now_ns();
	do {
		most = limit - ns < limit / BATCHES ? limit - ns
						    : limit / BATCHES;
		fit = (double)most / w->ns_call;
		calls = fit < 1 ? 1 : (uint64_t)fit;
		if (batch(w, calls))
			return -1;
		w->calls += calls;
		w->end = now_ns();
		ns = w->end - w->start;
		w->ns_call = (double)(ns ? ns : 1) / (double)w->calls;
	} while (ns < limit);
	w->syscalls = w->request.syscalls;
	return 0;
}

/* The calls that are counted, in one batch */
static int counted(struct worker *w)
{
	const struct measure_spec *spec = team.spec;

	w->calls = w->ns_call > (double)spec->sample_ns ? 1 : spec->count;
	w->request.syscalls = 0;
	w->start = now_ns();
	if (batch(w, w->calls))
		return -1;
	w->end = now_ns();
	w->syscalls = w->request.syscalls;
	return 0;
}

static int latency(struct worker *w)
{
	const struct measure_spec *spec = team.spec;
	uint64_t begin, start, end;
	uint64_t calls = 0;

	hist_reset(&w->latency);
	if (w->calls == 1) {
		hist_add(&w->latency, w->end - w->start);
		return 0;
	}
	begin = now_ns();
	do {
		start = now_ns();
		if (batch(w, 1))
			return -1;
		end = now_ns();
		hist_add(&w->latency, end - start);
		calls++;
	} while (calls < spec->latency_calls && end - begin < spec->latency_ns);
	return 0;
}

static void run_phase(struct worker *w, int (*phase)(struct worker *w))
{
	if (out_of_work() || !phase(w))
		return;
	w->failed = true;
	atomic_store(&team.failed, true);
}

static bool wants_huge(void)
{
	return team.cell->engine->huge || team.spec->huge;
}

static int open_request(struct worker *w)
{
	struct request *r = &w->request;
	const struct engine *e = team.cell->engine;

	r->source = &team.cell->target->source;
	r->index = w->index;
	r->bytes = team.cell->bytes;
	r->touch = team.cell->touch;
	r->place = NULL;
	r->placed = 0;
	r->buf = wants_huge() ? w->huge.data : w->small.data;
	r->fd = -1;
	r->priv = NULL;
	r->got = 0;
	r->error = 0;
	r->syscalls = 0;
	w->failed = false;
	w->undelivered = false;
	w->opened = !e->open || !e->open(r);
	if (w->opened && r->fd >= 0 && source_enter(r->source, r->fd)) {
		w->opened = false;
		return request_failed(r, -1);
	}
	return w->opened ? 0 : -1;
}

/* ---- the team ---- */

/* Worker 0 after the warm-up: the best first call of any worker counts */
static void judge_speed(void)
{
	uint64_t best = UINT64_MAX;

	for (unsigned int i = 0; i < team.cell->threads; i++) {
		if (team.workers[i].first_ns < best)
			best = team.workers[i].first_ns;
	}
	team.left_out = team.spec->too_slow_ns && !out_of_work() &&
			best > team.spec->too_slow_ns;
}

static void count_before(void)
{
	team.timed =
		team.spec->times &&
		!device_times(team.cell->target->device, &team.times_before);
	team.counted = !device_stats(team.cell->target->device, &team.before);
	if (team.spec->count && !out_of_work())
		device_mark(team.cell->target->device, team.cell->id);
}

static void count_after(void)
{
	if (team.spec->count)
		device_mark(team.cell->target->device, 0);
	if (team.counted)
		team.counted =
			!device_stats(team.cell->target->device, &team.after);
	if (team.timed)
		team.timed = !device_times(team.cell->target->device,
					   &team.times_after);
}

/* A barrier, @leader on worker 0 while all others wait, a barrier */
static void meet(struct worker *w, void (*leader)(void))
{
	pthread_barrier_wait(&team.barrier);
	if (!w->index)
		leader();
	pthread_barrier_wait(&team.barrier);
}

static void *work(void *arg)
{
	struct worker *w = arg;
	bool incomplete;

	pthread_mutex_lock(&team.start);
	incomplete = team.incomplete;
	pthread_mutex_unlock(&team.start);
	if (incomplete)
		return NULL;
	if (w->index)
		pin(w->index);
	run_phase(w, open_request);
	run_phase(w, warm_up);
	meet(w, judge_speed);
	meet(w, count_before);
	run_phase(w, team.spec->count ? counted : throughput);
	meet(w, count_after);
	run_phase(w, latency);
	if (team.cell->engine->close)
		team.cell->engine->close(&w->request);
	return NULL;
}

/* Runs the sample on all its workers */
static int run_team(void)
{
	unsigned int threads = team.cell->threads;
	unsigned int started = 1;
	int error = pthread_barrier_init(&team.barrier, NULL, threads);

	pthread_mutex_lock(&team.start);
	while (!error && started < threads) {
		struct worker *w = &team.workers[started];

		error = pthread_create(&w->thread, NULL, work, w);
		started += !error;
	}
	team.incomplete = error;
	pthread_mutex_unlock(&team.start);
	if (!error)
		work(&team.workers[0]);
	while (--started)
		pthread_join(team.workers[started].thread, NULL);
	pthread_barrier_destroy(&team.barrier);
	if (error)
		log_error("cannot start %u threads: %s", threads,
			  strerror(error));
	return error ? -1 : 0;
}

static void collect(struct sample *out)
{
	uint64_t start = UINT64_MAX;
	uint64_t end = 0;

	out->calls = 0;
	out->syscalls = 0;
	hist_reset(&out->latency);
	for (unsigned int i = 0; i < team.cell->threads; i++) {
		const struct worker *w = &team.workers[i];

		out->calls += w->calls;
		out->syscalls += w->syscalls;
		start = w->start < start ? w->start : start;
		end = w->end > end ? w->end : end;
		hist_merge(&out->latency, &w->latency);
	}
	out->ns = end - start;
	out->syscalls += out->calls * team.cell->engine->syscalls;
	out->counted = team.counted;
	for (size_t i = 0; i < MY_RNG_STAT_COUNT; i++)
		out->stats.count[i] =
			team.after.count[i] - team.before.count[i];
	out->timed = team.timed;
	out->times = team.times_after;
	for (size_t i = 0; i < 2 * MY_RNG_TIME_PARTS; i++)
		out->times.count[i] -= team.times_before.count[i];
	team.cell->ns_call =
		(double)out->ns * team.cell->threads / (double)out->calls;
}

static void explain(const struct worker *w)
{
	const struct cell *c = team.cell;
	const struct request *r = &w->request;
	const char *where = c->target->source.node[0] ? c->target->source.node
						      : "the kernel";
	char name[96];

	cell_name(c, name, sizeof(name));
	if (!w->opened)
		log_error("cell %s: cannot open %s: %s (errno %d)", name, where,
			  strerror(r->error), r->error);
	else if (w->undelivered)
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

/* Made when first wanted, as a study without such cells needs none */
static bool have_huge(const struct cell *c)
{
	for (unsigned int i = 0; i < c->threads; i++) {
		struct worker *w = &team.workers[i];

		if (!w->huge.data &&
		    buffer_make_huge(&w->huge, team.buffer_bytes))
			return false;
	}
	return true;
}

enum measured measure_cell(struct cell *c, const struct measure_spec *spec,
			   struct sample *out)
{
	char name[96];
	int error;

	team.cell = c;
	team.spec = spec;
	if (wants_huge() && !have_huge(c)) {
		cell_name(c, name, sizeof(name));
		log_note("cell %s left out: no huge pages to be had here",
			 name);
		c->left_out = true;
		return MEASURE_LEFT_OUT;
	}
	team.left_out = false;
	atomic_store(&team.failed, false);
	memset(&team.before, 0, sizeof(team.before));
	memset(&team.after, 0, sizeof(team.after));
	if (!spec->count)
		device_mark(c->target->device, c->id);
	error = run_team();
	device_mark(c->target->device, 0);
	if (error)
		return MEASURE_FAILED;
	for (unsigned int i = 0; i < c->threads; i++) {
		if (team.workers[i].failed) {
			explain(&team.workers[i]);
			return MEASURE_FAILED;
		}
	}
	if (team.left_out) {
		cell_name(c, name, sizeof(name));
		log_note("cell %s left out: one call takes over %.1f s", name,
			 (double)spec->too_slow_ns / NS_PER_SEC);
		c->left_out = true;
		return MEASURE_LEFT_OUT;
	}
	collect(out);
	return MEASURED;
}

/* ---- before and after ---- */

static int init_worker(unsigned int index, uint64_t seed)
{
	struct worker *w = &team.workers[index];
	uint64_t *src;

	w->index = index;
	w->noise = seed + index;
	if (buffer_make(&w->src, team.buffer_bytes) ||
	    buffer_make(&w->small, team.buffer_bytes))
		return -1;
	team.locked = team.locked && w->src.locked && w->small.locked;
	src = w->src.data;
	for (size_t i = 0; i < team.buffer_bytes / sizeof(*src); i++)
		src[i] = prng_next(&w->noise);
	w->request.src = src;
	return 0;
}

int measure_init(unsigned int threads, size_t bytes, uint64_t seed)
{
	measure_end();
	if (sched_getaffinity(0, sizeof(team.cpus), &team.cpus)) {
		log_error("cannot ask which CPUs may be used: %s",
			  strerror(errno));
		return -1;
	}
	team.buffer_bytes = (bytes + 4095) / 4096 * 4096;
	team.locked = true;
	team.workers = calloc(threads, sizeof(*team.workers));
	if (!team.workers) {
		log_error("out of memory for %u threads", threads);
		return -1;
	}
	team.max = threads;
	for (unsigned int i = 0; i < threads; i++) {
		if (init_worker(i, seed)) {
			measure_end();
			return -1;
		}
	}
	team.pinned = !pin(0);
	if (!team.pinned)
		log_note("cannot pin to a CPU: %s", strerror(errno));
	if (!team.locked)
		log_note("buffers are not locked into memory (see ulimit -l)");
	return 0;
}

bool measure_pinned(void)
{
	return team.pinned;
}

bool measure_locked(void)
{
	return team.locked;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

uint64_t measure_timer_ns(void)
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

void measure_end(void)
{
	for (unsigned int i = 0; i < team.max; i++) {
		buffer_free(&team.workers[i].src);
		buffer_free(&team.workers[i].small);
		buffer_free(&team.workers[i].huge);
	}
	if (team.pinned)
		sched_setaffinity(0, sizeof(team.cpus), &team.cpus);
	free(team.workers);
	team.workers = NULL;
	team.max = 0;
	team.pinned = false;
}
