/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The samples of raw.tsv files, gathered into cells. */
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

/**
 * struct sample - the throughput phase of one repetition of one cell
 * @calls: calls made, by all threads together
 * @ns: wall time of the phase in nanoseconds
 * @count: totals of the phase, indexed by enum counter
 * @known: which of these were counted
 */
struct sample {
	uint64_t calls;
	uint64_t ns;
	uint64_t count[COUNTERS];
	bool known[COUNTERS];
};

/**
 * struct cell - one combination of lane, variant, access, size and threads
 * @lane: the lane it ran in
 * @variant: the path or control
 * @access: how user space asked
 * @bytes: request size; 0 where nothing is transferred
 * @threads: threads asking at once
 * @samples: its struct samples
 * @latency: latencies of all samples together, in ns
 * @latency_max: the longest of them, in ns, exactly
 */
struct cell {
	char *lane;
	char *variant;
	char *access;
	uint64_t bytes;
	uint64_t threads;
	GArray *samples;
	struct hist latency;
	uint64_t latency_max;
};

/**
 * samples_read - read raw.tsv files and gather their samples by cell
 * @paths: the files, NULL-terminated
 * @err: set when one of them is unusable
 *
 * Return: struct cell pointers, in the order of all our tables (lane, variant,
 * access, bytes, threads), freed with g_ptr_array_unref(); or NULL.
 */
GPtrArray *samples_read(char *const *paths, GError **err);

/**
 * cell_name - a cell in words, for messages
 * @c: the cell
 *
 * Return: text to be freed with g_free().
 */
char *cell_name(const struct cell *c);

#endif /* ANALYSIS_SAMPLES_H */
