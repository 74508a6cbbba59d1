// SPDX-License-Identifier: GPL-2.0-or-later
/* Variant "dma": requests to every kind of target, completion, errors. */
#include <stdio.h>
#include <string.h>
#include <linux/pci_regs.h>

#include "dev.h"

/* Low RAM of the default machine, and its firmware */
#define RAM       0x1000000ull
#define RAM_END   0x8000000ull /* -m 128, the default */
#define ROM       0xffff0000ull
#define APIC      0xfee00000ull
#define HOLE      0xd0000000ull
#define HIGH_RAM  0x100000000ull /* with -m 5G */
#define HIGH_ARGS " -m 5G"

#define GUARD 0xa5
#define PAD   64

static bool all_guard(const uint8_t *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (bytes[i] != GUARD)
			return false;
	return true;
}

/* One request with guard bytes around it; whether it wrote just the stream */
static bool exact(const struct dev *dev, struct ref *ref, uint64_t addr,
		  size_t len)
{
	uint8_t *got = malloc(len + 2 * PAD), *want = malloc(len);
	bool good;

	vm_fill(dev->vm, addr - PAD, GUARD, len + 2 * PAD);
	good = dev_dma(dev, addr, len) == MY_RNG_DMA_ERR_NONE &&
	       r32(dev, MY_RNG_REG_DMA_STATUS) == MY_RNG_DMA_ST_DONE &&
	       r32(dev, MY_RNG_REG_DMA_COUNT) == len;
	vm_peek(dev->vm, addr - PAD, got, len + 2 * PAD);
	ref_bytes(ref, want, len);
	good = good && all_guard(got, PAD) && !memcmp(got + PAD, want, len) &&
	       all_guard(got + PAD + len, PAD);
	free(got);
	free(want);
	return good;
}

static void test_sizes(const char *variant)
{
	static const uint32_t sizes[] = { 1,     2,     3,       4,
					  5,     7,     8,       9,
					  4095,  4096,  4097,    65535,
					  65536, 65537, 1048575, 1048576 };
	struct vm vm;
	struct dev dev;
	struct ref ref;
	unsigned int offset, len, gen;
	char options[32];
	size_t i;
	int wrong;

	for (gen = 0; gen < ref_generators(variant); gen++) {
		snprintf(options, sizeof(options), ",generator=%s",
			 generator_name[gen]);
		dev_start(&dev, &vm, variant, options);
		ref_seed(&ref, gen, 1);
		check_eq(r32(&dev, MY_RNG_REG_DMA_LEN_MAX), 1048576,
			 "device/dma/%s-len-max", generator_name[gen]);
		for (offset = 0, wrong = 0; offset <= 17; offset++)
			for (len = 1; len <= 17; len++)
				wrong += !exact(&dev, &ref, RAM + offset, len);
		check_eq(wrong, 0, "device/dma/%s-odd-offsets-and-lengths",
			 generator_name[gen]);
		for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
			check(exact(&dev, &ref, RAM + i % 3, sizes[i]),
			      "device/dma/%s-%u-bytes", generator_name[gen],
			      sizes[i]);
		vm_stop(&vm);
	}
}

static void test_high(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ref ref;

	dev_start(&dev, &vm, variant, HIGH_ARGS);
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	check(exact(&dev, &ref, HIGH_RAM + 0x12345, 9999),
	      "device/dma/above-4-gib");
	w64(&dev, MY_RNG_REG_DMA_ADDR_LO, HIGH_RAM + 0x2000);
	check_eq(r64(&dev, MY_RNG_REG_DMA_ADDR_LO), HIGH_RAM + 0x2000,
		 "device/dma/64-bit-write-of-the-address");
	w32(&dev, MY_RNG_REG_DMA_LEN, 4);
	w32(&dev, MY_RNG_REG_DMA_DOORBELL, MY_RNG_DMA_DB_START);
	check_eq(vm_read(&vm, HIGH_RAM + 0x2000, 4), ref_next(&ref),
		 "device/dma/64-bit-address-is-used");
	vm_stop(&vm);
}

