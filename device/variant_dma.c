// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Variant "dma": the device writes the stream into guest memory itself. A
 * request runs to its end inside the doorbell write; completion shows in the
 * status register, in a record in memory and, if asked for, by MSI. Or requests
 * lie in a queue, which a thread serves (dma_queue.c).
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "migration/vmstate.h"

#include "dma.h"
#include "trace/trace-my_rng.h"

/* The record must be aligned, so that it lies in one piece */
static uint8_t *dma_map_record(MyRngState *s, uint64_t addr)
{
    return addr % MY_RNG_DMA_DONE_SIZE
               ? NULL
               : my_rng_ram_map_whole(s, addr, MY_RNG_DMA_DONE_SIZE);
}

/* Data, then count, then the status a poller waits for */
static void dma_write_record(MyRngState *s, uint8_t *record)
{
    DmaState *dma = s->priv;

    smp_wmb();
    stl_le_p(record + MY_RNG_DMA_DONE_COUNT, dma->count);
    smp_wmb();
    stl_le_p(record + MY_RNG_DMA_DONE_STATUS, dma->status);
    my_rng_ram_unmap(s, record, MY_RNG_DMA_DONE_SIZE, true);
}

/* An MSI may be aimed at another device that wants the big lock and this one */
static void dma_send_msi(MyRngState *s)
{
    bool shared = s->shared;

    if (shared) {
        my_rng_worker_unlock(s);
    }
    my_rng_worker_msi(s);
    if (shared) {
        my_rng_worker_lock(s);
    }
}

static void dma_request(MyRngState *s, uint32_t doorbell)
{
    DmaState *dma = s->priv;
    bool sg = doorbell & MY_RNG_DMA_DB_SG;
    const DmaTarget target = {
        .addr = sg ? dma->desc : dma->addr,
        .len = dma->len,
        .descs = dma->desc_count,
        .sg = sg,
    };
    uint8_t *record = NULL;

    trace_my_rng_dma_start(s->id, target.addr, dma->len, dma->done);
    if (!my_rng_is_master(s)) {
        dma->error = MY_RNG_DMA_ERR_MASTER;
    } else if (dma->done && !(record = dma_map_record(s, dma->done))) {
        dma->error = MY_RNG_DMA_ERR_ADDR;
    } else {
        dma->error = my_rng_dma_transfer(s, &target);
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
        dma_write_record(s, record);
    }
    if (doorbell & MY_RNG_DMA_DB_MSI) {
        dma_send_msi(s);
    }
}

static void dma_doorbell(MyRngState *s, uint32_t value)
{
    DmaState *dma = s->priv;

    if (!(value & MY_RNG_DMA_DB_START) || dma->busy) {
        my_rng_guest_error(s, "doorbell 0x%x: %s", value,
                           dma->busy ? "rung by our own MSI" : "no START bit");
        return;
    }
    dma->busy = true;
    dma_request(s, value);
    dma->busy = false;
}

static void queue_ctrl(DmaState *dma, uint32_t value)
{
    if (!value) {
        my_rng_worker_switch_off(&dma->w);
    } else if (dma->w.on || !dma->w.attached) {
        my_rng_guest_error(dma->w.s, "QUEUE_CTRL 0x%x: the queue is on", value);
    } else {
        dma->entries = value;
        my_rng_worker_switch_on(&dma->w, dma->queue);
    }
}

static const MyRngCell dma_cells[MY_RNG_CELLS] = {
    MY_RNG_CELL_PAIR(DMA_ADDR, RW, DmaState, addr),
    MY_RNG_CELL(DMA_LEN, RW, DmaState, len),
    MY_RNG_CELL(DMA_STATUS, R, DmaState, status),
    MY_RNG_CELL(DMA_ERROR, R, DmaState, error),
    MY_RNG_CELL(DMA_COUNT, R, DmaState, count),
    MY_RNG_CELL_PAIR(DMA_DONE, RW, DmaState, done),
    MY_RNG_CELL_PAIR(DMA_DESC, RW, DmaState, desc),
    MY_RNG_CELL(DMA_DESC_COUNT, RW, DmaState, desc_count),
    MY_RNG_CELL_PAIR(QUEUE, RW, DmaState, queue),
    MY_RNG_CELL(QUEUE_IRQ_FRAMES, RW, DmaState, frames),
    MY_RNG_CELL(QUEUE_IRQ_USECS, RW, DmaState, usecs),
};

static bool dma_read(MyRngState *s, hwaddr reg, uint32_t *value)
{
    DmaState *dma = s->priv;

    switch (reg) {
    case MY_RNG_REG_DMA_DOORBELL:
    case MY_RNG_REG_QUEUE_DOORBELL:
        *value = 0;
        return true;
    case MY_RNG_REG_DMA_LEN_MAX:
        *value = DMA_LEN_MAX;
        return true;
    case MY_RNG_REG_DMA_DESC_MAX:
        *value = DMA_DESC_MAX;
        return true;
    case MY_RNG_REG_QUEUE_CTRL:
        *value = dma->w.error ? MY_RNG_QUEUE_STOPPED | dma->w.error
                 : dma->w.on  ? dma->entries
                              : 0;
        return true;
    }
    return false;
}

