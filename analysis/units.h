/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a request is made of, in units that have a price each. */
#ifndef ANALYSIS_UNITS_H
#define ANALYSIS_UNITS_H

#include <stdbool.h>

#include "lsq.h"
#include "rows.h"

/*
 * The units. Where measurements cannot tell two apart, the one that stands
 * first here keeps its name, see lsq_separate().
 */
enum unit {
	UNIT_SYSCALL,
	UNIT_MMIO_READ32,
	UNIT_MMIO_READ64,
	UNIT_PORT,
	UNIT_DMA_REQUEST,
	UNIT_INTERRUPT,
	UNIT_PORT_KIB,
	UNIT_DMA_KIB,
	UNIT_WINDOW_KIB,
	UNIT_UNCACHED_KIB,
	UNIT_PINNED_KIB,
	UNIT_HUGE_KIB,
	UNIT_REGISTERED_KIB,
	UNIT_RING_KIB,
	UNIT_FILLED_KIB,
	UNIT_COPIED_KIB,
	UNIT_MEMCPY_KIB,
	UNIT_READ_CALL,
	UNIT_IOCTL_CALL,
	UNIT_URING_CALL,
	UNIT_CALL,
	UNIT_MMIO_WRITE,
	UNITS,
};

G_STATIC_ASSERT(UNITS <= LSQ_COLS);

/**
 * units_have_exits - does a guest access leave the guest in this lane?
 * @lane: the lane
 *
 * In lane tcg it does not: it is a call of a helper function in the emulator.
 *
 * Return: whether it does.
 */
bool units_have_exits(const char *lane);

/**
 * unit_name - name of a unit in files
 * @unit: the unit
 * @exits: as units_have_exits() says: an access is an exit
 *
 * Return: such as "mmio_read32_exit" or, without exits, "mmio_read32_access".
 */
const char *unit_name(enum unit unit, bool exits);

/**
 * unit_what - a unit in words, for a reader
 * @unit: the unit
 * @exits: as for unit_name()
 *
 * Return: a few words.
 */
const char *unit_what(enum unit unit, bool exits);

/**
 * unit_is_software - is its price paid without any device?
 * @unit: the unit
 *
 * Return: whether it is.
 */
bool unit_is_software(enum unit unit);

/**
 * units_of - the units of one call of a cell
 * @row: the cell
 * @exits: as for unit_name(); port input then counts its exits, of which one
 *	   carries up to 1 KiB, else every word
 * @x: receives UNITS numbers
 *
 * A request by io_uring has the share of a system call that was counted, and
 * everything else that io_uring and the kernel's read do for it in a price of its
 * own. Of a ring no access counts: its few doorbells and interrupts come with the
 * bytes, and are in their price.
 *
 * Return: whether the cell can be told in units: one thread; a data path of
 * my_rng, not in place, whose accesses were counted (with @exits and ports: its
 * exits too), or the controls null, memcpy, getppid, ioctl0.
 */
bool units_of(const struct row *row, bool exits, double *x);

#endif /* ANALYSIS_UNITS_H */
