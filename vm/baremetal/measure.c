// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Timing of single operations with the TSC.
 *
 * All cases take turns in a few rounds, so that a noisy moment of the host does
 * not fall on one of them alone. A sample is the time of one operation, or of a
 * batch where one is so short that the steps of the TSC would show. After each
 * sample the same is done with the operation that does nothing; that is the cost
 * of timer and loop, and it is subtracted: a median from a median, a minimum from
 * a minimum. What is left must exceed the spread of what is subtracted.
 *
 * Some samples are followed by one of twice as many operations. What the second
 * half adds is the operation without the timer: a check of the subtraction.
 */
#include <stddef.h>

#include "bench.h"
#include "io.h"
#include "measure.h"
#include "options.h"

#define SAMPLES_EMULATED 1000 /* so that the whole run stays under a minute */
#define SAMPLES_MIN      20
#define TRIALS           5 /* samples of a round that are thrown away */

#define BATCH_MAX 64
#define STEPS     4 /* a sample should be as long as so many TSC steps */

/* Cycles a turn of an empty loop: hardware and tcg stay below 50 */
#define LOOP_TURNS    200
#define LOOP_EMULATED 100

/* To limit the time where the host did not give the TSC's rate */
#define TSC_KHZ_GUESS 2000000

static struct machine machine;

static const struct op nothing = { .fn = op_nothing };

static uint64_t sample(const struct bench_case *c, uint32_t batch)
{
	if (c->prepare)
		c->prepare(c, batch);
	return c->op.fn(&c->op, batch);
}

/*
 * After a sample: one of twice as many operations, and what it adds. Returns the
 * operations done, which are none if the device cannot take so many.
 */
static uint64_t sample_double(const struct bench_case *c, struct series *series)
{
	uint32_t batch = series->batch;
	int32_t last = series->n - 1;
	uint64_t one = series->samples[last], two, slope;

	if (c->prepare && !c->prepare(c, 2 * batch))
		return 0;
	two = c->op.fn(&c->op, 2 * batch);
	slope = SLOPE_ZERO + two - one;
	/* The empty case is shown as it is. */
	if (c->op.fn != op_nothing)
		slope -=
			nothing.fn(&nothing, 2 * batch) - series->empties[last];
	series->slopes[series->doubles++] = slope;
	return 2 * (uint64_t)batch;
}

/*
 * The number that would be at index @k if @n numbers were sorted; moves them
 * about. C. A. R. Hoare's FIND, 1961: an emulated processor has no time to sort.
 */
static uint64_t find(uint64_t *v, int32_t n, int32_t k)
{
	int32_t low = 0, high = n - 1;

	while (low < high) {
		uint64_t pivot = v[k], t;
		int32_t i = low, j = high;

		do {
			while (v[i] < pivot)
				i++;
			while (v[j] > pivot)
				j--;
			if (i <= j) {
				t = v[i];
				v[i++] = v[j];
				v[j--] = t;
			}
		} while (i <= j);
		if (j < k)
			low = i;
		if (k < i)
			high = j;
	}
	return v[k];
}

/* Nearest-rank percentile, 1 to 100. */
static uint64_t percentile(uint64_t *v, int32_t n, int32_t percent)
{
	return find(v, n, (n * percent + 99) / 100 - 1);
}

/* Warms up, and chooses the batch by the fastest of a few trials. */
static uint32_t choose_batch(const struct bench_case *c)
{
	int64_t best = INT64_MAX, floor = INT64_MAX;
	uint32_t batch = 1;

	for (unsigned int i = 0; i < TRIALS; i++) {
		int64_t t = (int64_t)sample(c, 1);
		int64_t e = (int64_t)nothing.fn(&nothing, 1);

		best = t < best ? t : best;
		floor = e < floor ? e : floor;
	}
	if (machine.emulated) /* everything takes longer than any step */
		return 1;
	while (batch < BATCH_MAX &&
	       (best - floor) * batch < (int64_t)(STEPS * machine.step))
		batch *= 2;
	return batch;
}

