// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Variant "ring": a ring in guest memory that a thread of the device's keeps
 * full. This file has the registers, interrupts and the life of that thread;
 * ring_run.c is what it does.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/error-report.h"
#include "qapi/error.h"
#include "hw/pci/msi.h"
#include "migration/vmstate.h"

#include "ring.h"
#include "trace/trace-my_rng.h"

#define POLL_NS_MAX 1000000000

static void ring_lock(MyRngState *s)
{
    RingState *r = s->priv;

    qatomic_inc(&r->wanted);
    qemu_mutex_lock(&r->lock);
}

static void ring_unlock(MyRngState *s)
{
    RingState *r = s->priv;

    qemu_mutex_unlock(&r->lock);
    if (qatomic_fetch_dec(&r->wanted) == 1 &&
        qatomic_xchg(&r->skipped, false) && r->attached) {
        qemu_bh_schedule(r->turn);
    }
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
        my_rng_guest_error(r->s,
                           "ring of %u pieces at 0x%" PRIx64
                           ", header at 0x%" PRIx64 ": %s",
                           r->count, r->table, r->hdr, errors[error]);
    }
}

/* In the main loop, which has the big lock that messages need */
static void ring_report(void *opaque)
{
    RingState *r = opaque;
    MyRngState *s = r->s;
    bool irq;

    ring_lock(s);
    ring_log_error(r);
    /* A stopped machine gets it when it goes on, wherever that is */
    irq = r->irq && r->vm_running;
    r->irq = r->irq && !r->vm_running;
    ring_unlock(s);
    if (irq && my_rng_ring_is_master(r) && msi_enabled(PCI_DEVICE(s))) {
        int64_t begin = my_rng_times_begin(&s->times);

        trace_my_rng_msi(s->id);
        s->stats[MY_RNG_STAT_IRQS]++;
        msi_notify(PCI_DEVICE(s), 0);
        my_rng_times_end(&s->times, MY_RNG_TIME_IRQ, begin);
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
    } else if (value == MY_RNG_RING_CTRL_ON && !on && r->attached) {
        uint32_t error = my_rng_ring_enable(r);

        if (error) {
            my_rng_ring_stop(r, error);
        }
    } else {
        my_rng_guest_error(r->s, "RING_CTRL 0x%x: %s", value,
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
        if (r->attached) {
            event_notifier_set(&r->kick);
        }
        return true;
    }
    return false;
}

static void ring_sync(MyRngState *s)
{
    RingState *r = s->priv;

    ring_lock(s);
    if (r->attached) {
        my_rng_ring_take_kicks(r);
        ring_log_error(r);
    }
    ring_unlock(s);
}

/* With bus mastering off no byte may follow the write that took it away */
static void ring_config(MyRngState *s)
{
    RingState *r = s->priv;

    ring_lock(s);
    if (r->status == MY_RNG_RING_ST_ON && !my_rng_ring_is_master(r)) {
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
    event_notifier_test_and_clear(&r->kick);
    r->hdr = r->table = r->prod = r->cons = 0;
    r->count = r->size = r->pieces = 0;
    r->status = MY_RNG_RING_ST_OFF;
    r->error = MY_RNG_RING_ERR_NONE;
    r->irq = false;
    ring_unlock(s);
}

/* In the thread */
static void ring_kicked(EventNotifier *kick)
{
    RingState *r = container_of(kick, RingState, kick);

    qemu_mutex_lock(&r->lock);
    my_rng_ring_take_kicks(r);
    qemu_mutex_unlock(&r->lock);
}

static void ring_vm_state(void *opaque, bool running, RunState state)
{
    RingState *r = opaque;

    ring_lock(r->s);
    r->vm_running = running;
    ring_unlock(r->s);
    if (running) {
        qemu_bh_schedule(r->turn);
        qemu_bh_schedule(r->report);
    }
}

/* The thread asked for, or one of our own */
static bool ring_find_thread(RingState *r, Error **errp)
{
    static unsigned count;
    g_autofree char *id = NULL;

    r->iothread = r->s->prop.iothread;
    if (r->iothread) {
        object_ref(OBJECT(r->iothread));
    } else {
        id = g_strdup_printf("my_rng-ring%u", count++);
        r->iothread = iothread_create(id, errp);
        if (!r->iothread) {
            return false;
        }
        r->own_iothread = true;
    }
    r->ctx = iothread_get_aio_context(r->iothread);
    return true;
}

static void ring_leave_thread(RingState *r)
{
    if (r->own_iothread) {
        iothread_destroy(r->iothread);
    } else {
        object_unref(OBJECT(r->iothread));
    }
    r->iothread = NULL;
}

static void ring_attach(RingState *r)
{
    MyRngState *s = r->s;

    r->turn = aio_bh_new(r->ctx, my_rng_ring_turn, r);
    r->report = qemu_bh_new(ring_report, r);
    my_rng_set_notifier(r->ctx, &r->kick, ring_kicked);
    memory_region_add_eventfd(&s->mmio, MY_RNG_REG_RING_DOORBELL, 4, false, 0,
                              &r->kick);
    r->vm_running = runstate_is_running();
    r->vm_state = qemu_add_vm_change_state_handler(ring_vm_state, r);
    r->attached = true;
}

static bool ring_realize(MyRngState *s, Error **errp)
{
    RingState *r = s->priv;
    int ret;

    r->s = s;
    qemu_mutex_init(&r->lock);
    if (s->prop.ring_poll_ns > POLL_NS_MAX) {
        error_setg(errp, "ring-poll-ns=%u: must be 0 to %u",
                   s->prop.ring_poll_ns, POLL_NS_MAX);
        return false;
    }
    if (msi_init(PCI_DEVICE(s), 0, 1, true, false, errp)) {
        return false;
    }
    ret = event_notifier_init(&r->kick, 0);
    if (ret) {
        error_setg_errno(errp, -ret, "cannot make the doorbell's eventfd");
        goto no_kick;
    }
    if (!ring_find_thread(r, errp)) {
        goto no_thread;
    }
    ring_attach(r);
    return true;
no_thread:
    event_notifier_cleanup(&r->kick);
no_kick:
    msi_uninit(PCI_DEVICE(s));
    return false;
}

/* In the thread, so that nothing of ours runs there afterwards */
static void ring_detach(void *opaque)
{
    RingState *r = opaque;

    my_rng_set_notifier(r->ctx, &r->kick, NULL);
    qemu_bh_delete(r->turn);
}

static void ring_exit(MyRngState *s)
{
    RingState *r = s->priv;

    ring_reset(s);
    r->attached = false;
    qemu_del_vm_change_state_handler(r->vm_state);
    memory_region_del_eventfd(&s->mmio, MY_RNG_REG_RING_DOORBELL, 4, false, 0,
                              &r->kick);
    my_rng_run_in(r->ctx, ring_detach, r);
    qemu_bh_delete(r->report);
    event_notifier_cleanup(&r->kick);
    ring_leave_thread(r);
    msi_uninit(PCI_DEVICE(s));
}

static void ring_finalize(MyRngState *s)
{
    RingState *r = s->priv;

    if (r->s) {
        qemu_mutex_destroy(&r->lock);
    }
}

/* Migration: the machine is stopped, so is the thread */

static int ring_pre_save(void *opaque)
{
    RingState *r = opaque;

    ring_sync(r->s);
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
        error_report("my_rng %s: the incoming ring state is corrupt", r->s->id);
        return -EINVAL;
    }
    r->idle_since = 0;
    if (r->status == MY_RNG_RING_ST_ON) {
        my_rng_ring_locate(r);
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
