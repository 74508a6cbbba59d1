/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A thread of the device's that works on guest memory beside the guest: what the
 * variants ring and dma share. Guest and device agree through a header in guest
 * memory. The guest rings a doorbell to wake the thread, if the header asks for
 * that; the thread sends an MSI to wake the guest.
 */
#ifndef MY_RNG_WORKER_H
#define MY_RNG_WORKER_H

#include "my_rng.h"
#include "ram.h"

/* Bytes of the header, for ring and queue alike */
#define WORKER_HEADER_SIZE 0x80

QEMU_BUILD_BUG_ON(MY_RNG_RING_HDR_SIZE != WORKER_HEADER_SIZE);
QEMU_BUILD_BUG_ON(MY_RNG_QUEUE_HDR_SIZE != WORKER_HEADER_SIZE);

/* The errors that ring and queue have in common, by the same number */
#define WORKER_ERR_NONE   MY_RNG_RING_ERR_NONE
#define WORKER_ERR_ADDR   MY_RNG_RING_ERR_ADDR
#define WORKER_ERR_MASTER MY_RNG_RING_ERR_MASTER

QEMU_BUILD_BUG_ON(WORKER_ERR_NONE != MY_RNG_DMA_ERR_NONE);
QEMU_BUILD_BUG_ON(WORKER_ERR_ADDR != MY_RNG_DMA_ERR_ADDR);
QEMU_BUILD_BUG_ON(WORKER_ERR_MASTER != MY_RNG_DMA_ERR_MASTER);

typedef struct MyRngWorker MyRngWorker;

/**
 * struct MyRngWorkerOps - the work of a variant's thread
 * @what: names it in messages
 * @errors: says what each error is, by its number
 * @nerrors: entries of @errors
 * @align: of the header's address
 * @doorbell: 4-byte register that wakes the thread: its writes go to an eventfd
 * @poll_property: names how long the thread looks for work, in ns
 * @start: checks what the guest has set up, and takes it over; an error, or none
 * @stopped: the work was stopped or switched off
 * @look: reads the guest's count anew, with acquire; an error if it cannot be
 * @has_work: whether there is work, as last looked
 * @do_one: does a part of it, in some tens of us; an error, or none
 * @ask: writes into the header that the guest is to ring the doorbell
 * @is_passed: whether the guest, as last looked, is where it will not ring
 *
 * All are called with the lock held. The header is mapped, but for @stopped.
 */
typedef struct MyRngWorkerOps {
    const char *what;
    const char *const *errors;
    uint32_t nerrors;
    uint32_t align;
    hwaddr doorbell;
    const char *poll_property;
    uint32_t (*start)(MyRngWorker *w);
    void (*stopped)(MyRngWorker *w);
    uint32_t (*look)(MyRngWorker *w);
    bool (*has_work)(const MyRngWorker *w);
    uint32_t (*do_one)(MyRngWorker *w);
    void (*ask)(MyRngWorker *w);
    bool (*is_passed)(const MyRngWorker *w);
} MyRngWorkerOps;

/**
 * struct MyRngWorker - the thread, its work, and what it takes to stop both
 * @s: the device, whose private state begins with this
 * @ops: the work
 * @poll_ns: how long to look for work before the thread sleeps
 * @lock: protects the stream and the variant's state. Taken after the big lock
 * @wanted: how many wait for @lock or hold it, the thread not among them
 * @skipped: the thread gave way to them and wants to be scheduled again
 * @vm_running: memory may be touched
 * @on: there is work; what it needs was checked when it was switched on
 * @error: why it is not on
 * @unreported: an error that is still to be logged and counted
 * @failed: requests that failed, still to be logged and counted
 * @failure: the error of the last of these
 * @irq: an MSI is due; it stands for all that was completed before it is sent
 * @base: address of the header on the bus, as it was when it was switched on
 * @header: the header, mapped; only in a turn
 * @idle_since: when work ran out, in ns; 0: it did not
 * @iothread: whose thread works; a reference is held
 * @own_iothread: the device made it
 * @ctx: its event loop
 * @in_main: an IOMMU may translate, so the main loop does the work. A translation
 *           that fails makes the IOMMU send an interrupt, which needs the big lock
 * @turn: bottom half that works, in @ctx
 * @main_turn: the same in the main loop
 * @report: bottom half in the main loop, for what needs the big lock
 * @kick: the doorbell
 * @vm_state: tells when the machine stops and goes on
 * @attached: all from @iothread on is there
 */
