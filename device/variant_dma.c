// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Variant "dma": the device writes the stream into guest memory itself. A
 * request runs to its end inside the doorbell write; completion shows in the
 * status register, in a record in memory and, if asked for, by MSI.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/iov.h"
#include "qemu/units.h"
#include "qapi/error.h"
#include "hw/pci/msi.h"
#include "migration/vmstate.h"

#include "my_rng.h"
#include "trace/trace-my_rng.h"

#define DMA_LEN_MAX (1 * MiB)

/* busy: a request is running; its MSI may be aimed at our own doorbell */
typedef struct DmaState {
    uint64_t addr;
    uint64_t done;
    uint32_t len;
    uint32_t status;
    uint32_t error;
    uint32_t count;
    bool busy;
} DmaState;

static void dma_unmap(AddressSpace *as, QEMUIOVector *map, bool written)
{
    int i;

    for (i = 0; i < map->niov; i++) {
        size_t len = map->iov[i].iov_len;

        dma_memory_unmap(as, map->iov[i].iov_base, len,
                         DMA_DIRECTION_FROM_DEVICE, written ? len : 0);
    }
    qemu_iovec_destroy(map);
}

/*
 * Map a range for writing, all of it or nothing. Where there is no RAM, QEMU
 * lends a buffer and would pass its contents on at unmap; we return it unused,
 * so no device and no ROM ever sees a write.
 */
static bool dma_map(AddressSpace *as, uint64_t addr, uint64_t len,
                    QEMUIOVector *map)
{
    qemu_iovec_init(map, 1);
    if (addr + (len - 1) < addr) {
        return false;
    }
    while (len) {
        dma_addr_t piece = len;
        ram_addr_t offset;
        void *host = dma_memory_map(as, addr, &piece, DMA_DIRECTION_FROM_DEVICE,
                                    MEMTXATTRS_UNSPECIFIED);

        if (host && !memory_region_from_host(host, &offset)) {
            dma_memory_unmap(as, host, piece, DMA_DIRECTION_FROM_DEVICE, 0);
            host = NULL;
        }
        if (!host || !piece) {
            dma_unmap(as, map, false);
            return false;
        }
        qemu_iovec_add(map, host, piece);
        addr += piece;
        len -= piece;
    }
    return true;
}

/* The record must be whole and aligned, so that it lies in one piece */
static bool dma_map_record(AddressSpace *as, uint64_t addr, QEMUIOVector *map)
{
    if (addr % MY_RNG_DMA_DONE_SIZE) {
        return false;
    }
    if (!dma_map(as, addr, MY_RNG_DMA_DONE_SIZE, map)) {
        return false;
    }
    if (map->niov != 1) {
        dma_unmap(as, map, false);
        return false;
    }
    return true;
}

/* Data, then count, then the status a poller waits for */
static void dma_write_record(AddressSpace *as, QEMUIOVector *map,
                             const DmaState *dma)
{
    uint8_t *record = map->iov[0].iov_base;

    smp_wmb();
    stl_le_p(record + MY_RNG_DMA_DONE_COUNT, dma->count);
    smp_wmb();
    stl_le_p(record + MY_RNG_DMA_DONE_STATUS, dma->status);
    dma_unmap(as, map, true);
}

/* The mapped target filled and given back */
static void dma_fill(MyRngState *s, AddressSpace *as, QEMUIOVector *map)
{
    MyRngTail tail = {};
    int64_t begin;
    int i;

    for (i = 0; i < map->niov; i++) {
        my_rng_stream_bytes(&s->stream, map->iov[i].iov_base,
                            map->iov[i].iov_len, &tail);
    }
    begin = my_rng_times_begin(&s->times);
    dma_unmap(as, map, true);
    my_rng_times_end(&s->times, MY_RNG_TIME_MEMORY, begin);
}

/* Returns MY_RNG_DMA_ERR_*; on error nothing is written and no word is used */
static uint32_t dma_transfer(MyRngState *s, AddressSpace *as)
{
    DmaState *dma = s->priv;
    QEMUIOVector map;
    int64_t begin;
    bool mapped;

    if (dma->len == 0 || dma->len > DMA_LEN_MAX) {
        return MY_RNG_DMA_ERR_LEN;
    }
    if (my_rng_is_constant(s)) {
        dma->count = dma->len;
        return MY_RNG_DMA_ERR_NONE;
    }
    begin = my_rng_times_begin(&s->times);
    mapped = dma_map(as, dma->addr, dma->len, &map);
    my_rng_times_end(&s->times, MY_RNG_TIME_MEMORY, begin);
    if (!mapped) {
        return MY_RNG_DMA_ERR_ADDR;
    }
    dma_fill(s, as, &map);
    dma->count = dma->len;
    s->stats[MY_RNG_STAT_DMAS]++;
    s->stats[MY_RNG_STAT_DMA_BYTES] += dma->len;
    s->stats[MY_RNG_STAT_WORDS] += DIV_ROUND_UP(dma->len, sizeof(uint32_t));
    return MY_RNG_DMA_ERR_NONE;
}

