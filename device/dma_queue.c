// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Variant "dma": requests kept in flight. They lie in a queue in guest memory; a
 * thread of the device's runs them in their order while the guest's CPU goes on.
 * SPEC.md, "The queue", has the rules of the shared header.
 *
 * Behind an IOMMU the main loop maps guest memory for that thread: a translation
 * that fails makes the IOMMU send an interrupt, which needs QEMU's big lock, and
 * whoever holds that may wait for something else in the thread.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"

#include "dma.h"
#include "trace/trace-my_rng.h"

/* How long others of the event loop wait for us, in ns; at least one request */
#define TURN_NS 200000

/* How long the lock is kept while looking for requests, in ns */
#define LOOK_NS 5000

/* The header as it lies in guest memory; see my_rng_regs.h */
struct DmaQueueHeader {
    uint32_t head;
    uint32_t kick_at;
    uint8_t pad[MY_RNG_QUEUE_TAIL - MY_RNG_QUEUE_KICK_AT - 4];
    uint32_t tail;
    uint8_t end[MY_RNG_QUEUE_HDR_SIZE - MY_RNG_QUEUE_TAIL - 4];
};

QEMU_BUILD_BUG_ON(offsetof(DmaQueueHeader, head) != MY_RNG_QUEUE_HEAD);
QEMU_BUILD_BUG_ON(offsetof(DmaQueueHeader, kick_at) != MY_RNG_QUEUE_KICK_AT);
QEMU_BUILD_BUG_ON(offsetof(DmaQueueHeader, tail) != MY_RNG_QUEUE_TAIL);
QEMU_BUILD_BUG_ON(sizeof(DmaQueueHeader) != MY_RNG_QUEUE_HDR_SIZE);

static AddressSpace *queue_as(DmaState *dma)
{
    return pci_get_address_space(PCI_DEVICE(dma->queue.w.s));
}

/* Which lies in one piece, being aligned */
static void *map_part(DmaState *dma, uint64_t offset, uint32_t size,
                      QEMUIOVector *map)
{
    AddressSpace *as = queue_as(dma);

    if (!my_rng_dma_map(as, dma->queue.addr + offset, size, map)) {
        return NULL;
    }
    if (map->niov != 1) {
        my_rng_dma_unmap(as, map, false);
        return NULL;
    }
    return map->iov[0].iov_base;
}

static void drop_request(DmaState *dma)
{
    DmaRequest *r = &dma->queue.next;

    if (r->has_data) {
        my_rng_dma_unmap(queue_as(dma), &r->data, false);
    }
    if (r->entry) {
        my_rng_dma_unmap(queue_as(dma), &r->entry_map, false);
    }
    r->has_data = false;
    r->entry = NULL;
}

/* What is mapped, but not yet used */
static void drop_next(DmaState *dma)
{
    DmaQueue *q = &dma->queue;

    if (q->ready) {
        drop_request(dma);
        if (q->header) {
            my_rng_dma_unmap(queue_as(dma), &q->header_map, false);
        }
        q->ready = false;
    }
}

/* The whole of it is RAM, and HEAD and TAIL are those of such a queue */
static uint32_t queue_check(DmaState *dma, uint32_t entries)
{
    DmaQueue *q = &dma->queue;
    QEMUIOVector map;
    DmaQueueHeader *header;

    if (entries < MY_RNG_QUEUE_MIN || entries > MY_RNG_QUEUE_MAX ||
        !is_power_of_2(entries)) {
        return MY_RNG_DMA_ERR_LEN;
    }
    if (!my_rng_worker_is_master(&q->w)) {
        return MY_RNG_DMA_ERR_MASTER;
    }
    if (q->addr % MY_RNG_QUEUE_HDR_SIZE ||
        !my_rng_dma_map(
            queue_as(dma), q->addr,
            MY_RNG_QUEUE_HDR_SIZE + entries * MY_RNG_QUEUE_ENTRY_SIZE, &map)) {
        return MY_RNG_DMA_ERR_ADDR;
    }
    header = map.iov[0].iov_base;
    q->head = le32_to_cpu(qatomic_read(&header->head));
    q->tail = le32_to_cpu(qatomic_read(&header->tail));
    my_rng_dma_unmap(queue_as(dma), &map, false);
    return q->tail - q->head > entries ? MY_RNG_DMA_ERR_INDEX
                                       : MY_RNG_DMA_ERR_NONE;
}