struct MyRngWorker {
    MyRngState *s;
    const MyRngWorkerOps *ops;
    uint32_t poll_ns;
    QemuMutex lock;
    int wanted;
    bool skipped;
    bool vm_running;
    bool on;
    uint32_t error;
    uint32_t unreported;
    uint32_t failed;
    uint32_t failure;
    bool irq;
    uint64_t base;
    void *header;
    int64_t idle_since;
    IOThread *iothread;
    bool own_iothread;
    AioContext *ctx;
    bool in_main;
    QEMUBH *turn;
    QEMUBH *main_turn;
    QEMUBH *report;
    EventNotifier kick;
    VMChangeStateEntry *vm_state;
    bool attached;
};

/**
 * my_rng_worker_realize() - MSI, and a thread or that of property iothread
 * @s: device; @exit is needed afterwards if this succeeds, @finalize in any case
 * @ops: the work, stays valid
 * @poll_ns: what the user set the property to
 * @errp: why not
 *
 * Return: false with @errp set on error.
 */
bool my_rng_worker_realize(MyRngState *s, const MyRngWorkerOps *ops,
                           uint32_t poll_ns, Error **errp);

/** my_rng_worker_exit() - off; nothing of the device runs in the thread any more */
void my_rng_worker_exit(MyRngState *s);

/* The hooks of a variant that do the same for ring and queue; see MyRngVariant */
void my_rng_worker_lock(MyRngState *s);
void my_rng_worker_unlock(MyRngState *s);
void my_rng_worker_config(MyRngState *s);
void my_rng_worker_sync(MyRngState *s);
void my_rng_worker_finalize(MyRngState *s);

/**
 * my_rng_worker_switch_on() - check the work and begin it; a register was written
 * @w: attached, not on
 * @base: address of the header
 *
 * What cannot be done is a guest error, and @w->error says why.
 */
void my_rng_worker_switch_on(MyRngWorker *w, uint64_t base);

/**
 * my_rng_worker_switch_off() - memory is left alone from now on, an error forgotten
 * @w: on or not
 */
void my_rng_worker_switch_off(MyRngWorker *w);

/** my_rng_worker_reset() - off, and nothing is pending any more */
void my_rng_worker_reset(MyRngWorker *w);

/** my_rng_worker_ring() - as a 4-byte write of the doorbell */
void my_rng_worker_ring(MyRngWorker *w);

/** my_rng_worker_raise() - an MSI is due; of any thread, the lock held */
void my_rng_worker_raise(MyRngWorker *w);

/** my_rng_worker_fail() - a request has failed, the work goes on; as above */
void my_rng_worker_fail(MyRngWorker *w, uint32_t error);

/** my_rng_worker_msi() - send MSI vector 0, if the guest lets the device */
void my_rng_worker_msi(MyRngState *s);

/* What migrates: @base, @on, @error, @irq */
extern const VMStateDescription vmstate_my_rng_worker;

/**
 * my_rng_worker_loaded() - the state came in by migration: go on with it
 * @w: worker
 * @wrong: what of the variant's own is corrupt; NULL: nothing
 *
 * Return: 0, or -EINVAL after a message.
 */
int my_rng_worker_loaded(MyRngWorker *w, const char *wrong);

#endif /* MY_RNG_WORKER_H */
