// SPDX-License-Identifier: GPL-2.0-or-later
/* Slices of cells, on engines that misbehave on purpose. */
#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#include "buffer.h"
#include "clock.h"
#include "log.h"
#include "slices.h"
#include "tap.h"

#define BYTES   64
#define MOST    (1u << 20)
#define THREADS 3
#define SLOW_NS (5 * NS_PER_MS) /* too long for a call of a slice to lead in */

static const struct slice_spec spec = { .slice_ns = NS_PER_MS, .count = 7 };

/**
 * struct fake - what the engines below do, and what was done to them
 * @fails: calls do not deliver all bytes
 * @give: result of a failing call
 * @error: errno where @give is -1
 * @good_calls: so many calls succeed before one fails
 * @sleep_ns: a call takes so long
 * @lazy: a call claims success and writes nothing
 * @half: a call claims success and writes the first half
 * @in_place: a call leaves its bytes elsewhere
 * @open_error: errno of an open that fails
 * @good_opens: so many opens succeed before one fails
 * @calls: calls made
 * @by_thread: calls made, by index of the thread
 * @opened: opens that succeeded
 * @closed: closes
 * @events: first letter of the variant, large for an open, small for a close
 * @buf: destination of the last batch
 * @touch: what the last batch was to do with its bytes
 */
static struct fake {
	bool fails;
	long long give;
	int error;
	uint64_t good_calls;
	uint64_t sleep_ns;
	bool lazy;
	bool half;
	bool in_place;
	int open_error;
	int good_opens;
	atomic_ullong calls;
	atomic_ullong by_thread[THREADS];
	int opened;
	int closed;
	char events[32];
	void *_Atomic buf;
	_Atomic enum touch touch;
} fake;

static void note_event(const struct request *r, char letter)
{
	size_t n = strlen(fake.events);

	if (r->source->node[0] && n + 1 < sizeof(fake.events))
		fake.events[n] = letter;
}

static int fake_open(struct request *r)
{
	if (fake.open_error && fake.opened >= fake.good_opens) {
		errno = fake.open_error;
		return request_failed(r, -1);
	}
	fake.opened++;
	note_event(r, r->source->node[0]);
	return 0;
}

static void fake_close(struct request *r)
{
	fake.closed++;
	note_event(r, (char)(r->source->node[0] | 0x20));
}

static void deliver(struct request *r)
{
	static uint64_t place;

	if (fake.in_place) {
		place += !fake.lazy;
		r->place = &place;
		r->placed = sizeof(place);
	} else if (!fake.lazy) {
		memset(r->buf, 0, fake.half ? r->bytes / 2 : r->bytes);
	}
}

static int fake_batch(struct request *r, uint64_t calls)
{
	struct timespec nap = { 0, (long)fake.sleep_ns };

	fake.buf = r->buf;
	fake.touch = r->touch;
	while (calls--) {
		if (fake.sleep_ns)
			nanosleep(&nap, NULL);
		fake.by_thread[r->index]++;
		if (fake.calls++ >= fake.good_calls && fake.fails) {
			errno = fake.error;
			return request_failed(r, fake.give);
		}
		deliver(r);
	}
	return 0;
}

static const struct engine engine_fake = {
	.access = "read",
	.what = "fake",
	.sizes = SIZES_ALL,
	.syscalls = 3,
	.open = fake_open,
	.batch = fake_batch,
	.close = fake_close,
};

static const struct engine engine_alone = {
	.access = "read",
	.what = "fake",
	.sizes = SIZES_ALL,
	.exclusive = true,
	.open = fake_open,
	.batch = fake_batch,
	.close = fake_close,
};

/* As an engine that puts several calls into one system call */
static int batching_batch(struct request *r, uint64_t calls)
{
	r->syscalls++;
	return fake_batch(r, calls);
}

static const struct engine engine_batching = {
	.access = "read",
	.what = "fake",
	.sizes = SIZES_ALL,
	.batch = batching_batch,
};

static const struct engine engine_huge = {
	.access = "read-huge",
	.what = "fake",
	.sizes = SIZES_MIB,
	.syscalls = 1,
	.huge = true,
	.batch = fake_batch,
};

static struct target target;
static struct cell cell;
static struct slice slice;

/* Nothing is open, and the fake does what it should */
static void prepare(unsigned int threads)
{
	if (slices_init(3, THREADS, MOST, 1))
		exit(1);
	memset(&fake, 0, sizeof(fake));
	target = (struct target){ .variant = "fake", .device = -1 };
	cell = (struct cell){ .id = 1,
			      .target = &target,
			      .engine = &engine_fake,
			      .bytes = BYTES,
			      .threads = threads };
}

static enum taken take(enum slice_kind kind)
{
	return slices_take(&cell, &spec, kind, &slice);
}

