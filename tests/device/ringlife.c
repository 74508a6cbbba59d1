// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Variant "ring": guests that lie, reset, a machine that stops or moves, threads
 * and devices that go away.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/pci_regs.h>

#include "life.h"
#include "ringdev.h"

#define ROM     0xffff0000ull
#define HOLE    0xd0000000ull
#define TOP     0xfffffffffffff000ull
#define OWN_BAR 1 /* stands for the address of BAR0 */
#define NO_POLL ",ring-poll-ns=0"

/* What a guest may get wrong before it switches the ring on */
struct lie {
	const char *name;
	uint32_t error;
	enum {
		HDR,
		TABLE,
		COUNT,
		PROD,
		CONS,
		ADDR,
		LEN,
		ZERO
	} what;
	uint64_t value;
};

static const struct lie lies[] = {
	{ "count-0", MY_RNG_RING_ERR_SIZE, COUNT, 0 },
	{ "count-1025", MY_RNG_RING_ERR_SIZE, COUNT, 1025 },
	{ "count-huge", MY_RNG_RING_ERR_SIZE, COUNT, 0xffffffff },
	{ "length-0", MY_RNG_RING_ERR_SIZE, LEN, 0 },
	{ "length-odd", MY_RNG_RING_ERR_SIZE, LEN, 8190 },
	{ "length-no-power-of-2", MY_RNG_RING_ERR_SIZE, LEN, 8196 },
	{ "length-small", MY_RNG_RING_ERR_SIZE, LEN, 2048 },
	{ "length-huge", MY_RNG_RING_ERR_SIZE, LEN, 0x80000000 },
	{ "descriptor-flags", MY_RNG_RING_ERR_SIZE, ZERO, 1 },
	{ "data-misaligned", MY_RNG_RING_ERR_ADDR, ADDR, RING_DATA + 2 },
	{ "data-in-hole", MY_RNG_RING_ERR_ADDR, ADDR, HOLE },
	{ "data-in-rom", MY_RNG_RING_ERR_ADDR, ADDR, ROM },
	{ "data-in-own-bar", MY_RNG_RING_ERR_ADDR, ADDR, OWN_BAR },
	{ "data-beyond-ram", MY_RNG_RING_ERR_ADDR, ADDR, 0x8000000 - 4096 },
	{ "data-at-the-top", MY_RNG_RING_ERR_ADDR, ADDR, TOP },
	{ "header-misaligned", MY_RNG_RING_ERR_ADDR, HDR, RING_HDR + 32 },
	{ "header-in-hole", MY_RNG_RING_ERR_ADDR, HDR, HOLE },
	{ "header-in-rom", MY_RNG_RING_ERR_ADDR, HDR, ROM },
	{ "header-in-own-bar", MY_RNG_RING_ERR_ADDR, HDR, OWN_BAR },
	{ "header-half-in-ram", MY_RNG_RING_ERR_ADDR, HDR, 0x8000000 - 64 },
	{ "table-misaligned", MY_RNG_RING_ERR_ADDR, TABLE, RING_TABLE + 8 },
	{ "table-in-hole", MY_RNG_RING_ERR_ADDR, TABLE, HOLE },
	{ "table-in-own-bar", MY_RNG_RING_ERR_ADDR, TABLE, OWN_BAR },
	{ "cons-beyond-prod", MY_RNG_RING_ERR_INDEX, CONS, 4 },
	{ "prod-beyond-size", MY_RNG_RING_ERR_INDEX, PROD, 8196 },
	{ "prod-odd", MY_RNG_RING_ERR_INDEX, PROD, 2 },
	{ "cons-at-the-top", MY_RNG_RING_ERR_INDEX, CONS, UINT64_MAX },
};

