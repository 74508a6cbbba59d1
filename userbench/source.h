/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an engine asks for bytes, and how it is opened. */
#ifndef USERBENCH_SOURCE_H
#define USERBENCH_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#define SOURCE_PATH 16 /* room for the name of a read path */

/**
 * struct source - a device node, or a generator in this process
 * @node: device node, empty where there is none
 * @twin: node of a second device like it, which every other thread asks; empty:
 *	all threads ask @node
 * @path: the read path of my_rng that open(2) has to give; empty: not my_rng
 * @modes: MY_RNG_MODE_* of the device while a slice runs
 * @param: parameter of the module that must have @value at open(2), or NULL
 * @value: see @param
 * @generator: without a node: name of the generator that fills the buffer; NULL:
 *	the one selected
 */
struct source {
	char node[64];
	char twin[64];
	char path[SOURCE_PATH];
	uint32_t modes;
	const char *param;
	const char *value;
	const char *generator;
};

/**
 * source_open() - open @s->node, or its twin, as @s says
 * @s: source with a device node
 * @index: of the thread that asks, from 0
 *
 * Holds the module parameter for the time of open(2) only, and checks that the
 * file uses the path if @s names one. Does not set the device's modes. Threads
 * may call it at once.
 *
 * Return: a file descriptor, or -1 and errno; ENODEV: the file uses another
 * path than the one wanted.
 */
int source_open(const struct source *s, unsigned int index);

/**
 * source_probe() - which path @node gives if it is opened as @s says
 * @s: its parameter and value count
 * @node: device node
 * @path: gets the path, room for SOURCE_PATH characters; empty: not my_rng
 *
 * Return: 0, or -1 and errno if @node cannot be opened so.
 */
int source_probe(const struct source *s, const char *node, char *path);

/**
 * source_enter() - put the device into the modes of @s, before a slice
 * @s: the source
 * @fd: a file of it, from source_open()
 *
 * Modes hold for the device, not for the file: other files of the device must
 * not be measured until source_leave(). Does nothing without modes.
 *
 * Return: 0, or -1 and errno.
 */
int source_enter(const struct source *s, int fd);

/**
 * source_leave() - put the device back into no mode, after a slice
 * @s: the source
 * @fd: the file that was given to source_enter()
 *
 * Does nothing without modes.
 *
 * Return: 0, or -1 and errno.
 */
int source_leave(const struct source *s, int fd);

#endif /* USERBENCH_SOURCE_H */
