// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine of ring and queue: a thread that works while there is work, looks
 * for more for a while, asks for a doorbell and sleeps. It is kept from memory
 * while the machine stands still or the device may not be bus master.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/error-report.h"
#include "qemu/rcu.h"
#include "qapi/error.h"
#include "hw/pci/msi.h"
#include "migration/vmstate.h"

#include "worker.h"
#include "trace/trace-my_rng.h"

/* How long others of the event loop wait for a turn, in ns; at least one step */
#define TURN_NS 200000

/* How long the lock is kept while the thread looks for work, in ns */
#define LOOK_NS 5000

#define POLL_NS_MAX 1000000000

/* Doorbells are counted: an eventfd knows how often it was written, a pipe not */
#ifndef CONFIG_EVENTFD
#error "variants ring and dma need a host with eventfd(2)"
#endif

/* The ring's counts lie in memory that a CPU of the guest writes meanwhile */
QEMU_BUILD_BUG_MSG(ATOMIC_REG_SIZE < 8, "ring and dma need 64-bit atomics");

static MyRngWorker *worker_of(MyRngState *s)
{
    return s->priv;
}

static int64_t now(void)
{
    return qemu_clock_get_ns(QEMU_CLOCK_REALTIME);
}

static void take_lock(MyRngWorker *w)
{
    qatomic_inc(&w->wanted);
    qemu_mutex_lock(&w->lock);
}

static void leave_lock(MyRngWorker *w)
{
    qemu_mutex_unlock(&w->lock);
    if (qatomic_fetch_dec(&w->wanted) == 1 &&
        qatomic_xchg(&w->skipped, false) && w->attached) {
        qemu_bh_schedule(w->turn);
    }
}

void my_rng_worker_lock(MyRngState *s)
{
    take_lock(worker_of(s));
}

void my_rng_worker_unlock(MyRngState *s)
{
    leave_lock(worker_of(s));
}

/* Interrupts, and errors for the guest's driver and the log */

void my_rng_worker_msi(MyRngState *s)
{
    PCIDevice *pdev = &s->parent_obj;
    int64_t begin;

    if (!my_rng_is_master(s) || !msi_enabled(pdev)) {
        return;
    }
    begin = my_rng_times_begin(&s->times);
    trace_my_rng_msi(s->id);
    s->stats[MY_RNG_STAT_IRQS]++;
    msi_notify(pdev, 0);
    my_rng_times_end(&s->times, MY_RNG_TIME_IRQ, begin);
}

void my_rng_worker_raise(MyRngWorker *w)
{
    w->irq = true;
    qemu_bh_schedule(w->report);
}

void my_rng_worker_fail(MyRngWorker *w, uint32_t error)
{
    w->failed++;
    w->failure = error;
    qemu_bh_schedule(w->report);
}

/* The guest may be asleep, and must learn that nothing comes any more */
static void stop_by_error(MyRngWorker *w, uint32_t error)
{
    w->on = false;
    w->error = error;
    w->unreported = error;
    w->ops->stopped(w);
    my_rng_worker_raise(w);
}

static void log_error(MyRngWorker *w, uint32_t error)
{
    my_rng_guest_error(w->s, "%s at 0x%" PRIx64 ": %s", w->ops->what, w->base,
                       w->ops->errors[error]);
}

static void log_errors(MyRngWorker *w)
{
    if (w->failed) {
        /* One is counted by the message */
        w->s->stats[MY_RNG_STAT_ERRORS] += w->failed - 1;
        my_rng_guest_error(w->s, "%u requests of the %s failed, the last: %s",
                           w->failed, w->ops->what, w->ops->errors[w->failure]);
        w->failed = 0;
    }
    if (w->unreported) {
        log_error(w, w->unreported);
        w->unreported = WORKER_ERR_NONE;
    }
}

