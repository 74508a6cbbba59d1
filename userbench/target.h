/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be asked for bytes on this machine, and how it is opened. */
#ifndef USERBENCH_TARGET_H
#define USERBENCH_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine.h"

#define TARGET_ENGINES 8 /* NULL-terminated */
#define TARGETS_MAX    64

/**
 * struct target - something to ask, under the name of its variant
 * @variant: the word in the variant column
 * @path: the read path of my_rng that open(2) has to give; empty: not ours
 * @modes: MY_RNG_MODE_* the device is put into while it is open
 * @node: device node, empty where there is none
 * @twin: node of a second device like it, which every other thread asks; empty:
 *	all ask the one
 * @param: parameter of the module that must have @value at open(2), or NULL
 * @value: see @param; with engine_fill the name of the generator
 * @device: index of the my_rng device whose counters count here, or -1
 * @large: only large requests, by one thread: the others are those of another path
 * @silent: it leaves the caller's memory as it is: a control
 * @engines: the ways it can be asked
 */
struct target {
	char variant[32];
	char path[16];
	uint32_t modes;
	char node[64];
	char twin[64];
	const char *param;
	const char *value;
	int device;
	bool large;
	bool silent;
	const struct engine *engines[TARGET_ENGINES];
};

/**
 * target_open() - open @t->node, or its twin, as @t says
 * @t: target with a device node
 * @index: of the thread that asks, from 0
 *
 * Holds the module parameter for the time of open(2) only, and checks that the
 * file uses the path if @t names one. Sets the device's modes, until the file is
 * closed. Threads may call it at once.
 *
 * Return: a file descriptor, or -1 and errno; ENODEV: the file uses another
 * path than the one wanted.
 */
int target_open(const struct target *t, unsigned int index);

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
 *
 * Devices must be open already (devices_open()). What is absent becomes a
 * note. Selects virtio-rng as the kernel's hardware generator.
 *
 * Return: number of targets.
 */
size_t targets_find(struct target *t);

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
