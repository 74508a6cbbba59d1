// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Variant "dma": requests of the queue: what they write and in which order, what
 * they count, doorbells and interrupts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "life.h"
#include "queuedev.h"

#define GUARD 0xa5
#define SLOT  0x4000 /* room of a request, guards around it */
#define PAD   64

/* The request in slot @i: of @len bytes, by @descs descriptors or none */
static void put_slot(struct queue *q, unsigned int i, uint32_t len,
		     unsigned int descs, uint32_t flags)
{
	uint64_t data = QUEUE_DATA + i * SLOT + PAD + i % 4;
	uint64_t table = QUEUE_SG + i * 0x100;
	uint32_t at = 0, d;

	vm_fill(q->dev->vm, QUEUE_DATA + i * SLOT, GUARD, len + 3 * PAD);
	for (d = 0; d < descs; d++) {
		uint32_t part = d + 1 == descs ? len - at : len / descs;

		dev_put_desc(q->dev, table, d, data + at, part, 0);
		at += part;
	}
	queue_put(q, descs ? table : data, len, descs, flags);
}

/* Slot @i holds the next @len bytes of the stream and nothing beside them */
static bool slot_holds(const struct queue *q, unsigned int i, struct ref *ref,
		       uint32_t len)
{
	uint8_t got[SLOT], want[SLOT];

	memset(want, GUARD, sizeof(want));
	ref_bytes(ref, want + PAD + i % 4, len);
	vm_peek(q->dev->vm, QUEUE_DATA + i * SLOT, got, len + 3 * PAD);
	return !memcmp(got, want, len + 3 * PAD);
}

/* Batches of every size, ranges and tables mixed, over the end of the counts */
static void test_order(const char *variant)
{
	static const uint32_t lens[] = {
		1, 4096, 3,  7,    8,  1001, 5000, 2,
		4, 777,  64, 9999, 15, 6,    5,    4095
	};
	unsigned int gen, generators = ref_generators(variant);
	struct vm vm;
	struct dev dev;
	struct ref ref;

	for (gen = 0; gen < generators; gen++) {
		struct queue q = { 0 };
		char options[64];
		unsigned int batch, i;
		int wrong = 0, results = 0;
		uint64_t bytes = 0, words = 0;

		snprintf(options, sizeof(options), ",generator=%s",
			 generator_name[gen]);
		dev_start(&dev, &vm, variant, options);
		ref_seed(&ref, gen, 1);
		queue_program(&q, &dev, 16, 0xffffffc0);
		check_eq(queue_ctrl(&q, 16), 16, "device/queue/%s-is-on",
			 generator_name[gen]);
		for (batch = 1; batch <= 16; batch++) {
			uint32_t first = q.made;

			for (i = 0; i < batch; i++)
				put_slot(&q, i, lens[(i + batch) % 16],
					 lens[(i + batch) % 16] > 3 ? i % 4 : 0,
					 0);
			queue_submit(&q);
			wrong += !queue_wait(&q);
			for (i = 0; i < batch; i++) {
				uint32_t len = lens[(i + batch) % 16];

				wrong += !slot_holds(&q, i, &ref, len);
				results += queue_result(&q, first + i, len) !=
					   MY_RNG_DMA_ERR_NONE;
				bytes += len;
				words += (len + 3) / 4;
			}
		}
		check_eq(wrong, 0, "device/queue/%s-bytes-in-order",
			 generator_name[gen]);
		check_eq(results, 0, "device/queue/%s-results",
			 generator_name[gen]);
		check(dev_stat(&dev, MY_RNG_STAT_DMAS) == 136 &&
			      dev_stat(&dev, MY_RNG_STAT_DMA_BYTES) == bytes &&
			      dev_stat(&dev, MY_RNG_STAT_WORDS) == words &&
			      dev_stat(&dev, MY_RNG_STAT_ERRORS) == 0 &&
			      dev_stat(&dev, MY_RNG_STAT_IRQS) == 0,
		      "device/stat/queue-counts-requests-%s",
		      generator_name[gen]);
		check_eq(dev_stat(&dev, MY_RNG_STAT_KICKS), q.kicks,
			 "device/stat/queue-counts-doorbells-%s",
			 generator_name[gen]);
		vm_stop(&vm);
	}
}

