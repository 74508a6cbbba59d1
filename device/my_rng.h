/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * my_rng inside QEMU: the device's state, and the ops table by which a data-path
 * variant plugs into it.
 */
#ifndef MY_RNG_H
#define MY_RNG_H

#include "migration/vmstate.h"

#include "compat.h"
#include "my_rng_regs.h"
#include "stream.h"

/*
 * Bits of MyRngState::mode that no guest sees. They lie there because a mode is
 * what keeps the hot path of a read away from all but plain reads.
 *
 * SHARED: a thread of the variant's shares the stream, so accesses take the
 * variant's lock. WASTE: accesses of the data path waste MyRngState::waste_ns.
 */
#define MY_RNG_MODE_SHARED 0x80000000
#define MY_RNG_MODE_WASTE  0x40000000

/* Property "waste-ns": QEMU's big lock is held as long */
#define MY_RNG_WASTE_NS_MAX 1000000

#define TYPE_MY_RNG "my_rng"
OBJECT_DECLARE_SIMPLE_TYPE(MyRngState, MY_RNG)

/**
 * struct MyRngCell - a 4-byte register that is a plain word of the private state
 * @at: offset of the word
 * @access: MY_RNG_CELL_R or MY_RNG_CELL_RW; 0: there is no such register
 */
typedef struct MyRngCell {
    uint16_t at;
    uint8_t access;
} MyRngCell;

#define MY_RNG_CELL_R  1
#define MY_RNG_CELL_RW 3

/* Registers below 4 times this may be cells; a table is indexed by offset / 4 */
#define MY_RNG_CELLS 64