static bool is_reading(double ns)
{
	return isfinite(ns) && ns > 0;
}

/* ---- what a slice gives ---- */

static void test_rate(void)
{
	prepare(1);
	cell.touch = TOUCH_SUM;
	is_int(take(SLICE_RATE), TAKEN, "unit/slices/rate-is-taken");
	ok(slice.kind == SLICE_RATE && slice.calls && slice.ns >= spec.slice_ns,
	   "unit/slices/rate-goes-on-until-the-slice-is-over");
	ok(slice.syscalls == 3 * slice.calls,
	   "unit/slices/counts-system-calls");
	ok(is_reading(slice.before) && is_reading(slice.after),
	   "unit/slices/rate-has-both-reference-readings");
	ok(!slice.counted && !slice.timed,
	   "unit/slices/no-device-no-counts-and-no-stopwatch");
	is_int((long long)slice.latency.total, 0,
	       "unit/slices/rate-times-no-single-call");
	is_int(fake.touch, TOUCH_SUM, "unit/slices/touch-is-passed-on");
	slices_end();
}

static void test_latency(void)
{
	prepare(1);
	is_int(take(SLICE_LATENCY), TAKEN, "unit/slices/latency-is-taken");
	ok(slice.calls && slice.latency.total == slice.calls,
	   "unit/slices/latency-times-each-call");
	ok(is_reading(slice.before) && is_reading(slice.after),
	   "unit/slices/latency-has-both-reference-readings");
	is_int(take(SLICE_LATENCY), TAKEN, "unit/slices/latency-again");
	ok(slice.latency.total == slice.calls,
	   "unit/slices/latencies-of-the-slice-before-are-gone");
	slices_end();
}

/* What a slice of kind count makes: the check's call, then those in a batch */
static void counts(uint64_t calls, const char *name)
{
	uint64_t before = fake.calls;
	bool taken = take(SLICE_COUNT) == TAKEN;

	if (!ok(taken && slice.calls == calls &&
			fake.calls - before == calls + 1,
		name))
		diag("%llu calls, %llu made", (unsigned long long)slice.calls,
		     (unsigned long long)(fake.calls - before));
	slices_end();
}

static void test_count(void)
{
	prepare(1);
	cell.engine = &engine_batching;
	is_int(take(SLICE_COUNT), TAKEN, "unit/slices/count-is-taken");
	is_int((int)slice.calls, 7, "unit/slices/count-makes-the-calls-asked");
	is_int((int)slice.syscalls, 1,
	       "unit/slices/takes-the-engine's-own-count-of-system-calls");
	ok(isnan(slice.before) && isnan(slice.after),
	   "unit/slices/count-has-no-reference-readings");
	take(SLICE_COUNT);
	is_int((int)fake.calls, 1 + 7 + 7,
	       "unit/slices/count-warms-up-by-the-check-alone");
	prepare(1);
	fake.sleep_ns = SLOW_NS;
	counts(1, "unit/slices/one-slow-call-is-counted");
	prepare(THREADS);
	is_int(take(SLICE_COUNT), TAKEN, "unit/slices/count-by-threads");
	ok(slice.calls == 7 * THREADS && slice.syscalls == 3 * slice.calls &&
		   fake.calls == 8 * THREADS,
	   "unit/slices/each-thread-makes-the-calls-asked");
	slices_end();
}

/* A random target's counts are chance: 1000 calls or 16 MiB, at least */
static void test_random(void)
{
	struct slice_spec many = spec;

	prepare(1);
	target.random = true;
	counts(1000, "unit/slices/random-counts-1000-calls");
	prepare(1);
	target.random = true;
	cell.bytes = 0;
	counts(1000, "unit/slices/random-without-bytes-counts-1000-calls");
	prepare(1);
	target.random = true;
	cell.bytes = 32768;
	counts(512, "unit/slices/random-counts-16-mib");
	prepare(1);
	target.random = true;
	cell.bytes = MOST;
	fake.sleep_ns = SLOW_NS;
	counts(16, "unit/slices/random-counts-as-many-slow-calls");
	prepare(1);
	target.random = true;
	many.count = 1001;
	is_int(slices_take(&cell, &many, SLICE_COUNT, &slice), TAKEN,
	       "unit/slices/random-with-a-greater-count");
	is_int((int)slice.calls, 1001,
	       "unit/slices/random-counts-more-if-asked");
	slices_end();
}

