// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Generator "host": the host kernel's random numbers, by getrandom(2). No seed
 * changes them, and there is no state: after a migration they are the other
 * host's, from the first word on that was not made ahead.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "gen.h"
#include "my_rng_regs.h"

/* A call gives no more than 32 MiB - 1 */
#define MOST ((size_t)16 << 20)

/* A sandbox may deny it: that is found out before the first word is wanted */
static const char *host_missing(void)
{
    uint32_t word;

    return getrandom(&word, sizeof(word), 0) < 0 ? strerror(errno) : NULL;
}

/* After that, nothing fails for a reason that waiting or going on could mend */
static void host_fill(void *state, uint32_t *dst, size_t nwords)
{
    size_t left = nwords * sizeof(*dst);
    char *to = (char *)dst;

    (void)state;
    while (left) {
        ssize_t n = getrandom(to, left < MOST ? left : MOST, 0);

        if (n > 0) {
            to += n;
            left -= n;
        } else if (errno != EINTR) {
            fprintf(stderr,
                    "my_rng: getrandom: %s; use another generator= than "
                    "host\n",
                    strerror(errno));
            abort();
        }
    }
}

static void host_seed(void *state, uint32_t seed)
{
    (void)state;
    (void)seed;
}

static void host_save(const void *state, uint32_t *words)
{
    (void)state;
    (void)words;
}

static int host_load(void *state, const uint32_t *words)
{
    (void)state;
    (void)words;
    return 0;
}

const MyRngGen my_rng_gen_host = {
    .name = "host",
    .id = MY_RNG_GEN_HOST,
    .seed = host_seed,
    .fill = host_fill,
    .save = host_save,
    .load = host_load,
    .missing = host_missing,
};
