// SPDX-License-Identifier: GPL-2.0-or-later
/* The stream: the exercise's numbers, and the same words by every path. */
#include <stdio.h>
#include <string.h>

#include "dev.h"

#define DMA_TARGET 0x1000000
#define LONG_RUN   100000 /* words */

static void start(struct dev *dev, struct vm *vm, const char *variant,
		  unsigned int gen)
{
	char options[48];

	snprintf(options, sizeof(options), ",generator=%s,fifo-depth=1000",
		 generator_name[gen]);
	dev_start(dev, vm, variant, options);
}

/* The exercise's kernel test: two rounds of seed and five numbers */
static void test_exercise(const char *variant)
{
	static const uint32_t seed_42[] = { 286129175, 1594929109, 971802288,
					    222134722, 1335014133 };
	static const uint32_t seed_1[] = { 1804289383, 846930886, 1681692777,
					   1714636915, 1957747793 };
	static const struct {
		uint32_t seed;
		const uint32_t *numbers;
	} rounds[] = { { 0x42, seed_42 },
		       { 0x42, seed_42 },
		       { 0, seed_1 },
		       { 1, seed_1 } };
	struct vm vm;
	struct dev dev;
	int i, round;

	dev_start(&dev, &vm, variant, "");
	for (i = 0; i < 5; i++)
		check_eq(r32(&dev, MY_RNG_REG_RNG), seed_1[i],
			 "device/stream/%s-starts-with-seed-1-number-%d",
			 variant, i);
	for (round = 0; round < 4; round++) {
		w32(&dev, MY_RNG_REG_SEED, rounds[round].seed);
		for (i = 0; i < 5; i++)
			check_eq(r32(&dev, MY_RNG_REG_RNG),
				 rounds[round].numbers[i],
				 "device/stream/%s-round-%d-seed-%u-number-%d",
				 variant, round, rounds[round].seed, i);
	}
	vm_stop(&vm);
}

static void test_seeds(const char *variant)
{
	static const uint32_t seeds[] = { 0,          1,          2,
					  0x42,       0x7fffffff, 0x80000000,
					  0x80000001, 0xffffffff };
	struct vm vm;
	struct dev dev;
	unsigned int gen;
	size_t i;
	int n;

	for (gen = 0; gen < ref_generators(variant); gen++) {
		start(&dev, &vm, variant, gen);
		for (i = 0; i < sizeof(seeds) / sizeof(*seeds); i++) {
			struct ref ref;
			int wrong = 0;

			ref_seed(&ref, gen, seeds[i]);
			w32(&dev, MY_RNG_REG_SEED, seeds[i]);
			for (n = 0; n < 300; n++)
				wrong += r32(&dev, MY_RNG_REG_RNG) !=
					 ref_next(&ref);
			check_eq(wrong, 0, "device/stream/%s-%s-seed-0x%x",
				 variant, generator_name[gen], seeds[i]);
		}
		vm_stop(&vm);
	}
}

