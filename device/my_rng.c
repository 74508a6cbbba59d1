// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * my_rng: a PCI random number generator whose only purpose is to be measured.
 * This file is the part common to all variants: PCI and QOM, reset, migration.
 * regs.c has the registers, props.c the properties, instruments.c what looks at
 * the device.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/log.h"
#include "qemu/log-for-trace.h"
#include "qemu/module.h"
#include "qapi/error.h"
#include "migration/qemu-file-types.h"
#include "migration/vmstate.h"

#include "instruments.h"
#include "props.h"
#include "regs.h"
#include "trace/trace-my_rng.h"

/* glibc's rand() without srand() */
#define SEED_AT_RESET 1

/* Words ahead of a variant that does not care */
#define STREAM_DEPTH 256

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

void my_rng_own_lock(MyRngState *s)
{
    if (s->lockless) {
        qemu_mutex_lock(&s->lock);
    }
}

void my_rng_own_unlock(MyRngState *s)
{
    if (s->lockless) {
        qemu_mutex_unlock(&s->lock);
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
    my_rng_own_lock(s);
    /* First, as it stops the thread, which uses the stream */
    if (s->variant->reset) {
        s->variant->reset(s);
    }
    my_rng_stream_seed(&s->stream, SEED_AT_RESET);
    memset(s->stats, 0, sizeof(s->stats));
    s->mark = 0;
    s->unlocked = 0;
    my_rng_instruments_reset(s);
    my_rng_own_unlock(s);
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
    if (s->saved_mode & ~(s->instrumented ? MY_RNG_MODE_ALL : 0)) {
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
    my_rng_set_mode(s, s->saved_mode);
    return 0;
}

static VMStateField my_rng_fields[] = {
    VMSTATE_SAME("variant=", variant_cap),
    VMSTATE_SAME("instrumented=", cap),
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
    const MyRngVariant *variant = my_rng_find_variant(s->prop.variant, errp);
    const MyRngGen *gen =
        variant ? my_rng_find_generator(s->prop.generator, errp) : NULL;

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
    if (!check_generator(gen, errp) || !check_replay(variant, gen, errp) ||
        !my_rng_instruments_check(s, errp)) {
        return;
    }
    s->lockless = s->prop.lockless;
    s->variant = variant;
    s->variant_cap = variant->cap;
    s->cap = variant->cap | (s->instrumented ? MY_RNG_CAP_MODES : 0);
    s->generator = gen->id;
    s->stream_depth = STREAM_DEPTH;
    s->priv = g_malloc0(variant->state_size);
    my_rng_make_mmio(s);
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
    my_rng_set_mode(s, s->mode);
    pci_register_bar(pdev, MY_RNG_BAR_MMIO, PCI_BASE_ADDRESS_SPACE_MEMORY,
                     &s->mmio);
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
    my_rng_add_properties(class);
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