void my_rng_dma_queue_stop(DmaState *dma, uint32_t error)
{
    DmaQueue *q = &dma->queue;

    trace_my_rng_queue_stop(q->w.s->id, q->head, q->tail, error);
    drop_next(dma);
    q->entries = 0;
    q->error = error;
    q->unreported = error;
    q->unannounced = 0;
    /* After an error who sleeps must learn that nothing comes any more */
    q->due = error ? 1 : 0;
    timer_del(q->timer);
    if (error) {
        qemu_bh_schedule(q->w.report);
    }
}

void my_rng_dma_queue_resume(DmaQueue *q)
{
    q->translated = my_rng_worker_is_translated(&q->w);
    my_rng_share(q->w.s, true);
    qemu_bh_schedule(q->w.turn);
}

void my_rng_dma_queue_ctrl(DmaState *dma, uint32_t value)
{
    DmaQueue *q = &dma->queue;
    uint32_t error;

    if (!value) {
        my_rng_dma_queue_stop(dma, MY_RNG_DMA_ERR_NONE);
        my_rng_share(q->w.s, false);
        return;
    }
    if (q->entries || !q->w.attached) {
        my_rng_guest_error(q->w.s, "QUEUE_CTRL 0x%x: the queue is on", value);
        return;
    }
    error = queue_check(dma, value);
    if (error) {
        my_rng_dma_queue_stop(dma, error);
        return;
    }
    q->error = MY_RNG_DMA_ERR_NONE;
    q->w.idle_since = 0;
    q->entries = value;
    trace_my_rng_queue_start(q->w.s->id, q->head, q->tail, value);
    my_rng_dma_queue_resume(q);
}

bool my_rng_dma_queue_is_sane(const DmaQueue *q)
{
    if (q->error > MY_RNG_DMA_ERR_INDEX) {
        return false;
    }
    return !q->entries ||
           (is_power_of_2(q->entries) && q->entries >= MY_RNG_QUEUE_MIN &&
            q->entries <= MY_RNG_QUEUE_MAX && !q->error &&
            q->addr % MY_RNG_QUEUE_HDR_SIZE == 0 &&
            q->tail - q->head <= q->entries);
}

/* Acquire: the entries are read after it. False: it cannot be */
static bool read_tail(DmaState *dma)
{
    DmaQueue *q = &dma->queue;
    uint32_t tail = le32_to_cpu(qatomic_load_acquire(&q->header->tail));

    if (tail - q->head > q->entries || tail - q->head < q->tail - q->head) {
        my_rng_dma_queue_stop(dma, MY_RNG_DMA_ERR_INDEX);
        return false;
    }
    q->tail = tail;
    return true;
}

static void look_for_requests(DmaState *dma)
{
    DmaQueue *q = &dma->queue;
    int64_t end = qemu_clock_get_ns(QEMU_CLOCK_REALTIME) + LOOK_NS;

    do {
        cpu_relax();
    } while (read_tail(dma) && q->tail == q->head &&
             qemu_clock_get_ns(QEMU_CLOCK_REALTIME) < end);
}

/* Returns whether a request has come meanwhile: its doorbell will not */
static bool ask_for_doorbell(DmaState *dma)
{
    DmaQueue *q = &dma->queue;

    qatomic_set(&q->header->kick_at, cpu_to_le32(q->tail + 1));
    /* Pairs with the guest's barrier between tail and its look at kick_at */
    smp_mb();
    if (!read_tail(dma)) {
        return false;
    }
    trace_my_rng_queue_sleep(q->w.s->id, q->tail);
    return q->tail != q->head;
}

/* Nothing to do. Returns whether to come back at once */
static bool idle(DmaState *dma)
{
    DmaQueue *q = &dma->queue;

    if (my_rng_worker_looks(&q->w)) {
        look_for_requests(dma);
        return q->entries;
    }
    return ask_for_doorbell(dma);
}

