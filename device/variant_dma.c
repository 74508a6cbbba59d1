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

/* A request of DMA_LEN_MAX in pages of 4 KiB, at an odd offset, takes 257 */
#define DESC_MAX 512

/* busy: a request is running; its MSI may be aimed at our own doorbell */
typedef struct DmaState {
    uint64_t addr;
    uint64_t done;
    uint32_t len;
    uint32_t status;
    uint32_t error;
    uint32_t count;
    uint64_t desc;
    uint32_t desc_count;
    bool busy;
} DmaState;

/* A descriptor as it lies in guest memory */
typedef struct QEMU_PACKED DmaDesc {
    uint64_t addr;
    uint32_t len;
    uint32_t reserved;
} DmaDesc;

QEMU_BUILD_BUG_ON(offsetof(DmaDesc, addr) != MY_RNG_DMA_DESC_ADDR);
QEMU_BUILD_BUG_ON(offsetof(DmaDesc, len) != MY_RNG_DMA_DESC_LEN);
QEMU_BUILD_BUG_ON(offsetof(DmaDesc, reserved) != MY_RNG_DMA_DESC_RESERVED);
QEMU_BUILD_BUG_ON(sizeof(DmaDesc) != MY_RNG_DMA_DESC_SIZE);

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
 * Map a range for writing, onto the end of @map. Where there is no RAM, QEMU
 * lends a buffer and would pass its contents on at unmap; we return it unused,
 * so no device and no ROM ever sees a write.
 */
static bool dma_map_add(AddressSpace *as, uint64_t addr, uint64_t len,
                        QEMUIOVector *map)
{
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
            return false;
        }
        qemu_iovec_add(map, host, piece);
        addr += piece;
        len -= piece;
    }
    return true;
}

/* One range, all of it or nothing */
static bool dma_map(AddressSpace *as, uint64_t addr, uint64_t len,
                    QEMUIOVector *map)
{
    qemu_iovec_init(map, 1);
    if (dma_map_add(as, addr, len, map)) {
        return true;
    }
    dma_unmap(as, map, false);
    return false;
}

/*
 * The table, copied: what is checked is what is used, whatever the guest does to
 * its own meanwhile. Mapped as if for writing, since to map a device's register
 * for reading is to read it. Returns MY_RNG_DMA_ERR_*.
 */
static uint32_t dma_read_table(AddressSpace *as, const DmaState *dma,
                               DmaDesc *table)
{
    size_t size = dma->desc_count * sizeof(*table);
    uint64_t total = 0;
    QEMUIOVector map;
    uint32_t i;

    if (dma->desc_count == 0 || dma->desc_count > DESC_MAX ||
        !dma_map(as, dma->desc, size, &map)) {
        return MY_RNG_DMA_ERR_DESC;
    }
    qemu_iovec_to_buf(&map, 0, table, size);
    dma_unmap(as, &map, false);
    for (i = 0; i < dma->desc_count; i++) {
        table[i].addr = le64_to_cpu(table[i].addr);
        table[i].len = le32_to_cpu(table[i].len);
        if (table[i].len == 0 || table[i].reserved) {
            return MY_RNG_DMA_ERR_DESC;
        }
        total += table[i].len;
    }
    return total == dma->len ? MY_RNG_DMA_ERR_NONE : MY_RNG_DMA_ERR_LEN;
}

