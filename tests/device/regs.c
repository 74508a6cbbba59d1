// SPDX-License-Identifier: GPL-2.0-or-later
/* Registers: access sizes, unknown offsets, counters, MARK. */
#include <string.h>

#include "dev.h"

/* By variant, the 4-byte offsets below ADMIN that may be read or written */
struct map {
	const char *variant;
	unsigned int readable[24]; /* ended by 0 after the first */
	unsigned int writable[24];
};

static const struct map maps[] = {
	{ "32", { MY_RNG_REG_RNG, MY_RNG_REG_SEED }, { MY_RNG_REG_SEED } },
	{ "64",
	  { MY_RNG_REG_RNG, MY_RNG_REG_SEED, MY_RNG_REG_RNG64,
	    MY_RNG_REG_RNG64 + 4 },
	  { MY_RNG_REG_SEED } },
	{ "fifo",
	  { MY_RNG_REG_RNG, MY_RNG_REG_SEED, MY_RNG_REG_FIFO_DATA,
	    MY_RNG_REG_FIFO_LEVEL, MY_RNG_REG_FIFO_DEPTH,
	    MY_RNG_REG_FIFO_UNDERRUN },
	  { MY_RNG_REG_SEED } },
	{ "dma",
	  { MY_RNG_REG_RNG,
	    MY_RNG_REG_SEED,
	    MY_RNG_REG_DMA_ADDR_LO,
	    MY_RNG_REG_DMA_ADDR_HI,
	    MY_RNG_REG_DMA_LEN,
	    MY_RNG_REG_DMA_DOORBELL,
	    MY_RNG_REG_DMA_STATUS,
	    MY_RNG_REG_DMA_ERROR,
	    MY_RNG_REG_DMA_COUNT,
	    MY_RNG_REG_DMA_LEN_MAX,
	    MY_RNG_REG_DMA_DONE_LO,
	    MY_RNG_REG_DMA_DONE_HI,
	    MY_RNG_REG_DMA_DESC_LO,
	    MY_RNG_REG_DMA_DESC_HI,
	    MY_RNG_REG_DMA_DESC_COUNT,
	    MY_RNG_REG_DMA_DESC_MAX,
	    MY_RNG_REG_QUEUE_LO,
	    MY_RNG_REG_QUEUE_HI,
	    MY_RNG_REG_QUEUE_CTRL,
	    MY_RNG_REG_QUEUE_DOORBELL,
	    MY_RNG_REG_QUEUE_IRQ_FRAMES,
	    MY_RNG_REG_QUEUE_IRQ_USECS },
	  { MY_RNG_REG_SEED, MY_RNG_REG_DMA_ADDR_LO, MY_RNG_REG_DMA_ADDR_HI,
	    MY_RNG_REG_DMA_LEN, MY_RNG_REG_DMA_DOORBELL, MY_RNG_REG_DMA_DONE_LO,
	    MY_RNG_REG_DMA_DONE_HI, MY_RNG_REG_DMA_DESC_LO,
	    MY_RNG_REG_DMA_DESC_HI, MY_RNG_REG_DMA_DESC_COUNT,
	    MY_RNG_REG_QUEUE_LO, MY_RNG_REG_QUEUE_HI, MY_RNG_REG_QUEUE_CTRL,
	    MY_RNG_REG_QUEUE_DOORBELL, MY_RNG_REG_QUEUE_IRQ_FRAMES,
	    MY_RNG_REG_QUEUE_IRQ_USECS } },
	{ "window",
	  { MY_RNG_REG_RNG, MY_RNG_REG_SEED, MY_RNG_REG_WIN_REFILL,
	    MY_RNG_REG_WIN_SIZE },
	  { MY_RNG_REG_SEED, MY_RNG_REG_WIN_REFILL } },
	{ "ring",
	  { MY_RNG_REG_RNG, MY_RNG_REG_SEED, MY_RNG_REG_RING_HDR_LO,
	    MY_RNG_REG_RING_HDR_HI, MY_RNG_REG_RING_DESC_LO,
	    MY_RNG_REG_RING_DESC_HI, MY_RNG_REG_RING_COUNT,
	    MY_RNG_REG_RING_CTRL, MY_RNG_REG_RING_STATUS, MY_RNG_REG_RING_ERROR,
	    MY_RNG_REG_RING_DOORBELL, MY_RNG_REG_RING_SIZE_MAX,
	    MY_RNG_REG_RING_PROD_LO, MY_RNG_REG_RING_PROD_HI },
	  { MY_RNG_REG_SEED, MY_RNG_REG_RING_HDR_LO, MY_RNG_REG_RING_HDR_HI,
	    MY_RNG_REG_RING_DESC_LO, MY_RNG_REG_RING_DESC_HI,
	    MY_RNG_REG_RING_COUNT, MY_RNG_REG_RING_CTRL,
	    MY_RNG_REG_RING_DOORBELL } },
};

