// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Generator "glibc": the sequence of glibc's srand() and rand() from a state of
 * its own.
 *
 * The additive feedback generator of random(3), r[i] = r[i-3] + r[i-31] mod
 * 2^32, of which each output drops the lowest bit (for the recurrence see
 * Knuth, The Art of Computer Programming, volume 2, section 3.2.2).
 *
 * Bulk fill makes eight words at a time. With the delay operator z the
 * recurrence is p(z) = 1 - z^3 - z^31 = 0, so every multiple of p holds too.
 * p(z) p(iz) p(-z) p(-iz) has only powers of z^4 and gives
 *
 *   r[i] = r[i-12] + 4 r[i-40] + 6 r[i-68] + 4 r[i-96] + r[i-124],
 *
 * whose shortest lag is longer than a vector.
 */
#include <string.h>

#include "gen.h"
#include "history.h"
#include "my_rng_regs.h"

#define DEGREE  31            /* words that determine the sequence */
#define HISTORY (4 * DEGREE)  /* words kept, for the lags above */
#define BLOCK   1024          /* words between two moves of the history */
#define WARM_UP (10 * DEGREE) /* words that glibc throws away after seeding */
#define SEEDED  (DEGREE + 3)  /* words before the recurrence sets in */
#define FIRST   (SEEDED + WARM_UP)
#define LANES   8

/* Invariant: HISTORY <= pos; the words before pos are r[], the latest last */
typedef struct GlibcState {
    uint32_t r[HISTORY + BLOCK];
    uint32_t pos;
} GlibcState;

#define VECTOR_LOOP  glibc_words
#define VECTOR_STATE uint32_t
#define VECTOR_BODY  "gen_glibc_loop.h"
#include "vector_each.h"

static void glibc_fill(void *state, uint32_t *dst, size_t nwords)
{
    GlibcState *s = state;

    my_rng_history_fill(s->r, &s->pos, HISTORY, HISTORY + BLOCK, glibc_words,
                        dst, nwords);
}

/*
 * The first 31 words come from a Lehmer generator, multiplier 16807, modulus
 * 2^31 - 1; the next three repeat the first three.
 */
static void glibc_seed(void *state, uint32_t seed)
{
    GlibcState *s = state;
    uint32_t r[FIRST];
    int64_t word = (int32_t)(seed ? seed : 1);
    unsigned i;

    r[0] = word;
    for (i = 1; i < DEGREE; i++) {
        word = 16807 * word % 0x7fffffff;
        if (word < 0) {
            word += 0x7fffffff;
        }
        r[i] = word;
    }
    for (; i < SEEDED; i++) {
        r[i] = r[i - DEGREE];
    }
    for (; i < FIRST; i++) {
        r[i] = r[i - 3] + r[i - DEGREE];
    }
    memcpy(s->r, r + FIRST - HISTORY, HISTORY * sizeof(*r));
    s->pos = HISTORY;
}

/* The last 31 words, oldest first, determine all others */
static void glibc_save(const void *state, uint32_t *words)
{
    const GlibcState *s = state;

    memcpy(words, s->r + s->pos - DEGREE, DEGREE * sizeof(*words));
}

/* Any 31 words are a state; the older ones follow by the recurrence backwards */
static int glibc_load(void *state, const uint32_t *words)
{
    GlibcState *s = state;
    unsigned i;

    memcpy(s->r + HISTORY - DEGREE, words, DEGREE * sizeof(*words));
    for (i = HISTORY - DEGREE; i-- > 0;) {
        s->r[i] = s->r[i + DEGREE] - s->r[i + DEGREE - 3];
    }
    s->pos = HISTORY;
    return 0;
}

const MyRngGen my_rng_gen_glibc = {
    .name = "glibc",
    .id = MY_RNG_GEN_GLIBC,
    .state_size = sizeof(GlibcState),
    .saved_words = DEGREE,
    .seed = glibc_seed,
    .fill = glibc_fill,
    .save = glibc_save,
    .load = glibc_load,
};
