// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Variant "dma": the queue of guests that lie, reset, a machine that stops or
 * moves, threads and devices that go away, and an IOMMU in between.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/pci_regs.h>

#include "life.h"
#include "queuedev.h"

#define ROM     0xffff0000ull
#define HOLE    0xd0000000ull
#define RAM_END 0x8000000ull
#define OWN_BAR 1 /* stands for the address of BAR0 */
#define GUARD   0xa5

/* A request between two good ones; by @descs descriptors of 8 bytes at SG */
struct bad {
	const char *name;
	uint64_t addr;
	uint32_t len;
	uint32_t descs;
	uint32_t flags;
	uint32_t reserved; /* of its first descriptor */
	uint32_t error;
};

#define SG QUEUE_SG

static const struct bad bad[] = {
	{ "length-0", QUEUE_DATA, 0, 0, 0, 0, MY_RNG_DMA_ERR_LEN },
	{ "length-over-limit", QUEUE_DATA, 1048577, 0, 0, 0,
	  MY_RNG_DMA_ERR_LEN },
	{ "flags", QUEUE_DATA, 8, 0, 2, 0, MY_RNG_DMA_ERR_DESC },
	{ "hole", HOLE, 8, 0, 0, 0, MY_RNG_DMA_ERR_ADDR },
	{ "rom", ROM, 8, 0, 0, 0, MY_RNG_DMA_ERR_ADDR },
	{ "own-bar", OWN_BAR, 8, 0, 0, 0, MY_RNG_DMA_ERR_ADDR },
	{ "beyond-ram", RAM_END - 7, 8, 0, 0, 0, MY_RNG_DMA_ERR_ADDR },
	{ "wraps", UINT64_MAX - 3, 8, 0, 0, 0, MY_RNG_DMA_ERR_ADDR },
	{ "sum", SG, 25, 3, 0, 0, MY_RNG_DMA_ERR_LEN },
	{ "descriptor-flags", SG, 24, 3, 0, 1, MY_RNG_DMA_ERR_DESC },
	{ "too-many", SG, 24, 513, 0, 0, MY_RNG_DMA_ERR_DESC },
	{ "far-too-many", SG, 24, UINT32_MAX, 0, 0, MY_RNG_DMA_ERR_DESC },
	{ "table-in-hole", HOLE, 24, 3, 0, 0, MY_RNG_DMA_ERR_DESC },
	{ "table-in-own-bar", OWN_BAR, 24, 3, 0, 0, MY_RNG_DMA_ERR_DESC },
};

/* An error is its own request's only: the next one goes on with the stream */
static void test_errors(const char *variant)
{
	uint8_t got[200], want[200], guard[64];
	struct queue q;
	struct vm vm;
	struct dev dev;
	struct ref ref;
	size_t i, d;

	dev_start(&dev, &vm, variant, "");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	queue_start(&q, &dev, 4);
	memset(guard, GUARD, sizeof(guard));
	vm_fill(&vm, QUEUE_DATA, GUARD, sizeof(guard));
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const struct bad *b = &bad[i];
		uint32_t first = q.made;
		int wrong = 0;

		for (d = 0; d < 3; d++)
			dev_put_desc(&dev, SG, d, QUEUE_DATA + 16 * d, 8,
				     d ? 0 : b->reserved);
		queue_put(&q, QUEUE_DATA + 0x1000, 100, 0, 0);
		queue_put(&q, b->addr == OWN_BAR ? dev.mmio : b->addr, b->len,
			  b->descs, b->flags);
		queue_put(&q, QUEUE_DATA + 0x1000 + 100, 100, 0, 0);
		queue_submit(&q);
		wrong += !queue_wait(&q);
		wrong += queue_result(&q, first, 100) != MY_RNG_DMA_ERR_NONE;
		check_eq(queue_result(&q, first + 1, 0), b->error,
			 "device/queue/rejects-%s", b->name);
		wrong +=
			queue_result(&q, first + 2, 100) != MY_RNG_DMA_ERR_NONE;
		ref_bytes(&ref, want, 200);
		vm_peek(&vm, QUEUE_DATA + 0x1000, got, 200);
		wrong += !!memcmp(got, want, 200);
		vm_peek(&vm, QUEUE_DATA, got, sizeof(guard));
		wrong += !!memcmp(got, guard, sizeof(guard));
		check_eq(wrong, 0, "device/queue/goes-on-after-%s", b->name);
	}
	check_eq(dev_stat(&dev, MY_RNG_STAT_ERRORS), i,
		 "device/stat/each-failed-request-is-a-guest-error");
	check_eq(dev_stat(&dev, MY_RNG_STAT_DMAS), 2 * i,
		 "device/stat/failed-requests-are-no-transfers");
	vm_stop(&vm);
}

