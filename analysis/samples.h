/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The slices of raw.tsv files, gathered into series. */
#ifndef ANALYSIS_SAMPLES_H
#define ANALYSIS_SAMPLES_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "hist.h"

/* Columns that count something, in the order of raw.tsv and summary.tsv. */
enum counter {
	COUNT_SYSCALLS,
	COUNT_MMIO_READS,
	COUNT_MMIO_WRITES,
	COUNT_PIO_READS,
	COUNT_PIO_WRITES,
	COUNT_DMAS,
	COUNT_IRQS,
	COUNTERS,
};

extern const char *const counter_names[COUNTERS];

/* The column `kind`: what a slice was measured for */
enum slice_kind {
	SLICE_RATE,    /* calls and their time together */
	SLICE_LATENCY, /* each call by itself; calls over ns is no rate */
	SLICE_COUNT,   /* counts alone; ns means nothing */
	SLICE_KINDS,
};

/**
 * struct slice - one stretch of calls of one cell, a row of raw.tsv
 * @boot: the boot, counted from 0 over all files in the order they were read
 * @file_boot: the same as its file counts it, from 1
 * @round: slices of one boot, request size and round were measured side by side
 * @order: position in the boot
 * @kind: what it was measured for
 * @slow: how many of its two reference readings are slow
 * @kept: it is not rejected for that: the lane's times are not a host's
 * @calls: calls made, by all threads together
 * @ns: wall time of them in nanoseconds
 * @count: totals of the slice, indexed by enum counter
 * @known: which of these were counted
 */
struct slice {
	guint boot;
	uint64_t file_boot;
	uint64_t round;
	uint64_t order;
	enum slice_kind kind;
	guint slow;
	bool kept;
	uint64_t calls;
	uint64_t ns;
	uint64_t count[COUNTERS];
	bool known[COUNTERS];
};

/**
 * struct series - all slices of one lane, variant, access, size and threads
 * @lane: the lane they ran in
 * @variant: the path or control
 * @access: how user space asked
 * @bytes: request size; 0 where nothing is transferred
 * @threads: threads asking at once
 * @slices: its struct slices, by boot, then round
 * @latency: latencies of its accepted latency slices together, in ns
 * @latency_max: the longest of them, in ns, exactly
 */
struct series {
	char *lane;
	char *variant;
	char *access;
	uint64_t bytes;
	uint64_t threads;
	GArray *slices;
	struct hist latency;
	uint64_t latency_max;
};

/**
 * samples_read - read raw.tsv files and gather their slices by cell
 * @paths: the files, NULL-terminated
 * @err: set when one of them is unusable
 *
 * Acceptance is not in the files: for each boot the undisturbed speed of its
 * reference loop is found, and with it which readings are slow (reference.h). Of
 * a boot whose own speed is slow beside the fastest boot of the file, that one's
 * counts. A process of the host has a boot of its own, whatever its number.
 *
 * Return: struct series pointers, in the order of all our tables (lane, variant,
 * access, bytes, threads), freed with g_ptr_array_unref(); or NULL.
 */
GPtrArray *samples_read(char *const *paths, GError **err);

/**
 * series_new - a series without slices
 * @like: its lane, variant, access, bytes and threads, which are copied
 *
 * Return: the series, freed by series_free().
 */
struct series *series_new(const struct series *like);

/** series_free - free a series; as for g_ptr_array_new_with_free_func() */
void series_free(gpointer series);

/** series_at - slice @i of a series, owned by it */
const struct slice *series_at(const struct series *s, guint i);

/**
 * series_find - a series by its full name
 * @all: struct series pointers
 * @lane: lane it ran in
 * @variant: path or control
 * @access: how user space asked
 * @bytes: request size
 * @threads: threads asking at once
 *
 * Return: the series, owned by @all; NULL: there is none.
 */
const struct series *series_find(const GPtrArray *all, const char *lane,
				 const char *variant, const char *access,
				 uint64_t bytes, uint64_t threads);

/**
 * series_name - a series in words, for messages
 * @s: the series
 *
 * Return: text to be freed with g_free().
 */
char *series_name(const struct series *s);

/**
 * slice_accepted - whether a slice was measured at undisturbed speed, or in a lane
 *	that rejects none
 * @s: the slice
 * @kind: the kind it has to be of; not SLICE_COUNT, which has no speed
 */
bool slice_accepted(const struct slice *s, enum slice_kind kind);

#endif /* ANALYSIS_SAMPLES_H */
