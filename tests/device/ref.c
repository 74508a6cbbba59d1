// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The words a device must give, without the device's code: the C library's own
 * random_r(), and the others written from their published descriptions, one word
 * at a time.
 */
#include <string.h>

#include "dev.h"

const char *const generator_name[GENERATORS] = {
	[MY_RNG_GEN_GLIBC] = "glibc",
	[MY_RNG_GEN_XOSHIRO256SS] = "xoshiro256ss",
	[MY_RNG_GEN_PCG64] = "pcg64",
	[MY_RNG_GEN_MT19937] = "mt19937",
	[MY_RNG_GEN_CHACHA20] = "chacha20",
	[MY_RNG_GEN_XOSHIRO256PPX8] = "xoshiro256ppx8",
};

unsigned int ref_generators(const char *variant)
{
	static char first[16];

	if (!first[0])
		strncpy(first, variant, sizeof(first) - 1);
	return strcmp(first, variant) ? 2 : GENERATORS;
}

static uint64_t rotate_left(uint64_t x, int by)
{
	return (x << by) | (x >> (64 - by));
}

uint64_t ref_splitmix64(uint64_t *state)
{
	uint64_t mixed;

	*state += UINT64_C(0x9e3779b97f4a7c15);
	mixed = *state;
	mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
	return mixed ^ (mixed >> 31);
}

static void step(uint64_t s[4])
{
	const uint64_t shifted = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= shifted;
	s[3] = rotate_left(s[3], 45);
}

uint64_t ref_xoshiro(uint64_t s[4])
{
	const uint64_t output = rotate_left(s[1] * 5, 7) * 9;

	step(s);
	return output;
}

uint64_t ref_xoshiropp(uint64_t s[4])
{
	const uint64_t output = rotate_left(s[0] + s[3], 23) + s[0];

	step(s);
	return output;
}

/* @s becomes @matrix times @s, over bits; a column is 4 words */
static void multiply(uint64_t matrix[256][4], uint64_t s[4])
{
	uint64_t product[4] = { 0 };
	int bit, i;

	for (bit = 0; bit < 256; bit++)
		for (i = 0; i < 4 && s[bit / 64] >> bit % 64 & 1; i++)
			product[i] ^= matrix[bit][i];
	memcpy(s, product, sizeof(product));
}

/* A step is linear in the bits: 128 times squared, its matrix makes 2^128 of them */
static void jump(uint64_t s[4])
{
	static uint64_t matrix[256][4], squared[256][4];
	static bool known;
	int power, bit;

	for (bit = 0; bit < 256 && !known; bit++) {
		matrix[bit][bit / 64] = UINT64_C(1) << bit % 64;
		step(matrix[bit]);
	}
	for (power = 0; power < 128 && !known; power++) {
		memcpy(squared, matrix, sizeof(matrix));
		for (bit = 0; bit < 256; bit++)
			multiply(matrix, squared[bit]);
		memcpy(matrix, squared, sizeof(matrix));
	}
	known = true;
	multiply(matrix, s);
}

static unsigned __int128 pcg_step(unsigned __int128 state)
{
	unsigned __int128 multiplier = UINT64_C(2549297995355413924);

	multiplier = multiplier << 64 | UINT64_C(4865540595714422341);
	return state * multiplier + (54 * 2 + 1);
}

static uint64_t pcg_output(struct ref *ref)
{
	uint64_t folded;
	int by;

	ref->pcg = pcg_step(ref->pcg);
	folded = (uint64_t)(ref->pcg >> 64) ^ (uint64_t)ref->pcg;
	by = ref->pcg >> 122;
	return by ? rotate_left(folded, 64 - by) : folded;
}

void ref_mt_seed(uint32_t mt[624], uint32_t seed)
{
	int i;

	for (mt[0] = seed, i = 1; i < 624; i++)
		mt[i] = UINT32_C(1812433253) * (mt[i - 1] ^ (mt[i - 1] >> 30)) +
			i;
}

