/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of summary.tsv and how to look them up. */
#ifndef ANALYSIS_ROWS_H
#define ANALYSIS_ROWS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "stats.h"

/* Indices into struct row's ns[] and count[], in the order of the columns. */
enum {
	NS_P50,
	NS_P90,
	NS_P99,
	NS_P999,
	NS_MAX,
	NS_COLUMNS
};
enum {
	PER_CALL_SYSCALLS,
	PER_CALL_MMIO_READS,
	PER_CALL_MMIO_WRITES,
	PER_CALL_PIO_READS,
	PER_CALL_PIO_WRITES,
	PER_CALL_DMAS,
	PER_CALL_IRQS,
	PER_CALL_EXITS,
	PER_CALL_COLUMNS,
};

extern const char *const ns_columns[NS_COLUMNS];
extern const char *const per_call_columns[PER_CALL_COLUMNS];

/**
 * struct row - one cell's statistics; numbers that are not known are NaN
 * @lane: lane it was measured in
 * @variant: path or control
 * @access: how user space asked
 * @bytes: request size
 * @threads: threads asking at once
 * @n: slices that throughput rests on: of undisturbed speed; may be 0
 * @mbps: throughput in 10^6 bytes a second, all threads together
 * @ns: latency percentiles of a call and its maximum, in ns
 * @count: per call, whole or not
 * @ns_call: ns a thread spends per call, from slices of throughput
 * @boots: boots that throughput rests on; 0 here and below: not known
 * @slices: slices of throughput taken, disturbed ones too
 * @rejected: share of those that were disturbed, 0 to 1; NaN: not known
 * @requests: calls behind the counts
 * @exit_requests: calls behind the count of exits
 */
struct row {
	char *lane;
	char *variant;
	char *access;
	uint64_t bytes;
	uint64_t threads;
	uint64_t n;
	struct stats_interval mbps;
	double ns[NS_COLUMNS];
	double count[PER_CALL_COLUMNS];
	struct stats_interval ns_call;
	uint64_t boots;
	uint64_t slices;
	double rejected;
	uint64_t requests;
	uint64_t exit_requests;
};

/**
 * rows_read - read a summary.tsv
 * @path: the file
 * @err: what is wrong with it
 *
 * Return: struct row pointers, freed with g_ptr_array_unref(); or NULL.
 */
GPtrArray *rows_read(const char *path, GError **err);

/**
 * rows_read_runs - read the summary.tsv of several results folders
 * @dirs: the folders, NULL-terminated
 * @err: what is wrong with one of them, or two hold the same lane
 *
 * Return: the rows of all, in the order of the folders, freed with
 * g_ptr_array_unref(); or NULL.
 */
GPtrArray *rows_read_runs(char *const *dirs, GError **err);

/**
 * rows_common_lane - is a lane in both?
 * @a: rows
 * @b: other rows
 *
 * Return: one that is, owned by @a, or NULL.
 */
const char *rows_common_lane(const GPtrArray *a, const GPtrArray *b);

/**
 * rows_find - a cell by its full name
 * @rows: all rows
 * @lane: lane it was measured in
 * @variant: path or control
 * @access: how user space asked
 * @bytes: request size
 * @threads: threads asking at once
 *
 * Return: the row, or NULL if it was not measured.
 */
const struct row *rows_find(const GPtrArray *rows, const char *lane,
			    const char *variant, const char *access,
			    uint64_t bytes, uint64_t threads);

/**
 * rows_path - the cell in which a variant is compared over sizes
 * @rows: all rows
 * @lane: lane
 * @variant: a name of variant_names, asked by its own access, by one thread
 * @bytes: request size
 *
 * Return: the row, or NULL if it was not measured.
 */
const struct row *rows_path(const GPtrArray *rows, const char *lane,
			    const char *variant, uint64_t bytes);

/**
 * rows_lanes - lanes that have rows of a data path, in their order
 * @rows: all rows
 *
 * Return: names, owned by @rows; free the array itself.
 */
GPtrArray *rows_lanes(const GPtrArray *rows);

/**
 * rows_sizes - request sizes above 0 that a lane was measured at by read(2)
 * @rows: all rows
 * @lane: lane
 *
 * Return: array of uint64_t, ascending; free it.
 */
GArray *rows_sizes(const GPtrArray *rows, const char *lane);

/**
 * row_mbps - throughput of a row
 * @row: the row, or NULL
 *
 * Return: 10^6 bytes a second; NaN all over for NULL or where no bytes move.
 */
struct stats_interval row_mbps(const struct row *row);

/**
 * row_ns_call - time per call of a row
 * @row: the row, or NULL
 *
 * Return: ns; NaN all over for NULL.
 */
struct stats_interval row_ns_call(const struct row *row);

/**
 * row_accesses - guest-to-device accesses per call: registers and ports
 * @row: the row, or NULL
 *
 * Return: the number; NaN for NULL or where they were not counted.
 */
double row_accesses(const struct row *row);

/**
 * interval_slope - (a - b) / @per, from the worst to the best case of both
 * @a: minuend
 * @b: subtrahend
 * @per: divisor, above 0
 */
struct stats_interval interval_slope(struct stats_interval a,
				     struct stats_interval b, double per);

/**
 * interval_order - which of two is larger, where their intervals tell
 * @a: one
 * @b: the other, in the same unit
 *
 * Return: 1 if a is, -1 if b is, 0 where the intervals overlap.
 */
int interval_order(struct stats_interval a, struct stats_interval b);

#endif /* ANALYSIS_ROWS_H */