static void dma_request(MyRngState *s, bool want_msi)
{
    DmaState *dma = s->priv;
    PCIDevice *pdev = PCI_DEVICE(s);
    AddressSpace *as = pci_get_address_space(pdev);
    bool master = pci_get_word(pdev->config + PCI_COMMAND) & PCI_COMMAND_MASTER;
    bool record = false;
    QEMUIOVector record_map;

    trace_my_rng_dma_start(s->id, dma->addr, dma->len, dma->done);
    dma->count = 0;
    if (!master) {
        dma->error = MY_RNG_DMA_ERR_MASTER;
    } else if (dma->done && !dma_map_record(as, dma->done, &record_map)) {
        dma->error = MY_RNG_DMA_ERR_ADDR;
    } else {
        record = dma->done;
        dma->error = dma_transfer(s, as);
    }
    dma->status = dma->error ? MY_RNG_DMA_ST_ERROR : MY_RNG_DMA_ST_DONE;
    trace_my_rng_dma_end(s->id, dma->status, dma->error, dma->count);
    if (dma->error) {
        my_rng_guest_error(s,
                           "DMA to 0x%" PRIx64
                           ", %u bytes, record at 0x%" PRIx64 ": error %u",
                           dma->addr, dma->len, dma->done, dma->error);
    }
    if (record) {
        dma_write_record(as, &record_map, dma);
    }
    if (want_msi && master && msi_enabled(pdev)) {
        int64_t begin = my_rng_times_begin(&s->times);

        trace_my_rng_msi(s->id);
        s->stats[MY_RNG_STAT_IRQS]++;
        msi_notify(pdev, 0);
        my_rng_times_end(&s->times, MY_RNG_TIME_IRQ, begin);
    }
}

static void dma_doorbell(MyRngState *s, uint32_t value)
{
    DmaState *dma = s->priv;

    if (!(value & MY_RNG_DMA_DB_START) || dma->busy) {
        my_rng_guest_error(s, "doorbell 0x%x: %s", value,
                           dma->busy ? "rung by our own MSI" : "no START bit");
        return;
    }
    dma->busy = true;
    dma_request(s, value & MY_RNG_DMA_DB_MSI);
    dma->busy = false;
}

static bool dma_read(MyRngState *s, hwaddr reg, uint32_t *value)
{
    DmaState *dma = s->priv;

    switch (reg) {
    case MY_RNG_REG_DMA_ADDR_LO:
        *value = dma->addr;
        return true;
    case MY_RNG_REG_DMA_ADDR_HI:
        *value = dma->addr >> 32;
        return true;
    case MY_RNG_REG_DMA_LEN:
        *value = dma->len;
        return true;
    case MY_RNG_REG_DMA_DOORBELL:
        *value = 0;
        return true;
    case MY_RNG_REG_DMA_STATUS:
        *value = dma->status;
        return true;
    case MY_RNG_REG_DMA_ERROR:
        *value = dma->error;
        return true;
    case MY_RNG_REG_DMA_COUNT:
        *value = dma->count;
        return true;
    case MY_RNG_REG_DMA_LEN_MAX:
        *value = DMA_LEN_MAX;
        return true;
    case MY_RNG_REG_DMA_DONE_LO:
        *value = dma->done;
        return true;
    case MY_RNG_REG_DMA_DONE_HI:
        *value = dma->done >> 32;
        return true;
    }
    return false;
}

static bool dma_write(MyRngState *s, hwaddr reg, uint32_t value)
{
    DmaState *dma = s->priv;

    switch (reg) {
    case MY_RNG_REG_DMA_ADDR_LO:
        dma->addr = deposit64(dma->addr, 0, 32, value);
        return true;
    case MY_RNG_REG_DMA_ADDR_HI:
        dma->addr = deposit64(dma->addr, 32, 32, value);
        return true;
    case MY_RNG_REG_DMA_LEN:
        dma->len = value;
        return true;
    case MY_RNG_REG_DMA_DOORBELL:
        dma_doorbell(s, value);
        return true;
    case MY_RNG_REG_DMA_DONE_LO:
        dma->done = deposit64(dma->done, 0, 32, value);
        return true;
    case MY_RNG_REG_DMA_DONE_HI:
        dma->done = deposit64(dma->done, 32, 32, value);
        return true;
    }
    return false;
}

static bool dma_realize(MyRngState *s, Error **errp)
{
    return msi_init(PCI_DEVICE(s), 0, 1, true, false, errp) == 0;
}

static void dma_exit(MyRngState *s)
{
    msi_uninit(PCI_DEVICE(s));
}

static void dma_reset(MyRngState *s)
{
    DmaState *dma = s->priv;

    memset(dma, 0, sizeof(*dma));
}

static VMStateField dma_fields[] = {
    VMSTATE_UINT64(addr, DmaState),  VMSTATE_UINT64(done, DmaState),
    VMSTATE_UINT32(len, DmaState),   VMSTATE_UINT32(status, DmaState),
    VMSTATE_UINT32(error, DmaState), VMSTATE_UINT32(count, DmaState),
    VMSTATE_END_OF_LIST(),
};

static const VMStateDescription vmstate_dma = {
    .name = "my_rng/dma",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = dma_fields,
};

const MyRngVariant my_rng_variant_dma = {
    .name = "dma",
    .cap = MY_RNG_CAP_RNG32 | MY_RNG_CAP_DMA | MY_RNG_CAP_MSI,
    .state_size = sizeof(DmaState),
    .vmsd = &vmstate_dma,
    .realize = dma_realize,
    .exit = dma_exit,
    .reset = dma_reset,
    .read = dma_read,
    .write = dma_write,
};
