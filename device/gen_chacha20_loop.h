/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loop of generator "chacha20" for one vector unit; see vector_each.h. Each
 * lane makes a block of its own: vector i holds word i of all of them. The blocks
 * are then turned around, so that a vector holds words of one block.
 */

/*
 * Rounds of a transposition: ZIP takes the first halves of two vectors, lane by
 * lane in turn, and then the second halves. As many rounds as LANES has bits leave
 * word j of vector i where word i of vector j was.
 */
#if VECTOR_BYTES == 16
#define ZIP_LOW(a, b)  __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#elif VECTOR_BYTES == 32
#define ZIP_LOW(a, b)  __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#else
#define ZIP_LOW(a, b)                                                          \
    __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, \
                            22, 7, 23)
#define ZIP_HIGH(a, b)                                                         \
    __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13,    \
                            29, 14, 30, 15, 31)
#endif
#define LANES (VECTOR_BYTES / 4)

typedef uint32_t VECTOR_FN(Vec) __attribute__((vector_size(VECTOR_BYTES)));

/* Word j of vector i of @x goes to word i of vector j */
static inline __attribute__((always_inline)) void
VECTOR_FN(transpose)(VECTOR_FN(Vec) * x)
{
    VECTOR_FN(Vec) y[LANES];
    unsigned bit, i;

#pragma GCC unroll 16
    for (bit = 1; bit < LANES; bit *= 2) {
#pragma GCC unroll 16
        for (i = 0; i < LANES / 2; i++) {
            y[2 * i] = ZIP_LOW(x[i], x[i + LANES / 2]);
            y[2 * i + 1] = ZIP_HIGH(x[i], x[i + LANES / 2]);
        }
        memcpy(x, y, sizeof(y));
    }
}

/* LANES blocks that follow the counter of @in */
static inline __attribute__((always_inline)) void
VECTOR_FN(chacha20_lanes)(const uint32_t *in, uint32_t *dst)
{
    VECTOR_FN(Vec) x[MY_RNG_BLOCK], start[MY_RNG_BLOCK];
    uint32_t low[LANES], high[LANES];
    unsigned i, j;

    for (j = 0; j < LANES; j++) {
        low[j] = in[COUNTER] + j;
        high[j] = in[COUNTER + 1] + (low[j] < j);
    }
#pragma GCC unroll 16
    for (i = 0; i < MY_RNG_BLOCK; i++) {
        start[i] = in[i] - (VECTOR_FN(Vec)){};
    }
    memcpy(&start[COUNTER], low, sizeof(low));
    memcpy(&start[COUNTER + 1], high, sizeof(high));
    memcpy(x, start, sizeof(x));
    for (i = 0; i < ROUNDS; i += 2) {
        DOUBLE_ROUND(x);
    }
#pragma GCC unroll 16
    for (i = 0; i < MY_RNG_BLOCK; i++) {
        x[i] += start[i];
    }
#pragma GCC unroll 4
    for (i = 0; i < MY_RNG_BLOCK; i += LANES) {
        VECTOR_FN(transpose)(x + i);
#pragma GCC unroll 16
        for (j = 0; j < LANES; j++) {
            memcpy(dst + j * MY_RNG_BLOCK + i, &x[i + j], VECTOR_BYTES);
        }
    }
}

/* The last few blocks are made with all lanes too, and what is too much dropped */
static void VECTOR_FN(chacha20_make)(uint32_t *in, uint32_t *dst, size_t n)
{
    uint32_t spare[MY_RNG_BLOCK * LANES];

    for (; n >= LANES; n -= LANES, dst += MY_RNG_BLOCK * LANES) {
        VECTOR_FN(chacha20_lanes)(in, dst);
        count_up(in, LANES);
    }
    if (n) {
        VECTOR_FN(chacha20_lanes)(in, spare);
        memcpy(dst, spare, n * MY_RNG_BLOCK * sizeof(*dst));
        count_up(in, n);
    }
}

#undef ZIP_LOW
#undef ZIP_HIGH
#undef LANES
