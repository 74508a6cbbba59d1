/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of the bare-metal guest. */
#ifndef EXITBENCH_OPTIONS_H
#define EXITBENCH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct options - what the host asked for, as KEY=VALUE words
 * @cases: comma-separated cases, devices, or device/case; empty: all
 * @lane: name of the lane, for the table
 * @iterations: most samples of a case; 0: as fits the machine (never more)
 * @tsc_khz: rate of the TSC in kHz; 0: unknown, no ns are given
 * @budget_ms: most time to spend on one case's samples, roughly
 */
struct options {
	char cases[512];
	char lane[16];
	uint64_t iterations;
	uint64_t tsc_khz;
	uint64_t budget_ms;
};

extern struct options options;

/**
 * options_parse() - read the command line, or say what is wrong and exit
 * @start_info: physical address of PVH's start info
 */
void options_parse(uint64_t start_info);

/* Whether one item of options.cases is the case, its device, or device/case. */
bool item_selects(const char *item, size_t len, const char *device,
		  const char *name);

/**
 * next_item() - cut the next item off a comma-separated list
 * @list: what is left of the list
 * @item: the item's start; it is not terminated
 *
 * Return: the item's length; 0 at the end.
 */
size_t next_item(const char **list, const char **item);

/**
 * options_selected() - whether a case was asked for
 * @device: its device
 * @name: its name
 */
bool options_selected(const char *device, const char *name);

#endif
