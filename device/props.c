// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Properties of the device: what a user asks for, by names that are looked up in
 * the generated lists, and what can be read of it. Those of the instruments are
 * in their own file.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "qapi/error.h"
#include "qapi/visitor.h"

#include "instruments.h"
#include "props.h"

#define FIFO_DEPTH_DEFAULT  16384
#define WINDOW_SIZE_DEFAULT (64 * KiB)

/* About what it takes to put a thread to sleep and to wake it up again */
#define RING_POLL_NS_DEFAULT 50000

/* Lists of what begins with its name: MyRngVariant and MyRngGen */
typedef const char *const *const *NamedList;

QEMU_BUILD_BUG_ON(offsetof(MyRngVariant, name) != 0);
QEMU_BUILD_BUG_ON(offsetof(MyRngGen, name) != 0);

#define VARIANTS   ((NamedList)my_rng_variants)
#define GENERATORS ((NamedList)my_rng_gens)

static char *names_of(NamedList list)
{
    GString *names = g_string_new(NULL);

    for (; *list; list++) {
        g_string_append_printf(names, names->len ? ", %s" : "%s", **list);
    }
    return g_string_free(names, false);
}

/* The first one if @name is NULL */
static const void *find(NamedList list, const char *name)
{
    while (name && *list && strcmp(**list, name)) {
        list++;
    }
    return *list;
}

const MyRngVariant *my_rng_find_variant(const char *name, Error **errp)
{
    const MyRngVariant *variant = find(VARIANTS, name);
    g_autofree char *names = NULL;

    if (!variant) {
        names = names_of(VARIANTS);
        error_setg(errp, "variant '%s' is not in this build; it has: %s", name,
                   names);
    }
    return variant;
}

const MyRngGen *my_rng_find_generator(const char *name, Error **errp)
{
    const MyRngGen *gen = find(GENERATORS, name);
    g_autofree char *names = NULL;

    if (!gen) {
        names = names_of(GENERATORS);
        error_setg(errp, "no generator '%s'; there are: %s", name, names);
    }
    return gen;
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
    DEFINE_PROP_BOOL("instrumented", MyRngState, instrumented, true),
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

void my_rng_add_properties(ObjectClass *class)
{
    g_autofree char *variants = names_of(VARIANTS);
    g_autofree char *generators = names_of(GENERATORS);
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
    object_class_property_set_description(
        class, "instrumented",
        "the device has MODE, PRICE and TIME, and can waste time");
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
    my_rng_instruments_properties(class);
    object_class_property_add(class, "mark", "uint32", get_mark, NULL, NULL,
                              NULL);
    object_class_property_set_description(class, "mark", "the MARK register");
}