static bool listed(const unsigned int *list, unsigned int reg)
{
	unsigned int i;

	for (i = 0; i < 24 && (i == 0 || list[i]); i++)
		if (list[i] == reg)
			return true;
	return false;
}

static bool admin_readable(unsigned int reg)
{
	return reg == MY_RNG_REG_MAGIC || reg == MY_RNG_REG_VERSION ||
	       reg == MY_RNG_REG_CAP || reg == MY_RNG_REG_GENERATOR ||
	       reg == MY_RNG_REG_MARK || reg == MY_RNG_REG_MODE ||
	       reg == MY_RNG_REG_PRICE ||
	       (reg >= MY_RNG_REG_TIME &&
		reg < MY_RNG_REG_TIME_LO(MY_RNG_TIME_COUNT)) ||
	       (reg >= MY_RNG_REG_STAT &&
		reg < MY_RNG_REG_STAT_LO(MY_RNG_STAT_COUNT));
}

static bool admin_writable(unsigned int reg)
{
	return reg == MY_RNG_REG_MARK || reg == MY_RNG_REG_MODE ||
	       reg == MY_RNG_REG_PRICE;
}

/* Every offset of the BAR: error exactly where there is no register */
static void test_map(const char *variant)
{
	const struct map *map = maps;
	unsigned int reg;
	int bad_reads = 0, bad_writes = 0, bad_values = 0;
	struct vm vm;
	struct dev dev;

	while (strcmp(map->variant, variant))
		map++;
	dev_start(&dev, &vm, variant, "");
	for (reg = 0; reg < MY_RNG_BAR_MMIO_SIZE; reg += 4) {
		bool known = reg < MY_RNG_REG_ADMIN ? listed(map->readable, reg)
						    : admin_readable(reg);
		uint64_t before = dev_stat(&dev, MY_RNG_STAT_ERRORS);
		uint32_t value = r32(&dev, reg);
		uint64_t errors = dev_stat(&dev, MY_RNG_STAT_ERRORS) - before;

		bad_reads += errors != !known;
		bad_values += !known && value;
	}
	check_eq(bad_reads, 0, "device/regs/%s-unknown-reads-are-errors",
		 variant);
	check_eq(bad_values, 0, "device/regs/%s-unknown-reads-give-0", variant);
	for (reg = 0; reg < MY_RNG_BAR_MMIO_SIZE; reg += 4) {
		bool known = reg < MY_RNG_REG_ADMIN ? listed(map->writable, reg)
						    : admin_writable(reg);
		uint64_t before = dev_stat(&dev, MY_RNG_STAT_ERRORS);

		/* A doorbell too, but of a request that is in order */
		w32(&dev, reg,
		    reg == MY_RNG_REG_DMA_DOORBELL ? MY_RNG_DMA_DB_START
		    : reg == MY_RNG_REG_DMA_DONE_LO ||
				    reg == MY_RNG_REG_DMA_ADDR_HI ||
				    reg == MY_RNG_REG_QUEUE_CTRL ||
				    reg == MY_RNG_REG_RING_CTRL
			    ? 0
			    : 0x1000);
		bad_writes +=
			dev_stat(&dev, MY_RNG_STAT_ERRORS) - before != !known;
	}
	check_eq(bad_writes, 0, "device/regs/%s-other-writes-are-errors",
		 variant);
	check(vm_log_has(&vm, "my_rng rng4: read of") &&
		      vm_log_has(&vm, "my_rng rng4: write of"),
	      "device/regs/%s-errors-are-logged-with-the-device", variant);
	vm_stop(&vm);
}

