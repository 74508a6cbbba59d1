// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * my_rng: a PCI random number generator whose only purpose is to be measured.
 * This file is the part common to all variants: PCI and QOM, dispatch of
 * register accesses, identity, counters, migration. device/SPEC.md has the
 * registers.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/error-report.h"
#include "qemu/log.h"
#include "qemu/log-for-trace.h"
#include "qemu/module.h"
#include "qemu/units.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "migration/qemu-file-types.h"
#include "migration/vmstate.h"

#include "my_rng.h"
#include "trace/trace-my_rng.h"

/* glibc's rand() without srand() */
#define SEED_AT_RESET 1

/* Words ahead of a variant that does not care */
#define STREAM_DEPTH 256

#define FIFO_DEPTH_DEFAULT  16384
#define WINDOW_SIZE_DEFAULT (64 * KiB)

/* About what it takes to put a thread to sleep and to wake it up again */
#define RING_POLL_NS_DEFAULT 50000

void my_rng_guest_error(MyRngState *s, const char *fmt, ...)
{
    s->stats[MY_RNG_STAT_ERRORS]++;
    if (qemu_loglevel_mask(LOG_GUEST_ERROR)) {
        g_autofree char *what = NULL;
        va_list ap;

        va_start(ap, fmt);
        what = g_strdup_vprintf(fmt, ap);
        va_end(ap);
        qemu_log("my_rng %s: %s\n", s->id, what);
    }
}