/* All 624 words anew, as the authors have it, then one by one */
static uint32_t mt_next(struct ref *ref)
{
	uint32_t *mt = ref->mt, y;
	int k;

	for (k = 0; k < 624 && ref->at == 624; k++) {
		y = (mt[k] & 0x80000000) | (mt[(k + 1) % 624] & 0x7fffffff);
		mt[k] = mt[(k + 397) % 624] ^ (y >> 1) ^
			(y % 2 ? 0x9908b0df : 0);
	}
	if (ref->at == 624)
		ref->at = 0;
	y = mt[ref->at++];
	y ^= y >> 11;
	y ^= (y << 7) & 0x9d2c5680;
	y ^= (y << 15) & 0xefc60000;
	return y ^ (y >> 18);
}

static uint32_t rotate_left32(uint32_t x, int by)
{
	return (x << by) | (x >> (32 - by));
}

static void quarter_round(uint32_t *x, int a, int b, int c, int d)
{
	x[a] += x[b];
	x[d] = rotate_left32(x[d] ^ x[a], 16);
	x[c] += x[d];
	x[b] = rotate_left32(x[b] ^ x[c], 12);
	x[a] += x[b];
	x[d] = rotate_left32(x[d] ^ x[a], 8);
	x[c] += x[d];
	x[b] = rotate_left32(x[b] ^ x[c], 7);
}

void ref_chacha20(const uint32_t input[12], uint32_t block[16])
{
	uint32_t start[16];
	int i;

	memcpy(start, "expand 32-byte k", 16); /* on a little-endian host */
	memcpy(start + 4, input, 12 * sizeof(*input));
	memcpy(block, start, sizeof(start));
	for (i = 0; i < 10; i++) {
		quarter_round(block, 0, 4, 8, 12);
		quarter_round(block, 1, 5, 9, 13);
		quarter_round(block, 2, 6, 10, 14);
		quarter_round(block, 3, 7, 11, 15);
		quarter_round(block, 0, 5, 10, 15);
		quarter_round(block, 1, 6, 11, 12);
		quarter_round(block, 2, 7, 8, 13);
		quarter_round(block, 3, 4, 9, 14);
	}
	for (i = 0; i < 16; i++)
		block[i] += start[i];
}

static uint32_t chacha_next(struct ref *ref)
{
	uint32_t input[12] = { ref->seed, [8] = ref->at / 16 };

	if (ref->at % 16 == 0)
		ref_chacha20(input, ref->block);
	return ref->block[ref->at++ % 16];
}

void ref_seed(struct ref *ref, unsigned int generator, uint32_t seed)
{
	uint64_t state = seed;
	int i;

	memset(ref, 0, sizeof(*ref));
	ref->generator = generator;
	ref->seed = seed;
	initstate_r(seed, ref->buf, sizeof(ref->buf), &ref->glibc);
	for (i = 0; i < 4; i++)
		ref->s[0][i] = ref_splitmix64(&state);
	for (i = 1; i < 8 && generator == MY_RNG_GEN_XOSHIRO256PPX8; i++) {
		memcpy(ref->s[i], ref->s[i - 1], sizeof(ref->s[i]));
		jump(ref->s[i]);
	}
	ref->pcg = pcg_step((unsigned __int128)seed + (54 * 2 + 1));
	if (generator == MY_RNG_GEN_MT19937) {
		ref_mt_seed(ref->mt, seed);
		ref->at = 624;
	}
}

static uint64_t next64(struct ref *ref)
{
	if (ref->generator == MY_RNG_GEN_PCG64)
		return pcg_output(ref);
	if (ref->generator == MY_RNG_GEN_XOSHIRO256PPX8)
		return ref_xoshiropp(ref->s[ref->at++ % 8]);
	return ref_xoshiro(ref->s[0]);
}

uint32_t ref_next(struct ref *ref)
{
	int32_t word;

	switch (ref->generator) {
	case MY_RNG_GEN_GLIBC:
		random_r(&ref->glibc, &word);
		return word;
	case MY_RNG_GEN_MT19937:
		return mt_next(ref);
	case MY_RNG_GEN_CHACHA20:
		return chacha_next(ref);
	}
	if (!ref->high)
		ref->last = next64(ref);
	ref->high = !ref->high;
	return ref->high ? ref->last : ref->last >> 32;
}

void ref_bytes(struct ref *ref, uint8_t *dst, size_t len)
{
	uint32_t word = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (i % 4 == 0)
			word = ref_next(ref);
		dst[i] = word >> 8 * (i % 4);
	}
}