/* In the main loop, which has the big lock that messages and MSIs need */
static void worker_report(void *opaque)
{
    MyRngWorker *w = opaque;
    bool irq;

    take_lock(w);
    log_errors(w);
    /* A stopped machine gets it when it goes on, wherever that is */
    irq = w->irq && w->vm_running;
    w->irq = w->irq && !w->vm_running;
    leave_lock(w);
    if (irq) {
        my_rng_worker_msi(w->s);
    }
}

/* Doorbells */

static void take_kicks(MyRngWorker *w)
{
    uint64_t kicks = 0;

    if (!w->attached || read(event_notifier_get_fd(&w->kick), &kicks,
                             sizeof(kicks)) != sizeof(kicks)) {
        return;
    }
    w->s->stats[MY_RNG_STAT_KICKS] += kicks;
    trace_my_rng_kick(w->s->id, kicks);
    qemu_bh_schedule(w->turn);
}

/* In the thread */
static void worker_kicked(EventNotifier *kick)
{
    MyRngWorker *w = container_of(kick, MyRngWorker, kick);

    qemu_mutex_lock(&w->lock);
    take_kicks(w);
    qemu_mutex_unlock(&w->lock);
}

/*
 * For an event loop that others use: without such a function it would not poll
 * for them any more before it sleeps.
 */
static bool is_kicked(void *opaque)
{
    GPollFD fd = {
        .fd = event_notifier_get_fd(opaque),
        .events = G_IO_IN,
    };

    return g_poll(&fd, 1, 0) > 0;
}

void my_rng_worker_ring(MyRngWorker *w)
{
    if (w->attached) {
        event_notifier_set(&w->kick);
    }
}

void my_rng_worker_sync(MyRngState *s)
{
    MyRngWorker *w = worker_of(s);

    take_lock(w);
    take_kicks(w);
    leave_lock(w);
    worker_report(w);
}

/* The work */

static bool map_header(MyRngWorker *w)
{
    w->header = my_rng_ram_map_whole(w->s, w->base, WORKER_HEADER_SIZE);
    return w->header;
}

static void unmap_header(MyRngWorker *w, bool written)
{
    my_rng_ram_unmap(w->s, w->header, WORKER_HEADER_SIZE, written);
    w->header = NULL;
}

/* False if the work had to stop */
static bool look(MyRngWorker *w)
{
    uint32_t error = w->ops->look(w);

    if (error) {
        stop_by_error(w, error);
    }
    return !error;
}

/* Without work: whether to look for some, rather than to sleep */
static bool keeps_looking(MyRngWorker *w)
{
    int64_t time = now();

    if (!w->idle_since) {
        w->idle_since = time;
    }
    if (time - w->idle_since < w->poll_ns) {
        return true;
    }
    w->idle_since = 0;
    return false;
}

/* The look is short, so that other threads get the lock */
static void look_for_work(MyRngWorker *w)
{
    int64_t end = now() + LOOK_NS;

    do {
        cpu_relax();
    } while (look(w) && !w->ops->has_work(w) && now() < end);
}

/* Returns whether the guest will not ring, and the thread must not sleep */
static bool ask_for_doorbell(MyRngWorker *w)
{
    w->ops->ask(w);
    /* Pairs with the guest's barrier between its count and its look at KICK_AT */
    smp_mb();
    return look(w) && w->ops->is_passed(w);
}

/* A part of the work, or a look for some. Returns whether to come back at once */
static bool step(MyRngWorker *w)
{
    uint32_t error;

    if (!look(w)) {
        return false;
    }
    if (w->ops->has_work(w)) {
        w->idle_since = 0;
        error = w->ops->do_one(w);
        if (error) {
            stop_by_error(w, error);
        }
        return !error;
    }
    if (keeps_looking(w)) {
        look_for_work(w);
        return w->on;
    }
    return ask_for_doorbell(w);
}

