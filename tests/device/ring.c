// SPDX-License-Identifier: GPL-2.0-or-later
/* Variant "ring": the stream, backpressure, doorbells and interrupts. */
#include <stdio.h>
#include <string.h>
#include <linux/pci_regs.h>

#include "ringdev.h"

#define GUARD 0xa5
#define PAD   64

/* No time to look for space before sleeping: every rest is a real one */
#define NO_POLL ",ring-poll-ns=0"

/* Lengths that a reader may ask for, one after the other */
static const uint32_t lengths[] = { 4,    8,    60, 4096, 12,  1000,
				    2048, 3076, 4,  16,   500, 64 };

static void test_fill(const char *variant)
{
	uint8_t got[65536 + 2 * PAD], want[65536];
	struct vm vm;
	struct dev dev;
	struct ring ring;
	struct ref ref;
	int i, wrong = 0;

	dev_start(&dev, &vm, variant, "");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	vm_fill(&vm, RING_DATA - PAD, GUARD, sizeof(got));
	ring_start(&ring, &dev, sizeof(want));
	check(ring_wait_asleep(&ring), "device/ring/fills-up-and-sleeps");
	check_eq(ring_get(&ring, MY_RNG_RING_PROD), sizeof(want),
		 "device/ring/fills-all-of-it");
	vm_peek(&vm, RING_DATA - PAD, got, sizeof(got));
	ref_bytes(&ref, want, sizeof(want));
	for (i = 0; i < PAD; i++)
		wrong +=
			got[i] != GUARD || got[PAD + sizeof(want) + i] != GUARD;
	check(!memcmp(got + PAD, want, sizeof(want)),
	      "device/ring/gives-the-stream");
	check_eq(wrong, 0, "device/ring/writes-nothing-beside-itself");
	check_eq(dev_stat(&dev, MY_RNG_STAT_WORDS), sizeof(want) / 4,
		 "device/stat/ring-words");
	check_eq(dev_stat(&dev, MY_RNG_STAT_DMA_BYTES), sizeof(want),
		 "device/stat/ring-bytes");
	check_eq(dev_stat(&dev, MY_RNG_STAT_DMAS) +
			 dev_stat(&dev, MY_RNG_STAT_IRQS) +
			 dev_stat(&dev, MY_RNG_STAT_KICKS) +
			 dev_stat(&dev, MY_RNG_STAT_ERRORS),
		 0, "device/stat/ring-needs-nothing-else");
	check_eq(r32(&dev, MY_RNG_REG_RNG), ref_next(&ref),
		 "device/ring/register-goes-on-behind-the-ring");
	check(ring_read(&ring, &ref, 0) && (ring_consume(&ring, 65536), true) &&
		      ring_read(&ring, &ref, 65536),
	      "device/ring/ring-goes-on-behind-the-register");
	vm_stop(&vm);
}

/* Pieces of all lengths, out of order; the ring goes round many times */
static void test_pieces(const char *variant)
{
	static const struct piece pieces[] = {
		{ RING_DATA + 0x8000, 4 },     { RING_DATA + 0x4004, 60 },
		{ RING_DATA + 0x10ffc, 4032 }, { RING_DATA, 8192 },
		{ RING_DATA + 0x20000, 4096 },
	};
	unsigned int gen;

	for (gen = 0; gen < GENERATORS; gen++) {
		struct vm vm;
		struct dev dev;
		struct ring ring;
		struct ref ref;
		char options[64];
		int i, wrong = 0;

		snprintf(options, sizeof(options), ",generator=%s" NO_POLL,
			 generator_name[gen]);
		dev_start(&dev, &vm, variant, options);
		ref_seed(&ref, gen, 1);
		ring_init(&ring, &dev, 16384);
		memcpy(ring.pieces, pieces, sizeof(pieces));
		ring.count = sizeof(pieces) / sizeof(*pieces);
		ring_program(&ring);
		ring_ctrl(&ring, MY_RNG_RING_CTRL_ON);
		for (i = 0; i < 300; i++) {
			wrong += !ring_read(&ring, &ref, lengths[i % 12]);
			wrong += ring_get(&ring, MY_RNG_RING_PROD) - ring.cons >
				 ring.size;
		}
		check_eq(wrong, 0, "device/ring/%s-pieces-give-the-stream",
			 generator_name[gen]);
		check(ring.kicks &&
			      dev_stat(&dev, MY_RNG_STAT_KICKS) == ring.kicks,
		      "device/stat/%s-every-doorbell-is-counted",
		      generator_name[gen]);
		check(ring.kicks <= ring.cons / (ring.size / 2) + 1,
		      "device/ring/%s-a-doorbell-at-most-each-half",
		      generator_name[gen]);
		vm_stop(&vm);
	}
}