uint64_t measure_round(const struct bench_case *c, struct series *series,
		       int32_t round)
{
	uint64_t khz = options.tsc_khz ? options.tsc_khz : TSC_KHZ_GUESS;
	uint64_t budget = options.budget_ms * khz / ROUNDS;
	uint32_t batch = choose_batch(c);
	uint64_t calls = TRIALS;
	int32_t first = series->n;
	int32_t most = first + (machine.iterations - first) / (ROUNDS - round);
	int32_t least = SAMPLES_MIN * (round + 1) / ROUNDS;
	uint64_t start = rdtsc();

	if (!round)
		series->batch = batch;
	batch = series->batch;
	while (series->n < most &&
	       (series->n < least || rdtsc() - start < budget)) {
		series->samples[series->n] = sample(c, batch);
		series->empties[series->n] = nothing.fn(&nothing, batch);
		series->n++;
		calls += batch;
		if (series->n % DOUBLE_EVERY == 0)
			calls += sample_double(c, series);
	}
	return calls;
}

/* From cycles of a batch to hundredths of cycles an operation. */
static int64_t per_call(uint64_t cycles, uint32_t batch)
{
	return (int64_t)cycles * 100 / batch;
}

/* The same of a difference, which must exceed @spread. */
static int64_t told(uint64_t cycles, uint64_t spread, uint32_t batch)
{
	return (int64_t)cycles > (int64_t)spread ? per_call(cycles, batch)
						 : UNTOLD;
}

void measure_result(const struct bench_case *c, struct series *series,
		    struct result *res)
{
	uint64_t *v = series->samples;
	uint32_t batch = series->batch;
	int32_t n = series->n;
	uint64_t overhead = 0, least = 0, spread, min, p50;

	/* The empty case is what others are compared with: shown as it is. */
	if (c->op.fn != op_nothing) {
		overhead = percentile(series->empties, n, 50);
		least = find(series->empties, n, 0);
	}
	spread = overhead - least;
	min = find(v, n, 0) - least;
	p50 = percentile(v, n, 50) - overhead;
	/* Where the empties spread more than the samples do */
	if ((int64_t)min > (int64_t)p50)
		min = p50;
	res->overhead = per_call(overhead, batch);
	res->min = told(min, spread, batch);
	res->p50 = told(p50, spread, batch);
	res->p99 = told(percentile(v, n, 99) - overhead, spread, batch);
	res->slope = UNTOLD;
	if (series->doubles)
		res->slope =
			told(percentile(series->slopes, series->doubles, 50) -
				     SLOPE_ZERO,
			     0, batch);
}

/* Fewest cycles of the loop among a few tries, in hundredths a turn. */
static uint64_t loop_cycles(void)
{
	uint64_t best = ~0ull;

	for (unsigned int i = 0; i < TRIALS; i++) {
		uint64_t turns = LOOP_TURNS;
		uint64_t t = rdtsc();

		asm volatile("1: dec %0; jnz 1b" : "+r"(turns) : : "cc");
		t = rdtsc() - t;
		best = t < best ? t : best;
	}
	return best * 100 / LOOP_TURNS;
}

static uint64_t tsc_step(void)
{
	uint64_t best = ~0ull;

	for (unsigned int i = 0; i < LOOP_TURNS; i++) {
		uint64_t t = rdtsc();

		t = rdtsc() - t;
		if (t && t < best)
			best = t;
	}
	return best;
}

const struct machine *measure_calibrate(void)
{
	int32_t most = SAMPLES_MAX;

	machine.loop = loop_cycles();
	machine.step = tsc_step();
	machine.emulated = machine.loop > LOOP_EMULATED * 100;
	/* The emulator refuses lfence, and does everything in order anyway. */
	op_fenced = !machine.emulated;
	if (machine.emulated)
		most = SAMPLES_EMULATED;
	if (options.iterations && options.iterations < (uint64_t)most)
		most = (int32_t)options.iterations;
	machine.iterations = most < SAMPLES_MIN ? SAMPLES_MIN : most;
	return &machine;
}
