// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The instruments: registers, properties, and accesses that are looked at. SPEC.md,
 * "Modes", says what they are for; times.c measures the prices.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/visitor.h"

#include "instruments.h"
#include "regs.h"
#include "trace/trace-my_rng.h"

/* The bits of the mode that come from no register */
static uint32_t hidden_mode(const MyRngState *s)
{
    return (s->shared ? MY_RNG_MODE_SHARED : 0) |
           (s->waste_ns ? MY_RNG_MODE_WASTE : 0);
}

void my_rng_set_mode(MyRngState *s, uint32_t mode)
{
    const MyRngVariant *shared = s->shared ? s->variant : NULL;

    if (shared) {
        shared->lock(s);
    }
    s->mode = (mode & MY_RNG_MODE_ALL) | hidden_mode(s);
    s->times.on = s->mode & MY_RNG_MODE_TIMING;
    if (shared) {
        shared->unlock(s);
    }
}

void my_rng_share(MyRngState *s, bool shared)
{
    s->shared = shared;
    s->mode = (s->mode & MY_RNG_MODE_ALL) | hidden_mode(s);
}

bool my_rng_instruments_read(MyRngState *s, hwaddr reg, uint32_t *value)
{
    if (!s->instrumented) {
        return false;
    }
    *value = reg == MY_RNG_REG_MODE ? s->mode & MY_RNG_MODE_ALL : 0;
    return reg == MY_RNG_REG_MODE || reg == MY_RNG_REG_PRICE;
}

bool my_rng_instruments_write(MyRngState *s, hwaddr reg, uint32_t value)
{
    if (!s->instrumented) {
        return false;
    }
    switch (reg) {
    case MY_RNG_REG_MODE:
        my_rng_set_mode(s, value);
        return true;
    case MY_RNG_REG_PRICE:
        my_rng_times_price(&s->times);
        return true;
    }
    return false;
}

/* By the host's clock */
static void waste(const MyRngState *s)
{
    int64_t end = get_clock() + s->waste_ns;

    while (get_clock() < end) {
        /* nothing but time */
    }
}

MyRngAccess my_rng_access_begin(MyRngState *s)
{
    MyRngAccess access = {
        .begin = my_rng_times_begin(&s->times),
        .shared = s->mode & MY_RNG_MODE_SHARED,
    };

    if (s->mode & MY_RNG_MODE_WASTE) {
        waste(s);
    }
    if (access.shared) {
        s->variant->lock(s);
    }
    return access;
}

void my_rng_access_end(MyRngState *s, MyRngAccess access)
{
    if (access.shared) {
        s->variant->unlock(s);
    }
    my_rng_times_end(&s->times, MY_RNG_TIME_CALLBACK, access.begin);
}

static uint32_t constant_reg_read(MyRngState *s, hwaddr reg)
{
    return my_rng_is_data_register(s, reg) ? MY_RNG_CONSTANT
                                           : my_rng_reg_read(s, reg);
}

/* As my_rng_plain_read() of the data path, but no word is taken */
static uint64_t constant_read(MyRngState *s, hwaddr addr, unsigned size)
{
    uint32_t low;

    s->stats[MY_RNG_STAT_MMIO_READS]++;
    low = constant_reg_read(s, addr & ~(hwaddr)3);
    if (size <= 4) {
        return my_rng_sub_read(low, addr, size);
    }
    return low | (uint64_t)constant_reg_read(s, addr + 4) << 32;
}

/* The trace event is outside of what is stamped */
uint64_t my_rng_examined_read(MyRngState *s, hwaddr addr, unsigned size)
{
    MyRngAccess access;
    uint64_t value;

    if (addr >= MY_RNG_REG_ADMIN) {
        value = my_rng_plain_read(s, addr, size);
    } else {
        access = my_rng_access_begin(s);
        value = my_rng_is_constant(s) ? constant_read(s, addr, size)
                                      : my_rng_plain_read(s, addr, size);
        my_rng_access_end(s, access);
    }
    trace_my_rng_mmio_read(s->id, addr, size, value);
    return value;
}

