// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Variant "dma": requests kept in flight. They lie in a queue in guest memory; a
 * thread of the device's runs them in their order while the guest's CPU goes on.
 * SPEC.md, "The queue", has the rules of the shared header.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"

#include "dma.h"
#include "trace/trace-my_rng.h"

/* The header as it lies in guest memory; see my_rng_regs.h */
typedef struct QueueHeader {
    uint32_t head;
    uint32_t kick_at;
    uint8_t pad[MY_RNG_QUEUE_TAIL - MY_RNG_QUEUE_KICK_AT - 4];
    uint32_t tail;
    uint8_t end[MY_RNG_QUEUE_HDR_SIZE - MY_RNG_QUEUE_TAIL - 4];
} QueueHeader;

QEMU_BUILD_BUG_ON(offsetof(QueueHeader, head) != MY_RNG_QUEUE_HEAD);
QEMU_BUILD_BUG_ON(offsetof(QueueHeader, kick_at) != MY_RNG_QUEUE_KICK_AT);
QEMU_BUILD_BUG_ON(offsetof(QueueHeader, tail) != MY_RNG_QUEUE_TAIL);
QEMU_BUILD_BUG_ON(sizeof(QueueHeader) != MY_RNG_QUEUE_HDR_SIZE);

/* An entry as it lies in guest memory; see my_rng_regs.h */
typedef struct QueueEntry {
    uint64_t addr;
    uint32_t len;
    uint32_t descs;
    uint32_t flags;
    uint32_t status;
    uint32_t error;
    uint32_t count;
} QueueEntry;

QEMU_BUILD_BUG_ON(offsetof(QueueEntry, len) != MY_RNG_QUEUE_ENTRY_LEN);
QEMU_BUILD_BUG_ON(offsetof(QueueEntry, descs) != MY_RNG_QUEUE_ENTRY_DESCS);
QEMU_BUILD_BUG_ON(offsetof(QueueEntry, flags) != MY_RNG_QUEUE_ENTRY_FLAGS);
QEMU_BUILD_BUG_ON(offsetof(QueueEntry, status) != MY_RNG_QUEUE_ENTRY_STATUS);
QEMU_BUILD_BUG_ON(offsetof(QueueEntry, error) != MY_RNG_QUEUE_ENTRY_ERROR);
QEMU_BUILD_BUG_ON(offsetof(QueueEntry, count) != MY_RNG_QUEUE_ENTRY_COUNT);
QEMU_BUILD_BUG_ON(sizeof(QueueEntry) != MY_RNG_QUEUE_ENTRY_SIZE);

static DmaState *dma_of(MyRngWorker *w)
{
    return container_of(w, DmaState, w);
}

static bool are_entries(uint32_t n)
{
    return n >= MY_RNG_QUEUE_MIN && n <= MY_RNG_QUEUE_MAX && is_power_of_2(n);
}

/* The whole of it is RAM, and HEAD and TAIL are those of such a queue */
static uint32_t queue_start(MyRngWorker *w)
{
    DmaState *dma = dma_of(w);
    QueueHeader *header = w->header;

    if (!are_entries(dma->entries)) {
        return MY_RNG_DMA_ERR_LEN;
    }
    if (!my_rng_ram_read(w->s, w->base, NULL,
                         MY_RNG_QUEUE_HDR_SIZE +
                             dma->entries * MY_RNG_QUEUE_ENTRY_SIZE)) {
        return MY_RNG_DMA_ERR_ADDR;
    }
    dma->head = le32_to_cpu(qatomic_read(&header->head));
    dma->tail = le32_to_cpu(qatomic_read(&header->tail));
    if (dma->tail - dma->head > dma->entries) {
        return MY_RNG_DMA_ERR_INDEX;
    }
    trace_my_rng_queue_start(w->s->id, dma->head, dma->tail, dma->entries);
    return MY_RNG_DMA_ERR_NONE;
}

static void queue_stopped(MyRngWorker *w)
{
    DmaState *dma = dma_of(w);

    trace_my_rng_queue_stop(w->s->id, dma->head, dma->tail, w->error);
    dma->unannounced = 0;
    timer_del(dma->timer);
}

/* Acquire: the entries are read after it */
static uint32_t queue_look(MyRngWorker *w)
{
    DmaState *dma = dma_of(w);
    QueueHeader *header = w->header;
    uint32_t tail = le32_to_cpu(qatomic_load_acquire(&header->tail));
    uint32_t made = tail - dma->head;

    if (made > dma->entries || made < dma->tail - dma->head) {
        return MY_RNG_DMA_ERR_INDEX;
    }
    dma->tail = tail;
    return MY_RNG_DMA_ERR_NONE;
}

static bool queue_has_work(const MyRngWorker *w)
{
    const DmaState *dma = container_of(w, DmaState, w);

    return dma->tail != dma->head;
}

static void queue_ask(MyRngWorker *w)
{
    DmaState *dma = dma_of(w);
    QueueHeader *header = w->header;

    trace_my_rng_queue_sleep(w->s->id, dma->tail);
    qatomic_set(&header->kick_at, cpu_to_le32(dma->tail + 1));
}

