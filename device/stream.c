// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The stream of words of one device: a ring in front of the generator, and bulk
 * output that empties the ring first.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"

#include "stream.h"

/*
 * Words made ahead by a register read that finds none: enough to make the call
 * of the generator vanish, few enough to stay in the first-level cache.
 */
#define REFILL 256

/* Words at a time through the stack, for targets that are not aligned */
#define BOUNCE 1024

static void generate(MyRngStream *st, uint32_t *dst, size_t nwords)
{
    int64_t begin = my_rng_times_begin(st->times);

    st->gen->fill(st->gen_state, dst, nwords);
    my_rng_times_end(st->times, MY_RNG_TIME_GENERATOR, begin);
}

void my_rng_stream_init(MyRngStream *st, const MyRngGen *gen, uint32_t depth,
                        MyRngTimes *times)
{
    st->gen = gen;
    st->times = times;
    st->gen_state = g_malloc0(gen->state_size);
    st->ring = g_new0(uint32_t, depth);
    st->depth = depth;
    st->saved = g_new0(uint32_t, gen->saved_words);
    st->saved_words = gen->saved_words;
}

void my_rng_stream_free(MyRngStream *st)
{
    g_free(st->gen_state);
    g_free(st->ring);
    g_free(st->saved);
    memset(st, 0, sizeof(*st));
}

void my_rng_stream_seed(MyRngStream *st, uint32_t seed)
{
    st->gen->seed(st->gen_state, seed);
    st->head = 0;
    st->held = 0;
    st->offered = 0;
}

void my_rng_stream_refill(MyRngStream *st)
{
    st->head = 0;
    st->held = MIN(REFILL, st->depth);
    generate(st, st->ring, st->held);
}

uint32_t my_rng_stream_top_up(MyRngStream *st)
{
    uint32_t added = st->depth - st->held;

    while (st->held < st->depth) {
        uint32_t end = (st->head + st->held) % st->depth;
        uint32_t n = MIN(st->depth - st->held, st->depth - end);

        generate(st, st->ring + end, n);
        st->held += n;
    }
    st->offered = st->held;
    return added;
}

/* Little-endian words to an aligned target, those made ahead first */
static void stream_words(MyRngStream *st, uint32_t *dst, size_t nwords)
{
    size_t i;

    for (i = 0; i < nwords && st->held; i++) {
        dst[i] = my_rng_stream_pop(st);
    }
    generate(st, dst + i, nwords - i);
    if (HOST_BIG_ENDIAN) {
        for (i = 0; i < nwords; i++) {
            dst[i] = bswap32(dst[i]);
        }
    }
}

/* As stream_words(), to a target of any alignment */
static void stream_words_unaligned(MyRngStream *st, uint8_t *dst, size_t nwords)
{
    uint32_t words[BOUNCE];

    while (nwords) {
        size_t n = MIN(nwords, BOUNCE);

        stream_words(st, words, n);
        memcpy(dst, words, n * sizeof(*words));
        dst += n * sizeof(*words);
        nwords -= n;
    }
}

static size_t give_tail(uint8_t *dst, size_t len, MyRngTail *tail)
{
    size_t n = MIN(len, tail->left);
    size_t i;

    for (i = 0; i < n; i++) {
        dst[i] = tail->word;
        tail->word >>= 8;
    }
    tail->left -= n;
    return n;
}

void my_rng_stream_bytes(MyRngStream *st, uint8_t *dst, size_t len,
                         MyRngTail *tail)
{
    size_t n = give_tail(dst, len, tail);
    size_t nwords = (len - n) / sizeof(uint32_t);

    if (nwords && QEMU_PTR_IS_ALIGNED(dst + n, sizeof(uint32_t))) {
        stream_words(st, (uint32_t *)(dst + n), nwords);
    } else {
        stream_words_unaligned(st, dst + n, nwords);
    }
    n += nwords * sizeof(uint32_t);
    if (n < len) {
        tail->word = my_rng_stream_pop(st);
        tail->left = sizeof(uint32_t);
        give_tail(dst + n, len - n, tail);
    }
}

void my_rng_stream_save(MyRngStream *st)
{
    st->gen->save(st->gen_state, st->saved);
}

const char *my_rng_stream_load(MyRngStream *st)
{
    if (st->head >= st->depth) {
        return "position of the oldest word";
    }
    if (st->held > st->depth || st->offered > st->held) {
        return "number of words made ahead";
    }
    if (st->gen->load(st->gen_state, st->saved)) {
        return "the generator's state";
    }
    return NULL;
}
