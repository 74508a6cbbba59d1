// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Cases of QEMU's own devices, to hold my_rng's against: edu (registers of its
 * specification, docs/specs/edu) and pci-testdev (docs/specs/pci-testdev),
 * which can have its writes taken by an ioeventfd.
 */
#include <stddef.h>

#include "bench.h"
#include "io.h"
#include "pci.h"

#define EDU_VENDOR    0x1234
#define EDU_DEVICE    0x11e8
#define EDU_ID        0x00
#define EDU_ID_VALUE  0x010000ed
#define EDU_LIVENESS  0x04 /* reads as the inverse of what was written */
#define EDU_DMA_SRC   0x80 /* the first that takes accesses of 8 bytes */
#define EDU_PATTERN32 0x12345678
#define EDU_PATTERN64 0x123456789abcdef0ul

#define TESTDEV_VENDOR   0x1b36
#define TESTDEV_DEVICE   0x0005
#define TESTDEV_BAR_MMIO 0
#define TESTDEV_BAR_PORT 1

/* In either BAR: writing TEST starts a test, the rest describes it. */
#define TESTDEV_TEST   0
#define TESTDEV_OFFSET 4  /* 4 bytes: where to write */
#define TESTDEV_DATA   8  /* what to write */
#define TESTDEV_COUNT  12 /* 4 bytes: writes that reached the device's model */

#define TEST_PLAIN   0
#define TEST_EVENTFD 1 /* any value triggers it */

/* Finds a device and starts it the first time. */
static bool found(struct pci_device *dev, uint16_t vendor, uint16_t device)
{
	unsigned int slot = 0;

	if (dev->bar[0])
		return true;
	if (!pci_find(vendor, device, &slot))
		return false;
	pci_start(dev, slot);
	return true;
}

static struct pci_device edu;

static const char *edu_valid(struct bench_case *c)
{
	(void)c;
	return found(&edu, EDU_VENDOR, EDU_DEVICE)
		       ? NULL
		       : "there is no edu in this machine";
}

static bool edu_setup_read32(struct bench_case *c)
{
	uint32_t id;

	c->op.mem = edu.bar[0] + c->reg;
	id = (uint32_t)op_call(&c->op);
	return id == EDU_ID_VALUE || failed("edu's id reads 0x%x", id);
}

static bool edu_setup_read64(struct bench_case *c)
{
	uint64_t value;

	c->op.mem = edu.bar[0] + c->reg;
	write64(c->op.mem, EDU_PATTERN64);
	value = op_call(&c->op);
	return value == EDU_PATTERN64 ||
	       failed("0x%lx read, 0x%lx written", value, EDU_PATTERN64);
}

static bool edu_setup_write32(struct bench_case *c)
{
	uint32_t value;

	c->op.mem = edu.bar[0] + c->reg;
	op_call(&c->op);
	value = read32(c->op.mem);
	return value == (uint32_t)~c->op.value ||
	       failed("0x%x read, inverse of 0x%x expected", value,
		      (uint32_t)c->op.value);
}

struct bench_case edu_cases[] = {
	{
		.device = "edu",
		.name = "mmio_read32",
		.valid = edu_valid,
		.setup = edu_setup_read32,
		.op.fn = op_read32,
		.reg = EDU_ID,
	},
	{
		.device = "edu",
		.name = "mmio_read64",
		.valid = edu_valid,
		.setup = edu_setup_read64,
		.op.fn = op_read64,
		.reg = EDU_DMA_SRC,
	},
	{
		.device = "edu",
		.name = "mmio_write32",
		.valid = edu_valid,
		.setup = edu_setup_write32,
		.op = { .fn = op_write32, .value = EDU_PATTERN32 },
		.reg = EDU_LIVENESS,
	},
	{ .name = NULL },
};

static struct pci_device testdev;

static const char *testdev_valid(struct bench_case *c)
{
	(void)c;
	return found(&testdev, TESTDEV_VENDOR, TESTDEV_DEVICE)
		       ? NULL
		       : "there is no pci-testdev in this machine";
}

static uint32_t testdev_reg32(uint32_t reg)
{
	return read32(testdev.bar[TESTDEV_BAR_MMIO] + reg);
}

