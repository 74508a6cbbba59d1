/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Read path ring: what its parts share. Reads (ring_read.c) take bytes out of the
 * ring, whose header and device ring_device.c knows; path_ring.c makes and maps it.
 */
#ifndef MY_RNG_RING_H
#define MY_RNG_RING_H

#include <linux/workqueue.h>

#include "my_rng_drv.h"

/* Header as it lies in memory, see my_rng_regs.h */
struct my_rng_ring_hdr {
	__le64 prod;
	__le64 kick_at;
	u8 pad[MY_RNG_RING_CONS - MY_RNG_RING_KICK_AT - 8];
	__le64 cons;
	__le64 irq_at;
};

/**
 * struct my_rng_ring_block - a piece of the ring
 * @page: its first page
 * @bus: its bus address
 */
struct my_rng_ring_block {
	struct page *page;
	dma_addr_t bus;
};

/**
 * struct my_rng_ring_counts - where a ring stands, in bytes
 * @prod: produced
 * @cons: consumed
 */
struct my_rng_ring_counts {
	u64 prod;
	u64 cons;
};

/**
 * struct my_rng_ring - state of the path, protected by the device's lock
 * @dev: the device
 * @hdr: a page of its own, shared with the device
 * @hdr_bus: its bus address
 * @table_bus: bus address of the descriptors
 * @size: of the ring in bytes, a power of two
 * @block: bytes of a block, a power of two
 * @count: blocks in @blocks
 * @at: its cons counts bytes consumed; while the header is mapped, only what the
 *	header said. Its prod is true while the ring is off
 * @real: @at before the device went into constant mode
 * @shared: the header was mapped since the ring was last started
 * @on: the ring was started, and the device not yet found to have stopped
 * @checked: the device's wakeups when it was last known to be alive
 * @checked_at: and when that was, in jiffies
 * @seen: and what PROD was
 * @look: where there is no interrupt, it has callers of poll(2) look again
 * @blocks: the ring
 */
struct my_rng_ring {
	struct my_rng_dev *dev;
	struct my_rng_ring_hdr *hdr;
	dma_addr_t hdr_bus;
	dma_addr_t table_bus;
	size_t size;
	size_t block;
	unsigned int count;
	struct my_rng_ring_counts at;
	struct my_rng_ring_counts real;
	bool shared;
	bool on;
	int checked;
	unsigned long checked_at;
	u64 seen;
	struct delayed_work look;
	struct my_rng_ring_block blocks[];
};

/* Without an interrupt in this time, look what the device is doing, in jiffies */
#define MY_RNG_RING_PATIENCE HZ

/* ring_device.c */
void my_rng_ring_stop(struct my_rng_dev *mr);
void my_rng_ring_start(struct my_rng_dev *mr);
void my_rng_ring_change(struct my_rng_dev *mr, unsigned int reg, u32 value);
void my_rng_ring_kick(struct my_rng_dev *mr);
int my_rng_ring_ready(struct my_rng_dev *mr);
int my_rng_ring_check(struct my_rng_dev *mr);
size_t my_rng_ring_there(struct my_rng_ring *ring);
void my_rng_ring_consume(struct my_rng_dev *mr, size_t len);
void my_rng_ring_ask(struct my_rng_ring *ring, size_t want);

/* ring_read.c */
void my_rng_ring_look(struct work_struct *work);
ssize_t my_rng_ring_read_kernel(struct my_rng_dev *mr, struct my_rng_file *mf,
				void *to, size_t len, bool nonblock);
ssize_t my_rng_ring_read_user(struct my_rng_file *mf, char __user *to,
			      size_t len, bool nonblock);
__poll_t my_rng_ring_poll(struct my_rng_file *mf);

#endif /* MY_RNG_RING_H */
