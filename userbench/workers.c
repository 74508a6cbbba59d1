// SPDX-License-Identifier: GPL-2.0-or-later
/* Threads that measure together. */
#include "workers.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "prng.h"

typedef void (*job_fn)(struct worker *w, void *data);

static struct {
	struct worker *workers;
	pthread_t *threads; /* the first is not used */
	unsigned int max;
	unsigned int started; /* threads beside the caller's */
	size_t buffer_bytes;
	cpu_set_t cpus; /* allowed at start */
	bool pinned;
	bool locked;
	pthread_barrier_t barrier; /* of the run */
	atomic_ulong awake;        /* workers that left it, all meetings */
	pthread_mutex_t lock;      /* protects what follows */
	pthread_cond_t changed;
	unsigned long run; /* number of the run; 0 before the first */
	unsigned int want; /* workers of it */
	unsigned int done; /* workers that did the job, but for the caller's */
	job_fn job;        /* NULL: end */
	void *data;
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER,
	   .changed = PTHREAD_COND_INITIALIZER };

/* The caller on the last CPU, the next worker on the one before, and so on */
static int pin(unsigned int index)
{
	unsigned int count = (unsigned int)CPU_COUNT(&pool.cpus);
	unsigned int nth = count - 1 - index % count;
	cpu_set_t one;
	int cpu = 0;

	for (; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &pool.cpus) && !nth--)
			break;
	}
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	return sched_setaffinity(0, sizeof(one), &one);
}

static void *serve(void *arg)
{
	struct worker *w = arg;
	unsigned long seen = 0;

	pin(w->index);
	pthread_mutex_lock(&pool.lock);
	for (;;) {
		while (pool.run == seen)
			pthread_cond_wait(&pool.changed, &pool.lock);
		seen = pool.run;
		if (!pool.job)
			break;
		if (w->index >= pool.want)
			continue;
		pthread_mutex_unlock(&pool.lock);
		pool.job(w, pool.data);
		pthread_mutex_lock(&pool.lock);
		pool.done++;
		pthread_cond_broadcast(&pool.changed);
	}
	pthread_mutex_unlock(&pool.lock);
	return NULL;
}

static void announce(unsigned int threads, job_fn job, void *data)
{
	pthread_mutex_lock(&pool.lock);
	pool.run++;
	pool.want = threads;
	pool.done = 0;
	pool.job = job;
	pool.data = data;
	pthread_cond_broadcast(&pool.changed);
	pthread_mutex_unlock(&pool.lock);
}

void workers_run(unsigned int threads, job_fn job, void *data)
{
	pthread_barrier_init(&pool.barrier, NULL, threads);
	atomic_store(&pool.awake, 0);
	announce(threads, job, data);
	job(&pool.workers[0], data);
	pthread_mutex_lock(&pool.lock);
	while (pool.done < threads - 1)
		pthread_cond_wait(&pool.changed, &pool.lock);
	pthread_mutex_unlock(&pool.lock);
	pthread_barrier_destroy(&pool.barrier);
}

/*
 * The barrier wakes sleepers some 50 us after the last worker came: 2 % of a
 * slice. So all wait once more, awake. The next meeting begins after all have
 * counted themselves here, so the count tells which meeting this is.
 */
void workers_meet(void)
{
	unsigned long before, all;

	pthread_barrier_wait(&pool.barrier);
	before = atomic_fetch_add(&pool.awake, 1);
	all = (before / pool.want + 1) * pool.want;
	while (atomic_load(&pool.awake) < all)
		sched_yield();
}

struct worker *worker_get(unsigned int index)
{
	return &pool.workers[index];
}

bool workers_pinned(void)
{
	return pool.pinned;
}

bool workers_locked(void)
{
	return pool.locked;
}

bool workers_have_huge(unsigned int threads)
{
	for (unsigned int i = 0; i < threads; i++) {
		struct buffer *huge = &pool.workers[i].huge;

		if (!huge->data && buffer_make_huge(huge, pool.buffer_bytes))
			return false;
	}
	return true;
}

/* ---- before and after ---- */

static int init_worker(unsigned int index, uint64_t seed)
{
	struct worker *w = &pool.workers[index];
	uint64_t *src;

	w->index = index;
	w->noise = seed + index;
	if (buffer_make(&w->src, pool.buffer_bytes) ||
	    buffer_make(&w->small, pool.buffer_bytes))
		return -1;
	pool.locked = pool.locked && w->src.locked && w->small.locked;
	src = w->src.data;
	for (size_t i = 0; i < pool.buffer_bytes / sizeof(*src); i++)
		src[i] = prng_next(&w->noise);
	return 0;
}

static int start_threads(unsigned int threads)
{
	int error = 0;

	for (unsigned int i = 1; i < threads && !error; i++) {
		error = pthread_create(&pool.threads[i], NULL, serve,
				       &pool.workers[i]);
		pool.started += !error;
	}
	if (error)
		log_error("cannot start %u threads: %s", threads,
			  strerror(error));
	return error ? -1 : 0;
}

static int make_pool(unsigned int threads, uint64_t seed)
{
	pool.workers = calloc(threads, sizeof(*pool.workers));
	pool.threads = calloc(threads, sizeof(*pool.threads));
	if (!pool.workers || !pool.threads) {
		log_error("out of memory for %u threads", threads);
		return -1;
	}
	pool.max = threads;
	pool.run = 0;
	for (unsigned int i = 0; i < threads; i++) {
		if (init_worker(i, seed))
			return -1;
	}
	return start_threads(threads);
}

int workers_init(unsigned int threads, size_t bytes, uint64_t seed)
{
	workers_end();
	if (sched_getaffinity(0, sizeof(pool.cpus), &pool.cpus)) {
		log_error("cannot ask which CPUs may be used: %s",
			  strerror(errno));
		return -1;
	}
	pool.buffer_bytes = (bytes + 4095) / 4096 * 4096;
	pool.locked = true;
	if (make_pool(threads, seed)) {
		workers_end();
		return -1;
	}
	pool.pinned = !pin(0);
	if (!pool.pinned)
		log_note("cannot pin to a CPU: %s", strerror(errno));
	if (!pool.locked)
		log_note("buffers are not locked into memory (see ulimit -l)");
	return 0;
}

void workers_end(void)
{
	if (pool.started)
		announce(0, NULL, NULL);
	for (unsigned int i = 1; i <= pool.started; i++)
		pthread_join(pool.threads[i], NULL);
	for (unsigned int i = 0; i < pool.max; i++) {
		buffer_free(&pool.workers[i].src);
		buffer_free(&pool.workers[i].small);
		buffer_free(&pool.workers[i].huge);
	}
	if (pool.pinned)
		sched_setaffinity(0, sizeof(pool.cpus), &pool.cpus);
	free(pool.workers);
	free(pool.threads);
	pool.workers = NULL;
	pool.threads = NULL;
	pool.max = 0;
	pool.started = 0;
	pool.pinned = false;
}