/* A whole megabyte by pages apart, twice in flight; requests that are full */
static void test_large(const char *variant)
{
	static uint8_t got[1 << 20], want[1 << 20];
	struct queue q;
	struct vm vm;
	struct dev dev;
	struct ref ref;
	unsigned int i, k;
	int wrong = 0;

	dev_start(&dev, &vm, variant, "");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	queue_start(&q, &dev, 2);
	for (i = 0; i < 512; i++)
		dev_put_desc(&dev, QUEUE_SG, i,
			     QUEUE_DATA + i % 256 * 0x2000 + i / 256 * 0x1000,
			     4096, 0);
	for (i = 0; i < 2; i++)
		queue_put(&q, QUEUE_SG + i * 256 * MY_RNG_DMA_DESC_SIZE,
			  sizeof(got), 256, 0);
	queue_submit(&q);
	check(queue_wait(&q) && !queue_result(&q, 0, sizeof(got)) &&
		      !queue_result(&q, 1, sizeof(got)),
	      "device/queue/a-megabyte-each");
	for (i = 0; i < 2; i++) {
		ref_bytes(&ref, want, sizeof(want));
		for (k = 0; k < 256; k++) {
			vm_peek(&vm, QUEUE_DATA + k * 0x2000 + i * 0x1000, got,
				4096);
			wrong += !!memcmp(got, want + k * 4096, 4096);
		}
	}
	check_eq(wrong, 0, "device/queue/a-megabyte-each-by-pages");
	vm_stop(&vm);
}

/* One doorbell for each time that the device went to sleep, none else */
static void test_doorbells(const char *variant)
{
	struct queue q;
	struct vm vm;
	struct dev dev;
	struct ref ref;
	uint64_t writes;
	int i, wrong = 0;

	dev_start(&dev, &vm, variant, QUEUE_NO_POLL);
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	queue_start(&q, &dev, 8);
	writes = dev_stat(&dev, MY_RNG_STAT_MMIO_WRITES);
	for (i = 1; i <= 8; i++) {
		int k;

		wrong += !queue_wait_asleep(&q);
		for (k = 0; k < i; k++)
			put_slot(&q, k, 100, 0, 0);
		queue_submit(&q);
		wrong += !queue_wait(&q);
		for (k = 0; k < i; k++)
			wrong += !slot_holds(&q, k, &ref, 100);
	}
	check(!wrong && q.kicks == 8, "device/queue/a-doorbell-for-a-batch");
	check_eq(dev_stat(&dev, MY_RNG_STAT_KICKS), 8,
		 "device/stat/queue-doorbells-are-counted");
	check_eq(dev_stat(&dev, MY_RNG_STAT_MMIO_WRITES), writes,
		 "device/stat/queue-doorbells-are-no-mmio");
	queue_wait_asleep(&q);
	w64(&dev, MY_RNG_REG_QUEUE_DOORBELL, 1); /* and IRQ_FRAMES = 0 */
	check(dev_stat(&dev, MY_RNG_STAT_KICKS) == 9 &&
		      dev_stat(&dev, MY_RNG_STAT_MMIO_WRITES) == writes + 1,
	      "device/queue/wide-doorbell-rings-too");
	vm_stop(&vm);
}

/*
 * The race of going to sleep: a driver that rings only when asked to must never
 * wait for ever.
 */
static void test_no_lost_doorbell(const char *variant)
{
	static const char *const options[] = { QUEUE_NO_POLL,
					       ",queue-poll-ns=20000" };
	size_t k;

	for (k = 0; k < 2; k++) {
		struct queue q;
		struct vm vm;
		struct dev dev;
		struct ref ref;
		int i, wrong = 0;

		dev_start(&dev, &vm, variant, options[k]);
		ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
		queue_start(&q, &dev, 2);
		for (i = 0; i < 1500 && !wrong; i++) {
			put_slot(&q, i % 2, 4, 0, 0);
			queue_submit(&q);
			if (i % 2 == 0)
				continue;
			wrong += !queue_wait(&q);
			wrong += !slot_holds(&q, 0, &ref, 4);
			wrong += !slot_holds(&q, 1, &ref, 4);
		}
		check_eq(wrong, 0, "device/queue/loses-no-doorbell%s",
			 k ? "-while-it-looks-for-requests" : "");
		vm_stop(&vm);
	}
}

