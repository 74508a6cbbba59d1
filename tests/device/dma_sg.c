// SPDX-License-Identifier: GPL-2.0-or-later
/* Variant "dma": requests by tables of descriptors. */
#include <stdio.h>
#include <string.h>
#include <linux/pci_regs.h>

#include "dev.h"

/* Low RAM of the default machine, what is no RAM, and where tables lie */
#define RAM     0x1000000ull
#define RAM_END 0x8000000ull
#define ROM     0xffff0000ull
#define HOLE    0xd0000000ull
#define TABLE   0x2000000ull

#define GUARD 0xa5
#define PAD   64
#define MOST  512

struct range {
	uint64_t addr;
	uint32_t len;
};

/* Rings for @count descriptors at @table. Return: MY_RNG_DMA_ERR_* */
static uint32_t ring_sg(const struct dev *dev, uint64_t table, uint32_t count,
			uint32_t len)
{
	w64(dev, MY_RNG_REG_DMA_DESC_LO, table);
	w32(dev, MY_RNG_REG_DMA_DESC_COUNT, count);
	w32(dev, MY_RNG_REG_DMA_LEN, len);
	w32(dev, MY_RNG_REG_DMA_DOORBELL,
	    MY_RNG_DMA_DB_START | MY_RNG_DMA_DB_SG);
	return r32(dev, MY_RNG_REG_DMA_ERROR);
}

static uint32_t put_table(const struct dev *dev, const struct range *r,
			  unsigned int n)
{
	uint32_t total = 0;
	unsigned int i;

	for (i = 0; i < n; i++) {
		dev_put_desc(dev, TABLE, i, r[i].addr, r[i].len, 0);
		total += r[i].len;
	}
	return total;
}

/* Ranges that keep their distance: each gets its part and nothing beside it */
static bool exact(const struct dev *dev, struct ref *ref, const struct range *r,
		  unsigned int n)
{
	uint32_t total = put_table(dev, r, n), at = 0;
	uint8_t *want = malloc(total), *got = malloc(total + 2 * PAD);
	uint8_t guard[PAD];
	unsigned int i;
	bool good;

	memset(guard, GUARD, sizeof(guard));
	for (i = 0; i < n; i++)
		vm_fill(dev->vm, r[i].addr - PAD, GUARD, r[i].len + 2 * PAD);
	good = ring_sg(dev, TABLE, n, total) == MY_RNG_DMA_ERR_NONE &&
	       r32(dev, MY_RNG_REG_DMA_STATUS) == MY_RNG_DMA_ST_DONE &&
	       r32(dev, MY_RNG_REG_DMA_COUNT) == total;
	ref_bytes(ref, want, total);
	for (i = 0; i < n; i++) {
		vm_peek(dev->vm, r[i].addr - PAD, got, r[i].len + 2 * PAD);
		good = good && !memcmp(got, guard, PAD) &&
		       !memcmp(got + PAD, want + at, r[i].len) &&
		       !memcmp(got + PAD + r[i].len, guard, PAD);
		at += r[i].len;
	}
	free(want);
	free(got);
	return good;
}

/* Words that begin in one range and end in the next, or the one after */
static void test_ranges(const char *variant)
{
	static const struct range odd[] = {
		{ RAM + 0x1001, 1 },    { RAM + 0x2003, 2 },
		{ RAM + 0x3000, 1 },    { RAM + 0x4002, 7 },
		{ RAM + 0x9500, 4095 }, { RAM + 0x6001, 3 },
		{ RAM + 0x8000, 5 },
	};
	struct vm vm;
	struct dev dev;
	struct ref ref;
	unsigned int gen, first, second;
	int wrong;

	for (gen = 0; gen < GENERATORS; gen++) {
		char options[32];

		snprintf(options, sizeof(options), ",generator=%s",
			 generator_name[gen]);
		dev_start(&dev, &vm, variant, options);
		ref_seed(&ref, gen, 1);
		check(exact(&dev, &ref, odd, sizeof(odd) / sizeof(*odd)),
		      "device/dma-sg/%s-odd-ranges-in-any-order",
		      generator_name[gen]);
		for (first = 1, wrong = 0; first <= 9; first++) {
			for (second = 1; second <= 9; second++) {
				const struct range two[] = {
					{ RAM + 0x1000 - first, first },
					{ RAM + 0x3000 + second % 4, second },
				};

				wrong += !exact(&dev, &ref, two, 2);
			}
		}
		check_eq(wrong, 0, "device/dma-sg/%s-word-torn-anywhere",
			 generator_name[gen]);
		vm_stop(&vm);
	}
}

