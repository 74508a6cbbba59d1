/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What befalls a device that works on its own: it moves, it is taken away. */
#ifndef TESTS_DEVICE_LIFE_H
#define TESTS_DEVICE_LIFE_H

#include "dev.h"

/**
 * dev_move() - save the machine, end it, and load it into another
 * @dev: device, the only one; set up there
 * @vm: of 32 MiB
 * @variant: property variant
 * @more: more properties, after a comma; iothread=io0 is made. May be empty
 *
 * Return: false after a failed test: there is no machine now.
 */
bool dev_move(struct dev *dev, struct vm *vm, const char *variant,
	      const char *more);

/* For dev_start(): the thread of the device is one of the user's */
#define IOTHREAD ",iothread=io0 -object iothread,id=io0"

/** dev_take_iothread() - the user removes that thread, or tries to */
void dev_take_iothread(const struct dev *dev);

/**
 * dev_replug() - two tests: a device goes while it works, and another comes
 * @dev: device, of a machine that has hotplug
 * @variant: property variant
 */
void dev_replug(const struct dev *dev, const char *variant);

/**
 * dev_comes_to_rest() - whether the device stops doing things by itself
 * @dev: device that no one asks for anything
 *
 * Return: true once it sends no MSI and finds no error any more; false if that
 * does not happen.
 */
bool dev_comes_to_rest(const struct dev *dev);

/**
 * dev_start_behind() - as dev_start(), the device behind a root port
 * @dev: result; its id= is "rng32"
 * @vm: result
 * @variant: property variant
 * @options: more properties, after a comma; may be empty
 */
void dev_start_behind(struct dev *dev, struct vm *vm, const char *variant,
		      const char *options);

/**
 * dev_stop_and_reset() - take bus mastering away, and reset the bus at once
 * @dev: device, of dev_start_behind()
 *
 * QEMU's main loop does nothing in between.
 */
void dev_stop_and_reset(const struct dev *dev);

/**
 * dev_refused() - a test: QEMU gives up
 * @args: for these arguments
 * @says: saying this
 * @name: of the test
 */
void dev_refused(const char *args, const char *says, const char *name);

#endif
