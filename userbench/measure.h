/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running one sample of one cell: warm-up, throughput phase, latency phase, on
 * as many threads as the cell wants.
 */
#ifndef USERBENCH_MEASURE_H
#define USERBENCH_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "device.h"
#include "hist.h"
#include "plan.h"

/**
 * struct measure_spec - how long and how much
 * @sample_ns: length of the throughput phase
 * @latency_ns: longest latency phase
 * @latency_calls: most calls of a thread in the latency phase
 * @too_slow_ns: a cell whose one call takes longer is left out; 0: never
 * @times: read the device's stopwatch around the throughput phase
 * @huge: the destination lies in huge pages, whatever the engine
 * @count: in place of @sample_ns of calls, so many; 1 if a call takes longer
 *	than @sample_ns. 0: @sample_ns of calls
 */
struct measure_spec {
	uint64_t sample_ns;
	uint64_t latency_ns;
	uint64_t latency_calls;
	uint64_t too_slow_ns;
	bool times;
	bool huge;
	uint64_t count;
};

/**
 * struct sample - what one sample gave
 * @calls: calls in the throughput phase, all threads
 * @ns: wall time of the throughput phase, first start to last end
 * @syscalls: system calls of those calls
 * @counted: @stats is known
 * @stats: what the device counted during the throughput phase
 * @timed: @times is known
 * @times: what the device's stopwatch took during the throughput phase; the
 *	prices and the clock's rate as of its end
 * @latency: ns of single calls, raw: the cost of two clock reads is in them
 */
struct sample {
	uint64_t calls;
	uint64_t ns;
	uint64_t syscalls;
	bool counted;
	struct my_rng_stats stats;
	bool timed;
	struct my_rng_times times;
	struct hist latency;
};

enum measured {
	MEASURED,
	MEASURE_LEFT_OUT,
	MEASURE_FAILED
};

/**
 * measure_init() - buffers, and pin the calling thread
 * @threads: most threads of a cell
 * @bytes: most bytes per call
 * @seed: for buffer contents
 *
 * The calling thread is worker 0 from now on.
 *
 * Return: 0, or -1 after a message.
 */
int measure_init(unsigned int threads, size_t bytes, uint64_t seed);

/** measure_pinned() - whether threads sit on CPUs of their own */
bool measure_pinned(void);

/** measure_locked() - whether the buffers are locked into memory */
bool measure_locked(void);

/**
 * measure_cell() - one sample
 * @spec: how long
 * @c: its ns_call and left_out are updated
 * @out: valid when MEASURED
 *
 * MARK holds the cell's id from the warm-up to the end of the sample; when
 * counting, exactly while the calls run that @out is about. A call
 * that takes longer than a whole throughput phase is made once, and that once
 * is the latency sample too; from the second repetition on without warm-up.
 *
 * Return: MEASURED; MEASURE_LEFT_OUT with a note (too slow, or no huge pages
 * for a cell that wants them); MEASURE_FAILED after a
 * message (a call failed, came short or delivered nothing).
 */
enum measured measure_cell(struct cell *c, const struct measure_spec *spec,
			   struct sample *out);

/** measure_timer_ns() - median time between two clock reads in a row */
uint64_t measure_timer_ns(void);

/** measure_end() - give back what measure_init() made */
void measure_end(void);

#endif /* USERBENCH_MEASURE_H */