/* A megabyte at an odd offset, page by page: neighbours, and pages apart */
static void test_pages(const char *variant)
{
	struct range r[257];
	struct vm vm;
	struct dev dev;
	struct ref ref;
	unsigned int i;
	uint8_t *want = malloc(1 << 20), *got = malloc(1 << 20);

	dev_start(&dev, &vm, variant, "");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	for (i = 0; i < 257; i++) {
		r[i].addr = RAM + 0x1000 * i + (i ? 0 : 77);
		r[i].len = i == 0 ? 4096 - 77 : i == 256 ? 77 : 4096;
	}
	put_table(&dev, r, 257);
	check_eq(ring_sg(&dev, TABLE, 257, 1 << 20), MY_RNG_DMA_ERR_NONE,
		 "device/dma-sg/257-neighbours");
	vm_peek(&vm, RAM + 77, got, 1 << 20);
	ref_bytes(&ref, want, 1 << 20);
	check(!memcmp(got, want, 1 << 20), "device/dma-sg/neighbours-are-one");
	for (i = 0; i < 257; i++)
		r[i].addr = RAM + 0x2000 * ((i * 101) % 257) + (i ? 0 : 77);
	r[0].addr = RAM + 77;
	check(exact(&dev, &ref, r, 257), "device/dma-sg/257-pages-apart");
	for (i = 0; i < 256; i++)
		r[i].len = 8;
	check(exact(&dev, &ref, r, 256), "device/dma-sg/256-small-ranges");
	vm_stop(&vm);
	free(want);
	free(got);
}

/* Descriptors at the limit; addresses above 4 GiB; RAM of two blocks */
static void test_limits(const char *variant)
{
	static const struct range high[] = { { 0x100000000ull + 0x12345, 999 },
					     { RAM + 3, 1000 } };
	static const struct range border[] = { { 0x4000000 - 70001, 300000 },
					       { RAM + 1, 5 } };
	uint8_t want[MOST], got[MOST];
	struct vm vm;
	struct dev dev;
	struct ref ref;
	unsigned int i;

	dev_start(&dev, &vm, variant, " -m 5G");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	check_eq(r32(&dev, MY_RNG_REG_DMA_DESC_MAX), MOST,
		 "device/dma-sg/desc-max");
	check(exact(&dev, &ref, high, 2), "device/dma-sg/above-4-gib");
	for (i = 0; i < MOST; i++) /* the bytes from last to first */
		dev_put_desc(&dev, TABLE, i, RAM + MOST - 1 - i, 1, 0);
	check_eq(ring_sg(&dev, TABLE, MOST, MOST), MY_RNG_DMA_ERR_NONE,
		 "device/dma-sg/most-descriptors");
	ref_bytes(&ref, want, MOST);
	vm_peek(&vm, RAM, got, MOST);
	for (i = 0; i < MOST && got[i] == want[MOST - 1 - i]; i++)
		;
	check_eq(i, MOST, "device/dma-sg/order-is-the-tables");
	vm_stop(&vm);
	dev_start(&dev, &vm, variant,
		  " -m 128M -object memory-backend-ram,id=m0,size=64M"
		  " -object memory-backend-ram,id=m1,size=64M"
		  " -numa node,memdev=m0 -numa node,memdev=m1");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	check(exact(&dev, &ref, border, 2),
	      "device/dma-sg/range-over-two-blocks");
	vm_stop(&vm);
}

/* Tables of 3 descriptors of 8 bytes at RAM, but for what is said here */
struct refused {
	const char *name;
	uint64_t table;
	uint32_t count;
	uint32_t len;
	unsigned int which; /* descriptor that differs */
	uint64_t addr;
	uint32_t desc_len;
	uint32_t reserved;
	uint32_t error;
};

