/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Generators that make blocks of 16 words: any number of words from them, and the
 * rest of a block kept for the next call.
 */
#ifndef MY_RNG_BLOCK_H
#define MY_RNG_BLOCK_H

#include <string.h>

#include "gen.h"

#define MY_RNG_BLOCK 16 /* words */

/* 32-bit words that my_rng_rest_save() writes */
#define MY_RNG_REST_WORDS (MY_RNG_BLOCK + 1)

/**
 * struct MyRngRest - what is left of a block
 * @words: the block; its last @left words are still to be given, the others 0
 * @left: < MY_RNG_BLOCK
 */
typedef struct MyRngRest {
    uint32_t words[MY_RNG_BLOCK];
    uint32_t left;
} MyRngRest;

/* Gives up to @n words of the rest; returns how many */
static inline size_t my_rng_rest_take(MyRngRest *rest, uint32_t *dst, size_t n)
{
    uint32_t *next = rest->words + MY_RNG_BLOCK - rest->left;

    n = n < rest->left ? n : rest->left;
    memcpy(dst, next, n * sizeof(*dst));
    memset(next, 0, n * sizeof(*next));
    rest->left -= n;
    return n;
}

/**
 * my_rng_block_fill() - any number of words of a generator of blocks
 * @s: its state
 * @rest: what is left of its last block
 * @make: makes n blocks, one after the other
 * @dst: gets the words
 * @nwords: how many
 */
static inline __attribute__((always_inline)) void
my_rng_block_fill(void *s, MyRngRest *rest,
                  void (*make)(void *s, uint32_t *dst, size_t n), uint32_t *dst,
                  size_t nwords)
{
    size_t n = my_rng_rest_take(rest, dst, nwords);
    size_t blocks = (nwords - n) / MY_RNG_BLOCK;

    make(s, dst + n, blocks);
    n += blocks * MY_RNG_BLOCK;
    if (n < nwords) {
        make(s, rest->words, 1);
        rest->left = MY_RNG_BLOCK;
        my_rng_rest_take(rest, dst + n, nwords - n);
    }
}

/** my_rng_rest_save() - write MY_RNG_REST_WORDS words */
static inline void my_rng_rest_save(const MyRngRest *rest, uint32_t *words)
{
    memcpy(words, rest->words, sizeof(rest->words));
    words[MY_RNG_BLOCK] = rest->left;
}

/** my_rng_rest_load() - the reverse; 0, or -1 if there is no such rest */
static inline int my_rng_rest_load(MyRngRest *rest, const uint32_t *words)
{
    uint32_t given = 0;
    size_t i;

    memcpy(rest->words, words, sizeof(rest->words));
    rest->left = words[MY_RNG_BLOCK];
    if (rest->left >= MY_RNG_BLOCK) {
        return -1;
    }
    for (i = 0; i < MY_RNG_BLOCK - rest->left; i++) {
        given |= rest->words[i];
    }
    return given ? -1 : 0;
}

#endif /* MY_RNG_BLOCK_H */
