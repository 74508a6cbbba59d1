// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Variant "fifo": a level register that fills a FIFO and a data register that
 * empties it, in memory and in port-I/O space. The FIFO is the stream's ring.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "qapi/error.h"
#include "migration/vmstate.h"

#include "instruments.h"
#include "trace/trace-my_rng.h"

#define FIFO_DEPTH_MAX (1 * MiB)

typedef struct FifoState {
    MemoryRegion pio;
    uint32_t underrun; /* pops that found the FIFO empty */
} FifoState;

static uint32_t fifo_pop(MyRngState *s)
{
    FifoState *fifo = s->priv;

    if (unlikely(s->stream.offered == 0)) {
        fifo->underrun++;
        return 0;
    }
    return my_rng_next(s);
}

static uint32_t fifo_top_up(MyRngState *s)
{
    uint32_t added;

    if (my_rng_is_constant(s)) {
        return s->stream.depth;
    }
    added = my_rng_stream_top_up(&s->stream);
    trace_my_rng_fifo_top_up(s->id, added, s->stream.offered);
    return s->stream.offered;
}

static const MyRngCell fifo_cells[MY_RNG_CELLS] = {
    MY_RNG_CELL(FIFO_UNDERRUN, R, FifoState, underrun),
};

static bool fifo_read(MyRngState *s, hwaddr reg, uint32_t *value)
{
    switch (reg) {
    case MY_RNG_REG_FIFO_DATA:
        *value = fifo_pop(s);
        return true;
    case MY_RNG_REG_FIFO_LEVEL:
        *value = fifo_top_up(s);
        return true;
    case MY_RNG_REG_FIFO_DEPTH:
        *value = s->stream.depth;
        return true;
    }
    return false;
}

static inline __attribute__((always_inline)) uint64_t
plain_pio_read(MyRngState *s, hwaddr addr, unsigned size)
{
    uint32_t value = 0;

    s->stats[MY_RNG_STAT_PIO_READS]++;
    switch (addr & ~(hwaddr)3) {
    case MY_RNG_PIO_FIFO_DATA:
        value = my_rng_is_constant(s) ? MY_RNG_CONSTANT : fifo_pop(s);
        break;
    case MY_RNG_PIO_FIFO_LEVEL:
        value = fifo_top_up(s);
        break;
    default:
        my_rng_guest_error(
            s, "read of port 0x%" HWADDR_PRIx ": no such register", addr);
    }
    return my_rng_sub_read(value, addr, size);
}

static uint64_t __attribute__((noinline))
examined_pio_read(MyRngState *s, hwaddr addr, unsigned size)
{
    MyRngAccess access = my_rng_access_begin(s);
    uint64_t value = plain_pio_read(s, addr, size);

    my_rng_access_end(s, access);
    trace_my_rng_pio_read(s->id, addr, size, value);
    return value;
}

static uint64_t pio_read(void *opaque, hwaddr addr, unsigned size)
{
    MyRngState *s = opaque;

    if (likely(!s->mode &&
               !trace_event_get_state_backends(TRACE_MY_RNG_PIO_READ))) {
        return plain_pio_read(s, addr, size);
    }
    return examined_pio_read(s, addr, size);
}

static void pio_write(void *opaque, hwaddr addr, uint64_t value, unsigned size)
{
    MyRngState *s = opaque;

    MyRngAccess access = my_rng_access_begin(s);

    s->stats[MY_RNG_STAT_PIO_WRITES]++;
    trace_my_rng_pio_write(s->id, addr, size, value);
    my_rng_guest_error(s,
                       "write of 0x%" PRIx64 " to port 0x%" HWADDR_PRIx
                       ": no writable register",
                       value, addr);
    my_rng_access_end(s, access);
}

static const MemoryRegionOps pio_ops = {
    .read = pio_read,
    .write = pio_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 4 },
    .impl = { .min_access_size = 1, .max_access_size = 4 },
};

static bool fifo_realize(MyRngState *s, Error **errp)
{
    FifoState *fifo = s->priv;

    if (s->prop.fifo_depth < 1 || s->prop.fifo_depth > FIFO_DEPTH_MAX) {
        error_setg(errp, "fifo-depth=%u: must be 1 to %u words",
                   s->prop.fifo_depth, (unsigned)FIFO_DEPTH_MAX);
        return false;
    }
    s->stream_depth = s->prop.fifo_depth;
    memory_region_init_io(&fifo->pio, OBJECT(s), &pio_ops, s, "my_rng-pio",
                          MY_RNG_BAR_PIO_SIZE);
    pci_register_bar(PCI_DEVICE(s), MY_RNG_BAR_PIO, PCI_BASE_ADDRESS_SPACE_IO,
                     &fifo->pio);
    return true;
}

static void fifo_reset(MyRngState *s)
{
    FifoState *fifo = s->priv;

    fifo->underrun = 0;
}

static VMStateField fifo_fields[] = {
    VMSTATE_UINT32(underrun, FifoState),
    VMSTATE_END_OF_LIST(),
};

static const VMStateDescription vmstate_fifo_state = {
    .name = "my_rng/fifo/state",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = fifo_fields,
};

MY_RNG_SUBSECTION(fifo, vmstate_fifo_state);

const MyRngVariant my_rng_variant_fifo = {
    .name = "fifo",
    .cap = MY_RNG_CAP_RNG32 | MY_RNG_CAP_FIFO | MY_RNG_CAP_PIO,
    .state_size = sizeof(FifoState),
    .vmsd = &vmstate_fifo,
    .cells = fifo_cells,
    .realize = fifo_realize,
    .reset = fifo_reset,
    .read = fifo_read,
};
