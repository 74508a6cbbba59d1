/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Choosing which of the device's generators engine_generator runs. */
#ifndef USERBENCH_ENGINE_GENERATOR_H
#define USERBENCH_ENGINE_GENERATOR_H

#include "engine.h"
#include "gen.h"

/**
 * generator_select() - the generator called @name, or the default for NULL
 * @name: as the device property names it, or NULL
 *
 * Must have been called before the engine runs.
 *
 * Return: the generator, or NULL if there is none of that name.
 */
const MyRngGen *generator_select(const char *name);

#endif /* USERBENCH_ENGINE_GENERATOR_H */
