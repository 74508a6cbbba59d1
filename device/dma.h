/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Variant "dma": its state, shared by the registers and the requests that run in
 * the doorbell (variant_dma.c), those of the queue (dma_queue.c), and the
 * transfer that both ask for (dma_transfer.c).
 */
#ifndef MY_RNG_DMA_H
#define MY_RNG_DMA_H

#include "qemu/units.h"

#include "worker.h"

#define DMA_LEN_MAX (1 * MiB)

/* A request of DMA_LEN_MAX in pages of 4 KiB, at an odd offset, takes 257 */
#define DMA_DESC_MAX 512

/**
 * struct DmaState - the variant's private state
 * @w: the thread that serves the queue; its lock protects what is the queue's
 * @addr: DMA_ADDR
 * @done: DMA_DONE
 * @len: DMA_LEN
 * @status: DMA_STATUS
 * @error: DMA_ERROR
 * @count: DMA_COUNT
 * @desc: DMA_DESC
 * @desc_count: DMA_DESC_COUNT
 * @busy: a request of the doorbell runs; its MSI may be aimed at that doorbell
 * @queue: QUEUE
 * @entries: of the queue that was switched on last, a power of two
 * @head: requests of the queue completed
 * @tail: requests made, as last seen; @tail - @head <= @entries
 * @frames: QUEUE_IRQ_FRAMES
 * @usecs: QUEUE_IRQ_USECS
 * @unannounced: requests completed since the last MSI came due
 * @timer: MSI after @usecs
 */
typedef struct DmaState {
    MyRngWorker w;
    uint64_t addr;
    uint64_t done;
    uint32_t len;
    uint32_t status;
    uint32_t error;
    uint32_t count;
    uint64_t desc;
    uint32_t desc_count;
    bool busy;
    uint64_t queue;
    uint32_t entries;
    uint32_t head;
    uint32_t tail;
    uint32_t frames;
    uint32_t usecs;
    uint32_t unannounced;
    QEMUTimer *timer;
} DmaState;

/**
 * struct DmaTarget - where a request writes to
 * @addr: on the bus, of the only range or of the table
 * @len: bytes in all
 * @descs: descriptors in the table
 * @sg: there is a table
 */
typedef struct DmaTarget {
    uint64_t addr;
    uint32_t len;
    uint32_t descs;
    bool sg;
} DmaTarget;

/**
 * my_rng_dma_transfer() - write the stream to a target, all of it or nothing
 * @s: device, its stream ours
 * @target: where to
 *
 * Return: MY_RNG_DMA_ERR_*; on an error nothing is written and no word is used.
 */
uint32_t my_rng_dma_transfer(MyRngState *s, const DmaTarget *target);

/* The queue's part of the variant: its work, alarm and state from a migration */
extern const MyRngWorkerOps my_rng_dma_queue;

/** my_rng_dma_alarm() - QUEUE_IRQ_USECS are over */
void my_rng_dma_alarm(void *opaque);

/** my_rng_dma_queue_wrong() - what of the queue's state cannot be; NULL: nothing */
const char *my_rng_dma_queue_wrong(const DmaState *dma);

#endif /* MY_RNG_DMA_H */