/* One word, or a few, by each way this device has; number of wrong words */
static int by_every_path(const struct dev *dev, struct ref *ref, int turn)
{
	uint32_t cap = r32(dev, MY_RNG_REG_CAP);
	int wrong = r32(dev, MY_RNG_REG_RNG) != ref_next(ref);
	uint8_t got[4096], want[4096];
	uint64_t pair;
	int i;

	if (cap & MY_RNG_CAP_RNG64) {
		pair = ref_next(ref);
		pair |= (uint64_t)ref_next(ref) << 32;
		wrong += r64(dev, MY_RNG_REG_RNG64) != pair;
		wrong += r32(dev, MY_RNG_REG_RNG64) != ref_next(ref);
		wrong += r32(dev, MY_RNG_REG_RNG64 + 4) != ref_next(ref);
	}
	if (cap & MY_RNG_CAP_FIFO) {
		if (turn % 3 == 0)
			r32(dev, MY_RNG_REG_FIFO_LEVEL);
		for (i = 0; i < turn % 50 && i < 20; i++) {
			wrong +=
				r32(dev, MY_RNG_REG_FIFO_DATA) != ref_next(ref);
			wrong += vm_in(dev->vm, dev->pio + MY_RNG_PIO_FIFO_DATA,
				       4) != ref_next(ref);
		}
	}
	if (cap & MY_RNG_CAP_DMA) {
		size_t len = 1 + turn * 37 % sizeof(got);

		wrong += !!dev_dma(dev, DMA_TARGET + turn % 9, len);
		vm_peek(dev->vm, DMA_TARGET + turn % 9, got, len);
		ref_bytes(ref, want, len);
		wrong += !!memcmp(got, want, len);
	}
	if (cap & MY_RNG_CAP_WINDOW) {
		size_t len = 1 + turn * 37 % sizeof(got);

		w32(dev, MY_RNG_REG_WIN_REFILL, len);
		vm_peek(dev->vm, dev->window, got, len);
		ref_bytes(ref, want, len);
		wrong += !!memcmp(got, want, len);
	}
	return wrong;
}

static void test_paths(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ref ref;
	unsigned int gen;
	int turn, wrong;

	for (gen = 0; gen < ref_generators(variant); gen++) {
		start(&dev, &vm, variant, gen);
		ref_seed(&ref, gen, 7);
		w32(&dev, MY_RNG_REG_SEED, 7);
		for (turn = wrong = 0; turn < 200; turn++)
			wrong += by_every_path(&dev, &ref, turn);
		check_eq(wrong, 0,
			 "device/stream/%s-%s-one-stream-by-every-path",
			 variant, generator_name[gen]);
		w32(&dev, MY_RNG_REG_SEED, 7);
		ref_seed(&ref, gen, 7);
		for (turn = wrong = 0; turn < 20; turn++)
			wrong += by_every_path(&dev, &ref, turn);
		check_eq(wrong, 0, "device/stream/%s-%s-repeats-after-seed",
			 variant, generator_name[gen]);
		vm_stop(&vm);
	}
}

static void test_long_run(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ref ref;
	unsigned int gen;
	int i, wrong;

	for (gen = 0; gen < ref_generators(variant); gen++) {
		start(&dev, &vm, variant, gen);
		ref_seed(&ref, gen, 2026);
		w32(&dev, MY_RNG_REG_SEED, 2026);
		for (i = wrong = 0; i < LONG_RUN / 20; i++)
			wrong += r32(&dev, MY_RNG_REG_RNG) != ref_next(&ref);
		check_eq(wrong, 0, "device/stream/%s-%s-many-register-reads",
			 variant, generator_name[gen]);
		vm_stop(&vm);
	}
}

static void test_long_dma(const char *variant)
{
	static uint8_t got[4 * LONG_RUN], want[4 * LONG_RUN];
	struct vm vm;
	struct dev dev;
	struct ref ref;
	unsigned int gen;

	for (gen = 0; gen < GENERATORS; gen++) {
		start(&dev, &vm, variant, gen);
		ref_seed(&ref, gen, 2026);
		w32(&dev, MY_RNG_REG_SEED, 2026);
		dev_dma(&dev, DMA_TARGET, sizeof(got));
		vm_peek(&vm, DMA_TARGET, got, sizeof(got));
		ref_bytes(&ref, want, sizeof(want));
		check(!memcmp(got, want, sizeof(got)),
		      "device/stream/%s-%s-%d-words-in-one-request", variant,
		      generator_name[gen], LONG_RUN);
		vm_stop(&vm);
	}
}

const struct suite stream_suites[] = {
	{ NULL, test_exercise }, { NULL, test_seeds },     { NULL, test_paths },
	{ NULL, test_long_run }, { "dma", test_long_dma }, { NULL, NULL },
};
