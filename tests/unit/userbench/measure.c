// SPDX-License-Identifier: GPL-2.0-or-later
/* The measuring core, on engines that misbehave on purpose. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#include "buffer.h"
#include "clock.h"
#include "log.h"
#include "measure.h"
#include "tap.h"

#define BYTES 64

static const struct measure_spec spec = {
	.sample_ns = 20 * NS_PER_MS,
	.latency_ns = 600 * NS_PER_SEC,
	.latency_calls = 50,
	.too_slow_ns = 600 * NS_PER_SEC,
};
#define SLOW_NS (25 * NS_PER_MS) /* longer than a sample */

/* What the engines below do, and what was done to them */
static struct {
	long long give;      /* result of a call: BYTES is success */
	int error;           /* errno where @give is -1 */
	uint64_t good_calls; /* that many succeed first */
	uint64_t sleep_ns;   /* per call */
	bool lazy;           /* claims success, writes nothing */
	bool in_place;       /* leaves what it has elsewhere */
	int open_error;
	atomic_ullong calls;
	atomic_int opened;
	atomic_int closed;
} fake;

static int fake_open(struct request *r)
{
	if (fake.open_error) {
		errno = fake.open_error;
		return request_failed(r, -1);
	}
	fake.opened++;
	return 0;
}

static void fake_close(struct request *r)
{
	(void)r;
	fake.closed++;
}