static void test_threads(void)
{
	bool all = true;

	prepare(THREADS);
	is_int(take(SLICE_RATE), TAKEN, "unit/slices/three-threads");
	for (int i = 0; i < THREADS; i++)
		all &= fake.by_thread[i] > 0;
	ok(all, "unit/slices/each-thread-makes-calls");
	ok(slice.syscalls == 3 * slice.calls && slice.calls < fake.calls,
	   "unit/slices/adds-up-the-calls-of-all-threads");
	is_int(take(SLICE_LATENCY), TAKEN,
	       "unit/slices/three-threads-time-single-calls");
	ok(slice.latency.total == slice.calls,
	   "unit/slices/merges-latencies-of-all-threads");
	is_int(fake.opened, THREADS, "unit/slices/opens-one-part-a-thread");
	slices_end();
	is_int(fake.closed, THREADS, "unit/slices/end-closes-all-parts");
}

/* ---- what stays open ---- */

static void test_open(void)
{
	struct target alone;
	struct cell first, second, third;

	prepare(2);
	strcpy(target.source.node, "A");
	alone = target;
	strcpy(alone.source.node, "T");
	alone.exclusive = true;
	first = cell;
	second = cell;
	second.id = 2;
	second.threads = 1;
	second.target = &alone;
	third = second;
	third.id = 3;
	third.engine = &engine_alone;
	for (int i = 0; i < 2; i++) {
		slices_take(&first, &spec, SLICE_RATE, &slice);
		slices_take(&second, &spec, SLICE_LATENCY, &slice);
		slices_take(&third, &spec, SLICE_RATE, &slice);
	}
	is_str(fake.events, "AATtTtTtTt",
	       "unit/slices/exclusive-cells-alone-are-opened-anew");
	slices_end();
	is_str(fake.events, "AATtTtTtTtaa",
	       "unit/slices/end-closes-what-stayed-open");
}

/* ---- failures ---- */

/* The slice fails, so many parts are closed, and the message has @word */
static void fails(int closed, const char *word, const char *name)
{
	char *message = NULL;
	size_t size;
	FILE *f = open_memstream(&message, &size);
	enum taken result;

	log_to(f);
	result = take(SLICE_RATE);
	log_to(NULL);
	fclose(f);
	if (!ok(result == TAKEN_FAILED && fake.closed == closed &&
			strstr(message, word) && strstr(message, "read/64/"),
		name))
		diag("result %d, %d closed, message: %s", result, fake.closed,
		     message);
	free(message);
	slices_end();
	if (fake.closed != closed)
		ok(false, "unit/slices/end-closes-nothing-twice");
}

static void fake_fails(long long give, int error, uint64_t good_calls)
{
	fake.fails = true;
	fake.give = give;
	fake.error = error;
	fake.good_calls = good_calls;
}

static void test_failing_calls(void)
{
	prepare(1);
	fake_fails(BYTES - 1, 0, 0);
	fails(1, "63 bytes", "unit/slices/short-call-fails");
	prepare(1);
	fake_fails(-1, EIO, 0);
	fails(1, "errno 5", "unit/slices/failing-call-fails");
	prepare(1);
	fake_fails(0, 0, 2);
	fails(1, "0 bytes", "unit/slices/late-failure-fails");
	prepare(3);
	fake_fails(0, 0, 7);
	fails(3, "0 bytes", "unit/slices/failure-of-one-thread-ends-all");
	prepare(2);
	is_int(take(SLICE_RATE), TAKEN, "unit/slices/good-first-slice");
	fake_fails(-1, EIO, 0);
	fails(2, "errno 5", "unit/slices/failure-in-a-later-slice-closes-all");
}

static void test_undelivered(void)
{
	prepare(1);
	fake.lazy = true;
	fails(1, "untouched", "unit/slices/undelivered-data-fails");
	prepare(1);
	fake.half = true;
	fails(1, "untouched", "unit/slices/data-delivered-in-part-fails");
	prepare(1);
	fake.lazy = true;
	target.silent = true;
	is_int(take(SLICE_RATE), TAKEN,
	       "unit/slices/silent-target-delivers-nothing");
	prepare(1);
	fake.lazy = true;
	cell.bytes = 0;
	is_int(take(SLICE_RATE), TAKEN,
	       "unit/slices/call-without-bytes-delivers-nothing");
	prepare(1);
	fake.in_place = true;
	is_int(take(SLICE_RATE), TAKEN,
	       "unit/slices/data-may-be-delivered-in-place");
	slices_init(1, 1, BYTES, 1);
	ok(fake.opened == 1 && fake.closed == 1,
	   "unit/slices/init-closes-what-was-open");
	prepare(1);
	fake.in_place = true;
	fake.lazy = true;
	fails(1, "untouched", "unit/slices/the-same-data-in-place-again-fails");
}

static void test_failing_opens(void)
{
	prepare(2);
	fake.open_error = ENODEV;
	fails(1, "errno 19", "unit/slices/failing-open-fails");
	ok(!fake.calls && !fake.opened, "unit/slices/failing-open-no-call");
	prepare(3);
	fake.open_error = EMFILE;
	fake.good_opens = 1;
	fails(2, "errno 24", "unit/slices/second-open-fails-both-are-closed");
	prepare(1);
	target.source.modes = 1; /* no file to set them by */
	fails(1, "errno 9", "unit/slices/failing-mode-fails");
	ok(!fake.calls, "unit/slices/failing-mode-no-call");
}

