// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Variant "ring": a ring in guest memory that a thread of the device's keeps
 * full. This file has the registers and interrupts; ring_run.c is what the
 * thread does.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/error-report.h"
#include "qapi/error.h"
#include "hw/pci/msi.h"
#include "migration/vmstate.h"

#include "ring.h"
#include "trace/trace-my_rng.h"

static void ring_lock(MyRngState *s)
{
    RingState *r = s->priv;

    my_rng_worker_lock(&r->w);
}

static void ring_unlock(MyRngState *s)
{
    RingState *r = s->priv;

    my_rng_worker_unlock(&r->w);
}

/* With the big lock, which logging and the counter of errors need */
static void ring_log_error(RingState *r)
{
    static const char *const errors[] = {
        [MY_RNG_RING_ERR_SIZE] = "bad count, length or size",
        [MY_RNG_RING_ERR_ADDR] = "address is not aligned, writable RAM",
        [MY_RNG_RING_ERR_MASTER] = "bus mastering is off",
        [MY_RNG_RING_ERR_INDEX] = "CONS is not between its last value and PROD",
    };
    uint32_t error = r->unreported;

    if (error) {
        r->unreported = MY_RNG_RING_ERR_NONE;
        my_rng_guest_error(r->w.s,
                           "ring of %u pieces at 0x%" PRIx64
                           ", header at 0x%" PRIx64 ": %s",
                           r->count, r->table, r->hdr, errors[error]);
    }
}

static void ring_report(MyRngWorker *w)
{
    RingState *r = container_of(w, RingState, w);
    bool irq;

    my_rng_worker_lock(w);
    ring_log_error(r);
    /* A stopped machine gets it when it goes on, wherever that is */
    irq = r->irq && w->vm_running;
    r->irq = r->irq && !w->vm_running;
    my_rng_worker_unlock(w);
    if (irq) {
        my_rng_worker_msi(w);
    }
}

static void ring_ctrl(RingState *r, uint32_t value)
{
    bool on = r->status == MY_RNG_RING_ST_ON;

    if (value == MY_RNG_RING_CTRL_OFF) {
        if (on) {
            my_rng_ring_stop(r, MY_RNG_RING_ERR_NONE);
        }
        r->status = MY_RNG_RING_ST_OFF;
        r->error = MY_RNG_RING_ERR_NONE;
        r->irq = false;
    } else if (value == MY_RNG_RING_CTRL_ON && !on && r->w.attached) {
        uint32_t error = my_rng_ring_enable(r);

        if (error) {
            my_rng_ring_stop(r, error);
        }
    } else {
        my_rng_guest_error(r->w.s, "RING_CTRL 0x%x: %s", value,
                           on ? "the ring is on" : "unknown");
    }
}

static bool ring_read(MyRngState *s, hwaddr reg, uint32_t *value)
{
    RingState *r = s->priv;

    switch (reg) {
    case MY_RNG_REG_RING_HDR_LO:
        *value = r->hdr;
        return true;
    case MY_RNG_REG_RING_HDR_HI:
        *value = r->hdr >> 32;
        return true;
    case MY_RNG_REG_RING_DESC_LO:
        *value = r->table;
        return true;
    case MY_RNG_REG_RING_DESC_HI:
        *value = r->table >> 32;
        return true;
    case MY_RNG_REG_RING_COUNT:
        *value = r->count;
        return true;
    case MY_RNG_REG_RING_CTRL:
    case MY_RNG_REG_RING_DOORBELL:
        *value = 0;
        return true;
    case MY_RNG_REG_RING_STATUS:
        *value = r->status;
        return true;
    case MY_RNG_REG_RING_ERROR:
        *value = r->error;
        return true;
    case MY_RNG_REG_RING_SIZE_MAX:
        *value = MY_RNG_RING_SIZE_LIMIT;
        return true;
    case MY_RNG_REG_RING_PROD_LO:
        *value = r->prod;
        return true;
    case MY_RNG_REG_RING_PROD_HI:
        *value = r->prod >> 32;
        return true;
    }
    return false;
}

static bool ring_write(MyRngState *s, hwaddr reg, uint32_t value)
{
    RingState *r = s->priv;

    switch (reg) {
    case MY_RNG_REG_RING_HDR_LO:
        r->hdr = deposit64(r->hdr, 0, 32, value);
        return true;
    case MY_RNG_REG_RING_HDR_HI:
        r->hdr = deposit64(r->hdr, 32, 32, value);
        return true;
    case MY_RNG_REG_RING_DESC_LO:
        r->table = deposit64(r->table, 0, 32, value);
        return true;
    case MY_RNG_REG_RING_DESC_HI:
        r->table = deposit64(r->table, 32, 32, value);
        return true;
    case MY_RNG_REG_RING_COUNT:
        r->count = value;
        return true;
    case MY_RNG_REG_RING_CTRL:
        ring_ctrl(r, value);
        return true;
    case MY_RNG_REG_RING_DOORBELL:
        /* Half of an 8-byte write: one of 4 goes to the eventfd at once */
        my_rng_worker_ring(&r->w);
        return true;
    }
    return false;
}

static void ring_sync(MyRngState *s)
{
    RingState *r = s->priv;

    ring_lock(s);
    my_rng_worker_take_kicks(&r->w);
    ring_log_error(r);
    ring_unlock(s);
}

