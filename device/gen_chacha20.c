// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Generator "chacha20": the key stream of ChaCha20 (RFC 8439, section 2.3), from
 * block 0 on; words are those of the block function, in its order. The seed is the
 * first word of the key, the other seven are 0, and so is the nonce: seed 0 gives
 * the RFC's test vectors A.1 #1 and #2. The 32-bit block counter carries into the
 * first word of the nonce, so that the stream does not repeat after 256 GiB.
 *
 * The cipher is the real one, but with a seed of 32 bits it keeps no secret.
 *
 * Why from no library: those that Debian has as archives (nettle, libsodium) were
 * slower where this was written, cannot be told which vector unit to use, so that
 * no test could compare them, and would have to be linked into whatever QEMU tree
 * the user names.
 */
#include "block.h"
#include "my_rng_regs.h"

#define ROUNDS  20
#define KEY     4  /* index of the key's first word */
#define COUNTER 12 /* index of the block counter, whose high word is 13 */

typedef struct ChachaState {
    MyRngRest rest;
    uint32_t in[MY_RNG_BLOCK]; /* the block function's input, next to be used */
} ChachaState;

/* Words or vectors of them */
#define ROTATE(x, n) ((x) << (n) | (x) >> (32 - (n)))

#define QUARTER_ROUND(a, b, c, d)                                              \
    do {                                                                       \
        (a) += (b), (d) ^= (a), (d) = ROTATE(d, 16);                           \
        (c) += (d), (b) ^= (c), (b) = ROTATE(b, 12);                           \
        (a) += (b), (d) ^= (a), (d) = ROTATE(d, 8);                            \
        (c) += (d), (b) ^= (c), (b) = ROTATE(b, 7);                            \
    } while (0)

#define DOUBLE_ROUND(x)                                                        \
    do {                                                                       \
        QUARTER_ROUND((x)[0], (x)[4], (x)[8], (x)[12]);                        \
        QUARTER_ROUND((x)[1], (x)[5], (x)[9], (x)[13]);                        \
        QUARTER_ROUND((x)[2], (x)[6], (x)[10], (x)[14]);                       \
        QUARTER_ROUND((x)[3], (x)[7], (x)[11], (x)[15]);                       \
        QUARTER_ROUND((x)[0], (x)[5], (x)[10], (x)[15]);                       \
        QUARTER_ROUND((x)[1], (x)[6], (x)[11], (x)[12]);                       \
        QUARTER_ROUND((x)[2], (x)[7], (x)[8], (x)[13]);                        \
        QUARTER_ROUND((x)[3], (x)[4], (x)[9], (x)[14]);                        \
    } while (0)

/* @by < 2^32 */
static inline void count_up(uint32_t *in, uint32_t by)
{
    in[COUNTER] += by;
    in[COUNTER + 1] += in[COUNTER] < by;
}

#define VECTOR_LOOP  chacha20_make
#define VECTOR_STATE uint32_t
#define VECTOR_BODY  "gen_chacha20_loop.h"
#include "vector_each.h"

static void chacha20_blocks(void *state, uint32_t *dst, size_t n)
{
    ChachaState *s = state;

    chacha20_make(s->in, dst, n);
}

static void chacha20_fill(void *state, uint32_t *dst, size_t nwords)
{
    ChachaState *s = state;

    my_rng_block_fill(s, &s->rest, chacha20_blocks, dst, nwords);
}

static void set_constants(ChachaState *s)
{
    static const uint32_t constants[KEY] = { 0x61707865, 0x3320646e, 0x79622d32,
                                             0x6b206574 };

    memcpy(s->in, constants, sizeof(constants));
}

static void chacha20_seed(void *state, uint32_t seed)
{
    ChachaState *s = state;

    memset(s, 0, sizeof(*s));
    set_constants(s);
    s->in[KEY] = seed;
}

static void chacha20_save(const void *state, uint32_t *words)
{
    const ChachaState *s = state;

    memcpy(words, s->in + KEY, (MY_RNG_BLOCK - KEY) * sizeof(*words));
    my_rng_rest_save(&s->rest, words + MY_RNG_BLOCK - KEY);
}

/* Any key, counter and nonce is a state */
static int chacha20_load(void *state, const uint32_t *words)
{
    ChachaState *s = state;

    set_constants(s);
    memcpy(s->in + KEY, words, (MY_RNG_BLOCK - KEY) * sizeof(*words));
    return my_rng_rest_load(&s->rest, words + MY_RNG_BLOCK - KEY);
}

const MyRngGen my_rng_gen_chacha20 = {
    .name = "chacha20",
    .id = MY_RNG_GEN_CHACHA20,
    .state_size = sizeof(ChachaState),
    .saved_words = MY_RNG_BLOCK - KEY + MY_RNG_REST_WORDS,
    .seed = chacha20_seed,
    .fill = chacha20_fill,
    .save = chacha20_save,
    .load = chacha20_load,
};
