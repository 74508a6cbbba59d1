/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which vector unit the generators use: the widest that the compiler knows and
 * this CPU has, chosen when the program runs. vector_each.h compiles a loop once
 * for each.
 */
#ifndef MY_RNG_VECTOR_H
#define MY_RNG_VECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * enum MyRngVector - the ways a loop is compiled
 * @MY_RNG_VECTOR_UNKNOWN: not looked yet
 * @MY_RNG_VECTOR_BASE: 16 bytes, what every CPU of the architecture has (SSE2)
 * @MY_RNG_VECTOR_AVX2: 32 bytes
 * @MY_RNG_VECTOR_AVX512: 64 bytes, with its F, BW, DQ and VL parts
 * @MY_RNG_VECTORS: one more than the last
 */
typedef enum MyRngVector {
    MY_RNG_VECTOR_UNKNOWN,
    MY_RNG_VECTOR_BASE,
    MY_RNG_VECTOR_AVX2,
    MY_RNG_VECTOR_AVX512,
    MY_RNG_VECTORS,
} MyRngVector;

/* Private: the choice. Any thread may be the first to look, all see the same */
extern MyRngVector my_rng_vector_chosen;

/** my_rng_vector_widest() - look what this CPU has, and choose it */
MyRngVector my_rng_vector_widest(void);

/**
 * my_rng_vector_use() - choose another one than the widest
 * @vector: what to use from now on
 *
 * For tests: no word of any generator depends on it.
 *
 * Return: false, and nothing changes, if this CPU or this build has it not.
 */
bool my_rng_vector_use(MyRngVector vector);

/** my_rng_vector() - the one in use */
static inline MyRngVector my_rng_vector(void)
{
    MyRngVector chosen =
        __atomic_load_n(&my_rng_vector_chosen, __ATOMIC_RELAXED);

    return chosen ? chosen : my_rng_vector_widest();
}

/* clang cannot ask for whole 64-byte registers function by function */
#if defined(__x86_64__) && !defined(__clang__)
#define MY_RNG_VECTOR_X86 1
#else
#define MY_RNG_VECTOR_X86 0
#endif

#endif /* MY_RNG_VECTOR_H */