/* The entry, each field read once: what is checked is what is used */
static uint32_t read_entry(const QueueEntry *entry, DmaTarget *target,
                           uint32_t *flags)
{
    uint32_t descs = le32_to_cpu(qatomic_read(&entry->descs));

    *target = (DmaTarget){
        .addr = le64_to_cpu(qatomic_read(&entry->addr)),
        .len = le32_to_cpu(qatomic_read(&entry->len)),
        .descs = descs,
        .sg = descs,
    };
    *flags = le32_to_cpu(qatomic_read(&entry->flags));
    return *flags & ~MY_RNG_QUEUE_FLAG_ANNOUNCE ? MY_RNG_DMA_ERR_DESC
                                                : MY_RNG_DMA_ERR_NONE;
}

/* A request is complete: an MSI now, later, or not for this one */
static void announce(DmaState *dma, uint32_t flags)
{
    dma->unannounced++;
    if (flags & MY_RNG_QUEUE_FLAG_ANNOUNCE ||
        (dma->frames && dma->unannounced >= dma->frames)) {
        dma->unannounced = 0;
        timer_del(dma->timer);
        my_rng_worker_raise(&dma->w);
    } else if (dma->usecs && !timer_pending(dma->timer)) {
        timer_mod(dma->timer,
                  qemu_clock_get_us(QEMU_CLOCK_VIRTUAL) + dma->usecs);
    }
}

/* Data, then the entry, then HEAD, which tells of both */
static void complete(DmaState *dma, QueueEntry *entry, uint32_t error,
                     uint32_t count)
{
    uint32_t status = error ? MY_RNG_DMA_ST_ERROR : MY_RNG_DMA_ST_DONE;
    QueueHeader *header = dma->w.header;

    qatomic_set(&entry->error, cpu_to_le32(error));
    qatomic_set(&entry->count, cpu_to_le32(count));
    qatomic_set(&entry->status, cpu_to_le32(status));
    my_rng_ram_unmap(dma->w.s, entry, sizeof(*entry), true);
    trace_my_rng_dma_end(dma->w.s->id, status, error, count);
    dma->head++;
    qatomic_store_release(&header->head, cpu_to_le32(dma->head));
    if (error) {
        my_rng_worker_fail(&dma->w, error);
    }
}

/* The oldest request */
static uint32_t queue_do_one(MyRngWorker *w)
{
    DmaState *dma = dma_of(w);
    uint32_t index = dma->head & (dma->entries - 1);
    uint64_t at = w->base + MY_RNG_QUEUE_HDR_SIZE + index * sizeof(QueueEntry);
    QueueEntry *entry = my_rng_ram_map_whole(w->s, at, sizeof(*entry));
    DmaTarget target;
    uint32_t flags;
    uint32_t error;

    if (!entry) {
        return MY_RNG_DMA_ERR_ADDR;
    }
    error = read_entry(entry, &target, &flags);
    trace_my_rng_dma_start(w->s->id, target.addr, target.len, 0);
    if (!error) {
        error = my_rng_dma_transfer(w->s, &target);
    }
    complete(dma, entry, error, error ? 0 : target.len);
    announce(dma, flags);
    return MY_RNG_DMA_ERR_NONE;
}

void my_rng_dma_alarm(void *opaque)
{
    DmaState *dma = opaque;

    my_rng_worker_lock(dma->w.s);
    if (dma->unannounced) {
        dma->unannounced = 0;
        my_rng_worker_raise(&dma->w);
    }
    my_rng_worker_unlock(dma->w.s);
}

const char *my_rng_dma_queue_wrong(const DmaState *dma)
{
    if (!dma->w.on) {
        return dma->unannounced ? "requests not announced while it is off"
                                : NULL;
    }
    if (!are_entries(dma->entries)) {
        return "number of entries";
    }
    if (dma->tail - dma->head > dma->entries) {
        return "HEAD and TAIL";
    }
    return NULL;
}

static const char *const queue_errors[] = {
    [MY_RNG_DMA_ERR_NONE] = "none",
    [MY_RNG_DMA_ERR_LEN] = "bad length or number of entries",
    [MY_RNG_DMA_ERR_ADDR] = "address is not aligned, writable RAM",
    [MY_RNG_DMA_ERR_MASTER] = "bus mastering is off",
    [MY_RNG_DMA_ERR_DESC] = "bad table or flags",
    [MY_RNG_DMA_ERR_INDEX] = "TAIL is not between its last value and "
                             "HEAD + entries",
};

const MyRngWorkerOps my_rng_dma_queue = {
    .what = "queue",
    .errors = queue_errors,
    .nerrors = ARRAY_SIZE(queue_errors),
    .align = MY_RNG_QUEUE_HDR_SIZE,
    .doorbell = MY_RNG_REG_QUEUE_DOORBELL,
    .poll_property = "queue-poll-ns",
    .start = queue_start,
    .stopped = queue_stopped,
    .look = queue_look,
    .has_work = queue_has_work,
    .do_one = queue_do_one,
    .ask = queue_ask,
    .is_passed = queue_has_work,
};
