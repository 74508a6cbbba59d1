// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Variant "dma": the device writes the stream into guest memory itself. A
 * request runs to its end inside the doorbell write; completion shows in the
 * status register, in a record in memory and, if asked for, by MSI. Or requests
 * lie in a queue, which a thread serves (dma_queue.c).
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "qemu/error-report.h"
#include "qapi/error.h"
#include "hw/pci/msi.h"
#include "migration/vmstate.h"

#include "dma.h"
#include "trace/trace-my_rng.h"

/* The record must be whole and aligned, so that it lies in one piece */
static bool dma_map_record(AddressSpace *as, uint64_t addr, QEMUIOVector *map)
{
    if (addr % MY_RNG_DMA_DONE_SIZE) {
        return false;
    }
    if (!my_rng_dma_map(as, addr, MY_RNG_DMA_DONE_SIZE, map)) {
        return false;
    }
    if (map->niov != 1) {
        my_rng_dma_unmap(as, map, false);
        return false;
    }
    return true;
}

/* Data, then count, then the status a poller waits for */
static void dma_write_record(AddressSpace *as, QEMUIOVector *map,
                             const DmaRegs *dma)
{
    uint8_t *record = map->iov[0].iov_base;

    smp_wmb();
    stl_le_p(record + MY_RNG_DMA_DONE_COUNT, dma->count);
    smp_wmb();
    stl_le_p(record + MY_RNG_DMA_DONE_STATUS, dma->status);
    my_rng_dma_unmap(as, map, true);
}

/* Returns MY_RNG_DMA_ERR_*; on error nothing is written and no word is used */
static uint32_t dma_transfer(MyRngState *s, AddressSpace *as,
                             const DmaTarget *target)
{
    QEMUIOVector map;
    uint32_t error;
    int64_t begin;

    if (!my_rng_dma_len_fits(target->len)) {
        return MY_RNG_DMA_ERR_LEN;
    }
    if (my_rng_is_constant(s)) {
        return MY_RNG_DMA_ERR_NONE;
    }
    begin = my_rng_times_begin(&s->times);
    error = my_rng_dma_map_target(as, target, &map);
    my_rng_times_end(&s->times, MY_RNG_TIME_MEMORY, begin);
    if (!error) {
        my_rng_dma_fill(s, as, &map, target->len);
    }
    return error;
}

/* An MSI may be aimed at registers of ours, and then wants the lock itself */
static void dma_send_msi(MyRngState *s, DmaState *dma)
{
    bool shared = s->shared;

    if (shared) {
        my_rng_worker_unlock(&dma->queue.w);
    }
    my_rng_worker_msi(&dma->queue.w);
    if (shared) {
        my_rng_worker_lock(&dma->queue.w);
    }
}

static void dma_request(MyRngState *s, uint32_t doorbell)
{
    DmaState *state = s->priv;
    DmaRegs *dma = &state->regs;
    AddressSpace *as = pci_get_address_space(PCI_DEVICE(s));
    bool sg = doorbell & MY_RNG_DMA_DB_SG;
    const DmaTarget target = {
        .addr = sg ? dma->desc : dma->addr,
        .len = dma->len,
        .descs = dma->desc_count,
        .sg = sg,
    };
    bool record = false;
    QEMUIOVector record_map;

    trace_my_rng_dma_start(s->id, target.addr, dma->len, dma->done);
    if (!my_rng_worker_is_master(&state->queue.w)) {
        dma->error = MY_RNG_DMA_ERR_MASTER;
    } else if (dma->done && !dma_map_record(as, dma->done, &record_map)) {
        dma->error = MY_RNG_DMA_ERR_ADDR;
    } else {
        record = dma->done;
        dma->error = dma_transfer(s, as, &target);
    }
    dma->status = dma->error ? MY_RNG_DMA_ST_ERROR : MY_RNG_DMA_ST_DONE;
    dma->count = dma->error ? 0 : dma->len;
    trace_my_rng_dma_end(s->id, dma->status, dma->error, dma->count);
    if (dma->error) {
        my_rng_guest_error(s,
                           "DMA to %s0x%" PRIx64
                           ", %u bytes, record at 0x%" PRIx64 ": error %u",
                           sg ? "the table at " : "", target.addr, dma->len,
                           dma->done, dma->error);
    }
    if (record) {
        dma_write_record(as, &record_map, dma);
    }
    if (doorbell & MY_RNG_DMA_DB_MSI) {
        dma_send_msi(s, state);
    }
}

