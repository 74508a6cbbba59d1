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

/**
 * struct series - the samples of a case, from all rounds; starts as zeroes
 * @n: samples so far
 * @batch: operations timed together in a sample
 * @samples: cycles of each sample
 * @empties: cycles of the same, doing nothing, right after each sample
 */
struct series {
	int32_t n;
	uint32_t batch;
	uint64_t samples[SAMPLES_MAX];
	uint64_t empties[SAMPLES_MAX];
};

/**
 * struct result - one measured case; cycles are hundredths and per operation
 * @min: fastest sample
 * @p50: median of the samples
 * @p99: 99th percentile of the samples
 * @overhead: what was subtracted from each of them: the median of the samples
 *            of an operation that does nothing
 */
struct result {
	int64_t min;
	int64_t p50;
	int64_t p99;
	int64_t overhead;
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
