/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One slice of one cell: some milliseconds of calls with a reading of the
 * reference loop before and after. Cells stay open and warm between slices.
 */
#ifndef USERBENCH_SLICES_H
#define USERBENCH_SLICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "device.h"
#include "hist.h"
#include "plan.h"

/**
 * struct slice_spec - how long and how much
 * @slice_ns: length of a slice
 * @too_slow_ns: a cell whose one call takes longer is left out; 0: never
 * @times: read the device's stopwatch around the calls
 * @huge: the destination lies in huge pages, whatever the engine
 * @count: calls of a slice that counts
 */
struct slice_spec {
	uint64_t slice_ns;
	uint64_t too_slow_ns;
	bool times;
	bool huge;
	uint64_t count;
};

enum slice_kind {
	SLICE_RATE,    /* as many calls as fit, no clock read between them */
	SLICE_LATENCY, /* each call timed by itself */
	SLICE_COUNT,   /* so many calls, for counting; not timed */
};

/**
 * struct slice - what one slice gave
 * @kind: of it
 * @before: reference reading before it, ns per call; NAN of SLICE_COUNT
 * @after: the one after it
 * @calls: calls, all threads
 * @ns: wall time, first start to last end
 * @syscalls: system calls of those calls
 * @counted: @stats is known
 * @stats: what the device counted during those calls
 * @timed: @times is known
 * @times: what the device's stopwatch took during those calls; the prices and
 *	the clock's rate as of their end
 * @latency: of SLICE_LATENCY, ns of single calls, raw: the cost of two clock
 *	reads is in them
 */
struct slice {
	enum slice_kind kind;
	double before;
	double after;
	uint64_t calls;
	uint64_t ns;
	uint64_t syscalls;
	bool counted;
	struct my_rng_stats stats;
	bool timed;
	struct my_rng_times times;
	struct hist latency;
};

enum taken {
	TAKEN,
	TAKEN_LEFT_OUT,
	TAKEN_FAILED
};

/**
 * slices_init() - threads, buffers, and room for the cells
 * @cells: how many cells there are; their ids are 1 to @cells
 * @threads: most threads of a cell
 * @bytes: most bytes per call
 * @seed: for buffer contents
 *
 * Ends with slices_end() what an earlier call began.
 *
 * Return: 0, or -1 after a message.
 */
int slices_init(size_t cells, unsigned int threads, size_t bytes,
		uint64_t seed);

/** slices_end() - close all cells and give back what slices_init() made */
void slices_end(void);

/**
 * slices_take() - one slice
 * @c: the cell; its left_out is updated
 * @spec: how long
 * @kind: of the slice
 * @out: valid when TAKEN
 *
 * The first slice of a cell opens it, checks that its calls deliver and warms
 * up; each slice begins with some calls that are not timed. The cell stays open
 * after the slice unless it is exclusive. MARK holds the cell's id while the
 * calls run that @out is about.
 *
 * Return: TAKEN; TAKEN_LEFT_OUT with a note (too slow, or no huge pages for a
 * cell that wants them); TAKEN_FAILED after a message (a call failed, came
 * short or delivered nothing).
 */
enum taken slices_take(struct cell *c, const struct slice_spec *spec,
		       enum slice_kind kind, struct slice *out);

/** slice_ns_call() - ns per call and thread */
double slice_ns_call(const struct slice *s, const struct cell *c);

/** slices_timer_ns() - median time between two clock reads in a row */
uint64_t slices_timer_ns(void);

#endif /* USERBENCH_SLICES_H */