/* With bus mastering off no byte may follow the write that took it away */
static void ring_config(MyRngState *s)
{
    RingState *r = s->priv;

    ring_lock(s);
    if (r->status == MY_RNG_RING_ST_ON && !my_rng_worker_is_master(&r->w)) {
        my_rng_ring_stop(r, MY_RNG_RING_ERR_MASTER);
    }
    ring_unlock(s);
}

static void ring_reset(MyRngState *s)
{
    RingState *r = s->priv;

    ring_lock(s);
    if (r->status == MY_RNG_RING_ST_ON) {
        my_rng_ring_stop(r, MY_RNG_RING_ERR_NONE);
    }
    event_notifier_test_and_clear(&r->w.kick);
    r->hdr = r->table = r->prod = r->cons = 0;
    r->count = r->size = r->pieces = 0;
    r->status = MY_RNG_RING_ST_OFF;
    r->error = MY_RNG_RING_ERR_NONE;
    r->irq = false;
    ring_unlock(s);
}

static const MyRngWorkerOps ring_worker = {
    .poll_property = "ring-poll-ns",
    .doorbell = MY_RNG_REG_RING_DOORBELL,
    .turn = my_rng_ring_turn,
    .report = ring_report,
};

static bool ring_realize(MyRngState *s, Error **errp)
{
    RingState *r = s->priv;

    if (msi_init(PCI_DEVICE(s), 0, 1, true, false, errp)) {
        return false;
    }
    if (!my_rng_worker_start(&r->w, s, &ring_worker, s->prop.ring_poll_ns,
                             errp)) {
        msi_uninit(PCI_DEVICE(s));
        return false;
    }
    my_rng_share(s, true);
    return true;
}

static void ring_exit(MyRngState *s)
{
    RingState *r = s->priv;

    ring_reset(s);
    my_rng_worker_stop(&r->w);
    msi_uninit(PCI_DEVICE(s));
}

static void ring_finalize(MyRngState *s)
{
    RingState *r = s->priv;

    my_rng_worker_free(&r->w);
}

/* Migration: the machine is stopped, so is the thread */

static int ring_pre_save(void *opaque)
{
    RingState *r = opaque;

    ring_sync(r->w.s);
    return 0;
}

static bool ring_pieces_fit(void *opaque, int version_id)
{
    RingState *r = opaque;

    return r->pieces <= MY_RNG_RING_COUNT_MAX;
}

static bool ring_state_is_sane(const RingState *r)
{
    uint64_t size = 0;
    uint32_t i;

    if (r->status > MY_RNG_RING_ST_ERROR || r->error > MY_RNG_RING_ERR_INDEX) {
        return false;
    }
    if (r->status != MY_RNG_RING_ST_ON) {
        return true;
    }
    for (i = 0; i < r->pieces; i++) {
        if (!r->desc[i].len || r->desc[i].len % 4) {
            return false;
        }
        size += r->desc[i].len;
    }
    return size == r->size && size >= MY_RNG_RING_SIZE_MIN &&
           size <= MY_RNG_RING_SIZE_LIMIT && is_power_of_2(size) &&
           r->cons <= r->prod && r->prod - r->cons <= size && r->prod % 4 == 0;
}

static int ring_post_load(void *opaque, int version_id)
{
    RingState *r = opaque;

    if (!ring_state_is_sane(r)) {
        error_report("my_rng %s: the incoming ring state is corrupt",
                     r->w.s->id);
        return -EINVAL;
    }
    if (r->status == MY_RNG_RING_ST_ON) {
        my_rng_ring_locate(r);
        my_rng_worker_translate(&r->w);
    }
    return 0;
}

static VMStateField ring_desc_fields[] = {
    VMSTATE_UINT64(addr, RingDesc),
    VMSTATE_UINT32(len, RingDesc),
    VMSTATE_END_OF_LIST(),
};

static const VMStateDescription vmstate_ring_desc = {
    .name = "my_rng/ring/desc",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = ring_desc_fields,
};

static VMStateField ring_fields[] = {
    VMSTATE_UINT64(hdr, RingState),
    VMSTATE_UINT64(table, RingState),
    VMSTATE_UINT32(count, RingState),
    VMSTATE_UINT32(status, RingState),
    VMSTATE_UINT32(error, RingState),
    VMSTATE_BOOL(irq, RingState),
    VMSTATE_UINT64(prod, RingState),
    VMSTATE_UINT64(cons, RingState),
    VMSTATE_UINT32(size, RingState),
    VMSTATE_UINT32(pieces, RingState),
    VMSTATE_VALIDATE("pieces fit", ring_pieces_fit),
    VMSTATE_STRUCT_VARRAY_UINT32(desc, RingState, pieces, 1, vmstate_ring_desc,
                                 RingDesc),
    VMSTATE_END_OF_LIST(),
};

static const VMStateDescription vmstate_ring = {
    .name = "my_rng/ring",
    .version_id = 1,
    .minimum_version_id = 1,
    .pre_save = ring_pre_save,
    .post_load = ring_post_load,
    .fields = ring_fields,
};

const MyRngVariant my_rng_variant_ring = {
    .name = "ring",
    .cap = MY_RNG_CAP_RNG32 | MY_RNG_CAP_RING | MY_RNG_CAP_MSI,
    .state_size = sizeof(RingState),
    .vmsd = &vmstate_ring,
    .realize = ring_realize,
    .exit = ring_exit,
    .reset = ring_reset,
    .read = ring_read,
    .write = ring_write,
    .lock = ring_lock,
    .unlock = ring_unlock,
    .config = ring_config,
    .sync = ring_sync,
    .finalize = ring_finalize,
};
