/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop of generator "mt19937" for one vector unit; see vector_each.h. */

/* Needs no more lanes than the shortest lag is long, 227 words */
static void VECTOR_FN(mt19937_words)(uint32_t *x, uint32_t *dst, size_t n)
{
    typedef uint32_t Vec __attribute__((vector_size(VECTOR_BYTES)));
    const size_t lanes = VECTOR_BYTES / 4;
    Vec first, second, mid, y;
    size_t i;

    for (i = 0; i + lanes <= n; i += lanes) {
        memcpy(&first, x + i - N, sizeof(Vec));
        memcpy(&second, x + i - N + 1, sizeof(Vec));
        memcpy(&mid, x + i - N + M, sizeof(Vec));
        y = (first & UPPER) | (second & ~UPPER);
        y = mid ^ y >> 1 ^ (-(y & 1) & MATRIX);
        memcpy(x + i, &y, sizeof(y));
        TEMPER(y);
        memcpy(dst + i, &y, sizeof(y));
    }
    for (; i < n; i++) {
        uint32_t word = ((x + i)[-N] & UPPER) | ((x + i)[1 - N] & ~UPPER);

        word = (x + i)[M - N] ^ word >> 1 ^ (-(word & 1) & MATRIX);
        x[i] = word;
        TEMPER(word);
        dst[i] = word;
    }
}
