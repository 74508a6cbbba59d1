// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Variant "64": a register of two words. Either half gives the next word, so
 * one access of 8 bytes, or two of 4, give the same.
 */
#include "qemu/osdep.h"

#include "my_rng.h"

static bool rng64_read(MyRngState *s, hwaddr reg, uint32_t *value)
{
    if (reg != MY_RNG_REG_RNG64 && reg != MY_RNG_REG_RNG64 + 4) {
        return false;
    }
    *value = my_rng_next(s);
    return true;
}

static bool rng64_read64(MyRngState *s, hwaddr reg, uint64_t *value)
{
    if (reg != MY_RNG_REG_RNG64) {
        return false;
    }
    *value = my_rng_next(s);
    *value |= (uint64_t)my_rng_next(s) << 32;
    return true;
}

const MyRngVariant my_rng_variant_64 = {
    .name = "64",
    .cap = MY_RNG_CAP_RNG32 | MY_RNG_CAP_RNG64,
    .read = rng64_read,
    .read64 = rng64_read64,
};