/*
 * The race of going to sleep: a reader that takes what there is and rings only
 * when asked to must never wait for ever.
 */
static void test_no_lost_doorbell(const char *variant)
{
	static const char *const options[] = { NO_POLL, ",ring-poll-ns=20000" };
	struct vm vm;
	struct dev dev;
	struct ring ring;
	struct ref ref;
	size_t k;
	int i, wrong;

	for (k = 0; k < 2; k++) {
		dev_start(&dev, &vm, variant, options[k]);
		ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
		ring_start(&ring, &dev, 4096);
		for (i = wrong = 0; i < 1500 && !wrong; i++) {
			uint32_t there =
				ring_get(&ring, MY_RNG_RING_PROD) - ring.cons;

			if (i % 3 == 0 || !there)
				there = 4 + i % 1024 / 4 * 4;
			wrong += !ring_read(&ring, &ref, there);
		}
		check_eq(wrong, 0, "device/ring/loses-no-doorbell%s",
			 k ? "-while-it-looks-for-space" : "");
		vm_stop(&vm);
	}
}

/* A slow reader stops the device; nobody rings before KICK_AT */
static void test_backpressure(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ring ring;
	struct ref ref;
	uint64_t prod;

	dev_start(&dev, &vm, variant, NO_POLL);
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	ring_start(&ring, &dev, 8192);
	check(ring_wait_asleep(&ring), "device/ring/backpressure-asleep");
	prod = ring_get(&ring, MY_RNG_RING_PROD);
	check(ring_read(&ring, &ref, 6140) && ring.kicks == 0,
	      "device/ring/no-doorbell-before-kick-at");
	check(ring_get(&ring, MY_RNG_RING_PROD) == prod &&
		      dev_stat(&dev, MY_RNG_STAT_DMA_BYTES) == prod,
	      "device/ring/sleeps-until-the-doorbell");
	check(ring_read(&ring, &ref, 4) && ring.kicks == 1,
	      "device/ring/doorbell-at-kick-at");
	check(ring_wait(&ring, prod + 4096) && ring_read(&ring, &ref, 8192),
	      "device/ring/goes-on-after-the-doorbell");
	prod = dev_stat(&dev, MY_RNG_STAT_MMIO_WRITES);
	w64(&dev, MY_RNG_REG_RING_DOORBELL, 1);
	check(dev_stat(&dev, MY_RNG_STAT_MMIO_WRITES) == prod + 1 &&
		      dev_stat(&dev, MY_RNG_STAT_KICKS) == ring.kicks + 1,
	      "device/ring/wide-doorbell-rings-too");
	vm_stop(&vm);
}

/* Sent by the main loop, which also answers QMP: the count is there after it */
static bool irqs_become(const struct dev *dev, uint64_t want)
{
	int i;

	for (i = 0; i < 10000; i++)
		if (dev_stat(dev, MY_RNG_STAT_IRQS) == want)
			return true;
	return false;
}