static const struct refused refused[] = {
	{ "count-0", TABLE, 0, 24, 0, RAM, 8, 0, MY_RNG_DMA_ERR_DESC },
	{ "count-over-limit", TABLE, MOST + 1, 24, 0, RAM, 8, 0,
	  MY_RNG_DMA_ERR_DESC },
	{ "count-huge", TABLE, 0xffffffff, 24, 0, RAM, 8, 0,
	  MY_RNG_DMA_ERR_DESC },
	{ "table-in-hole", HOLE, 3, 24, 0, RAM, 8, 0, MY_RNG_DMA_ERR_DESC },
	{ "table-in-rom", ROM, 3, 24, 0, RAM, 8, 0, MY_RNG_DMA_ERR_DESC },
	{ "table-beyond-ram", RAM_END - 40, 3, 24, 0, RAM, 8, 0,
	  MY_RNG_DMA_ERR_DESC },
	{ "table-wraps", UINT64_MAX - 15, 3, 24, 0, RAM, 8, 0,
	  MY_RNG_DMA_ERR_DESC },
	{ "empty-descriptor", TABLE, 3, 16, 1, RAM, 0, 0, MY_RNG_DMA_ERR_DESC },
	{ "reserved-bits", TABLE, 3, 24, 2, RAM, 8, 1, MY_RNG_DMA_ERR_DESC },
	{ "sum-too-small", TABLE, 3, 25, 0, RAM, 8, 0, MY_RNG_DMA_ERR_LEN },
	{ "sum-too-big", TABLE, 3, 24, 2, RAM, 9, 0, MY_RNG_DMA_ERR_LEN },
	{ "sum-over-32-bits", TABLE, 3, 24, 1, RAM, 8 - 16, 0,
	  MY_RNG_DMA_ERR_LEN },
	{ "length-0", TABLE, 3, 0, 0, RAM, 8, 0, MY_RNG_DMA_ERR_LEN },
	{ "length-over-limit", TABLE, 3, 1048577, 0, RAM, 8, 0,
	  MY_RNG_DMA_ERR_LEN },
	{ "first-in-hole", TABLE, 3, 24, 0, HOLE, 8, 0, MY_RNG_DMA_ERR_ADDR },
	{ "last-in-hole", TABLE, 3, 24, 2, HOLE, 8, 0, MY_RNG_DMA_ERR_ADDR },
	{ "last-in-rom", TABLE, 3, 24, 2, ROM, 8, 0, MY_RNG_DMA_ERR_ADDR },
	{ "last-beyond-ram", TABLE, 3, 24, 2, RAM_END - 7, 8, 0,
	  MY_RNG_DMA_ERR_ADDR },
	{ "last-wraps", TABLE, 3, 24, 2, UINT64_MAX - 3, 8, 0,
	  MY_RNG_DMA_ERR_ADDR },
};

/* After each error: nothing written, stream where it was, device alive */
static void test_refused(const char *variant)
{
	static const struct range fine[] = { { RAM + 1, 100 } };
	struct vm vm;
	struct dev dev;
	struct ref ref;
	uint8_t around[128], guard[128];
	size_t i;

	dev_start(&dev, &vm, variant, "");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	memset(guard, GUARD, sizeof(guard));
	vm_fill(&vm, RAM, GUARD, sizeof(guard));
	for (i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		const struct refused *r = &refused[i];
		unsigned int n;

		for (n = 0; n < 3; n++)
			dev_put_desc(&dev, TABLE, n, RAM + 16 * n, 8, 0);
		dev_put_desc(&dev, TABLE, r->which, r->addr, r->desc_len,
			     r->reserved);
		check_eq(ring_sg(&dev, r->table, r->count, r->len), r->error,
			 "device/dma-sg/rejects-%s", r->name);
		vm_peek(&vm, RAM, around, sizeof(around));
		check(!memcmp(around, guard, sizeof(guard)) &&
			      r32(&dev, MY_RNG_REG_DMA_STATUS) ==
				      MY_RNG_DMA_ST_ERROR &&
			      r32(&dev, MY_RNG_REG_DMA_COUNT) == 0,
		      "device/dma-sg/nothing-written-by-%s", r->name);
		check_eq(r32(&dev, MY_RNG_REG_RNG), ref_next(&ref),
			 "device/dma-sg/stream-unchanged-by-%s", r->name);
	}
	check_eq(dev_stat(&dev, MY_RNG_STAT_ERRORS), i,
		 "device/dma-sg/each-error-is-counted");
	check_eq(dev_stat(&dev, MY_RNG_STAT_DMAS), 0,
		 "device/dma-sg/errors-are-no-transfers");
	check(exact(&dev, &ref, fine, 1), "device/dma-sg/works-after-errors");
	vm_stop(&vm);
}

