/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What cells are called, in which order, and what the names stand for. */
#ifndef ANALYSIS_NAMES_H
#define ANALYSIS_NAMES_H

#include <stdbool.h>

/**
 * struct variant_name - a value of the column `variant`
 * @name: the value
 * @access: the access by which it is compared over request sizes
 * @is_device: a data path of my_rng; else a control
 * @what: what it does, in a few words for the report
 */
struct variant_name {
	const char *name;
	const char *access;
	bool is_device;
	const char *what;
};

/* In the order of every table and legend; ends with a NULL name. */
extern const struct variant_name variant_names[];

/**
 * variant_find - entry of a variant
 * @name: its name
 *
 * Return: the entry, or NULL for a name this version does not know.
 */
const struct variant_name *variant_find(const char *name);

/**
 * variant_has_thread - whether a thread of the device's serves a variant
 * @name: its name
 *
 * Then it is chance whether that waits when a request comes, and so how many
 * doorbells and exits there are; and its interrupts belong to no access.
 *
 * Return: true for the ring and for requests kept in flight, whichever their
 * generator (PATH@GENERATOR), and for two devices of them (2xPATH).
 */
bool variant_has_thread(const char *name);

/**
 * lane_is_for_counts - whether a lane is there for its counts
 * @lane: its name
 *
 * Times of an emulated machine are not those of a host. There are few of them, from
 * one boot, so that none is rejected: what disturbs them is in their intervals.
 *
 * Return: true for nested.
 */
bool lane_is_for_counts(const char *lane);

/** variant_is_of_host - whether a variant runs in a process of the host */
bool variant_is_of_host(const char *name);

/**
 * names_compare_variants - order of two variants, as for qsort()
 * @a: a variant's name, known or not
 * @b: another
 *
 * Those of variant_names first, then the others by name.
 */
int names_compare_variants(const char *a, const char *b);

/**
 * names_compare_accesses - order of two accesses, as for qsort()
 * @a: an access's name, known or not
 * @b: another
 *
 * read, read-huge, read-fixed, ioctl, mmap, uring, hwrng, syscall, memory, then
 * others by name.
 */
int names_compare_accesses(const char *a, const char *b);

#endif /* ANALYSIS_NAMES_H */
