// SPDX-License-Identifier: GPL-2.0-or-later
/* Variant "window": refills of every size, what they cost, what they refuse. */
#include <stdio.h>
#include <string.h>

#include "dev.h"

#define SIZE  65536u /* by default */
#define MAX   1048576u
#define GUARD 0xa5

/* The window as it must look: @want is kept from refill to refill */
static bool window_is(const struct dev *dev, const uint8_t *want, size_t size)
{
	uint8_t *got = malloc(size);
	bool same;

	vm_peek(dev->vm, dev->window, got, size);
	same = !memcmp(got, want, size);
	free(got);
	return same;
}

/* The first bytes are the stream's next ones, the others stay */
static void test_refills(const char *variant)
{
	static const uint32_t sizes[] = { 1,    2,    3,    4,     5,
					  7,    8,    9,    1023,  4095,
					  4096, 4097, 5000, 65535, 65536 };
	static uint8_t want[SIZE];
	struct vm vm;
	struct dev dev;
	struct ref ref;
	unsigned int gen;
	char options[32];
	size_t i;

	for (gen = 0; gen < GENERATORS; gen++) {
		snprintf(options, sizeof(options), ",generator=%s",
			 generator_name[gen]);
		dev_start(&dev, &vm, variant, options);
		ref_seed(&ref, gen, 1);
		vm_fill(&vm, dev.window, GUARD, SIZE);
		memset(want, GUARD, SIZE);
		for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
			w32(&dev, MY_RNG_REG_WIN_REFILL, sizes[i]);
			ref_bytes(&ref, want, sizes[i]);
			check(window_is(&dev, want, SIZE),
			      "device/window/%s-refill-of-%u",
			      generator_name[gen], sizes[i]);
		}
		check_eq(r32(&dev, MY_RNG_REG_WIN_REFILL), SIZE,
			 "device/window/%s-read-gives-the-size",
			 generator_name[gen]);
		ref_bytes(&ref, want, SIZE);
		check(window_is(&dev, want, SIZE),
		      "device/window/%s-read-refills-all", generator_name[gen]);
		check_eq(r32(&dev, MY_RNG_REG_RNG), ref_next(&ref),
			 "device/window/%s-stream-goes-on",
			 generator_name[gen]);
		vm_stop(&vm);
	}
}

static void test_counts(const char *variant)
{
	struct vm vm;
	struct dev dev;

	dev_start(&dev, &vm, variant, "");
	check_eq(r32(&dev, MY_RNG_REG_WIN_SIZE), SIZE,
		 "device/window/default-size");
	w32(&dev, MY_RNG_REG_WIN_REFILL, 7);
	w32(&dev, MY_RNG_REG_WIN_REFILL, SIZE);
	r32(&dev, MY_RNG_REG_WIN_REFILL);
	vm_read(&vm, dev.window, 8);
	vm_read(&vm, dev.window + SIZE - 4, 4);
	check_eq(dev_stat(&dev, MY_RNG_STAT_MMIO_WRITES), 2,
		 "device/window/a-refill-is-one-write");
	check_eq(dev_stat(&dev, MY_RNG_STAT_MMIO_READS), 2,
		 "device/window/or-one-read-and-the-window-counts-nothing");
	check_eq(dev_stat(&dev, MY_RNG_STAT_WORDS), 2 + SIZE / 4 + SIZE / 4,
		 "device/window/words-are-counted");
	check_eq(dev_stat(&dev, MY_RNG_STAT_DMAS) +
			 dev_stat(&dev, MY_RNG_STAT_DMA_BYTES) +
			 dev_stat(&dev, MY_RNG_STAT_IRQS),
		 0, "device/window/it-is-no-dma");
	check_eq(dev_stat(&dev, MY_RNG_STAT_ERRORS), 0,
		 "device/window/no-errors");
	vm_stop(&vm);
}