static void test_narrow_reads(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ref ref;
	int at, wrong = 0;

	dev_start(&dev, &vm, variant, "");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	for (at = 0; at < 4; at++)
		wrong += vm_read(&vm, dev.mmio + MY_RNG_REG_RNG + at, 1) !=
			 (ref_next(&ref) >> 8 * at & 0xff);
	check_eq(wrong, 0, "device/regs/%s-byte-reads-give-that-byte", variant);
	for (at = wrong = 0; at < 4; at += 2)
		wrong += vm_read(&vm, dev.mmio + MY_RNG_REG_RNG + at, 2) !=
			 (ref_next(&ref) >> 8 * at & 0xffff);
	check_eq(wrong, 0, "device/regs/%s-2-byte-reads-give-that-half",
		 variant);
	check_eq(vm_read(&vm, dev.mmio + MY_RNG_REG_MAGIC + 2, 2),
		 MY_RNG_MAGIC >> 16, "device/regs/%s-2-byte-admin-read",
		 variant);
	check_eq(dev_stat(&dev, MY_RNG_STAT_ERRORS), 0,
		 "device/regs/%s-narrow-reads-are-no-errors", variant);
	check_eq(dev_stat(&dev, MY_RNG_STAT_WORDS), 6,
		 "device/regs/%s-narrow-reads-take-a-word-each", variant);
	vm_stop(&vm);
}

static void test_narrow_writes(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ref ref;

	dev_start(&dev, &vm, variant, "");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	vm_write(&vm, dev.mmio + MY_RNG_REG_SEED, 0x42, 1);
	vm_write(&vm, dev.mmio + MY_RNG_REG_SEED + 2, 0x42, 2);
	vm_write(&vm, dev.mmio + MY_RNG_REG_MARK, 0x42, 2);
	check_eq(dev_stat(&dev, MY_RNG_STAT_ERRORS), 3,
		 "device/regs/%s-narrow-writes-are-errors", variant);
	check_eq(r32(&dev, MY_RNG_REG_RNG), ref_next(&ref),
		 "device/regs/%s-narrow-writes-are-ignored", variant);
	check_eq(r32(&dev, MY_RNG_REG_MARK), 0,
		 "device/regs/%s-narrow-mark-is-ignored", variant);
	vm_stop(&vm);
}

/* 8 bytes are two accesses of 4, the lower address first */
static void test_wide(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ref ref;

	dev_start(&dev, &vm, variant, "");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	check_eq(r64(&dev, MY_RNG_REG_RNG), ref_next(&ref),
		 "device/regs/%s-8-byte-read-of-rng-and-seed", variant);
	check_eq(dev_stat(&dev, MY_RNG_STAT_MMIO_READS), 1,
		 "device/regs/%s-8-byte-read-is-one-access", variant);
	check_eq(r64(&dev, MY_RNG_REG_MAGIC),
		 MY_RNG_MAGIC | (uint64_t)MY_RNG_VERSION << 32,
		 "device/regs/%s-8-byte-read-of-magic-and-version", variant);
	w64(&dev, MY_RNG_REG_MARK, 0x0000000000000099);
	check_eq(r32(&dev, MY_RNG_REG_MARK), 0x99,
		 "device/regs/%s-8-byte-write-of-mark", variant);
	w64(&dev, MY_RNG_REG_PRICE, 0x1234567800000001);
	check_eq(dev_stat(&dev, MY_RNG_STAT_ERRORS), 1,
		 "device/regs/%s-8-byte-write-past-price-is-an-error", variant);
	w64(&dev, MY_RNG_REG_RNG, UINT64_C(0x42) << 32);
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 0x42);
	check_eq(r32(&dev, MY_RNG_REG_RNG), ref_next(&ref),
		 "device/regs/%s-8-byte-write-reaches-seed", variant);
	vm_stop(&vm);
}

