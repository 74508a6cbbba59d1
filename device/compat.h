/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Differences between QEMU 7.2, 8.2, 10.x and 11.x; nowhere else. QEMU's headers
 * themselves are included here where they have moved.
 */
#ifndef MY_RNG_COMPAT_H
#define MY_RNG_COMPAT_H

#define QEMU_AT_LEAST(major, minor)                                            \
    (QEMU_VERSION_MAJOR > (major) ||                                           \
     (QEMU_VERSION_MAJOR == (major) && QEMU_VERSION_MINOR >= (minor)))

/* 8.0 split hw/pci/pci.h */
#if __has_include("hw/pci/pci_device.h")
#include "hw/pci/pci_device.h"
#else
#include "hw/pci/pci.h"
#endif

/* 10.0 moved sysemu/, 10.1 exec/memory.h to system/ */
#if __has_include("system/dma.h")
#include "system/dma.h"
#else
#include "sysemu/dma.h"
#endif
#if __has_include("system/memory.h")
#include "system/memory.h"
#else
#include "exec/memory.h"
#endif

#if __has_include("system/address-spaces.h")
#include "system/address-spaces.h"
#else
#include "exec/address-spaces.h"
#endif

#if __has_include("system/iothread.h")
#include "system/iothread.h"
#include "system/runstate.h"
#else
#include "sysemu/iothread.h"
#include "sysemu/runstate.h"
#endif

#if __has_include("system/replay.h")
#include "system/replay.h"
#else
#include "sysemu/replay.h"
#endif

#if __has_include("qemu/aio-wait.h")
#include "qemu/aio-wait.h"
#else
#include "block/aio-wait.h"
#endif
#include "qemu/event_notifier.h"
#include "qemu/main-loop.h"

/* 11.0 moves the qdev headers to hw/core/ */
#if __has_include("hw/core/qdev-properties.h")
#include "hw/core/qdev-properties.h"
#else
#include "hw/qdev-properties.h"
#endif

/* Property lists: mutable with an end mark, const and counted since 10.0 */
#ifdef DEFINE_PROP_END_OF_LIST
#define MY_RNG_PROPERTY_LIST Property
#define MY_RNG_PROPERTY_END  DEFINE_PROP_END_OF_LIST(),
#else
#define MY_RNG_PROPERTY_LIST const Property
#define MY_RNG_PROPERTY_END
#endif

/* class_init() got a const pointer in 10.1 */
#if QEMU_AT_LEAST(10, 1)
typedef const void MyRngClassData;
#else
typedef void MyRngClassData;
#endif

/* DeviceClass::reset was hidden behind a setter in 9.2 */
static inline void my_rng_set_reset(DeviceClass *dc,
                                    void (*reset)(DeviceState *dev))
{
#if QEMU_AT_LEAST(9, 2)
    device_class_set_legacy_reset(dc, reset);
#else
    dc->reset = reset;
#endif
}

/*
 * Until 8.0 a handler said whether it is "external"; ours never pauses a guest.
 * The handler is also for what @poll has found; NULL: the event loop must sleep
 * to find anything.
 */
static inline void my_rng_set_notifier(AioContext *ctx, EventNotifier *notifier,
                                       EventNotifierHandler *handler,
                                       AioPollFn *poll)
{
    EventNotifierHandler *polled = poll ? handler : NULL;

#if QEMU_AT_LEAST(8, 1)
    aio_set_event_notifier(ctx, notifier, handler, poll, polled);
#else
    aio_set_event_notifier(ctx, notifier, false, handler, poll, polled);
#endif
}

/*
 * A bottom half of the main loop from which no access reaches the device's own
 * registers: since 8.1, and 7.2.4 of the stable releases.
 */
static inline QEMUBH *my_rng_bh_new(QEMUBHFunc *run, void *opaque,
                                    DeviceState *dev)
{
#ifdef qemu_bh_new_guarded
    return qemu_bh_new_guarded(run, opaque, &dev->mem_reentrancy_guard);
#else
    return qemu_bh_new(run, opaque);
#endif
}

/* Run in the context's thread and wait for it; it must be acquired until 8.0 */
static inline void my_rng_run_in(AioContext *ctx, QEMUBHFunc *run, void *opaque)
{
#if QEMU_AT_LEAST(8, 1)
    aio_wait_bh_oneshot(ctx, run, opaque);
#else
    aio_context_acquire(ctx);
    aio_wait_bh_oneshot(ctx, run, opaque);
    aio_context_release(ctx);
#endif
}

/* The big lock's name: BQL since 9.0 */
#if QEMU_AT_LEAST(9, 0)
#define my_rng_bql_lock()   bql_lock()
#define my_rng_bql_unlock() bql_unlock()
#define my_rng_bql_locked() bql_locked()
#else
#define my_rng_bql_lock()   qemu_mutex_lock_iothread()
#define my_rng_bql_unlock() qemu_mutex_unlock_iothread()
#define my_rng_bql_locked() qemu_mutex_iothread_locked()
#endif

/* A register can be accessed without the big lock since 10.2 */
#define MY_RNG_CAN_LOCKLESS QEMU_AT_LEAST(10, 2)

static inline void my_rng_set_lockless(MemoryRegion *mr)
{
#if MY_RNG_CAN_LOCKLESS
    memory_region_enable_lockless_io(mr);
#endif
}

#endif /* MY_RNG_COMPAT_H */
