// SPDX-License-Identifier: GPL-2.0-or-later
/* Which vector unit the generators use. */
#include "vector.h"

MyRngVector my_rng_vector_chosen;

static bool cpu_has(MyRngVector vector)
{
#if MY_RNG_VECTOR_X86
    if (vector == MY_RNG_VECTOR_AVX2) {
        return __builtin_cpu_supports("avx2");
    }
    if (vector == MY_RNG_VECTOR_AVX512) {
        return __builtin_cpu_supports("avx512f") &&
               __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl");
    }
#endif
    return vector == MY_RNG_VECTOR_BASE;
}

bool my_rng_vector_use(MyRngVector vector)
{
    if (!cpu_has(vector)) {
        return false;
    }
    __atomic_store_n(&my_rng_vector_chosen, vector, __ATOMIC_RELAXED);
    return true;
}

MyRngVector my_rng_vector_widest(void)
{
    MyRngVector vector = MY_RNG_VECTORS;

    do {
        vector--;
    } while (!my_rng_vector_use(vector));
    return vector;
}
