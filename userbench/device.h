/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The my_rng devices of this machine: identity, MARK, counters. */
#ifndef USERBENCH_DEVICE_H
#define USERBENCH_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "my_rng_uapi.h"

#define DEVICE_DIR "/dev"
#define NULL_NODE  DEVICE_DIR "/my_rng_null"

/**
 * struct device - one open /dev/my_rngN, for administration only
 * @node: its device node
 * @fd: open for the whole run
 * @counts: it has counters
 * @marks: it has a MARK register
 * @info: what the driver says it is
 */
struct device {
	char node[32];
	int fd;
	bool counts;
	bool marks;
	struct my_rng_info info;
};

/** devices_open() - open all there are; returns how many */
size_t devices_open(void);

/** device_count() - how many are open */
size_t device_count(void);

/** device_get() - device @index < device_count() */
const struct device *device_get(size_t index);

/** device_find() - index of the device behind @node, or -1 */
int device_find(const char *node);

/**
 * device_mark() - tell host-side traces which cell runs now
 * @index: device, or -1 for the first one (cells without a device)
 * @id: id of the cell, 0 for none
 *
 * Does nothing where there is no device or no MARK register.
 */
void device_mark(int index, uint32_t id);

/**
 * device_stats() - read the device's counters
 * @stats: gets them
 * @index: device, or -1
 *
 * Return: 0, or -1 if there are none.
 */
int device_stats(int index, struct my_rng_stats *stats);

/**
 * device_times() - let the device measure its prices, read its stopwatch
 * @index: device, or -1
 * @times: gets them
 *
 * Return: 0, or -1 if it has none.
 */
int device_times(int index, struct my_rng_times *times);

/** generator_name() - name of a MY_RNG_GEN_* */
const char *generator_name(uint32_t id);

/** devices_close() - close all */
void devices_close(void);

#endif /* USERBENCH_DEVICE_H */
