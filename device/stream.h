/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stream of 32-bit words of one device: a ring of words in front of the
 * generator, so that a register read does not call it each time.
 */
#ifndef MY_RNG_STREAM_H
#define MY_RNG_STREAM_H

#include "gen.h"
#include "times.h"

/**
 * struct MyRngStream - words ahead of a generator
 * @gen: makes the words
 * @gen_state: its state, owned here
 * @ring: the words made ahead, oldest at @head; owned here
 * @depth: capacity of @ring in words, > 0
 * @head: index of the oldest word, < @depth
 * @held: words in @ring, <= @depth
 * @offered: how many of them the FIFO registers may pop, <= @held
 * @saved: the generator's state while it is being migrated; owned here
 * @saved_words: words in @saved
 * @times: where the generator's time is noted
 *
 * Protected by the big lock, like all registers.
 */
typedef struct MyRngStream {
    const MyRngGen *gen;
    void *gen_state;
    uint32_t *ring;
    uint32_t depth;
    uint32_t head;
    uint32_t held;
    uint32_t offered;
    uint32_t *saved;
    uint32_t saved_words;
    MyRngTimes *times;
} MyRngStream;

/**
 * my_rng_stream_init() - allocate, unseeded
 * @st: stream
 * @gen: generator, stays valid
 * @depth: words to hold ahead
 * @times: stopwatch, stays valid
 */
void my_rng_stream_init(MyRngStream *st, const MyRngGen *gen, uint32_t depth,
                        MyRngTimes *times);

/** my_rng_stream_free() - release what my_rng_stream_init() allocated */
void my_rng_stream_free(MyRngStream *st);

/** my_rng_stream_seed() - restart from @seed, forget the words made ahead */
void my_rng_stream_seed(MyRngStream *st, uint32_t seed);

/** my_rng_stream_refill() - make some words ahead; the ring must be empty */
void my_rng_stream_refill(MyRngStream *st);

/** my_rng_stream_top_up() - fill the ring and offer all of it; words added */
uint32_t my_rng_stream_top_up(MyRngStream *st);

/**
 * struct MyRngTail - rest of a word between two calls of my_rng_stream_bytes()
 * @word: bytes not yet given, the next one lowest
 * @left: how many, 0 to 3; 0 at the start of a request
 */
typedef struct MyRngTail {
    uint32_t word;
    unsigned left;
} MyRngTail;

/**
 * my_rng_stream_bytes() - write the next bytes of the stream
 * @st: stream
 * @dst: any alignment
 * @len: bytes
 * @tail: rest of the word that the previous call began; updated
 *
 * A request in several pieces is one call for each; the tail of its last word
 * is dropped with @tail.
 */
void my_rng_stream_bytes(MyRngStream *st, uint8_t *dst, size_t len,
                         MyRngTail *tail);

/** my_rng_stream_save() - fill @saved, before migration */
void my_rng_stream_save(MyRngStream *st);

/** my_rng_stream_load() - take @saved over; says what of it cannot be, or NULL */
const char *my_rng_stream_load(MyRngStream *st);

/** my_rng_stream_pop() - the next word */
static inline uint32_t my_rng_stream_pop(MyRngStream *st)
{
    uint32_t word;

    if (unlikely(st->held == 0)) {
        my_rng_stream_refill(st);
    }
    word = st->ring[st->head];
    if (++st->head == st->depth) {
        st->head = 0;
    }
    st->held--;
    st->offered -= st->offered > 0;
    return word;
}

#endif /* MY_RNG_STREAM_H */
