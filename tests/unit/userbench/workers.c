// SPDX-License-Identifier: GPL-2.0-or-later
/* Threads that work at once: who runs, who meets, which buffers they have. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>

#include "tap.h"
#include "workers.h"

#define THREADS  4
#define BYTES    5000
#define MEETINGS 200
#define RUNS     50

/**
 * struct seen - what the jobs of a run saw
 * @ran: jobs by index of the worker
 * @self: threads they ran on
 * @arrived: workers that came to a meeting, all meetings
 * @early: a worker went on before all had come
 */
static struct seen {
	atomic_int ran[THREADS];
	pthread_t self[THREADS];
	atomic_int arrived;
	atomic_bool early;
} seen;

static void run_once(struct worker *w, void *data)
{
	struct seen *s = data;

	s->ran[w->index]++;
	s->self[w->index] = pthread_self();
}

static bool ran(int a, int b, int c, int d)
{
	return seen.ran[0] == a && seen.ran[1] == b && seen.ran[2] == c &&
	       seen.ran[3] == d;
}

static void test_runs(void)
{
	bool apart = true;

	memset(&seen, 0, sizeof(seen));
	workers_run(2, run_once, &seen);
	ok(ran(1, 1, 0, 0), "unit/workers/the-first-two-run");
	workers_run(4, run_once, &seen);
	ok(ran(2, 2, 1, 1), "unit/workers/all-run");
	workers_run(1, run_once, &seen);
	ok(ran(3, 2, 1, 1), "unit/workers/one-runs");
	for (int i = 1; i < THREADS; i++) {
		for (int j = 0; j < i; j++)
			apart &= !pthread_equal(seen.self[i], seen.self[j]);
	}
	ok(apart && pthread_equal(seen.self[0], pthread_self()),
	   "unit/workers/each-on-a-thread-of-its-own-the-first-on-ours");
}

/* Runs of changing width in a row: none is missed and none made twice */
static void test_many_runs(void)
{
	int want[THREADS] = { 0 };

	memset(&seen, 0, sizeof(seen));
	for (unsigned int i = 0; i < RUNS; i++) {
		unsigned int threads = i * 3 % THREADS + 1;

		workers_run(threads, run_once, &seen);
		for (unsigned int j = 0; j < threads; j++)
			want[j]++;
	}
	ok(ran(want[0], want[1], want[2], want[3]),
	   "unit/workers/many-runs-of-changing-width");
}

/* No worker goes on before all have come, and none is a meeting ahead */
static void meet_often(struct worker *w, void *data)
{
	int threads = *(int *)data;

	(void)w;
	for (int i = 1; i <= MEETINGS; i++) {
		seen.arrived++;
		workers_meet();
		if (seen.arrived < i * threads ||
		    seen.arrived > (i + 1) * threads)
			seen.early = true;
	}
}

static void test_meetings(void)
{
	bool right = true;

	for (int threads = 1; threads <= THREADS; threads++) {
		memset(&seen, 0, sizeof(seen));
		workers_run((unsigned int)threads, meet_often, &threads);
		right &= !seen.early && seen.arrived == MEETINGS * threads;
	}
	ok(right, "unit/workers/all-meet-before-any-goes-on");
}

static void test_buffers(void)
{
	bool apart = true;
	bool noise = true;
	const uint64_t *before = NULL;

	for (unsigned int i = 0; i < THREADS; i++) {
		const struct worker *w = worker_get(i);
		const uint64_t *src = w->src.data;

		apart &= w->index == i && w->small.data != w->src.data &&
			 !w->huge.data && (uintptr_t)src % 4096 == 0;
		/* Up to its last page: 5000 bytes are two pages */
		noise &= src[0] != src[1] && src[1023] != src[1022] &&
			 (!before || before[0] != src[0]);
		before = src;
	}
	ok(apart, "unit/workers/buffers-of-pages-for-each");
	ok(noise, "unit/workers/sources-hold-noise-that-differs");
}

static void keep_first_word(uint64_t *word)
{
	for (unsigned int i = 0; i < THREADS; i++)
		word[i] = *(uint64_t *)worker_get(i)->src.data;
}

static void test_seed(void)
{
	uint64_t first[THREADS], again[THREADS], other[THREADS];

	keep_first_word(first);
	workers_init(THREADS, BYTES, 1); /* ends the ones before by itself */
	keep_first_word(again);
	workers_init(THREADS, BYTES, 77);
	keep_first_word(other);
	ok(!memcmp(first, again, sizeof(first)),
	   "unit/workers/same-seed-same-noise");
	ok(memcmp(first, other, sizeof(first)) != 0,
	   "unit/workers/other-seed-other-noise");
}

/* The end gives the caller back the CPUs that it had */
static void test_affinity(void)
{
	cpu_set_t before, during, after;
	bool pinned;

	sched_getaffinity(0, sizeof(before), &before);
	workers_init(1, BYTES, 1);
	sched_getaffinity(0, sizeof(during), &during);
	pinned = workers_pinned();
	workers_end();
	sched_getaffinity(0, sizeof(after), &after);
	ok(!pinned || CPU_COUNT(&during) == 1,
	   "unit/workers/pinned-is-to-one-cpu");
	ok(CPU_EQUAL(&before, &after), "unit/workers/end-takes-the-pin-off");
	ok(!workers_pinned(), "unit/workers/pinned-no-more-after-the-end");
	workers_end();
	ok(true, "unit/workers/second-end-is-harmless");
}

int main(void)
{
	if (workers_init(THREADS, BYTES, 1))
		return 1;
	test_runs();
	test_many_runs();
	test_meetings();
	test_buffers();
	test_seed();
	workers_end();
	test_affinity();
	done_testing();
	return exit_status();
}
