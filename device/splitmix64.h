/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the xoshiro family is seeded by. */
#ifndef MY_RNG_SPLITMIX64_H
#define MY_RNG_SPLITMIX64_H

#include <stdint.h>

/** my_rng_splitmix64() - next output of splitmix64; @sum starts as the seed */
static inline uint64_t my_rng_splitmix64(uint64_t *sum)
{
    uint64_t z = *sum += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

#endif /* MY_RNG_SPLITMIX64_H */
