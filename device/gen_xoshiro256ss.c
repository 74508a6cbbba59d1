// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Generator "xoshiro256ss": xoshiro256** of David Blackman and Sebastiano
 * Vigna (Scrambled Linear Pseudorandom Number Generators, ACM TOMS 47, 2021),
 * its state filled by splitmix64 from the 32-bit seed, as they advise. Each
 * 64-bit output is two words, the low half first.
 */
#include <string.h>

#include "gen.h"
#include "my_rng_regs.h"
#include "splitmix64.h"

/* When held is 1, spare is the high half of an output whose low half is gone */
typedef struct XoshiroState {
    uint64_t s[4];
    uint32_t spare;
    uint32_t held;
} XoshiroState;

static inline uint64_t rotl64(uint64_t x, unsigned n)
{
    return x << n | x >> (64 - n);
}

static inline uint64_t xoshiro_next(uint64_t s[4])
{
    uint64_t result = rotl64(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl64(s[3], 45);
    return result;
}

/* An output as it lies in memory as two words: one store instead of two */
static inline uint64_t low_first(uint64_t x)
{
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? rotl64(x, 32) : x;
}

static void xoshiro_fill(void *state, uint32_t *dst, size_t nwords)
{
    XoshiroState *x = state;
    /* A local copy may live in registers, which *x may not: dst can alias it */
    uint64_t s[4] = { x->s[0], x->s[1], x->s[2], x->s[3] };
    uint64_t pair;

    if (x->held && nwords) {
        *dst++ = x->spare;
        x->spare = 0;
        x->held = 0;
        nwords--;
    }
    for (; nwords >= 2; nwords -= 2, dst += 2) {
        pair = low_first(xoshiro_next(s));
        memcpy(dst, &pair, sizeof(pair));
    }
    if (nwords) {
        pair = xoshiro_next(s);
        dst[0] = pair;
        x->spare = pair >> 32;
        x->held = 1;
    }
    x->s[0] = s[0];
    x->s[1] = s[1];
    x->s[2] = s[2];
    x->s[3] = s[3];
}

static void xoshiro_seed(void *state, uint32_t seed)
{
    XoshiroState *x = state;
    uint64_t sum = seed;
    unsigned i;

    for (i = 0; i < 4; i++) {
        x->s[i] = my_rng_splitmix64(&sum);
    }
    x->spare = 0;
    x->held = 0;
}

static void xoshiro_save(const void *state, uint32_t *words)
{
    const XoshiroState *x = state;
    unsigned i;

    for (i = 0; i < 4; i++) {
        words[2 * i] = x->s[i];
        words[2 * i + 1] = x->s[i] >> 32;
    }
    words[8] = x->spare;
    words[9] = x->held;
}

static int xoshiro_load(void *state, const uint32_t *words)
{
    XoshiroState *x = state;
    unsigned i;

    for (i = 0; i < 4; i++) {
        x->s[i] = words[2 * i] | (uint64_t)words[2 * i + 1] << 32;
    }
    x->spare = words[8];
    x->held = words[9];
    /* All zero is the one state this generator never leaves */
    return x->held <= 1 && (x->s[0] | x->s[1] | x->s[2] | x->s[3]) ? 0 : -1;
}

const MyRngGen my_rng_gen_xoshiro256ss = {
    .name = "xoshiro256ss",
    .id = MY_RNG_GEN_XOSHIRO256SS,
    .state_size = sizeof(XoshiroState),
    .saved_words = 10,
    .seed = xoshiro_seed,
    .fill = xoshiro_fill,
    .save = xoshiro_save,
    .load = xoshiro_load,
};
