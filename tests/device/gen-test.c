// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Unit tests of the device's generators, as TAP. Each sequence is compared with the
 * reference at every vector width this CPU has, so all widths agree.
 */
#include <stdarg.h>
#include <stdlib.h>

#include "../unit/tap.h"
#include "dev.h"
#include "gen.h"
#include "vector.h"

#define WORDS 5000
#define BULK  (1 << 18) /* words: a request of 1 MiB */

static const char *const vector_name[MY_RNG_VECTORS] = {
	[MY_RNG_VECTOR_BASE] = "base",
	[MY_RNG_VECTOR_AVX2] = "avx2",
	[MY_RNG_VECTOR_AVX512] = "avx512",
};

static const MyRngGen *find(unsigned int id)
{
	const MyRngGen *const *gen = my_rng_gens;

	while ((*gen)->id != id)
		gen++;
	return *gen;
}

static void *new_state(const MyRngGen *gen)
{
	return calloc(1, gen->state_size + 1);
}

static void named(bool held, const MyRngGen *gen, const char *behaviour)
{
	char name[96];

	snprintf(name, sizeof(name), "unit/gen/%s-%s-%s", gen->name, behaviour,
		 vector_name[my_rng_vector()]);
	ok(held, name);
}

/*
 * Does the generator go on as the reference does? The words end where their memory
 * ends, for the address sanitizer, and start wherever that is.
 */
static bool agrees(const MyRngGen *gen, void *state, struct ref *ref, size_t n)
{
	uint32_t *words = malloc((n + 1) * sizeof(*words));
	bool good = true;
	size_t i;

	words[0] = 0xdeadbeef;
	gen->fill(state, words + 1, n);
	for (i = 0; i < n; i++)
		good &= words[i + 1] == ref_next(ref);
	good &= words[0] == 0xdeadbeef;
	free(words);
	return good;
}

static void test_seeds(const MyRngGen *gen, void *state)
{
	static const uint32_t seeds[] = { 0,          1,          0x42,
					  0x7ffffffe, 0x7fffffff, 0x80000000,
					  0x80000001, 0xffffffff };
	struct ref ref;
	bool good = true;
	size_t i;

	for (i = 0; i < sizeof(seeds) / sizeof(*seeds); i++) {
		gen->seed(state, seeds[i]);
		ref_seed(&ref, gen->id, seeds[i]);
		good &= agrees(gen, state, &ref, WORDS);
	}
	named(good, gen, "same-as-reference");
	good = agrees(gen, state, &ref, BULK) & agrees(gen, state, &ref, BULK);
	named(good, gen, "same-as-reference-in-bulk");
}

static void test_splits(const MyRngGen *gen, void *state)
{
	struct ref ref;
	bool good = true;
	size_t n;

	gen->seed(state, 3);
	ref_seed(&ref, gen->id, 3);
	for (n = 0; n < 400; n++)
		good &= agrees(gen, state, &ref, n);
	for (n = 0; n < 400; n++)
		good &= agrees(gen, state, &ref, n * 7 % 131);
	named(good, gen, "any-split-same-words");
}

static void test_save_load(const MyRngGen *gen, void *state)
{
	uint32_t *saved = calloc(gen->saved_words, sizeof(*saved));
	void *copy = new_state(gen);
	void *current = state, *other = copy, *spare;
	struct ref ref;
	bool good = true;
	size_t n;

	gen->seed(state, 3);
	ref_seed(&ref, gen->id, 3);
	for (n = 0; n < 400; n++) {
		good &= agrees(gen, current, &ref, n % 37);
		gen->save(current, saved);
		good &= gen->load(other, saved) == 0;
		/* On with the copy, and the original as the next copy */
		spare = current;
		current = other;
		other = spare;
	}
	good &= agrees(gen, current, &ref, WORDS);
	named(good, gen, "save-and-load");
	free(copy);
	free(saved);
}

/* What was saved after n words is the same whatever calls gave them */
static void test_save_is_canonical(const MyRngGen *gen, void *state)
{
	uint32_t *one = calloc(gen->saved_words, sizeof(*one));
	uint32_t *many = calloc(gen->saved_words, sizeof(*many));
	uint32_t words[WORDS];
	bool good = true;
	size_t n, i;

	for (n = 0; n < WORDS; n = n * 5 / 4 + 1) {
		gen->seed(state, 3);
		gen->fill(state, words, n);
		gen->save(state, one);
		gen->seed(state, 3);
		for (i = 0; i < n; i++)
			gen->fill(state, words, 1);
		gen->save(state, many);
		good &= !memcmp(one, many, gen->saved_words * sizeof(*one));
	}
	named(good, gen, "saves-the-same-after-any-split");
	free(one);
	free(many);
}

