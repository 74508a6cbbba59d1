// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The life of a variant's own thread: made, woken by the doorbell, kept from
 * memory while the machine stands still, taken away.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qapi/error.h"
#include "hw/pci/msi.h"

#include "worker.h"
#include "trace/trace-my_rng.h"

#define POLL_NS_MAX 1000000000

void my_rng_worker_lock(MyRngWorker *w)
{
    qatomic_inc(&w->wanted);
    qemu_mutex_lock(&w->lock);
}

void my_rng_worker_unlock(MyRngWorker *w)
{
    qemu_mutex_unlock(&w->lock);
    if (qatomic_fetch_dec(&w->wanted) == 1 &&
        qatomic_xchg(&w->skipped, false) && w->attached) {
        qemu_bh_schedule(w->turn);
    }
}

void my_rng_worker_take_kicks(MyRngWorker *w)
{
    uint64_t kicks = 0;

    /* An eventfd: it knows how often it was written, and that counts */
    if (!w->attached || read(event_notifier_get_fd(&w->kick), &kicks,
                             sizeof(kicks)) != sizeof(kicks)) {
        return;
    }
    w->s->stats[MY_RNG_STAT_KICKS] += kicks;
    trace_my_rng_kick(w->s->id, kicks);
    qemu_bh_schedule(w->turn);
}

void my_rng_worker_ring(MyRngWorker *w)
{
    if (w->attached) {
        event_notifier_set(&w->kick);
    }
}

bool my_rng_worker_looks(MyRngWorker *w)
{
    int64_t now = qemu_clock_get_ns(QEMU_CLOCK_REALTIME);

    if (!w->idle_since) {
        w->idle_since = now;
    }
    if (now - w->idle_since < w->poll_ns) {
        return true;
    }
    w->idle_since = 0;
    return false;
}

void my_rng_worker_msi(MyRngWorker *w)
{
    MyRngState *s = w->s;
    PCIDevice *pdev = PCI_DEVICE(s);
    int64_t begin;

    if (!my_rng_worker_is_master(w) || !msi_enabled(pdev)) {
        return;
    }
    begin = my_rng_times_begin(&s->times);
    trace_my_rng_msi(s->id);
    s->stats[MY_RNG_STAT_IRQS]++;
    msi_notify(pdev, 0);
    my_rng_times_end(&s->times, MY_RNG_TIME_IRQ, begin);
}

bool my_rng_worker_is_translated(const MyRngWorker *w)
{
    return pci_device_iommu_address_space(PCI_DEVICE(w->s)) !=
           &address_space_memory;
}

void my_rng_worker_translate(MyRngWorker *w)
{
    qatomic_set(&w->in_main, my_rng_worker_is_translated(w));
}

static void worker_turn(void *opaque)
{
    MyRngWorker *w = opaque;
    bool again;

    if (qatomic_read(&w->in_main) && !my_rng_bql_locked()) {
        qemu_bh_schedule(w->main_turn);
        return;
    }
    /*
     * Others first: a mutex is not fair, and we would take it again before they
     * wake up. Whoever sees @skipped, after taking himself off @wanted,
     * schedules us; whoever does not, is seen gone from @wanted.
     */
    qatomic_set(&w->skipped, true);
    smp_mb();
    if (qatomic_read(&w->wanted)) {
        return;
    }
    qatomic_set(&w->skipped, false);
    qemu_mutex_lock(&w->lock);
    again = w->ops->turn(w);
    qemu_mutex_unlock(&w->lock);
    if (again) {
        qemu_bh_schedule(w->turn);
    }
}

/* In the main loop, which has the big lock that messages and MSIs need */
static void worker_report(void *opaque)
{
    MyRngWorker *w = opaque;

    w->ops->report(w);
}

/* In the thread */
static void worker_kicked(EventNotifier *kick)
{
    MyRngWorker *w = container_of(kick, MyRngWorker, kick);

    qemu_mutex_lock(&w->lock);
    my_rng_worker_take_kicks(w);
    qemu_mutex_unlock(&w->lock);
}

static void worker_vm_state(void *opaque, bool running, RunState state)
{
    MyRngWorker *w = opaque;

    my_rng_worker_lock(w);
    w->vm_running = running;
    w->idle_since = 0;
    my_rng_worker_unlock(w);
    if (running) {
        qemu_bh_schedule(w->turn);
        qemu_bh_schedule(w->report);
    }
}

/* The thread asked for, or one of our own */
static bool find_thread(MyRngWorker *w, Error **errp)
{
    static unsigned count;
    g_autofree char *id = NULL;

    w->iothread = w->s->prop.iothread;
    if (w->iothread) {
        object_ref(OBJECT(w->iothread));
    } else {
        id = g_strdup_printf("my_rng-%s%u", w->s->variant->name, count++);
        w->iothread = iothread_create(id, errp);
        if (!w->iothread) {
            return false;
        }
        w->own_iothread = true;
    }
    w->ctx = iothread_get_aio_context(w->iothread);
    return true;
}

static void leave_thread(MyRngWorker *w)
{
    if (w->own_iothread) {
        iothread_destroy(w->iothread);
    } else {
        object_unref(OBJECT(w->iothread));
    }
    w->iothread = NULL;
}

static void worker_attach(MyRngWorker *w)
{
    w->turn = aio_bh_new(w->ctx, worker_turn, w);
    w->main_turn = qemu_bh_new(worker_turn, w);
    w->report = qemu_bh_new(worker_report, w);
    my_rng_set_notifier(w->ctx, &w->kick, worker_kicked);
    memory_region_add_eventfd(&w->s->mmio, w->ops->doorbell, 4, false, 0,
                              &w->kick);
    w->vm_running = runstate_is_running();
    w->vm_state = qemu_add_vm_change_state_handler(worker_vm_state, w);
    w->attached = true;
}

bool my_rng_worker_start(MyRngWorker *w, MyRngState *s,
                         const MyRngWorkerOps *ops, uint32_t poll_ns,
                         Error **errp)
{
    int ret;

    if (poll_ns > POLL_NS_MAX) {
        error_setg(errp, "%s=%u: must be 0 to %u", ops->poll_property, poll_ns,
                   POLL_NS_MAX);
        return false;
    }
    w->s = s;
    w->ops = ops;
    w->poll_ns = poll_ns;
    qemu_mutex_init(&w->lock);
    ret = event_notifier_init(&w->kick, 0);
    if (ret) {
        error_setg_errno(errp, -ret, "cannot make the doorbell's eventfd");
        return false;
    }
    if (!find_thread(w, errp)) {
        event_notifier_cleanup(&w->kick);
        return false;
    }
    worker_attach(w);
    return true;
}

/* In the thread, so that nothing of ours runs there afterwards */
static void worker_detach(void *opaque)
{
    MyRngWorker *w = opaque;

    my_rng_set_notifier(w->ctx, &w->kick, NULL);
    qemu_bh_delete(w->turn);
}

void my_rng_worker_stop(MyRngWorker *w)
{
    w->attached = false;
    qemu_del_vm_change_state_handler(w->vm_state);
    memory_region_del_eventfd(&w->s->mmio, w->ops->doorbell, 4, false, 0,
                              &w->kick);
    my_rng_run_in(w->ctx, worker_detach, w);
    qemu_bh_delete(w->main_turn);
    qemu_bh_delete(w->report);
    event_notifier_cleanup(&w->kick);
    leave_thread(w);
}

void my_rng_worker_free(MyRngWorker *w)
{
    if (w->s) {
        qemu_mutex_destroy(&w->lock);
    }
}
