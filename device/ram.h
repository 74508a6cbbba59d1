/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest memory that the device writes itself. Only writable RAM is ever touched:
 * no device sees an access, and no ROM is written.
 */
#ifndef MY_RNG_RAM_H
#define MY_RNG_RAM_H

#include "my_rng.h"

/**
 * my_rng_ram_map() - the RAM at an address of the bus
 * @s: device
 * @addr: first byte
 * @len: bytes wanted, not 0; what lies in one piece of host memory afterwards
 *
 * Mapped for writing even to read: a map for reading would read a device's
 * registers where there is no RAM. my_rng_ram_unmap() gives it back.
 *
 * Return: host address; NULL if there is no writable RAM.
 */
void *my_rng_ram_map(MyRngState *s, uint64_t addr, dma_addr_t *len);

/**
 * my_rng_ram_map_whole() - as my_rng_ram_map(), all of it in one piece
 * @s: device
 * @addr: first byte
 * @len: bytes, not 0
 *
 * Return: host address; NULL if it is not RAM, or lies in several pieces.
 */
void *my_rng_ram_map_whole(MyRngState *s, uint64_t addr, dma_addr_t len);

/**
 * my_rng_ram_unmap() - end of what a map began
 * @s: device
 * @host: its result
 * @len: its length
 * @written: whether memory was written
 */
void my_rng_ram_unmap(MyRngState *s, void *host, dma_addr_t len, bool written);

/**
 * my_rng_ram_read() - copy bytes out of RAM
 * @s: device
 * @addr: first byte
 * @to: result; NULL: only find out whether it is RAM
 * @len: bytes, not 0
 *
 * Return: false if it is not all writable RAM.
 */
bool my_rng_ram_read(MyRngState *s, uint64_t addr, void *to, uint64_t len);

/** my_rng_ram_wraps() - whether a range goes past the end of the address space */
static inline bool my_rng_ram_wraps(uint64_t addr, uint64_t len)
{
    return addr + (len - 1) < addr;
}

/** my_rng_is_master() - whether the device may touch memory at all */
static inline bool my_rng_is_master(const MyRngState *s)
{
    return pci_get_word(s->parent_obj.config + PCI_COMMAND) &
           PCI_COMMAND_MASTER;
}

#endif /* MY_RNG_RAM_H */