/* What a guest may get wrong before it switches the queue on */
static const struct {
	const char *name;
	uint64_t addr;
	uint32_t entries;
	uint32_t tail;
	uint32_t error;
} lies[] = {
	{ "entries-1", QUEUE, 1, 0, MY_RNG_DMA_ERR_LEN },
	{ "entries-3", QUEUE, 3, 0, MY_RNG_DMA_ERR_LEN },
	{ "entries-512", QUEUE, 512, 0, MY_RNG_DMA_ERR_LEN },
	{ "entries-huge", QUEUE, 0x80000000, 0, MY_RNG_DMA_ERR_LEN },
	{ "misaligned", QUEUE + 64, 8, 0, MY_RNG_DMA_ERR_ADDR },
	{ "in-hole", HOLE, 8, 0, MY_RNG_DMA_ERR_ADDR },
	{ "in-rom", ROM, 8, 0, MY_RNG_DMA_ERR_ADDR },
	{ "in-own-bar", OWN_BAR, 8, 0, MY_RNG_DMA_ERR_ADDR },
	{ "half-in-ram", RAM_END - 256, 8, 0, MY_RNG_DMA_ERR_ADDR },
	{ "at-the-top", 0xffffffffffffff80, 8, 0, MY_RNG_DMA_ERR_ADDR },
	{ "tail-beyond", QUEUE, 8, 9, MY_RNG_DMA_ERR_INDEX },
	{ "tail-before-head", QUEUE, 8, UINT32_MAX, MY_RNG_DMA_ERR_INDEX },
};

