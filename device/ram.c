// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mapping of guest memory. What is not writable RAM is refused here and nowhere
 * else.
 */
#include "qemu/osdep.h"

#include "ram.h"

void *my_rng_ram_map(MyRngState *s, uint64_t addr, dma_addr_t *len)
{
    AddressSpace *as = pci_get_address_space(&s->parent_obj);
    ram_addr_t offset;
    void *host = dma_memory_map(as, addr, len, DMA_DIRECTION_FROM_DEVICE,
                                MEMTXATTRS_UNSPECIFIED);

    /*
     * Where there is no RAM, QEMU lends a buffer, and would pass its contents
     * on at unmap. It goes back unused.
     */
    if (host && (!*len || !memory_region_from_host(host, &offset))) {
        my_rng_ram_unmap(s, host, *len, false);
        host = NULL;
    }
    return host;
}

void *my_rng_ram_map_whole(MyRngState *s, uint64_t addr, dma_addr_t len)
{
    dma_addr_t piece = len;
    void *host = my_rng_ram_map(s, addr, &piece);

    if (host && piece != len) {
        my_rng_ram_unmap(s, host, piece, false);
        host = NULL;
    }
    return host;
}

void my_rng_ram_unmap(MyRngState *s, void *host, dma_addr_t len, bool written)
{
    dma_memory_unmap(pci_get_address_space(&s->parent_obj), host, len,
                     DMA_DIRECTION_FROM_DEVICE, written ? len : 0);
}

bool my_rng_ram_read(MyRngState *s, uint64_t addr, void *to, uint64_t len)
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
        if (to) {
            memcpy(to, host, piece);
            to += piece;
        }
        my_rng_ram_unmap(s, host, piece, false);
        addr += piece;
        len -= piece;
    }
    return true;
}
