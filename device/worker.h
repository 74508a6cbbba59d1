/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A thread of the device's own that works on guest memory beside the guest: what
 * the variants ring and dma share. Each has a doorbell that wakes it.
 */
#ifndef MY_RNG_WORKER_H
#define MY_RNG_WORKER_H

#include "my_rng.h"

typedef struct MyRngWorker MyRngWorker;

/**
 * struct MyRngWorkerOps - what a variant's thread does
 * @poll_property: names how long it looks for work, in ns
 * @doorbell: 4-byte register that wakes it: its writes go to an eventfd
 * @turn: in the thread, with the lock: one part of the work, in some tens of us.
 *        Returns whether there is more to do, or to wait for
 * @report: in the main loop, with the big lock and without ours: what needs the
 *          big lock
 */
typedef struct MyRngWorkerOps {
    const char *poll_property;
    hwaddr doorbell;
    bool (*turn)(MyRngWorker *w);
    void (*report)(MyRngWorker *w);
} MyRngWorkerOps;

/**
 * struct MyRngWorker - the thread and what it takes to stop it
 * @s: the device
 * @ops: its work
 * @poll_ns: how long to look for work before it sleeps
 * @lock: protects the stream, and the variant's state as the variant says
 * @wanted: how many wait for @lock or hold it, our thread not among them
 * @skipped: our thread gave way to them and wants to be scheduled again
 * @vm_running: memory may be touched; under @lock
 * @idle_since: when work ran out, in ns; 0: it did not; under @lock
 * @iothread: whose thread works; a reference is held
 * @own_iothread: it was made by us
 * @ctx: its event loop
 * @turn: bottom half of the ops, runs in @ctx
 * @in_main: but hands over to @main_turn; see my_rng_worker_translate()
 * @main_turn: the same in the main loop, with the big lock
 * @report: likewise, runs in the main loop
 * @kick: the doorbell
 * @vm_state: tells when the machine stops and goes on
 * @attached: started and not yet stopped: all from @iothread on is there
 */
struct MyRngWorker {
    MyRngState *s;
    const MyRngWorkerOps *ops;
    uint32_t poll_ns;
    QemuMutex lock;
    int wanted;
    bool skipped;
    bool vm_running;
    int64_t idle_since;
    IOThread *iothread;
    bool own_iothread;
    AioContext *ctx;
    QEMUBH *turn;
    bool in_main;
    QEMUBH *main_turn;
    QEMUBH *report;
    EventNotifier kick;
    VMChangeStateEntry *vm_state;
    bool attached;
};

/**
 * my_rng_worker_start() - make the thread, or use that of property iothread
 * @w: zeroed
 * @s: device
 * @ops: its work, stays valid
 * @poll_ns: what the user set the property to
 * @errp: why not
 *
 * Whatever it returns, my_rng_worker_free() is needed.
 *
 * Return: false with @errp set on error.
 */
bool my_rng_worker_start(MyRngWorker *w, MyRngState *s,
                         const MyRngWorkerOps *ops, uint32_t poll_ns,
                         Error **errp);

/** my_rng_worker_stop() - nothing of ours runs in the thread afterwards */
void my_rng_worker_stop(MyRngWorker *w);

/** my_rng_worker_free() - the lock, too; started or not */
void my_rng_worker_free(MyRngWorker *w);

/** my_rng_worker_lock() - keep the thread from the stream; not in the thread */
void my_rng_worker_lock(MyRngWorker *w);

/** my_rng_worker_unlock() - the reverse */
void my_rng_worker_unlock(MyRngWorker *w);

/** my_rng_worker_take_kicks() - count doorbells; the lock is held */
void my_rng_worker_take_kicks(MyRngWorker *w);

/** my_rng_worker_ring() - as a 4-byte write of the doorbell, of any thread */
void my_rng_worker_ring(MyRngWorker *w);

/**
 * my_rng_worker_looks() - whether to look for work on, rather than to sleep
 * @w: in its turn, without work
 *
 * Who finds work clears idle_since.
 *
 * Return: true until work has been missing for that long.
 */
bool my_rng_worker_looks(MyRngWorker *w);

/**
 * my_rng_worker_translate() - work in the main loop if an IOMMU may translate
 * @w: attached, its lock held; with the big lock
 *
 * A translation that fails makes the IOMMU send an interrupt, which needs the big
 * lock: only who does not map memory in its turn can do without this.
 */
void my_rng_worker_translate(MyRngWorker *w);

/** my_rng_worker_is_translated() - whether an IOMMU may; with the big lock */
bool my_rng_worker_is_translated(const MyRngWorker *w);

/** my_rng_worker_is_master() - whether the device may touch memory */
static inline bool my_rng_worker_is_master(const MyRngWorker *w)
{
    return pci_get_word(PCI_DEVICE(w->s)->config + PCI_COMMAND) &
           PCI_COMMAND_MASTER;
}

/**
 * my_rng_worker_msi() - send MSI vector 0, if the guest lets us
 * @w: in its report
 */
void my_rng_worker_msi(MyRngWorker *w);

#endif /* MY_RNG_WORKER_H */