/* The last value that is allowed, of each limit */
static void test_limits(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ring ring;
	struct ref ref;
	unsigned int i;

	dev_start(&dev, &vm, variant,
		  ",generator=xoshiro256ss,ring-poll-ns=1000000000");
	ref_seed(&ref, MY_RNG_GEN_XOSHIRO256SS, 1);
	ring_init(&ring, &dev, MY_RNG_RING_SIZE_LIMIT);
	ring_program(&ring);
	check_eq(ring_ctrl(&ring, MY_RNG_RING_CTRL_ON), MY_RNG_RING_ERR_NONE,
		 "device/ring/accepts-64-MiB");
	check(ring_read(&ring, &ref, 65536), "device/ring/works-with-64-MiB");
	ring_ctrl(&ring, MY_RNG_RING_CTRL_OFF);
	ring.count = 2; /* the same memory twice: only the sum is too much */
	ring.pieces[1] = ring.pieces[0];
	ring_program(&ring);
	check_eq(ring_ctrl(&ring, MY_RNG_RING_CTRL_ON), MY_RNG_RING_ERR_SIZE,
		 "device/ring/refuses-128-MiB");
	ring_ctrl(&ring, MY_RNG_RING_CTRL_OFF);

	ring_init(&ring, &dev, 4096);
	ring_program(&ring);
	for (i = 0; i < MY_RNG_RING_COUNT_MAX; i++)
		dev_put_desc(&dev, RING_TABLE, i, RING_DATA + 4 * i, 4, 0);
	w32(&dev, MY_RNG_REG_RING_COUNT, MY_RNG_RING_COUNT_MAX);
	check_eq(ring_ctrl(&ring, MY_RNG_RING_CTRL_ON), MY_RNG_RING_ERR_NONE,
		 "device/ring/accepts-1024-pieces-of-4-bytes");
	check(ring_wait(&ring, 3072), "device/ring/works-with-1024-pieces");
	ring_ctrl(&ring, MY_RNG_RING_CTRL_OFF);

	ring_init(&ring, &dev, 8192);
	ring_program(&ring);
	ring_set(&ring, MY_RNG_RING_PROD, 8192);
	check_eq(ring_ctrl(&ring, MY_RNG_RING_CTRL_ON), MY_RNG_RING_ERR_NONE,
		 "device/ring/accepts-prod-that-far-ahead");
	ring_ctrl(&ring, MY_RNG_RING_CTRL_OFF);
	vm_stop(&vm);
}

static void tell(const struct ring *ring, const struct lie *lie)
{
	const struct dev *dev = ring->dev;
	uint64_t value = lie->value == OWN_BAR && lie->what != ZERO
				 ? dev->mmio
				 : lie->value;

	switch (lie->what) {
	case HDR:
		w64(dev, MY_RNG_REG_RING_HDR_LO, value);
		break;
	case TABLE:
		w64(dev, MY_RNG_REG_RING_DESC_LO, value);
		break;
	case COUNT:
		w32(dev, MY_RNG_REG_RING_COUNT, value);
		break;
	case PROD:
		ring_set(ring, MY_RNG_RING_PROD, value);
		break;
	case CONS:
		ring_set(ring, MY_RNG_RING_CONS, value);
		break;
	case ADDR:
		vm_write(dev->vm, RING_TABLE + MY_RNG_RING_DESC_ADDR, value, 8);
		break;
	case LEN:
		vm_write(dev->vm, RING_TABLE + MY_RNG_RING_DESC_LEN, value, 4);
		break;
	case ZERO:
		vm_write(dev->vm, RING_TABLE + MY_RNG_RING_DESC_ZERO, value, 4);
		break;
	}
}

