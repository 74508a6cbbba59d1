// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * BAR0: accesses to registers, of the sizes that SPEC.md allows; what all variants
 * have, and what a variant adds.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"

#include "instruments.h"
#include "regs.h"
#include "trace/trace-my_rng.h"

/* The 64-bit counter that has a half at @reg; NULL: there is none */
static const uint64_t *find_counter(MyRngState *s, hwaddr reg)
{
    const uint64_t *counter = NULL;

    if (reg >= MY_RNG_REG_STAT && reg < MY_RNG_REG_STAT_LO(MY_RNG_STAT_COUNT)) {
        counter = &s->stats[(reg - MY_RNG_REG_STAT) / 8];
    } else if (s->instrumented && reg >= MY_RNG_REG_TIME &&
               reg < MY_RNG_REG_TIME_LO(MY_RNG_TIME_COUNT)) {
        counter = &s->times.count[(reg - MY_RNG_REG_TIME) / 8];
    }
    if (counter && s->variant->sync) {
        s->variant->sync(s);
    }
    return counter;
}

static bool admin_read(MyRngState *s, hwaddr reg, uint32_t *value)
{
    const uint64_t *counter = find_counter(s, reg);

    if (counter) {
        *value = qatomic_read(counter) >> (reg & 4 ? 32 : 0);
        return true;
    }
    switch (reg) {
    case MY_RNG_REG_MAGIC:
        *value = MY_RNG_MAGIC;
        return true;
    case MY_RNG_REG_VERSION:
        *value = MY_RNG_VERSION;
        return true;
    case MY_RNG_REG_CAP:
        *value = s->cap;
        return true;
    case MY_RNG_REG_GENERATOR:
        *value = s->generator;
        return true;
    case MY_RNG_REG_MARK:
        *value = s->mark;
        return true;
    }
    return my_rng_instruments_read(s, reg, value);
}

/* A counter goes on between two reads of its halves, so this is one read */
static bool admin_read64(MyRngState *s, hwaddr reg, uint64_t *value)
{
    const uint64_t *counter = find_counter(s, reg);

    if (counter) {
        *value = qatomic_read(counter);
    }
    return counter;
}

static bool admin_write(MyRngState *s, hwaddr reg, uint32_t value)
{
    if (reg == MY_RNG_REG_MARK) {
        trace_my_rng_mark(s->id, value);
        s->mark = value;
        return true;
    }
    return my_rng_instruments_write(s, reg, value);
}

/* The word that is the register at @reg; NULL: there is no such access to it */
static uint32_t *find_cell(MyRngState *s, hwaddr reg, uint8_t access)
{
    const MyRngCell *cells = s->variant->cells;

    if (!cells || reg / 4 >= MY_RNG_CELLS ||
        (cells[reg / 4].access & access) != access) {
        return NULL;
    }
    return s->priv + cells[reg / 4].at;
}

static bool variant_read(MyRngState *s, hwaddr reg, uint32_t *value)
{
    const uint32_t *cell;

    if (s->variant->read && s->variant->read(s, reg, value)) {
        return true;
    }
    cell = find_cell(s, reg, MY_RNG_CELL_R);
    *value = cell ? *cell : 0;
    return cell;
}

static bool variant_write(MyRngState *s, hwaddr reg, uint32_t value)
{
    uint32_t *cell;

    if (s->variant->write && s->variant->write(s, reg, value)) {
        return true;
    }
    cell = find_cell(s, reg, MY_RNG_CELL_RW);
    if (cell) {
        *cell = value;
    }
    return cell;
}

static uint32_t reg_read(MyRngState *s, hwaddr reg)
{
    uint32_t value = 0;
    bool known;

    if (likely(reg == MY_RNG_REG_RNG)) {
        return my_rng_next(s);
    }
    if (reg == MY_RNG_REG_SEED) {
        return 0;
    }
    if (reg >= MY_RNG_REG_ADMIN) {
        known = admin_read(s, reg, &value);
    } else {
        known = variant_read(s, reg, &value);
    }
    if (!known) {
        my_rng_guest_error(
            s, "read of 0x%03" HWADDR_PRIx ": no such register in variant %s",
            reg, s->variant->name);
    }
    return value;
}

static void reg_write(MyRngState *s, hwaddr reg, uint32_t value)
{
    bool known;

    if (reg == MY_RNG_REG_SEED) {
        trace_my_rng_seed(s->id, value);
        my_rng_stream_seed(&s->stream, value);
        return;
    }
    if (reg >= MY_RNG_REG_ADMIN) {
        known = admin_write(s, reg, value);
    } else {
        known = variant_write(s, reg, value);
    }
    if (!known) {
        my_rng_guest_error(s,
                           "write of 0x%x to 0x%03" HWADDR_PRIx
                           ": no writable register in variant %s",
                           value, reg, s->variant->name);
    }
}

static bool wide_read(MyRngState *s, hwaddr addr, uint64_t *value)
{
    if (addr >= MY_RNG_REG_ADMIN) {
        return admin_read64(s, addr, value);
    }
    return s->variant->read64 && s->variant->read64(s, addr, value);
}

