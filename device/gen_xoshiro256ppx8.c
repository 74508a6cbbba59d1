// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Generator "xoshiro256ppx8": eight generators xoshiro256++ of David Blackman and
 * Sebastiano Vigna (Scrambled Linear Pseudorandom Number Generators, ACM TOMS 47,
 * 2021) side by side, made to fill a vector register: the fastest one here.
 *
 * Generator 0 is seeded by splitmix64 from the 32-bit seed, as its authors advise;
 * each of the others is 2^128 outputs ahead of the one before it (their jump()), so
 * that no two overlap. They take turns: output n of the whole is output n / 8 of
 * generator n % 8. Each 64-bit output is two words, the low half first.
 */
#include "block.h"
#include "my_rng_regs.h"
#include "splitmix64.h"

#define LANES 8

typedef struct X8State {
    MyRngRest rest;
    uint64_t s[4][LANES]; /* word by word, so that a vector is one load */
} X8State;

/* Numbers of 64 bits or vectors of them */
#define ROTATE(x, n) ((x) << (n) | (x) >> (64 - (n)))

/* Outputs as they lie in memory as two words each */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOW_FIRST(x) ROTATE(x, 32)
#else
#define LOW_FIRST(x) (x)
#endif

#define VECTOR_LOOP  x8_make
#define VECTOR_STATE X8State
#define VECTOR_BODY  "gen_xoshiro256ppx8_loop.h"
#include "vector_each.h"

static void x8_blocks(void *state, uint32_t *dst, size_t n)
{
    x8_make(state, dst, n);
}

static void x8_fill(void *state, uint32_t *dst, size_t nwords)
{
    X8State *s = state;

    my_rng_block_fill(s, &s->rest, x8_blocks, dst, nwords);
}

/* One step of one generator, whose output nobody wants */
static void step(uint64_t s[4])
{
    uint64_t shifted = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = ROTATE(s[3], 45);
}

/* 2^128 steps; the constants are the authors' */
static void jump(uint64_t s[4])
{
    static const uint64_t polynomial[4] = { 0x180ec6d33cfd0aba,
                                            0xd5a61266f0c9392c,
                                            0xa9582618e03fc9aa,
                                            0x39abdc4529b1661c };
    uint64_t sum[4] = { 0 };
    unsigned bit, i;

    for (bit = 0; bit < 256; bit++) {
        for (i = 0; i < 4 && polynomial[bit / 64] >> bit % 64 & 1; i++) {
            sum[i] ^= s[i];
        }
        step(s);
    }
    memcpy(s, sum, sizeof(sum));
}

static void x8_seed(void *state, uint32_t seed)
{
    X8State *x = state;
    uint64_t sum = seed, s[4];
    unsigned i, lane;

    memset(x, 0, sizeof(*x));
    for (i = 0; i < 4; i++) {
        s[i] = my_rng_splitmix64(&sum);
    }
    for (lane = 0; lane < LANES; lane++) {
        for (i = 0; i < 4; i++) {
            x->s[i][lane] = s[i];
        }
        jump(s);
    }
}

/* Generator by generator */
static void x8_save(const void *state, uint32_t *words)
{
    const X8State *x = state;
    unsigned i;

    for (i = 0; i < 4 * LANES; i++) {
        uint64_t word = x->s[i % 4][i / 4];

        words[2 * i] = word;
        words[2 * i + 1] = word >> 32;
    }
    my_rng_rest_save(&x->rest, words + 8 * LANES);
}

static int x8_load(void *state, const uint32_t *words)
{
    X8State *x = state;
    unsigned i;

    for (i = 0; i < 4 * LANES; i++) {
        x->s[i % 4][i / 4] = words[2 * i] | (uint64_t)words[2 * i + 1] << 32;
    }
    for (i = 0; i < LANES; i++) {
        /* All zero is the one state that a generator never leaves */
        if (!(x->s[0][i] | x->s[1][i] | x->s[2][i] | x->s[3][i])) {
            return -1;
        }
    }
    return my_rng_rest_load(&x->rest, words + 8 * LANES);
}

const MyRngGen my_rng_gen_xoshiro256ppx8 = {
    .name = "xoshiro256ppx8",
    .id = MY_RNG_GEN_XOSHIRO256PPX8,
    .state_size = sizeof(X8State),
    .saved_words = 8 * LANES + MY_RNG_REST_WORDS,
    .seed = x8_seed,
    .fill = x8_fill,
    .save = x8_save,
    .load = x8_load,
};
