// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Cases of my_rng. Every counter of the device must move by exactly what the
 * operations should do, no more and no less.
 */
#include <stddef.h>

#include "bench.h"
#include "io.h"
#include "pci.h"

#define DEVICES_MAX 8
#define SEED        0x42
#define MARK        0x6578626d /* any value */

#define DMA_BYTES 4096
#define DMA_TURNS 10000000
#define BUF_BYTES 65536

/* First words from SEED, by generator: of glibc and of the published code */
#define GOLDEN_WORDS 5
static const uint32_t golden[][GOLDEN_WORDS] = {
	[MY_RNG_GEN_GLIBC] = { 286129175, 1594929109, 971802288, 222134722,
			       1335014133 },
	[MY_RNG_GEN_XOSHIRO256SS] = { 2643162813, 2389362080, 3127147522,
				      2091769759, 1124083390 },
	[MY_RNG_GEN_PCG64] = { 3504074964, 412228668, 3270006782, 3811092421,
			       4132368652 },
	[MY_RNG_GEN_MT19937] = { 662660116, 839246652, 574235255, 1167204403,
				 1557722234 },
	[MY_RNG_GEN_CHACHA20] = { 4196382978, 259921872, 280159507, 2604145569,
				  2560864945 },
	[MY_RNG_GEN_XOSHIRO256PPX8] = { 1905241784, 1065677665, 4002406757,
					3039808279, 3125464885 },
};

static struct pci_device devices[DEVICES_MAX];
static unsigned int device_count;

/* Target of DMA and string input, and the completion record of a DMA */
static uint32_t buf[BUF_BYTES / 4] __attribute__((aligned(4096)));
static volatile uint32_t record[MY_RNG_DMA_DONE_SIZE / 4]
	__attribute__((aligned(8)));

/* Of the case that runs: its device, and its counters after setup */
static uint64_t mmio;
static uint16_t port;
static uint64_t before[MY_RNG_STAT_COUNT];
static uint32_t fifo_depth; /* words that the FIFO can hold */
static uint32_t fifo_words; /* words that are left in it */
static uint64_t top_ups;    /* level reads since setup */

static void find_devices(void)
{
	unsigned int slot = 0;

	if (device_count)
		return;
	for (; device_count < DEVICES_MAX &&
	       pci_find(MY_RNG_PCI_VENDOR_ID, MY_RNG_PCI_DEVICE_ID, &slot);
	     slot++)
		pci_start(&devices[device_count++], slot);
}

static uint32_t reg_read(uint32_t reg)
{
	return read32(mmio + reg);
}

static void reg_write(uint32_t reg, uint32_t value)
{
	write32(mmio + reg, value);
}

/* Finds the first device that offers what the case needs. */
static const char *rng_valid(struct bench_case *c)
{
	find_devices();
	for (unsigned int i = 0; i < device_count; i++) {
		mmio = devices[i].bar[MY_RNG_BAR_MMIO];
		port = (uint16_t)devices[i].bar[MY_RNG_BAR_PIO];
		if (reg_read(MY_RNG_REG_MAGIC) != MY_RNG_MAGIC ||
		    reg_read(MY_RNG_REG_VERSION) != MY_RNG_VERSION)
			continue;
		if (reg_read(MY_RNG_REG_GENERATOR) >=
		    sizeof(golden) / sizeof(golden[0]))
			return "its generator has no words to verify; give "
			       "another GENERATOR";
		if ((reg_read(MY_RNG_REG_CAP) & c->cap) == c->cap)
			return NULL;
	}
	return device_count ? "no my_rng of this build has this variant"
			    : "there is no my_rng in this machine";
}

static void read_counters(uint64_t *counters)
{
	for (unsigned int i = 0; i < MY_RNG_STAT_COUNT; i++)
		counters[i] = read64(mmio + MY_RNG_REG_STAT_LO(i));
}

/* Sets the stream to its start; the FIFO, if there is one, is full then. */
static bool restart(const struct bench_case *c)
{
	reg_write(MY_RNG_REG_SEED, SEED);
	if (!(c->cap & MY_RNG_CAP_FIFO))
		return true;
	fifo_depth = reg_read(MY_RNG_REG_FIFO_DEPTH);
	fifo_words = in32(port + MY_RNG_PIO_FIFO_LEVEL);
	if (fifo_words != fifo_depth)
		return failed("FIFO level %u after a top-up, depth is %u",
			      fifo_words, fifo_depth);
	return fifo_words >= BUF_BYTES / 4 ||
	       failed("FIFO depth %u, at least %u words needed", fifo_depth,
		      BUF_BYTES / 4);
}

static bool is_golden(unsigned int i, uint64_t word)
{
	uint32_t want = golden[reg_read(MY_RNG_REG_GENERATOR)][i];

	return word == want ||
	       failed("word %u after seed 0x%x is %lu, expected %u", i, SEED,
		      word, want);
}