/* 1 or 2 bytes are a part of a register; 8 are two, the lower address first */
static uint64_t odd_size_read(MyRngState *s, hwaddr addr, unsigned size)
{
    uint64_t value;
    uint32_t low;

    if (size == 8 && wide_read(s, addr, &value)) {
        return value;
    }
    low = reg_read(s, addr & ~(hwaddr)3);
    if (size < 4) {
        return my_rng_sub_read(low, addr, size);
    }
    return low | (uint64_t)reg_read(s, addr + 4) << 32;
}

static inline __attribute__((always_inline)) uint64_t
plain_read(MyRngState *s, hwaddr addr, unsigned size)
{
    s->stats[addr < MY_RNG_REG_ADMIN ? MY_RNG_STAT_MMIO_READS
                                     : MY_RNG_STAT_ADMIN]++;
    return likely(size == 4) ? reg_read(s, addr) : odd_size_read(s, addr, size);
}

uint32_t my_rng_reg_read(MyRngState *s, hwaddr reg)
{
    return reg_read(s, reg);
}

uint64_t my_rng_plain_read(MyRngState *s, hwaddr addr, unsigned size)
{
    return plain_read(s, addr, size);
}

/*
 * The hot path. An event in line, off, would show in the time of a register read,
 * and so would a call.
 */
static uint64_t mmio_read(void *opaque, hwaddr addr, unsigned size)
{
    MyRngState *s = opaque;

    if (likely(!s->mode &&
               !trace_event_get_state_backends(TRACE_MY_RNG_MMIO_READ))) {
        return plain_read(s, addr, size);
    }
    return my_rng_examined_read(s, addr, size);
}

void my_rng_plain_write(MyRngState *s, hwaddr addr, uint64_t value,
                        unsigned size)
{
    s->stats[addr < MY_RNG_REG_ADMIN ? MY_RNG_STAT_MMIO_WRITES
                                     : MY_RNG_STAT_ADMIN]++;
    trace_my_rng_mmio_write(s->id, addr, size, value);
    if (size < 4) {
        my_rng_guest_error(s,
                           "write of %u bytes at 0x%03" HWADDR_PRIx
                           ": registers take 4 or 8",
                           size, addr);
        return;
    }
    reg_write(s, addr, value);
    if (size == 8) {
        reg_write(s, addr + 4, value >> 32);
    }
}

static void mmio_write(void *opaque, hwaddr addr, uint64_t value, unsigned size)
{
    MyRngState *s = opaque;

    if (likely(!s->mode)) {
        my_rng_plain_write(s, addr, value, size);
    } else {
        my_rng_examined_write(s, addr, value, size);
    }
}

static const MemoryRegionOps mmio_ops = {
    .read = mmio_read,
    .write = mmio_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8 },
    .impl = { .min_access_size = 1, .max_access_size = 8 },
};

bool my_rng_is_data_register(const MyRngState *s, hwaddr reg)
{
    return reg == MY_RNG_REG_RNG ||
           ((reg & ~(hwaddr)4) == MY_RNG_REG_RNG64 &&
            s->cap & MY_RNG_CAP_RNG64) ||
           (reg == MY_RNG_REG_FIFO_DATA && s->cap & MY_RNG_CAP_FIFO);
}

/*
 * The handlers of "lockless". A read of words is done under the device's lock
 * alone. All else may reach into QEMU, so it takes the big lock as ever, and the
 * device's after it.
 */
static uint64_t lockless_read(void *opaque, hwaddr addr, unsigned size)
{
    MyRngState *s = opaque;
    bool bql = my_rng_bql_locked();
    bool take = !bql && !my_rng_is_data_register(s, addr);
    uint64_t value;

    if (take) {
        my_rng_bql_lock();
    }
    qemu_mutex_lock(&s->lock);
    s->unlocked += !bql && !take;
    value = mmio_read(s, addr, size);
    qemu_mutex_unlock(&s->lock);
    if (take) {
        my_rng_bql_unlock();
    }
    return value;
}

static void lockless_write(void *opaque, hwaddr addr, uint64_t value,
                           unsigned size)
{
    MyRngState *s = opaque;
    bool take = !my_rng_bql_locked();

    if (take) {
        my_rng_bql_lock();
    }
    qemu_mutex_lock(&s->lock);
    mmio_write(s, addr, value, size);
    qemu_mutex_unlock(&s->lock);
    if (take) {
        my_rng_bql_unlock();
    }
}

static const MemoryRegionOps lockless_ops = {
    .read = lockless_read,
    .write = lockless_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8 },
    .impl = { .min_access_size = 1, .max_access_size = 8 },
};

void my_rng_make_mmio(MyRngState *s)
{
    memory_region_init_io(&s->mmio, OBJECT(s),
                          s->lockless ? &lockless_ops : &mmio_ops, s,
                          "my_rng-mmio", MY_RNG_BAR_MMIO_SIZE);
    if (s->lockless) {
        qemu_mutex_init(&s->lock);
        my_rng_set_lockless(&s->mmio);
    }
}
