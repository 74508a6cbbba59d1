/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loop of generator "xoshiro256ppx8" for one vector unit; see vector_each.h.
 */
static void VECTOR_FN(x8_make)(X8State *state, uint32_t *dst, size_t n)
{
    typedef uint64_t Vec __attribute__((vector_size(VECTOR_BYTES)));
    enum {
        VECTORS = 8 * LANES / VECTOR_BYTES
    };
    Vec s[4][VECTORS], sum, shifted;
    unsigned v;

    memcpy(s, state->s, sizeof(s));
    for (; n; n--, dst += MY_RNG_BLOCK) {
#pragma GCC unroll 4
        for (v = 0; v < VECTORS; v++) {
            sum = s[0][v] + s[3][v];
            sum = ROTATE(sum, 23) + s[0][v];
            sum = LOW_FIRST(sum);
            memcpy(dst + v * VECTOR_BYTES / 4, &sum, sizeof(sum));
            shifted = s[1][v] << 17;
            s[2][v] ^= s[0][v];
            s[3][v] ^= s[1][v];
            s[1][v] ^= s[2][v];
            s[0][v] ^= s[3][v];
            s[2][v] ^= shifted;
            s[3][v] = ROTATE(s[3][v], 45);
        }
    }
    memcpy(state->s, s, sizeof(s));
}