/* RAM made of two blocks, so that a request is mapped in two pieces */
static void test_pieces(const char *variant)
{
	const uint64_t border = 0x4000000;
	struct vm vm;
	struct dev dev;
	struct ref ref;
	int before, len, wrong = 0;

	dev_start(&dev, &vm, variant,
		  " -m 128M -object memory-backend-ram,id=m0,size=64M"
		  " -object memory-backend-ram,id=m1,size=64M"
		  " -numa node,memdev=m0 -numa node,memdev=m1");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	for (before = 0; before <= 9; before++)
		for (len = 1; len <= 20; len++)
			wrong += !exact(&dev, &ref, border - before, len);
	check_eq(wrong, 0, "device/dma/pieces-split-anywhere-in-a-word");
	check(exact(&dev, &ref, border - 70001, 300000),
	      "device/dma/pieces-of-a-long-request");
	vm_stop(&vm);
}

struct refused {
	const char *name;
	uint64_t addr;
	uint32_t len;
	uint32_t error;
};

static const struct refused refused[] = {
	{ "length-0", RAM, 0, MY_RNG_DMA_ERR_LEN },
	{ "length-over-limit", RAM, 1048577, MY_RNG_DMA_ERR_LEN },
	{ "length-huge", RAM, 0xffffffff, MY_RNG_DMA_ERR_LEN },
	{ "hole", HOLE, 64, MY_RNG_DMA_ERR_ADDR },
	{ "rom", ROM + 16, 64, MY_RNG_DMA_ERR_ADDR },
	{ "apic", APIC, 64, MY_RNG_DMA_ERR_ADDR },
	{ "beyond-ram", RAM_END, 4, MY_RNG_DMA_ERR_ADDR },
	{ "last-byte-beyond-ram", RAM_END - 63, 64, MY_RNG_DMA_ERR_ADDR },
	{ "far-beyond-ram", UINT64_C(1) << 62, 64, MY_RNG_DMA_ERR_ADDR },
	{ "top-of-address-space", UINT64_MAX - 3, 4, MY_RNG_DMA_ERR_ADDR },
	{ "wrap-of-address-space", UINT64_MAX - 3, 8, MY_RNG_DMA_ERR_ADDR },
};

/* After each error: nothing written, stream where it was, device alive */
static void test_refused(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ref ref;
	uint8_t around[128];
	size_t i;

	dev_start(&dev, &vm, variant, "");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	vm_fill(&vm, RAM, GUARD, 128);
	vm_fill(&vm, RAM_END - 128, GUARD, 128);
	for (i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		const struct refused *r = &refused[i];

		check_eq(dev_dma(&dev, r->addr, r->len), r->error,
			 "device/dma/rejects-%s", r->name);
		check(r32(&dev, MY_RNG_REG_DMA_STATUS) == MY_RNG_DMA_ST_ERROR &&
			      r32(&dev, MY_RNG_REG_DMA_COUNT) == 0,
		      "device/dma/status-after-%s", r->name);
		check_eq(r32(&dev, MY_RNG_REG_RNG), ref_next(&ref),
			 "device/dma/stream-unchanged-by-%s", r->name);
		check_eq(dev_stat(&dev, MY_RNG_STAT_ERRORS), i + 1,
			 "device/dma/counts-%s", r->name);
	}
	vm_peek(&vm, RAM, around, 128);
	check(all_guard(around, 128), "device/dma/errors-write-nothing");
	vm_peek(&vm, RAM_END - 128, around, 128);
	check(all_guard(around, 128), "device/dma/no-part-of-a-bad-range");
	check_eq(dev_stat(&dev, MY_RNG_STAT_DMAS), 0,
		 "device/dma/errors-are-no-transfers");
	check(exact(&dev, &ref, RAM, 100), "device/dma/works-after-errors");
	check(exact(&dev, &ref, RAM_END - PAD - 100, 100),
	      "device/dma/works-near-the-end-of-ram");
	vm_stop(&vm);
}

static void test_own_bar(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ref ref;
	uint64_t writes;

	dev_start(&dev, &vm, variant, "");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	check_eq(dev_dma(&dev, dev.mmio, MY_RNG_BAR_MMIO_SIZE),
		 MY_RNG_DMA_ERR_ADDR, "device/dma/rejects-own-bar");
	writes = dev_stat(&dev, MY_RNG_STAT_MMIO_WRITES);
	check_eq(dev_dma(&dev, dev.mmio + MY_RNG_REG_SEED, 4),
		 MY_RNG_DMA_ERR_ADDR, "device/dma/rejects-own-seed");
	check_eq(dev_stat(&dev, MY_RNG_STAT_MMIO_WRITES), writes + 4,
		 "device/dma/own-bar-sees-no-write");
	check_eq(r32(&dev, MY_RNG_REG_RNG), ref_next(&ref),
		 "device/dma/stream-unchanged-by-own-bar");
	vm_stop(&vm);
}

