/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Timing of single operations with the TSC. */
#ifndef EXITBENCH_MEASURE_H
#define EXITBENCH_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

struct bench_case;

/**
 * struct machine - what was found out about this processor's time
 * @loop: cycles of one turn of an empty two-instruction loop, hundredths
 * @step: fewest cycles between two readings of the TSC that differ
 * @emulated: every instruction of ours is emulated, by a KVM without hardware
 * @iterations: most samples of a case
 */
struct machine {
	uint64_t loop;
	uint64_t step;
	bool emulated;
	int32_t iterations;
};

/* A case is measured in so many turns with all the others. */
#define ROUNDS 5

#define SAMPLES_MAX 10000

/* One in so many samples is followed by one of twice as many operations. */
#define DOUBLE_EVERY 4
#define DOUBLES_MAX  (SAMPLES_MAX / DOUBLE_EVERY)

/* A figure that cannot be told from what timer and loop cost */
#define UNTOLD INT64_MIN

/**
 * struct series - the samples of a case, from all rounds; starts as zeroes
 * @n: samples so far
 * @batch: operations timed together in a sample
 * @samples: cycles of each sample
 * @empties: cycles of the same, doing nothing, right after each sample
 * @doubles: how many of @slopes there are
 * @slopes: cycles that a batch adds to one of the same size, less what an empty
 *          one adds; SLOPE_ZERO is added, so that none is negative
 */
struct series {
	int32_t n;
	uint32_t batch;
	uint64_t samples[SAMPLES_MAX];
	uint64_t empties[SAMPLES_MAX];
	int32_t doubles;
	uint64_t slopes[DOUBLES_MAX];
};

#define SLOPE_ZERO (UINT64_C(1) << 62)

/**
 * struct result - one measured case; cycles are hundredths and per operation
 * @min: fastest sample less the fastest empty one, at most @p50
 * @p50: median of the samples less @overhead
 * @p99: 99th percentile of the samples less @overhead
 * @overhead: median of the samples of an operation that does nothing
 * @slope: a second estimate of @p50, from batches of n and of 2n operations: the
 *         timer's cost drops out of it. UNTOLD also if there are no batches of 2n
 *
 * Each is UNTOLD where it is not above the overhead's spread, which is its
 * median less its minimum.
 */
struct result {
	int64_t min;
	int64_t p50;
	int64_t p99;
	int64_t overhead;
	int64_t slope;
};

/**
 * measure_calibrate() - look at the machine, once, before all measurements
 *
 * Return: what was found.
 */
const struct machine *measure_calibrate(void);

/**
 * measure_round() - take one round's share of the samples of a case
 * @c: the case, set up
 * @series: its samples, added to
 * @round: 0 to ROUNDS - 1
 *
 * Return: the operations done, those that are no sample included.
 */
uint64_t measure_round(const struct bench_case *c, struct series *series,
		       int32_t round);

/**
 * measure_result() - evaluate a series; the order of its samples is lost
 * @c: the case
 * @series: its samples
 * @res: target
 */
void measure_result(const struct bench_case *c, struct series *series,
		    struct result *res);

#endif
