/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The generators of my_rng: pure C, no QEMU header, so that host programs can
 * link them too.
 */
#ifndef MY_RNG_GEN_H
#define MY_RNG_GEN_H

#include <stddef.h>
#include <stdint.h>

/**
 * typedef MyRngGen - one generator of 32-bit words
 * @name: value of the device property "generator"
 * @id: MY_RNG_GEN_*, value of the GENERATOR register
 * @state_size: bytes of state; the caller owns them, aligned as by malloc(); may
 *        be 0
 * @saved_words: 32-bit words that @save writes and @load reads; may be 0
 * @seed: restart the sequence; a state must be seeded before anything else
 * @fill: write the next @nwords words, in host byte order, to @dst. Any split
 *        of a sequence into calls gives the same words.
 * @save: write the state as words, for migration
 * @load: the reverse; returns 0, or -1 if no generator can be in that state
 *        (then @state is undefined)
 * @missing: optional; why this host cannot have the generator, NULL: it can
 *
 * Generator "host" has no sequence: it only fills. Different states may be used by
 * different threads at once.
 */
typedef struct MyRngGen {
    const char *name;
    uint32_t id;
    size_t state_size;
    uint32_t saved_words;
    void (*seed)(void *state, uint32_t seed);
    void (*fill)(void *state, uint32_t *dst, size_t nwords);
    void (*save)(const void *state, uint32_t *words);
    int (*load)(void *state, const uint32_t *words);
    const char *(*missing)(void);
} MyRngGen;

/* Those in this build, NULL-terminated, the default first; generated */
extern const MyRngGen *const my_rng_gens[];

#endif /* MY_RNG_GEN_H */
