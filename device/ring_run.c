// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Filling the ring: what the device's thread does while the guest takes bytes
 * out of the other end. SPEC.md, "Ring", has the rules of the shared header.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/bswap.h"
#include "qemu/rcu.h"
#include "qemu/units.h"

#include "ring.h"
#include "trace/trace-my_rng.h"

/* Bytes written between two looks at everything else: some tens of us */
#define STEP (64 * KiB)

/* How long others of the event loop wait for us, in ns; at least one step */
#define TURN_NS 200000

/* How long the lock is kept while looking for space, in ns */
#define LOOK_NS 5000

void *my_rng_ring_map(RingState *r, uint64_t addr, dma_addr_t *len)
{
    AddressSpace *as = pci_get_address_space(PCI_DEVICE(r->w.s));
    ram_addr_t offset;
    void *host = dma_memory_map(as, addr, len, DMA_DIRECTION_FROM_DEVICE,
                                MEMTXATTRS_UNSPECIFIED);

    /* Where there is no RAM, QEMU lends a buffer: it goes back unused */
    if (host && (!*len || !memory_region_from_host(host, &offset))) {
        my_rng_ring_unmap(r, host, *len, false);
        host = NULL;
    }
    return host;
}

void my_rng_ring_unmap(RingState *r, void *host, dma_addr_t len, bool written)
{
    dma_memory_unmap(pci_get_address_space(PCI_DEVICE(r->w.s)), host, len,
                     DMA_DIRECTION_FROM_DEVICE, written ? len : 0);
}

RingHeader *my_rng_ring_map_header(RingState *r)
{
    dma_addr_t len = sizeof(RingHeader);
    void *host = my_rng_ring_map(r, r->hdr, &len);

    if (host && len != sizeof(RingHeader)) {
        my_rng_ring_unmap(r, host, len, false);
        host = NULL;
    }
    return host;
}

static void unmap_header(RingState *r, RingHeader *header, bool written)
{
    my_rng_ring_unmap(r, header, sizeof(*header), written);
}

/* The table out of guest memory, as bytes */
static bool copy_table(RingState *r, uint8_t *to)
{
    uint64_t addr = r->table;
    uint64_t left = (uint64_t)r->count * MY_RNG_RING_DESC_SIZE;

    while (left) {
        dma_addr_t len = left;
        void *host = my_rng_ring_map(r, addr, &len);

        if (!host) {
            return false;
        }
        memcpy(to, host, len);
        my_rng_ring_unmap(r, host, len, false);
        to += len;
        addr += len;
        left -= len;
    }
    return true;
}

static bool is_ram(RingState *r, const RingDesc *desc)
{
    uint64_t addr = desc->addr;
    uint64_t left = desc->len;

    if (addr + (left - 1) < addr) {
        return false;
    }
    while (left) {
        dma_addr_t len = left;
        void *host = my_rng_ring_map(r, addr, &len);

        if (!host) {
            return false;
        }
        my_rng_ring_unmap(r, host, len, false);
        addr += len;
        left -= len;
    }
    return true;
}

/* Takes the table over; it and all it points to must be as SPEC.md says */
static uint32_t read_table(RingState *r)
{
    g_autofree uint8_t *raw = NULL;
    uint64_t size = 0;
    uint32_t i;

    if (!r->count || r->count > MY_RNG_RING_COUNT_MAX) {
        return MY_RNG_RING_ERR_SIZE;
    }
    raw = g_malloc(r->count * MY_RNG_RING_DESC_SIZE);
    if (r->table % MY_RNG_RING_DESC_SIZE || !copy_table(r, raw)) {
        return MY_RNG_RING_ERR_ADDR;
    }
    for (i = 0; i < r->count; i++) {
        const uint8_t *from = raw + i * MY_RNG_RING_DESC_SIZE;
        RingDesc *desc = &r->desc[i];

        desc->addr = ldq_le_p(from + MY_RNG_RING_DESC_ADDR);
        desc->len = ldl_le_p(from + MY_RNG_RING_DESC_LEN);
        if (!desc->len || desc->len % 4 ||
            ldl_le_p(from + MY_RNG_RING_DESC_ZERO)) {
            return MY_RNG_RING_ERR_SIZE;
        }
        size += desc->len;
        if (size > MY_RNG_RING_SIZE_LIMIT) {
            return MY_RNG_RING_ERR_SIZE;
        }
        if (desc->addr % 4 || !is_ram(r, desc)) {
            return MY_RNG_RING_ERR_ADDR;
        }
    }
    if (size < MY_RNG_RING_SIZE_MIN || !is_power_of_2(size)) {
        return MY_RNG_RING_ERR_SIZE;
    }
    r->pieces = r->count;
    r->size = size;
    return MY_RNG_RING_ERR_NONE;
}

void my_rng_ring_locate(RingState *r)
{
    uint32_t at = r->prod & (r->size - 1);

    for (r->piece = 0; at >= r->desc[r->piece].len; r->piece++) {
        at -= r->desc[r->piece].len;
    }
    r->offset = at;
}

/* Where guest and device are, as the guest says; a fresh header is zero */
static uint32_t read_position(RingState *r)
{
    RingHeader *header = my_rng_ring_map_header(r);

    if (!header) {
        return MY_RNG_RING_ERR_ADDR;
    }
    r->prod = le64_to_cpu(qatomic_read(&header->prod));
    r->cons = le64_to_cpu(qatomic_read(&header->cons));
    unmap_header(r, header, false);
    if (r->cons > r->prod || r->prod - r->cons > r->size || r->prod % 4) {
        return MY_RNG_RING_ERR_INDEX;
    }
    return MY_RNG_RING_ERR_NONE;
}