/* A table that is our own registers must not be read: that would take words */
static void test_own_bar(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ref ref;
	uint64_t reads;

	dev_start(&dev, &vm, variant, "");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	r32(&dev, MY_RNG_REG_DMA_ERROR);
	reads = dev_stat(&dev, MY_RNG_STAT_MMIO_READS);
	check_eq(ring_sg(&dev, dev.mmio, 1, 24), MY_RNG_DMA_ERR_DESC,
		 "device/dma-sg/rejects-table-in-own-bar");
	check_eq(dev_stat(&dev, MY_RNG_STAT_MMIO_READS), reads + 1,
		 "device/dma-sg/own-bar-sees-no-read");
	dev_put_desc(&dev, TABLE, 0, dev.mmio + MY_RNG_REG_SEED, 4, 0);
	check_eq(ring_sg(&dev, TABLE, 1, 4), MY_RNG_DMA_ERR_ADDR,
		 "device/dma-sg/rejects-range-in-own-bar");
	check_eq(r32(&dev, MY_RNG_REG_RNG), ref_next(&ref),
		 "device/dma-sg/stream-unchanged-by-own-bar");
	vm_stop(&vm);
}

/* Data over the table, over the record, over itself; without bus mastering */
static void test_overlap(const char *variant)
{
	const uint64_t record = TABLE + 0x1000;
	struct vm vm;
	struct dev dev;
	struct ref ref;
	uint8_t want[32], got[32];

	dev_start(&dev, &vm, variant, "");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	w64(&dev, MY_RNG_REG_DMA_DONE_LO, record);
	dev_put_desc(&dev, TABLE, 0, TABLE, 16, 0);
	dev_put_desc(&dev, TABLE, 1, RAM, 16, 0);
	check_eq(ring_sg(&dev, TABLE, 2, 32), MY_RNG_DMA_ERR_NONE,
		 "device/dma-sg/target-may-be-the-table");
	ref_bytes(&ref, want, 32);
	vm_peek(&vm, TABLE, got, 16);
	vm_peek(&vm, RAM, got + 16, 16);
	check(!memcmp(got, want, 32), "device/dma-sg/table-is-read-once");
	check_eq(vm_read(&vm, record, 8), 32ull << 32 | MY_RNG_DMA_ST_DONE,
		 "device/dma-sg/record-says-done");
	dev_put_desc(&dev, TABLE, 0, RAM, 8, 0);
	dev_put_desc(&dev, TABLE, 1, RAM + 4, 8, 0);
	ring_sg(&dev, TABLE, 2, 16);
	ref_bytes(&ref, want, 16);
	vm_peek(&vm, RAM, got, 12);
	check(!memcmp(got, want, 4) && !memcmp(got + 4, want + 8, 8),
	      "device/dma-sg/the-later-range-wins");
	config_write(&dev, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
	check_eq(ring_sg(&dev, TABLE, 2, 16), MY_RNG_DMA_ERR_MASTER,
		 "device/dma-sg/rejects-without-bus-master");
	vm_stop(&vm);
}

/* Requests of both kinds in turn, and what they count */
static void test_counters(const char *variant)
{
	static const uint64_t want[MY_RNG_STAT_COUNT] = {
		[MY_RNG_STAT_MMIO_READS] = 3,
		[MY_RNG_STAT_MMIO_WRITES] = 2 * 4 + 4 + 1,
		[MY_RNG_STAT_DMAS] = 3,
		[MY_RNG_STAT_DMA_BYTES] = 7 + 5 + 7,
		[MY_RNG_STAT_WORDS] = 2 + 2 + 2,
		[MY_RNG_STAT_ERRORS] = 1,
	};
	struct vm vm;
	struct dev dev;
	int i;

	dev_start(&dev, &vm, variant, "");
	dev_put_desc(&dev, TABLE, 0, RAM, 3, 0);
	dev_put_desc(&dev, TABLE, 1, RAM + 64, 4, 0);
	ring_sg(&dev, TABLE, 2, 7);
	dev_dma(&dev, RAM, 5);
	ring_sg(&dev, TABLE, 2, 7);
	w32(&dev, MY_RNG_REG_DMA_DOORBELL, MY_RNG_DMA_DB_SG); /* no START */
	for (i = 0; i < MY_RNG_STAT_COUNT; i++)
		check_eq(dev_stat(&dev, i), want[i],
			 "device/stat/dma-sg-exact-count-of-requests-%d", i);
	vm_stop(&vm);
}

const struct suite dma_sg_suites[] = {
	{ "dma", test_ranges },   { "dma", test_pages },
	{ "dma", test_limits },   { "dma", test_refused },
	{ "dma", test_own_bar },  { "dma", test_overlap },
	{ "dma", test_counters }, { NULL, NULL },
};