static void test_refused(const char *variant)
{
	static const uint32_t lengths[] = { 0, SIZE + 1, MAX, 0x80000000u,
					    0xffffffffu };
	static uint8_t want[SIZE];
	struct vm vm;
	struct dev dev;
	struct ref ref;
	size_t i;

	dev_start(&dev, &vm, variant, "");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	vm_fill(&vm, dev.window, GUARD, SIZE);
	memset(want, GUARD, SIZE);
	for (i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		w32(&dev, MY_RNG_REG_WIN_REFILL, lengths[i]);
		check_eq(dev_stat(&dev, MY_RNG_STAT_ERRORS), i + 1,
			 "device/window/refill-of-%u-is-an-error", lengths[i]);
	}
	check(window_is(&dev, want, SIZE),
	      "device/window/a-refused-refill-writes-nothing");
	check_eq(dev_stat(&dev, MY_RNG_STAT_WORDS), 0,
		 "device/window/a-refused-refill-takes-no-word");
	check(vm_log_has(&vm, "the window takes 1 to 65536"),
	      "device/window/a-refused-refill-is-logged");
	w32(&dev, MY_RNG_REG_WIN_SIZE, 1);
	check_eq(dev_stat(&dev, MY_RNG_STAT_ERRORS), i + 1,
		 "device/window/the-size-is-read-only");
	check_eq(r32(&dev, MY_RNG_REG_RNG), ref_next(&ref),
		 "device/window/errors-spare-the-stream");
	vm_stop(&vm);
}

static void test_sizes(const char *variant)
{
	static const struct {
		const char *option;
		uint32_t size;
	} sizes[] = { { ",window-size=64K", 65536 },
		      { ",window-size=131072", 131072 },
		      { ",window-size=1M", MAX } };
	uint8_t *want = malloc(MAX);
	struct vm vm;
	struct dev dev;
	struct ref ref;
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		uint32_t size = sizes[i].size;

		dev_start(&dev, &vm, variant, sizes[i].option);
		ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
		check_eq(r32(&dev, MY_RNG_REG_WIN_SIZE), size,
			 "device/window/size-%u", size);
		check_eq(r32(&dev, MY_RNG_REG_WIN_REFILL), size,
			 "device/window/refills-%u", size);
		ref_bytes(&ref, want, size);
		check(window_is(&dev, want, size),
		      "device/window/all-%u-bytes-are-the-stream", size);
		vm_stop(&vm);
	}
	free(want);
}

/* The guest owns the memory; a seed is about what comes, not what came */
static void test_memory(const char *variant)
{
	static uint8_t want[SIZE];
	struct vm vm;
	struct dev dev;
	struct ref ref;

	dev_start(&dev, &vm, variant, "");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	check(window_is(&dev, want, SIZE), "device/window/starts-with-zeros");
	w32(&dev, MY_RNG_REG_WIN_REFILL, SIZE);
	ref_bytes(&ref, want, SIZE);
	vm_write(&vm, dev.window + 100, 0x1122334455667788ull, 8);
	memcpy(want + 100,
	       (const uint8_t[]){ 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22,
				  0x11 },
	       8);
	w32(&dev, MY_RNG_REG_SEED, 7);
	check(window_is(&dev, want, SIZE), "device/window/is-memory");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 7);
	w32(&dev, MY_RNG_REG_WIN_REFILL, 8192);
	ref_bytes(&ref, want, 8192);
	check(window_is(&dev, want, SIZE),
	      "device/window/a-seed-holds-from-the-next-refill");
	vm_reset(&vm);
	dev_setup(&dev, &vm, FIRST_SLOT);
	memset(want, 0, SIZE);
	check(window_is(&dev, want, SIZE), "device/window/a-reset-clears-it");
	vm_stop(&vm);
}

static void test_two(const char *variant)
{
	static uint8_t want[2][SIZE];
	struct vm vm;
	struct dev dev[2];
	char args[256];
	int i;

	snprintf(args, sizeof(args),
		 "-device my_rng,id=rng4,addr=4,variant=%s "
		 "-device my_rng,id=rng5,addr=5,variant=%s",
		 variant, variant);
	vm_start(&vm, args);
	for (i = 0; i < 2; i++) {
		struct ref ref;

		dev_setup(&dev[i], &vm, FIRST_SLOT + i);
		w32(&dev[i], MY_RNG_REG_SEED, 50 + i);
		ref_seed(&ref, MY_RNG_GEN_GLIBC, 50 + i);
		ref_bytes(&ref, want[i], SIZE);
	}
	for (i = 0; i < 2; i++)
		r32(&dev[i], MY_RNG_REG_WIN_REFILL);
	for (i = 0; i < 2; i++)
		check(window_is(&dev[i], want[i], SIZE),
		      "device/window/two-devices-have-own-windows-%d", i);
	vm_stop(&vm);
}

const struct suite window_suites[] = {
	{ "window", test_refills },
	{ "window", test_counts },
	{ "window", test_refused },
	{ "window", test_sizes },
	{ "window", test_memory },
	{ "window", test_two },
	{ NULL, NULL },
};
