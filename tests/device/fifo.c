// SPDX-License-Identifier: GPL-2.0-or-later
/* Variant "fifo": level, depth, underrun, in memory and in port-I/O space. */
#include <stdio.h>

#include "dev.h"

static uint32_t port(const struct dev *dev, unsigned int reg)
{
	return vm_in(dev->vm, dev->pio + reg, 4);
}

static void test_level(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ref ref;
	int i, wrong = 0;

	dev_start(&dev, &vm, variant, ",fifo-depth=10");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	check_eq(r32(&dev, MY_RNG_REG_FIFO_DEPTH), 10, "device/fifo/depth");
	check_eq(r32(&dev, MY_RNG_REG_FIFO_DATA), 0,
		 "device/fifo/empty-after-start");
	check_eq(r32(&dev, MY_RNG_REG_FIFO_UNDERRUN), 1,
		 "device/fifo/underrun-counts");
	check_eq(r32(&dev, MY_RNG_REG_FIFO_LEVEL), 10,
		 "device/fifo/level-tops-up");
	for (i = 0; i < 7; i++)
		wrong += r32(&dev, MY_RNG_REG_FIFO_DATA) != ref_next(&ref);
	check_eq(r32(&dev, MY_RNG_REG_FIFO_LEVEL), 10,
		 "device/fifo/level-tops-up-the-rest");
	for (i = 0; i < 10; i++)
		wrong += r32(&dev, MY_RNG_REG_FIFO_DATA) != ref_next(&ref);
	check_eq(wrong, 0, "device/fifo/words-in-order-around-the-end");
	check_eq(r32(&dev, MY_RNG_REG_FIFO_DATA), 0,
		 "device/fifo/empty-pop-gives-0");
	check_eq(port(&dev, MY_RNG_PIO_FIFO_DATA), 0,
		 "device/fifo/empty-port-pop-gives-0");
	check_eq(r32(&dev, MY_RNG_REG_FIFO_UNDERRUN), 3,
		 "device/fifo/underruns-from-both-sides");
	check_eq(dev_stat(&dev, MY_RNG_STAT_ERRORS), 0,
		 "device/fifo/underrun-is-no-guest-error");
	check_eq(dev_stat(&dev, MY_RNG_STAT_WORDS), 17,
		 "device/fifo/underrun-takes-no-word");
	check_eq(r32(&dev, MY_RNG_REG_RNG), ref_next(&ref),
		 "device/fifo/rng-works-when-empty");
	check_eq(r32(&dev, MY_RNG_REG_FIFO_DATA), 0,
		 "device/fifo/rng-does-not-fill-it");
	vm_stop(&vm);
}

static void test_mixed(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ref ref;
	int i, wrong = 0;

	dev_start(&dev, &vm, variant, ",fifo-depth=10");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	check_eq(port(&dev, MY_RNG_PIO_FIFO_LEVEL), 10,
		 "device/fifo/port-level");
	for (i = 0; i < 3; i++) {
		wrong += r32(&dev, MY_RNG_REG_RNG) != ref_next(&ref);
		wrong += port(&dev, MY_RNG_PIO_FIFO_DATA) != ref_next(&ref);
		wrong += r32(&dev, MY_RNG_REG_FIFO_DATA) != ref_next(&ref);
	}
	check_eq(wrong, 0, "device/fifo/rng-takes-its-oldest-word");
	wrong = r32(&dev, MY_RNG_REG_FIFO_DATA) != ref_next(&ref);
	wrong += r32(&dev, MY_RNG_REG_FIFO_DATA) != 0;
	check_eq(wrong, 0, "device/fifo/rng-counts-against-the-level");
	r32(&dev, MY_RNG_REG_FIFO_LEVEL);
	w32(&dev, MY_RNG_REG_SEED, 9);
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 9);
	check_eq(r32(&dev, MY_RNG_REG_FIFO_DATA), 0,
		 "device/fifo/seed-flushes");
	r32(&dev, MY_RNG_REG_FIFO_LEVEL);
	check_eq(r32(&dev, MY_RNG_REG_FIFO_DATA), ref_next(&ref),
		 "device/fifo/seed-restarts");
	vm_stop(&vm);
}

static void test_ports(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ref ref;
	unsigned int reg;
	int wrong = 0;

	dev_start(&dev, &vm, variant, "");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	check_eq(port(&dev, MY_RNG_PIO_FIFO_LEVEL), 16384,
		 "device/fifo/default-depth");
	check_eq(vm_in(&vm, dev.pio + MY_RNG_PIO_FIFO_DATA + 1, 1),
		 ref_next(&ref) >> 8 & 0xff, "device/fifo/port-byte-read");
	check_eq(vm_in(&vm, dev.pio + MY_RNG_PIO_FIFO_DATA + 2, 2),
		 ref_next(&ref) >> 16, "device/fifo/port-2-byte-read");
	for (reg = MY_RNG_PIO_FIFO_LEVEL + 4; reg < MY_RNG_BAR_PIO_SIZE;
	     reg += 4)
		wrong += port(&dev, reg) != 0;
	check_eq(wrong, 0, "device/fifo/unknown-ports-give-0");
	check_eq(dev_stat(&dev, MY_RNG_STAT_ERRORS), 2,
		 "device/fifo/unknown-ports-are-errors");
	vm_out(&vm, dev.pio + MY_RNG_PIO_FIFO_DATA, 1, 4);
	vm_out(&vm, dev.pio + MY_RNG_PIO_FIFO_LEVEL, 1, 1);
	check_eq(dev_stat(&dev, MY_RNG_STAT_ERRORS), 4,
		 "device/fifo/port-writes-are-errors");
	check_eq(dev_stat(&dev, MY_RNG_STAT_PIO_READS), 5,
		 "device/fifo/port-reads-counted");
	check_eq(dev_stat(&dev, MY_RNG_STAT_PIO_WRITES), 2,
		 "device/fifo/port-writes-counted");
	check_eq(dev_stat(&dev, MY_RNG_STAT_MMIO_READS), 0,
		 "device/fifo/ports-are-not-memory");
	vm_stop(&vm);
}

static void test_depths(const char *variant)
{
	static const uint32_t depths[] = { 1, 2, 255, 257, 1048576 };
	struct vm vm;
	struct dev dev;
	struct ref ref;
	char options[32];
	size_t i;
	int n, wrong;

	for (i = 0; i < sizeof(depths) / sizeof(*depths); i++) {
		snprintf(options, sizeof(options), ",fifo-depth=%u", depths[i]);
		dev_start(&dev, &vm, variant, options);
		ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
		for (n = wrong = 0; n < 20; n++) {
			wrong += r32(&dev, MY_RNG_REG_RNG) != ref_next(&ref);
			wrong += r32(&dev, MY_RNG_REG_FIFO_LEVEL) != depths[i];
			wrong += r32(&dev, MY_RNG_REG_FIFO_DATA) !=
				 ref_next(&ref);
		}
		check_eq(wrong, 0, "device/fifo/works-with-depth-%u",
			 depths[i]);
		vm_stop(&vm);
	}
}

const struct suite fifo_suites[] = {
	{ "fifo", test_level },  { "fifo", test_mixed }, { "fifo", test_ports },
	{ "fifo", test_depths }, { NULL, NULL },
};