/* The message is a write, so RAM can receive it */
static void test_irq(const char *variant)
{
	const uint64_t target = RING_HDR + 0x2000;
	struct vm vm;
	struct dev dev;
	struct ring ring;

	dev_start(&dev, &vm, variant, NO_POLL);
	msi_setup(&dev, target, 0x1234, true);
	ring_init(&ring, &dev, 8192);
	ring_program(&ring);
	ring_set(&ring, MY_RNG_RING_IRQ_AT, 8196);
	ring_ctrl(&ring, MY_RNG_RING_CTRL_ON);
	ring_wait_asleep(&ring);
	check_eq(dev_stat(&dev, MY_RNG_STAT_IRQS), 0,
		 "device/ring/no-msi-before-irq-at");
	ring_consume(&ring, 8192);
	check(irqs_become(&dev, 1) && vm_read(&vm, target, 4) == 0x1234,
	      "device/ring/msi-when-prod-passes-irq-at");
	ring_wait_asleep(&ring);
	ring_consume(&ring, 8192);
	check(ring_wait_asleep(&ring) && irqs_become(&dev, 1),
	      "device/ring/one-msi-for-one-irq-at");
	ring_ctrl(&ring, MY_RNG_RING_CTRL_OFF);
	msi_setup(&dev, target, 0x1234, false);
	ring_program(&ring);
	ring_set(&ring, MY_RNG_RING_IRQ_AT, 4);
	ring_ctrl(&ring, MY_RNG_RING_CTRL_ON);
	check(ring_wait_asleep(&ring) && irqs_become(&dev, 1),
	      "device/ring/no-msi-while-disabled");
	msi_setup(&dev, target, 0x4321, true);
	ring_set(&ring, MY_RNG_RING_CONS, 9000);
	w32(&dev, MY_RNG_REG_RING_DOORBELL, 1);
	ring_wait_error(&ring);
	check(irqs_become(&dev, 2) && vm_read(&vm, target, 4) == 0x4321,
	      "device/ring/msi-when-it-stops-by-itself");
	vm_stop(&vm);
}

/* After the write to RING_CTRL not a byte is written */
static void test_off(const char *variant)
{
	static uint8_t guards[1 << 20];
	uint8_t guard[64];
	struct vm vm;
	struct dev dev;
	struct ring ring;
	int i, wrong = 0;
	size_t k;

	memset(guard, GUARD, sizeof(guard));
	dev_start(&dev, &vm, variant, ",generator=xoshiro256ss");
	ring_init(&ring, &dev, sizeof(guards));
	for (i = 0; i < 20; i++) {
		uint64_t prod;

		ring_program(&ring);
		ring_ctrl(&ring, MY_RNG_RING_CTRL_ON);
		ring_wait(&ring, i % 2 ? RING_STEP : 0);
		wrong += ring_ctrl(&ring, MY_RNG_RING_CTRL_OFF);
		vm_fill(&vm, RING_DATA, GUARD, sizeof(guards));
		prod = ring_get(&ring, MY_RNG_RING_PROD);
		wrong += dev_stat(&dev, MY_RNG_STAT_KICKS) != 0;
		vm_peek(&vm, RING_DATA, guards, sizeof(guards));
		for (k = 0; k < sizeof(guards); k += sizeof(guard))
			wrong += !!memcmp(guards + k, guard, sizeof(guard));
		wrong += ring_get(&ring, MY_RNG_RING_PROD) != prod;
		wrong +=
			r32(&dev, MY_RNG_REG_RING_STATUS) != MY_RNG_RING_ST_OFF;
	}
	check_eq(wrong, 0, "device/ring/off-is-at-once");
	vm_stop(&vm);
}

/* Off and on again: PROD and CONS in the header say where to go on */
static void test_resume(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ring ring;
	struct ref ref;
	bool good = true;
	int i;

	dev_start(&dev, &vm, variant, "");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	ring_start(&ring, &dev, 8192);
	for (i = 0; i < 20; i++) {
		good = good && ring_read(&ring, &ref, lengths[i % 12]);
		ring_ctrl(&ring, MY_RNG_RING_CTRL_OFF);
		good = good && r64(&dev, MY_RNG_REG_RING_PROD_LO) ==
				       ring_get(&ring, MY_RNG_RING_PROD);
		good = good && !ring_ctrl(&ring, MY_RNG_RING_CTRL_ON);
	}
	check(good, "device/ring/off-and-on-goes-on-exactly");
	ring_ctrl(&ring, MY_RNG_RING_CTRL_OFF);
	w32(&dev, MY_RNG_REG_SEED, 4711);
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 4711);
	ring_program(&ring);
	ring_ctrl(&ring, MY_RNG_RING_CTRL_ON);
	check(ring_read(&ring, &ref, 8192) && ring_read(&ring, &ref, 4096),
	      "device/ring/off-seed-on-restarts-exactly");
	ring_wait_asleep(&ring);
	w32(&dev, MY_RNG_REG_SEED, 5);
	ring_consume(&ring, ring_get(&ring, MY_RNG_RING_PROD) - ring.cons);
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 5);
	check(ring_read(&ring, &ref, 4096),
	      "device/ring/seed-while-on-holds-for-what-comes");
	vm_stop(&vm);
}

