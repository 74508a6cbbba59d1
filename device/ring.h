/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ring in guest memory: its state, shared by the registers (variant_ring.c)
 * and the thread that fills it (ring_run.c).
 */
#ifndef MY_RNG_RING_H
#define MY_RNG_RING_H

#include "worker.h"

/* The header as it lies in guest memory; see my_rng_regs.h */
typedef struct RingHeader {
    uint64_t prod;
    uint64_t kick_at;
    uint8_t pad[MY_RNG_RING_CONS - MY_RNG_RING_KICK_AT - 8];
    uint64_t cons;
    uint64_t irq_at;
    uint8_t end[MY_RNG_RING_HDR_SIZE - MY_RNG_RING_IRQ_AT - 8];
} RingHeader;

QEMU_BUILD_BUG_ON(offsetof(RingHeader, prod) != MY_RNG_RING_PROD);
QEMU_BUILD_BUG_ON(offsetof(RingHeader, kick_at) != MY_RNG_RING_KICK_AT);
QEMU_BUILD_BUG_ON(offsetof(RingHeader, cons) != MY_RNG_RING_CONS);
QEMU_BUILD_BUG_ON(offsetof(RingHeader, irq_at) != MY_RNG_RING_IRQ_AT);
QEMU_BUILD_BUG_ON(sizeof(RingHeader) != MY_RNG_RING_HDR_SIZE);

/**
 * struct RingDesc - a piece of the ring
 * @addr: on the bus
 * @len: bytes
 */
typedef struct RingDesc {
    uint64_t addr;
    uint32_t len;
} RingDesc;

/**
 * struct RingState - the variant's private state
 * @w: the thread that fills the ring; its lock protects the rest
 * @hdr: RING_HDR
 * @table: RING_DESC
 * @count: RING_COUNT
 * @status: RING_STATUS
 * @error: RING_ERROR
 * @unreported: an error that is still to be logged and counted
 * @irq: an MSI is due
 * @prod: bytes produced
 * @cons: bytes consumed, as last seen; @prod - @size <= @cons <= @prod
 * @size: of the ring in bytes, a power of two
 * @pieces: entries of @desc in use
 * @piece: where @prod lies: the entry of @desc
 * @offset: and the byte in it
 * @desc: the table as it was when the ring was enabled
 */
typedef struct RingState {
    MyRngWorker w;
    uint64_t hdr;
    uint64_t table;
    uint32_t count;
    uint32_t status;
    uint32_t error;
    uint32_t unreported;
    bool irq;
    uint64_t prod;
    uint64_t cons;
    uint32_t size;
    uint32_t pieces;
    uint32_t piece;
    uint32_t offset;
    RingDesc desc[MY_RNG_RING_COUNT_MAX];
} RingState;

/**
 * my_rng_ring_map() - the RAM at an address of the bus
 * @r: ring
 * @addr: first byte
 * @len: bytes wanted; what lies in one piece of host memory afterwards, not 0
 *
 * For reading as well: a map for reading would read a device's registers where
 * there is no RAM. Give it back with my_rng_ring_unmap().
 *
 * Return: host address; NULL if there is no writable RAM.
 */
void *my_rng_ring_map(RingState *r, uint64_t addr, dma_addr_t *len);

/**
 * my_rng_ring_unmap() - end of what my_rng_ring_map() began
 * @r: ring
 * @host: its result
 * @len: its length
 * @written: whether memory was written
 */
void my_rng_ring_unmap(RingState *r, void *host, dma_addr_t len, bool written);

/**
 * my_rng_ring_map_header() - the header, whole
 * @r: ring
 *
 * Return: host address, as for my_rng_ring_map(); NULL: not (only) RAM.
 */
RingHeader *my_rng_ring_map_header(RingState *r);

/**
 * my_rng_ring_enable() - begin to fill the ring that the registers describe
 * @r: ring that is off, its lock held
 *
 * Return: MY_RNG_RING_ERR_*; without error the ring is on.
 */
uint32_t my_rng_ring_enable(RingState *r);

/**
 * my_rng_ring_stop() - the device leaves memory alone from now on
 * @r: ring that is on, its lock held
 * @error: MY_RNG_RING_ERR_*; none: it was asked to stop
 */
void my_rng_ring_stop(RingState *r, uint32_t error);

/**
 * my_rng_ring_locate() - find where the next byte belongs
 * @r: ring with a table and a position
 */
void my_rng_ring_locate(RingState *r);

/**
 * my_rng_ring_turn() - the thread's work: fill, look for space, or sleep
 * @w: of the ring
 *
 * Return: false once it may sleep.
 */
bool my_rng_ring_turn(MyRngWorker *w);

#endif /* MY_RNG_RING_H */