static void test_master(const char *variant)
{
	const uint64_t record = RAM + 0x1000;
	struct vm vm;
	struct dev dev;
	struct ref ref;

	dev_start(&dev, &vm, variant, "");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	vm_write(&vm, record, UINT64_MAX, 8);
	vm_write(&vm, RAM, UINT64_MAX, 8);
	w64(&dev, MY_RNG_REG_DMA_DONE_LO, record);
	config_write(&dev, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
	check_eq(dev_dma(&dev, RAM, 8), MY_RNG_DMA_ERR_MASTER,
		 "device/dma/rejects-without-bus-master");
	check_eq(vm_read(&vm, RAM, 8), UINT64_MAX,
		 "device/dma/no-data-without-bus-master");
	check_eq(vm_read(&vm, record, 8), UINT64_MAX,
		 "device/dma/no-record-without-bus-master");
	check_eq(r32(&dev, MY_RNG_REG_RNG), ref_next(&ref),
		 "device/dma/stream-unchanged-without-bus-master");
	config_write(&dev, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER,
		     2);
	check(exact(&dev, &ref, RAM, 8),
	      "device/dma/works-with-bus-master-again");
	vm_stop(&vm);
}

static uint64_t record_of(uint32_t status, uint32_t count)
{
	return (uint64_t)count << 8 * MY_RNG_DMA_DONE_COUNT |
	       (uint64_t)status << 8 * MY_RNG_DMA_DONE_STATUS;
}

static void test_record(const char *variant)
{
	static const struct {
		const char *name;
		uint64_t addr;
	} bad[] = { { "misaligned", RAM + 0x1004 },
		    { "byte", RAM + 0x1001 },
		    { "hole", HOLE },
		    { "rom", ROM },
		    { "top", UINT64_MAX - 7 } };
	const uint64_t record = RAM + 0x1000;
	struct vm vm;
	struct dev dev;
	struct ref ref;
	size_t i;

	dev_start(&dev, &vm, variant, "");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	w64(&dev, MY_RNG_REG_DMA_DONE_LO, record);
	check_eq(r64(&dev, MY_RNG_REG_DMA_DONE_LO), record,
		 "device/dma/record-address-reads-back");
	check(exact(&dev, &ref, RAM, 1001), "device/dma/record-and-data");
	check_eq(vm_read(&vm, record, 8), record_of(MY_RNG_DMA_ST_DONE, 1001),
		 "device/dma/record-says-done");
	dev_dma(&dev, RAM, 0);
	check_eq(vm_read(&vm, record, 8), record_of(MY_RNG_DMA_ST_ERROR, 0),
		 "device/dma/record-says-error");
	w64(&dev, MY_RNG_REG_DMA_DONE_LO, RAM);
	ref_next(&ref);
	dev_dma(&dev, RAM, 4);
	check_eq(vm_read(&vm, RAM, 8), record_of(MY_RNG_DMA_ST_DONE, 4),
		 "device/dma/record-comes-after-the-data");
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		w64(&dev, MY_RNG_REG_DMA_DONE_LO, bad[i].addr);
		vm_write(&vm, RAM, 0, 4);
		check_eq(dev_dma(&dev, RAM, 4), MY_RNG_DMA_ERR_ADDR,
			 "device/dma/rejects-record-%s", bad[i].name);
		check_eq(vm_read(&vm, RAM, 4), 0,
			 "device/dma/no-data-with-record-%s", bad[i].name);
	}
	check_eq(r32(&dev, MY_RNG_REG_RNG), ref_next(&ref),
		 "device/dma/stream-unchanged-by-bad-record");
	vm_stop(&vm);
}

static void ring(const struct dev *dev, uint32_t len, uint32_t doorbell)
{
	w64(dev, MY_RNG_REG_DMA_ADDR_LO, RAM);
	w32(dev, MY_RNG_REG_DMA_LEN, len);
	w32(dev, MY_RNG_REG_DMA_DOORBELL, doorbell);
}