static void test_lies(const char *variant)
{
	struct queue q = { 0 };
	struct vm vm;
	struct dev dev;
	struct ref ref;
	size_t i;

	dev_start(&dev, &vm, variant, "");
	for (i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		queue_program(&q, &dev, 8, 0);
		w64(&dev, MY_RNG_REG_QUEUE_LO,
		    lies[i].addr == OWN_BAR ? dev.mmio : lies[i].addr);
		queue_set(&q, MY_RNG_QUEUE_TAIL, lies[i].tail);
		check_eq(queue_ctrl(&q, lies[i].entries),
			 MY_RNG_QUEUE_STOPPED | lies[i].error,
			 "device/queue/refuses-%s", lies[i].name);
		if (i % 2)
			check_eq(queue_ctrl(&q, 0), 0,
				 "device/queue/off-after-%s", lies[i].name);
	}
	check_eq(dev_stat(&dev, MY_RNG_STAT_ERRORS), i,
		 "device/stat/each-refused-queue-is-a-guest-error");
	config_write(&dev, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
	queue_program(&q, &dev, 8, 0);
	check_eq(queue_ctrl(&q, 8),
		 MY_RNG_QUEUE_STOPPED | MY_RNG_DMA_ERR_MASTER,
		 "device/queue/refuses-without-master");
	config_write(&dev, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER,
		     2);
	check_eq(queue_ctrl(&q, 8), 8, "device/queue/on-after-all-that");
	check_eq(queue_ctrl(&q, 16), 8,
		 "device/queue/on-while-on-changes-nothing");
	check_eq(dev_stat(&dev, MY_RNG_STAT_ERRORS), i + 2,
		 "device/stat/on-while-on-is-a-guest-error");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	check_eq(r32(&dev, MY_RNG_REG_RNG), ref_next(&ref),
		 "device/queue/refusals-take-no-word");
	vm_stop(&vm);
}

/* The last value that is allowed, of each limit */
static void test_limits(const char *variant)
{
	struct queue q = { 0 };
	struct vm vm;
	struct dev dev;
	unsigned int d;

	dev_start(&dev, &vm, variant, ",queue-poll-ns=1000000000");
	queue_program(&q, &dev, 256, 0);
	check_eq(queue_ctrl(&q, 256), 256, "device/queue/accepts-256-entries");
	for (d = 0; d < 512; d++)
		dev_put_desc(&dev, SG, d, QUEUE_DATA + 0x2000 * (d % 128), 2048,
			     0);
	queue_put(&q, QUEUE_DATA, 1 << 20, 0, 0);
	queue_put(&q, SG, 1 << 20, 512, 0);
	queue_submit(&q);
	check(queue_wait(&q) && !queue_result(&q, 0, 1 << 20) &&
		      !queue_result(&q, 1, 1 << 20),
	      "device/queue/accepts-a-megabyte-and-512-ranges");
	queue_ctrl(&q, 0);
	queue_program(&q, &dev, 2, 0);
	queue_put(&q, QUEUE_DATA, 8, 0, 0);
	queue_put(&q, QUEUE_DATA, 8, 0, 0);
	queue_set(&q, MY_RNG_QUEUE_TAIL, 2);
	q.tail = 2;
	check(queue_ctrl(&q, 2) == 2 && queue_wait(&q),
	      "device/queue/accepts-tail-that-far-ahead");
	vm_stop(&vm);
}

/* A guest that starts lying when the queue is on; who sleeps is woken */
static void test_lies_while_on(const char *variant)
{
	static const struct {
		const char *name;
		uint32_t tail;
	} tails[] = {
		{ "beyond", 13 },
		{ "going-back", 3 },
		{ "far-off", 0x80000000 },
	};
	const uint64_t target = QUEUE_SG + 0x80000;
	struct queue q;
	struct vm vm;
	struct dev dev;
	size_t i;

	dev_start(&dev, &vm, variant, QUEUE_NO_POLL);
	msi_setup(&dev, target, 0x1234, true);
	for (i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
		int k;

		queue_start(&q, &dev, 8);
		for (k = 0; k < 4; k++)
			queue_put(&q, QUEUE_DATA, 8, 0, 0);
		queue_submit(&q);
		queue_wait_asleep(&q);
		queue_set(&q, MY_RNG_QUEUE_TAIL, tails[i].tail);
		w32(&dev, MY_RNG_REG_QUEUE_DOORBELL, 1);
		check_eq(queue_wait_stopped(&q), MY_RNG_DMA_ERR_INDEX,
			 "device/queue/stops-for-tail-%s", tails[i].name);
		check_eq(dev_stat(&dev, MY_RNG_STAT_IRQS), i + 1,
			 "device/queue/msi-when-it-stops-for-tail-%s",
			 tails[i].name);
		queue_ctrl(&q, 0);
	}
	queue_start(&q, &dev, 8);
	queue_wait_asleep(&q);
	config_write(&dev, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
	check_eq(r32(&dev, MY_RNG_REG_QUEUE_CTRL),
		 MY_RNG_QUEUE_STOPPED | MY_RNG_DMA_ERR_MASTER,
		 "device/queue/stops-at-once-without-master");
	check(dev_stat(&dev, MY_RNG_STAT_ERRORS) == i + 1 &&
		      dev_stat(&dev, MY_RNG_STAT_IRQS) == i,
	      "device/stat/each-stopped-queue-is-a-guest-error");
	vm_stop(&vm);
}

/* As many requests as the queue has entries, each of @len bytes */
static void put_all(struct queue *q, uint32_t len)
{
	uint32_t i;

	for (i = 0; i < q->entries; i++)
		queue_put(q, QUEUE_DATA + i * len, len, 0, 0);
	queue_submit(q);
}

/* Whether @len bytes of data and the header stay as they are */
static bool is_still(const struct queue *q, uint32_t len)
{
	uint32_t head = queue_get(q, MY_RNG_QUEUE_HEAD);
	uint8_t *got = malloc(len);
	uint32_t i;

	vm_fill(q->dev->vm, QUEUE_DATA, GUARD, len);
	vm_peek(q->dev->vm, QUEUE_DATA, got, len);
	for (i = 0; i < len && got[i] == GUARD; i++)
		;
	free(got);
	return i == len && queue_get(q, MY_RNG_QUEUE_HEAD) == head;
}

/* After the write to QUEUE_CTRL not a byte is written; what is left goes on */
static void test_off(const char *variant)
{
	struct queue q = { 0 };
	struct vm vm;
	struct dev dev;
	int i, wrong = 0;
	uint64_t words;

	dev_start(&dev, &vm, variant, "");
	queue_program(&q, &dev, 64, 0);
	for (i = 0; i < 10; i++) {
		wrong += queue_ctrl(&q, 64) != 64;
		put_all(&q, 0x10000);
		wrong += queue_ctrl(&q, 0) != 0;
		wrong += !is_still(&q, 0x400000);
		wrong += queue_ctrl(&q, 64) != 64;
		wrong += !queue_wait(&q);
		wrong += queue_ctrl(&q, 0) != 0;
	}
	check_eq(wrong, 0, "device/queue/off-is-at-once");
	words = 10 * 64 * 0x4000;
	check_eq(dev_stat(&dev, MY_RNG_STAT_WORDS), words,
		 "device/queue/on-again-goes-on-with-the-rest");
	vm_stop(&vm);
}

static void test_reset(const char *variant)
{
	static uint8_t got[0x10000], want[0x10000];
	struct queue q;
	struct vm vm;
	struct dev dev;
	struct ref ref;

	dev_start(&dev, &vm, variant, "");
	w32(&dev, MY_RNG_REG_QUEUE_IRQ_FRAMES, 3);
	w32(&dev, MY_RNG_REG_QUEUE_IRQ_USECS, 4);
	queue_start(&q, &dev, 64);
	put_all(&q, 0x10000);
	vm_reset(&vm);
	dev_setup(&dev, &vm, FIRST_SLOT);
	check(!r32(&dev, MY_RNG_REG_QUEUE_CTRL) &&
		      !r64(&dev, MY_RNG_REG_QUEUE_LO) &&
		      !r32(&dev, MY_RNG_REG_QUEUE_IRQ_FRAMES) &&
		      !r32(&dev, MY_RNG_REG_QUEUE_IRQ_USECS),
	      "device/reset/queue-is-off");
	check(is_still(&q, 0x400000),
	      "device/reset/queue-writes-nothing-afterwards");
	w32(&dev, MY_RNG_REG_QUEUE_DOORBELL, 1);
	check(dev_stat(&dev, MY_RNG_STAT_KICKS) == 1 &&
		      dev_stat(&dev, MY_RNG_STAT_DMAS) == 0,
	      "device/reset/queue-counters-restart");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	queue_start(&q, &dev, 64);
	queue_put(&q, QUEUE_DATA, sizeof(got), 0, 0);
	queue_submit(&q);
	queue_wait(&q);
	ref_bytes(&ref, want, sizeof(want));
	vm_peek(&vm, QUEUE_DATA, got, sizeof(got));
	check(!memcmp(got, want, sizeof(got)),
	      "device/reset/queue-stream-restarts");
	vm_stop(&vm);
}

/* Requests of @len bytes: all as many as there are entries, in their order */
static bool all_hold(const struct queue *q, struct ref *ref, uint32_t len)
{
	uint8_t *got = malloc(len), *want = malloc(len);
	bool good = true;
	uint32_t i;

	for (i = 0; i < q->entries; i++) {
		vm_peek(q->dev->vm, QUEUE_DATA + i * len, got, len);
		ref_bytes(ref, want, len);
		good = good && !memcmp(got, want, len);
	}
	free(got);
	free(want);
	return good;
}

/* A stopped machine: its memory must not change, and nothing is forgotten */
static void test_stopped_machine(const char *variant)
{
	const uint64_t target = QUEUE_SG + 0x80000;
	struct queue q;
	struct vm vm;
	struct dev dev;
	struct ref ref;
	uint64_t irqs;

	dev_start(&dev, &vm, variant, QUEUE_NO_POLL);
	msi_setup(&dev, target, 0x1234, true);
	w32(&dev, MY_RNG_REG_QUEUE_IRQ_FRAMES, 16);
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	queue_start(&q, &dev, 64);
	queue_wait_asleep(&q);
	check(vm_does(&vm, "{\"execute\": \"stop\"}"),
	      "device/queue/machine-stops");
	put_all(&q, 0x10000);
	check(q.kicks == 1 && dev_stat(&dev, MY_RNG_STAT_KICKS) == 1 &&
		      is_still(&q, 0x400000) &&
		      queue_get(&q, MY_RNG_QUEUE_HEAD) == 0,
	      "device/queue/stopped-machine-is-left-alone");
	vm_does(&vm, "{\"execute\": \"cont\"}");
	check(queue_wait(&q) && all_hold(&q, &ref, 0x10000),
	      "device/queue/goes-on-with-the-machine");
	irqs = dev_stat(&dev, MY_RNG_STAT_IRQS);
	check(irqs >= 1 && irqs <= 4, "device/queue/msis-of-a-stopped-machine");
	vm_stop(&vm);
}

/* The address register is free for the next time: the queue goes on where it is */
static void test_address_while_on(const char *variant)
{
	struct queue q;
	struct vm vm;
	struct dev dev;
	struct ref ref;

	dev_start(&dev, &vm, variant, QUEUE_NO_POLL " -m 32M");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	queue_start(&q, &dev, 4);
	queue_wait_asleep(&q);
	w64(&dev, MY_RNG_REG_QUEUE_LO, QUEUE + 1);
	put_all(&q, 4096);
	check(queue_wait(&q) && all_hold(&q, &ref, 4096),
	      "device/queue/address-while-on-changes-nothing");
	check_eq(r64(&dev, MY_RNG_REG_QUEUE_LO), QUEUE + 1,
		 "device/queue/address-while-on-is-kept");
	if (!dev_move(&dev, &vm, variant, ""))
		return;
	put_all(&q, 4096);
	check(queue_wait(&q) && all_hold(&q, &ref, 4096) &&
		      r64(&dev, MY_RNG_REG_QUEUE_LO) == QUEUE + 1,
	      "device/migration/queue-keeps-both-addresses");
	queue_ctrl(&q, 0);
	check_eq(queue_ctrl(&q, 4), MY_RNG_QUEUE_STOPPED | MY_RNG_DMA_ERR_ADDR,
		 "device/queue/address-while-on-holds-from-the-next-time-on");
	vm_stop(&vm);
}

/* While the thread works: what stops it is bus mastering, nothing else */
static void test_master_while_busy(const char *variant)
{
	struct queue q = { 0 };
	struct vm vm;
	struct dev dev;
	int i, wrong = 0;

	dev_start(&dev, &vm, variant, ",generator=xoshiro256ss");
	for (i = 0; i < 50; i++) {
		queue_program(&q, &dev, 64, 0);
		queue_ctrl(&q, 64);
		put_all(&q, 0x10000);
		config_write(&dev, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
		wrong += queue_wait_stopped(&q) != MY_RNG_DMA_ERR_MASTER;
		config_write(&dev, PCI_COMMAND,
			     PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, 2);
		queue_ctrl(&q, 0);
	}
	check_eq(wrong, 0, "device/queue/without-master-is-the-error-reported");
	vm_stop(&vm);
}

static void test_bus_reset(const char *variant)
{
	struct queue q;
	struct vm vm;
	struct dev dev;

	dev_start_behind(&dev, &vm, variant, QUEUE_NO_POLL);
	queue_start(&q, &dev, 4);
	queue_wait_asleep(&q);
	dev_stop_and_reset(&dev);
	check_eq(dev_stat(&dev, MY_RNG_STAT_ERRORS), 0,
		 "device/reset/queue-forgets-an-error");
	vm_stop(&vm);
}

/* Moved with requests in flight, again and again; a count of MSIs moves, too */
static void test_migration(const char *variant)
{
	const uint64_t target = QUEUE_SG + 0x80000;
	struct queue q;
	struct vm vm;
	struct dev dev;
	struct ref ref;
	bool good = true;
	uint64_t irqs;
	int i;

	dev_start(&dev, &vm, variant, " -m 32M");
	msi_setup(&dev, target, 0x1234, true);
	w32(&dev, MY_RNG_REG_QUEUE_IRQ_FRAMES, 48);
	w32(&dev, MY_RNG_REG_QUEUE_IRQ_USECS, 1000);
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	queue_start(&q, &dev, 64);
	for (i = 0; i < 4; i++) {
		put_all(&q, 0x10000);
		if (!dev_move(&dev, &vm, variant, i % 2 ? "" : ",iothread=io0"))
			return;
		good = good && queue_wait(&q) && all_hold(&q, &ref, 0x10000);
	}
	check(good, "device/migration/queue-goes-on-exactly");
	irqs = dev_stat(&dev, MY_RNG_STAT_IRQS);
	check(irqs >= 1 && irqs <= 5,
	      "device/migration/queue-counts-on-for-its-msis");
	check_eq(dev_stat(&dev, MY_RNG_STAT_DMAS), 4 * 64,
		 "device/migration/queue-runs-each-request-once");
	vm_clock_step(&vm, 2000000);
	check_eq(dev_stat(&dev, MY_RNG_STAT_IRQS), irqs + 1,
		 "device/migration/queue-remembers-the-time");
	check(r64(&dev, MY_RNG_REG_QUEUE_LO) == QUEUE &&
		      r32(&dev, MY_RNG_REG_QUEUE_CTRL) == 64 &&
		      r32(&dev, MY_RNG_REG_QUEUE_IRQ_FRAMES) == 48 &&
		      r32(&dev, MY_RNG_REG_QUEUE_IRQ_USECS) == 1000,
	      "device/migration/queue-registers");
	vm_stop(&vm);
}

/* The user's thread, also when the user takes it away */
static void test_iothread(const char *variant)
{
	struct queue q;
	struct vm vm;
	struct dev dev;
	struct ref ref;

	dev_start(&dev, &vm, variant, IOTHREAD " -machine pc");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	queue_start(&q, &dev, 64);
	put_all(&q, 0x10000);
	check(queue_wait(&q) && all_hold(&q, &ref, 0x10000),
	      "device/queue/user's-iothread");
	dev_take_iothread(&dev);
	put_all(&q, 0x10000);
	check(queue_wait(&q) && all_hold(&q, &ref, 0x10000),
	      "device/queue/survives-removal-of-its-iothread");
	vm_stop(&vm);
}

/* Unplugged with requests in flight: with its own thread and with the user's */
static void test_unplug(const char *variant)
{
	size_t i;

	for (i = 0; i < 2; i++) {
		struct queue q;
		struct vm vm;
		struct dev dev;

		dev_start(&dev, &vm, variant,
			  i ? IOTHREAD " -machine pc" : " -machine pc");
		queue_start(&q, &dev, 256);
		put_all(&q, 0x10000);
		dev_replug(&dev, variant);
		check(is_still(&q, 0x400000),
		      "device/queue/unplugged-writes-nothing-afterwards");
		vm_stop(&vm);
	}
}

/* Intel VT-d, as far as it takes to translate and to report a fault */
#define VTD         0xfed90000ull
#define VTD_GCMD    0x18
#define VTD_ROOT    0x20
#define VTD_FSTS    0x34
#define VTD_FECTL   0x38
#define VTD_FAULT   2 /* of FSTS */
#define VTD_SRTP    0x40000000
#define VTD_TE      0x80000000
#define VTD_PRESENT 1
#define VTD_RW      3
#define VTD_LARGE   0x80
#define VTD_TABLES  0x400000ull
/* What the device sees @QUEUE to @QUEUE + 8 MiB at */
#define VTD_SHIFT 0x40000000ull

/* Three levels: all of the device's memory is 1 GiB further up, 8 MiB of it */
static void vtd_start(const struct dev *dev)
{
	struct vm *vm = dev->vm;
	const uint64_t context = VTD_TABLES + 0x1000;
	const uint64_t top = VTD_TABLES + 0x2000, low = VTD_TABLES + 0x3000;
	uint64_t at;

	vm_fill(vm, VTD_TABLES, 0, 0x4000);
	vm_write(vm, VTD_TABLES, context | VTD_PRESENT, 8);
	vm_write(vm, context + (dev->slot << 3) * 16, top | VTD_PRESENT, 8);
	vm_write(vm, context + (dev->slot << 3) * 16 + 8, 1 << 8 | 1, 8);
	vm_write(vm, top + (VTD_SHIFT >> 30) * 8, low | VTD_RW, 8);
	for (at = QUEUE; at < QUEUE + 0x800000; at += 0x200000)
		vm_write(vm, low + (at >> 21) * 8, at | VTD_LARGE | VTD_RW, 8);
	vm_write(vm, VTD + VTD_ROOT, VTD_TABLES, 8);
	vm_write(vm, VTD + VTD_GCMD, VTD_SRTP, 4);
	vm_write(vm, VTD + VTD_FECTL, 0, 4);
	vm_write(vm, VTD + VTD_GCMD, VTD_TE, 4);
}

/* Translated; and what is not mapped is an error of its own request */
static void test_iommu(const char *variant)
{
	struct queue q = { 0 };
	struct vm vm;
	struct dev dev;
	struct ref ref;
	int i, wrong = 0;

	dev_start(&dev, &vm, variant, " -device intel-iommu");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	vtd_start(&dev);
	queue_program(&q, &dev, 4, 0);
	check_eq(queue_ctrl(&q, 4), MY_RNG_QUEUE_STOPPED | MY_RNG_DMA_ERR_ADDR,
		 "device/queue/iommu-hides-the-queue");
	check_eq(vm_read(&vm, VTD + VTD_FSTS, 4) & VTD_FAULT, VTD_FAULT,
		 "device/queue/iommu-reports-the-fault");
	w64(&dev, MY_RNG_REG_QUEUE_LO, VTD_SHIFT + QUEUE);
	check_eq(queue_ctrl(&q, 4), 4, "device/queue/iommu-shows-the-queue");
	for (i = 0; i < 50; i++) {
		uint8_t got[2000], want[2000];
		uint32_t first = q.made;

		vm_write(&vm, VTD + VTD_FSTS, 0xff, 4);
		queue_put(&q, VTD_SHIFT + QUEUE_DATA + 5, 1000, 0, 0);
		queue_put(&q, QUEUE_DATA + 4096, 1000, 0, 0); /* unmapped */
		queue_put(&q, VTD_SHIFT + QUEUE_DATA + 1005, 1000, 0, 0);
		queue_submit(&q);
		wrong += !queue_wait(&q);
		wrong +=
			queue_result(&q, first, 1000) ||
			queue_result(&q, first + 1, 0) != MY_RNG_DMA_ERR_ADDR ||
			queue_result(&q, first + 2, 1000);
		ref_bytes(&ref, want, sizeof(want));
		vm_peek(&vm, QUEUE_DATA + 5, got, sizeof(got));
		wrong += !!memcmp(got, want, sizeof(got));
	}
	check_eq(wrong, 0, "device/queue/iommu-translates-and-refuses");
	check_eq(dev_stat(&dev, MY_RNG_STAT_DMAS), 100,
		 "device/queue/iommu-counts");
	vm_stop(&vm);
}

static void test_properties(const char *variant)
{
	(void)variant;
	dev_refused("-device my_rng,variant=dma,queue-poll-ns=1000000001",
		    "queue-poll-ns=1000000001: must be 0 to 1000000000",
		    "queue-poll-ns-huge");
}

const struct suite dma_queuelife_suites[] = {
	{ "dma", test_limits },
	{ "dma", test_errors },
	{ "dma", test_lies },
	{ "dma", test_lies_while_on },
	{ "dma", test_off },
	{ "dma", test_reset },
	{ "dma", test_stopped_machine },
	{ "dma", test_migration },
	{ "dma", test_iothread },
	{ "dma", test_unplug },
	{ "dma", test_iommu },
	{ "dma", test_properties },
	{ "dma", test_address_while_on },
	{ "dma", test_master_while_busy },
	{ "dma", test_bus_reset },
	{ NULL, NULL },
};