static void dma_doorbell(MyRngState *s, uint32_t value)
{
    DmaState *state = s->priv;
    DmaRegs *dma = &state->regs;

    if (!(value & MY_RNG_DMA_DB_START) || dma->busy) {
        my_rng_guest_error(s, "doorbell 0x%x: %s", value,
                           dma->busy ? "rung by our own MSI" : "no START bit");
        return;
    }
    dma->busy = true;
    dma_request(s, value);
    dma->busy = false;
}

static bool queue_read(const DmaQueue *q, hwaddr reg, uint32_t *value)
{
    switch (reg) {
    case MY_RNG_REG_QUEUE_LO:
        *value = q->addr;
        return true;
    case MY_RNG_REG_QUEUE_HI:
        *value = q->addr >> 32;
        return true;
    case MY_RNG_REG_QUEUE_CTRL:
        *value = q->error ? MY_RNG_QUEUE_STOPPED | q->error : q->entries;
        return true;
    case MY_RNG_REG_QUEUE_DOORBELL:
        *value = 0;
        return true;
    case MY_RNG_REG_QUEUE_IRQ_FRAMES:
        *value = q->frames;
        return true;
    case MY_RNG_REG_QUEUE_IRQ_USECS:
        *value = q->usecs;
        return true;
    }
    return false;
}

/* An access has the lock only while the queue is on */
static void queue_ctrl(DmaState *dma, uint32_t value)
{
    MyRngWorker *w = &dma->queue.w;
    bool shared = w->s->shared;

    if (!shared) {
        my_rng_worker_lock(w);
    }
    my_rng_dma_queue_ctrl(dma, value);
    if (!shared) {
        my_rng_worker_unlock(w);
    }
}

static bool queue_write(DmaState *dma, hwaddr reg, uint32_t value)
{
    DmaQueue *q = &dma->queue;

    switch (reg) {
    case MY_RNG_REG_QUEUE_LO:
        q->addr = deposit64(q->addr, 0, 32, value);
        return true;
    case MY_RNG_REG_QUEUE_HI:
        q->addr = deposit64(q->addr, 32, 32, value);
        return true;
    case MY_RNG_REG_QUEUE_CTRL:
        queue_ctrl(dma, value);
        return true;
    case MY_RNG_REG_QUEUE_DOORBELL:
        /* Half of an 8-byte write: one of 4 goes to the eventfd at once */
        my_rng_worker_ring(&q->w);
        return true;
    case MY_RNG_REG_QUEUE_IRQ_FRAMES:
        q->frames = value;
        return true;
    case MY_RNG_REG_QUEUE_IRQ_USECS:
        q->usecs = value;
        return true;
    }
    return false;
}

static bool dma_read(MyRngState *s, hwaddr reg, uint32_t *value)
{
    DmaState *state = s->priv;
    DmaRegs *dma = &state->regs;

    switch (reg) {
    case MY_RNG_REG_DMA_ADDR_LO:
        *value = dma->addr;
        return true;
    case MY_RNG_REG_DMA_ADDR_HI:
        *value = dma->addr >> 32;
        return true;
    case MY_RNG_REG_DMA_LEN:
        *value = dma->len;
        return true;
    case MY_RNG_REG_DMA_DOORBELL:
        *value = 0;
        return true;
    case MY_RNG_REG_DMA_STATUS:
        *value = dma->status;
        return true;
    case MY_RNG_REG_DMA_ERROR:
        *value = dma->error;
        return true;
    case MY_RNG_REG_DMA_COUNT:
        *value = dma->count;
        return true;
    case MY_RNG_REG_DMA_LEN_MAX:
        *value = DMA_LEN_MAX;
        return true;
    case MY_RNG_REG_DMA_DONE_LO:
        *value = dma->done;
        return true;
    case MY_RNG_REG_DMA_DONE_HI:
        *value = dma->done >> 32;
        return true;
    case MY_RNG_REG_DMA_DESC_LO:
        *value = dma->desc;
        return true;
    case MY_RNG_REG_DMA_DESC_HI:
        *value = dma->desc >> 32;
        return true;
    case MY_RNG_REG_DMA_DESC_COUNT:
        *value = dma->desc_count;
        return true;
    case MY_RNG_REG_DMA_DESC_MAX:
        *value = DMA_DESC_MAX;
        return true;
    }
    return queue_read(&state->queue, reg, value);
}

