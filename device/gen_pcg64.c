// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Generator "pcg64": PCG XSL RR 128/64 of Melissa O'Neill (PCG: A Family of
 * Simple Fast Space-Efficient Statistically Good Algorithms for Random Number
 * Generation, HMC-CS-2014-0905), pcg64 of her library. Seeded as by
 * pcg64_srandom_r(seed, 54): the sequence of her demonstration program, so that
 * its published output, which is that of seed 42, comes out of the device too.
 * Each 64-bit output is two words, the low half first.
 *
 * A block is 8 outputs. Four of them are made side by side, each by steps of
 * four at once, for one multiplication has to wait for the one before it.
 */
#include "block.h"
#include "my_rng_regs.h"

#define SEQUENCE 54 /* which of the 2^127 sequences */
#define STRIDE   4

#define U128(high, low) ((unsigned __int128)(high) << 64 | (low))
#define MULTIPLIER      U128(0x2360ed051fc65da4, 0x4385df649fccf645)
#define INCREMENT       ((unsigned __int128)(SEQUENCE << 1 | 1))

/* Of STRIDE steps at once: s -> M (M (M (M s + I) + I) + I) + I */
#define MULTIPLIER2 (MULTIPLIER * MULTIPLIER)
#define MULTIPLIER4 (MULTIPLIER2 * MULTIPLIER2)
#define INCREMENT4  ((MULTIPLIER + 1) * (MULTIPLIER2 + 1) * INCREMENT)

typedef struct PcgState {
    MyRngRest rest;
    uint64_t low;
    uint64_t high;
} PcgState;

/* An output, as it lies in memory as two words */
static inline uint64_t output(unsigned __int128 state)
{
    uint64_t x = (uint64_t)(state >> 64) ^ (uint64_t)state;
    unsigned rotation = state >> 122;

    x = x >> rotation | x << (-rotation & 63);
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? x >> 32 | x << 32 : x;
}

static void pcg64_blocks(void *state, uint32_t *dst, size_t n)
{
    PcgState *s = state;
    unsigned __int128 lane[STRIDE];
    size_t rounds = n * (MY_RNG_BLOCK / 2 / STRIDE);
    unsigned i;

    /* The state after a step is what gives the output */
    lane[STRIDE - 1] = U128(s->high, s->low);
    for (i = 0; i < STRIDE; i++) {
        lane[i] = lane[(i + STRIDE - 1) % STRIDE] * MULTIPLIER + INCREMENT;
    }
    for (; rounds; rounds--) {
        s->low = lane[STRIDE - 1];
        s->high = lane[STRIDE - 1] >> 64;
#pragma GCC unroll 4
        for (i = 0; i < STRIDE; i++, dst += 2) {
            uint64_t pair = output(lane[i]);

            memcpy(dst, &pair, sizeof(pair));
            lane[i] = lane[i] * MULTIPLIER4 + INCREMENT4;
        }
    }
}

static void pcg64_fill(void *state, uint32_t *dst, size_t nwords)
{
    PcgState *s = state;

    my_rng_block_fill(s, &s->rest, pcg64_blocks, dst, nwords);
}

static void pcg64_seed(void *state, uint32_t seed)
{
    PcgState *s = state;
    unsigned __int128 x = (INCREMENT + seed) * MULTIPLIER + INCREMENT;

    memset(s, 0, sizeof(*s));
    s->low = x;
    s->high = x >> 64;
}

static void pcg64_save(const void *state, uint32_t *words)
{
    const PcgState *s = state;

    words[0] = s->low;
    words[1] = s->low >> 32;
    words[2] = s->high;
    words[3] = s->high >> 32;
    my_rng_rest_save(&s->rest, words + 4);
}

/* Every 128-bit number is a state */
static int pcg64_load(void *state, const uint32_t *words)
{
    PcgState *s = state;

    s->low = words[0] | (uint64_t)words[1] << 32;
    s->high = words[2] | (uint64_t)words[3] << 32;
    return my_rng_rest_load(&s->rest, words + 4);
}

const MyRngGen my_rng_gen_pcg64 = {
    .name = "pcg64",
    .id = MY_RNG_GEN_PCG64,
    .state_size = sizeof(PcgState),
    .saved_words = 4 + MY_RNG_REST_WORDS,
    .seed = pcg64_seed,
    .fill = pcg64_fill,
    .save = pcg64_save,
    .load = pcg64_load,
};