void my_rng_examined_write(MyRngState *s, hwaddr addr, uint64_t value,
                           unsigned size)
{
    MyRngAccess access;

    if (addr >= MY_RNG_REG_ADMIN) {
        my_rng_plain_write(s, addr, value, size);
    } else {
        access = my_rng_access_begin(s);
        my_rng_plain_write(s, addr, value, size);
        my_rng_access_end(s, access);
    }
}

void my_rng_instruments_reset(MyRngState *s)
{
    memset(s->times.count, 0, sizeof(s->times.count));
    my_rng_set_mode(s, s->reset_mode);
}

/* Properties, which can be set while the machine runs, too */

static bool check(const MyRngState *s, const char *name, Error **errp)
{
    if (!s->instrumented) {
        error_setg(errp, "%s= needs instrumented=on", name);
    }
    return s->instrumented;
}

/* When they were set, "instrumented" may still have been to come */
bool my_rng_instruments_check(MyRngState *s, Error **errp)
{
    return (!s->reset_mode || check(s, "timing or constant", errp)) &&
           (!s->waste_ns || check(s, "waste-ns", errp));
}

/* Properties that switch a bit of MODE, now and at each reset from now on */
static const struct {
    const char *name;
    uint32_t bit;
    const char *description;
} mode_properties[] = {
    { "timing", MY_RNG_MODE_TIMING, "note where the device's time goes (off)" },
    { "constant", MY_RNG_MODE_CONSTANT,
      "answer with a constant: all but the stream's work (off)" },
};

static void get_mode(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    bool on = MY_RNG(obj)->mode & (uintptr_t)opaque;

    visit_type_bool(v, name, &on, errp);
}

static void set_mode_bit(Object *obj, Visitor *v, const char *name,
                         void *opaque, Error **errp)
{
    MyRngState *s = MY_RNG(obj);
    uint32_t bit = (uintptr_t)opaque;
    bool on;

    if (!visit_type_bool(v, name, &on, errp) ||
        (DEVICE(s)->realized && !check(s, name, errp))) {
        return;
    }
    my_rng_own_lock(s);
    s->reset_mode = on ? s->reset_mode | bit : s->reset_mode & ~bit;
    my_rng_set_mode(s, on ? s->mode | bit : s->mode & ~bit);
    my_rng_own_unlock(s);
}

static void get_waste(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    visit_type_uint32(v, name, &MY_RNG(obj)->waste_ns, errp);
}

static void set_waste(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    MyRngState *s = MY_RNG(obj);
    uint32_t ns;

    if (!visit_type_uint32(v, name, &ns, errp) ||
        (DEVICE(s)->realized && !check(s, name, errp))) {
        return;
    }
    if (ns > MY_RNG_WASTE_NS_MAX) {
        error_setg(errp, "%s=%" PRIu32 ": must be 0 to %u", name, ns,
                   MY_RNG_WASTE_NS_MAX);
        return;
    }
    my_rng_own_lock(s);
    s->waste_ns = ns;
    my_rng_set_mode(s, s->mode);
    my_rng_own_unlock(s);
}

void my_rng_instruments_properties(ObjectClass *class)
{
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(mode_properties); i++) {
        object_class_property_add(class, mode_properties[i].name, "bool",
                                  get_mode, set_mode_bit, NULL,
                                  (void *)(uintptr_t)mode_properties[i].bit);
        object_class_property_set_description(class, mode_properties[i].name,
                                              mode_properties[i].description);
    }
    object_class_property_add(class, "waste-ns", "uint32", get_waste, set_waste,
                              NULL, NULL);
    object_class_property_set_description(
        class, "waste-ns",
        "time that each access of the data path wastes, for tests of what "
        "measures it (0)");
}