/* How many MSIs @n requests make, by what the two registers and the flags say */
struct irqs {
	const char *name;
	uint32_t frames;
	uint32_t usecs;
	unsigned int n;
	uint32_t announce; /* bit i: request i has the flag */
	uint64_t before;   /* MSIs until the time is up */
	uint64_t after;    /* and when it is */
};

static const struct irqs irqs[] = {
	{ "none-unless-asked", 0, 0, 16, 0, 0, 0 },
	{ "each-fourth", 4, 0, 16, 0, 4, 4 },
	{ "each", 1, 0, 5, 0, 5, 5 },
	{ "rest-waits", 4, 0, 7, 0, 1, 1 },
	{ "frames-never-reached", 256, 0, 16, 0, 0, 0 },
	{ "announced", 0, 0, 8, 0x80, 1, 1 },
	{ "each-announced", 0, 0, 4, 0xf, 4, 4 },
	{ "announced-takes-earlier-ones", 4, 0, 8, 0x02, 2, 2 },
	{ "announced-at-the-count", 4, 0, 8, 0x88, 2, 2 },
	{ "time", 0, 100, 5, 0, 0, 1 },
	{ "count-and-time", 4, 100, 6, 0, 1, 2 },
	{ "count-before-time", 4, 100, 8, 0, 2, 2 },
	{ "announced-before-time", 32, 100, 3, 0x4, 1, 1 },
	{ "announced-then-time", 32, 100, 3, 0x2, 1, 2 },
};

static void one_irqs(const char *variant, const struct irqs *t)
{
	const uint64_t target = QUEUE_SG + 0x80000;
	struct queue q;
	struct vm vm;
	struct dev dev;
	unsigned int i;

	dev_start(&dev, &vm, variant, "");
	msi_setup(&dev, target, 0x1234, true);
	w32(&dev, MY_RNG_REG_QUEUE_IRQ_FRAMES, t->frames);
	w32(&dev, MY_RNG_REG_QUEUE_IRQ_USECS, t->usecs);
	queue_start(&q, &dev, 16);
	/* One at a time: else an MSI may stand for several that come due */
	for (i = 0; i < t->n; i++) {
		put_slot(&q, i, 100, 0,
			 t->announce >> i & 1 ? MY_RNG_QUEUE_FLAG_ANNOUNCE : 0);
		queue_submit(&q);
		queue_wait(&q);
		dev_stat(&dev, MY_RNG_STAT_IRQS);
	}
	vm_clock_step(&vm, 90000);
	check_eq(dev_stat(&dev, MY_RNG_STAT_IRQS), t->before,
		 "device/queue/msi-%s", t->name);
	vm_clock_step(&vm, 20000);
	check(dev_stat(&dev, MY_RNG_STAT_IRQS) == t->after &&
		      vm_read(&vm, target, 4) == (t->after ? 0x1234 : 0),
	      "device/queue/msi-%s-in-the-end", t->name);
	vm_clock_step(&vm, 1000000);
	check_eq(dev_stat(&dev, MY_RNG_STAT_IRQS), t->after,
		 "device/queue/msi-%s-and-no-more", t->name);
	vm_stop(&vm);
}

static void test_irqs(const char *variant)
{
	const uint64_t target = QUEUE_SG + 0x80000;
	struct queue q;
	struct vm vm;
	struct dev dev;
	size_t i;

	for (i = 0; i < sizeof(irqs) / sizeof(*irqs); i++)
		one_irqs(variant, &irqs[i]);
	dev_start(&dev, &vm, variant, "");
	msi_setup(&dev, target, 0x1234, false);
	queue_start(&q, &dev, 2);
	put_slot(&q, 0, 100, 0, MY_RNG_QUEUE_FLAG_ANNOUNCE);
	queue_submit(&q);
	queue_wait(&q);
	check(!dev_stat(&dev, MY_RNG_STAT_IRQS) && !vm_read(&vm, target, 4),
	      "device/queue/no-msi-while-disabled");
	vm_stop(&vm);
}

