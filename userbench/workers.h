/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads that measure together, each with its own buffers and, while there are
 * enough, on a CPU of its own.
 */
#ifndef USERBENCH_WORKERS_H
#define USERBENCH_WORKERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

/**
 * struct worker - one thread
 * @index: from 0; 0 is the thread that called workers_init()
 * @src: noise to copy from
 * @small: a destination in ordinary pages
 * @huge: a destination in huge pages, once workers_have_huge() was true
 * @noise: state for buffer contents
 */
struct worker {
	unsigned int index;
	struct buffer src;
	struct buffer small;
	struct buffer huge;
	uint64_t noise;
};

/**
 * workers_init() - make threads and their buffers
 * @threads: most that work at once
 * @bytes: most bytes per call
 * @seed: for buffer contents
 *
 * The calling thread is pinned to the last CPU it may use: the first one takes
 * the machine's timer and interrupts.
 *
 * Return: 0, or -1 after a message.
 */
int workers_init(unsigned int threads, size_t bytes, uint64_t seed);

/** workers_end() - end the threads and give back the buffers */
void workers_end(void);

/** worker_get() - the worker of that index */
struct worker *worker_get(unsigned int index);

/** workers_pinned() - whether the calling thread stays on one CPU */
bool workers_pinned(void);

/** workers_locked() - whether the buffers are locked into memory */
bool workers_locked(void);

/** workers_have_huge() - whether the first @threads have buffers in huge pages */
bool workers_have_huge(unsigned int threads);

/**
 * workers_run() - let the first @threads workers do something at once
 * @threads: how many, at least 1
 * @job: what each does, on its own thread; worker 0 does it on the caller's
 * @data: for @job
 *
 * Return: when all are done.
 */
void workers_run(unsigned int threads,
		 void (*job)(struct worker *w, void *data), void *data);

/**
 * workers_meet() - in a job: wait until all workers of the run are here
 *
 * All go on within some microseconds, also if some had slept for long.
 */
void workers_meet(void);

#endif /* USERBENCH_WORKERS_H */
