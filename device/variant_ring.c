// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Variant "ring": a ring in guest memory that a thread of the device's keeps full
 * while the guest takes bytes out of the other end. SPEC.md, "The ring", has the
 * rules of the shared header.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"
#include "qemu/units.h"
#include "migration/vmstate.h"

#include "worker.h"
#include "trace/trace-my_rng.h"

/* Bytes written between two looks at everything else: some tens of us */
#define STEP (64 * KiB)

/* The header as it lies in guest memory; see my_rng_regs.h */
typedef struct RingHeader {
    uint64_t prod;
    uint64_t kick_at;
    uint8_t pad[MY_RNG_RING_CONS - MY_RNG_RING_KICK_AT - 8];
    uint64_t cons;
    uint64_t irq_at;
    uint8_t end[MY_RNG_RING_HDR_SIZE - MY_RNG_RING_IRQ_AT - 8];
} RingHeader;

QEMU_BUILD_BUG_ON(offsetof(RingHeader, prod) != MY_RNG_RING_PROD);
QEMU_BUILD_BUG_ON(offsetof(RingHeader, kick_at) != MY_RNG_RING_KICK_AT);
QEMU_BUILD_BUG_ON(offsetof(RingHeader, cons) != MY_RNG_RING_CONS);
QEMU_BUILD_BUG_ON(offsetof(RingHeader, irq_at) != MY_RNG_RING_IRQ_AT);
QEMU_BUILD_BUG_ON(sizeof(RingHeader) != MY_RNG_RING_HDR_SIZE);

/**
 * struct RingDesc - a piece of the ring
 * @addr: on the bus
 * @len: bytes
 */
typedef struct RingDesc {
    uint64_t addr;
    uint32_t len;
} RingDesc;

/**
 * struct RingState - the variant's private state
 * @w: the thread that fills the ring; its lock protects the rest
 * @hdr: RING_HDR
 * @table: RING_DESC
 * @count: RING_COUNT
 * @prod: bytes produced
 * @cons: bytes consumed, as last seen; @prod - @size <= @cons <= @prod
 * @size: of the ring in bytes, a power of two
 * @pieces: entries of @desc in use
 * @piece: where @prod lies: the entry of @desc
 * @offset: and the byte in it
 * @desc: the table as it was when the ring was switched on
 */
typedef struct RingState {
    MyRngWorker w;
    uint64_t hdr;
    uint64_t table;
    uint32_t count;
    uint64_t prod;
    uint64_t cons;
    uint32_t size;
    uint32_t pieces;
    uint32_t piece;
    uint32_t offset;
    RingDesc desc[MY_RNG_RING_COUNT_MAX];
} RingState;

static RingState *ring_of(MyRngWorker *w)
{
    return container_of(w, RingState, w);
}

/* What a piece must be beside RAM, and a table beside its pieces */
static bool is_piece(const RingDesc *desc)
{
    return desc->len && desc->len % 4 == 0;
}

static bool is_size(uint64_t size)
{
    return size >= MY_RNG_RING_SIZE_MIN && size <= MY_RNG_RING_SIZE_LIMIT &&
           is_power_of_2(size);
}

static bool is_position(const RingState *r)
{
    return r->cons <= r->prod && r->prod - r->cons <= r->size &&
           r->prod % 4 == 0;
}

/* Takes the table over; it and all it points to must be as SPEC.md says */
static uint32_t read_table(RingState *r)
{
    g_autofree uint8_t *raw = NULL;
    uint32_t size = r->count * MY_RNG_RING_DESC_SIZE;
    uint64_t sum = 0;
    uint32_t i;

    if (!r->count || r->count > MY_RNG_RING_COUNT_MAX) {
        return MY_RNG_RING_ERR_SIZE;
    }
    raw = g_malloc(size);
    if (r->table % MY_RNG_RING_DESC_SIZE ||
        !my_rng_ram_read(r->w.s, r->table, raw, size)) {
        return MY_RNG_RING_ERR_ADDR;
    }
    for (i = 0; i < r->count; i++) {
        const uint8_t *from = raw + i * MY_RNG_RING_DESC_SIZE;
        RingDesc *desc = &r->desc[i];

        desc->addr = ldq_le_p(from + MY_RNG_RING_DESC_ADDR);
        desc->len = ldl_le_p(from + MY_RNG_RING_DESC_LEN);
        sum += desc->len;
        if (!is_piece(desc) || ldl_le_p(from + MY_RNG_RING_DESC_ZERO) ||
            sum > MY_RNG_RING_SIZE_LIMIT) {
            return MY_RNG_RING_ERR_SIZE;
        }
        if (desc->addr % 4 ||
            !my_rng_ram_read(r->w.s, desc->addr, NULL, desc->len)) {
            return MY_RNG_RING_ERR_ADDR;
        }
    }
    r->pieces = r->count;
    r->size = sum;
    return is_size(sum) ? MY_RNG_RING_ERR_NONE : MY_RNG_RING_ERR_SIZE;
}

