/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Variant "dma": its state, shared by the registers and the requests that run in
 * the doorbell (variant_dma.c), those of the queue (dma_queue.c), and the
 * mapping of guest memory for both (dma_map.c).
 */
#ifndef MY_RNG_DMA_H
#define MY_RNG_DMA_H

#include "qemu/iov.h"
#include "qemu/units.h"

#include "worker.h"

#define DMA_LEN_MAX (1 * MiB)

/* A request of DMA_LEN_MAX in pages of 4 KiB, at an odd offset, takes 257 */
#define DMA_DESC_MAX 512

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
 * struct DmaRequest - one of the queue, mapped
 * @target: where it writes to
 * @flags: MY_RNG_QUEUE_FLAG_*
 * @error: why not, MY_RNG_DMA_ERR_*
 * @entry: mapped; NULL: it is no RAM any more
 * @entry_map: its mapping
 * @data: mapping of the target, if @has_data
 * @has_data: without an error, and not in constant mode
 */
typedef struct DmaRequest {
    DmaTarget target;
    uint32_t flags;
    uint32_t error;
    uint8_t *entry;
    QEMUIOVector entry_map;
    QEMUIOVector data;
    bool has_data;
} DmaRequest;

typedef struct DmaQueueHeader DmaQueueHeader;

/**
 * struct DmaQueue - requests in guest memory; see SPEC.md, "The queue"
 * @w: the thread that serves them; its lock protects the rest
 * @addr: QUEUE
 * @entries: a power of two while on, 0 while not
 * @error: why it stopped by itself, MY_RNG_DMA_ERR_*
 * @unreported: the same, until it is logged and counted
 * @translated: an IOMMU may stand between us and memory: the main loop maps
 * @head: requests completed
 * @tail: requests made, as last seen; @tail - @head <= @entries
 * @frames: QUEUE_IRQ_FRAMES
 * @usecs: QUEUE_IRQ_USECS
 * @unannounced: requests completed since the last MSI
 * @due: MSIs to be sent
 * @failed: requests with an error that is still to be logged and counted
 * @failure: the last of these errors
 * @timer: MSI after @usecs
 * @mapper: bottom half that maps in the main loop
 * @ready: the rest is valid: what the thread is to use next is mapped
 * @header: NULL if it is no RAM any more
 * @header_map: its mapping
 * @next: the oldest request, if there is one
 */
typedef struct DmaQueue {
    MyRngWorker w;
    uint64_t addr;
    uint32_t entries;
    uint32_t error;
    uint32_t unreported;
    bool translated;
    uint32_t head;
    uint32_t tail;
    uint32_t frames;
    uint32_t usecs;
    uint32_t unannounced;
    uint32_t due;
    uint32_t failed;
    uint32_t failure;
    QEMUTimer *timer;
    QEMUBH *mapper;
    bool ready;
    DmaQueueHeader *header;
    QEMUIOVector header_map;
    DmaRequest next;
} DmaQueue;

/**
 * struct DmaRegs - the request that the next doorbell starts
 * @addr: DMA_ADDR
 * @done: DMA_DONE
 * @len: DMA_LEN
 * @status: DMA_STATUS
 * @error: DMA_ERROR
 * @count: DMA_COUNT
 * @desc: DMA_DESC
 * @desc_count: DMA_DESC_COUNT
 * @busy: it is running; its MSI may be aimed at our own doorbell
 */
typedef struct DmaRegs {
    uint64_t addr;
    uint64_t done;
    uint32_t len;
    uint32_t status;
    uint32_t error;
    uint32_t count;
    uint64_t desc;
    uint32_t desc_count;
    bool busy;
} DmaRegs;

/** struct DmaState - the variant's private state */
typedef struct DmaState {
    DmaRegs regs;
    DmaQueue queue;
} DmaState;

/**
 * my_rng_dma_map() - map one range for writing, all of it or nothing
 * @as: the device's view of memory
 * @addr: first byte
 * @len: bytes, not 0
 * @map: result, made by this
 *
 * Return: false if it is not all writable RAM; @map is then gone.
 */
bool my_rng_dma_map(AddressSpace *as, uint64_t addr, uint64_t len,
                    QEMUIOVector *map);

/**
 * my_rng_dma_map_target() - likewise all that a request writes to
 * @as: the device's view of memory
 * @target: the request
 * @map: result, made by this
 *
 * Return: MY_RNG_DMA_ERR_*; on an error @map is gone.
 */
uint32_t my_rng_dma_map_target(AddressSpace *as, const DmaTarget *target,
                               QEMUIOVector *map);

/**
 * my_rng_dma_unmap() - end of what my_rng_dma_map() began
 * @as: the device's view of memory
 * @map: it
 * @written: whether memory was written
 */
void my_rng_dma_unmap(AddressSpace *as, QEMUIOVector *map, bool written);

/**
 * my_rng_dma_fill() - write the stream to a mapped target; unmaps and counts it
 * @s: device, its stream ours
 * @as: its view of memory
 * @map: target
 * @len: bytes
 */
void my_rng_dma_fill(MyRngState *s, AddressSpace *as, QEMUIOVector *map,
                     uint32_t len);

/** my_rng_dma_len_fits() - whether a request may be that long */
static inline bool my_rng_dma_len_fits(uint32_t len)
{
    return len && len <= DMA_LEN_MAX;
}

/**
 * my_rng_dma_queue_ctrl() - QUEUE_CTRL was written
 * @dma: state, its lock held
 * @value: to this
 */
void my_rng_dma_queue_ctrl(DmaState *dma, uint32_t value);

/**
 * my_rng_dma_queue_stop() - the device leaves the queue alone from now on
 * @dma: state, its lock held
 * @error: MY_RNG_DMA_ERR_*; none: it was asked to stop
 */
void my_rng_dma_queue_stop(DmaState *dma, uint32_t error);

/** my_rng_dma_queue_resume() - go on with a queue that is on, its lock held */
void my_rng_dma_queue_resume(DmaQueue *q);

/** my_rng_dma_queue_is_sane() - whether a queue can be in this state */
bool my_rng_dma_queue_is_sane(const DmaQueue *q);

/** my_rng_dma_queue_alarm() - QUEUE_IRQ_USECS are over */
void my_rng_dma_queue_alarm(void *opaque);

/** my_rng_dma_queue_map() - map what comes next, for the thread */
void my_rng_dma_queue_map(void *opaque);

/** my_rng_dma_queue_report() - MSIs that are due, errors; in the main loop */
void my_rng_dma_queue_report(MyRngWorker *w);

/** my_rng_dma_queue_turn() - the thread's work, as the worker's ops want it */
bool my_rng_dma_queue_turn(MyRngWorker *w);

#endif /* MY_RNG_DMA_H */