/* The entry, copied: what is checked is what is used */
static void read_entry(DmaRequest *r)
{
    const uint8_t *entry = r->entry;

    r->target.addr = ldq_le_p(entry + MY_RNG_QUEUE_ENTRY_ADDR);
    r->target.len = ldl_le_p(entry + MY_RNG_QUEUE_ENTRY_LEN);
    r->target.descs = ldl_le_p(entry + MY_RNG_QUEUE_ENTRY_DESCS);
    r->target.sg = r->target.descs;
    r->flags = ldl_le_p(entry + MY_RNG_QUEUE_ENTRY_FLAGS);
    r->error = MY_RNG_DMA_ERR_NONE;
    if (r->flags & ~MY_RNG_QUEUE_FLAG_ANNOUNCE) {
        r->error = MY_RNG_DMA_ERR_DESC;
    } else if (!my_rng_dma_len_fits(r->target.len)) {
        r->error = MY_RNG_DMA_ERR_LEN;
    }
}

/* The oldest request */
static void map_request(DmaState *dma)
{
    DmaQueue *q = &dma->queue;
    DmaRequest *r = &q->next;
    MyRngState *s = q->w.s;
    uint32_t index = q->head & (q->entries - 1);
    int64_t begin;

    r->entry =
        map_part(dma, MY_RNG_QUEUE_HDR_SIZE + index * MY_RNG_QUEUE_ENTRY_SIZE,
                 MY_RNG_QUEUE_ENTRY_SIZE, &r->entry_map);
    if (!r->entry) {
        return;
    }
    read_entry(r);
    if (r->error || my_rng_is_constant(s)) {
        return;
    }
    begin = my_rng_times_begin(&s->times);
    r->error = my_rng_dma_map_target(queue_as(dma), &r->target, &r->data);
    my_rng_times_end(&s->times, MY_RNG_TIME_MEMORY, begin);
    r->has_data = !r->error;
}

/* The header, and the oldest request if there is one; whatever is no RAM not */
static void map_next(DmaState *dma)
{
    DmaQueue *q = &dma->queue;

    q->next.entry = NULL;
    q->next.has_data = false;
    q->ready = true;
    q->header = map_part(dma, 0, MY_RNG_QUEUE_HDR_SIZE, &q->header_map);
    if (q->header && read_tail(dma) && q->tail != q->head) {
        map_request(dma);
    }
}

/* A request is complete: an MSI now, later, or not for this one */
static void announce(DmaState *dma, uint32_t flags)
{
    DmaQueue *q = &dma->queue;

    q->unannounced++;
    if (flags & MY_RNG_QUEUE_FLAG_ANNOUNCE ||
        (q->frames && q->unannounced >= q->frames)) {
        q->unannounced = 0;
        q->due++;
        timer_del(q->timer);
        qemu_bh_schedule(q->w.report);
    } else if (q->usecs && !timer_pending(q->timer)) {
        timer_mod(q->timer, qemu_clock_get_us(QEMU_CLOCK_VIRTUAL) + q->usecs);
    }
}

/* Data, then the entry, then HEAD, which tells of both */
static void complete(DmaState *dma)
{
    DmaQueue *q = &dma->queue;
    DmaRequest *r = &q->next;
    uint32_t status = r->error ? MY_RNG_DMA_ST_ERROR : MY_RNG_DMA_ST_DONE;
    uint32_t count = r->error ? 0 : r->target.len;

    stl_le_p(r->entry + MY_RNG_QUEUE_ENTRY_ERROR, r->error);
    stl_le_p(r->entry + MY_RNG_QUEUE_ENTRY_COUNT, count);
    stl_le_p(r->entry + MY_RNG_QUEUE_ENTRY_STATUS, status);
    my_rng_dma_unmap(queue_as(dma), &r->entry_map, true);
    r->entry = NULL;
    trace_my_rng_dma_end(q->w.s->id, status, r->error, count);
    q->head++;
    qatomic_store_release(&q->header->head, cpu_to_le32(q->head));
    if (r->error) {
        q->failed++;
        q->failure = r->error;
        qemu_bh_schedule(q->w.report);
    }
    announce(dma, r->flags);
}