/* Whether a state, as saved, goes on with these 64-bit outputs, each @times over */
static bool gives64(const MyRngGen *gen, void *state, const uint64_t *outputs,
		    size_t n, unsigned int times)
{
	uint32_t words[2];
	bool good = true;
	size_t i;

	for (i = 0; i < n * times; i++) {
		gen->fill(state, words, 2);
		good &= (words[0] | (uint64_t)words[1] << 32) ==
			outputs[i / times];
	}
	return good;
}

static bool gives(const MyRngGen *gen, void *state, const uint32_t *want,
		  size_t n)
{
	uint32_t *words = calloc(n, sizeof(*words));
	bool good;

	gen->fill(state, words, n);
	good = !memcmp(words, want, n * sizeof(*words));
	free(words);
	return good;
}

/* A saved state with one word changed must be refused */
static void refuses(const MyRngGen *gen, const uint32_t *saved, size_t at,
		    uint32_t value, const char *what)
{
	uint32_t *bad = calloc(gen->saved_words, sizeof(*bad));
	void *state = new_state(gen);

	memcpy(bad, saved, gen->saved_words * sizeof(*bad));
	bad[at] = value;
	named(gen->load(state, saved) == 0 && gen->load(state, bad) == -1, gen,
	      what);
	free(state);
	free(bad);
}

/* The rest of a block, which comes last in what these generators save */
static void refuses_bad_rest(const MyRngGen *gen)
{
	uint32_t saved[128], word;
	void *state = new_state(gen);
	uint32_t last = gen->saved_words - 1;

	gen->seed(state, 1);
	gen->fill(state, &word, 1);
	gen->save(state, saved);
	refuses(gen, saved, last, 16, "refuses-a-rest-too-long");
	refuses(gen, saved, last, UINT32_MAX, "refuses-a-huge-rest");
	refuses(gen, saved, last - 16, 1, "refuses-a-rest-given-before");
	free(state);
}

/* Vectors published with the algorithms */

static void test_xoshiro(void)
{
	static const uint64_t outputs[] = { 11520, 0, 1509978240,
					    UINT64_C(1215971899390074240) };
	const MyRngGen *gen = find(MY_RNG_GEN_XOSHIRO256SS);
	uint32_t saved[10] = { 1, 0, 2, 0, 3, 0, 4, 0, 0, 0 };
	uint64_t s[4] = { 1, 2, 3, 4 }, mix = 1234567;
	void *state = new_state(gen);
	bool reference = true;
	int i;

	for (i = 0; i < 4; i++)
		reference &= ref_xoshiro(s) == outputs[i];
	ok(reference, "unit/gen/reference-xoshiro-known-answers");
	named(gen->load(state, saved) == 0 &&
		      gives64(gen, state, outputs, 4, 1),
	      gen, "known-answers");
	ok(ref_splitmix64(&mix) == UINT64_C(6457827717110365317) &&
		   ref_splitmix64(&mix) == UINT64_C(3203168211198807973),
	   "unit/gen/reference-splitmix64-known-answers");
	refuses(gen, saved, 9, 2, "refuses-bad-flag");
	memset(saved, 0, sizeof(saved));
	named(gen->load(state, saved) == -1, gen, "refuses-all-zero");
	free(state);
}

/* The authors' xoshiro256plusplus.c from state 1, 2, 3, 4, in all eight lanes */
static void test_xoshiro_x8(void)
{
	static const uint64_t outputs[] = {
		UINT64_C(41943041),
		UINT64_C(58720359),
		UINT64_C(3588806011781223),
		UINT64_C(3591011842654386),
		UINT64_C(9228616714210784205),
		UINT64_C(9973669472204895162),
		UINT64_C(14011001112246962877),
		UINT64_C(12406186145184390807),
		UINT64_C(15849039046786891736),
		UINT64_C(10450023813501588000),
	};
	const MyRngGen *gen = find(MY_RNG_GEN_XOSHIRO256PPX8);
	uint32_t *saved = calloc(gen->saved_words, sizeof(*saved));
	uint64_t s[4] = { 1, 2, 3, 4 };
	void *state = new_state(gen);
	bool reference = true;
	int i;

	for (i = 0; i < 10; i++)
		reference &= ref_xoshiropp(s) == outputs[i];
	ok(reference, "unit/gen/reference-xoshiropp-known-answers");
	for (i = 0; i < 32; i++)
		saved[2 * i] = 1 + i % 4;
	named(gen->load(state, saved) == 0 &&
		      gives64(gen, state, outputs, 10, 8),
	      gen, "known-answers");
	for (i = 0; i < 8; i++)
		saved[8 * 5 + i] = 0;
	named(gen->load(state, saved) == -1, gen, "refuses-a-lane-of-zeros");
	refuses_bad_rest(gen);
	free(state);
	free(saved);
}