/*
 * MSIs that come due while the main loop is busy are one. It is busy with the
 * commands of a batch; whether that was long enough shows in HEAD.
 */
static void test_one_msi(const char *variant)
{
	const unsigned int n = 64;
	struct queue q;
	struct vm vm;
	struct dev dev;
	int tries = 0;
	uint64_t head, before = 0;

	dev_start(&dev, &vm, variant, QUEUE_NO_POLL);
	msi_setup(&dev, QUEUE_SG + 0x80000, 0x1234, true);
	w32(&dev, MY_RNG_REG_QUEUE_IRQ_FRAMES, 1);
	queue_start(&q, &dev, n);
	do {
		unsigned int i;

		for (i = 0; i < n; i++)
			queue_put(&q, QUEUE_DATA, 8, 0, 0);
		queue_wait_asleep(&q);
		before = dev_stat(&dev, MY_RNG_STAT_IRQS);
		q.tail = q.made;
		head = vm_batch(&vm,
				"writel 0x%llx 0x%x\nwritel 0x%llx 1\n"
				"memset 0x1800000 0x1000000 0x1\n"
				"memset 0x1800000 0x1000000 0x2\n"
				"memset 0x1800000 0x1000000 0x3\n"
				"readl 0x%llx\n",
				QUEUE + MY_RNG_QUEUE_TAIL, q.tail,
				(unsigned long long)dev.mmio +
					MY_RNG_REG_QUEUE_DOORBELL,
				QUEUE + MY_RNG_QUEUE_HEAD);
		queue_wait(&q);
	} while (head != q.made && tries++ < 1000);
	check_eq(head, q.made, "device/queue/completes-while-QEMU-is-busy");
	check_eq(dev_stat(&dev, MY_RNG_STAT_IRQS) - before, 1,
		 "device/queue/one-msi-stands-for-all-that-come-due");
	vm_stop(&vm);
}

/* A message to registers of ours: the thread's, and the doorbell's */
static void test_msi_loop(const char *variant)
{
	const uint32_t with_msi = MY_RNG_DMA_DB_START | MY_RNG_DMA_DB_MSI;
	struct queue q;
	struct vm vm;
	struct dev dev;

	dev_start(&dev, &vm, variant, "");
	msi_setup(&dev, dev.mmio + MY_RNG_REG_QUEUE_CTRL, 0, true);
	queue_start(&q, &dev, 2);
	put_slot(&q, 0, 100, 0, MY_RNG_QUEUE_FLAG_ANNOUNCE);
	queue_submit(&q);
	queue_wait(&q);
	check_eq(dev_stat(&dev, MY_RNG_STAT_IRQS), 1,
		 "device/queue/msi-to-own-registers");
	queue_ctrl(&q, 0);
	queue_start(&q, &dev, 2);
	w64(&dev, MY_RNG_REG_DMA_ADDR_LO, QUEUE_DATA);
	w32(&dev, MY_RNG_REG_DMA_LEN, 8);
	w32(&dev, MY_RNG_REG_DMA_DOORBELL, with_msi);
	check(dev_stat(&dev, MY_RNG_STAT_DMAS) == 2 &&
		      dev_stat(&dev, MY_RNG_STAT_IRQS) == 2,
	      "device/queue/msi-of-the-other-doorbell-to-own-registers");
	queue_ctrl(&q, 0);
	msi_setup(&dev, dev.mmio + MY_RNG_REG_QUEUE_CTRL, 2, true);
	queue_start(&q, &dev, 2);
	queue_wait_asleep(&q);
	queue_set(&q, MY_RNG_QUEUE_TAIL, 3);
	w32(&dev, MY_RNG_REG_QUEUE_DOORBELL, 1);
	check_eq(queue_wait_stopped(&q), MY_RNG_DMA_ERR_INDEX,
		 "device/queue/msi-that-would-switch-it-on-again");
	check(dev_comes_to_rest(&dev),
	      "device/queue/msi-to-own-control-goes-round-once");
	vm_stop(&vm);
}

