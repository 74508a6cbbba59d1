// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Variant "32": the exercise's device, RNG and SEED and nothing else; both are
 * common to all variants.
 */
#include "qemu/osdep.h"

#include "my_rng.h"

const MyRngVariant my_rng_variant_32 = {
    .name = "32",
    .cap = MY_RNG_CAP_RNG32,
};
