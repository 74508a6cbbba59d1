/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checks of make grade on a device: their table, and one access each. */
#ifndef TESTS_GRADE_DEVICE_H
#define TESTS_GRADE_DEVICE_H

#include "../device/dev.h"
#include "row.h"

/**
 * struct device_check - one check, in a QEMU of its own
 * @row: its name, points and demand
 * @devices: machines have this many of the device, in slots from FIRST_SLOT
 * @run: called with the devices, their BARs placed; ends early, by longjmp(),
 *       when QEMU does
 */
struct device_check {
	struct row row;
	unsigned int devices;
	enum mark (*run)(struct dev *dev, char *note);
};

#define MAX_DEVICES 2

/* In the order of the table; ended by one without @run */
extern const struct device_check device_checks[];

/* The access that was made last, to say what QEMU did not survive */
extern char last_access[64];

/**
 * place_bar() - give BAR0 an address and let the device answer
 * @dev: result
 * @vm: machine
 * @slot: where the device is
 *
 * Unlike dev_setup(), takes a BAR of any size and kind.
 */
void place_bar(struct dev *dev, struct vm *vm, unsigned int slot);

#endif /* TESTS_GRADE_DEVICE_H */