/* A register MY_RNG_REG_@reg; a pair of them, _LO and _HI, for 64 bits */
#define MY_RNG_CELL(reg, rw, type, field)                                      \
    [MY_RNG_REG_##reg / 4] = { offsetof(type, field), MY_RNG_CELL_##rw }
#define MY_RNG_CELL_PAIR(reg, rw, type, field)                                 \
    [MY_RNG_REG_##reg##_LO /                                                   \
        4] = { offsetof(type, field) + 4 * HOST_BIG_ENDIAN,                    \
               MY_RNG_CELL_##rw },                                             \
        [MY_RNG_REG_##reg##_LO / 4 + 1] = {                                    \
            offsetof(type, field) + 4 * !HOST_BIG_ENDIAN, MY_RNG_CELL_##rw     \
        }

/**
 * typedef MyRngVariant - one way to offer the stream to a guest
 * @name: value of the device property "variant"
 * @cap: MY_RNG_CAP_* of the device
 * @state_size: bytes of private state at MyRngState::priv, zeroed at start
 * @vmsd: migrates the private state, see MY_RNG_SUBSECTION(); NULL if there is none
 * @cells: MY_RNG_CELLS registers, those that neither @read nor @write knows; or NULL
 * @realize: optional; adds BARs and capabilities, checks properties, may set
 *           the stream's depth; false with @errp set on error
 * @exit: optional; undoes @realize
 * @reset: optional; private state and registers at power-on
 * @read: optional; reads the 4-byte data-path register at @reg. False if there
 *        is none: the caller reports it. RNG and SEED never come here
 * @read64: optional; reads an 8-byte register in one go. False if there is none
 *          at @reg: the access is then split into two of 4 bytes
 * @write: optional; writes a 4-byte register, as @read
 * @lock: optional; keeps the variant's own thread from the stream and from the
 *        private state. Held in @read, @read64 and @write while shared, see
 *        my_rng_share()
 * @unlock: the reverse; set if and only if @lock is
 * @config: optional; the configuration space was written. Called with the lock,
 *          which is held from before the write on
 * @sync: optional; brings the counters up to date before they are read
 * @finalize: optional; frees what accesses in flight after @exit may still use
 *
 * All called with the big lock held, but @read64 and @read of a register that gives
 * words when the property "lockless" is on: then with the device's own.
 */
typedef struct MyRngVariant {
    const char *name;
    uint32_t cap;
    size_t state_size;
    const VMStateDescription *vmsd;
    const MyRngCell *cells;
    bool (*realize)(MyRngState *s, Error **errp);
    void (*exit)(MyRngState *s);
    void (*reset)(MyRngState *s);
    bool (*read)(MyRngState *s, hwaddr reg, uint32_t *value);
    bool (*read64)(MyRngState *s, hwaddr reg, uint64_t *value);
    bool (*write)(MyRngState *s, hwaddr reg, uint32_t value);
    void (*lock)(MyRngState *s);
    void (*unlock)(MyRngState *s);
    void (*config)(MyRngState *s);
    void (*sync)(MyRngState *s);
    void (*finalize)(MyRngState *s);
} MyRngVariant;

/* Those in this build, NULL-terminated, the default first; generated */
extern const MyRngVariant *const my_rng_variants[];

/**
 * struct MyRngState - one device
 * @parent_obj: as QOM wants it
 * @mmio: BAR0
 * @variant: how it offers its stream
 * @priv: the variant's own state
 * @priv_loaded: it came in by the migration
 * @stream: its words
 * @stats: counters by MY_RNG_STAT_*
 * @lockless: words are read without the big lock; @lock guards the stream, @stats
 *            and @times then
 * @lock: the device's own, taken after the big lock
 * @unlocked: words read without the big lock, in accesses
 * @times: where the device's time goes
 * @mark: the MARK register, for host-side traces only
 * @mode: the MODE register, MY_RNG_MODE_*, and MY_RNG_MODE_SHARED and _WASTE
 * @saved_mode: the MODE register as it migrates
 * @shared: MODE_SHARED, which a mode out of a register does not have
 * @waste_ns: what an access of the data path wastes; not 0: MODE_WASTE. A matter
 *            of this host: neither reset nor migrated
 * @reset_mode: what a reset sets it to, from the properties
 * @cap: the CAP register
 * @variant_cap: what of it is the variant's
 * @instrumented: there are the registers MODE, PRICE and TIME
 * @generator: the GENERATOR register
 * @id: names the device in traces and messages
 * @stream_depth: words the stream holds ahead, set before it is made
 * @prop: what the user asked for
 */
struct MyRngState {
    PCIDevice parent_obj;

    MemoryRegion mmio;
    const MyRngVariant *variant;
    void *priv;
    bool priv_loaded;
    MyRngStream stream;
    uint64_t stats[MY_RNG_STAT_COUNT];
    bool lockless;
    QemuMutex lock;
    uint64_t unlocked;
    MyRngTimes times;
    uint32_t mark;
    uint32_t mode;
    uint32_t saved_mode;
    bool shared;
    uint32_t waste_ns;
    uint32_t reset_mode;
    uint32_t cap;
    uint32_t variant_cap;
    bool instrumented;
    uint32_t generator;
    char *id;
    uint32_t stream_depth;
    struct {
        char *variant;
        char *generator;
        uint32_t fifo_depth;
        uint32_t window_size;
        uint32_t ring_poll_ns;
        uint32_t queue_poll_ns;
        IOThread *iothread;
        bool lockless;
    } prop;
};

/**
 * MY_RNG_SUBSECTION() - define vmstate_NAME, which migrates a private state
 * @name_: NAME of the variant
 * @inner: describes its private state
 *
 * A subsection of the device's own section: what must agree is compared before it
 * is loaded. That it was there is noted, as QEMU lets a subsection be missing.
 */
#define MY_RNG_SUBSECTION(name_, inner)                                        \
    extern const MyRngVariant my_rng_variant_##name_;                          \
    static bool name_##_is_needed(void *opaque)                                \
    {                                                                          \
        return MY_RNG(opaque)->variant == &my_rng_variant_##name_;             \
    }                                                                          \
    static int name_##_is_loaded(void *opaque, int version_id)                 \
    {                                                                          \
        MY_RNG(opaque)->priv_loaded = true;                                    \
        return 0;                                                              \
    }                                                                          \
    static VMStateField name_##_outer_fields[] = {                             \
        VMSTATE_STRUCT_POINTER(priv, MyRngState, inner, void),                 \
        VMSTATE_END_OF_LIST(),                                                 \
    };                                                                         \
    static const VMStateDescription vmstate_##name_ = {                        \
        .name = TYPE_MY_RNG "/" #name_,                                        \
        .version_id = 1,                                                       \
        .minimum_version_id = 1,                                               \
        .needed = name_##_is_needed,                                           \
        .post_load = name_##_is_loaded,                                        \
        .fields = name_##_outer_fields,                                        \
    }

/**
 * my_rng_share() - whether accesses take the variant's lock
 * @s: device
 * @shared: its thread may use the stream from now on, or no more
 *
 * An access under way goes by what held when it began.
 */
void my_rng_share(MyRngState *s, bool shared);

/* The lock of the device's own, if it is lockless; with the big lock */
void my_rng_own_lock(MyRngState *s);
void my_rng_own_unlock(MyRngState *s);

/** my_rng_next() - the next word for the guest, counted */
static inline uint32_t my_rng_next(MyRngState *s)
{
    s->stats[MY_RNG_STAT_WORDS]++;
    return my_rng_stream_pop(&s->stream);
}

/**
 * my_rng_guest_error() - count and log a mistake of the guest's driver
 * @s: device
 * @fmt: what it did, as for printf(), without newline
 */
void my_rng_guest_error(MyRngState *s, const char *fmt, ...)
    G_GNUC_PRINTF(2, 3);

/** my_rng_is_constant() - whether the stream must be left alone */
static inline bool my_rng_is_constant(const MyRngState *s)
{
    return unlikely(s->mode & MY_RNG_MODE_CONSTANT);
}

/** my_rng_sub_read() - the part of a 4-byte register that a read addresses */
static inline uint32_t my_rng_sub_read(uint32_t value, hwaddr addr,
                                       unsigned size)
{
    value >>= 8 * (addr & 3);
    return size < 4 ? value & ((1u << 8 * size) - 1) : value;
}

#endif /* MY_RNG_H */