static bool dma_write(MyRngState *s, hwaddr reg, uint32_t value)
{
    DmaState *state = s->priv;
    DmaRegs *dma = &state->regs;

    switch (reg) {
    case MY_RNG_REG_DMA_ADDR_LO:
        dma->addr = deposit64(dma->addr, 0, 32, value);
        return true;
    case MY_RNG_REG_DMA_ADDR_HI:
        dma->addr = deposit64(dma->addr, 32, 32, value);
        return true;
    case MY_RNG_REG_DMA_LEN:
        dma->len = value;
        return true;
    case MY_RNG_REG_DMA_DOORBELL:
        dma_doorbell(s, value);
        return true;
    case MY_RNG_REG_DMA_DONE_LO:
        dma->done = deposit64(dma->done, 0, 32, value);
        return true;
    case MY_RNG_REG_DMA_DONE_HI:
        dma->done = deposit64(dma->done, 32, 32, value);
        return true;
    case MY_RNG_REG_DMA_DESC_LO:
        dma->desc = deposit64(dma->desc, 0, 32, value);
        return true;
    case MY_RNG_REG_DMA_DESC_HI:
        dma->desc = deposit64(dma->desc, 32, 32, value);
        return true;
    case MY_RNG_REG_DMA_DESC_COUNT:
        dma->desc_count = value;
        return true;
    }
    return queue_write(state, reg, value);
}

static void dma_lock(MyRngState *s)
{
    DmaState *dma = s->priv;

    my_rng_worker_lock(&dma->queue.w);
}

static void dma_unlock(MyRngState *s)
{
    DmaState *dma = s->priv;

    my_rng_worker_unlock(&dma->queue.w);
}

/* With bus mastering off no byte may follow the write that took it away */
static void dma_config(MyRngState *s)
{
    DmaState *dma = s->priv;

    dma_lock(s);
    if (dma->queue.entries && !my_rng_worker_is_master(&dma->queue.w)) {
        my_rng_dma_queue_stop(dma, MY_RNG_DMA_ERR_MASTER);
    }
    dma_unlock(s);
}

static void dma_sync(MyRngState *s)
{
    DmaState *dma = s->priv;

    dma_lock(s);
    my_rng_worker_take_kicks(&dma->queue.w);
    dma_unlock(s);
    my_rng_dma_queue_report(&dma->queue.w);
}

static const MyRngWorkerOps dma_worker = {
    .poll_property = "queue-poll-ns",
    .doorbell = MY_RNG_REG_QUEUE_DOORBELL,
    .turn = my_rng_dma_queue_turn,
    .report = my_rng_dma_queue_report,
};

static bool dma_realize(MyRngState *s, Error **errp)
{
    DmaState *dma = s->priv;

    if (msi_init(PCI_DEVICE(s), 0, 1, true, false, errp)) {
        return false;
    }
    if (!my_rng_worker_start(&dma->queue.w, s, &dma_worker,
                             s->prop.queue_poll_ns, errp)) {
        msi_uninit(PCI_DEVICE(s));
        return false;
    }
    dma->queue.timer =
        timer_new_us(QEMU_CLOCK_VIRTUAL, my_rng_dma_queue_alarm, dma);
    dma->queue.mapper = qemu_bh_new(my_rng_dma_queue_map, dma);
    return true;
}