/* Find where the next byte belongs */
static void locate(RingState *r)
{
    uint32_t at = r->prod & (r->size - 1);

    for (r->piece = 0; at >= r->desc[r->piece].len; r->piece++) {
        at -= r->desc[r->piece].len;
    }
    r->offset = at;
}

/* Where guest and device are, the guest says; a fresh header is zero */
static uint32_t ring_start(MyRngWorker *w)
{
    RingState *r = ring_of(w);
    RingHeader *header = w->header;
    uint32_t error = read_table(r);

    if (error) {
        return error;
    }
    r->prod = le64_to_cpu(qatomic_read(&header->prod));
    r->cons = le64_to_cpu(qatomic_read(&header->cons));
    if (!is_position(r)) {
        return MY_RNG_RING_ERR_INDEX;
    }
    locate(r);
    trace_my_rng_ring_start(w->s->id, r->prod, r->cons, r->size);
    return MY_RNG_RING_ERR_NONE;
}

static void ring_stopped(MyRngWorker *w)
{
    RingState *r = ring_of(w);

    trace_my_rng_ring_stop(w->s->id, r->prod, r->cons, w->error);
}

/* Acquire: our writes into the space come after the guest's reads from it */
static uint32_t ring_look(MyRngWorker *w)
{
    RingState *r = ring_of(w);
    RingHeader *header = w->header;
    uint64_t cons = le64_to_cpu(qatomic_load_acquire(&header->cons));

    if (cons < r->cons || cons > r->prod) {
        return MY_RNG_RING_ERR_INDEX;
    }
    r->cons = cons;
    return MY_RNG_RING_ERR_NONE;
}

/* Whole words */
static uint32_t space(const RingState *r)
{
    return (r->size - (r->prod - r->cons)) & ~3u;
}

/* Less space than this is not worth a step */
static bool ring_has_work(const MyRngWorker *w)
{
    const RingState *r = container_of(w, RingState, w);

    return space(r) >= MIN(STEP, r->size / 4);
}

/* The next bytes of the stream to the next bytes of the ring; how many, or 0 */
static uint32_t fill_piece(RingState *r)
{
    const RingDesc *desc = &r->desc[r->piece];
    dma_addr_t len = MIN(MIN(space(r), STEP), desc->len - r->offset);
    MyRngState *s = r->w.s;
    MyRngTail tail = {};
    int64_t begin;
    void *host;

    if (my_rng_is_constant(s)) {
        return len;
    }
    begin = my_rng_times_begin(&s->times);
    host = my_rng_ram_map(s, desc->addr + r->offset, &len);
    my_rng_times_end(&s->times, MY_RNG_TIME_MEMORY, begin);
    if (!host) {
        return 0;
    }
    my_rng_stream_bytes(&s->stream, host, ROUND_DOWN(len, 4), &tail);
    begin = my_rng_times_begin(&s->times);
    my_rng_ram_unmap(s, host, len, true);
    my_rng_times_end(&s->times, MY_RNG_TIME_MEMORY, begin);
    len = ROUND_DOWN(len, 4);
    s->stats[MY_RNG_STAT_DMA_BYTES] += len;
    s->stats[MY_RNG_STAT_WORDS] += len / sizeof(uint32_t);
    return len;
}