/* The doorbell's requests and register reads meanwhile: each word goes once */
static void test_meanwhile(const char *variant)
{
	struct queue q;
	struct vm vm;
	struct dev dev;
	struct ref ref;
	uint64_t words = 0;
	int i, wrong = 0;

	dev_start(&dev, &vm, variant, "");
	queue_start(&q, &dev, 256);
	for (i = 0; i < 256; i++)
		queue_put(&q, QUEUE_DATA + i * SLOT, 0x4000, 0, 0);
	queue_submit(&q);
	for (i = 0; i < 300; i++) {
		wrong += dev_dma(&dev, 0x1c00000, 1000) != MY_RNG_DMA_ERR_NONE;
		r32(&dev, MY_RNG_REG_RNG);
		words += 251;
	}
	wrong += !queue_wait(&q);
	words += 256 * 0x1000;
	check_eq(wrong, 0, "device/queue/doorbell-works-meanwhile");
	check_eq(dev_stat(&dev, MY_RNG_STAT_WORDS), words,
		 "device/stat/queue-and-doorbell-words-add-up");
	check_eq(dev_stat(&dev, MY_RNG_STAT_DMAS), 556,
		 "device/stat/queue-and-doorbell-requests-add-up");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	while (words--)
		ref_next(&ref);
	check_eq(r32(&dev, MY_RNG_REG_RNG), ref_next(&ref),
		 "device/queue/each-word-is-handed-out-once");
	vm_stop(&vm);
}

static void test_modes(const char *variant)
{
	const uint64_t stamped =
		MY_RNG_REG_TIME_LO(MY_RNG_TIME_STAMPED(MY_RNG_TIME_MEMORY));
	uint8_t got[100], guard[100];
	struct queue q;
	struct vm vm;
	struct dev dev;
	struct ref ref;

	dev_start(&dev, &vm, variant, ",constant=on");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	queue_start(&q, &dev, 4);
	put_slot(&q, 0, sizeof(got), 0, 0);
	queue_put(&q, 0xd0000000, 1 << 20, 0, 0);
	queue_put(&q, QUEUE_DATA, 0, 0, 0);
	queue_submit(&q);
	queue_wait(&q);
	check(!queue_result(&q, 0, sizeof(got)) &&
		      !queue_result(&q, 1, 1 << 20) &&
		      queue_result(&q, 2, 0) == MY_RNG_DMA_ERR_LEN,
	      "device/modes/constant-queue-reports-all-bytes");
	memset(guard, GUARD, sizeof(guard));
	vm_peek(&vm, QUEUE_DATA + PAD, got, sizeof(got));
	check(!memcmp(got, guard, sizeof(got)) &&
		      !dev_stat(&dev, MY_RNG_STAT_DMAS) &&
		      !dev_stat(&dev, MY_RNG_STAT_WORDS),
	      "device/modes/constant-queue-moves-nothing");
	w32(&dev, MY_RNG_REG_MODE, MY_RNG_MODE_TIMING);
	put_slot(&q, 0, 1000, 0, 0);
	put_slot(&q, 1, 1000, 3, 0);
	queue_submit(&q);
	check(queue_wait(&q) && slot_holds(&q, 0, &ref, 1000) &&
		      slot_holds(&q, 1, &ref, 1000),
	      "device/modes/constant-queue-spares-the-stream");
	check_eq(r64(&dev, stamped), 4,
		 "device/modes/timing-stamps-the-queue's-maps-and-unmaps");
	vm_stop(&vm);
}

const struct suite dma_queue_suites[] = {
	{ "dma", test_order },     { "dma", test_large },
	{ "dma", test_doorbells }, { "dma", test_no_lost_doorbell },
	{ "dma", test_irqs },      { "dma", test_one_msi },
	{ "dma", test_msi_loop },  { "dma", test_meanwhile },
	{ "dma", test_modes },     { NULL, NULL },
};
