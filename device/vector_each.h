/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compiles one loop for each vector unit; included by a generator, and more than
 * once if it has more than one loop. The generator defines before
 *
 *   VECTOR_LOOP   name of a function, void (VECTOR_STATE *s, uint32_t *dst,
 *                 size_t n)
 *   VECTOR_STATE  type of its first argument
 *   VECTOR_BODY   file that defines VECTOR_FN(name) for one unit, whose registers
 *                 have VECTOR_BYTES bytes
 *
 * and gets a function of that name that calls the one for the unit in use. Vectors
 * as wide as the registers are what a compiler does well: wider ones it keeps in
 * memory, narrower ones waste what is there.
 */
#include "vector.h"

#define VECTOR_PASTE2(name, suffix) name##_##suffix
#define VECTOR_PASTE(name, suffix)  VECTOR_PASTE2(name, suffix)
#define VECTOR_FN(name)             VECTOR_PASTE(name, VECTOR_SUFFIX)

#define VECTOR_SUFFIX base
#define VECTOR_BYTES  16
#include VECTOR_BODY
#undef VECTOR_SUFFIX
#undef VECTOR_BYTES

#if MY_RNG_VECTOR_X86

#pragma GCC push_options
#pragma GCC target("avx2")
#define VECTOR_SUFFIX avx2
#define VECTOR_BYTES  32
#include VECTOR_BODY
#undef VECTOR_SUFFIX
#undef VECTOR_BYTES
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,prefer-vector-width=512")
#define VECTOR_SUFFIX avx512
#define VECTOR_BYTES  64
#include VECTOR_BODY
#undef VECTOR_SUFFIX
#undef VECTOR_BYTES
#pragma GCC pop_options

#endif

static void VECTOR_LOOP(VECTOR_STATE *s, uint32_t *dst, size_t n)
{
#if MY_RNG_VECTOR_X86
    if (my_rng_vector() == MY_RNG_VECTOR_AVX512) {
        VECTOR_PASTE(VECTOR_LOOP, avx512)(s, dst, n);
        return;
    }
    if (my_rng_vector() == MY_RNG_VECTOR_AVX2) {
        VECTOR_PASTE(VECTOR_LOOP, avx2)(s, dst, n);
        return;
    }
#endif
    VECTOR_PASTE(VECTOR_LOOP, base)(s, dst, n);
}

#undef VECTOR_PASTE2
#undef VECTOR_PASTE
#undef VECTOR_FN
#undef VECTOR_LOOP
#undef VECTOR_STATE
#undef VECTOR_BODY
