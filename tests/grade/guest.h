/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the driver half of make grade does to the guest: load and unload the
 * module, find its node, move the device, read the kernel's log.
 */
#ifndef TESTS_GRADE_GUEST_H
#define TESTS_GRADE_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "row.h"

/* The exercise's node; also what is made by hand where there is none */
#define NODE "/dev/my_rng_driver"

/** enum end - how a child ended that did what may not come back */
enum end {
	END_RETURNED,
	END_KILLED,
	END_HANGS
};

/**
 * apart() - run a function in a child
 * @what: the function; leaves its result in memory that is shared
 *
 * A child because an oops ends its process; waits 5 s for it.
 *
 * Return: how it ended.
 */
enum end apart(void (*what)(void));

/**
 * shared() - memory that a child of apart() shares with its parent
 * @size: bytes
 *
 * Return: the memory, zeroed; never NULL.
 */
void *shared(unsigned long size);

/**
 * modules_note() - remember what is there before the module
 */
void modules_note(void);

/**
 * module_load() - load the module
 * @path: its file
 *
 * Return: 0 or an errno. Runs in a child of apart().
 */
int module_load(const char *path);

/**
 * module_unload() - unload the module that was loaded since modules_note()
 *
 * Return: 0 or an errno. Runs in a child of apart().
 */
int module_unload(void);

/**
 * module_loaded() - whether a module was loaded since modules_note()
 *
 * Return: whether so.
 */
bool module_loaded(void);

/**
 * node_find() - make sure that NODE can be opened
 * @note: result when it had to be made, or could not be
 *
 * Return: full if the driver made it, half if it was made by hand for a
 * character device that is new since modules_note(), none if there is none.
 */
enum mark node_find(char *note);

/**
 * node_forget() - after the module was unloaded: what it left behind
 *
 * Return: what that is, or NULL.
 */
const char *node_forget(void);

/**
 * bar_address() - where the kernel says BAR0 of the device is
 * @slot: the device, as sysfs names it
 *
 * Return: the address, 0 if there is none.
 */
uint64_t bar_address(const char *slot);

/**
 * bar_move() - have the kernel give the device another address
 * @slot: the device, as sysfs names it
 */
void bar_move(const char *slot);

/**
 * log_begin() - look at the kernel's log from here on
 */
void log_begin(void);

/**
 * log_complaint() - the kernel's first complaint since log_begin()
 *
 * Return: the line, or NULL.
 */
const char *log_complaint(void);

#endif /* TESTS_GRADE_GUEST_H */
