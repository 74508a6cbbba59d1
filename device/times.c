// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What things cost inside the emulator, for comparison with what a guest sees:
 * a stamp, a lock, a read through QEMU's memory core.
 */
#include "qemu/osdep.h"
#include "qemu/thread.h"

#include "compat.h"
#include "times.h"

/* Enough to make two stamps around them vanish, a fraction of a millisecond */
#define PRICE_OPS 1024

/* A register without a device: what remains is the way to it */
static struct {
    bool made;
    QemuMutex lock;
    MemoryRegion region;
    AddressSpace space;
} probe;

static uint64_t probe_read(void *opaque, hwaddr addr, unsigned size)
{
    return MY_RNG_CONSTANT;
}

static void probe_write(void *opaque, hwaddr addr, uint64_t value,
                        unsigned size)
{
}

static const MemoryRegionOps probe_ops = {
    .read = probe_read,
    .write = probe_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8 },
    .impl = { .min_access_size = 1, .max_access_size = 8 },
};

/*
 * One for all devices, made at first use and never taken down. It has no owner:
 * QEMU refuses an access to a device from within one.
 */
static void probe_make(void)
{
    if (probe.made) {
        return;
    }
    qemu_mutex_init(&probe.lock);
    memory_region_init_io(&probe.region, NULL, &probe_ops, NULL, NULL,
                          MY_RNG_BAR_MMIO_SIZE);
    address_space_init(&probe.space, &probe.region, "my_rng-price");
    probe.made = true;
}

/* The same code as around a part, on a stopwatch that nobody reads */
static void price_stamp(MyRngTimes *t)
{
    MyRngTimes empty = { .on = true };
    int64_t begin = cpu_get_host_ticks();
    int i;

    for (i = 0; i < PRICE_OPS; i++) {
        int64_t stamp = my_rng_times_begin(&empty);

        barrier();
        my_rng_times_end(&empty, MY_RNG_TIME_CALLBACK, stamp);
    }
    t->count[MY_RNG_TIME_PRICE_PAIR] = cpu_get_host_ticks() - begin;
    t->count[MY_RNG_TIME_PRICE_STAMP] = empty.count[MY_RNG_TIME_CALLBACK];
}

/*
 * A lock of our own, of the kind that the big lock is: that one is held here
 * and must not be dropped inside an access. Nobody competes for either.
 */
static void price_lock(MyRngTimes *t)
{
    int64_t begin = cpu_get_host_ticks();
    int i;

    for (i = 0; i < PRICE_OPS; i++) {
        qemu_mutex_lock(&probe.lock);
        qemu_mutex_unlock(&probe.lock);
    }
    t->count[MY_RNG_TIME_PRICE_LOCK] = cpu_get_host_ticks() - begin;
}

/* From the region on: what an emulated CPU does once it has the lock */
static void price_dispatch(MyRngTimes *t)
{
    int64_t begin = cpu_get_host_ticks();
    uint64_t value;
    int i;

    for (i = 0; i < PRICE_OPS; i++) {
        memory_region_dispatch_read(&probe.region, MY_RNG_REG_RNG, &value,
                                    size_memop(4), MEMTXATTRS_UNSPECIFIED);
    }
    t->count[MY_RNG_TIME_PRICE_DISPATCH] = cpu_get_host_ticks() - begin;
}

/* From the address on: what follows an exit to user space, but for the lock */
static void price_address(MyRngTimes *t)
{
    int64_t begin = cpu_get_host_ticks();
    uint32_t value;
    int i;

    for (i = 0; i < PRICE_OPS; i++) {
        address_space_rw(&probe.space, MY_RNG_REG_RNG, MEMTXATTRS_UNSPECIFIED,
                         &value, sizeof(value), false);
    }
    t->count[MY_RNG_TIME_PRICE_ADDRESS] = cpu_get_host_ticks() - begin;
}

void my_rng_times_init(MyRngTimes *t)
{
    t->ticks0 = cpu_get_host_ticks();
    t->ns0 = get_clock();
}

void my_rng_times_price(MyRngTimes *t)
{
    double seconds = (get_clock() - t->ns0) / 1e9;

    probe_make();
    price_stamp(t);
    price_lock(t);
    price_dispatch(t);
    price_address(t);
    t->count[MY_RNG_TIME_PRICE_OPS] = PRICE_OPS;
    t->count[MY_RNG_TIME_HZ] = (cpu_get_host_ticks() - t->ticks0) / seconds;
}