/* The message is a write, so RAM can receive it */
static void test_msi(const char *variant)
{
	const uint32_t with_msi = MY_RNG_DMA_DB_START | MY_RNG_DMA_DB_MSI;
	const uint64_t target = RAM + 0x2000;
	struct vm vm;
	struct dev dev;

	dev_start(&dev, &vm, variant, "");
	msi_setup(&dev, target, 0x1234, false);
	ring(&dev, 8, with_msi);
	check_eq(dev_stat(&dev, MY_RNG_STAT_IRQS), 0,
		 "device/dma/no-msi-while-disabled");
	msi_setup(&dev, target, 0x1234, true);
	ring(&dev, 8, MY_RNG_DMA_DB_START);
	check_eq(vm_read(&vm, target, 4), 0, "device/dma/no-msi-unless-asked");
	ring(&dev, 8, with_msi);
	check_eq(vm_read(&vm, target, 4), 0x1234, "device/dma/msi-arrives");
	vm_write(&vm, target, 0, 4);
	ring(&dev, 0, with_msi);
	check_eq(vm_read(&vm, target, 4), 0x1234,
		 "device/dma/msi-arrives-after-an-error-too");
	check_eq(dev_stat(&dev, MY_RNG_STAT_IRQS), 2, "device/dma/msi-counted");
	vm_write(&vm, target, 0, 4);
	config_write(&dev, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
	ring(&dev, 8, with_msi);
	check(dev_stat(&dev, MY_RNG_STAT_IRQS) == 2 &&
		      vm_read(&vm, target, 4) == 0,
	      "device/dma/no-msi-without-bus-master");
	vm_stop(&vm);
}

/* A message that rings our own doorbell must not start a request in one */
static void test_msi_loop(const char *variant)
{
	const uint32_t with_msi = MY_RNG_DMA_DB_START | MY_RNG_DMA_DB_MSI;
	struct vm vm;
	struct dev dev;

	dev_start(&dev, &vm, variant, "");
	msi_setup(&dev, dev.mmio + MY_RNG_REG_DMA_DOORBELL, with_msi, true);
	ring(&dev, 8, with_msi);
	check_eq(dev_stat(&dev, MY_RNG_STAT_DMAS), 1,
		 "device/dma/msi-to-own-doorbell-is-ignored");
	ring(&dev, 8, MY_RNG_DMA_DB_START);
	check_eq(dev_stat(&dev, MY_RNG_STAT_DMAS), 2,
		 "device/dma/works-after-msi-to-own-doorbell");
	vm_stop(&vm);
}

static void test_counters(const char *variant)
{
	static const uint64_t want[MY_RNG_STAT_COUNT] = {
		[MY_RNG_STAT_MMIO_READS] = 3,
		[MY_RNG_STAT_MMIO_WRITES] = 13,
		[MY_RNG_STAT_DMAS] = 3,
		[MY_RNG_STAT_DMA_BYTES] = 114,
		[MY_RNG_STAT_WORDS] = 2 + 2 + 25,
		[MY_RNG_STAT_ERRORS] = 1,
	};
	struct vm vm;
	struct dev dev;
	int i;

	dev_start(&dev, &vm, variant, "");
	check_eq(r32(&dev, MY_RNG_REG_DMA_STATUS), MY_RNG_DMA_ST_IDLE,
		 "device/dma/idle-at-start");
	w32(&dev, MY_RNG_REG_DMA_DOORBELL, 0); /* error: no START */
	check_eq(r32(&dev, MY_RNG_REG_DMA_STATUS), MY_RNG_DMA_ST_IDLE,
		 "device/dma/doorbell-without-start-does-nothing");
	ring(&dev, 7, MY_RNG_DMA_DB_START);
	ring(&dev, 8, MY_RNG_DMA_DB_START);
	w64(&dev, MY_RNG_REG_DMA_ADDR_LO, RAM);
	w64(&dev, MY_RNG_REG_DMA_ADDR_LO, RAM);
	w64(&dev, MY_RNG_REG_DMA_ADDR_LO, RAM);
	ring(&dev, 99, MY_RNG_DMA_DB_START);
	check_eq(r32(&dev, MY_RNG_REG_DMA_COUNT), 99, "device/dma/count");
	for (i = 0; i < MY_RNG_STAT_COUNT; i++)
		check_eq(dev_stat(&dev, i), want[i],
			 "device/stat/dma-exact-count-of-requests-%d", i);
	vm_stop(&vm);
}

const struct suite dma_suites[] = {
	{ "dma", test_sizes },    { "dma", test_high },
	{ "dma", test_pieces },   { "dma", test_refused },
	{ "dma", test_own_bar },  { "dma", test_master },
	{ "dma", test_record },   { "dma", test_msi },
	{ "dma", test_msi_loop }, { "dma", test_counters },
	{ NULL, NULL },
};
