// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Generator "glibc": the sequence of glibc's srand() and rand() from a state of
 * its own.
 *
 * The additive feedback generator of random(3), r[i] = r[i-3] + r[i-31] mod
 * 2^32, of which each output drops the lowest bit (for the recurrence see
 * Knuth, The Art of Computer Programming, volume 2, section 3.2.2).
 *
 * Bulk fill makes four words at a time. With the delay operator z the
 * recurrence is p(z) = 1 - z^3 - z^31 = 0, so every multiple of p holds too.
 * p(z) p(iz) p(-z) p(-iz) has only powers of z^4 and gives
 *
 *   r[i] = r[i-12] + 4 r[i-40] + 6 r[i-68] + 4 r[i-96] + r[i-124],
 *
 * that is, lags of 3, 10, 17, 24 and 31 vectors of four words.
 */
#include <string.h>

#include "gen.h"
#include "my_rng_regs.h"

#define DEGREE  31            /* words that determine the sequence */
#define RING    (4 * DEGREE)  /* words kept, for the lags above */
#define WARM_UP (10 * DEGREE) /* words that glibc throws away after seeding */
#define SEEDED  (DEGREE + 3)  /* words before the recurrence sets in */
#define FIRST   (SEEDED + WARM_UP)

typedef uint32_t Vec4 __attribute__((vector_size(16)));

/* Invariant: pos < RING; word pos of the ring is r[i-124], to be replaced next */
typedef struct GlibcState {
    union {
        uint32_t ring[RING];
        Vec4 vec[DEGREE];
    };
    uint32_t pos;
} GlibcState;

/* Up to the end of the ring, one word at a time; returns how many */
static size_t glibc_step(GlibcState *s, uint32_t *dst, size_t nwords)
{
    size_t n = RING - s->pos < nwords ? RING - s->pos : nwords;
    size_t i;

    for (i = 0; i < n; i++) {
        uint32_t at = s->pos + i;
        uint32_t word = s->ring[at < 3 ? at + RING - 3 : at - 3] +
                        s->ring[at < DEGREE ? at + RING - DEGREE : at - DEGREE];

        s->ring[at] = word;
        dst[i] = word >> 1;
    }
    s->pos = (s->pos + n) % RING;
    return n;
}

/* One turn of the ring, from pos 0, four words at a time */
static void glibc_turn(Vec4 *v, uint32_t *dst)
{
    unsigned i;

#pragma GCC unroll 31
    for (i = 0; i < DEGREE; i++) {
        Vec4 mid = v[(i + DEGREE - 17) % DEGREE];
        Vec4 sum =
            v[(i + DEGREE - 10) % DEGREE] + v[(i + DEGREE - 24) % DEGREE] + mid;
        Vec4 out;

        v[i] += v[(i + DEGREE - 3) % DEGREE] + (sum << 2) + (mid << 1);
        out = v[i] >> 1;
        memcpy(dst + 4 * i, &out, sizeof(out));
    }
}

static void glibc_fill(void *state, uint32_t *dst, size_t nwords)
{
    GlibcState *s = state;
    size_t n;

    while (nwords) {
        if (s->pos == 0 && nwords >= RING) {
            glibc_turn(s->vec, dst);
            n = RING;
        } else {
            n = glibc_step(s, dst, nwords);
        }
        dst += n;
        nwords -= n;
    }
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
    memcpy(s->ring, r + FIRST - RING, sizeof(s->ring));
    s->pos = 0;
}

/* The last 31 words, oldest first, determine all others */
static void glibc_save(const void *state, uint32_t *words)
{
    const GlibcState *s = state;
    unsigned i;

    for (i = 0; i < DEGREE; i++) {
        words[i] = s->ring[(s->pos + RING - DEGREE + i) % RING];
    }
}

/* Any 31 words are a state; the older ones follow by the recurrence backwards */
static int glibc_load(void *state, const uint32_t *words)
{
    GlibcState *s = state;
    unsigned i;

    memcpy(s->ring + RING - DEGREE, words, DEGREE * sizeof(*words));
    for (i = RING - DEGREE; i-- > 0;) {
        s->ring[i] = s->ring[i + DEGREE] - s->ring[i + DEGREE - 3];
    }
    s->pos = 0;
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
