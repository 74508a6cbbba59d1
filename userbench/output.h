/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Result files that are whole or not there, and the rows of raw.tsv. */
#ifndef USERBENCH_OUTPUT_H
#define USERBENCH_OUTPUT_H

#include <stddef.h>
#include <stdio.h>

#include "plan.h"
#include "slices.h"

/**
 * struct outfile - a file being written
 * @f: write here
 * @path: final name
 * @temp: name while writing; equal to @path for devices and pipes
 */
struct outfile {
	FILE *f;
	char *path;
	char *temp;
};

/**
 * outfile_open() - start writing what shall become @path
 * @o: closed, or never used
 * @path: final name
 *
 * Writes to a temporary name beside it; a @path that exists and is no regular
 * file (/dev/stdout, a pipe) is written directly.
 *
 * Return: 0, or -1 after a message.
 */
int outfile_open(struct outfile *o, const char *path);

/** outfile_check() - 0 while all writes went well, else -1 after a message */
int outfile_check(struct outfile *o);

/**
 * outfile_commit() - flush, sync, close, give it its name
 * @o: open
 *
 * Return: 0, or -1 after a message and with nothing left behind. @o is closed
 * either way.
 */
int outfile_commit(struct outfile *o);

/** outfile_discard() - close and remove; harmless when not open */
void outfile_discard(struct outfile *o);

/** raw_header() - the first two lines of raw.tsv */
void raw_header(FILE *f);

/**
 * struct place - where in a run a slice stands
 * @lane: value of the lane column
 * @boot: the machine's boot, from 1
 * @round: round of the cell's group, from 1
 * @order: position in the boot, from 1
 */
struct place {
	const char *lane;
	unsigned int boot;
	unsigned int round;
	size_t order;
};

/**
 * raw_row() - one slice
 * @f: open for writing
 * @at: where it stands
 * @c: the cell
 * @s: the slice
 */
void raw_row(FILE *f, const struct place *at, const struct cell *c,
	     const struct slice *s);

/** times_header() - the first two lines of times.tsv */
void times_header(FILE *f);

/**
 * times_row() - the device's stopwatch over one slice
 * @f: open for writing
 * @at: where it stands
 * @c: the cell
 * @s: the slice, timed
 *
 * ns of all calls together by part of the device, each with the number of times
 * it was stamped; then ns of one stamp, pair, lock, dispatch, address.
 */
void times_row(FILE *f, const struct place *at, const struct cell *c,
	       const struct slice *s);

/** raw_end() - the last line; @rows as written */
void raw_end(FILE *f, size_t rows);

#endif /* USERBENCH_OUTPUT_H */