/* The output of the author's pcg64-demo, whose sequence is 54 and seed 42 */
static void test_pcg(void)
{
	static const uint64_t outputs[] = {
		0x86b1da1d72062b68, 0x1304aa46c9853d39, 0xa3670e9e0dd50358,
		0xf9090e529a7dae00, 0xc85b9fd837996f2c, 0x606121f8e3919196,
	};
	const MyRngGen *gen = find(MY_RNG_GEN_PCG64);
	void *state = new_state(gen);

	gen->seed(state, 42);
	named(gives64(gen, state, outputs, 6, 1), gen, "known-answers");
	refuses_bad_rest(gen);
	free(state);
}

/* init_by_array() of the authors' program with the key of their demonstration */
static void mt_seed_by_array(uint32_t mt[624])
{
	static const uint32_t key[] = { 0x123, 0x234, 0x345, 0x456 };
	int i = 1, k;

	ref_mt_seed(mt, 19650218);
	for (k = 0; k < 624 + 623; k++) {
		uint32_t mixed = mt[i - 1] ^ (mt[i - 1] >> 30);

		if (k < 624)
			mt[i] = (mt[i] ^ mixed * 1664525) + key[k % 4] + k % 4;
		else
			mt[i] = (mt[i] ^ mixed * 1566083941) - i;
		if (++i == 624) {
			mt[0] = mt[623];
			i = 1;
		}
	}
	mt[0] = 0x80000000;
}

/*
 * mt19937ar.out, its first numbers and the 1000th; and what the C++ standard says
 * is the 10000th from seed 5489
 */
static void test_mt(void)
{
	static const uint32_t first[] = { 1067595299, 955945823, 477289528,
					  4107218783, 4228976476 };
	const uint32_t thousandth = 3460025646, standard = 4123659995;
	const MyRngGen *gen = find(MY_RNG_GEN_MT19937);
	uint32_t mt[624], words[WORDS];
	void *state = new_state(gen);
	bool good;

	mt_seed_by_array(mt);
	good = gen->load(state, mt) == 0 && gives(gen, state, first, 5);
	gen->fill(state, words, 994);
	named(good && gives(gen, state, &thousandth, 1), gen, "known-answers");
	gen->seed(state, 5489);
	gen->fill(state, words, WORDS);
	gen->fill(state, words, 9999 - WORDS);
	named(gives(gen, state, &standard, 1), gen,
	      "known-answer-of-the-standard");
	memset(mt, 0, sizeof(mt));
	mt[0] = 0x7fffffff; /* bits that determine nothing */
	named(gen->load(state, mt) == -1, gen, "refuses-all-zero");
	mt[0] = 0x80000000;
	named(gen->load(state, mt) == 0, gen, "takes-a-single-bit");
	free(state);
}

/* RFC 8439: what the block function takes after its constants, and what it gives */
static const struct {
	const char *name;
	uint32_t input[12];
	uint32_t block[16];
} chacha_vectors[] = {
	{ "rfc8439-2.3.2",
	  { 0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c, 0x13121110,
	    0x17161514, 0x1b1a1918, 0x1f1e1d1c, 1, 0x09000000, 0x4a000000 },
	  { 0xe4e7f110, 0x15593bd1, 0x1fdd0f50, 0xc47120a3, 0xc7f4d1c7,
	    0x0368c033, 0x9aaa2204, 0x4e6cd4c3, 0x466482d2, 0x09aa9f07,
	    0x05d7c214, 0xa2028bd9, 0xd19c12b5, 0xb94e16de, 0xe883d0cb,
	    0x4e3c50a2 } },
	{ "rfc8439-a.1-1",
	  { 0 },
	  { 0xade0b876, 0x903df1a0, 0xe56a5d40, 0x28bd8653, 0xb819d2bd,
	    0x1aed8da0, 0xccef36a8, 0xc70d778b, 0x7c5941da, 0x8d485751,
	    0x3fe02477, 0x374ad8b8, 0xf4b8436a, 0x1ca11815, 0x69b687c3,
	    0x8665eeb2 } },
	{ "rfc8439-a.1-2",
	  { [8] = 1 },
	  { 0xbee7079f, 0x7a385155, 0x7c97ba98, 0x0d082d73, 0xa0290fcb,
	    0x6965e348, 0x3e53c612, 0xed7aee32, 0x7621b729, 0x434ee69c,
	    0xb03371d5, 0xd539d874, 0x281fed31, 0x45fb0a51, 0x1f0ae1ac,
	    0x6f4d794b } },
};

