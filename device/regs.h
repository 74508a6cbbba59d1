/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers of BAR0: what the instruments need of them, and the region itself. */
#ifndef MY_RNG_REGS_ACCESS_H
#define MY_RNG_REGS_ACCESS_H

#include "my_rng.h"

/** my_rng_make_mmio() - make MyRngState::mmio, and @lock if @lockless */
void my_rng_make_mmio(MyRngState *s);

/** my_rng_is_data_register() - whether the 4-byte register at @reg gives words */
bool my_rng_is_data_register(const MyRngState *s, hwaddr reg);

/** my_rng_reg_read() - read the 4-byte register at @reg, which may be none */
uint32_t my_rng_reg_read(MyRngState *s, hwaddr reg);

/** my_rng_plain_read() - an access of any size, counted; nothing is looked at */
uint64_t my_rng_plain_read(MyRngState *s, hwaddr addr, unsigned size);

/** my_rng_plain_write() - a write of any size, counted; nothing is looked at */
void my_rng_plain_write(MyRngState *s, hwaddr addr, uint64_t value,
                        unsigned size);

#endif /* MY_RNG_REGS_ACCESS_H */