uint32_t my_rng_ring_enable(RingState *r)
{
    uint32_t error;

    RCU_READ_LOCK_GUARD();
    if (!my_rng_worker_is_master(&r->w)) {
        return MY_RNG_RING_ERR_MASTER;
    }
    if (r->hdr % 64) {
        return MY_RNG_RING_ERR_ADDR;
    }
    error = read_table(r);
    if (!error) {
        error = read_position(r);
    }
    if (error) {
        return error;
    }
    my_rng_ring_locate(r);
    my_rng_worker_translate(&r->w);
    r->w.idle_since = 0;
    r->status = MY_RNG_RING_ST_ON;
    r->error = MY_RNG_RING_ERR_NONE;
    trace_my_rng_ring_start(r->w.s->id, r->prod, r->cons, r->size);
    qemu_bh_schedule(r->w.turn);
    return MY_RNG_RING_ERR_NONE;
}

void my_rng_ring_stop(RingState *r, uint32_t error)
{
    trace_my_rng_ring_stop(r->w.s->id, r->prod, r->cons, error);
    r->status = error ? MY_RNG_RING_ST_ERROR : MY_RNG_RING_ST_OFF;
    r->error = error;
    if (error) {
        /* Whoever sleeps must learn that nothing comes any more */
        r->unreported = error;
        r->irq = true;
        qemu_bh_schedule(r->w.report);
    }
}

/* Acquire: our writes into the space come after the guest's reads from it */
static bool read_cons(RingState *r, RingHeader *header)
{
    uint64_t cons = le64_to_cpu(qatomic_load_acquire(&header->cons));

    if (cons < r->cons || cons > r->prod) {
        my_rng_ring_stop(r, MY_RNG_RING_ERR_INDEX);
        return false;
    }
    r->cons = cons;
    return true;
}

/* Whole words */
static uint32_t space(const RingState *r)
{
    return (r->size - (r->prod - r->cons)) & ~3u;
}

/* Less space than this is not worth a step */
static uint32_t least_space(const RingState *r)
{
    return MIN(STEP, r->size / 4);
}

/* The next bytes of the stream to the next bytes of the ring; how many */
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
    host = my_rng_ring_map(r, desc->addr + r->offset, &len);
    my_rng_times_end(&s->times, MY_RNG_TIME_MEMORY, begin);
    if (!host) {
        my_rng_ring_stop(r, MY_RNG_RING_ERR_ADDR);
        return 0;
    }
    len = ROUND_DOWN(len, 4);
    my_rng_stream_bytes(&s->stream, host, len, &tail);
    begin = my_rng_times_begin(&s->times);
    my_rng_ring_unmap(r, host, len, true);
    my_rng_times_end(&s->times, MY_RNG_TIME_MEMORY, begin);
    s->stats[MY_RNG_STAT_DMA_BYTES] += len;
    s->stats[MY_RNG_STAT_WORDS] += len / sizeof(uint32_t);
    return len;
}

static void produce(RingState *r, RingHeader *header)
{
    uint64_t before = r->prod;
    uint32_t len = fill_piece(r);
    uint64_t irq_at;

    if (!len) {
        return;
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
        r->irq = true;
        qemu_bh_schedule(r->w.report);
    }
}

/* A short look, so that those who want the lock get it */
static void look_for_space(RingState *r, RingHeader *header)
{
    int64_t now = qemu_clock_get_ns(QEMU_CLOCK_REALTIME);
    int64_t end = now + LOOK_NS;

    while (now < end && space(r) < least_space(r)) {
        cpu_relax();
        if (!read_cons(r, header)) {
            return;
        }
        now = qemu_clock_get_ns(QEMU_CLOCK_REALTIME);
    }
}

/*
 * Ask for a doorbell when three quarters are free, so that no ring is rung for
 * more often than once per almost three quarters of it. Returns whether the
 * guest has passed that point already, and will not ring.
 */
static bool ask_for_doorbell(RingState *r, RingHeader *header)
{
    uint64_t kick_at = r->prod - r->size / 4;

    qatomic_set(&header->kick_at, cpu_to_le64(kick_at));
    /* Pairs with the guest's barrier between cons and its look at kick_at */
    smp_mb();
    if (!read_cons(r, header)) {
        return false;
    }
    trace_my_rng_ring_sleep(r->w.s->id, r->prod, kick_at);
    return r->cons >= kick_at;
}

/* One step with the lock held. Returns whether to come back at once */
static bool step(RingState *r, RingHeader *header)
{
    if (!read_cons(r, header)) {
        return false;
    }
    if (space(r) >= least_space(r)) {
        r->w.idle_since = 0;
        produce(r, header);
        return r->status == MY_RNG_RING_ST_ON;
    }
    if (my_rng_worker_looks(&r->w)) {
        look_for_space(r, header);
        return r->status == MY_RNG_RING_ST_ON;
    }
    return ask_for_doorbell(r, header);
}

bool my_rng_ring_turn(MyRngWorker *w)
{
    RingState *r = container_of(w, RingState, w);
    int64_t end = qemu_clock_get_ns(QEMU_CLOCK_REALTIME) + TURN_NS;
    RingHeader *header;
    bool again;

    RCU_READ_LOCK_GUARD();
    if (r->status != MY_RNG_RING_ST_ON || !w->vm_running) {
        return false;
    }
    header = my_rng_ring_map_header(r);
    if (!header) {
        my_rng_ring_stop(r, MY_RNG_RING_ERR_ADDR);
        return false;
    }
    do {
        again = step(r, header);
    } while (again && !qatomic_read(&w->wanted) &&
             qemu_clock_get_ns(QEMU_CLOCK_REALTIME) < end);
    unmap_header(r, header, true);
    return again;
}