/* One word a call: by register or by port. */
static bool verify_words(const struct bench_case *c)
{
	for (unsigned int i = 0; i < GOLDEN_WORDS; i++)
		if (!is_golden(i, op_call(&c->op) & 0xffffffff))
			return false;
	if (!(c->cap & MY_RNG_CAP_FIFO))
		return true;
	fifo_words -= GOLDEN_WORDS;
	return reg_read(MY_RNG_REG_FIFO_UNDERRUN) == 0 ||
	       failed("the FIFO ran dry");
}

static bool verify_pairs(const struct bench_case *c)
{
	for (unsigned int i = 0; i + 2 <= GOLDEN_WORDS; i += 2) {
		uint64_t pair = op_call(&c->op);

		if (!is_golden(i, pair & 0xffffffff) ||
		    !is_golden(i + 1, pair >> 32))
			return false;
	}
	return true;
}

static bool verify_mark(const struct bench_case *c)
{
	uint32_t mark;

	reg_write(MY_RNG_REG_MARK, 0);
	op_call(&c->op);
	mark = reg_read(MY_RNG_REG_MARK);
	return mark == c->op.value || failed("MARK reads 0x%x, written 0x%x",
					     mark, (uint32_t)c->op.value);
}

/* The buffer against the same stream, read by the RNG register. */
static bool buffer_is_stream(uint32_t words)
{
	reg_write(MY_RNG_REG_SEED, SEED);
	for (uint32_t i = 0; i < words; i++) {
		uint32_t want = reg_read(MY_RNG_REG_RNG);

		if (i < GOLDEN_WORDS && !is_golden(i, buf[i]))
			return false;
		if (buf[i] != want)
			return failed("word %u is %u, RNG gives %u", i, buf[i],
				      want);
	}
	return true;
}

static bool verify_insl(const struct bench_case *c)
{
	uint32_t words = (uint32_t)c->op.count;

	op_call(&c->op);
	return buffer_is_stream(words) && restart(c);
}

/* Whether the completion record says what it should. */
static bool record_is_done(void)
{
	return (record[0] == MY_RNG_DMA_ST_DONE && record[1] == DMA_BYTES) ||
	       failed("completion record: status %u, %u bytes; error %u",
		      record[0], record[1], reg_read(MY_RNG_REG_DMA_ERROR));
}

static bool verify_dma(const struct bench_case *c)
{
	op_call(&c->op);
	return record_is_done() && buffer_is_stream(DMA_BYTES / 4);
}

/* Completes the operation, tries it out, and notes the counters. */
static bool rng_setup(struct bench_case *c)
{
	if (c->cap & MY_RNG_CAP_FIFO) {
		c->op.mem = (uint64_t)buf;
		c->op.port = port + c->reg;
	} else {
		c->op.mem = mmio + c->reg;
	}
	if (!restart(c) || !c->verify(c))
		return false;
	top_ups = 0;
	read_counters(before);
	return true;
}

static bool dma_setup(struct bench_case *c)
{
	c->op.port = (uint64_t)record;
	write64(mmio + MY_RNG_REG_DMA_ADDR_LO, (uint64_t)buf);
	write64(mmio + MY_RNG_REG_DMA_DONE_LO, (uint64_t)record);
	reg_write(MY_RNG_REG_DMA_LEN, DMA_BYTES);
	return rng_setup(c);
}

/* Fills the FIFO when the next sample would empty it. */
static bool fifo_prepare(const struct bench_case *c, uint32_t calls)
{
	uint32_t words = calls * c->per_call[MY_RNG_STAT_WORDS];

	if (words > fifo_depth)
		return false;
	if (fifo_words < words) {
		fifo_words = in32(port + MY_RNG_PIO_FIFO_LEVEL);
		top_ups++;
	}
	fifo_words -= words;
	return true;
}

static bool rng_check(const struct bench_case *c, uint64_t calls)
{
	static const char *const names[MY_RNG_STAT_COUNT] = {
		[MY_RNG_STAT_MMIO_READS] = "mmio_reads",
		[MY_RNG_STAT_MMIO_WRITES] = "mmio_writes",
		[MY_RNG_STAT_PIO_READS] = "pio_reads",
		[MY_RNG_STAT_PIO_WRITES] = "pio_writes",
		[MY_RNG_STAT_DMAS] = "dmas",
		[MY_RNG_STAT_DMA_BYTES] = "dma_bytes",
		[MY_RNG_STAT_IRQS] = "irqs",
		[MY_RNG_STAT_ADMIN] = "admin",
		[MY_RNG_STAT_WORDS] = "words",
		[MY_RNG_STAT_ERRORS] = "errors",
		[MY_RNG_STAT_KICKS] = "kicks",
	};
	uint64_t after[MY_RNG_STAT_COUNT];

	read_counters(after);
	for (unsigned int i = 0; i < MY_RNG_STAT_COUNT; i++) {
		uint64_t got = after[i] - before[i];
		uint64_t want = calls * c->per_call[i];

		if (i == MY_RNG_STAT_PIO_READS)
			want += top_ups;
		if (i == MY_RNG_STAT_ADMIN) /* reading the counters counts */
			want += MY_RNG_STAT_COUNT;
		if (got != want)
			return failed("device counted %lu %s for %lu "
				      "operations, expected %lu",
				      got, names[i], calls, want);
	}
	if (c->cap & MY_RNG_CAP_FIFO && reg_read(MY_RNG_REG_FIFO_UNDERRUN))
		return failed("the FIFO ran dry");
	return true;
}