static uint32_t ring_do_one(MyRngWorker *w)
{
    RingState *r = ring_of(w);
    RingHeader *header = w->header;
    uint64_t before = r->prod;
    uint32_t len = fill_piece(r);
    uint64_t irq_at;

    if (!len) {
        return MY_RNG_RING_ERR_ADDR;
    }
    r->prod += len;
    r->offset += len;
    if (r->offset == r->desc[r->piece].len) {
        r->piece = (r->piece + 1) % r->pieces;
        r->offset = 0;
    }
    /* Release: the bytes are there before they are announced */
    qatomic_store_release(&header->prod, cpu_to_le64(r->prod));
    /* Pairs with the guest's barrier between irq_at and its last look at prod */
    smp_mb();
    irq_at = le64_to_cpu(qatomic_read(&header->irq_at));
    if (before < irq_at && irq_at <= r->prod) {
        my_rng_worker_raise(w);
    }
    return MY_RNG_RING_ERR_NONE;
}

/*
 * A doorbell when three quarters are free: none is rung for more often than once
 * in almost three quarters of the ring.
 */
static uint64_t kick_point(const RingState *r)
{
    return r->prod - r->size / 4;
}

static void ring_ask(MyRngWorker *w)
{
    RingState *r = ring_of(w);
    RingHeader *header = w->header;

    trace_my_rng_ring_sleep(w->s->id, r->prod, kick_point(r));
    qatomic_set(&header->kick_at, cpu_to_le64(kick_point(r)));
}

static bool ring_is_passed(const MyRngWorker *w)
{
    const RingState *r = container_of(w, RingState, w);

    return r->cons >= kick_point(r);
}

static const char *const ring_errors[] = {
    [MY_RNG_RING_ERR_NONE] = "none",
    [MY_RNG_RING_ERR_SIZE] = "bad count, length or size",
    [MY_RNG_RING_ERR_ADDR] = "address is not aligned, writable RAM",
    [MY_RNG_RING_ERR_MASTER] = "bus mastering is off",
    [MY_RNG_RING_ERR_INDEX] = "CONS is not between its last value and PROD",
};

static const MyRngWorkerOps ring_work = {
    .what = "ring",
    .errors = ring_errors,
    .nerrors = ARRAY_SIZE(ring_errors),
    .align = 64,
    .doorbell = MY_RNG_REG_RING_DOORBELL,
    .poll_property = "ring-poll-ns",
    .start = ring_start,
    .stopped = ring_stopped,
    .look = ring_look,
    .has_work = ring_has_work,
    .do_one = ring_do_one,
    .ask = ring_ask,
    .is_passed = ring_is_passed,
};

/* Registers */

static const MyRngCell ring_cells[MY_RNG_CELLS] = {
    MY_RNG_CELL_PAIR(RING_HDR, RW, RingState, hdr),
    MY_RNG_CELL_PAIR(RING_DESC, RW, RingState, table),
    MY_RNG_CELL(RING_COUNT, RW, RingState, count),
    MY_RNG_CELL(RING_ERROR, R, RingState, w.error),
    MY_RNG_CELL_PAIR(RING_PROD, R, RingState, prod),
};

static bool ring_read(MyRngState *s, hwaddr reg, uint32_t *value)
{
    RingState *r = s->priv;

    switch (reg) {
    case MY_RNG_REG_RING_CTRL:
    case MY_RNG_REG_RING_DOORBELL:
        *value = 0;
        return true;
    case MY_RNG_REG_RING_STATUS:
        *value = r->w.on      ? MY_RNG_RING_ST_ON
                 : r->w.error ? MY_RNG_RING_ST_ERROR
                              : MY_RNG_RING_ST_OFF;
        return true;
    case MY_RNG_REG_RING_SIZE_MAX:
        *value = MY_RNG_RING_SIZE_LIMIT;
        return true;
    }
    return false;
}

static void ring_ctrl(RingState *r, uint32_t value)
{
    if (value == MY_RNG_RING_CTRL_OFF) {
        my_rng_worker_switch_off(&r->w);
    } else if (value == MY_RNG_RING_CTRL_ON && !r->w.on && r->w.attached) {
        my_rng_worker_switch_on(&r->w, r->hdr);
    } else {
        my_rng_guest_error(r->w.s, "RING_CTRL 0x%x: %s", value,
                           r->w.on ? "the ring is on" : "unknown");
    }
}

