// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Variant "dma": one request. All or nothing: everything is mapped before the
 * first byte is written.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/iov.h"

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

static void dma_unmap(MyRngState *s, QEMUIOVector *map, bool written)
{
    int i;

    for (i = 0; i < map->niov; i++) {
        my_rng_ram_unmap(s, map->iov[i].iov_base, map->iov[i].iov_len, written);
    }
    qemu_iovec_destroy(map);
}

/* A range, onto the end of @map */
static bool dma_map_range(MyRngState *s, uint64_t addr, uint64_t len,
                          QEMUIOVector *map)
{
    if (my_rng_ram_wraps(addr, len)) {
        return false;
    }
    while (len) {
        dma_addr_t piece = len;
        void *host = my_rng_ram_map(s, addr, &piece);

        if (!host) {
            return false;
        }
        qemu_iovec_add(map, host, piece);
        addr += piece;
        len -= piece;
    }
    return true;
}

/*
 * Copy the table, so that what is checked is what is used. The guest may change
 * its own meanwhile.
 */
static uint32_t dma_read_table(MyRngState *s, const DmaTarget *target,
                               DmaDesc *table)
{
    uint64_t total = 0;
    uint32_t i;

    if (target->descs == 0 || target->descs > DMA_DESC_MAX ||
        !my_rng_ram_read(s, target->addr, table,
                         target->descs * sizeof(*table))) {
        return MY_RNG_DMA_ERR_DESC;
    }
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

/* Every range of a table; neighbours on the bus by one mapping */
static uint32_t dma_map_table(MyRngState *s, const DmaTarget *target,
                              QEMUIOVector *map)
{
    DmaDesc table[DMA_DESC_MAX];
    uint32_t error = dma_read_table(s, target, table);
    uint32_t i = 0;

    while (!error && i < target->descs) {
        uint64_t addr = table[i].addr;
        uint64_t len = table[i].len;

        while (++i < target->descs && table[i].addr == addr + len) {
            len += table[i].len;
        }
        if (!dma_map_range(s, addr, len, map)) {
            error = MY_RNG_DMA_ERR_ADDR;
        }
    }
    return error;
}

/* Returns MY_RNG_DMA_ERR_*; on an error @map is gone */
static uint32_t dma_map_target(MyRngState *s, const DmaTarget *target,
                               QEMUIOVector *map)
{
    uint32_t error = MY_RNG_DMA_ERR_NONE;

    qemu_iovec_init(map, target->sg ? MIN(target->descs, DMA_DESC_MAX) : 1);
    if (target->sg) {
        error = dma_map_table(s, target, map);
    } else if (!dma_map_range(s, target->addr, target->len, map)) {
        error = MY_RNG_DMA_ERR_ADDR;
    }
    if (error) {
        dma_unmap(s, map, false);
    }
    return error;
}

static void dma_fill(MyRngState *s, QEMUIOVector *map, uint32_t len)
{
    MyRngTail tail = {};
    int64_t begin;
    int i;

    for (i = 0; i < map->niov; i++) {
        my_rng_stream_bytes(&s->stream, map->iov[i].iov_base,
                            map->iov[i].iov_len, &tail);
    }
    begin = my_rng_times_begin(&s->times);
    dma_unmap(s, map, true);
    my_rng_times_end(&s->times, MY_RNG_TIME_MEMORY, begin);
    s->stats[MY_RNG_STAT_DMAS]++;
    s->stats[MY_RNG_STAT_DMA_BYTES] += len;
    s->stats[MY_RNG_STAT_WORDS] += DIV_ROUND_UP(len, sizeof(uint32_t));
}

uint32_t my_rng_dma_transfer(MyRngState *s, const DmaTarget *target)
{
    QEMUIOVector map;
    uint32_t error;
    int64_t begin;

    if (!target->len || target->len > DMA_LEN_MAX) {
        return MY_RNG_DMA_ERR_LEN;
    }
    if (my_rng_is_constant(s)) {
        return MY_RNG_DMA_ERR_NONE;
    }
    begin = my_rng_times_begin(&s->times);
    error = dma_map_target(s, target, &map);
    my_rng_times_end(&s->times, MY_RNG_TIME_MEMORY, begin);
    if (!error) {
        dma_fill(s, &map, target->len);
    }
    return error;
}