/* As much as others may wait for. Returns whether to come back at once */
static bool work(MyRngWorker *w)
{
    int64_t end = now() + TURN_NS;
    bool again;

    RCU_READ_LOCK_GUARD();
    if (!w->on || !w->vm_running) {
        return false;
    }
    if (!map_header(w)) {
        stop_by_error(w, WORKER_ERR_ADDR);
        return false;
    }
    do {
        again = step(w);
    } while (again && !qatomic_read(&w->wanted) && now() < end);
    unmap_header(w, true);
    return again;
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
     * Others first: a mutex is not fair, and the thread would take it again
     * before they wake up. Another one that sees @skipped, after it has left
     * @wanted, schedules this; one that does not is seen gone from @wanted.
     */
    qatomic_set(&w->skipped, true);
    smp_mb();
    if (qatomic_read(&w->wanted)) {
        return;
    }
    qatomic_set(&w->skipped, false);
    qemu_mutex_lock(&w->lock);
    again = work(w);
    qemu_mutex_unlock(&w->lock);
    if (again) {
        qemu_bh_schedule(w->turn);
    }
}

static void resume(MyRngWorker *w)
{
    qatomic_set(&w->in_main, pci_device_iommu_address_space(
                                 &w->s->parent_obj) != &address_space_memory);
    my_rng_share(w->s, true);
    qemu_bh_schedule(w->turn);
}

/* What the guest has set up is checked, and taken over */
static uint32_t check_and_start(MyRngWorker *w)
{
    uint32_t error;

    if (!my_rng_is_master(w->s)) {
        return WORKER_ERR_MASTER;
    }
    if (w->base % w->ops->align || !map_header(w)) {
        return WORKER_ERR_ADDR;
    }
    error = w->ops->start(w);
    unmap_header(w, false);
    return error;
}

/*
 * The access has the lock only if the thread shared the stream when it began. A
 * refusal is seen in a register at once and sends no MSI: else an MSI that is
 * aimed at a register which switches on would go round for ever.
 */
void my_rng_worker_switch_on(MyRngWorker *w, uint64_t base)
{
    bool shared = w->s->shared;

    if (!shared) {
        take_lock(w);
    }
    RCU_READ_LOCK_GUARD();
    w->base = base;
    w->error = check_and_start(w);
    w->on = !w->error;
    if (w->on) {
        w->idle_since = 0;
        resume(w);
    } else {
        log_error(w, w->error);
    }
    if (!shared) {
        leave_lock(w);
    }
}

/* With the lock */
static void switch_off(MyRngWorker *w)
{
    if (w->on) {
        w->on = false;
        w->ops->stopped(w);
    }
    w->error = WORKER_ERR_NONE;
    w->irq = false;
    my_rng_share(w->s, false);
}

void my_rng_worker_switch_off(MyRngWorker *w)
{
    bool shared = w->s->shared;

    if (!shared) {
        take_lock(w);
    }
    switch_off(w);
    if (!shared) {
        leave_lock(w);
    }
}

void my_rng_worker_reset(MyRngWorker *w)
{
    take_lock(w);
    switch_off(w);
    w->unreported = WORKER_ERR_NONE;
    w->failed = 0;
    w->base = 0;
    event_notifier_test_and_clear(&w->kick);
    leave_lock(w);
}

/*
 * No byte may follow the write that takes bus mastering away, and none may fail
 * for it: the lock is held from before that write on.
 */
void my_rng_worker_config(MyRngState *s)
{
    MyRngWorker *w = worker_of(s);

    if (w->on && !my_rng_is_master(s)) {
        stop_by_error(w, WORKER_ERR_MASTER);
    }
}

/* The life of the thread */

static void worker_vm_state(void *opaque, bool running, RunState state)
{
    MyRngWorker *w = opaque;

    take_lock(w);
    w->vm_running = running;
    w->idle_since = 0;
    leave_lock(w);
    if (running) {
        qemu_bh_schedule(w->turn);
        qemu_bh_schedule(w->report);
    }
}

