// SPDX-License-Identifier: GPL-2.0-or-later
/* What the device says it is: PCI identity, BARs, capabilities, properties. */
#include <stdio.h>
#include <string.h>
#include <linux/pci_regs.h>

#include "dev.h"

/* Class "others", as the exercise's lspci shows it */
#define CLASS_OTHERS 0x00ff

struct expected {
	const char *variant;
	uint32_t cap;
	uint32_t pio_size;
	uint32_t window_size;
	bool msi;
};

static const struct expected expected[] = {
	{ "32", MY_RNG_CAP_RNG32, 0, 0, false },
	{ "64", MY_RNG_CAP_RNG32 | MY_RNG_CAP_RNG64, 0, 0, false },
	{ "fifo", MY_RNG_CAP_RNG32 | MY_RNG_CAP_FIFO | MY_RNG_CAP_PIO,
	  MY_RNG_BAR_PIO_SIZE, 0, false },
	{ "dma",
	  MY_RNG_CAP_RNG32 | MY_RNG_CAP_DMA | MY_RNG_CAP_MSI | MY_RNG_CAP_SG |
		  MY_RNG_CAP_QUEUE,
	  0, 0, true },
	{ "window", MY_RNG_CAP_RNG32 | MY_RNG_CAP_WINDOW, 0, 65536, false },
	{ "ring", MY_RNG_CAP_RNG32 | MY_RNG_CAP_RING | MY_RNG_CAP_MSI, 0, 0,
	  true },
};

static const struct expected *expect(const char *variant)
{
	const struct expected *e = expected;

	while (strcmp(e->variant, variant))
		e++;
	return e;
}

/* Size by the usual probe with all ones; 0: no BAR */
static uint32_t bar_size(const struct dev *dev, int bar, uint32_t *kind)
{
	unsigned int reg = PCI_BASE_ADDRESS_0 + 4 * bar;
	uint32_t old = config_read(dev, reg, 4), mask;

	config_write(dev, reg, ~0u, 4);
	mask = config_read(dev, reg, 4);
	config_write(dev, reg, old, 4);
	*kind = mask & PCI_BASE_ADDRESS_SPACE ? mask & 3 : mask & 15;
	mask &= ~*kind;
	return mask ? -mask : 0;
}

static void test_config(const char *variant)
{
	const struct expected *e = expect(variant);
	uint32_t kind, others = 0;
	struct vm vm;
	struct dev dev;
	int bar;

	dev_start(&dev, &vm, variant, "");
	check_eq(config_read(&dev, PCI_VENDOR_ID, 2), MY_RNG_PCI_VENDOR_ID,
		 "device/identity/%s-vendor", variant);
	check_eq(config_read(&dev, PCI_DEVICE_ID, 2), MY_RNG_PCI_DEVICE_ID,
		 "device/identity/%s-device", variant);
	check_eq(config_read(&dev, PCI_REVISION_ID, 1), MY_RNG_PCI_REVISION,
		 "device/identity/%s-revision", variant);
	check_eq(config_read(&dev, PCI_CLASS_DEVICE, 2), CLASS_OTHERS,
		 "device/identity/%s-class", variant);
	check_eq(config_read(&dev, PCI_INTERRUPT_PIN, 1), 0,
		 "device/identity/%s-no-interrupt-pin", variant);
	check_eq(bar_size(&dev, MY_RNG_BAR_MMIO, &kind), MY_RNG_BAR_MMIO_SIZE,
		 "device/identity/%s-bar0-size", variant);
	check_eq(kind, 0, "device/identity/%s-bar0-32-bit-non-prefetchable",
		 variant);
	check_eq(bar_size(&dev, MY_RNG_BAR_PIO, &kind), e->pio_size,
		 "device/identity/%s-bar1-size", variant);
	check_eq(kind, e->pio_size ? PCI_BASE_ADDRESS_SPACE_IO : 0,
		 "device/identity/%s-bar1-kind", variant);
	check_eq(bar_size(&dev, MY_RNG_BAR_WINDOW, &kind), e->window_size,
		 "device/identity/%s-bar2-size", variant);
	check_eq(kind,
		 e->window_size ? PCI_BASE_ADDRESS_MEM_TYPE_64 |
					  PCI_BASE_ADDRESS_MEM_PREFETCH
				: 0,
		 "device/identity/%s-bar2-kind", variant);
	for (bar = e->window_size ? 4 : 2; bar < 6; bar++)
		others |= bar_size(&dev, bar, &kind);
	check_eq(others, 0, "device/identity/%s-no-other-bars", variant);
	check(!!config_cap(&dev, PCI_CAP_ID_MSI) == e->msi,
	      "device/identity/%s-msi-only-where-it-belongs", variant);
	vm_stop(&vm);
}

