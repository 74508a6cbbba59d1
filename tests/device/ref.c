// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The words a device must give, without the device's code: the C library's own
 * random_r(), and xoshiro256** written from its published description.
 */
#include <string.h>

#include "dev.h"

const char *const generator_name[GENERATORS] = {
	[MY_RNG_GEN_GLIBC] = "glibc",
	[MY_RNG_GEN_XOSHIRO256SS] = "xoshiro256ss",
};

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

uint64_t ref_xoshiro(uint64_t s[4])
{
	const uint64_t output = rotate_left(s[1] * 5, 7) * 9;
	const uint64_t shifted = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= shifted;
	s[3] = rotate_left(s[3], 45);
	return output;
}

void ref_seed(struct ref *ref, unsigned int generator, uint32_t seed)
{
	uint64_t state = seed;
	int i;

	memset(ref, 0, sizeof(*ref));
	ref->generator = generator;
	initstate_r(seed, ref->buf, sizeof(ref->buf), &ref->glibc);
	for (i = 0; i < 4; i++)
		ref->s[i] = ref_splitmix64(&state);
}

uint32_t ref_next(struct ref *ref)
{
	int32_t word;

	if (ref->generator == MY_RNG_GEN_GLIBC) {
		random_r(&ref->glibc, &word);
		return word;
	}
	if (!ref->high)
		ref->last = ref_xoshiro(ref->s);
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