/* The oldest request, which is mapped. Returns whether to come back at once */
static bool serve(DmaState *dma)
{
    DmaQueue *q = &dma->queue;
    DmaRequest *r = &q->next;
    MyRngState *s = q->w.s;

    q->w.idle_since = 0;
    if (!r->entry) {
        my_rng_dma_queue_stop(dma, MY_RNG_DMA_ERR_ADDR);
        return false;
    }
    trace_my_rng_dma_start(s->id, r->target.addr, r->target.len, 0);
    if (r->has_data) {
        my_rng_dma_fill(s, queue_as(dma), &r->data, r->target.len);
        r->has_data = false;
    }
    complete(dma);
    return true;
}

static bool is_on(const DmaQueue *q)
{
    return q->entries && q->w.vm_running;
}

/* One request or a look for one. Returns whether to come back at once */
static bool step(DmaState *dma)
{
    DmaQueue *q = &dma->queue;
    bool again;

    if (!q->ready && q->translated) {
        qemu_bh_schedule(q->mapper);
        return false;
    }
    if (!q->ready) {
        map_next(dma);
    }
    if (!q->entries) {
        return false;
    }
    q->ready = false;
    if (!q->header) {
        my_rng_dma_queue_stop(dma, MY_RNG_DMA_ERR_ADDR);
        return false;
    }
    again = q->tail == q->head ? idle(dma) : serve(dma);
    my_rng_dma_unmap(queue_as(dma), &q->header_map, true);
    return again;
}

bool my_rng_dma_queue_turn(MyRngWorker *w)
{
    DmaState *dma = container_of(w, DmaState, queue.w);
    int64_t end = qemu_clock_get_ns(QEMU_CLOCK_REALTIME) + TURN_NS;
    bool again;

    if (!is_on(&dma->queue)) {
        return false;
    }
    do {
        again = step(dma);
    } while (again && !qatomic_read(&w->wanted) &&
             qemu_clock_get_ns(QEMU_CLOCK_REALTIME) < end);
    return again;
}

void my_rng_dma_queue_map(void *opaque)
{
    DmaState *dma = opaque;
    DmaQueue *q = &dma->queue;

    my_rng_worker_lock(&q->w);
    if (is_on(q) && !q->ready) {
        map_next(dma);
        qemu_bh_schedule(q->w.turn);
    }
    my_rng_worker_unlock(&q->w);
}

void my_rng_dma_queue_alarm(void *opaque)
{
    DmaState *dma = opaque;
    DmaQueue *q = &dma->queue;

    my_rng_worker_lock(&q->w);
    if (q->unannounced) {
        q->unannounced = 0;
        q->due++;
    }
    my_rng_worker_unlock(&q->w);
    my_rng_dma_queue_report(&q->w);
}

/* With the big lock, which logging and the counter of errors need */
static void log_errors(DmaQueue *q)
{
    static const char *const errors[] = {
        [MY_RNG_DMA_ERR_LEN] = "bad length or number of entries",
        [MY_RNG_DMA_ERR_ADDR] = "address is not aligned, writable RAM",
        [MY_RNG_DMA_ERR_MASTER] = "bus mastering is off",
        [MY_RNG_DMA_ERR_DESC] = "bad table or flags",
        [MY_RNG_DMA_ERR_INDEX] = "TAIL is not between its last value and "
                                 "HEAD + entries",
    };

    for (; q->failed; q->failed--) {
        my_rng_guest_error(q->w.s, "request of the queue: %s",
                           errors[q->failure]);
    }
    if (q->unreported) {
        my_rng_guest_error(q->w.s, "queue at 0x%" PRIx64 ": %s", q->addr,
                           errors[q->unreported]);
        q->unreported = MY_RNG_DMA_ERR_NONE;
    }
}

void my_rng_dma_queue_report(MyRngWorker *w)
{
    DmaQueue *q = container_of(w, DmaQueue, w);
    uint32_t due = 0;

    my_rng_worker_lock(w);
    log_errors(q);
    /* A stopped machine gets them when it goes on, wherever that is */
    if (w->vm_running) {
        due = q->due;
        q->due = 0;
    }
    my_rng_worker_unlock(w);
    while (due--) {
        my_rng_worker_msi(w);
    }
}