static void test_registers(const char *variant)
{
	const struct expected *e = expect(variant);
	struct vm vm;
	struct dev dev;
	char options[32];
	unsigned int gen;

	for (gen = 0; gen < ref_generators(variant); gen++) {
		snprintf(options, sizeof(options), ",generator=%s",
			 generator_name[gen]);
		dev_start(&dev, &vm, variant, options);
		check_eq(r32(&dev, MY_RNG_REG_GENERATOR), gen,
			 "device/identity/%s-generator-%s", variant,
			 generator_name[gen]);
		check_eq(r32(&dev, MY_RNG_REG_MAGIC), MY_RNG_MAGIC,
			 "device/identity/%s-magic-with-%s", variant,
			 generator_name[gen]);
		check_eq(r32(&dev, MY_RNG_REG_VERSION), MY_RNG_VERSION,
			 "device/identity/%s-version-with-%s", variant,
			 generator_name[gen]);
		check_eq(r32(&dev, MY_RNG_REG_CAP), e->cap | MY_RNG_CAP_MODES,
			 "device/identity/%s-cap-with-%s", variant,
			 generator_name[gen]);
		vm_stop(&vm);
	}
}

static void test_several(const char *variant)
{
	struct vm vm;
	struct dev dev[3];
	char args[512];
	int i;

	snprintf(args, sizeof(args),
		 "-device my_rng,id=rng4,addr=4,variant=%s "
		 "-device my_rng,id=rng5,addr=5,variant=%s,generator=%s "
		 "-device my_rng,id=rng6,addr=6,variant=%s",
		 variant, variant, generator_name[MY_RNG_GEN_XOSHIRO256SS],
		 variant);
	vm_start(&vm, args);
	for (i = 0; i < 3; i++)
		dev_setup(&dev[i], &vm, FIRST_SLOT + i);
	for (i = 0; i < 3; i++)
		w32(&dev[i], MY_RNG_REG_SEED, 100 + i);
	for (i = 2; i >= 0; i--) {
		struct ref ref;

		ref_seed(&ref, r32(&dev[i], MY_RNG_REG_GENERATOR), 100 + i);
		check_eq(r32(&dev[i], MY_RNG_REG_RNG), ref_next(&ref),
			 "device/identity/%s-several-have-own-streams-%d",
			 variant, i);
		check_eq(dev_stat(&dev[i], MY_RNG_STAT_WORDS), 1,
			 "device/identity/%s-several-have-own-counters-%d",
			 variant, i);
	}
	vm_stop(&vm);
}

struct bad {
	const char *name;
	const char *options;
	const char *says; /* part of the message */
	const char *variant;
};

static const struct bad bad_properties[] = {
	{ "unknown-variant", "variant=bogus", "'bogus' is not in this build",
	  NULL },
	{ "empty-variant", "variant=", "is not in this build", NULL },
	{ "unknown-generator", "generator=bogus",
	  "there are: glibc, xoshiro256ss, pcg64, mt19937, chacha20, "
	  "xoshiro256ppx8, host",
	  NULL },
	{ "fifo-depth-0", "variant=fifo,fifo-depth=0", "must be 1 to", "fifo" },
	{ "fifo-depth-1048577", "variant=fifo,fifo-depth=1048577",
	  "must be 1 to", "fifo" },
	{ "fifo-depth-huge", "variant=fifo,fifo-depth=4294967295",
	  "must be 1 to", "fifo" },
	{ "window-size-0", "variant=window,window-size=0",
	  "must be a power of two", "window" },
	{ "window-size-small", "variant=window,window-size=32K",
	  "must be a power of two", "window" },
	{ "window-size-odd", "variant=window,window-size=98304",
	  "must be a power of two", "window" },
	{ "window-size-huge", "variant=window,window-size=2M",
	  "must be a power of two", "window" },
	{ "window-size-word", "variant=window,window-size=big", "window-size",
	  "window" },
};

static void test_bad_properties(const char *variant)
{
	const struct bad *bad = bad_properties;
	size_t i;

	for (i = 0; i < sizeof(bad_properties) / sizeof(*bad); i++, bad++) {
		struct vm vm;
		char args[128];
		bool failed;

		if (bad->variant && strcmp(bad->variant, variant))
			continue;
		snprintf(args, sizeof(args), "-device my_rng,%s", bad->options);
		failed = vm_start_fails(&vm, args);
		check(failed && vm_log_has(&vm, bad->says),
		      "device/property/%s-refuses-%s", variant, bad->name);
		if (!bad->variant)
			check(strstr(bad->name, "generator") ||
				      vm_log_has(&vm, variant),
			      "device/property/%s-listed-for-%s", variant,
			      bad->name);
	}
}

const struct suite identity_suites[] = {
	{ NULL, test_config },  { NULL, test_registers },
	{ NULL, test_several }, { NULL, test_bad_properties },
	{ NULL, NULL },
};
