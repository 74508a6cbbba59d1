// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Generator "mt19937": the Mersenne Twister of Makoto Matsumoto and Takuji
 * Nishimura (ACM TOMACS 8, 1998), seeded as init_genrand() of their program of
 * 2002 does.
 *
 * Their array of 624 words that is made anew as a whole is here one sequence,
 * x[i] made of x[i-624], x[i-623] and x[i-227]; each output is x[i], tempered.
 */
#include "history.h"
#include "my_rng_regs.h"

#define N      624         /* words that determine the sequence */
#define M      397         /* the word in the middle */
#define UPPER  0x80000000u /* of the oldest word only this bit counts */
#define MATRIX 0x9908b0dfu
#define BLOCK  2496 /* words between two moves of the history */

#define TEMPER(y)                                                              \
    do {                                                                       \
        (y) ^= (y) >> 11;                                                      \
        (y) ^= (y) << 7 & 0x9d2c5680;                                          \
        (y) ^= (y) << 15 & 0xefc60000;                                         \
        (y) ^= (y) >> 18;                                                      \
    } while (0)

/* Invariant: N <= pos; the words before pos are x[], the latest last */
typedef struct MtState {
    uint32_t x[N + BLOCK];
    uint32_t pos;
} MtState;

#define VECTOR_LOOP  mt19937_words
#define VECTOR_STATE uint32_t
#define VECTOR_BODY  "gen_mt19937_loop.h"
#include "vector_each.h"

static void mt19937_fill(void *state, uint32_t *dst, size_t nwords)
{
    MtState *s = state;

    my_rng_history_fill(s->x, &s->pos, N, N + BLOCK, mt19937_words, dst,
                        nwords);
}

static void mt19937_seed(void *state, uint32_t seed)
{
    MtState *s = state;
    uint32_t i;

    s->x[0] = seed;
    for (i = 1; i < N; i++) {
        s->x[i] = 1812433253 * (s->x[i - 1] ^ s->x[i - 1] >> 30) + i;
    }
    s->pos = N;
}

static void mt19937_save(const void *state, uint32_t *words)
{
    const MtState *s = state;

    memcpy(words, s->x + s->pos - N, N * sizeof(*words));
}

static int mt19937_load(void *state, const uint32_t *words)
{
    MtState *s = state;
    uint32_t any = words[0] & UPPER;
    unsigned i;

    memcpy(s->x, words, N * sizeof(*words));
    s->pos = N;
    for (i = 1; i < N; i++) {
        any |= words[i];
    }
    /* All zero is the one state this generator never leaves */
    return any ? 0 : -1;
}

const MyRngGen my_rng_gen_mt19937 = {
    .name = "mt19937",
    .id = MY_RNG_GEN_MT19937,
    .state_size = sizeof(MtState),
    .saved_words = N,
    .seed = mt19937_seed,
    .fill = mt19937_fill,
    .save = mt19937_save,
    .load = mt19937_load,
};