/* The 64-bit counter that has a half at @reg; NULL: there is none */
static const uint64_t *find_counter(MyRngState *s, hwaddr reg)
{
    const uint64_t *counter = NULL;

    if (reg >= MY_RNG_REG_STAT && reg < MY_RNG_REG_STAT_LO(MY_RNG_STAT_COUNT)) {
        counter = &s->stats[(reg - MY_RNG_REG_STAT) / 8];
    } else if (reg >= MY_RNG_REG_TIME &&
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
    case MY_RNG_REG_MODE:
        *value = s->mode & MY_RNG_MODE_ALL;
        return true;
    case MY_RNG_REG_PRICE:
        *value = 0;
        return true;
    }
    return false;
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

static bool is_shared(const MyRngState *s)
{
    return unlikely(s->mode & MY_RNG_MODE_SHARED);
}

/* The bits of the mode that come from no register */
static uint32_t hidden_mode(const MyRngState *s)
{
    return (s->shared ? MY_RNG_MODE_SHARED : 0) |
           (s->waste_ns ? MY_RNG_MODE_WASTE : 0);
}

static void set_mode(MyRngState *s, uint32_t mode)
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

void my_rng_spin(const MyRngState *s)
{
    int64_t end = get_clock() + s->waste_ns;

    while (get_clock() < end) {
        /* nothing but time */
    }
}

static bool admin_write(MyRngState *s, hwaddr reg, uint32_t value)
{
    switch (reg) {
    case MY_RNG_REG_MARK:
        trace_my_rng_mark(s->id, value);
        s->mark = value;
        return true;
    case MY_RNG_REG_MODE:
        set_mode(s, value);
        return true;
    case MY_RNG_REG_PRICE:
        my_rng_times_price(&s->times);
        return true;
    }
    return false;
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

/* Whether the 4-byte register at @reg gives words */
static bool is_data_register(const MyRngState *s, hwaddr reg)
{
    return reg == MY_RNG_REG_RNG ||
           ((reg & ~(hwaddr)4) == MY_RNG_REG_RNG64 &&
            s->cap & MY_RNG_CAP_RNG64) ||
           (reg == MY_RNG_REG_FIFO_DATA && s->cap & MY_RNG_CAP_FIFO);
}

static uint32_t constant_reg_read(MyRngState *s, hwaddr reg)
{
    return is_data_register(s, reg) ? MY_RNG_CONSTANT : reg_read(s, reg);
}

/* As plain_read() of the data path, but no word is taken */
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

/*
 * The trace event is outside of what is stamped. Apart, so that its registers
 * are not saved by a read that nobody looks at.
 */
static uint64_t __attribute__((noinline))
examined_read(MyRngState *s, hwaddr addr, unsigned size)
{
    bool constant = my_rng_is_constant(s) && addr < MY_RNG_REG_ADMIN;
    bool shared = is_shared(s) && addr < MY_RNG_REG_ADMIN;
    int64_t begin = addr < MY_RNG_REG_ADMIN ? my_rng_times_begin(&s->times) : 0;
    uint64_t value;

    if (addr < MY_RNG_REG_ADMIN) {
        my_rng_waste(s);
    }
    if (shared) {
        s->variant->lock(s);
    }
    value = constant ? constant_read(s, addr, size) : plain_read(s, addr, size);
    if (shared) {
        s->variant->unlock(s);
    }
    my_rng_times_end(&s->times, MY_RNG_TIME_CALLBACK, begin);
    trace_my_rng_mmio_read(s->id, addr, size, value);
    return value;
}

/* An event in line, off, would show in the time of a register read */
static uint64_t mmio_read(void *opaque, hwaddr addr, unsigned size)
{
    MyRngState *s = opaque;

    if (likely(!s->mode &&
               !trace_event_get_state_backends(TRACE_MY_RNG_MMIO_READ))) {
        return plain_read(s, addr, size);
    }
    return examined_read(s, addr, size);
}

static void plain_write(MyRngState *s, hwaddr addr, uint64_t value,
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
    bool shared = is_shared(s) && addr < MY_RNG_REG_ADMIN;
    int64_t begin = addr < MY_RNG_REG_ADMIN ? my_rng_times_begin(&s->times) : 0;

    if (addr < MY_RNG_REG_ADMIN) {
        my_rng_waste(s);
    }
    if (shared) {
        s->variant->lock(s);
    }
    plain_write(s, addr, value, size);
    if (shared) {
        s->variant->unlock(s);
    }
    my_rng_times_end(&s->times, MY_RNG_TIME_CALLBACK, begin);
}

static const MemoryRegionOps mmio_ops = {
    .read = mmio_read,
    .write = mmio_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8 },
    .impl = { .min_access_size = 1, .max_access_size = 8 },
};

static void own_lock(MyRngState *s)
{
    if (s->lockless) {
        qemu_mutex_lock(&s->lock);
    }
}

static void own_unlock(MyRngState *s)
{
    if (s->lockless) {
        qemu_mutex_unlock(&s->lock);
    }
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
    bool take = !bql && !is_data_register(s, addr);
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

static void make_mmio(MyRngState *s)
{
    memory_region_init_io(&s->mmio, OBJECT(s),
                          s->lockless ? &lockless_ops : &mmio_ops, s,
                          "my_rng-mmio", MY_RNG_BAR_MMIO_SIZE);
    if (s->lockless) {
        qemu_mutex_init(&s->lock);
        my_rng_set_lockless(&s->mmio);
    }
}

/* Where nothing but words is read in the hot path, and no thread beside it */
static bool check_lockless(const MyRngVariant *variant, Error **errp)
{
    if (!MY_RNG_CAN_LOCKLESS) {
        error_setg(errp,
                   "lockless=on: QEMU %s takes its big lock for every "
                   "register; 10.2 is the first that need not",
                   QEMU_VERSION);
        return false;
    }
    if (variant->cap & ~(MY_RNG_CAP_RNG32 | MY_RNG_CAP_RNG64)) {
        error_setg(errp,
                   "lockless=on: variant %s does more than give words by "
                   "register; 32 and 64 do just that",
                   variant->name);
        return false;
    }
    return true;
}

static void my_rng_reset(DeviceState *dev)
{
    MyRngState *s = MY_RNG(dev);

    trace_my_rng_reset(s->id);
    own_lock(s);
    /* First, as it stops whoever else uses the stream */
    if (s->variant->reset) {
        s->variant->reset(s);
    }
    my_rng_stream_seed(&s->stream, SEED_AT_RESET);
    memset(s->stats, 0, sizeof(s->stats));
    s->mark = 0;
    memset(s->times.count, 0, sizeof(s->times.count));
    s->unlocked = 0;
    set_mode(s, s->reset_mode);
    own_unlock(s);
}

/* Migration: what must agree comes first, so that nothing else is touched */

static int same_get(QEMUFile *f, void *here, size_t size,
                    const VMStateField *field)
{
    uint32_t there = qemu_get_be32(f);

    if (there == *(uint32_t *)here) {
        return 0;
    }
    error_report("my_rng: source and destination differ (%" PRIu32
                 " there, %" PRIu32 " here); give both the same %s",
                 there, *(uint32_t *)here, field->name);
    return -EINVAL;
}

static int same_put(QEMUFile *f, void *here, size_t size,
                    const VMStateField *field, JSONWriter *vmdesc)
{
    qemu_put_be32(f, *(uint32_t *)here);
    return 0;
}

static const VMStateInfo vmstate_info_same = {
    .name = "uint32 equal",
    .get = same_get,
    .put = same_put,
};

/* A field that is what @property makes it: QEMU's own say only that it differs */
#define VMSTATE_SAME(property, field)                                          \
    {                                                                          \
        .name = (property), .size = sizeof(uint32_t),                          \
        .info = &vmstate_info_same, .flags = VMS_SINGLE,                       \
        .offset = vmstate_offset_value(MyRngState, field, uint32_t),           \
    }

static int my_rng_pre_save(void *opaque)
{
    MyRngState *s = opaque;

    if (s->variant->sync) {
        s->variant->sync(s);
    }
    my_rng_stream_save(&s->stream);
    s->saved_mode = s->mode & MY_RNG_MODE_ALL;
    return 0;
}

static int my_rng_pre_load(void *opaque)
{
    MyRngState *s = opaque;

    s->priv_loaded = false;
    return 0;
}

/* Says what of the incoming state cannot be; NULL: it can */
static const char *find_wrong(MyRngState *s)
{
    if (s->variant->vmsd && !s->priv_loaded) {
        return "that of the variant is missing";
    }
    if (s->saved_mode & ~MY_RNG_MODE_ALL) {
        return "MODE";
    }
    return my_rng_stream_load(&s->stream);
}

static int my_rng_post_load(void *opaque, int version_id)
{
    MyRngState *s = opaque;
    const char *wrong = find_wrong(s);

    if (wrong) {
        error_report("my_rng %s: the incoming state is corrupt: %s", s->id,
                     wrong);
        return -EINVAL;
    }
    set_mode(s, s->saved_mode);
    return 0;
}

static VMStateField my_rng_fields[] = {
    VMSTATE_SAME("variant=", cap),
    VMSTATE_SAME("generator=", generator),
    VMSTATE_SAME("fifo-depth=", stream.depth),
    VMSTATE_SAME("generator=", stream.saved_words),
    VMSTATE_PCI_DEVICE(parent_obj, MyRngState),
    VMSTATE_VARRAY_UINT32(stream.saved, MyRngState, stream.saved_words, 1,
                          vmstate_info_uint32, uint32_t),
    VMSTATE_VARRAY_UINT32(stream.ring, MyRngState, stream.depth, 1,
                          vmstate_info_uint32, uint32_t),
    VMSTATE_UINT32(stream.head, MyRngState),
    VMSTATE_UINT32(stream.held, MyRngState),
    VMSTATE_UINT32(stream.offered, MyRngState),
    VMSTATE_UINT64_ARRAY(stats, MyRngState, MY_RNG_STAT_COUNT),
    VMSTATE_UINT32(mark, MyRngState),
    VMSTATE_UINT32(saved_mode, MyRngState),
    VMSTATE_END_OF_LIST(),
};

/* Its subsections are those of the variants in this build */
static VMStateDescription vmstate_my_rng = {
    .name = TYPE_MY_RNG,
    .version_id = 4, /* 2: MODE; 3: MY_RNG_STAT_KICKS; 4: subsections */
    .minimum_version_id = 4,
    .pre_load = my_rng_pre_load,
    .pre_save = my_rng_pre_save,
    .post_load = my_rng_post_load,
    .fields = my_rng_fields,
};

#define VARIANTS_MAX 16

static void add_subsections(void)
{
    static const VMStateDescription *list[VARIANTS_MAX];
    const MyRngVariant *const *v;
    unsigned n = 0;

    for (v = my_rng_variants; *v; v++) {
        if ((*v)->vmsd) {
            assert(n + 1 < VARIANTS_MAX);
            list[n++] = (*v)->vmsd;
        }
    }
    vmstate_my_rng.subsections = list;
}

/* Properties: names are looked up in the generated lists */

static char *variant_names(void)
{
    GString *names = g_string_new(NULL);
    const MyRngVariant *const *v;

    for (v = my_rng_variants; *v; v++) {
        g_string_append_printf(names, names->len ? ", %s" : "%s", (*v)->name);
    }
    return g_string_free(names, false);
}

static char *generator_names(void)
{
    GString *names = g_string_new(NULL);
    const MyRngGen *const *g;

    for (g = my_rng_gens; *g; g++) {
        g_string_append_printf(names, names->len ? ", %s" : "%s", (*g)->name);
    }
    return g_string_free(names, false);
}

static const MyRngVariant *find_variant(const char *name, Error **errp)
{
    const MyRngVariant *const *v = my_rng_variants;
    g_autofree char *names = NULL;

    while (name && *v && strcmp((*v)->name, name)) {
        v++;
    }
    if (!*v) {
        names = variant_names();
        error_setg(errp, "variant '%s' is not in this build; it has: %s", name,
                   names);
    }
    return *v;
}

static const MyRngGen *find_generator(const char *name, Error **errp)
{
    const MyRngGen *const *g = my_rng_gens;
    g_autofree char *names = NULL;

    while (name && *g && strcmp((*g)->name, name)) {
        g++;
    }
    if (!*g) {
        names = generator_names();
        error_setg(errp, "no generator '%s'; there are: %s", name, names);
    }
    return *g;
}

static void replace_string(char **string, const char *value)
{
    g_free(*string);
    *string = g_strdup(value);
}

static void my_rng_config_write(PCIDevice *pdev, uint32_t addr, uint32_t value,
                                int len)
{
    MyRngState *s = MY_RNG(pdev);

    if (s->variant->lock) {
        s->variant->lock(s);
    }
    pci_default_write_config(pdev, addr, value, len);
    if (s->variant->config) {
        s->variant->config(s);
    }
    if (s->variant->unlock) {
        s->variant->unlock(s);
    }
}

static void my_rng_exit(PCIDevice *pdev)
{
    MyRngState *s = MY_RNG(pdev);

    if (s->variant->exit) {
        s->variant->exit(s);
    }
}

/* Memory regions, and with them accesses in flight, may outlive my_rng_exit() */
static void my_rng_finalize(Object *obj)
{
    MyRngState *s = MY_RNG(obj);

    if (s->priv && s->variant->finalize) {
        s->variant->finalize(s);
    }
    if (s->lockless) {
        qemu_mutex_destroy(&s->lock);
    }
    my_rng_stream_free(&s->stream);
    g_free(s->priv);
    g_free(s->id);
}

static char *device_id(PCIDevice *pdev)
{
    if (DEVICE(pdev)->id) {
        return g_strdup(DEVICE(pdev)->id);
    }
    return g_strdup_printf("%02x:%02x.%x", pci_dev_bus_num(pdev),
                           PCI_SLOT(pdev->devfn), PCI_FUNC(pdev->devfn));
}

/*
 * A QEMU that is built with the log backend lets all trace events into its log
 * from the start. Ours have that backend in any build, so this does the same; each
 * event still has to be switched on.
 */
static void let_events_log(void)
{
    if (!qemu_loglevel_mask(LOG_TRACE)) {
        qemu_set_log(qemu_loglevel | LOG_TRACE, NULL);
    }
}

/* What a recording of the guest would not repeat */
static bool check_replay(const MyRngVariant *variant, const MyRngGen *gen,
                         Error **errp)
{
    if (replay_mode == REPLAY_MODE_NONE) {
        return true;
    }
    if (variant->lock) {
        error_setg(errp,
                   "record/replay: variant %s works in a thread of its own; "
                   "use another variant=",
                   variant->name);
        return false;
    }
    if (!gen->saved_words) {
        error_setg(errp,
                   "record/replay: generator %s repeats nothing; use another "
                   "generator=",
                   gen->name);
        return false;
    }
    return true;
}

static bool check_generator(const MyRngGen *gen, Error **errp)
{
    const char *why = gen->missing ? gen->missing() : NULL;

    if (why) {
        error_setg(errp, "generator %s: %s; use another generator=", gen->name,
                   why);
    }
    return !why;
}

static void my_rng_realize(PCIDevice *pdev, Error **errp)
{
    MyRngState *s = MY_RNG(pdev);
    const MyRngVariant *variant = find_variant(s->prop.variant, errp);
    const MyRngGen *gen =
        variant ? find_generator(s->prop.generator, errp) : NULL;

    if (!gen) {
        return;
    }
    if (s->prop.iothread && !variant->lock) {
        error_setg(errp,
                   "iothread=: variant %s has no thread, only dma and ring do",
                   variant->name);
        return;
    }
    if (s->prop.lockless && !check_lockless(variant, errp)) {
        return;
    }
    if (!check_generator(gen, errp) || !check_replay(variant, gen, errp)) {
        return;
    }
    s->lockless = s->prop.lockless;
    s->variant = variant;
    s->cap = variant->cap | MY_RNG_CAP_MODES;
    s->generator = gen->id;
    s->stream_depth = STREAM_DEPTH;
    s->priv = g_malloc0(variant->state_size);
    make_mmio(s);
    if (variant->realize && !variant->realize(s, errp)) {
        return;
    }
    replace_string(&s->prop.variant, variant->name);
    replace_string(&s->prop.generator, gen->name);
    s->id = device_id(pdev);
    let_events_log();
    my_rng_times_init(&s->times);
    my_rng_stream_init(&s->stream, gen, s->stream_depth, &s->times);
    my_rng_stream_seed(&s->stream, SEED_AT_RESET);
    set_mode(s, s->mode);
    pci_register_bar(pdev, MY_RNG_BAR_MMIO, PCI_BASE_ADDRESS_SPACE_MEMORY,
                     &s->mmio);
}

static MY_RNG_PROPERTY_LIST my_rng_properties[] = {
    DEFINE_PROP_STRING("variant", MyRngState, prop.variant),
    DEFINE_PROP_STRING("generator", MyRngState, prop.generator),
    DEFINE_PROP_UINT32("fifo-depth", MyRngState, prop.fifo_depth,
                       FIFO_DEPTH_DEFAULT),
    DEFINE_PROP_SIZE32("window-size", MyRngState, prop.window_size,
                       WINDOW_SIZE_DEFAULT),
    DEFINE_PROP_UINT32("ring-poll-ns", MyRngState, prop.ring_poll_ns,
                       RING_POLL_NS_DEFAULT),
    DEFINE_PROP_UINT32("queue-poll-ns", MyRngState, prop.queue_poll_ns, 0),
    DEFINE_PROP_LINK("iothread", MyRngState, prop.iothread, TYPE_IOTHREAD,
                     IOThread *),
    DEFINE_PROP_BOOL("lockless", MyRngState, prop.lockless, false),
    MY_RNG_PROPERTY_END
};

/* Read-only properties: the counters, by MY_RNG_STAT_* */
static const struct {
    const char *name;
    const char *description;
} stat_properties[MY_RNG_STAT_COUNT] = {
    [MY_RNG_STAT_MMIO_READS] = { "stat-mmio-reads", "data-path MMIO reads" },
    [MY_RNG_STAT_MMIO_WRITES] = { "stat-mmio-writes", "data-path MMIO writes" },
    [MY_RNG_STAT_PIO_READS] = { "stat-pio-reads", "port reads" },
    [MY_RNG_STAT_PIO_WRITES] = { "stat-pio-writes", "port writes" },
    [MY_RNG_STAT_DMAS] = { "stat-dmas", "DMA requests that moved data" },
    [MY_RNG_STAT_DMA_BYTES] = { "stat-dma-bytes", "bytes written by DMA" },
    [MY_RNG_STAT_IRQS] = { "stat-irqs", "interrupts sent" },
    [MY_RNG_STAT_ADMIN] = { "stat-admin", "administrative accesses" },
    [MY_RNG_STAT_WORDS] = { "stat-words", "stream words handed out" },
    [MY_RNG_STAT_ERRORS] = { "stat-errors", "guest errors" },
    [MY_RNG_STAT_KICKS] = { "stat-kicks", "doorbells of ring and queue" },
};

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

    if (!visit_type_bool(v, name, &on, errp)) {
        return;
    }
    own_lock(s);
    s->reset_mode = on ? s->reset_mode | bit : s->reset_mode & ~bit;
    set_mode(s, on ? s->mode | bit : s->mode & ~bit);
    own_unlock(s);
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

    if (!visit_type_uint32(v, name, &ns, errp)) {
        return;
    }
    if (ns > MY_RNG_WASTE_NS_MAX) {
        error_setg(errp, "%s=%" PRIu32 ": must be 0 to %u", name, ns,
                   MY_RNG_WASTE_NS_MAX);
        return;
    }
    own_lock(s);
    s->waste_ns = ns;
    set_mode(s, s->mode);
    own_unlock(s);
}

static void get_stat(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    MyRngState *s = MY_RNG(obj);

    if (s->variant && s->variant->sync) {
        s->variant->sync(s);
    }
    visit_type_uint64(v, name, &s->stats[(uintptr_t)opaque], errp);
}

static void get_unlocked(Object *obj, Visitor *v, const char *name,
                         void *opaque, Error **errp)
{
    visit_type_uint64(v, name, &MY_RNG(obj)->unlocked, errp);
}

static void get_mark(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    visit_type_uint32(v, name, &MY_RNG(obj)->mark, errp);
}

static void add_properties(ObjectClass *class)
{
    g_autofree char *variants = variant_names();
    g_autofree char *generators = generator_names();
    g_autofree char *variants_help =
        g_strdup_printf("data path, the first is the default: %s", variants);
    g_autofree char *generators_help =
        g_strdup_printf("the first is the default: %s", generators);
    uintptr_t i;

    device_class_set_props(DEVICE_CLASS(class), my_rng_properties);
    object_class_property_set_description(class, "variant", variants_help);
    object_class_property_set_description(class, "generator", generators_help);
    object_class_property_set_description(class, "fifo-depth",
                                          "FIFO capacity in 32-bit words");
    object_class_property_set_description(class, "window-size",
                                          "size of the RAM window in bytes");
    object_class_property_set_description(
        class, "ring-poll-ns", "how long the ring's thread looks for space");
    object_class_property_set_description(
        class, "queue-poll-ns",
        "how long the DMA queue's thread looks for requests");
    object_class_property_set_description(
        class, "iothread",
        "fills the ring or serves the queue; without it, a thread of its own");
    object_class_property_set_description(
        class, "lockless",
        MY_RNG_CAN_LOCKLESS
            ? "words are read without the big lock, where the accelerator "
              "lets them"
            : "not in this version of QEMU");
    object_class_property_add(class, "stat-unlocked", "uint64", get_unlocked,
                              NULL, NULL, NULL);
    object_class_property_set_description(
        class, "stat-unlocked", "reads of words without the big lock");
    for (i = 0; i < MY_RNG_STAT_COUNT; i++) {
        object_class_property_add(class, stat_properties[i].name, "uint64",
                                  get_stat, NULL, NULL, (void *)i);
        object_class_property_set_description(class, stat_properties[i].name,
                                              stat_properties[i].description);
    }
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
    object_class_property_add(class, "mark", "uint32", get_mark, NULL, NULL,
                              NULL);
    object_class_property_set_description(class, "mark", "the MARK register");
}

static void my_rng_class_init(ObjectClass *class, MyRngClassData *data)
{
    DeviceClass *dc = DEVICE_CLASS(class);
    PCIDeviceClass *pc = PCI_DEVICE_CLASS(class);

    pc->realize = my_rng_realize;
    pc->exit = my_rng_exit;
    pc->config_write = my_rng_config_write;
    pc->vendor_id = MY_RNG_PCI_VENDOR_ID;
    pc->device_id = MY_RNG_PCI_DEVICE_ID;
    pc->revision = MY_RNG_PCI_REVISION;
    pc->class_id = PCI_CLASS_OTHERS;
    dc->desc = "random number generator to measure data paths with";
    add_subsections();
    dc->vmsd = &vmstate_my_rng;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    my_rng_set_reset(dc, my_rng_reset);
    add_properties(class);
}

static InterfaceInfo my_rng_interfaces[] = {
    { INTERFACE_CONVENTIONAL_PCI_DEVICE },
    {},
};

static const TypeInfo my_rng_types[] = {
    {
        .name = TYPE_MY_RNG,
        .parent = TYPE_PCI_DEVICE,
        .instance_size = sizeof(MyRngState),
        .instance_finalize = my_rng_finalize,
        .class_init = my_rng_class_init,
        .interfaces = my_rng_interfaces,
    },
};

DEFINE_TYPES(my_rng_types)