static bool ring_write(MyRngState *s, hwaddr reg, uint32_t value)
{
    RingState *r = s->priv;

    switch (reg) {
    case MY_RNG_REG_RING_CTRL:
        ring_ctrl(r, value);
        return true;
    case MY_RNG_REG_RING_DOORBELL:
        /* Half of an 8-byte write: one of 4 goes to the eventfd at once */
        my_rng_worker_ring(&r->w);
        return true;
    }
    return false;
}

static void ring_reset(MyRngState *s)
{
    RingState *r = s->priv;

    my_rng_worker_reset(&r->w);
    r->hdr = r->table = r->prod = r->cons = 0;
    r->count = r->size = r->pieces = 0;
}

static bool ring_realize(MyRngState *s, Error **errp)
{
    return my_rng_worker_realize(s, &ring_work, s->prop.ring_poll_ns, errp);
}

/* Migration */

static bool ring_pieces_fit(void *opaque, int version_id)
{
    RingState *r = opaque;

    return r->pieces <= MY_RNG_RING_COUNT_MAX;
}

static const char *find_wrong(const RingState *r)
{
    uint64_t sum = 0;
    uint32_t i;

    if (!r->w.on) {
        return NULL;
    }
    for (i = 0; i < r->pieces; i++) {
        const RingDesc *desc = &r->desc[i];

        if (!is_piece(desc)) {
            return "length of a piece";
        }
        if (desc->addr % 4 || my_rng_ram_wraps(desc->addr, desc->len)) {
            return "address of a piece";
        }
        sum += desc->len;
    }
    if (sum != r->size || !is_size(sum)) {
        return "size";
    }
    return is_position(r) ? NULL : "PROD and CONS";
}

static int ring_post_load(void *opaque, int version_id)
{
    RingState *r = opaque;
    const char *wrong = find_wrong(r);

    if (!wrong && r->w.on) {
        locate(r);
    }
    return my_rng_worker_loaded(&r->w, wrong);
}

static VMStateField ring_desc_fields[] = {
    VMSTATE_UINT64(addr, RingDesc),
    VMSTATE_UINT32(len, RingDesc),
    VMSTATE_END_OF_LIST(),
};

static const VMStateDescription vmstate_ring_desc = {
    .name = "my_rng/ring/desc",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = ring_desc_fields,
};

static VMStateField ring_fields[] = {
    VMSTATE_STRUCT(w, RingState, 1, vmstate_my_rng_worker, MyRngWorker),
    VMSTATE_UINT64(hdr, RingState),
    VMSTATE_UINT64(table, RingState),
    VMSTATE_UINT32(count, RingState),
    VMSTATE_UINT64(prod, RingState),
    VMSTATE_UINT64(cons, RingState),
    VMSTATE_UINT32(size, RingState),
    VMSTATE_UINT32(pieces, RingState),
    VMSTATE_VALIDATE("pieces fit", ring_pieces_fit),
    VMSTATE_STRUCT_VARRAY_UINT32(desc, RingState, pieces, 1, vmstate_ring_desc,
                                 RingDesc),
    VMSTATE_END_OF_LIST(),
};

static const VMStateDescription vmstate_ring_state = {
    .name = "my_rng/ring/state",
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = ring_post_load,
    .fields = ring_fields,
};

MY_RNG_SUBSECTION(ring, vmstate_ring_state);

const MyRngVariant my_rng_variant_ring = {
    .name = "ring",
    .cap = MY_RNG_CAP_RNG32 | MY_RNG_CAP_RING | MY_RNG_CAP_MSI,
    .state_size = sizeof(RingState),
    .vmsd = &vmstate_ring,
    .cells = ring_cells,
    .realize = ring_realize,
    .exit = my_rng_worker_exit,
    .reset = ring_reset,
    .read = ring_read,
    .write = ring_write,
    .lock = my_rng_worker_lock,
    .unlock = my_rng_worker_unlock,
    .config = my_rng_worker_config,
    .sync = my_rng_worker_sync,
    .finalize = my_rng_worker_finalize,
};
