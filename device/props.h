/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Properties of the device, and the names that they take. */
#ifndef MY_RNG_PROPS_H
#define MY_RNG_PROPS_H

#include "my_rng.h"

/* By name, the default for NULL; NULL with @errp set if there is none */
const MyRngVariant *my_rng_find_variant(const char *name, Error **errp);
const MyRngGen *my_rng_find_generator(const char *name, Error **errp);

/** my_rng_add_properties() - all of them, with their descriptions */
void my_rng_add_properties(ObjectClass *class);

#endif /* MY_RNG_PROPS_H */