static void dma_reset(MyRngState *s)
{
    DmaState *dma = s->priv;
    DmaQueue *q = &dma->queue;

    dma_lock(s);
    my_rng_dma_queue_stop(dma, MY_RNG_DMA_ERR_NONE);
    my_rng_share(s, false);
    event_notifier_test_and_clear(&q->w.kick);
    memset(&dma->regs, 0, sizeof(dma->regs));
    q->addr = 0;
    q->head = q->tail = 0;
    q->frames = q->usecs = 0;
    q->failed = 0;
    dma_unlock(s);
}

static void dma_exit(MyRngState *s)
{
    DmaState *dma = s->priv;

    dma_reset(s);
    my_rng_worker_stop(&dma->queue.w);
    qemu_bh_delete(dma->queue.mapper);
    timer_free(dma->queue.timer);
    msi_uninit(PCI_DEVICE(s));
}

static void dma_finalize(MyRngState *s)
{
    DmaState *dma = s->priv;

    my_rng_worker_free(&dma->queue.w);
}

/* Migration: the machine is stopped, so is the thread */

static int dma_pre_save(void *opaque)
{
    DmaState *dma = opaque;

    dma_sync(dma->queue.w.s);
    return 0;
}

static int dma_post_load(void *opaque, int version_id)
{
    DmaState *dma = opaque;
    DmaQueue *q = &dma->queue;

    if (!my_rng_dma_queue_is_sane(q)) {
        error_report("my_rng %s: the incoming queue state is corrupt",
                     q->w.s->id);
        return -EINVAL;
    }
    if (q->entries) {
        my_rng_worker_lock(&q->w);
        my_rng_dma_queue_resume(q);
        my_rng_worker_unlock(&q->w);
    } else {
        my_rng_share(q->w.s, false);
    }
    return 0;
}

static VMStateField dma_fields[] = {
    VMSTATE_UINT64(regs.addr, DmaState),
    VMSTATE_UINT64(regs.done, DmaState),
    VMSTATE_UINT32(regs.len, DmaState),
    VMSTATE_UINT32(regs.status, DmaState),
    VMSTATE_UINT32(regs.error, DmaState),
    VMSTATE_UINT32(regs.count, DmaState),
    VMSTATE_UINT64(regs.desc, DmaState),
    VMSTATE_UINT32(regs.desc_count, DmaState),
    VMSTATE_UINT64(queue.addr, DmaState),
    VMSTATE_UINT32(queue.entries, DmaState),
    VMSTATE_UINT32(queue.error, DmaState),
    VMSTATE_UINT32(queue.head, DmaState),
    VMSTATE_UINT32(queue.tail, DmaState),
    VMSTATE_UINT32(queue.frames, DmaState),
    VMSTATE_UINT32(queue.usecs, DmaState),
    VMSTATE_UINT32(queue.unannounced, DmaState),
    VMSTATE_UINT32(queue.due, DmaState),
    VMSTATE_TIMER_PTR(queue.timer, DmaState),
    VMSTATE_END_OF_LIST(),
};

static const VMStateDescription vmstate_dma = {
    .name = "my_rng/dma",
    .version_id = 3, /* 2: scatter-gather; 3: the queue, and CAP_QUEUE */
    .minimum_version_id = 3,
    .pre_save = dma_pre_save,
    .post_load = dma_post_load,
    .fields = dma_fields,
};

const MyRngVariant my_rng_variant_dma = {
    .name = "dma",
    .cap = MY_RNG_CAP_RNG32 | MY_RNG_CAP_DMA | MY_RNG_CAP_MSI | MY_RNG_CAP_SG |
           MY_RNG_CAP_QUEUE,
    .state_size = sizeof(DmaState),
    .vmsd = &vmstate_dma,
    .realize = dma_realize,
    .exit = dma_exit,
    .reset = dma_reset,
    .read = dma_read,
    .write = dma_write,
    .lock = dma_lock,
    .unlock = dma_unlock,
    .config = dma_config,
    .sync = dma_sync,
    .finalize = dma_finalize,
};