/* The thread asked for, or one of the device's own */
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
    DeviceState *dev = DEVICE(w->s);

    w->turn = aio_bh_new(w->ctx, worker_turn, w);
    w->main_turn = my_rng_bh_new(worker_turn, w, dev);
    w->report = my_rng_bh_new(worker_report, w, dev);
    my_rng_set_notifier(w->ctx, &w->kick, worker_kicked,
                        w->own_iothread ? NULL : is_kicked);
    memory_region_add_eventfd(&w->s->mmio, w->ops->doorbell, 4, false, 0,
                              &w->kick);
    w->vm_running = runstate_is_running();
    w->vm_state = qemu_add_vm_change_state_handler(worker_vm_state, w);
    w->attached = true;
}

static bool start_thread(MyRngWorker *w, Error **errp)
{
    int ret = event_notifier_init(&w->kick, 0);

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

bool my_rng_worker_realize(MyRngState *s, const MyRngWorkerOps *ops,
                           uint32_t poll_ns, Error **errp)
{
    MyRngWorker *w = worker_of(s);

    if (poll_ns > POLL_NS_MAX) {
        error_setg(errp, "%s=%u: must be 0 to %u", ops->poll_property, poll_ns,
                   POLL_NS_MAX);
        return false;
    }
    w->s = s;
    w->ops = ops;
    w->poll_ns = poll_ns;
    qemu_mutex_init(&w->lock);
    if (msi_init(&s->parent_obj, 0, 1, true, false, errp)) {
        return false;
    }
    if (!start_thread(w, errp)) {
        msi_uninit(&s->parent_obj);
        return false;
    }
    return true;
}

/* In the thread, so that nothing of the device's runs there afterwards */
static void worker_detach(void *opaque)
{
    MyRngWorker *w = opaque;

    my_rng_set_notifier(w->ctx, &w->kick, NULL, NULL);
    qemu_bh_delete(w->turn);
}

void my_rng_worker_exit(MyRngState *s)
{
    MyRngWorker *w = worker_of(s);

    my_rng_worker_reset(w);
    w->attached = false;
    qemu_del_vm_change_state_handler(w->vm_state);
    memory_region_del_eventfd(&s->mmio, w->ops->doorbell, 4, false, 0,
                              &w->kick);
    my_rng_run_in(w->ctx, worker_detach, w);
    qemu_bh_delete(w->main_turn);
    qemu_bh_delete(w->report);
    event_notifier_cleanup(&w->kick);
    leave_thread(w);
    msi_uninit(&s->parent_obj);
}

void my_rng_worker_finalize(MyRngState *s)
{
    MyRngWorker *w = worker_of(s);

    if (w->s) {
        qemu_mutex_destroy(&w->lock);
    }
}

/* Migration: the machine is stopped, so is the thread */

static VMStateField worker_fields[] = {
    VMSTATE_UINT64(base, MyRngWorker),
    VMSTATE_BOOL(on, MyRngWorker),
    VMSTATE_UINT32(error, MyRngWorker),
    VMSTATE_BOOL(irq, MyRngWorker),
    VMSTATE_END_OF_LIST(),
};

const VMStateDescription vmstate_my_rng_worker = {
    .name = "my_rng/worker",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = worker_fields,
};

static const char *find_wrong(const MyRngWorker *w)
{
    if (w->error >= w->ops->nerrors) {
        return "no such error";
    }
    if (w->on && w->error) {
        return "on in spite of an error";
    }
    if (w->on && w->base % w->ops->align) {
        return "header is misaligned";
    }
    return NULL;
}

int my_rng_worker_loaded(MyRngWorker *w, const char *wrong)
{
    wrong = wrong ?: find_wrong(w);
    if (wrong) {
        error_report("my_rng %s: the incoming state of the %s is corrupt: %s",
                     w->s->id, w->ops->what, wrong);
        w->on = false;
        return -EINVAL;
    }
    if (w->on) {
        resume(w);
    } else {
        my_rng_share(w->s, false);
    }
    return 0;
}