/* By hand a person may go on after a failure: nothing of it is left */
static void test_again(void)
{
	FILE *nowhere = fopen("/dev/null", "w");

	prepare(2);
	fake_fails(-1, EIO, 0);
	log_to(nowhere);
	take(SLICE_RATE);
	log_to(NULL);
	fclose(nowhere);
	fake.fails = false;
	is_int(take(SLICE_RATE), TAKEN, "unit/slices/after-a-failure-again");
	is_int(fake.opened, 4, "unit/slices/after-a-failure-opened-again");
	slices_end();
	is_int(fake.closed, 4, "unit/slices/after-a-failure-closed-again");
}

/* ---- slow calls ---- */

static void test_slow(void)
{
	prepare(1);
	fake.sleep_ns = SLOW_NS;
	is_int(take(SLICE_RATE), TAKEN, "unit/slices/slow-call");
	ok(slice.calls == 1 && fake.calls == 2,
	   "unit/slices/slow-call-is-warmed-up-by-the-check-alone");
	take(SLICE_RATE);
	is_int((int)fake.calls, 3,
	       "unit/slices/slow-call-has-no-second-warm-up");
	take(SLICE_LATENCY);
	ok(slice.calls == 1 && slice.latency.total == 1 && fake.calls == 4,
	   "unit/slices/slow-call-is-timed-once-a-slice");
	slices_end();
}

static void test_too_slow(void)
{
	struct slice_spec impatient = spec;
	FILE *nowhere = fopen("/dev/null", "w");
	size_t notes;

	prepare(2);
	fake.sleep_ns = SLOW_NS;
	impatient.too_slow_ns = NS_PER_MS;
	log_to(nowhere);
	is_int(slices_take(&cell, &impatient, SLICE_RATE, &slice),
	       TAKEN_LEFT_OUT, "unit/slices/too-slow-is-left-out");
	log_to(NULL);
	fclose(nowhere);
	log_notes(&notes);
	ok(cell.left_out && notes == 1,
	   "unit/slices/left-out-is-remembered-and-noted");
	ok(fake.calls == 2 && fake.closed == 2,
	   "unit/slices/left-out-is-closed-after-the-first-calls");
	log_forget();
	slices_end();
	is_int(fake.closed, 2, "unit/slices/left-out-is-closed-once");
}

/* ---- huge pages ---- */

/* The label must not lie: without huge pages there is no such cell */
static void test_no_huge(void)
{
	struct buffer b;

	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	prepare(1);
	cell.engine = &engine_huge;
	if (buffer_make_huge(&b, BYTES)) {
		is_int(take(SLICE_RATE), TAKEN_LEFT_OUT,
		       "unit/slices/no-huge-pages-no-cell");
		ok(cell.left_out && !fake.calls,
		   "unit/slices/no-huge-pages-is-remembered");
	} else {
		buffer_free(&b);
		skip("unit/slices/no-huge-pages-no-cell",
		     "huge pages are reserved here");
	}
	slices_end();
	prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
}

static void takes_huge(const struct slice_spec *how, const char *name)
{
	enum taken t = slices_take(&cell, how, SLICE_RATE, &slice);

	if (t == TAKEN_LEFT_OUT)
		skip(name, "no huge pages here");
	else
		ok(t == TAKEN && (uintptr_t)fake.buf % (2u << 20) == 0, name);
	slices_end();
}

static void test_huge(void)
{
	struct slice_spec huge = spec;
	FILE *nowhere = fopen("/dev/null", "w");

	log_to(nowhere);
	test_no_huge();
	prepare(1);
	cell.engine = &engine_huge;
	takes_huge(&spec, "unit/slices/engine-wants-huge-pages");
	prepare(1);
	huge.huge = true;
	takes_huge(&huge, "unit/slices/any-engine-can-have-huge-pages");
	log_to(NULL);
	fclose(nowhere);
	log_forget();
}

static void test_ns_call(void)
{
	const struct slice s = { .calls = 10, .ns = 100 };
	const struct cell c = { .threads = 2 };

	ok(slice_ns_call(&s, &c) == 20,
	   "unit/slices/ns-per-call-is-that-of-a-thread");
	ok(slices_timer_ns() > 0, "unit/slices/timer-overhead-is-known");
}

int main(void)
{
	test_rate();
	test_latency();
	test_count();
	test_random();
	test_threads();
	test_open();
	test_failing_calls();
	test_undelivered();
	test_failing_opens();
	test_again();
	test_slow();
	test_too_slow();
	test_huge();
	test_ns_call();
	done_testing();
	return exit_status();
}