/* Reads of a register and the thread: each word goes to one of them */
static void test_registers_meanwhile(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ring ring;
	struct ref ref;
	uint64_t words;
	int i, wrong = 0;

	dev_start(&dev, &vm, variant, "");
	ring_start(&ring, &dev, 65536);
	for (i = 0; i < 2000; i++) {
		uint64_t there = ring_get(&ring, MY_RNG_RING_PROD) - ring.cons;

		r32(&dev, MY_RNG_REG_RNG);
		if (there)
			ring_consume(&ring, there);
		wrong += r32(&dev, MY_RNG_REG_RING_STATUS) != MY_RNG_RING_ST_ON;
	}
	ring_ctrl(&ring, MY_RNG_RING_CTRL_OFF);
	check_eq(wrong, 0, "device/ring/registers-answer-while-it-fills");
	words = ring_get(&ring, MY_RNG_RING_PROD) / 4 + 2000;
	check_eq(dev_stat(&dev, MY_RNG_STAT_WORDS), words,
		 "device/stat/ring-and-register-words-add-up");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	while (words--)
		ref_next(&ref);
	check_eq(r32(&dev, MY_RNG_REG_RNG), ref_next(&ref),
		 "device/ring/each-word-is-handed-out-once");
	vm_stop(&vm);
}

static void test_constant(const char *variant)
{
	uint8_t guard[4096], got[4096];
	struct vm vm;
	struct dev dev;
	struct ring ring;
	struct ref ref;

	memset(guard, GUARD, sizeof(guard));
	dev_start(&dev, &vm, variant, ",constant=on");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	vm_fill(&vm, RING_DATA, GUARD, sizeof(guard));
	ring_start(&ring, &dev, sizeof(guard));
	check(ring_wait_asleep(&ring), "device/modes/constant-ring-fills-up");
	vm_peek(&vm, RING_DATA, got, sizeof(got));
	check(!memcmp(got, guard, sizeof(got)) &&
		      !dev_stat(&dev, MY_RNG_STAT_DMA_BYTES) &&
		      !dev_stat(&dev, MY_RNG_STAT_WORDS),
	      "device/modes/constant-ring-moves-nothing");
	ring_ctrl(&ring, MY_RNG_RING_CTRL_OFF);
	w32(&dev, MY_RNG_REG_MODE, MY_RNG_MODE_TIMING);
	ring_program(&ring);
	ring_ctrl(&ring, MY_RNG_RING_CTRL_ON);
	check(ring_read(&ring, &ref, 4096) && ring_read(&ring, &ref, 4096),
	      "device/modes/constant-ring-spares-the-stream");
	ring_wait_asleep(&ring);
	ring_ctrl(&ring, MY_RNG_RING_CTRL_OFF);
	check(r64(&dev, MY_RNG_REG_TIME_LO(
				MY_RNG_TIME_STAMPED(MY_RNG_TIME_GENERATOR))) &&
		      r64(&dev, MY_RNG_REG_TIME_LO(MY_RNG_TIME_STAMPED(
					MY_RNG_TIME_MEMORY))),
	      "device/modes/timing-stamps-the-ring's-thread");
	vm_stop(&vm);
}

const struct suite ring_suites[] = {
	{ "ring", test_fill },
	{ "ring", test_pieces },
	{ "ring", test_no_lost_doorbell },
	{ "ring", test_backpressure },
	{ "ring", test_irq },
	{ "ring", test_off },
	{ "ring", test_resume },
	{ "ring", test_registers_meanwhile },
	{ "ring", test_constant },
	{ NULL, NULL },
};