static int fake_batch(struct request *r, uint64_t calls)
{
	struct timespec nap = { 0, (long)fake.sleep_ns };

	while (calls--) {
		if (fake.sleep_ns)
			nanosleep(&nap, NULL);
		if (fake.calls++ >= fake.good_calls && fake.give != BYTES) {
			errno = fake.error;
			return request_failed(r, fake.give);
		}
		if (fake.in_place) {
			static uint64_t place;

			place += !fake.lazy;
			r->place = &place;
			r->placed = sizeof(place);
		} else if (!fake.lazy) {
			memset(r->buf, 0, r->bytes);
		}
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

static const struct target target = { .variant = "fake", .device = -1 };
static struct cell cell;
static struct sample sample;

static void prepare(unsigned int threads)
{
	memset(&fake, 0, sizeof(fake));
	fake.give = BYTES;
	cell = (struct cell){ .id = 1,
			      .target = &target,
			      .engine = &engine_fake,
			      .bytes = BYTES,
			      .threads = threads };
}

/* Counted ones are a single batch: what the warm-up made is not theirs */
static void test_batching(void)
{
	struct measure_spec count = spec;

	prepare(1);
	cell.engine = &engine_batching;
	count.count = 7;
	is_int(measure_cell(&cell, &count, &sample), MEASURED,
	       "unit/measure/batching-engine");
	is_int((int)sample.calls, 7, "unit/measure/batching-engine-calls");
	is_int((int)sample.syscalls, 1,
	       "unit/measure/takes-the-engine's-own-count-of-system-calls");
}

static void test_good(void)
{
	prepare(1);
	is_int(measure_cell(&cell, &spec, &sample), MEASURED,
	       "unit/measure/good-engine");
	ok(sample.calls && sample.ns >= spec.sample_ns,
	   "unit/measure/throughput-phase-lasts-as-asked");
	ok(sample.syscalls == 3 * sample.calls,
	   "unit/measure/counts-system-calls");
	ok(sample.latency.total == 50,
	   "unit/measure/latency-phase-ends-at-its-calls");
	ok(!sample.counted, "unit/measure/no-device-no-counts");
	ok(fake.opened == 1 && fake.closed == 1,
	   "unit/measure/opens-and-closes-once");
	ok(cell.ns_call > 0, "unit/measure/leaves-an-estimate");
}

static void test_threads(void)
{
	prepare(3);
	is_int(measure_cell(&cell, &spec, &sample), MEASURED,
	       "unit/measure/three-threads");
	is_int((long long)sample.latency.total, 150,
	       "unit/measure/merges-latencies-of-all-threads");
	ok(fake.opened == 3 && fake.closed == 3,
	   "unit/measure/each-thread-opens-and-closes");
}

/* The sample fails, all threads close, and the message has @word */
static void fails(const char *word, const char *name)
{
	int threads = (int)cell.threads;
	char *message = NULL;
	size_t size;
	FILE *f = open_memstream(&message, &size);
	enum measured result;

	log_to(f);
	result = measure_cell(&cell, &spec, &sample);
	log_to(NULL);
	fclose(f);
	if (!ok(result == MEASURE_FAILED && fake.closed == threads &&
			strstr(message, word) && strstr(message, "read/64/"),
		name))
		diag("result %d, %d closed, message: %s", result, fake.closed,
		     message);
	free(message);
}

static void test_failures(void)
{
	prepare(1);
	fake.give = BYTES - 1;
	fails("63 bytes", "unit/measure/short-call-fails");
	prepare(1);
	fake.give = -1;
	fake.error = EIO;
	fails("errno 5", "unit/measure/failing-call-fails");
	prepare(1);
	fake.lazy = true;
	fails("untouched", "unit/measure/undelivered-data-fails");
	prepare(1);
	fake.in_place = true;
	is_int(measure_cell(&cell, &spec, &sample), MEASURED,
	       "unit/measure/data-may-be-delivered-in-place");
	prepare(1);
	fake.in_place = true;
	fake.lazy = true;
	fails("untouched", "unit/measure/the-same-data-in-place-again-fails");
	/* late: not in the first call, which the warm-up makes */
	prepare(1);
	fake.give = 0;
	fake.good_calls = 2;
	fails("0 bytes", "unit/measure/late-failure-fails");
	prepare(3);
	fake.give = 0;
	fake.good_calls = 7;
	fails("0 bytes", "unit/measure/failure-of-one-thread-ends-all");
	prepare(2);
	fake.open_error = ENODEV;
	fails("errno 19", "unit/measure/failing-open-fails");
}

static void test_slow(void)
{
	struct measure_spec impatient = spec;
	FILE *nowhere = fopen("/dev/null", "w");
	uint64_t calls;

	prepare(1);
	fake.sleep_ns = SLOW_NS;
	is_int(measure_cell(&cell, &spec, &sample), MEASURED,
	       "unit/measure/slow-call");
	ok(sample.calls == 1 && sample.latency.total == 1 &&
		   sample.latency.max == sample.ns,
	   "unit/measure/slow-call-is-made-once-for-both-phases");
	calls = fake.calls;
	measure_cell(&cell, &spec, &sample);
	is_int((long long)(fake.calls - calls), 1,
	       "unit/measure/slow-call-has-no-second-warm-up");
	prepare(1);
	fake.sleep_ns = SLOW_NS;
	impatient.too_slow_ns = NS_PER_MS;
	log_to(nowhere);
	is_int(measure_cell(&cell, &impatient, &sample), MEASURE_LEFT_OUT,
	       "unit/measure/too-slow-is-left-out");
	log_to(NULL);
	fclose(nowhere);
	ok(cell.left_out, "unit/measure/left-out-is-remembered");
	log_forget();
}

static const struct engine engine_huge = {
	.access = "read-huge",
	.what = "fake",
	.sizes = SIZES_MIB,
	.syscalls = 1,
	.huge = true,
	.batch = fake_batch,
};

/* The label must not lie: without huge pages there is no such cell */
static void test_huge(void)
{
	FILE *nowhere = fopen("/dev/null", "w");
	struct buffer b;
	enum measured m;

	prepare(1);
	cell.engine = &engine_huge;
	log_to(nowhere);
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	if (buffer_make_huge(&b, BYTES)) {
		is_int(measure_cell(&cell, &spec, &sample), MEASURE_LEFT_OUT,
		       "unit/measure/no-huge-pages-no-cell");
		ok(cell.left_out, "unit/measure/no-huge-pages-is-remembered");
	} else {
		buffer_free(&b);
		skip("unit/measure/no-huge-pages-no-cell",
		     "huge pages are reserved here");
	}
	prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
	cell.left_out = false;
	m = measure_cell(&cell, &spec, &sample);
	log_to(NULL);
	fclose(nowhere);
	if (m == MEASURE_LEFT_OUT)
		skip("unit/measure/huge-pages", "no huge pages here");
	else
		is_int(m, MEASURED, "unit/measure/huge-pages");
	log_forget();
}

int main(void)
{
	if (measure_init(3, BYTES, 1))
		return 1;
	test_good();
	test_batching();
	test_threads();
	test_failures();
	test_slow();
	test_huge();
	ok(measure_timer_ns() > 0, "unit/measure/timer-overhead-is-known");
	measure_end();
	done_testing();
	return exit_status();
}