static void test_chacha(void)
{
	const MyRngGen *gen = find(MY_RNG_GEN_CHACHA20);
	uint32_t *saved = calloc(gen->saved_words, sizeof(*saved));
	void *state = new_state(gen);
	uint32_t block[16];
	char name[64];
	size_t i;

	for (i = 0; i < 3; i++) {
		ref_chacha20(chacha_vectors[i].input, block);
		snprintf(name, sizeof(name), "unit/gen/reference-chacha20-%s",
			 chacha_vectors[i].name);
		ok(!memcmp(block, chacha_vectors[i].block, sizeof(block)),
		   name);
		memcpy(saved, chacha_vectors[i].input, 12 * sizeof(*saved));
		named(gen->load(state, saved) == 0 &&
			      gives(gen, state, chacha_vectors[i].block, 16),
		      gen, chacha_vectors[i].name);
	}
	gen->seed(state, 0);
	named(gives(gen, state, chacha_vectors[1].block, 16) &&
		      gives(gen, state, chacha_vectors[2].block, 16),
	      gen, "seed-0-gives-the-rfc-s-blocks");
	refuses_bad_rest(gen);
	free(state);
	free(saved);
}

/* The counter's carry, wherever among the lanes of a vector it happens */
static void test_chacha_carry(void)
{
	const MyRngGen *gen = find(MY_RNG_GEN_CHACHA20);
	uint32_t *saved = calloc(gen->saved_words, sizeof(*saved));
	uint32_t words[40 * 16], block[16];
	void *state = new_state(gen);
	bool good = true;
	size_t back, i;

	for (back = 0; back < 36; back++) {
		uint32_t input[12] = { 7, [9] = 5 };
		uint64_t counter = ((uint64_t)6 << 32) - back;

		saved[0] = 7;
		saved[8] = counter;
		saved[9] = counter >> 32;
		good &= gen->load(state, saved) == 0;
		gen->fill(state, words, 40 * 16);
		for (i = 0; i < 40; i++, counter++) {
			input[8] = counter;
			input[9] = counter >> 32;
			ref_chacha20(input, block);
			good &= !memcmp(words + 16 * i, block, sizeof(block));
		}
	}
	named(good, gen, "counter-carries");
	free(state);
	free(saved);
}

/* No sequence to compare with: lengths, and that it is none */
static void test_host(void)
{
	const MyRngGen *gen = find(MY_RNG_GEN_HOST);
	size_t most = (size_t)5 << 20; /* words: more than one system call */
	uint32_t words[64] = { 0 }, again[64], other[64] = { 0 };
	uint32_t *many = calloc(most, sizeof(*many));
	void *state = new_state(gen);

	gen->seed(state, 1);
	gen->fill(state, words, 63);
	named(words[63] == 0, gen, "writes-no-word-too-many");
	gen->seed(state, 1);
	gen->fill(state, other, 63);
	named(memcmp(words, other, sizeof(words)), gen, "no-seed-repeats-it");
	memcpy(again, other, sizeof(again));
	gen->fill(state, other, 0);
	named(!memcmp(again, other, sizeof(again)), gen, "no-words-no-change");
	gen->fill(state, many, most);
	named(memcmp(many + most - 64, other, sizeof(other)) &&
		      memcmp(many + most - 64, many + most - 128,
			     sizeof(other)),
	      gen, "fills-to-the-end");
	named(gen->saved_words == 0 && gen->load(state, NULL) == 0, gen,
	      "has-nothing-to-save");
	free(many);
	free(state);
}

static void test_all(void)
{
	const MyRngGen *const *gen;

	for (gen = my_rng_gens; *gen; gen++) {
		void *state;

		if ((*gen)->id >= GENERATORS)
			continue;
		state = new_state(*gen);
		test_seeds(*gen, state);
		test_splits(*gen, state);
		test_save_load(*gen, state);
		test_save_is_canonical(*gen, state);
		free(state);
	}
	test_xoshiro();
	test_xoshiro_x8();
	test_pcg();
	test_mt();
	test_chacha();
	test_chacha_carry();
}

int main(void)
{
	MyRngVector widest = my_rng_vector(), vector;
	char name[64];

	ok(my_rng_vector_use(MY_RNG_VECTOR_BASE) &&
		   my_rng_vector() == MY_RNG_VECTOR_BASE,
	   "unit/gen/a-width-can-be-forced");
	ok(!my_rng_vector_use(MY_RNG_VECTORS) &&
		   !my_rng_vector_use(MY_RNG_VECTOR_UNKNOWN) &&
		   my_rng_vector() == MY_RNG_VECTOR_BASE,
	   "unit/gen/an-unknown-width-is-refused");
	for (vector = MY_RNG_VECTOR_BASE; vector < MY_RNG_VECTORS; vector++) {
		snprintf(name, sizeof(name), "unit/gen/all-with-%s",
			 vector_name[vector]);
		if (my_rng_vector_use(vector))
			test_all();
		else
			skip("this CPU has no such vectors", name);
	}
	ok(my_rng_vector_widest() == widest, "unit/gen/the-widest-is-chosen");
	test_host();
	done_testing();
	return exit_status();
}
