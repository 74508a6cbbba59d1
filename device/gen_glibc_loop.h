/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop of generator "glibc" for one vector unit; see vector_each.h. */

/* As many words as fit into every lag, and so in all units; n is any number */
static void VECTOR_FN(glibc_words)(uint32_t *r, uint32_t *dst, size_t n)
{
    typedef uint32_t Vec __attribute__((vector_size(4 * LANES)));
    Vec prev, last, lag40, lag68, lag96, lag124, rest, out;
    size_t i;

    /*
     * The last two vectors stay in registers: loading a vector that straddles
     * them would wait for both stores.
     */
    memcpy(&prev, r - 2 * LANES, sizeof(prev));
    memcpy(&last, r - LANES, sizeof(last));
    for (i = 0; i + LANES <= n; i += LANES) {
        memcpy(&lag40, r + i - 40, sizeof(Vec));
        memcpy(&lag68, r + i - 68, sizeof(Vec));
        memcpy(&lag96, r + i - 96, sizeof(Vec));
        memcpy(&lag124, r + i - 124, sizeof(Vec));
        /* Only lag 12 depends on the vector before: it comes last */
        rest = lag124 + ((lag40 + lag96 + lag68) << 2) + (lag68 << 1);
        rest += __builtin_shufflevector(prev, last, 4, 5, 6, 7, 8, 9, 10, 11);
        prev = last;
        last = rest;
        out = last >> 1;
        memcpy(r + i, &last, sizeof(last));
        memcpy(dst + i, &out, sizeof(out));
    }
    for (; i < n; i++) {
        r[i] = (r + i)[-3] + (r + i)[-DEGREE];
        dst[i] = r[i] >> 1;
    }
}