static bool dma_check(const struct bench_case *c, uint64_t calls)
{
	return rng_check(c, calls) && record_is_done();
}

struct bench_case my_rng_cases[] = {
	{
		.device = "my_rng",
		.name = "mmio_read32",
		.valid = rng_valid,
		.setup = rng_setup,
		.check = rng_check,
		.op.fn = op_read32,
		.cap = MY_RNG_CAP_RNG32,
		.reg = MY_RNG_REG_RNG,
		.verify = verify_words,
		.per_call = { [MY_RNG_STAT_MMIO_READS] = 1,
			      [MY_RNG_STAT_WORDS] = 1 },
	},
	{
		.device = "my_rng",
		.name = "mmio_read64",
		.valid = rng_valid,
		.setup = rng_setup,
		.check = rng_check,
		.op.fn = op_read64,
		.cap = MY_RNG_CAP_RNG64,
		.reg = MY_RNG_REG_RNG64,
		.verify = verify_pairs,
		.per_call = { [MY_RNG_STAT_MMIO_READS] = 1,
			      [MY_RNG_STAT_WORDS] = 2 },
	},
	{
		.device = "my_rng",
		.name = "mmio_write32",
		.valid = rng_valid,
		.setup = rng_setup,
		.check = rng_check,
		.op = { .fn = op_write32, .value = MARK },
		.reg = MY_RNG_REG_MARK,
		.verify = verify_mark,
		.per_call = { [MY_RNG_STAT_ADMIN] = 1 },
	},
	{
		.device = "my_rng",
		.name = "port_read32",
		.valid = rng_valid,
		.setup = rng_setup,
		.prepare = fifo_prepare,
		.check = rng_check,
		.op.fn = op_in32,
		.cap = MY_RNG_CAP_FIFO | MY_RNG_CAP_PIO,
		.reg = MY_RNG_PIO_FIFO_DATA,
		.verify = verify_words,
		.per_call = { [MY_RNG_STAT_PIO_READS] = 1,
			      [MY_RNG_STAT_WORDS] = 1 },
	},
	{
		.device = "my_rng",
		.name = "insl_1k",
		.valid = rng_valid,
		.setup = rng_setup,
		.prepare = fifo_prepare,
		.check = rng_check,
		.op = { .fn = op_insl, .count = 1024 / 4 },
		.cap = MY_RNG_CAP_FIFO | MY_RNG_CAP_PIO,
		.reg = MY_RNG_PIO_FIFO_DATA,
		.verify = verify_insl,
		.per_call = { [MY_RNG_STAT_PIO_READS] = 1024 / 4,
			      [MY_RNG_STAT_WORDS] = 1024 / 4 },
	},
	{
		.device = "my_rng",
		.name = "insl_64k",
		.valid = rng_valid,
		.setup = rng_setup,
		.prepare = fifo_prepare,
		.check = rng_check,
		.op = { .fn = op_insl, .count = BUF_BYTES / 4 },
		.cap = MY_RNG_CAP_FIFO | MY_RNG_CAP_PIO,
		.reg = MY_RNG_PIO_FIFO_DATA,
		.verify = verify_insl,
		.per_call = { [MY_RNG_STAT_PIO_READS] = BUF_BYTES / 4,
			      [MY_RNG_STAT_WORDS] = BUF_BYTES / 4 },
	},
	{
		.device = "my_rng",
		.name = "dma_4k",
		.valid = rng_valid,
		.setup = dma_setup,
		.check = dma_check,
		.op = { .fn = op_dma,
			.value = MY_RNG_DMA_DB_START,
			.count = DMA_TURNS },
		.cap = MY_RNG_CAP_DMA,
		.reg = MY_RNG_REG_DMA_DOORBELL,
		.verify = verify_dma,
		.per_call = { [MY_RNG_STAT_MMIO_WRITES] = 1,
			      [MY_RNG_STAT_DMAS] = 1,
			      [MY_RNG_STAT_DMA_BYTES] = DMA_BYTES,
			      [MY_RNG_STAT_WORDS] = DMA_BYTES / 4 },
	},
	{ .name = NULL },
};