static void test_lies(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ring ring;
	struct ref ref;
	uint64_t words;
	size_t i;

	dev_start(&dev, &vm, variant, "");
	ring_init(&ring, &dev, 8192);
	for (i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		ring_program(&ring);
		tell(&ring, &lies[i]);
		check_eq(ring_ctrl(&ring, MY_RNG_RING_CTRL_ON), lies[i].error,
			 "device/ring/refuses-%s", lies[i].name);
		if (r32(&dev, MY_RNG_REG_RING_STATUS) != MY_RNG_RING_ST_ERROR)
			check(false, "device/ring/stops-for-%s", lies[i].name);
		ring_ctrl(&ring, MY_RNG_RING_CTRL_OFF);
	}
	check_eq(dev_stat(&dev, MY_RNG_STAT_ERRORS), i,
		 "device/stat/each-refusal-is-a-guest-error");
	words = dev_stat(&dev, MY_RNG_STAT_WORDS);
	check_eq(words, 0, "device/ring/refusals-take-no-word");
	config_write(&dev, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
	ring_program(&ring);
	check_eq(ring_ctrl(&ring, MY_RNG_RING_CTRL_ON), MY_RNG_RING_ERR_MASTER,
		 "device/ring/refuses-without-master");
	config_write(&dev, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER,
		     2);
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	check(!ring_ctrl(&ring, MY_RNG_RING_CTRL_ON) &&
		      ring_read(&ring, &ref, 8192),
	      "device/ring/works-after-all-that");
	w32(&dev, MY_RNG_REG_RING_CTRL, MY_RNG_RING_CTRL_ON);
	w32(&dev, MY_RNG_REG_RING_CTRL, 7);
	check(ring_read(&ring, &ref, 8192) &&
		      dev_stat(&dev, MY_RNG_STAT_ERRORS) == i + 3,
	      "device/ring/on-while-on-changes-nothing");
	vm_stop(&vm);
}

/* A guest that starts lying when the ring is on */
static void test_lies_while_on(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ring ring;
	struct ref ref;

	dev_start(&dev, &vm, variant, NO_POLL);
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	ring_start(&ring, &dev, 8192);
	ring_wait_asleep(&ring);
	ring_set(&ring, MY_RNG_RING_CONS, 8196);
	w32(&dev, MY_RNG_REG_RING_DOORBELL, 1);
	check_eq(ring_wait_error(&ring), MY_RNG_RING_ERR_INDEX,
		 "device/ring/stops-for-cons-beyond-prod");
	ring_ctrl(&ring, MY_RNG_RING_CTRL_OFF);

	ring_start(&ring, &dev, 8192);
	ring_wait_asleep(&ring);
	ring_consume(&ring, 8192);
	ring_wait_asleep(&ring);
	ring_set(&ring, MY_RNG_RING_CONS, 8188);
	w32(&dev, MY_RNG_REG_RING_DOORBELL, 1);
	check_eq(ring_wait_error(&ring), MY_RNG_RING_ERR_INDEX,
		 "device/ring/stops-for-cons-going-backwards");
	ring_ctrl(&ring, MY_RNG_RING_CTRL_OFF);

	/* The header in the data: the stream writes it */
	ring_init(&ring, &dev, 8192);
	ring.pieces[0].addr = RING_HDR;
	ring_program(&ring);
	ring_ctrl(&ring, MY_RNG_RING_CTRL_ON);
	check_eq(ring_wait_error(&ring), MY_RNG_RING_ERR_INDEX,
		 "device/ring/header-in-its-own-data-stops-it");
	ring_ctrl(&ring, MY_RNG_RING_CTRL_OFF);

	ring_start(&ring, &dev, 8192);
	ring_wait_asleep(&ring);
	config_write(&dev, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
	check(r32(&dev, MY_RNG_REG_RING_STATUS) == MY_RNG_RING_ST_ERROR &&
		      r32(&dev, MY_RNG_REG_RING_ERROR) ==
			      MY_RNG_RING_ERR_MASTER,
	      "device/ring/stops-at-once-without-master");
	check_eq(dev_stat(&dev, MY_RNG_STAT_ERRORS), 4,
		 "device/stat/each-stop-is-a-guest-error");
	vm_stop(&vm);
}

/* The registers are free for the next time: the ring goes on where it is */
static void test_registers_while_on(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ring ring;
	struct ref ref;

	dev_start(&dev, &vm, variant, NO_POLL " -m 32M");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	ring_start(&ring, &dev, 8192);
	ring_wait_asleep(&ring);
	w64(&dev, MY_RNG_REG_RING_HDR_LO, RING_HDR + 1);
	w64(&dev, MY_RNG_REG_RING_DESC_LO, HOLE);
	w32(&dev, MY_RNG_REG_RING_COUNT, 0);
	check(ring_read(&ring, &ref, 8192) && ring_read(&ring, &ref, 8192),
	      "device/ring/registers-while-on-change-nothing");
	check(r64(&dev, MY_RNG_REG_RING_HDR_LO) == RING_HDR + 1 &&
		      r64(&dev, MY_RNG_REG_RING_DESC_LO) == HOLE &&
		      !r32(&dev, MY_RNG_REG_RING_COUNT),
	      "device/ring/registers-while-on-are-kept");
	if (!dev_move(&dev, &vm, variant, ""))
		return;
	check(ring_read(&ring, &ref, 8192) && ring_read(&ring, &ref, 8192) &&
		      r64(&dev, MY_RNG_REG_RING_HDR_LO) == RING_HDR + 1,
	      "device/migration/ring-keeps-both-addresses");
	ring_ctrl(&ring, MY_RNG_RING_CTRL_OFF);
	check_eq(ring_ctrl(&ring, MY_RNG_RING_CTRL_ON), MY_RNG_RING_ERR_ADDR,
		 "device/ring/registers-while-on-hold-from-the-next-time-on");
	vm_stop(&vm);
}

/* While the thread works: what stops it is bus mastering, nothing else */
static void test_master_while_busy(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ring ring;
	int i, wrong = 0;

	dev_start(&dev, &vm, variant, ",generator=xoshiro256ss");
	for (i = 0; i < 50; i++) {
		ring_start(&ring, &dev, 32 << 20);
		config_write(&dev, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
		wrong += ring_wait_error(&ring) != MY_RNG_RING_ERR_MASTER;
		config_write(&dev, PCI_COMMAND,
			     PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, 2);
		ring_ctrl(&ring, MY_RNG_RING_CTRL_OFF);
	}
	check_eq(wrong, 0, "device/ring/without-master-is-the-error-reported");
	vm_stop(&vm);
}

/* A ring that stops; its MSI would switch the one at @ctrl on, which cannot be */
static void stop_with_msi_to(struct ring *ring, uint64_t ctrl)
{
	msi_setup(ring->dev, ctrl, MY_RNG_RING_CTRL_ON, true);
	ring_start(ring, ring->dev, 8192);
	ring_wait_asleep(ring);
	ring_set(ring, MY_RNG_RING_CONS, 8196);
	w32(ring->dev, MY_RNG_REG_RING_DOORBELL, 1);
	ring_wait_error(ring);
}

static void test_msi_loop(const char *variant)
{
	struct vm vm;
	struct dev dev, other;
	struct ring ring = { .dev = &dev };

	dev_start(&dev, &vm, variant, NO_POLL);
	stop_with_msi_to(&ring, dev.mmio + MY_RNG_REG_RING_CTRL);
	check(dev_comes_to_rest(&dev),
	      "device/ring/msi-to-own-control-goes-round-once");
	vm_stop(&vm);

	dev_start(&dev, &vm, variant,
		  NO_POLL " -device my_rng,id=rng5,addr=5,variant=ring");
	dev_setup(&other, &vm, 5);
	ring_init(&ring, &other, 8192);
	ring_program(&ring);
	msi_setup(&other, dev.mmio + MY_RNG_REG_RING_CTRL, MY_RNG_RING_CTRL_ON,
		  true);
	ring.dev = &dev;
	stop_with_msi_to(&ring, other.mmio + MY_RNG_REG_RING_CTRL);
	check(dev_comes_to_rest(&dev) && dev_comes_to_rest(&other),
	      "device/ring/msi-to-another's-control-goes-round-once");
	vm_stop(&vm);
}

static void test_bus_reset(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ring ring;

	dev_start_behind(&dev, &vm, variant, NO_POLL);
	ring_start(&ring, &dev, 8192);
	ring_wait_asleep(&ring);
	dev_stop_and_reset(&dev);
	check_eq(dev_stat(&dev, MY_RNG_STAT_ERRORS), 0,
		 "device/reset/ring-forgets-an-error");
	vm_stop(&vm);
}

static void test_reset(const char *variant)
{
	static uint8_t before[65536], after[65536];
	struct vm vm;
	struct dev dev;
	struct ring ring;
	struct ref ref;

	dev_start(&dev, &vm, variant, ",generator=xoshiro256ss");
	ring_start(&ring, &dev, sizeof(before));
	ring_wait(&ring, 4096);
	ring_consume(&ring, 4096);
	vm_reset(&vm);
	dev_setup(&dev, &vm, FIRST_SLOT);
	check(!r32(&dev, MY_RNG_REG_RING_STATUS) &&
		      !r32(&dev, MY_RNG_REG_RING_COUNT) &&
		      !r64(&dev, MY_RNG_REG_RING_HDR_LO) &&
		      !r64(&dev, MY_RNG_REG_RING_DESC_LO),
	      "device/reset/ring-is-off");
	vm_peek(&vm, RING_DATA, before, sizeof(before));
	w32(&dev, MY_RNG_REG_RING_DOORBELL, 1);
	check_eq(dev_stat(&dev, MY_RNG_STAT_KICKS), 1,
		 "device/reset/ring-counters-restart");
	vm_peek(&vm, RING_DATA, after, sizeof(after));
	check(!memcmp(before, after, sizeof(before)),
	      "device/reset/ring-writes-nothing-afterwards");
	ref_seed(&ref, MY_RNG_GEN_XOSHIRO256SS, 1);
	ring_start(&ring, &dev, sizeof(before));
	check(ring_read(&ring, &ref, sizeof(before)),
	      "device/reset/ring-stream-restarts");
	vm_stop(&vm);
}

/* A stopped machine: its memory must not change, and nothing is forgotten */
static void test_stopped_machine(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ring ring;
	struct ref ref;
	uint64_t prod;

	dev_start(&dev, &vm, variant, NO_POLL);
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	ring_start(&ring, &dev, 8192);
	ring_wait_asleep(&ring);
	prod = ring_get(&ring, MY_RNG_RING_PROD);
	check(vm_does(&vm, "{\"execute\": \"stop\"}"),
	      "device/ring/machine-stops");
	ring_read(&ring, &ref, 8192);
	check(ring.kicks == 1 && dev_stat(&dev, MY_RNG_STAT_KICKS) == 1 &&
		      ring_get(&ring, MY_RNG_RING_PROD) == prod,
	      "device/ring/stopped-machine-is-left-alone");
	vm_does(&vm, "{\"execute\": \"cont\"}");
	check(ring_read(&ring, &ref, 8192),
	      "device/ring/goes-on-with-the-machine");
	vm_stop(&vm);
}

/* Moved again and again, in the middle of everything */
static void test_migration(const char *variant)
{
	static const uint32_t steps[] = { 4, 12000, 16384, 60, 40000, 30000 };
	struct vm vm;
	struct dev dev;
	struct ring ring;
	struct ref ref;
	bool good = true;
	size_t i;

	dev_start(&dev, &vm, variant, " -m 32M");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	ring_start(&ring, &dev, 65536);
	for (i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		good = good && ring_read(&ring, &ref, steps[i]);
		if (i % 2)
			ring_wait_asleep(&ring);
		if (!dev_move(&dev, &vm, variant, i % 2 ? ",iothread=io0" : ""))
			return;
	}
	check(good && ring_read(&ring, &ref, 40000),
	      "device/migration/ring-goes-on-exactly");
	ring_ctrl(&ring, MY_RNG_RING_CTRL_OFF);
	check(r64(&dev, MY_RNG_REG_RING_HDR_LO) == RING_HDR &&
		      r64(&dev, MY_RNG_REG_RING_DESC_LO) == RING_TABLE &&
		      r32(&dev, MY_RNG_REG_RING_COUNT) == 1,
	      "device/migration/ring-registers");
	vm_stop(&vm);
}

/* The user's thread, also when the user takes it away; then the device goes */
static void test_iothread(const char *variant)
{
	struct vm vm;
	struct dev dev;
	struct ring ring;
	struct ref ref;

	dev_start(&dev, &vm, variant, IOTHREAD " -machine pc");
	ref_seed(&ref, MY_RNG_GEN_GLIBC, 1);
	ring_start(&ring, &dev, 8192);
	check(ring_read(&ring, &ref, 8192), "device/ring/user's-iothread");
	dev_take_iothread(&dev);
	check(ring_read(&ring, &ref, 8192) && ring_read(&ring, &ref, 8192),
	      "device/ring/survives-removal-of-its-iothread");
	vm_stop(&vm);
}

/* Unplugged while it fills a ring: with its own thread and with the user's */
static void test_unplug(const char *variant)
{
	size_t i;

	for (i = 0; i < 2; i++) {
		struct vm vm;
		struct dev dev;
		struct ring ring;

		dev_start(&dev, &vm, variant,
			  i ? IOTHREAD " -machine pc" : " -machine pc");
		ring_start(&ring, &dev, 65536);
		ring_wait(&ring, 4096);
		dev_replug(&dev, variant);
		vm_stop(&vm);
	}
}

static void test_properties(const char *variant)
{
	(void)variant;
	dev_refused("-device my_rng,variant=ring,ring-poll-ns=1000000001",
		    "ring-poll-ns=1000000001: must be 0 to 1000000000",
		    "ring-poll-ns-huge");
	dev_refused("-device my_rng,variant=ring,iothread=none", "iothread",
		    "iothread-that-is-none");
}

static void test_others_have_no_thread(const char *variant)
{
	char args[128];

	if (!strcmp(variant, "ring") || !strcmp(variant, "dma"))
		return;
	snprintf(args, sizeof(args),
		 "-object iothread,id=io0 "
		 "-device my_rng,variant=%s,iothread=io0",
		 variant);
	dev_refused(args, "has no thread, only dma and ring do", variant);
}

const struct suite ringlife_suites[] = {
	{ "ring", test_limits },
	{ "ring", test_lies },
	{ "ring", test_lies_while_on },
	{ "ring", test_reset },
	{ "ring", test_stopped_machine },
	{ "ring", test_migration },
	{ "ring", test_iothread },
	{ "ring", test_unplug },
	{ "ring", test_properties },
	{ "ring", test_registers_while_on },
	{ "ring", test_master_while_busy },
	{ "ring", test_msi_loop },
	{ "ring", test_bus_reset },
	{ NULL, test_others_have_no_thread },
	{ NULL, NULL },
};
