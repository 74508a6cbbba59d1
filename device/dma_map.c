// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Variant "dma": guest memory mapped for a request, and filled. All or nothing:
 * everything is mapped before the first byte is written.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"

#include "dma.h"

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

void my_rng_dma_unmap(AddressSpace *as, QEMUIOVector *map, bool written)
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
bool my_rng_dma_map(AddressSpace *as, uint64_t addr, uint64_t len,
                    QEMUIOVector *map)
{
    qemu_iovec_init(map, 1);
    if (dma_map_add(as, addr, len, map)) {
        return true;
    }
    my_rng_dma_unmap(as, map, false);
    return false;
}

/*
 * The table, copied: what is checked is what is used, whatever the guest does to
 * its own meanwhile. Mapped as if for writing, since to map a device's register
 * for reading is to read it. Returns MY_RNG_DMA_ERR_*.
 */
static uint32_t dma_read_table(AddressSpace *as, const DmaTarget *target,
                               DmaDesc *table)
{
    size_t size = target->descs * sizeof(*table);
    uint64_t total = 0;
    QEMUIOVector map;
    uint32_t i;

    if (target->descs == 0 || target->descs > DMA_DESC_MAX ||
        !my_rng_dma_map(as, target->addr, size, &map)) {
        return MY_RNG_DMA_ERR_DESC;
    }
    qemu_iovec_to_buf(&map, 0, table, size);
    my_rng_dma_unmap(as, &map, false);
    for (i = 0; i < target->descs; i++) {
        table[i].addr = le64_to_cpu(table[i].addr);
        table[i].len = le32_to_cpu(table[i].len);
        if (table[i].len == 0 || table[i].reserved) {
            return MY_RNG_DMA_ERR_DESC;
        }
        total += table[i].len;
    }
    return total == target->len ? MY_RNG_DMA_ERR_NONE : MY_RNG_DMA_ERR_LEN;
}

/* Every range of a table or nothing; neighbours on the bus by one mapping */
static uint32_t dma_map_table(AddressSpace *as, const DmaTarget *target,
                              QEMUIOVector *map)
{
    DmaDesc table[DMA_DESC_MAX];
    uint32_t error = dma_read_table(as, target, table);
    uint32_t i = 0;

    if (error) {
        return error;
    }
    qemu_iovec_init(map, target->descs);
    while (i < target->descs) {
        uint64_t addr = table[i].addr;
        uint64_t len = table[i].len;

        while (++i < target->descs && table[i].addr == addr + len) {
            len += table[i].len;
        }
        if (!dma_map_add(as, addr, len, map)) {
            my_rng_dma_unmap(as, map, false);
            return MY_RNG_DMA_ERR_ADDR;
        }
    }
    return MY_RNG_DMA_ERR_NONE;
}

uint32_t my_rng_dma_map_target(AddressSpace *as, const DmaTarget *target,
                               QEMUIOVector *map)
{
    if (!my_rng_dma_len_fits(target->len)) {
        return MY_RNG_DMA_ERR_LEN;
    }
    if (target->sg) {
        return dma_map_table(as, target, map);
    }
    return my_rng_dma_map(as, target->addr, target->len, map)
               ? MY_RNG_DMA_ERR_NONE
               : MY_RNG_DMA_ERR_ADDR;
}

void my_rng_dma_fill(MyRngState *s, AddressSpace *as, QEMUIOVector *map,
                     uint32_t len)
{
    MyRngTail tail = {};
    int64_t begin;
    int i;

    for (i = 0; i < map->niov; i++) {
        my_rng_stream_bytes(&s->stream, map->iov[i].iov_base,
                            map->iov[i].iov_len, &tail);
    }
    begin = my_rng_times_begin(&s->times);
    my_rng_dma_unmap(as, map, true);
    my_rng_times_end(&s->times, MY_RNG_TIME_MEMORY, begin);
    s->stats[MY_RNG_STAT_DMAS]++;
    s->stats[MY_RNG_STAT_DMA_BYTES] += len;
    s->stats[MY_RNG_STAT_WORDS] += DIV_ROUND_UP(len, sizeof(uint32_t));
}
