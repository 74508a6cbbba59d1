/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Generators whose next word is a function of the words before it: these lie one
 * after the other in a buffer, so that a loop over them needs no wrap-around, and
 * the last ones move to its start when it is full.
 */
#ifndef MY_RNG_HISTORY_H
#define MY_RNG_HISTORY_H

#include <string.h>

#include "gen.h"

/**
 * my_rng_history_fill() - the next words
 * @r: the buffer
 * @pos: words in it; at least @history
 * @history: words that @make looks back
 * @size: words it holds; a multiple of 16 more than @history, and at least twice
 *        as many
 * @make: makes n words at r from those before r, and their outputs at dst
 * @dst: gets the outputs
 * @nwords: how many
 */
static inline __attribute__((always_inline)) void
my_rng_history_fill(uint32_t *r, uint32_t *pos, size_t history, size_t size,
                    void (*make)(uint32_t *r, uint32_t *dst, size_t n),
                    uint32_t *dst, size_t nwords)
{
    while (nwords) {
        size_t n = size - *pos < nwords ? size - *pos : nwords;

        make(r + *pos, dst, n);
        *pos += n;
        if (*pos == size) {
            memcpy(r, r + size - history, history * sizeof(*r));
            *pos = history;
        }
        dst += n;
        nwords -= n;
    }
}

#endif /* MY_RNG_HISTORY_H */
