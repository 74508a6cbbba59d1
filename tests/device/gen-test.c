// SPDX-License-Identifier: GPL-2.0-or-later
/* Unit tests of the device's generators, as TAP. */
#include <stdarg.h>
#include <stdlib.h>

#include "../unit/tap.h"
#include "dev.h"
#include "gen.h"

#define WORDS 5000

static const MyRngGen *find(unsigned int id)
{
	const MyRngGen *const *gen = my_rng_gens;

	while ((*gen)->id != id)
		gen++;
	return *gen;
}

static void named(bool held, const MyRngGen *gen, const char *behaviour)
{
	char name[96];

	snprintf(name, sizeof(name), "unit/gen/%s-%s", gen->name, behaviour);
	ok(held, name);
}

/* Does the generator go on as the reference does? */
static bool agrees(const MyRngGen *gen, void *state, struct ref *ref, size_t n)
{
	uint32_t words[WORDS];
	size_t i;

	gen->fill(state, words, n);
	for (i = 0; i < n; i++)
		if (words[i] != ref_next(ref))
			return false;
	return true;
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
	void *copy = calloc(1, gen->state_size);
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

/* Vectors published with the algorithms */
static void test_known_answers(void)
{
	static const uint64_t outputs[] = { 11520, 0, 1509978240,
					    UINT64_C(1215971899390074240) };
	const MyRngGen *gen = find(MY_RNG_GEN_XOSHIRO256SS);
	uint32_t saved[10] = { 1, 0, 2, 0, 3, 0, 4, 0, 0, 0 }, words[8];
	uint64_t s[4] = { 1, 2, 3, 4 }, mix = 1234567;
	void *state = calloc(1, gen->state_size);
	bool good, reference = true;
	int i;

	good = gen->load(state, saved) == 0;
	gen->fill(state, words, 8);
	for (i = 0; i < 4; i++) {
		reference &= ref_xoshiro(s) == outputs[i];
		good &= (words[2 * i] | (uint64_t)words[2 * i + 1] << 32) ==
			outputs[i];
	}
	ok(reference, "unit/gen/reference-xoshiro-known-answers");
	named(good, gen, "known-answers");
	ok(ref_splitmix64(&mix) == UINT64_C(6457827717110365317) &&
		   ref_splitmix64(&mix) == UINT64_C(3203168211198807973),
	   "unit/gen/reference-splitmix64-known-answers");
	memset(saved, 0, sizeof(saved));
	named(gen->load(state, saved) == -1, gen, "refuses-all-zero");
	saved[0] = 1;
	saved[9] = 2;
	named(gen->load(state, saved) == -1, gen, "refuses-bad-flag");
	free(state);
}

int main(void)
{
	const MyRngGen *const *gen;

	for (gen = my_rng_gens; *gen; gen++) {
		void *state = calloc(1, (*gen)->state_size);

		test_seeds(*gen, state);
		test_splits(*gen, state);
		test_save_load(*gen, state);
		free(state);
	}
	test_known_answers();
	done_testing();
	return exit_status();
}
