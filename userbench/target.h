/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can be measured on this machine: sources, and the engines that ask each.
 * No engine knows this table.
 */
#ifndef USERBENCH_TARGET_H
#define USERBENCH_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "engine.h"

#define TARGET_ENGINES 8 /* NULL-terminated */
#define TARGETS_MAX    64

/**
 * struct target - something to ask, under the name of its variant
 * @variant: the word in the variant column
 * @source: what the engines ask
 * @device: index of the my_rng device whose counters count here, or -1
 * @least: smallest request in bytes: smaller ones are those of another path; 0:
 *	any
 * @most: largest request in bytes: beyond that a byte costs what it did; 0: any
 * @ahead: bytes that the device may have made ready before a slice; calls in
 *	front of the slice take them
 * @random: a thread of the device's serves it, so its counts are chance
 * @silent: it leaves the caller's memory as it is: a control
 * @exclusive: what its requests switch on in the device until they are closed
 *	makes other requests of the device slower: they are opened for each slice
 *	and closed after it
 * @engines: the ways it can be asked
 */
struct target {
	char variant[32];
	struct source source;
	int device;
	size_t least;
	size_t most;
	size_t ahead;
	bool random;
	bool silent;
	bool exclusive;
	const struct engine *engines[TARGET_ENGINES];
};

/**
 * targets_controls() - the controls that need no device: getrandom, memcpy,
 * getppid
 * @t: room for TARGETS_MAX targets
 *
 * Return: number of targets.
 */
size_t targets_controls(struct target *t);

/**
 * targets_find() - everything that can be measured here
 * @t: room for TARGETS_MAX targets
 * @again: also a second device of the path and generator of a first one, by
 *	read(2), under `PATH-again`
 *
 * Devices must be open already (devices_open()). What is absent becomes a
 * note. Selects virtio-rng as the kernel's hardware generator. The driver without
 * a device is there twice, as `null` and as `null-again`: what differs between
 * the two is the error of the measurement.
 *
 * Return: number of targets.
 */
size_t targets_find(struct target *t, bool again);

/**
 * targets_split() - what a request is taken apart with
 * @t: room for TARGETS_MAX targets
 *
 * Every read path as it is and, on devices that have modes, with the constant
 * mode (`PATH+const`), with the timing mode (`PATH+timed`) and with both; and
 * what prices the way to them: getppid, ioctl0, null, copy, ram-*.
 *
 * Return: number of targets.
 */
size_t targets_split(struct target *t);

/**
 * targets_scale() - what is asked by more and more threads
 * @t: room for TARGETS_MAX targets
 *
 * Every read path by read(2): on one device, and where there are two with that
 * path also on both at once (`2xPATH`). Beside them 32 in place, which no system
 * call limits, and getppid, which no device and no lock of the emulator's does.
 *
 * Return: number of targets.
 */
size_t targets_scale(struct target *t);

/**
 * target_by_hand() - a target for a node the person named
 * @t: gets the target
 * @node: any character device; or a my_rng device
 * @path: wanted read path, or NULL for what the node gives by itself
 *
 * Return: 0, or -1 after a message.
 */
int target_by_hand(struct target *t, const char *node, const char *path);

/** targets_release() - undo the selection of targets_find() */
void targets_release(void);

#endif /* USERBENCH_TARGET_H */