/* Starts the case's test and fills in the operation; counts from 0 then. */
static void testdev_start(struct bench_case *c, bool by_port, bool writes)
{
	uint64_t bar =
		testdev.bar[by_port ? TESTDEV_BAR_PORT : TESTDEV_BAR_MMIO];
	uint64_t addr;

	if (by_port)
		out8((uint16_t)(bar + TESTDEV_TEST), c->test);
	else
		write8(bar + TESTDEV_TEST, c->test);
	addr = bar + (writes ? testdev_reg32(TESTDEV_OFFSET) : TESTDEV_DATA);
	if (by_port)
		c->op.port = addr;
	else
		c->op.mem = addr;
	if (writes)
		c->op.value = testdev_reg32(TESTDEV_DATA) & 0xff;
}

static bool testdev_verify_read(const struct bench_case *c)
{
	uint64_t got = op_call(&c->op) & 0xff;
	uint32_t want = testdev_reg32(TESTDEV_DATA) & 0xff;

	return (got == want && got) ||
	       failed("test data reads 0x%lx, not 0x%x", got, want);
}

static bool testdev_setup_read(struct bench_case *c)
{
	testdev_start(c, false, false);
	return testdev_verify_read(c);
}

static bool testdev_setup_in(struct bench_case *c)
{
	testdev_start(c, true, false);
	return testdev_verify_read(c);
}

/* Writes the model saw: all of them, or none where an eventfd takes them. */
static bool testdev_check(const struct bench_case *c, uint64_t calls)
{
	uint64_t want = c->test == TEST_PLAIN ? calls : 0;
	uint32_t got = testdev_reg32(TESTDEV_COUNT);

	return got == want ||
	       failed("device counted %u writes for %lu, expected %lu", got,
		      calls, want);
}

static bool testdev_setup_write(struct bench_case *c)
{
	testdev_start(c, false, true);
	op_call(&c->op);
	if (!testdev_check(c, 1))
		return false;
	testdev_start(c, false, true);
	return true;
}

static bool testdev_setup_out(struct bench_case *c)
{
	testdev_start(c, true, true);
	op_call(&c->op);
	if (!testdev_check(c, 1))
		return false;
	testdev_start(c, true, true);
	return true;
}

struct bench_case testdev_cases[] = {
	{
		.device = "pci-testdev",
		.name = "mmio_read8",
		.valid = testdev_valid,
		.setup = testdev_setup_read,
		.op.fn = op_read8,
	},
	{
		.device = "pci-testdev",
		.name = "mmio_read32",
		.valid = testdev_valid,
		.setup = testdev_setup_read,
		.op.fn = op_read32,
	},
	{
		.device = "pci-testdev",
		.name = "mmio_write8",
		.valid = testdev_valid,
		.setup = testdev_setup_write,
		.check = testdev_check,
		.op.fn = op_write8,
		.test = TEST_PLAIN,
	},
	{
		.device = "pci-testdev",
		.name = "mmio_write8_ioeventfd",
		.valid = testdev_valid,
		.setup = testdev_setup_write,
		.check = testdev_check,
		.op.fn = op_write8,
		.test = TEST_EVENTFD,
	},
	{
		.device = "pci-testdev",
		.name = "port_read8",
		.valid = testdev_valid,
		.setup = testdev_setup_in,
		.op.fn = op_in8,
	},
	{
		.device = "pci-testdev",
		.name = "port_read32",
		.valid = testdev_valid,
		.setup = testdev_setup_in,
		.op.fn = op_in32,
	},
	{
		.device = "pci-testdev",
		.name = "port_write8",
		.valid = testdev_valid,
		.setup = testdev_setup_out,
		.check = testdev_check,
		.op.fn = op_out8,
		.test = TEST_PLAIN,
	},
	{
		.device = "pci-testdev",
		.name = "port_write8_ioeventfd",
		.valid = testdev_valid,
		.setup = testdev_setup_out,
		.check = testdev_check,
		.op.fn = op_out8,
		.test = TEST_EVENTFD,
	},
	{ .name = NULL },
};