/* RNG64 without the capability is no register */
static void test_rng64_absent(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ref ref;

	dev_start(&dev, &vm, variant, "");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	if (!(r32(&dev, MY_RNG_REG_CAP) & MY_RNG_CAP_RNG64)) {
		check_eq(r64(&dev, MY_RNG_REG_RNG64), 0,
			 "device/regs/%s-rng64-absent-reads-0", variant);
		check_eq(dev_stat(&dev, MY_RNG_STAT_ERRORS), 2,
			 "device/regs/%s-rng64-absent-is-an-error", variant);
		check_eq(r32(&dev, MY_RNG_REG_RNG), ref_next(&ref),
			 "device/regs/%s-rng64-absent-takes-no-word", variant);
	}
	vm_stop(&vm);
}

static void test_mark(const char *variant)
{
	struct vm vm;
	struct dev dev;

	dev_start(&dev, &vm, variant, " -trace my_rng_*");
	w32(&dev, MY_RNG_REG_MARK, 0xdeadbeef);
	check_eq(r32(&dev, MY_RNG_REG_MARK), 0xdeadbeef,
		 "device/regs/%s-mark-holds", variant);
	check_eq(vm_prop(&vm, "rng4", "mark"), 0xdeadbeef,
		 "device/regs/%s-mark-over-qmp", variant);
	check(vm_log_has(&vm, "my_rng_mark rng4 mark 0xdeadbeef"),
	      "device/trace/%s-mark", variant);
	check(vm_log_has(&vm, "my_rng_mmio_write rng4 addr 0x810 size 4"),
	      "device/trace/%s-mmio-write", variant);
	check(vm_log_has(&vm, "my_rng_mmio_read rng4 addr 0x810 size 4 "
			      "value 0xdeadbeef"),
	      "device/trace/%s-mmio-read", variant);
	vm_stop(&vm);
}

/* Counters: exact, the same over QMP and in the registers */
static void test_counters(const char *variant)
{
	static const uint64_t want[MY_RNG_STAT_COUNT] = {
		[MY_RNG_STAT_MMIO_READS] = 12, [MY_RNG_STAT_MMIO_WRITES] = 3,
		[MY_RNG_STAT_ADMIN] = 5,       [MY_RNG_STAT_WORDS] = 10,
		[MY_RNG_STAT_ERRORS] = 2,
	};
	struct vm vm;
	struct dev dev;
	int i, wrong = 0;

	dev_start(&dev, &vm, variant, "");
	for (i = 0; i < 10; i++)
		r32(&dev, MY_RNG_REG_RNG);
	r32(&dev, MY_RNG_REG_SEED);
	r32(&dev, MY_RNG_REG_ADMIN - 4); /* error */
	w32(&dev, MY_RNG_REG_SEED, 5);
	w32(&dev, MY_RNG_REG_SEED, 6);
	w32(&dev, MY_RNG_REG_RNG, 6); /* error */
	for (i = 0; i < 4; i++)
		r32(&dev, MY_RNG_REG_MAGIC);
	w32(&dev, MY_RNG_REG_MARK, 1);
	for (i = 0; i < MY_RNG_STAT_COUNT; i++)
		check_eq(dev_stat(&dev, i), want[i],
			 "device/stat/%s-exact-count-%d", variant, i);
	for (i = 0; i < MY_RNG_STAT_COUNT; i++) {
		uint64_t value = r64(&dev, MY_RNG_REG_STAT_LO(i));

		wrong += value != dev_stat(&dev, i);
		wrong += r32(&dev, MY_RNG_REG_STAT_LO(i)) !=
			 (uint32_t)value + (i == MY_RNG_STAT_ADMIN);
		wrong += r32(&dev, MY_RNG_REG_STAT_HI(i)) != 0;
	}
	check_eq(wrong, 0, "device/stat/%s-registers-agree-with-qmp", variant);
	vm_stop(&vm);
}

const struct suite regs_suites[] = {
	{ NULL, test_map },           { NULL, test_narrow_reads },
	{ NULL, test_narrow_writes }, { NULL, test_wide },
	{ NULL, test_rng64_absent },  { NULL, test_mark },
	{ NULL, test_counters },      { NULL, NULL },
};
