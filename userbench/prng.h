/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The harness' own random numbers (cell order, buffer patterns): splitmix64,
 * after Steele, Lea and Flood, "Fast splittable pseudorandom number
 * generators" (2014). Never a thing that is measured.
 */
#ifndef USERBENCH_PRNG_H
#define USERBENCH_PRNG_H

#include <stdint.h>

/** prng_next() - the next 64 bits; *@state may start as anything */
static inline uint64_t prng_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/** prng_below() - a number in [0, @limit); the bias is below @limit / 2^64 */
static inline uint64_t prng_below(uint64_t *state, uint64_t limit)
{
	return ((unsigned __int128)prng_next(state) * limit) >> 64;
}

#endif /* USERBENCH_PRNG_H */