/* Every range of a table or nothing; neighbours on the bus by one mapping */
static uint32_t dma_map_table(AddressSpace *as, const DmaState *dma,
                              QEMUIOVector *map)
{
    DmaDesc table[DESC_MAX];
    uint32_t error = dma_read_table(as, dma, table);
    uint32_t i = 0;

    if (error) {
        return error;
    }
    qemu_iovec_init(map, dma->desc_count);
    while (i < dma->desc_count) {
        uint64_t addr = table[i].addr;
        uint64_t len = table[i].len;

        while (++i < dma->desc_count && table[i].addr == addr + len) {
            len += table[i].len;
        }
        if (!dma_map_add(as, addr, len, map)) {
            dma_unmap(as, map, false);
            return MY_RNG_DMA_ERR_ADDR;
        }
    }
    return MY_RNG_DMA_ERR_NONE;
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
static uint32_t dma_transfer(MyRngState *s, AddressSpace *as, bool sg)
{
    DmaState *dma = s->priv;
    QEMUIOVector map;
    uint32_t error;
    int64_t begin;

    if (dma->len == 0 || dma->len > DMA_LEN_MAX) {
        return MY_RNG_DMA_ERR_LEN;
    }
    if (my_rng_is_constant(s)) {
        dma->count = dma->len;
        return MY_RNG_DMA_ERR_NONE;
    }
    begin = my_rng_times_begin(&s->times);
    if (sg) {
        error = dma_map_table(as, dma, &map);
    } else {
        error = dma_map(as, dma->addr, dma->len, &map) ? MY_RNG_DMA_ERR_NONE
                                                       : MY_RNG_DMA_ERR_ADDR;
    }
    my_rng_times_end(&s->times, MY_RNG_TIME_MEMORY, begin);
    if (error) {
        return error;
    }
    dma_fill(s, as, &map);
    dma->count = dma->len;
    s->stats[MY_RNG_STAT_DMAS]++;
    s->stats[MY_RNG_STAT_DMA_BYTES] += dma->len;
    s->stats[MY_RNG_STAT_WORDS] += DIV_ROUND_UP(dma->len, sizeof(uint32_t));
    return MY_RNG_DMA_ERR_NONE;
}

static void dma_request(MyRngState *s, uint32_t doorbell)
{
    DmaState *dma = s->priv;
    PCIDevice *pdev = PCI_DEVICE(s);
    AddressSpace *as = pci_get_address_space(pdev);
    bool master = pci_get_word(pdev->config + PCI_COMMAND) & PCI_COMMAND_MASTER;
    bool sg = doorbell & MY_RNG_DMA_DB_SG;
    uint64_t addr = sg ? dma->desc : dma->addr;
    bool record = false;
    QEMUIOVector record_map;

    trace_my_rng_dma_start(s->id, addr, dma->len, dma->done);
    dma->count = 0;
    if (!master) {
        dma->error = MY_RNG_DMA_ERR_MASTER;
    } else if (dma->done && !dma_map_record(as, dma->done, &record_map)) {
        dma->error = MY_RNG_DMA_ERR_ADDR;
    } else {
        record = dma->done;
        dma->error = dma_transfer(s, as, sg);
    }
    dma->status = dma->error ? MY_RNG_DMA_ST_ERROR : MY_RNG_DMA_ST_DONE;
    trace_my_rng_dma_end(s->id, dma->status, dma->error, dma->count);
    if (dma->error) {
        my_rng_guest_error(s,
                           "DMA to %s0x%" PRIx64
                           ", %u bytes, record at 0x%" PRIx64 ": error %u",
                           sg ? "the table at " : "", addr, dma->len, dma->done,
                           dma->error);
    }
    if (record) {
        dma_write_record(as, &record_map, dma);
    }
    if (doorbell & MY_RNG_DMA_DB_MSI && master && msi_enabled(pdev)) {
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
    dma_request(s, value);
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
    case MY_RNG_REG_DMA_DESC_LO:
        *value = dma->desc;
        return true;
    case MY_RNG_REG_DMA_DESC_HI:
        *value = dma->desc >> 32;
        return true;
    case MY_RNG_REG_DMA_DESC_COUNT:
        *value = dma->desc_count;
        return true;
    case MY_RNG_REG_DMA_DESC_MAX:
        *value = DESC_MAX;
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
    case MY_RNG_REG_DMA_DESC_LO:
        dma->desc = deposit64(dma->desc, 0, 32, value);
        return true;
    case MY_RNG_REG_DMA_DESC_HI:
        dma->desc = deposit64(dma->desc, 32, 32, value);
        return true;
    case MY_RNG_REG_DMA_DESC_COUNT:
        dma->desc_count = value;
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
    VMSTATE_UINT64(desc, DmaState),  VMSTATE_UINT32(desc_count, DmaState),
    VMSTATE_END_OF_LIST(),
};

static const VMStateDescription vmstate_dma = {
    .name = "my_rng/dma",
    .version_id = 2, /* 2: scatter-gather, so a version-1 source lacks CAP_SG */
    .minimum_version_id = 2,
    .fields = dma_fields,
};

const MyRngVariant my_rng_variant_dma = {
    .name = "dma",
    .cap = MY_RNG_CAP_RNG32 | MY_RNG_CAP_DMA | MY_RNG_CAP_MSI | MY_RNG_CAP_SG,
    .state_size = sizeof(DmaState),
    .vmsd = &vmstate_dma,
    .realize = dma_realize,
    .exit = dma_exit,
    .reset = dma_reset,
    .read = dma_read,
    .write = dma_write,
};