static bool dma_write(MyRngState *s, hwaddr reg, uint32_t value)
{
    DmaState *dma = s->priv;

    switch (reg) {
    case MY_RNG_REG_DMA_DOORBELL:
        dma_doorbell(s, value);
        return true;
    case MY_RNG_REG_QUEUE_CTRL:
        queue_ctrl(dma, value);
        return true;
    case MY_RNG_REG_QUEUE_DOORBELL:
        /* Half of an 8-byte write: one of 4 goes to the eventfd at once */
        my_rng_worker_ring(&dma->w);
        return true;
    }
    return false;
}

static void dma_reset(MyRngState *s)
{
    DmaState *dma = s->priv;

    my_rng_worker_reset(&dma->w);
    dma->addr = dma->done = dma->desc = dma->queue = 0;
    dma->len = dma->status = dma->error = dma->count = dma->desc_count = 0;
    dma->entries = dma->head = dma->tail = 0;
    dma->frames = dma->usecs = 0;
}

static bool dma_realize(MyRngState *s, Error **errp)
{
    DmaState *dma = s->priv;

    if (!my_rng_worker_realize(s, &my_rng_dma_queue, s->prop.queue_poll_ns,
                               errp)) {
        return false;
    }
    dma->timer = timer_new_us(QEMU_CLOCK_VIRTUAL, my_rng_dma_alarm, dma);
    return true;
}

static void dma_exit(MyRngState *s)
{
    DmaState *dma = s->priv;

    my_rng_worker_exit(s);
    timer_free(dma->timer);
}

/* Migration */

static const char *find_wrong(const DmaState *dma)
{
    if (dma->status > MY_RNG_DMA_ST_ERROR || dma->error > MY_RNG_DMA_ERR_DESC ||
        (dma->status == MY_RNG_DMA_ST_ERROR) != (dma->error != 0)) {
        return "DMA_STATUS and DMA_ERROR";
    }
    if (dma->count > DMA_LEN_MAX ||
        (dma->status == MY_RNG_DMA_ST_DONE) != (dma->count != 0)) {
        return "DMA_COUNT";
    }
    return my_rng_dma_queue_wrong(dma);
}

static int dma_post_load(void *opaque, int version_id)
{
    DmaState *dma = opaque;

    return my_rng_worker_loaded(&dma->w, find_wrong(dma));
}

static VMStateField dma_fields[] = {
    VMSTATE_STRUCT(w, DmaState, 1, vmstate_my_rng_worker, MyRngWorker),
    VMSTATE_UINT64(addr, DmaState),
    VMSTATE_UINT64(done, DmaState),
    VMSTATE_UINT32(len, DmaState),
    VMSTATE_UINT32(status, DmaState),
    VMSTATE_UINT32(error, DmaState),
    VMSTATE_UINT32(count, DmaState),
    VMSTATE_UINT64(desc, DmaState),
    VMSTATE_UINT32(desc_count, DmaState),
    VMSTATE_UINT64(queue, DmaState),
    VMSTATE_UINT32(entries, DmaState),
    VMSTATE_UINT32(head, DmaState),
    VMSTATE_UINT32(tail, DmaState),
    VMSTATE_UINT32(frames, DmaState),
    VMSTATE_UINT32(usecs, DmaState),
    VMSTATE_UINT32(unannounced, DmaState),
    VMSTATE_TIMER_PTR(timer, DmaState),
    VMSTATE_END_OF_LIST(),
};

static const VMStateDescription vmstate_dma_state = {
    .name = "my_rng/dma/state",
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = dma_post_load,
    .fields = dma_fields,
};

MY_RNG_SUBSECTION(dma, vmstate_dma_state);

const MyRngVariant my_rng_variant_dma = {
    .name = "dma",
    .cap = MY_RNG_CAP_RNG32 | MY_RNG_CAP_DMA | MY_RNG_CAP_MSI | MY_RNG_CAP_SG |
           MY_RNG_CAP_QUEUE,
    .state_size = sizeof(DmaState),
    .vmsd = &vmstate_dma,
    .cells = dma_cells,
    .realize = dma_realize,
    .exit = dma_exit,
    .reset = dma_reset,
    .read = dma_read,
    .write = dma_write,
    .lock = my_rng_worker_lock,
    .unlock = my_rng_worker_unlock,
    .config = my_rng_worker_config,
    .sync = my_rng_worker_sync,
    .finalize = my_rng_worker_finalize,
};
